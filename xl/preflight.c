// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks for the files and bridges that a configuration names. Only what would surely fail is
 * reported: devices behind another domain or a script are for those to judge.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preflight.h"

#define DEFAULT_BRIDGE "xenbr0"
#define DEFAULT_SCRIPT "vif-bridge"

static int check_boot_file(const char *domain, const char *what, const char *path)
{
	struct stat info;

	/* Relative names are looked up by libxl in its own folder. */
	if (!path || path[0] != '/')
		return 0;
	if (access(path, R_OK) || stat(path, &info))
		return xl_error("domain `%s': %s %s cannot be read: %s; correct %s=", domain, what, path,
				strerror(errno), what);
	if (S_ISDIR(info.st_mode))
		return xl_error("domain `%s': %s %s is a folder; correct %s=", domain, what, path, what);
	return 0;
}

static int check_disk(const char *domain, const libxl_device_disk *disk)
{
	struct stat info;
	char *path;
	int result = 0;

	if (disk->script || disk->backend_domid || disk->backend_domname || !disk->pdev_path || !*disk->pdev_path)
		return 0;
	path = disk->pdev_path[0] == '/' ? xl_strdup(disk->pdev_path) : xl_printf("/dev/%s", disk->pdev_path);
	if (stat(path, &info))
		result = xl_error("domain `%s': disk %s: %s: %s; make it, or correct disk=", domain, disk->vdev, path,
				  strerror(errno));
	else if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode))
		result = xl_error("domain `%s': disk %s: %s is neither a file nor a block device", domain, disk->vdev,
				  path);
	else if (S_ISREG(info.st_mode) && !info.st_size)
		result = xl_error("domain `%s': disk %s: the file %s is empty; give it a size, as with truncate -s 1G",
				  domain, disk->vdev, path);
	free(path);
	return result;
}

static bool uses_bridge_script(const libxl_device_nic *nic)
{
	const char *script = nic->script ? nic->script : DEFAULT_SCRIPT, *slash = strrchr(script, '/');

	return !strcmp(slash ? slash + 1 : script, DEFAULT_SCRIPT);
}

static int check_nic(const char *domain, const libxl_device_nic *nic)
{
	const char *bridge = nic->bridge ? nic->bridge : DEFAULT_BRIDGE;
	char *path;
	int result = 0;

	if (nic->backend_domid || nic->backend_domname || !uses_bridge_script(nic))
		return 0;
	/* A name that is no interface name cannot be a bridge either. */
	if (strchr(bridge, '/') || !*bridge)
		return xl_error("domain `%s': vif %d: `%s' is no name of a bridge", domain, nic->devid, bridge);
	path = xl_printf("/sys/class/net/%s/bridge", bridge);
	if (access(path, F_OK))
		result = xl_error("domain `%s': vif %d: the host has no bridge %s; make it with `ip link add %s type bridge', or name another with bridge=",
				  domain, nic->devid, bridge, bridge);
	free(path);
	return result;
}

int preflight(const libxl_domain_config *config, bool restoring)
{
	const char *domain = config->c_info.name;
	int missing = 0;

	if (!restoring && !config->b_info.bootloader) {
		missing |= check_boot_file(domain, "kernel", config->b_info.kernel);
		missing |= check_boot_file(domain, "ramdisk", config->b_info.ramdisk);
	}
	for (int i = 0; i < config->num_disks; i++)
		missing |= check_disk(domain, &config->disks[i]);
	for (int i = 0; i < config->num_nics; i++)
		missing |= check_nic(domain, &config->nics[i]);
	return missing;
}
