// SPDX-License-Identifier: GPL-2.0-only
/* vcpu-list, vcpu-pin, vcpu-set. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "cpuset.h"
#include "json.h"

static void state_letters(const libxl_vcpuinfo *v, char letters[4])
{
	letters[0] = v->online && v->running ? 'r' : '-';
	letters[1] = v->online && v->blocked ? 'b' : '-';
	letters[2] = v->online ? '-' : 'p';
	letters[3] = 0;
}

static void print_vcpu(const char *name, uint32_t domid, const libxl_vcpuinfo *v, int cpus)
{
	char letters[4];

	state_letters(v, letters);
	printf("%-32s %5u %5u", name, domid, v->vcpuid);
	if (v->online)
		printf(" %4u   %s  ", v->cpu, letters);
	else
		printf(" %4s   %s  ", "-", letters);
	printf("%8.1f  ", (double)v->vcpu_time / 1e9);
	cpuset_print(stdout, &v->cpumap, cpus);
	printf(" / ");
	cpuset_print(stdout, &v->cpumap_soft, cpus);
	printf("\n");
}

static void json_cpuset(const char *name, const libxl_bitmap *map, int cpus)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (memory) {
		cpuset_print(memory, map, cpus);
		fclose(memory);
	}
	json_text(name, text);
	free(text);
}

static void json_vcpu(const char *name, uint32_t domid, const libxl_vcpuinfo *v, int cpus)
{
	char letters[4];

	state_letters(v, letters);
	json_object(NULL);
	json_number("domid", domid);
	json_text("name", name);
	json_number("vcpu", v->vcpuid);
	json_flag("online", v->online);
	if (v->online)
		json_number("cpu", v->cpu);
	json_text("state", letters);
	json_seconds("cpu_seconds", v->vcpu_time);
	json_cpuset("hard_affinity", &v->cpumap, cpus);
	json_cpuset("soft_affinity", &v->cpumap_soft, cpus);
	json_object_end();
}

static int list_domain(uint32_t domid, bool json)
{
	int count, cpus;
	libxl_vcpuinfo *list = libxl_list_vcpu(ctx, domid, &count, &cpus);
	char *name;

	if (!list)
		return xl_error("the vCPUs of domain %u could not be listed", domid);
	name = xl_listed_name(domid, json);
	for (int i = 0; i < count; i++) {
		if (json)
			json_vcpu(name, domid, &list[i], cpus);
		else
			print_vcpu(name, domid, &list[i], cpus);
	}
	free(name);
	libxl_vcpuinfo_list_free(list, count);
	return XL_EXIT_OK;
}

static int list_all(bool json)
{
	int count;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);

	if (!list)
		return xl_error("the domains could not be listed");
	/* One that ends meanwhile is no failure of the listing. */
	for (int i = 0; i < count; i++)
		list_domain(list[i].domid, json);
	libxl_dominfo_list_free(list, count);
	return XL_EXIT_OK;
}

int cmd_vcpu_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 0);
	int result = XL_EXIT_OK;

	if (json)
		json_array(NULL);
	else
		printf("%-32s %5s %5s %5s %5s %9s Affinity (Hard / Soft)\n", "Name", "ID", "VCPU", "CPU", "State",
		       "Time(s)");
	if (optind == argc)
		result = list_all(json);
	for (int i = optind; i < argc; i++) {
		uint32_t domid;

		if (!xl_find_domain(argv[i], &domid) || list_domain(domid, json))
			result = XL_EXIT_FAIL;
	}
	if (json)
		json_array_end();
	return result;
}

static int apply_masks(uint32_t domid, libxl_bitmap *map)
{
	libxl_dominfo info;
	const char *why = NULL;

	libxl_dominfo_init(&info);
	if (domid && !libxl_domain_info(ctx, &info, domid))
		why = cpuset_apply_masks(map, info.domain_type == LIBXL_DOMAIN_TYPE_PV);
	libxl_dominfo_dispose(&info);
	return why ? xl_error("the CPU masks of xl.conf: %s; see --ignore-global-affinity-masks", why) : 0;
}

/* "-" leaves the affinity alone: no bitmap then. */
static int read_affinity(const char *text, libxl_bitmap *map)
{
	const char *why;

	if (!strcmp(text, "-"))
		return 0;
	if (libxl_cpu_bitmap_alloc(ctx, map, 0))
		return xl_error("the number of host CPUs could not be read");
	why = cpuset_parse(text, map);
	return why ? xl_error("Invalid pcpu range: %s: %s", text, why) : 0;
}

static int pin(uint32_t domid, long vcpu, const libxl_bitmap *hard, const libxl_bitmap *soft, bool force)
{
	int rc, count, cpus;
	libxl_vcpuinfo *list;

	if (vcpu >= 0) {
		rc = force ? libxl_set_vcpuaffinity_force(ctx, domid, (uint32_t)vcpu, hard, soft) :
			     libxl_set_vcpuaffinity(ctx, domid, (uint32_t)vcpu, hard, soft);
		return rc ? xl_libxl_error(rc, "Could not set affinity for vcpu `%ld'", vcpu) : XL_EXIT_OK;
	}
	list = libxl_list_vcpu(ctx, domid, &count, &cpus);
	if (!list)
		return xl_error("the vCPUs of domain %u could not be listed", domid);
	libxl_vcpuinfo_list_free(list, count);
	for (int i = 0; i < count; i++)
		if (pin(domid, i, hard, soft, force))
			return XL_EXIT_FAIL;
	return XL_EXIT_OK;
}

/* Of a dry run; an affinity that is left alone is a dash. */
static void print_affinities(const libxl_bitmap *hard, const libxl_bitmap *soft)
{
	int cpus = libxl_get_max_cpus(ctx);

	printf("cpumap: ");
	if (hard->size)
		cpuset_print(stdout, hard, cpus);
	else
		printf("-");
	if (soft->size) {
		printf(" ");
		cpuset_print(stdout, soft, cpus);
	}
	printf("\n");
}

int cmd_vcpu_pin(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "ignore-global-affinity-masks", no_argument, NULL, 'i' },
		{ 0 },
	};
	bool force = false, ignore = false;
	libxl_bitmap hard, soft;
	uint32_t domid;
	long vcpu = -1;
	int option, result;

	while ((option = next_option(argc, argv, "fi", longs, 3)) != -1) {
		force = force || option == 'f';
		ignore = ignore || option == 'i';
	}
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (strcmp(argv[optind + 1], "all") && !parse_number(argv[optind + 1], "the vCPU", 0, 65535, &vcpu))
		return XL_EXIT_FAIL;
	libxl_bitmap_init(&hard);
	libxl_bitmap_init(&soft);
	result = read_affinity(argv[optind + 2], &hard);
	if (!result && optind + 3 < argc)
		result = read_affinity(argv[optind + 3], &soft);
	if (!result && hard.size && !ignore)
		result = apply_masks(domid, &hard);
	if (!result && options.dry_run) {
		print_affinities(&hard, &soft);
	} else if (!result) {
		result = pin(domid, vcpu, hard.size ? &hard : NULL, soft.size ? &soft : NULL, force);
	}
	libxl_bitmap_dispose(&hard);
	libxl_bitmap_dispose(&soft);
	return result;
}

static int set_online(const char *which, uint32_t domid, int vcpus)
{
	libxl_bitmap map;
	int rc;

	libxl_bitmap_init(&map);
	if (libxl_cpu_bitmap_alloc(ctx, &map, vcpus))
		return xl_error("memory is short");
	for (int i = 0; i < vcpus; i++)
		libxl_bitmap_set(&map, i);
	rc = libxl_set_vcpuonline(ctx, domid, &map, NULL);
	libxl_bitmap_dispose(&map);
	return rc ? xl_libxl_error(rc, "domain `%s' could not be set to %d vCPUs", which, vcpus) : XL_EXIT_OK;
}

int cmd_vcpu_set(int argc, char **argv)
{
	static const struct option longs[] = { { "ignore-host", no_argument, NULL, 'i' }, { 0 } };
	bool ignore = options.force;
	uint32_t domid;
	long vcpus;
	int option, online;

	while ((option = next_option(argc, argv, "i", longs, 2)) != -1)
		ignore = ignore || option == 'i';
	if (!xl_find_domain(argv[optind], &domid) ||
	    !parse_number(argv[optind + 1], "the number of vCPUs", 1, 32767, &vcpus))
		return XL_EXIT_FAIL;
	online = libxl_get_online_cpus(ctx);
	if (!ignore && online > 0 && vcpus > online) {
		libxl_dominfo info;
		bool more = true;

		/* Fewer than now is never worse, however many CPUs the host has. */
		libxl_dominfo_init(&info);
		if (!libxl_domain_info(ctx, &info, domid))
			more = vcpus > (long)info.vcpu_online;
		libxl_dominfo_dispose(&info);
		if (more)
			return xl_error("the host has %d CPUs, fewer than the %ld vCPUs wanted for domain `%s'; --ignore-host sets them anyway",
					online, vcpus, argv[optind]);
	}
	return set_online(argv[optind], domid, (int)vcpus);
}
