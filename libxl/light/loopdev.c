/* SPDX-License-Identifier: LGPL-2.1-only */
/* Loop devices: how a raw file becomes something that the kernel's backend can open. */
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"

/* Another process may take the free one first: then ask again. The device stays open. */
static int try_one(int control, int file, bool readonly, const char *path, char dev[32], int *fd)
{
	struct loop_config config = { .fd = (uint32_t)file };
	int n = ioctl(control, LOOP_CTL_GET_FREE), e;

	if (n < 0)
		return errno;
	snprintf(dev, 32, "/dev/loop%d", n);
	*fd = open(dev, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return errno;
	config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (readonly ? LO_FLAGS_READ_ONLY : 0);
	snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", path);
	if (!ioctl(*fd, LOOP_CONFIGURE, &config))
		return 0;
	e = errno;
	close(*fd);
	*fd = -1;
	return e;
}

char *loopdev_attach(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const char *path, bool readonly,
	int *fd)
{
	int control, file, e = 0, tries;
	char dev[32];

	file = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	if (file < 0) {
		LOGED(ctx, ERROR, domid, "cannot open the disk image %s%s", path, readonly ? "" : " for writing");
		return NULL;
	}
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0) {
		LOGED(ctx, ERROR, domid, "disk image %s: Domain 0 offers no loop devices: is the module loop "
			"loaded?", path);
		close(file);
		return NULL;
	}
	for (tries = 0; tries < 64; tries++) {
		e = try_one(control, file, readonly, path, dev, fd);
		if (e != EBUSY)
			break;
	}
	close(control);
	close(file);
	if (e) {
		errno = e;
		LOGED(ctx, ERROR, domid, "disk image %s: cannot set up a loop device", path);
		return NULL;
	}
	return gc_strdup(gc, dev);
}

void loopdev_keep(libxl_ctx *ctx, int fd)
{
	struct loop_info64 info;

	if (ioctl(fd, LOOP_GET_STATUS64, &info) == 0) {
		info.lo_flags &= ~(uint32_t)LO_FLAGS_AUTOCLEAR;
		if (ioctl(fd, LOOP_SET_STATUS64, &info))
			LOGE(ctx, WARN, "a loop device may vanish before the backend has opened it");
	}
	close(fd);
}

/* A device that is still open is freed by its last close. */
void loopdev_detach(libxl_ctx *ctx, const char *dev, dev_t file_dev, ino_t file_ino)
{
	struct loop_info64 info;
	int fd = open(dev, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	if (!ioctl(fd, LOOP_GET_STATUS64, &info) && info.lo_device == file_dev &&
	    info.lo_inode == file_ino && ioctl(fd, LOOP_CLR_FD) && errno != ENXIO)
		LOGE(ctx, WARN, "%s stays set up: free it with losetup -d", dev);
	close(fd);
}
