// SPDX-License-Identifier: GPL-2.0-only
/* block-attach, block-detach, block-list. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "limit.h"

int cmd_block_attach(int argc, char **argv)
{
	libxl_device_disk disk;
	struct limit limit;
	XLU_Config *cfg;
	uint32_t domid;
	char *json;
	int rc;

	if (!limit_wanted(argc, argv, 2, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	libxl_device_disk_init(&disk);
	cfg = xlu_cfg_init(stderr, "command line");
	rc = cfg ? xlu_disk_parse(cfg, argc - optind - 1, (const char *const *)argv + optind + 1, &disk) : -1;
	xlu_cfg_destroy(cfg);
	if (rc) {
		libxl_device_disk_dispose(&disk);
		return XL_EXIT_FAIL;
	}
	if (options.dry_run) {
		json = libxl_device_disk_to_json(ctx, &disk);
		printf("disk: %s\n", json ? json : "?");
		free(json);
	} else {
		rc = limit_end(&limit, libxl_device_disk_add(ctx, domid, &disk, limit_how(&limit)));
		if (rc)
			limit_error(&limit, rc, "domain `%s': disk %s could not be attached as %s", argv[optind],
				       disk.pdev_path ? disk.pdev_path : "(empty)", disk.vdev);
	}
	libxl_device_disk_dispose(&disk);
	return rc ? XL_EXIT_FAIL : XL_EXIT_OK;
}

static void json_disk(const libxl_device_disk *disk, const libxl_diskinfo *info)
{
	json_object(NULL);
	json_number("domid", info->frontend_id);
	json_number("devid", (uint64_t)info->devid);
	json_text("vdev", disk->vdev);
	json_text("target", disk->pdev_path);
	json_flag("writable", disk->readwrite);
	json_number("backend_domid", info->backend_id);
	json_text("backend_path", info->backend);
	json_text("state", device_state_name(info->state));
	json_known("event_channel", info->evtch);
	json_known("ring_ref", info->rref);
	json_object_end();
}

static void list_disks(uint32_t domid, bool json)
{
	int count;
	libxl_device_disk *disks = libxl_device_disk_list(ctx, domid, &count);

	for (int i = 0; disks && i < count; i++) {
		libxl_diskinfo info;

		libxl_diskinfo_init(&info);
		if (libxl_device_disk_getinfo(ctx, domid, &disks[i], &info))
			; /* gone meanwhile */
		else if (json)
			json_disk(&disks[i], &info);
		else
			printf("%-5d %-3u %-6u %-5d %-6d %-8d %-30s\n", info.devid, info.backend_id, info.frontend_id,
			       info.state, info.evtch, info.rref, info.backend);
		libxl_diskinfo_dispose(&info);
	}
	if (disks)
		libxl_device_disk_list_free(disks, count);
}

int cmd_block_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (!json)
		printf("%-5s %-3s %-6s %-5s %-6s %-8s %-30s\n", "Vdev", "BE", "handle", "state", "evt-ch", "ring-ref",
		       "BE-path");
	list_devices(argc, argv, json, list_disks);
	return XL_EXIT_OK; /* for a domain that does not exist too: scripts know this command so, and only this one */
}

int cmd_block_detach(int argc, char **argv)
{
	static const struct option longs[] = { { "force", no_argument, NULL, 'f' }, LIMIT_OPTION, { 0 } };
	struct limit limit = { 0 };
	bool force = options.force;
	libxl_device_disk disk;
	uint32_t domid;
	int option, rc;

	while ((option = next_option(argc, argv, "f", longs, 2)) != -1) {
		force = force || option == 'f';
		if (option == OPTION_LIMIT && !limit_parse(&limit, optarg))
			return XL_EXIT_USAGE;
	}
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	libxl_device_disk_init(&disk);
	if (libxl_vdev_to_device_disk(ctx, domid, argv[optind + 1], &disk)) {
		libxl_device_disk_dispose(&disk);
		return xl_fail(XL_KIND_NOT_FOUND, "domain `%s' has no disk %s; see `xl block-list %s'", argv[optind], argv[optind + 1],
				argv[optind]);
	}
	rc = limit_end(&limit, force ? libxl_device_disk_destroy(ctx, domid, &disk, limit_how(&limit)) :
				       libxl_device_disk_safe_remove(ctx, domid, &disk, limit_how(&limit)));
	libxl_device_disk_dispose(&disk);
	if (!rc)
		return XL_EXIT_OK;
	return limit_error(&limit, rc, force ? "domain `%s': disk %s could not be taken away" :
					  "domain `%s': disk %s could not be detached, the guest may still use it",
			      argv[optind], argv[optind + 1]);
}
