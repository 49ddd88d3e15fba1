// SPDX-License-Identifier: GPL-2.0-only
/* network-attach, network-detach, network-list. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "config.h"

static int read_nic(int argc, char **argv, libxl_device_nic *nic)
{
	for (int i = optind + 1; i < argc; i++) {
		char *why = nic_parse(argv[i], nic, NULL);

		if (why) {
			xl_error("interface setting `%s': %s", argv[i], why);
			free(why);
			return XL_EXIT_FAIL;
		}
	}
	nic_defaults(nic);
	return XL_EXIT_OK;
}

int cmd_network_attach(int argc, char **argv)
{
	libxl_device_nic nic;
	uint32_t domid;
	char *json;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	libxl_device_nic_init(&nic);
	rc = read_nic(argc, argv, &nic);
	if (!rc && options.dry_run) {
		json = libxl_device_nic_to_json(ctx, &nic);
		printf("vif: %s\n", json ? json : "?");
		free(json);
	} else if (!rc) {
		rc = libxl_device_nic_add(ctx, domid, &nic, NULL);
		if (rc)
			xl_libxl_error(rc, "domain `%s': an interface could not be attached", argv[optind]);
	}
	libxl_device_nic_dispose(&nic);
	return rc ? XL_EXIT_FAIL : XL_EXIT_OK;
}

static void list_nics(uint32_t domid)
{
	int count;
	libxl_device_nic *nics = libxl_device_nic_list(ctx, domid, &count);

	for (int i = 0; nics && i < count; i++) {
		libxl_nicinfo info;

		libxl_nicinfo_init(&info);
		if (!libxl_device_nic_getinfo(ctx, domid, &nics[i], &info)) {
			printf("%-3d %-2d " LIBXL_MAC_FMT, info.devid, (int)info.backend_id, LIBXL_MAC_BYTES(nics[i].mac));
			printf("%6d %5d %6d %5d/%-11d %-30s\n", (int)info.devid, info.state, info.evtch, info.rref_tx,
			       info.rref_rx, info.backend);
		}
		libxl_nicinfo_dispose(&info);
	}
	if (nics)
		libxl_device_nic_list_free(nics, count);
}

int cmd_network_list(int argc, char **argv)
{
	int result = XL_EXIT_OK;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	printf("%-3s %-2s %-17s %-6s %-5s %-6s %5s/%-5s %-30s\n", "Idx", "BE", "Mac Addr.", "handle", "state",
	       "evt-ch", "tx-", "rx-ring-ref", "BE-path");
	for (int i = optind; i < argc; i++) {
		uint32_t domid;

		if (xl_find_domain(argv[i], &domid))
			list_nics(domid);
		else
			result = XL_EXIT_FAIL;
	}
	return result;
}

int cmd_network_detach(int argc, char **argv)
{
	libxl_device_nic nic;
	uint32_t domid;
	char *end;
	long devid;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	devid = strtol(argv[optind + 1], &end, 10);
	libxl_device_nic_init(&nic);
	rc = *end ? libxl_mac_to_device_nic(ctx, domid, argv[optind + 1], &nic) :
		    libxl_devid_to_device_nic(ctx, domid, (int)devid, &nic);
	if (rc) {
		libxl_device_nic_dispose(&nic);
		return xl_error("domain `%s' has no interface %s; see `xl network-list %s'", argv[optind],
				argv[optind + 1], argv[optind]);
	}
	rc = libxl_device_nic_remove(ctx, domid, &nic, NULL);
	libxl_device_nic_dispose(&nic);
	return rc ? xl_libxl_error(rc, "domain `%s': interface %s could not be detached", argv[optind],
				   argv[optind + 1]) : XL_EXIT_OK;
}
