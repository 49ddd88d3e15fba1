// SPDX-License-Identifier: GPL-2.0-only
/* network-attach, network-detach, network-list. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "config.h"
#include "json.h"
#include "limit.h"

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
	struct limit limit;
	uint32_t domid;
	char *json;
	int rc;

	if (!limit_wanted(argc, argv, 1, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	libxl_device_nic_init(&nic);
	rc = read_nic(argc, argv, &nic);
	if (!rc && options.dry_run) {
		json = libxl_device_nic_to_json(ctx, &nic);
		printf("vif: %s\n", json ? json : "?");
		free(json);
	} else if (!rc) {
		rc = limit_end(&limit, libxl_device_nic_add(ctx, domid, &nic, limit_how(&limit)));
		if (rc)
			limit_error(&limit, rc, "domain `%s': an interface could not be attached", argv[optind]);
	}
	libxl_device_nic_dispose(&nic);
	return rc ? XL_EXIT_FAIL : XL_EXIT_OK;
}

static void json_nic(uint32_t domid, const libxl_device_nic *nic, const libxl_nicinfo *info)
{
	char mac[18];

	snprintf(mac, sizeof(mac), LIBXL_MAC_FMT, LIBXL_MAC_BYTES(nic->mac));
	json_object(NULL);
	json_number("domid", domid);
	json_number("devid", (uint64_t)info->devid);
	json_text("mac", mac);
	json_text("bridge", nic->bridge);
	json_number("backend_domid", info->backend_id);
	json_text("backend_path", info->backend);
	json_text("state", device_state_name(info->state));
	json_known("event_channel", info->evtch);
	json_known("tx_ring_ref", info->rref_tx);
	json_known("rx_ring_ref", info->rref_rx);
	json_object_end();
}

static void print_nic(const libxl_device_nic *nic, const libxl_nicinfo *info)
{
	printf("%-3d %-2d " LIBXL_MAC_FMT, info->devid, (int)info->backend_id, LIBXL_MAC_BYTES(nic->mac));
	printf("%6d %5d %6d %5d/%-11d %-30s\n", (int)info->devid, info->state, info->evtch, info->rref_tx, info->rref_rx,
	       info->backend);
}

static void list_nics(uint32_t domid, bool json)
{
	int count;
	libxl_device_nic *nics = libxl_device_nic_list(ctx, domid, &count);

	for (int i = 0; nics && i < count; i++) {
		libxl_nicinfo info;

		libxl_nicinfo_init(&info);
		if (libxl_device_nic_getinfo(ctx, domid, &nics[i], &info))
			; /* gone meanwhile */
		else if (json)
			json_nic(domid, &nics[i], &info);
		else
			print_nic(&nics[i], &info);
		libxl_nicinfo_dispose(&info);
	}
	if (nics)
		libxl_device_nic_list_free(nics, count);
}

int cmd_network_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (!json)
		printf("%-3s %-2s %-17s %-6s %-5s %-6s %5s/%-5s %-30s\n", "Idx", "BE", "Mac Addr.", "handle", "state",
		       "evt-ch", "tx-", "rx-ring-ref", "BE-path");
	return list_devices(argc, argv, json, list_nics);
}

int cmd_network_detach(int argc, char **argv)
{
	libxl_device_nic nic;
	struct limit limit;
	uint32_t domid;
	char *end;
	long devid;
	int rc;

	if (!limit_wanted(argc, argv, 2, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	devid = strtol(argv[optind + 1], &end, 10);
	libxl_device_nic_init(&nic);
	rc = *end ? libxl_mac_to_device_nic(ctx, domid, argv[optind + 1], &nic) :
		    libxl_devid_to_device_nic(ctx, domid, (int)devid, &nic);
	if (rc) {
		libxl_device_nic_dispose(&nic);
		return xl_fail(XL_KIND_NOT_FOUND, "domain `%s' has no interface %s; see `xl network-list %s'", argv[optind],
				argv[optind + 1], argv[optind]);
	}
	rc = limit_end(&limit, libxl_device_nic_remove(ctx, domid, &nic, limit_how(&limit)));
	libxl_device_nic_dispose(&nic);
	return rc ? limit_error(&limit, rc, "domain `%s': interface %s could not be detached", argv[optind],
				   argv[optind + 1]) : XL_EXIT_OK;
}
