/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/cpumask.h>
#include <hv/lib.h>
#include <hv/nodemask.h>
#include <hv/numa.h>
#include <x86/acpi_tables.h>
#include <x86/numa.h>
#include <x86/pgtable.h>
#include <x86/smp.h>

unsigned int nr_nodes = 1;
static struct numa_block block[MAX_NUMA_BLOCKS];
static unsigned int nr_blocks;
static u32 node_pxm[MAX_NUMNODES];
static u8 cpu_node[NR_CPUS];
static u8 distance[MAX_NUMNODES][MAX_NUMNODES];
static bool numa_on = true;

static int init_fn opt_numa(const char *v)
{
	int b = parse_bool(v);

	numa_on = b != 0;
	return b < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("numa", opt_numa);

/* Dense node ids in the order in which domains show up. */
static init_fn unsigned int pxm_to_node(u32 pxm, unsigned int *n)
{
	for (unsigned int i = 0; i < *n; i++)
		if (node_pxm[i] == pxm)
			return i;
	if (*n == MAX_NUMNODES)
		return 0;
	node_pxm[*n] = pxm;
	return (*n)++;
}

unsigned int paddr_to_node(paddr_t pa)
{
	for (unsigned int i = 0; i < nr_blocks; i++)
		if (pa >= block[i].start && pa < block[i].end)
			return block[i].node;
	return 0;
}

paddr_t numa_block_end(paddr_t pa)
{
	paddr_t end = ~0ULL;

	for (unsigned int i = 0; i < nr_blocks; i++) {
		if (pa >= block[i].start && pa < block[i].end)
			return block[i].end;
		if (block[i].start > pa)
			end = min(end, block[i].start);
	}
	return end;
}

unsigned int cpu_to_node(unsigned int cpu)
{
	return cpu < NR_CPUS ? cpu_node[cpu] : 0;
}

u32 node_distance(unsigned int a, unsigned int b)
{
	if (a >= nr_nodes || b >= nr_nodes)
		return NUMA_NO_DISTANCE;
	return distance[a][b] ? distance[a][b] : a == b ? 10 : 20;
}

unsigned int mfn_to_node(mfn_t f)
{
	return paddr_to_node(mfn_to_paddr(f));
}

u64 node_memory(unsigned int node)
{
	u64 sum = 0;

	/* Nothing told of nodes: the one there is spans all. */
	if (!nr_blocks)
		return node ? 0 : (u64)max_page << PAGE_SHIFT;
	for (unsigned int i = 0; i < nr_blocks; i++)
		if (block[i].node == node)
			sum += block[i].end - block[i].start;
	return sum;
}

u32 proximity_to_node(u32 domain)
{
	for (unsigned int i = 0; nr_blocks && i < nr_nodes; i++)
		if (node_pxm[i] == domain)
			return i;
	return NUMA_NO_NODE;
}

/* ACPI 6.4 5.2.17: a square of bytes by proximity domain. */
static init_fn void read_slit(const struct acpi_header *t)
{
	const u8 *m = (const u8 *)t + 44;
	u64 n;

	if (t->length < 44)
		return;
	memcpy(&n, (const u8 *)t + 36, 8);
	if (n > 256 || 44 + n * n > t->length)
		return;
	for (unsigned int a = 0; a < nr_nodes; a++)
		for (unsigned int b = 0; b < nr_nodes; b++)
			if (node_pxm[a] < n && node_pxm[b] < n)
				distance[a][b] = m[node_pxm[a] * n + node_pxm[b]];
}

init_fn void numa_init(void)
{
	static struct srat_info srat init_bss;
	const struct acpi_header *t = acpi_find("SRAT", 0), *slit = acpi_find("SLIT", 0);
	unsigned int n = 0;

	if (!numa_on || !t || !srat_parse(t, &srat) || !srat.nr_mem)
		return;
	for (u32 i = 0; i < srat.nr_mem && nr_blocks < MAX_NUMA_BLOCKS; i++)
		block[nr_blocks++] = (struct numa_block){ srat.mem[i].start, srat.mem[i].start + srat.mem[i].len,
							  (u8)pxm_to_node(srat.mem[i].pxm, &n) };
	for (u32 i = 0; i < srat.nr_cpu; i++) {
		unsigned int cpu = apicid_to_cpu(srat.cpu[i].apic_id);
		unsigned int node = pxm_to_node(srat.cpu[i].pxm, &n);

		if (cpu < NR_CPUS)
			cpu_node[cpu] = (u8)node;
	}
	nr_nodes = max(n, 1U);
	if (slit)
		read_slit(slit);
	for (unsigned int i = 0; i < nr_nodes; i++)
		printk("NUMA node %u (domain %u): %lu MiB\n", i, node_pxm[i], (unsigned long)(node_memory(i) >> 20));
}
