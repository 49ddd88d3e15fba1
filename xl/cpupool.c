// SPDX-License-Identifier: GPL-2.0-only
/* CPU pools. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cpuset.h"
#include "json.h"

void json_pool(const libxl_cpupoolinfo *pool)
{
	json_text("cpupool", pool->pool_name);
	json_number("cpupool_id", pool->poolid);
	json_text("scheduler", libxl_scheduler_to_string(pool->sched));
}

static void json_cpupool(const libxl_cpupoolinfo *pool)
{
	uint32_t cpu;

	json_object(NULL);
	json_pool(pool);
	json_array("cpus");
	libxl_for_each_set_bit(cpu, pool->cpumap)
		json_number(NULL, cpu);
	json_array_end();
	json_number("domains", pool->n_dom);
	json_object_end();
}

static void print_cpupool(const libxl_cpupoolinfo *pool, bool cpus)
{
	uint32_t cpu;
	int count = 0;

	printf("%-19s", pool->pool_name);
	libxl_for_each_set_bit(cpu, pool->cpumap) {
		if (cpus)
			printf("%s%u", count ? "," : "", cpu);
		count++;
	}
	if (!cpus)
		printf("%3d %9s       y       %4u", count, libxl_scheduler_to_string(pool->sched), pool->n_dom);
	printf("\n");
}

int cmd_cpupool_list(int argc, char **argv)
{
	static const struct option longs[] = { { "cpus", no_argument, NULL, 'c' }, OPTION_JSON, { 0 } };
	bool cpus = false, json = false, found = false;
	libxl_cpupoolinfo *pools;
	int option, count;

	while ((option = next_option(argc, argv, "c", longs, 0)) != -1) {
		cpus = cpus || option == 'c';
		json = json || option == 'j';
	}
	pools = libxl_list_cpupool(ctx, &count);
	if (!pools)
		return xl_error("the CPU pools could not be listed");
	if (json)
		json_array(NULL);
	else
		printf(cpus ? "%-19sCPU list\n" : "%-19sCPUs   Sched     Active   Domain count\n", "Name");
	for (int i = 0; i < count; i++) {
		if (argv[optind] && strcmp(argv[optind], pools[i].pool_name))
			continue;
		if (json)
			json_cpupool(&pools[i]);
		else
			print_cpupool(&pools[i], cpus);
		found = true;
	}
	if (json)
		json_array_end();
	libxl_cpupoolinfo_list_free(pools, count);
	return found || !argv[optind] ? XL_EXIT_OK : xl_fail(XL_KIND_NOT_FOUND, "there is no CPU pool `%s'", argv[optind]);
}

static bool unknown_pool(const char *which)
{
	xl_fail(XL_KIND_NOT_FOUND, "unknown cpupool '%s'; see `xl cpupool-list'", which);
	return false;
}

bool pool_named(const char *which, uint32_t *poolid)
{
	return !libxl_cpupool_qualifier_to_cpupoolid(ctx, which, poolid, NULL) || unknown_pool(which);
}

/* One that there is, by name or number; reported. */
static bool find_pool(const char *which, uint32_t *poolid)
{
	return pool_named(which, poolid) && (libxl_cpupoolid_is_valid(ctx, *poolid) || unknown_pool(which));
}

int each_pool(libxl_scheduler sched, const char *which, bool json,
	      void (*show)(const libxl_cpupoolinfo *pool, const libxl_dominfo *domains, int count, void *arg), void *arg)
{
	int pools, count, result = XL_EXIT_OK;
	libxl_cpupoolinfo *pool = libxl_list_cpupool(ctx, &pools);
	libxl_dominfo *domains = libxl_list_domain(ctx, &count);
	uint32_t only;

	if (!pool || !domains)
		result = xl_error("pools and domains could not be listed");
	else if (which && !pool_named(which, &only))
		result = XL_EXIT_FAIL;
	if (!result && json)
		json_array(NULL);
	for (int i = 0; !result && i < pools; i++)
		if (pool[i].sched == sched && (!which || pool[i].poolid == only))
			show(&pool[i], domains, count, arg);
	if (!result && json)
		json_array_end();
	if (pool)
		libxl_cpupoolinfo_list_free(pool, pools);
	if (domains)
		libxl_dominfo_list_free(domains, count);
	return result;
}

/* ---- cpupool-create ---- */

struct pool_plan {
	const char *name;
	libxl_scheduler sched;
	libxl_bitmap cpus;
};

/* "nodes=" and "cpus=", one or a list, as one text; NULL: neither is set. */
static char *wanted_cpus(const XLU_Config *cfg)
{
	static const struct { const char *key, *prefix; } keys[] = { { "nodes", "nodes:" }, { "cpus", "" } };
	char *text = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *single = NULL;
		XLU_ConfigList *list = NULL;
		int count = 1;

		if (xlu_cfg_get_list(cfg, keys[i].key, &list, &count, 1) && xlu_cfg_get_string(cfg, keys[i].key, &single, 1))
			continue;
		for (int k = 0; k < count; k++) {
			const char *entry = single ? single : xlu_cfg_get_listitem(list, k);
			char *more = xl_printf("%s%s%s%s", text ? text : "", text ? "," : "", keys[i].prefix, entry ? entry : "?");

			free(text);
			text = more;
		}
	}
	return text;
}

/* Without a wish the first one that is free. */
static int plan_cpus(const XLU_Config *cfg, struct pool_plan *plan, const libxl_bitmap *free_cpus)
{
	char *text = wanted_cpus(cfg);
	const char *wrong = text ? cpuset_parse(text, &plan->cpus) : NULL;
	int cpu, result = XL_EXIT_OK;

	if (wrong)
		result = xl_fail(XL_KIND_CONFIG, "CPU pool `%s': cpus: `%s': %s", plan->name, text, wrong);
	for (cpu = 0; !text && cpu < (int)free_cpus->size * 8; cpu++)
		if (libxl_bitmap_test(free_cpus, cpu)) {
			libxl_bitmap_set(&plan->cpus, cpu);
			break;
		}
	if (!text && cpu == (int)free_cpus->size * 8)
		result = xl_error("CPU pool `%s': no CPU is free: take one out of a pool first (xl cpupool-cpu-remove)",
				  plan->name);
	free(text);
	return result;
}

static int check_free(const struct pool_plan *plan, const libxl_bitmap *free_cpus)
{
	for (int cpu = 0; cpu < (int)plan->cpus.size * 8; cpu++)
		if (libxl_bitmap_test(&plan->cpus, cpu) && !libxl_bitmap_test(free_cpus, cpu))
			return xl_fail(XL_KIND_BUSY, "CPU pool `%s': CPU %d is not free: take it out of its pool first "
				       "(xl cpupool-list -c; xl cpupool-cpu-remove)", plan->name, cpu);
	return XL_EXIT_OK;
}

static int plan_pool(const XLU_Config *cfg, const char *file, struct pool_plan *plan)
{
	const char *base = file ? strrchr(file, '/') : NULL, *sched;
	libxl_bitmap free_cpus;
	uint32_t poolid;
	int result;

	if (xlu_cfg_get_string(cfg, "name", &plan->name, 1))
		plan->name = base ? base + 1 : file;
	if (!plan->name)
		return xl_fail(XL_KIND_CONFIG, "the CPU pool needs a name: name=\"...\"");
	if (!libxl_name_to_cpupoolid(ctx, plan->name, &poolid))
		return xl_fail(XL_KIND_EXISTS, "there is a CPU pool `%s' already", plan->name);
	plan->sched = (libxl_scheduler)libxl_get_scheduler(ctx);
	if (!xlu_cfg_get_string(cfg, "sched", &sched, 0) && libxl_scheduler_from_string(sched, &plan->sched))
		return xl_fail(XL_KIND_CONFIG, "CPU pool `%s': unknown scheduler `%s'", plan->name, sched);
	libxl_bitmap_init(&free_cpus);
	if (libxl_get_freecpus(ctx, &free_cpus))
		return XL_EXIT_FAIL;
	result = plan_cpus(cfg, plan, &free_cpus);
	if (!result)
		result = check_free(plan, &free_cpus);
	libxl_bitmap_dispose(&free_cpus);
	return result;
}

static int create_pool(const char *file, const struct pool_plan *plan)
{
	uint32_t poolid = LIBXL_CPUPOOL_POOLID_ANY;
	libxl_uuid uuid;

	if (file)
		printf("Using config file \"%s\"\n", file);
	printf("cpupool name:   %s\n", plan->name);
	printf("scheduler:      %s\n", libxl_scheduler_to_string(plan->sched));
	printf("number of cpus: %d\n", libxl_bitmap_count_set(&plan->cpus));
	if (options.dry_run)
		return XL_EXIT_OK;
	libxl_uuid_generate(&uuid);
	if (libxl_cpupool_create(ctx, plan->name, plan->sched, plan->cpus, &uuid, &poolid))
		return xl_error("CPU pool `%s' could not be created", plan->name);
	return XL_EXIT_OK;
}

static int read_pool(XLU_Config *cfg, const char *file, char **words, int count)
{
	if (file && xlu_cfg_readfile(cfg, file))
		return xl_fail(XL_KIND_CONFIG, "the configuration `%s' could not be read", file);
	for (int i = 0; i < count; i++) {
		char *line = xl_printf("%s\n", words[i]);
		int rc = xlu_cfg_readdata(cfg, line, (int)strlen(line));

		free(line);
		if (rc)
			return xl_fail(XL_KIND_CONFIG, "`%s' is no setting: KEY=VALUE", words[i]);
	}
	return XL_EXIT_OK;
}

int cmd_cpupool_create(int argc, char **argv)
{
	static const struct option longs[] = { { "defconfig", required_argument, NULL, 'f' },
					       { "dryrun", no_argument, NULL, 'n' }, { 0 } };
	struct pool_plan plan = { 0 };
	const char *file = NULL;
	XLU_Config *cfg;
	int option, result;

	while ((option = next_option(argc, argv, "nf:", longs, 0)) != -1) {
		if (option == 'f')
			file = optarg;
		options.dry_run = options.dry_run || option == 'n';
	}
	if (!file && optind < argc && !strchr(argv[optind], '='))
		file = argv[optind++];
	cfg = xlu_cfg_init(stderr, file ? file : "command line");
	if (!cfg)
		return xl_error("out of memory");
	result = read_pool(cfg, file, argv + optind, argc - optind);
	libxl_bitmap_init(&plan.cpus);
	if (!result && libxl_cpu_bitmap_alloc(ctx, &plan.cpus, 0))
		result = XL_EXIT_FAIL;
	if (!result)
		result = plan_pool(cfg, file, &plan);
	if (!result)
		result = create_pool(file, &plan);
	libxl_bitmap_dispose(&plan.cpus);
	xlu_cfg_destroy(cfg);
	return result;
}

/* ---- changes ---- */

int cmd_cpupool_destroy(int argc, char **argv)
{
	uint32_t poolid;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	if (!find_pool(argv[optind], &poolid))
		return XL_EXIT_FAIL;
	if (libxl_cpupool_destroy(ctx, poolid))
		return xl_error("CPU pool `%s' could not be destroyed", argv[optind]);
	return XL_EXIT_OK;
}

int cmd_cpupool_rename(int argc, char **argv)
{
	uint32_t poolid, other;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!find_pool(argv[optind], &poolid))
		return XL_EXIT_FAIL;
	if (!libxl_name_to_cpupoolid(ctx, argv[optind + 1], &other) && other != poolid)
		return xl_fail(XL_KIND_EXISTS, "there is a CPU pool `%s' already", argv[optind + 1]);
	if (libxl_cpupool_rename(ctx, argv[optind + 1], poolid))
		return xl_error("CPU pool `%s' could not be renamed to `%s'", argv[optind], argv[optind + 1]);
	return XL_EXIT_OK;
}

static int change_cpus(int argc, char **argv, int (*change)(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpus))
{
	libxl_bitmap cpus;
	const char *wrong;
	uint32_t poolid;
	int result;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!find_pool(argv[optind], &poolid))
		return XL_EXIT_FAIL;
	libxl_bitmap_init(&cpus);
	if (libxl_cpu_bitmap_alloc(ctx, &cpus, 0))
		return XL_EXIT_FAIL;
	wrong = cpuset_parse(argv[optind + 1], &cpus);
	if (wrong)
		result = xl_error("`%s': %s", argv[optind + 1], wrong);
	else
		result = change(ctx, poolid, &cpus) ? xl_error("CPU pool `%s' has not been changed as asked", argv[optind]) :
						      XL_EXIT_OK;
	libxl_bitmap_dispose(&cpus);
	return result;
}

int cmd_cpupool_cpu_add(int argc, char **argv)
{
	return change_cpus(argc, argv, libxl_cpupool_cpuadd_cpumap);
}

int cmd_cpupool_cpu_remove(int argc, char **argv)
{
	return change_cpus(argc, argv, libxl_cpupool_cpuremove_cpumap);
}

int cmd_cpupool_migrate(int argc, char **argv)
{
	uint32_t domid, poolid;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid) || !find_pool(argv[optind + 1], &poolid))
		return XL_EXIT_FAIL;
	if (libxl_cpupool_movedomain(ctx, poolid, domid))
		return xl_error("domain `%s' could not be moved to CPU pool `%s'", argv[optind], argv[optind + 1]);
	return XL_EXIT_OK;
}

/* ---- cpupool-numa-split ---- */

static int split_off(int node, libxl_scheduler sched)
{
	char *name = xl_printf("Pool-node%d", node);
	uint32_t poolid = LIBXL_CPUPOOL_POOLID_ANY;
	int result = XL_EXIT_FAIL;
	libxl_bitmap cpus;
	libxl_uuid uuid;

	libxl_bitmap_init(&cpus);
	libxl_uuid_generate(&uuid);
	if (!libxl_cpu_bitmap_alloc(ctx, &cpus, 0) && !libxl_node_to_cpumap(ctx, node, &cpus) &&
	    !libxl_cpupool_cpuremove_cpumap(ctx, 0, &cpus) && !libxl_cpupool_create(ctx, name, sched, cpus, &uuid, &poolid))
		result = XL_EXIT_OK;
	else
		xl_error("CPU pool `%s' could not be created", name);
	libxl_bitmap_dispose(&cpus);
	free(name);
	return result;
}

int cmd_cpupool_numa_split(int argc, char **argv)
{
	libxl_cpupoolinfo *pools;
	libxl_numainfo *nodes;
	libxl_scheduler sched;
	int count, nr_nodes, result = XL_EXIT_OK;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 0);
	pools = libxl_list_cpupool(ctx, &count);
	if (!pools)
		return xl_error("the CPU pools could not be listed");
	sched = pools[0].sched;
	libxl_cpupoolinfo_list_free(pools, count);
	if (count != 1)
		return xl_error("there are %d CPU pools already: only one can be split", count);
	nodes = libxl_get_numainfo(ctx, &nr_nodes);
	if (!nodes)
		return xl_error("the NUMA nodes could not be listed");
	libxl_numainfo_list_free(nodes, nr_nodes);
	if (libxl_cpupool_rename(ctx, "Pool-node0", 0))
		return xl_error("the first pool could not be renamed to `Pool-node0'");
	for (int node = 1; !result && node < nr_nodes; node++)
		result = split_off(node, sched);
	return result;
}
