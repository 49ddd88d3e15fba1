/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual disks: block devices and raw files through the kernel's blkback, other images through a device model. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "devlist.h"
#include "disk.h"
#include "domain.h"

#define SHARE_INDEX "/tool/xenolith/disks"

struct disk_priv {
	char *node;		/* what the backend opens */
	char *loop;		/* the same, when it is a loop device of ours */
	char *share;		/* what it is, whatever it is called */
	unsigned maj, min;
	int loop_fd;		/* held until xenstore knows of the device; -1: none */
};

/*
 * A file or device is known by its number, so that two names of it are seen to be one. Each domain
 * that has it leaves a node "DOMID-DEVID" = mode below the index; one whose device is gone is stale.
 */
static int share_check(libxl_ctx *ctx, xs_transaction_t t, void *arg)
{
	struct dev_add *a = arg;
	const libxl_device_disk *disk = a->config;
	struct disk_priv *p = a->priv;
	XL_GC(gc);
	unsigned i, n = 0;
	char **users;

	if (xs_get(ctx, &gc, t, "%s/backend", a->d.tools)) {
		LOGD(ctx, ERROR, a->domid, "disk %s is in use already: choose another virtual device", disk->vdev);
		return ERROR_DEVICE_EXISTS;
	}
	if (!p->share)
		return 0;
	users = gc_keep(&gc, xs_directory(xl_xs(ctx), t, gc_printf(&gc, "%s/%s", SHARE_INDEX, p->share), &n));
	for (i = 0; users && i < n; i++) {
		unsigned domid;
		int devid;
		char *mode, *name;

		if (sscanf(users[i], "%u-%d", &domid, &devid) != 2 ||
		    !xs_get(ctx, &gc, t, "/libxl/%u/device/vbd/%d/backend", domid, devid))
			continue;
		mode = xs_get(ctx, &gc, t, "%s/%s/%s", SHARE_INDEX, p->share, users[i]);
		if (!disk->readwrite && (!mode || mode[0] != 'w'))
			continue;
		name = xs_get(ctx, &gc, t, "/local/domain/%u/name", domid);
		LOGD(ctx, ERROR, a->domid, "disk %s: %s is %s domain %s (%u): detach it there first, or give it "
			"to both read-only", disk->vdev, disk->pdev_path,
			mode && mode[0] == 'w' ? "written by" : "in use by", name ? name : "?", domid);
		return ERROR_FAIL;
	}
	return 0;
}

/* Refuse what the kernel would let pass: a device that Domain 0 itself has mounted. */
static int check_not_mounted(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *disk)
{
	int fd;

	if (!disk->readwrite)
		return 0;
	fd = open(disk->pdev_path, O_RDONLY | O_EXCL | O_CLOEXEC);
	if (fd < 0 && errno == EBUSY) {
		LOGD(ctx, ERROR, domid, "disk %s: %s is mounted or in use in Domain 0: unmount it there, or give "
			"it read-only", disk->vdev, disk->pdev_path);
		return ERROR_FAIL;
	}
	if (fd >= 0)
		close(fd);
	return 0;
}

static int refuse(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *d, const char *why)
{
	LOGD(ctx, ERROR, domid, "disk %s: %s", d->vdev ? d->vdev : "(unnamed)", why);
	return ERROR_INVAL;
}

bool disk_modelled(const libxl_device_disk *d)
{
	return d->format != LIBXL_DISK_FORMAT_RAW && d->format != LIBXL_DISK_FORMAT_UNKNOWN &&
		d->format != LIBXL_DISK_FORMAT_EMPTY;
}

/* How an image of a format begins; NULL: in no way of its own. */
static const char *magic_of(libxl_disk_format format)
{
	switch (format) {
	case LIBXL_DISK_FORMAT_QCOW:
	case LIBXL_DISK_FORMAT_QCOW2:
		return "QFI\xfb";
	case LIBXL_DISK_FORMAT_QED:
		return "QED";
	default:
		return NULL;
	}
}

static int check_format(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *d)
{
	const char *wanted = magic_of(d->format);
	char magic[5] = "";
	ssize_t n;
	int fd;

	if (!wanted)
		return 0;
	fd = open(d->pdev_path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, magic, 4);
	if (n < 0)
		LOGED(ctx, ERROR, domid, "disk %s: cannot read %s", d->vdev, d->pdev_path);
	if (fd >= 0)
		close(fd);
	if (n >= 0 && !strcmp(magic, wanted))
		return 0;
	if (n >= 0)
		LOGD(ctx, ERROR, domid, "disk %s: %s is no %s image: correct format= (qemu-img info says what it is)",
			d->vdev, d->pdev_path, libxl_disk_format_to_string(d->format));
	return ERROR_INVAL;
}

int disk_check(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *d)
{
	struct stat st;

	if (!d->vdev || vdev_to_devid(d->vdev, NULL, NULL) < 0)
		return refuse(ctx, domid, d, "no such virtual device: use xvda, xvdb1, sda, hdc, or a number");
	if (!backend_in_dom0(ctx, d->backend_domid, d->backend_domname))
		return refuse(ctx, domid, d, "backends outside Domain 0 are not available in this release");
	if (d->specification == LIBXL_DISK_SPECIFICATION_VIRTIO)
		return refuse(ctx, domid, d, "virtio disks are not available in this release");
	/* Raw images need no QEMU, whoever is asked to serve them: blkback does it as well. */
	if (d->backend == LIBXL_DISK_BACKEND_STANDALONE)
		return refuse(ctx, domid, d, "a standalone backend is not available in this release");
	if (d->backend == LIBXL_DISK_BACKEND_PHY && disk_modelled(d))
		return refuse(ctx, domid, d, "backendtype=phy is for format=raw alone: leave it out");
	if (disk_modelled(d) && d->script)
		return refuse(ctx, domid, d, "a script serves format=raw alone");
	if (d->format == LIBXL_DISK_FORMAT_EMPTY || !d->pdev_path || !d->pdev_path[0])
		return refuse(ctx, domid, d, "a PV guest has no empty drives: name a target= or leave it out");
	if (d->script)
		return 0;	/* only the script knows what its target is */
	if (stat(d->pdev_path, &st)) {
		LOGED(ctx, ERROR, domid, "disk %s: cannot use %s", d->vdev, d->pdev_path);
		return ERROR_INVAL;
	}
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return refuse(ctx, domid, d, "its target is neither a file nor a block device");
	if (S_ISREG(st.st_mode) && st.st_size < 512)
		return refuse(ctx, domid, d, "its image is shorter than one sector");
	if (S_ISBLK(st.st_mode) && check_not_mounted(ctx, domid, d))
		return ERROR_FAIL;
	return check_format(ctx, domid, d);
}

void disk_defaults(libxl_device_disk *d)
{
	libxl_defbool_setdefault(&d->colo_restore_enable, false);
}

static int disk_prepare(struct xl_op *op, struct dev_add *a)
{
	libxl_device_disk *d = a->config;
	struct disk_priv *p = gc_zalloc(&op->gc, sizeof(*p));
	struct stat st;
	int rc = disk_check(op->ctx, a->domid, d);

	disk_defaults(d);
	p->loop_fd = -1;
	a->priv = p;
	a->name = gc_printf(&op->gc, "disk %s", d->vdev ? d->vdev : "?");
	if (rc)
		return rc;
	d->backend = disk_modelled(d) ? LIBXL_DISK_BACKEND_QDISK : LIBXL_DISK_BACKEND_PHY;
	if (d->format == LIBXL_DISK_FORMAT_UNKNOWN)
		d->format = LIBXL_DISK_FORMAT_RAW;
	device_init(&a->d, &op->gc, a->domid, "vbd", vdev_to_devid(d->vdev, NULL, NULL));
	if (disk_modelled(d))
		device_set_backend(&a->d, &op->gc, "qdisk");
	if (d->script)
		return 0;
	if (stat(d->pdev_path, &st))
		return ERROR_INVAL;
	p->share = S_ISBLK(st.st_mode) ?
		gc_printf(&op->gc, "b%u-%u", major(st.st_rdev), minor(st.st_rdev)) :
		gc_printf(&op->gc, "f%lx-%lu", (unsigned long)st.st_dev, (unsigned long)st.st_ino);
	if (disk_modelled(d))
		return 0;
	if (S_ISBLK(st.st_mode)) {
		/* Names of volumes are links that udev may turn round. */
		p->node = gc_keep(&op->gc, realpath(d->pdev_path, NULL));
		if (!p->node)
			return refuse(op->ctx, a->domid, d, strerror(errno));
	} else {
		p->node = p->loop = loopdev_attach(op->ctx, &op->gc, a->domid, d->pdev_path, !d->readwrite,
			&p->loop_fd);
		if (!p->loop || stat(p->loop, &st))
			return ERROR_FAIL;
	}
	p->maj = major(st.st_rdev);
	p->min = minor(st.st_rdev);
	return 0;
}

/* The loop device vanishes, unless nodes name it: then disk_cleanup frees it. */
static void disk_unprepare(struct xl_op *op, struct dev_add *a)
{
	struct disk_priv *p = a->priv;

	if (p && p->loop_fd >= 0)
		close(p->loop_fd);
}

static void disk_written(struct xl_op *op, struct dev_add *a)
{
	struct disk_priv *p = a->priv;

	if (p->loop_fd >= 0)
		loopdev_keep(op->ctx, p->loop_fd);
	p->loop_fd = -1;
}

static void disk_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_disk *d = a->config;
	struct disk_priv *p = a->priv;
	const struct xl_device *v = &a->d;
	char *devid = gc_printf(b->gc, "%d", v->devid);
	bool modelled = disk_modelled(d);

	device_put(b, v, "params", modelled ?
		gc_printf(b->gc, "%s:%s", libxl_disk_format_to_string(d->format), d->pdev_path) : d->pdev_path);
	device_put(b, v, "removable", d->removable ? "1" : "0");
	device_put(b, v, "bootable", "1");
	device_put(b, v, "dev", d->vdev);
	device_put(b, v, "type", modelled ? "qdisk" : "phy");
	device_put(b, v, "mode", d->readwrite ? "w" : "r");
	device_put(b, v, "device-type", d->is_cdrom ? "cdrom" : "disk");
	if (!d->is_cdrom)
		device_put(b, v, "discard-enable", (libxl_defbool_is_default(d->discard_enable) ? d->readwrite :
			libxl_defbool_val(d->discard_enable)) ? "1" : "0");
	if (d->direct_io_safe)
		device_put(b, v, "direct-io-safe", "1");
	device_put(b, v, "specification", "xen");
	batch_put(b, v->front, "virtual-device", devid);
	batch_put(b, v->front, "protocol", "x86_64-abi");
	batch_put(b, v->front, "device-type", d->is_cdrom ? "cdrom" : "disk");
	batch_put(b, v->front, "trusted", libxl_defbool_is_default(d->trusted) ||
		libxl_defbool_val(d->trusted) ? "1" : "0");
	if (d->script) {
		device_put(b, v, "script", d->script);
		batch_put(b, v->tools, "user-script", d->script);
		return;
	}
	if (!modelled) {
		batch_put(b, v->back, "physical-device-path", p->node);
		batch_printf(b, v->back, "physical-device", "%x:%x", p->maj, p->min);
		batch_put(b, v->back, "hotplug-status", "connected");
	}
	if (p->loop)
		batch_put(b, v->tools, "loop", p->loop);
	batch_put(b, v->tools, "share", p->share);
	batch_node(b, ACCESS_TOOLS, 0, 0, d->readwrite ? "w" : "r", "%s/%s/%u-%d", SHARE_INDEX, p->share,
		a->domid, v->devid);
}

static int disk_plug(struct xl_op *op, struct dev_add *a)
{
	const libxl_device_disk *d = a->config;
	static const char *const args[] = { "add", NULL };
	struct hotplug *h;

	if (!d->script)
		return 0;
	h = gc_zalloc(&op->gc, sizeof(*h));
	h->word = a->name;
	return hotplug_run(op, h, &a->d, d->script, args, NULL);
}

static void disk_cleanup(libxl_ctx *ctx, const struct xl_device *d, struct xs_batch *b)
{
	char *loop = xs_get(ctx, b->gc, XBT_NULL, "%s/loop", d->tools);
	char *share = xs_get(ctx, b->gc, XBT_NULL, "%s/share", d->tools);

	unsigned long file_dev, file_ino;

	if (loop && share && sscanf(share, "f%lx-%lu", &file_dev, &file_ino) == 2)
		loopdev_detach(ctx, loop, file_dev, file_ino);
	if (!share)
		return;
	batch_remove(b, "%s/%s/%u-%d", SHARE_INDEX, share, d->domid, d->devid);
	batch_remove_empty(b, "%s/%s", SHARE_INDEX, share);
}

static int disk_devid(const void *config)
{
	const libxl_device_disk *d = config;

	return d->vdev ? vdev_to_devid(d->vdev, NULL, NULL) : -1;
}

const struct dev_class disk_class = {
	.kind = "vbd", .word = "disk", .attach = "block-attach", .detach = "block-detach", .type = &xl_type_device_disk,
	.devid = disk_devid, .prepare = disk_prepare, .unprepare = disk_unprepare, .nodes = disk_nodes,
	.written = disk_written, .check = share_check, .plug = disk_plug, .cleanup = disk_cleanup,
	.script_add = "add", .script_remove = "remove",
};

int libxl_device_disk_add(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how)
{
	return device_attach(ctx, domid, &disk_class, disk, ao_how);
}

static int disk_remove(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how, enum removal how)
{
	int devid = disk_devid(disk);

	if (devid < 0) {
		struct xl_op *op = op_new(ctx, domid, disk_class.detach, ao_how);

		return op_finish_now(op, refuse(ctx, domid, disk, "no such virtual device"));
	}
	return device_detach(ctx, domid, &disk_class, devid, disk->vdev, ao_how, how);
}

int libxl_device_disk_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how)
{
	return disk_remove(ctx, domid, disk, ao_how, REMOVE_INSIST);
}

int libxl_device_disk_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how)
{
	return disk_remove(ctx, domid, disk, ao_how, REMOVE_FORCE);
}

int libxl_device_disk_safe_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how)
{
	return disk_remove(ctx, domid, disk, ao_how, REMOVE_SAFE);
}

/* Reading back. */

static void disk_read(libxl_ctx *ctx, struct xl_gc *gc, const char *dir, libxl_device_disk *d)
{
	char *mode, *type, *removable, *params, *colon;

	libxl_device_disk_init(d);
	params = xs_get(ctx, gc, XBT_NULL, "%s/params", dir);
	type = xs_get(ctx, gc, XBT_NULL, "%s/type", dir);
	d->backend = LIBXL_DISK_BACKEND_PHY;
	d->format = LIBXL_DISK_FORMAT_RAW;
	colon = params && type && !strcmp(type, "qdisk") ? strchr(params, ':') : NULL;
	if (colon) {
		*colon = 0;
		d->backend = LIBXL_DISK_BACKEND_QDISK;
		libxl_disk_format_from_string(params, &d->format);
		params = colon + 1;
	}
	d->pdev_path = xl_strdup(params);
	d->vdev = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/dev", dir));
	d->script = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/user-script", dir));
	mode = xs_get(ctx, gc, XBT_NULL, "%s/mode", dir);
	type = xs_get(ctx, gc, XBT_NULL, "%s/device-type", dir);
	removable = xs_get(ctx, gc, XBT_NULL, "%s/removable", dir);
	d->readwrite = mode && mode[0] == 'w';
	d->is_cdrom = type && !strcmp(type, "cdrom");
	d->removable = removable && removable[0] == '1';
	d->specification = LIBXL_DISK_SPECIFICATION_XEN;
}

libxl_device_disk *libxl_device_disk_list(libxl_ctx *ctx, uint32_t domid, int *num)
{
	libxl_device_disk *list;
	XL_GC(gc);
	unsigned i, n;
	char **ids;

	XL_ENTER(ctx);
	ids = xs_list(ctx, &gc, &n, "/libxl/%u/device/vbd", domid);
	list = xl_zalloc((n + 1) * sizeof(*list));
	for (i = 0; i < n; i++)
		disk_read(ctx, &gc, gc_printf(&gc, "/libxl/%u/device/vbd/%s", domid, ids[i]), &list[i]);
	*num = (int)n;
	return list;
}

void libxl_device_disk_list_free(libxl_device_disk *list, int num)
{
	devlist_free(&disk_class, list, num);
}

int libxl_vdev_to_device_disk(libxl_ctx *ctx, uint32_t domid, const char *vdev, libxl_device_disk *disk)
{
	int devid = vdev_to_devid(vdev, NULL, NULL);
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	libxl_device_disk_init(disk);
	if (devid < 0)
		return ERROR_INVAL;
	device_find(ctx, &d, &gc, domid, "vbd", devid);
	if (!device_exists(ctx, &d))
		return ERROR_FAIL;
	disk_read(ctx, &gc, d.tools, disk);
	return 0;
}

int libxl_device_disk_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *disk,
	libxl_diskinfo *diskinfo)
{
	struct xl_device d;
	XL_GC(gc);
	int devid = disk_devid(disk);

	XL_ENTER(ctx);
	libxl_diskinfo_init(diskinfo);
	device_find(ctx, &d, &gc, domid, "vbd", devid);
	if (devid < 0 || !device_exists(ctx, &d))
		return ERROR_FAIL;
	diskinfo->devid = devid;
	diskinfo->backend = xl_strdup(d.back);
	diskinfo->backend_id = 0;
	diskinfo->frontend = xl_strdup(d.front);
	diskinfo->frontend_id = domid;
	diskinfo->state = device_number(ctx, d.front, "state");
	diskinfo->evtch = device_number(ctx, d.front, "event-channel");
	diskinfo->rref = device_number(ctx, d.front, "ring-ref");
	return 0;
}

int libxl_cdrom_insert(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how)
{
	struct xl_op *op = op_new(ctx, domid, "cd-insert", ao_how);

	LOGD(ctx, ERROR, domid, "disk %s: only HVM guests have drives whose CD can be changed: detach the disk (xl "
		"block-detach) and attach the other image", disk->vdev ? disk->vdev : "(unnamed)");
	return op_finish_now(op, ERROR_INVAL);
}
