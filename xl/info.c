// SPDX-License-Identifier: GPL-2.0-only
/* info: "key : value" lines, or the same as one JSON object. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd.h"
#include "json.h"

static bool as_json;
static int lines;

static void line(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *key, const char *format, ...)
{
	char value[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	if (!as_json) {
		printf("%-23s: %s\n", key, value);
		return;
	}
	printf("%s\n    ", lines++ ? "," : "{");
	json_string(stdout, key);
	printf(": ");
	json_string(stdout, value);
}

static void print_node(void)
{
	struct utsname name;

	if (uname(&name))
		return;
	line("host", "%s", name.nodename);
	line("release", "%s", name.release);
	line("version", "%s", name.version);
	line("machine", "%s", name.machine);
}

static void print_capabilities(const libxl_physinfo *info)
{
	const struct {
		bool set;
		const char *word;
	} words[] = {
		{ info->cap_pv, " pv" },
		{ info->cap_hvm, " hvm" },
		{ info->cap_hvm && info->cap_hvm_directio, " hvm_directio" },
		{ info->cap_pv && info->cap_hvm_directio, " pv_directio" },
		{ info->cap_hap, " hap" },
		{ info->cap_shadow, " shadow" },
		{ info->cap_iommu_hap_pt_share, " iommu_hap_pt_share" },
		{ info->cap_vmtrace, " vmtrace" },
		{ info->cap_vpmu, " vpmu" },
		{ info->cap_gnttab_v1, " gnttab-v1" },
		{ info->cap_gnttab_v2, " gnttab-v2" },
	};
	char text[160] = "";

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].set)
			strcat(text, words[i].word);
	line("virt_caps", "%s", text[0] ? text + 1 : "");
}

static void print_free_cpus(void)
{
	libxl_bitmap map;

	libxl_bitmap_init(&map);
	if (!libxl_get_freecpus(ctx, &map))
		line("free_cpus", "%d", libxl_bitmap_count_set(&map));
	libxl_bitmap_dispose(&map);
}

static int print_physical(uint64_t page)
{
	libxl_physinfo info;
	uint64_t per_mib = (1 << 20) / (page ? page : 4096);

	libxl_physinfo_init(&info);
	if (libxl_get_physinfo(ctx, &info))
		return xl_error("the hypervisor does not tell about its hardware");
	line("nr_cpus", "%u", info.nr_cpus);
	line("max_cpu_id", "%u", info.max_cpu_id);
	line("nr_nodes", "%u", info.nr_nodes);
	line("cores_per_socket", "%u", info.cores_per_socket);
	line("threads_per_core", "%u", info.threads_per_core);
	line("cpu_mhz", "%u.%03u", info.cpu_khz / 1000, info.cpu_khz % 1000);
	line("hw_caps", "%08x:%08x:%08x:%08x:%08x:%08x:%08x:%08x", info.hw_cap[0], info.hw_cap[1],
	     info.hw_cap[2], info.hw_cap[3], info.hw_cap[4], info.hw_cap[5], info.hw_cap[6], info.hw_cap[7]);
	print_capabilities(&info);
	line("total_memory", "%" PRIu64, info.total_pages / per_mib);
	/* Pages that wait to be scrubbed are free as well; claimed ones are spoken for. */
	line("free_memory", "%" PRIu64, (info.free_pages + info.scrub_pages - info.outstanding_pages) / per_mib);
	line("sharing_freed_memory", "%" PRIu64, info.sharing_freed_pages / per_mib);
	line("sharing_used_memory", "%" PRIu64, info.sharing_used_frames / per_mib);
	line("outstanding_claims", "%" PRIu64, info.outstanding_pages / per_mib);
	libxl_physinfo_dispose(&info);
	print_free_cpus();
	return XL_EXIT_OK;
}

static void print_cpu_topology(void)
{
	int count;
	libxl_cputopology *list = libxl_get_cpu_topology(ctx, &count);

	if (!list) {
		xl_warn("the CPU topology is not known");
		return;
	}
	printf("cpu_topology           :\n");
	printf("cpu:    core    socket     node\n");
	for (int i = 0; i < count; i++)
		if (list[i].core != LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
			printf("%3d:    %4u     %4u     %4u\n", i, list[i].core, list[i].socket, list[i].node);
	libxl_cputopology_list_free(list, count);
}

static void print_pci_topology(void)
{
	int count, shown = 0;
	libxl_pcitopology *list = libxl_get_pci_topology(ctx, &count);

	printf("device topology        :\n");
	printf("device           node\n");
	for (int i = 0; list && i < count; i++) {
		if (list[i].node == LIBXL_PCITOPOLOGY_INVALID_ENTRY)
			continue;
		printf("%04x:%02x:%02x.%01x      %u\n", list[i].seg, list[i].bus, list[i].devfn >> 3 & 0x1f,
		       list[i].devfn & 7, list[i].node);
		shown++;
	}
	if (!shown)
		printf("No device topology data available\n");
	if (list)
		libxl_pcitopology_list_free(list, count);
}

static void print_numa(void)
{
	int count;
	libxl_numainfo *list = libxl_get_numainfo(ctx, &count);

	if (!list) {
		xl_warn("the NUMA nodes are not known");
		return;
	}
	printf("numa_info              :\n");
	printf("node:    memsize    memfree    distances\n");
	for (int i = 0; i < count; i++) {
		if (list[i].size == LIBXL_NUMAINFO_INVALID_ENTRY)
			continue;
		printf("%4d:    %6" PRIu64 "     %6" PRIu64 "      ", i, list[i].size >> 20, list[i].free >> 20);
		for (int j = 0; j < list[i].num_dists; j++)
			printf("%s%u", j ? "," : "", list[i].dists[j]);
		printf("\n");
	}
	libxl_numainfo_list_free(list, count);
}

static void print_version(const libxl_version_info *v)
{
	int scheduler = libxl_get_scheduler(ctx);

	line("xen_major", "%d", v->xen_version_major);
	line("xen_minor", "%d", v->xen_version_minor);
	line("xen_extra", "%s", v->xen_version_extra);
	line("xen_version", "%d.%d%s", v->xen_version_major, v->xen_version_minor, v->xen_version_extra);
	line("xen_caps", "%s", v->capabilities);
	line("xen_scheduler", "%s", scheduler < 0 ? "unknown" : libxl_scheduler_to_string((libxl_scheduler)scheduler));
	line("xen_pagesize", "%d", v->pagesize);
	line("platform_params", "virt_start=0x%" PRIx64, v->virt_start);
	line("xen_changeset", "%s", v->changeset);
	line("xen_commandline", "%s", v->commandline);
	line("cc_compiler", "%s", v->compiler);
	line("cc_compile_by", "%s", v->compile_by);
	line("cc_compile_domain", "%s", v->compile_domain);
	line("cc_compile_date", "%s", v->compile_date);
	line("build_id", "%s", v->build_id);
}

int cmd_info(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "numa", no_argument, NULL, 'n' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	const libxl_version_info *version;
	bool numa = false;
	int option, result;

	while ((option = next_option(argc, argv, "n", longs, 0)) != -1) {
		numa = numa || option == 'n';
		as_json = as_json || option == 'j';
	}
	version = libxl_get_version_info(ctx);
	print_node();
	result = print_physical(version ? (uint64_t)version->pagesize : 4096);
	if (numa && !as_json) {
		print_cpu_topology();
		print_pci_topology();
		print_numa();
	}
	if (version && version->capabilities)
		print_version(version);
	line("xend_config_format", "4");
	if (as_json)
		printf("\n}\n");
	return result;
}
