/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/bootmem.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/numa.h>
#include <x86/layout.h>

/* One for each of the firmware's, and what the image, the modules and the tables cut out of them. */
#define MAX_RANGES (BOOT_MAX_E820 + 64)

static struct range { paddr_t start, end; } range[MAX_RANGES] init_bss;
static unsigned int nr_ranges init_data;
static paddr_t reach init_data = 1ULL << 32;
static bool handed_over;

static init_fn void drop(unsigned int i)
{
	memmove(&range[i], &range[i + 1], (--nr_ranges - i) * sizeof(range[0]));
}

init_fn void bootmem_init(const struct e820_map *map)
{
	for (u32 i = 0; i < map->nr; i++) {
		paddr_t start = ROUND_UP(map->e[i].addr, PAGE_SIZE);
		paddr_t end = ROUND_DOWN(map->e[i].addr + map->e[i].size, PAGE_SIZE);

		if (map->e[i].type == E820_RAM && start < end && nr_ranges < MAX_RANGES)
			range[nr_ranges++] = (struct range){ start, end };
	}
	/* Real-mode vectors, BIOS data, VGA: Domain 0 and the trampoline share the first megabyte. */
	boot_reserve(0, 0x100000);
}

init_fn void boot_reserve(paddr_t start, paddr_t end)
{
	start = ROUND_DOWN(start, PAGE_SIZE);
	end = ROUND_UP(end, PAGE_SIZE);
	for (unsigned int i = 0; i < nr_ranges; i++) {
		struct range *r = &range[i];

		if (end <= r->start || start >= r->end)
			continue;
		if (start <= r->start && end >= r->end) {
			drop(i--);
		} else if (start <= r->start) {
			r->start = end;
		} else if (end >= r->end) {
			r->end = start;
		} else if (nr_ranges < MAX_RANGES) {
			memmove(r + 1, r, (nr_ranges++ - i) * sizeof(*r));
			r[0].end = start;
			r[1].start = end;
			i++;
		} else {
			r->end = start;	/* table full: what lies above is lost, not misused */
		}
	}
}

init_fn bool boot_try_reserve(paddr_t start, paddr_t end)
{
	for (unsigned int i = 0; i < nr_ranges; i++)
		if (start >= range[i].start && start < end && end <= range[i].end && IS_ALIGNED(start, PAGE_SIZE)) {
			boot_reserve(start, end);
			return true;
		}
	return false;
}

init_fn paddr_t boot_try_alloc_below(u64 size, u64 align, paddr_t limit)
{
	size = ROUND_UP(size, PAGE_SIZE);
	align = max(align, (u64)PAGE_SIZE);
	for (unsigned int i = nr_ranges; i--; ) {
		paddr_t end = min(range[i].end, limit), start;

		if (end < size)
			continue;
		start = ROUND_DOWN(end - size, align);
		if (start < range[i].start || start + size > end)
			continue;
		boot_reserve(start, start + size);
		return start;
	}
	return 0;
}

init_fn paddr_t boot_alloc_below(u64 size, u64 align, paddr_t limit)
{
	paddr_t start = boot_try_alloc_below(size, align, limit);

	if (!start)
		panic("No %#lx bytes of memory below %#lx for the hypervisor's own tables", (unsigned long)size,
		      (unsigned long)limit);
	return start;
}

init_fn paddr_t boot_alloc_paddr(u64 size, u64 align)
{
	return boot_alloc_below(size, align, reach);
}

init_fn void *boot_alloc(u64 size, u64 align)
{
	void *p = paddr_to_virt(boot_alloc_paddr(size, align));

	return memset(p, 0, ROUND_UP(size, PAGE_SIZE));
}

init_fn void boot_set_reach(paddr_t end)
{
	reach = end;
}

init_fn void bootmem_to_heap(void)
{
	handed_over = true;
	for (unsigned int i = 0; i < nr_ranges; i++) {
		paddr_t start = range[i].start;

		while (start < range[i].end) {
			paddr_t end = min(range[i].end, numa_block_end(start));

			heap_add_range(paddr_to_mfn(start), (end - start) >> PAGE_SHIFT, paddr_to_node(start));
			start = end;
		}
	}
	nr_ranges = 0;
}

bool bootmem_done(void)
{
	return handed_over;
}
