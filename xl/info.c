// SPDX-License-Identifier: GPL-2.0-only
/* info: "key : value" lines, or the same as one JSON object, in which numbers are numbers. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "cmd.h"
#include "json.h"

static bool as_json;

static void line(const char *key, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *key, const char *format, ...)
{
	char value[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	if (as_json)
		json_text(key, value);
	else
		printf("%-23s: %s\n", key, value);
}

static void count(const char *key, uint64_t value)
{
	if (as_json)
		json_number(key, value);
	else
		line(key, "%" PRIu64, value);
}

/* MiB in text, KiB in JSON, where the name says so. */
static void memory(const char *key, uint64_t pages, uint64_t page)
{
	char with_unit[48];

	snprintf(with_unit, sizeof(with_unit), "%s_kib", key);
	if (as_json)
		json_number(with_unit, pages * (page / 1024));
	else
		line(key, "%" PRIu64, pages / ((1 << 20) / page));
}

static void words(const char *key, const char *text)
{
	char *copy, *save = NULL;

	if (!as_json) {
		line(key, "%s", text);
		return;
	}
	copy = xl_strdup(text);
	json_array(key);
	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		json_text(NULL, word);
	json_array_end();
	free(copy);
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
	} caps[] = {
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

	for (size_t i = 0; i < ARRAY_SIZE(caps); i++)
		if (caps[i].set)
			strcat(text, caps[i].word);
	words("virt_caps", text[0] ? text + 1 : "");
}

static void print_free_cpus(void)
{
	libxl_bitmap map;

	libxl_bitmap_init(&map);
	if (!libxl_get_freecpus(ctx, &map))
		count("free_cpus", (uint64_t)libxl_bitmap_count_set(&map));
	libxl_bitmap_dispose(&map);
}

static int print_physical(uint64_t page)
{
	libxl_physinfo info;

	libxl_physinfo_init(&info);
	if (libxl_get_physinfo(ctx, &info))
		return xl_error("the hypervisor does not tell about its hardware");
	count("nr_cpus", info.nr_cpus);
	count("max_cpu_id", info.max_cpu_id);
	count("nr_nodes", info.nr_nodes);
	count("cores_per_socket", info.cores_per_socket);
	count("threads_per_core", info.threads_per_core);
	if (as_json)
		json_thousandths("cpu_mhz", info.cpu_khz);
	else
		line("cpu_mhz", "%u.%03u", info.cpu_khz / 1000, info.cpu_khz % 1000);
	line("hw_caps", "%08x:%08x:%08x:%08x:%08x:%08x:%08x:%08x", info.hw_cap[0], info.hw_cap[1],
	     info.hw_cap[2], info.hw_cap[3], info.hw_cap[4], info.hw_cap[5], info.hw_cap[6], info.hw_cap[7]);
	print_capabilities(&info);
	memory("total_memory", info.total_pages, page);
	/* Pages that wait to be scrubbed are free as well; claimed ones are spoken for. */
	memory("free_memory", info.free_pages + info.scrub_pages - info.outstanding_pages, page);
	memory("sharing_freed_memory", info.sharing_freed_pages, page);
	memory("sharing_used_memory", info.sharing_used_frames, page);
	memory("outstanding_claims", info.outstanding_pages, page);
	libxl_physinfo_dispose(&info);
	print_free_cpus();
	return XL_EXIT_OK;
}

static void json_topology(void)
{
	int n;
	libxl_cputopology *cpus = libxl_get_cpu_topology(ctx, &n);

	json_array("cpu_topology");
	for (int i = 0; cpus && i < n; i++) {
		if (cpus[i].core == LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
			continue;
		json_object(NULL);
		json_number("cpu", (uint64_t)i);
		json_number("core", cpus[i].core);
		json_number("socket", cpus[i].socket);
		json_number("node", cpus[i].node);
		json_object_end();
	}
	json_array_end();
	if (cpus)
		libxl_cputopology_list_free(cpus, n);
}

static void json_devices(void)
{
	int n;
	libxl_pcitopology *devices = libxl_get_pci_topology(ctx, &n);

	json_array("device_topology");
	for (int i = 0; devices && i < n; i++) {
		char device[16];

		if (devices[i].node == LIBXL_PCITOPOLOGY_INVALID_ENTRY)
			continue;
		snprintf(device, sizeof(device), "%04x:%02x:%02x.%01x", devices[i].seg, devices[i].bus,
			 devices[i].devfn >> 3 & 0x1f, devices[i].devfn & 7);
		json_object(NULL);
		json_text("device", device);
		json_number("node", devices[i].node);
		json_object_end();
	}
	json_array_end();
	if (devices)
		libxl_pcitopology_list_free(devices, n);
}

static void json_nodes(void)
{
	int n;
	libxl_numainfo *nodes = libxl_get_numainfo(ctx, &n);

	json_array("numa_nodes");
	for (int i = 0; nodes && i < n; i++) {
		if (nodes[i].size == LIBXL_NUMAINFO_INVALID_ENTRY)
			continue;
		json_object(NULL);
		json_number("node", (uint64_t)i);
		json_number("memory_kib", nodes[i].size >> 10);
		json_number("free_kib", nodes[i].free >> 10);
		json_array("distances");
		for (int j = 0; j < nodes[i].num_dists; j++)
			json_number(NULL, nodes[i].dists[j]);
		json_array_end();
		json_object_end();
	}
	json_array_end();
	if (nodes)
		libxl_numainfo_list_free(nodes, n);
}

static void print_cpu_topology(void)
{
	int n;
	libxl_cputopology *list = libxl_get_cpu_topology(ctx, &n);

	if (!list) {
		xl_warn("the CPU topology is not known");
		return;
	}
	printf("cpu_topology           :\n");
	printf("cpu:    core    socket     node\n");
	for (int i = 0; i < n; i++)
		if (list[i].core != LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
			printf("%3d:    %4u     %4u     %4u\n", i, list[i].core, list[i].socket, list[i].node);
	libxl_cputopology_list_free(list, n);
}

static void print_pci_topology(void)
{
	int n, shown = 0;
	libxl_pcitopology *list = libxl_get_pci_topology(ctx, &n);

	printf("device topology        :\n");
	printf("device           node\n");
	for (int i = 0; list && i < n; i++) {
		if (list[i].node == LIBXL_PCITOPOLOGY_INVALID_ENTRY)
			continue;
		printf("%04x:%02x:%02x.%01x      %u\n", list[i].seg, list[i].bus, list[i].devfn >> 3 & 0x1f,
		       list[i].devfn & 7, list[i].node);
		shown++;
	}
	if (!shown)
		printf("No device topology data available\n");
	if (list)
		libxl_pcitopology_list_free(list, n);
}

static void print_numa(void)
{
	int n;
	libxl_numainfo *list = libxl_get_numainfo(ctx, &n);

	if (!list) {
		xl_warn("the NUMA nodes are not known");
		return;
	}
	printf("numa_info              :\n");
	printf("node:    memsize    memfree    distances\n");
	for (int i = 0; i < n; i++) {
		if (list[i].size == LIBXL_NUMAINFO_INVALID_ENTRY)
			continue;
		printf("%4d:    %6" PRIu64 "     %6" PRIu64 "      ", i, list[i].size >> 20, list[i].free >> 20);
		for (int j = 0; j < list[i].num_dists; j++)
			printf("%s%u", j ? "," : "", list[i].dists[j]);
		printf("\n");
	}
	libxl_numainfo_list_free(list, n);
}

static void print_version(const libxl_version_info *v)
{
	int scheduler = libxl_get_scheduler(ctx);

	count("xen_major", (uint64_t)v->xen_version_major);
	count("xen_minor", (uint64_t)v->xen_version_minor);
	line("xen_extra", "%s", v->xen_version_extra);
	line("xen_version", "%d.%d%s", v->xen_version_major, v->xen_version_minor, v->xen_version_extra);
	words("xen_caps", v->capabilities);
	line("xen_scheduler", "%s", scheduler < 0 ? "unknown" : libxl_scheduler_to_string((libxl_scheduler)scheduler));
	if (as_json)
		json_number("xen_pagesize_bytes", (uint64_t)v->pagesize);
	else
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
		OPTION_JSON,
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
	if (as_json)
		json_object(NULL);
	print_node();
	result = print_physical(version && version->pagesize ? (uint64_t)version->pagesize : 4096);
	if (numa && as_json) {
		json_topology();
		json_devices();
		json_nodes();
	} else if (numa) {
		print_cpu_topology();
		print_pci_topology();
		print_numa();
	}
	if (version && version->capabilities)
		print_version(version);
	count("xend_config_format", 4);
	if (as_json)
		json_object_end();
	return result;
}
