// SPDX-License-Identifier: GPL-2.0-only
/* psr-cmt-*: what domains take of the L3 caches and of memory bandwidth. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "psr.h"

#define INTERVAL_US 10000
#define TRIES	    3 /* a counter that runs over in between makes a pair useless */

static const struct monitor {
	libxl_psr_cmt_type type;
	const char *name;
} monitors[] = {
	{ LIBXL_PSR_CMT_TYPE_CACHE_OCCUPANCY, "cache-occupancy" },
	{ LIBXL_PSR_CMT_TYPE_TOTAL_MEM_COUNT, "total-mem-bandwidth" },
	{ LIBXL_PSR_CMT_TYPE_LOCAL_MEM_COUNT, "local-mem-bandwidth" },
};

int psr_cmt_hwinfo(bool json)
{
	const bool enabled = libxl_psr_cmt_enabled(ctx);
	uint32_t rmids = 0;
	int result = XL_EXIT_OK;

	if (enabled && libxl_psr_cmt_get_total_rmid(ctx, &rmids))
		result = XL_EXIT_ERROR_FAIL;
	if (json) {
		json_object("cmt");
		json_flag("enabled", enabled);
		json_number("total_rmid", rmids);
		json_array("types");
	} else {
		puts("Cache Monitoring Technology (CMT):");
		printf("%-16s: %d\n", "Enabled", enabled);
		if (enabled)
			printf("%-16s: %u\nSupported monitor types:\n", "Total RMID", rmids);
	}
	for (size_t i = 0; enabled && i < ARRAY_SIZE(monitors); i++)
		if (!libxl_psr_cmt_type_supported(ctx, monitors[i].type))
			continue;
		else if (json)
			json_text(NULL, monitors[i].name);
		else
			puts(monitors[i].name);
	if (json) {
		json_array_end();
		json_object_end();
	}
	return result;
}

static int change(int argc, char **argv, int (*call)(libxl_ctx *ctx, uint32_t domid))
{
	uint32_t domid;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	return call(ctx, domid) ? XL_EXIT_ERROR_FAIL : XL_EXIT_OK;
}

int cmd_psr_cmt_attach(int argc, char **argv)
{
	return change(argc, argv, libxl_psr_cmt_attach);
}

int cmd_psr_cmt_detach(int argc, char **argv)
{
	return change(argc, argv, libxl_psr_cmt_detach);
}

/* ---- psr-cmt-show ---- */

/* The clock of a sample counts nanoseconds. */
static int bandwidth(uint32_t domid, libxl_psr_cmt_type type, uint32_t socket, uint64_t *kib_per_second)
{
	uint64_t bytes[2], ns[2];

	for (int i = 0; i < TRIES; i++) {
		if (libxl_psr_cmt_get_sample(ctx, domid, type, socket, &bytes[0], &ns[0]))
			return -1;
		usleep(INTERVAL_US);
		if (libxl_psr_cmt_get_sample(ctx, domid, type, socket, &bytes[1], &ns[1]))
			return -1;
		if (bytes[1] >= bytes[0] && ns[1] > ns[0]) {
			*kib_per_second = (uint64_t)((double)(bytes[1] - bytes[0]) * 1e9 / (double)(ns[1] - ns[0]) / 1024);
			return 0;
		}
	}
	return xl_error("domain %u, socket %u: the counter ran over %d times: try again", domid, socket, TRIES);
}

static int measure(uint32_t domid, const struct monitor *m, uint32_t socket, uint64_t *value)
{
	uint32_t kib;

	if (m->type != LIBXL_PSR_CMT_TYPE_CACHE_OCCUPANCY)
		return bandwidth(domid, m->type, socket, value);
	if (libxl_psr_cmt_get_cache_occupancy(ctx, domid, socket, &kib))
		return -1;
	*value = kib;
	return 0;
}

static void print_value(const struct monitor *m, uint32_t socket, uint64_t value, bool json)
{
	const bool cache = m->type == LIBXL_PSR_CMT_TYPE_CACHE_OCCUPANCY;

	if (json) {
		json_object(NULL);
		json_number("socket", socket);
		json_number(cache ? "occupancy_kib" : "kib_per_second", value);
		json_object_end();
	} else {
		printf(cache ? "%13" PRIu64 " KB" : "%11" PRIu64 " KB/s", value);
	}
}

static int show_domain(uint32_t domid, const struct monitor *m, const libxl_bitmap *sockets, bool json)
{
	char *name = xl_listed_name(domid, json);
	uint64_t value = 0;
	uint32_t socket;
	int result = XL_EXIT_OK;

	if (json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
		json_array("sockets");
	} else {
		printf("%-40s %5u", name, domid);
	}
	libxl_for_each_set_bit(socket, *sockets) {
		if (measure(domid, m, socket, &value))
			result = XL_EXIT_MINUS_1;
		else
			print_value(m, socket, value, json);
	}
	if (json) {
		json_array_end();
		json_object_end();
	} else {
		printf("\n");
	}
	free(name);
	return result;
}

static void print_head(const struct monitor *m, uint32_t rmids, const libxl_bitmap *sockets, bool json)
{
	const bool cache = m->type == LIBXL_PSR_CMT_TYPE_CACHE_OCCUPANCY;
	uint32_t socket;

	if (json) {
		json_object(NULL);
		json_text("type", m->name);
		json_number("total_rmid", rmids);
		json_array("sockets");
		libxl_for_each_set_bit(socket, *sockets) {
			json_object(NULL);
			json_number("socket", socket);
			psr_json_l3_size(socket);
			json_object_end();
		}
		json_array_end();
		json_array("domains");
		return;
	}
	printf("Total RMID: %u\n%-40s %5s", rmids, "Name", "ID");
	libxl_for_each_set_bit(socket, *sockets)
		printf("%14s %u", "Socket", socket);
	printf("\n");
	if (!cache)
		return;
	printf("%-46s", "Total L3 Cache Size");
	libxl_for_each_set_bit(socket, *sockets)
		printf("%13u KB", psr_l3_size(socket));
	printf("\n");
}

static int show(const struct monitor *m, const char *which, const uint32_t *domids, int count, bool json)
{
	int result = XL_EXIT_OK, shown = 0;
	libxl_bitmap sockets;
	uint32_t rmids;

	libxl_bitmap_init(&sockets);
	if (libxl_psr_cmt_get_total_rmid(ctx, &rmids) || libxl_socket_bitmap_alloc(ctx, &sockets, 0) ||
	    libxl_get_online_socketmap(ctx, &sockets)) {
		libxl_bitmap_dispose(&sockets);
		return XL_EXIT_MINUS_1;
	}
	print_head(m, rmids, &sockets, json);
	for (int i = 0; i < count; i++)
		if (libxl_psr_cmt_domain_attached(ctx, domids[i])) {
			shown++;
			if (show_domain(domids[i], m, &sockets, json))
				result = XL_EXIT_MINUS_1;
		}
	if (json) {
		json_array_end();
		json_object_end();
	}
	if (!shown && which)
		xl_warn("domain `%s' is not monitored: begin with `xl psr-cmt-attach %s'", which, which);
	libxl_bitmap_dispose(&sockets);
	return result;
}

static int show_checked(const struct monitor *m, const char *which, bool json)
{
	int count, result;
	uint32_t *domids = psr_domains(which, &count);

	if (!domids)
		return XL_EXIT_FAIL;
	if (!libxl_psr_cmt_enabled(ctx)) {
		xl_error("cache monitoring (CMT) is off: the processor lacks it, or the hypervisor does not offer it: "
			 "Xen wants psr=cmt at boot");
		result = XL_EXIT_MINUS_1;
	} else if (!libxl_psr_cmt_type_supported(ctx, m->type)) {
		xl_error("the processor does not measure %s; see `xl psr-hwinfo -m'", m->name);
		result = XL_EXIT_MINUS_1;
	} else {
		result = show(m, which, domids, count, json);
	}
	free(domids);
	return result;
}

int cmd_psr_cmt_show(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (argc - optind > 2)
		return usage_error(argv[0], XL_EXIT_USAGE);
	for (size_t i = 0; i < ARRAY_SIZE(monitors); i++)
		if (!strcmp(argv[optind], monitors[i].name))
			return show_checked(&monitors[i], argv[optind + 1], json);
	xl_error("`%s' is not monitored", argv[optind]);
	return usage_error(argv[0], XL_EXIT_USAGE);
}
