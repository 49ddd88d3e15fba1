// SPDX-License-Identifier: GPL-2.0-only
/* list, vm-list, claims, sharing. The columns are read by scripts: six fields under one header line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cpuset.h"
#include "json.h"
#include "mark.h"

struct list_options {
	bool verbose, context, claims, numa, cpupool;
};

static void state_letters(const libxl_dominfo *info, char letters[7])
{
	/* The fifth letter is why it shut down: power off, reboot, suspend, crash, watchdog, soft reset. */
	static const char reasons[] = "-rscwS";
	unsigned int reason = (unsigned int)info->shutdown_reason;

	letters[0] = info->running ? 'r' : '-';
	letters[1] = info->blocked ? 'b' : '-';
	letters[2] = info->paused ? 'p' : '-';
	letters[3] = info->shutdown ? 's' : '-';
	letters[4] = !info->shutdown ? '-' : reason < sizeof(reasons) - 1 ? reasons[reason] : '?';
	letters[5] = info->dying ? 'd' : '-';
	letters[6] = 0;
}

static uint64_t total_memkb(const libxl_dominfo *info)
{
	return info->current_memkb + info->outstanding_memkb;
}

static void print_header(const struct list_options *o)
{
	printf("%-40s %5s %5s %5s\tState\tTime(s)", "Name", "ID", "Mem", "VCPUs");
	if (o->verbose)
		printf("   UUID                            Reason-Code\tSecurity Label");
	if (o->context && !o->verbose)
		printf("   Security Label");
	if (o->claims)
		printf("  Claimed");
	if (o->cpupool)
		printf("         Cpupool");
	if (o->numa)
		printf(" NODE Affinity");
	printf("\n");
}

static void print_numa(const libxl_dominfo *info)
{
	libxl_physinfo host;
	libxl_bitmap map;
	int nodes = 1;

	libxl_physinfo_init(&host);
	if (!libxl_get_physinfo(ctx, &host) && host.nr_nodes)
		nodes = (int)host.nr_nodes;
	libxl_physinfo_dispose(&host);
	libxl_bitmap_init(&map);
	if (libxl_node_bitmap_alloc(ctx, &map, 0) || libxl_domain_get_nodeaffinity(ctx, info->domid, &map)) {
		printf(" ?");
	} else {
		printf(" ");
		cpuset_print(stdout, &map, nodes);
	}
	libxl_bitmap_dispose(&map);
}

static void print_domain(const libxl_dominfo *info, const struct list_options *o)
{
	char *name = xl_domain_name(info->domid), letters[7];

	state_letters(info, letters);
	printf("%-40s %5u %5" PRIu64 " %5u     %s  %8.1f", name, info->domid, total_memkb(info) / 1024,
	       info->vcpu_online, letters, (double)info->cpu_time / 1e9);
	free(name);
	if (o->verbose) {
		printf(" " LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info->uuid));
		if (info->shutdown)
			printf(" %8x", (unsigned int)info->shutdown_reason & 0xff);
		else
			printf(" %8s", "-");
	}
	if (o->claims)
		printf(" %5" PRIu64, info->outstanding_memkb / 1024);
	if (o->verbose || o->context)
		printf(" %16s", info->ssid_label ? info->ssid_label : "-");
	if (o->cpupool) {
		char *pool = libxl_cpupoolid_to_name(ctx, info->cpupool);

		printf("%16s", pool ? pool : "-");
		free(pool);
	}
	if (o->numa)
		print_numa(info);
	printf("\n");
}

const char *run_state(const libxl_dominfo *info)
{
	if (info->dying)
		return "dying";
	if (info->shutdown)
		return info->shutdown_reason == LIBXL_SHUTDOWN_REASON_CRASH ? "crashed" : "shutdown";
	return info->paused ? "paused" : info->running ? "running" : "blocked";
}

static void json_node_affinity(const libxl_dominfo *info)
{
	libxl_bitmap map;
	uint32_t node;

	libxl_bitmap_init(&map);
	json_array("node_affinity");
	if (!libxl_node_bitmap_alloc(ctx, &map, 0) && !libxl_domain_get_nodeaffinity(ctx, info->domid, &map))
		libxl_for_each_set_bit(node, map)
			json_number(NULL, node);
	json_array_end();
	libxl_bitmap_dispose(&map);
}

static void json_domain(const libxl_dominfo *info, const struct list_options *o)
{
	char *name = libxl_domid_to_name(ctx, info->domid), letters[7], uuid[37];

	state_letters(info, letters);
	snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info->uuid));
	json_object(NULL);
	json_number("domid", info->domid);
	json_text("name", name);
	json_text("uuid", uuid);
	json_text("type", libxl_domain_type_to_string(info->domain_type));
	json_text("state", letters);
	json_text("run_state", run_state(info));
	if (info->shutdown) {
		json_number("shutdown_code", (uint64_t)info->shutdown_reason);
		json_text("shutdown_reason", libxl_shutdown_reason_to_string(info->shutdown_reason));
	}
	json_number("memory_kib", info->current_memkb);
	json_number("claimed_kib", info->outstanding_memkb);
	json_number("max_memory_kib", info->max_memkb);
	json_number("vcpus", info->vcpu_online);
	json_number("max_vcpus", (uint64_t)info->vcpu_max_id + 1);
	json_seconds("cpu_seconds", info->cpu_time);
	json_number("cpupool", info->cpupool);
	json_text("security_label", info->ssid_label);
	if (o->numa)
		json_node_affinity(info);
	json_object_end();
	free(name);
}

static void print_json(const libxl_dominfo *list, int count, const struct list_options *o)
{
	json_array(NULL);
	for (int i = 0; i < count; i++)
		json_domain(&list[i], o);
	json_array_end();
}

/* The configuration of each as its own object of an array; xendomains greps this indentation. */
static int print_config(const libxl_dominfo *info, int *objects)
{
	libxl_domain_config config;
	char *json = NULL;
	int rc;

	libxl_domain_config_init(&config);
	rc = libxl_retrieve_domain_configuration(ctx, info->domid, &config, NULL);
	if (!rc)
		json = libxl_domain_config_to_json(ctx, &config);
	libxl_domain_config_dispose(&config);
	if (!json) {
		xl_warn("the configuration of domain %u is not known", info->domid);
		return XL_EXIT_OK; /* one that is being built or dies must not hide the others */
	}
	printf("%s\n    {\n        \"domid\": %u,\n        \"config\": ", (*objects)++ ? "," : "", info->domid);
	json_nested(json);
	printf("\n    }");
	free(json);
	return XL_EXIT_OK;
}

static libxl_dominfo *get_domains(const char *which, int *count)
{
	libxl_dominfo *list;
	uint32_t domid;

	if (!which) {
		list = libxl_list_domain(ctx, count);
		if (!list)
			xl_error("the domains could not be listed");
		return list;
	}
	if (!xl_find_domain(which, &domid))
		return NULL;
	list = xl_calloc(1, sizeof(*list));
	libxl_dominfo_init(list);
	*count = 1;
	if (!libxl_domain_info(ctx, list, domid))
		return list;
	xl_fail(XL_KIND_NO_DOMAIN, "Error: Domain '%s' does not exist.", which);
	libxl_dominfo_list_free(list, 1);
	return NULL;
}

/* The kinds of domain that people ask about: without a name, and dying for long. */
static void explain(const libxl_dominfo *info)
{
	char *name = libxl_domid_to_name(ctx, info->domid);

	if (info->dying)
		xl_warn("domain %u is gone but for memory that another domain still maps (a backend, a tool); it ends when that lets go, `xl why %u' says who",
			info->domid, info->domid);
	else if (info->shutdown && info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND &&
		 mark_state(info->domid, MARK_SAVE) == MARK_DEAD)
		xl_warn("domain %u is suspended, by a save that was interrupted; `xl unpause %u' lets it go on, `xl destroy %u' removes it",
			info->domid, info->domid, info->domid);
	else if (!name)
		xl_warn("domain %u has no name: it is being built or removed, or its tool died over it; `xl destroy %u' removes it",
			info->domid, info->domid);
	free(name);
}

static void print_table(const libxl_dominfo *list, int count, const struct list_options *o)
{
	print_header(o);
	for (int i = 0; i < count; i++)
		print_domain(&list[i], o);
	for (int i = 0; i < count; i++)
		explain(&list[i]);
}

static void print_configs(const libxl_dominfo *list, int count)
{
	int objects = 0;

	printf("[");
	for (int i = 0; i < count; i++)
		print_config(&list[i], &objects);
	/* As the JSON library of 4.17 prints an array, empty or not. */
	printf(objects ? "\n]\n\n" : "\n\n]\n\n");
}

int cmd_list(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "long", no_argument, NULL, 'l' },    { "verbose", no_argument, NULL, 'v' },
		{ "context", no_argument, NULL, 'Z' }, { "cpupool", no_argument, NULL, 'c' },
		{ "numa", no_argument, NULL, 'n' },    OPTION_JSON,
		{ 0 },
	};
	struct list_options o = { 0 };
	bool details = false, json = false;
	libxl_dominfo *list;
	int option, count;

	while ((option = next_option(argc, argv, "lvZcn", longs, 0)) != -1) {
		switch (option) {
		case 'l':
			details = true;
			break;
		case 'v':
			o.verbose = true;
			break;
		case 'Z':
			o.context = true;
			break;
		case 'c':
			o.cpupool = true;
			break;
		case 'n':
			o.numa = true;
			break;
		case 'j':
			json = true;
			break;
		}
	}
	if (argc - optind > 1) {
		xl_error("name one domain only");
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	list = get_domains(argv[optind], &count);
	if (!list)
		return XL_EXIT_FAIL;
	if (json)
		print_json(list, count, &o);
	else if (details)
		print_configs(list, count);
	else
		print_table(list, count, &o);
	libxl_dominfo_list_free(list, count);
	return XL_EXIT_OK;
}

int cmd_claims(int argc, char **argv)
{
	const struct list_options o = { .claims = true };
	bool json = json_wanted(argc, argv, 0);
	libxl_dominfo *list;
	int count;

	if (!conf.claim_mode)
		xl_warn("claim_mode is off in xl.conf, so no guest claims memory");
	list = get_domains(NULL, &count);
	if (!list)
		return XL_EXIT_FAIL;
	if (json)
		print_json(list, count, &o);
	else
		print_table(list, count, &o);
	libxl_dominfo_list_free(list, count);
	return XL_EXIT_OK;
}

static void print_shared(const libxl_dominfo *info, bool json)
{
	char *name = xl_listed_name(info->domid, json);

	if (json) {
		json_object(NULL);
		json_number("domid", info->domid);
		json_text("name", name);
		json_number("memory_kib", total_memkb(info));
		json_number("shared_kib", info->shared_memkb);
		json_object_end();
	} else {
		printf("%-40s %5u %5" PRIu64 "  %5" PRIu64 "\n", name, info->domid, total_memkb(info) / 1024,
		       info->shared_memkb / 1024);
	}
	free(name);
}

int cmd_sharing(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 0);
	libxl_dominfo *list;
	int count;

	if (argc - optind > 1)
		return usage_error(argv[0], XL_EXIT_FAIL);
	list = get_domains(argv[optind], &count);
	if (!list)
		return XL_EXIT_FAIL;
	if (json)
		json_array(NULL);
	else
		printf("%-40s %5s %5s %5s\n", "Name", "ID", "Mem", "Shared");
	for (int i = 0; i < count; i++)
		print_shared(&list[i], json);
	if (json)
		json_array_end();
	libxl_dominfo_list_free(list, count);
	return XL_EXIT_OK;
}

static void print_vm(const libxl_vminfo *vm, bool json)
{
	char *name = xl_listed_name((uint32_t)vm->domid, json), uuid[37];

	snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(vm->uuid));
	if (json) {
		json_object(NULL);
		json_text("uuid", uuid);
		json_number("domid", (uint64_t)vm->domid);
		json_text("name", name);
		json_object_end();
	} else {
		printf("%s  %d    %-30s\n", uuid, vm->domid, name);
	}
	free(name);
}

int cmd_vm_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 0);
	libxl_vminfo *list;
	int count;

	list = libxl_list_vm(ctx, &count);
	if (!list)
		return xl_error("the guests could not be listed");
	if (json)
		json_array(NULL);
	else
		printf("UUID                                  ID    name\n");
	for (int i = 0; i < count; i++)
		print_vm(&list[i], json);
	if (json)
		json_array_end();
	libxl_vminfo_list_free(list, count);
	return XL_EXIT_OK;
}
