// SPDX-License-Identifier: GPL-2.0-only
/* cd-insert, cd-eject. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"

/* image "": the drive is emptied. */
static int change_cd(const char *domain, const char *vdev, const char *image)
{
	libxl_device_disk disk;
	XLU_Config *cfg;
	uint32_t domid;
	struct stat s;
	char *spec;
	int rc;

	if (!xl_find_domain(domain, &domid))
		return XL_EXIT_FAIL;
	if (image[0] && stat(image, &s))
		return xl_fail(XL_KIND_NOT_FOUND, "domain `%s': the image %s cannot be read: %s", domain, image, strerror(errno));
	spec = xl_printf("vdev=%s,access=r,devtype=cdrom,target=%s", vdev, image);
	libxl_device_disk_init(&disk);
	cfg = xlu_cfg_init(stderr, "command line");
	rc = cfg ? xlu_disk_parse(cfg, 1, (const char *const *)&spec, &disk) : -1;
	xlu_cfg_destroy(cfg);
	free(spec);
	if (!rc) {
		rc = libxl_cdrom_insert(ctx, domid, &disk, NULL);
		if (rc)
			xl_libxl_error(rc, "domain `%s': the CD in %s could not be changed", domain, vdev);
	}
	libxl_device_disk_dispose(&disk);
	return rc ? XL_EXIT_FAIL : XL_EXIT_OK;
}

int cmd_cd_insert(int argc, char **argv)
{
	next_option(argc, argv, "", NO_LONG_OPTIONS, 3);
	return change_cd(argv[optind], argv[optind + 1], argv[optind + 2]);
}

int cmd_cd_eject(int argc, char **argv)
{
	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	return change_cd(argv[optind], argv[optind + 1], "");
}
