/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The final page tables.  head.S's tables map 4 GiB flat and the image with one set of rights; here the
 * image gets its rights page by page, all memory its place in the direct map, and the machine-to-phys
 * and frame tables their memory.
 */
#include <hv/bootmem.h>
#include <hv/cpumask.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/page.h>
#include <public/xen.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>

#define MAX_CHUNKS ((DIRECTMAP_END - DIRECTMAP_START) >> (FRAME_CHUNK_SHIFT + PAGE_SHIFT))
#define M2P_INVALID 0xff		/* every byte of an entry without a pseudo-physical frame */
#define CHUNK_FRAMES (1UL << FRAME_CHUNK_SHIFT)
#define LARGE_SIZE (1UL << 21)
_Static_assert(CHUNK_FRAMES * sizeof(struct page_info) % LARGE_SIZE == 0, "chunks of the frame table are large pages");

u64 max_page read_mostly;
u64 m2p_frames read_mostly;
static mfn_t *m2p_chunks;		/* by chunk; INVALID_MFN: not backed */

bool frame_chunk_valid(mfn_t f)
{
	return f.m < m2p_frames && !mfn_eq(m2p_chunks[f.m >> FRAME_CHUNK_SHIFT], INVALID_MFN);
}

mfn_t m2p_chunk_mfn(u64 chunk)
{
	return chunk < m2p_frames >> FRAME_CHUNK_SHIFT ? m2p_chunks[chunk] : INVALID_MFN;
}

static init_fn void map(unsigned long va, paddr_t pa, u64 len, u64 flags)
{
	if (hv_map_pages(va, paddr_to_mfn(pa), len >> PAGE_SHIFT, flags, true))
		panic("No memory for the hypervisor's page tables");
}

static init_fn void map_image(const char *start, const char *end, u64 flags)
{
	if (hv_map_pages((unsigned long)start, paddr_to_mfn(image_to_paddr(start)),
			 (unsigned long)(end - start) >> PAGE_SHIFT, flags, false))
		panic("No memory for the hypervisor's page tables");
}

/* RAM and the firmware's tables; holes stay unmapped, so that no device is reachable by mistake. */
static init_fn void map_memory(const struct e820_map *m)
{
	map(DIRECTMAP_START, 0, 0x100000, PTE_HV_RW);
	for (u32 i = 0; i < m->nr; i++) {
		paddr_t start = ROUND_UP(m->e[i].addr, PAGE_SIZE);
		paddr_t end = ROUND_DOWN(m->e[i].addr + m->e[i].size, PAGE_SIZE);

		if (m->e[i].type != E820_RAM && m->e[i].type != E820_ACPI && m->e[i].type != E820_NVS)
			continue;
		if (m->e[i].type != E820_RAM) {
			start = ROUND_DOWN(m->e[i].addr, PAGE_SIZE);
			end = ROUND_UP(m->e[i].addr + m->e[i].size, PAGE_SIZE);
		}
		start = max(start, (paddr_t)0x100000);
		end = min(end, (paddr_t)(DIRECTMAP_END - DIRECTMAP_START));
		if (start >= end)
			continue;
		map((unsigned long)paddr_to_virt(start), start, end - start, PTE_HV_RW);
		if (m->e[i].type == E820_RAM)
			max_page = max(max_page, (u64)(end >> PAGE_SHIFT));
	}
}

static init_fn bool chunk_has_ram(const struct e820_map *m, u64 chunk)
{
	paddr_t start = chunk << (FRAME_CHUNK_SHIFT + PAGE_SHIFT);
	paddr_t end = start + (CHUNK_FRAMES << PAGE_SHIFT);

	for (u32 i = 0; i < m->nr; i++)
		if (m->e[i].type == E820_RAM && m->e[i].addr < end && m->e[i].addr + m->e[i].size > start)
			return true;
	return false;
}

#define LOW_MEMORY_END 0x100000ULL
/* Of the frame table where there is no RAM: the same few entries all over. */
#define HOLE_SIZE (3 * PAGE_SIZE)
_Static_assert(HOLE_SIZE % sizeof(struct page_info) == 0 && CHUNK_FRAMES * sizeof(struct page_info) % HOLE_SIZE == 0,
	       "holes are made of whole entries");
static init_fn void mark_holes(struct page_info *pg, u64 from, u64 to)
{
	for (; from < to; from++)
		pg[from] = (struct page_info){ .count_info = (u64)DOMID_INVALID << PGC_OWNER_SHIFT };
}

static init_fn void map_hole(unsigned long table, u64 size)
{
	static paddr_t hole init_data;

	if (!hole) {
		hole = boot_alloc_paddr(HOLE_SIZE, PAGE_SIZE);
		mark_holes(paddr_to_virt(hole), 0, HOLE_SIZE / sizeof(struct page_info));
	}
	for (u64 at = 0; at < size; at += HOLE_SIZE)
		map(table + at, hole, HOLE_SIZE, PTE_HV_RO);
}

/*
 * RAM's entries start as zeros, other frames' as owned by DOMID_INVALID, which is how mfn_valid knows them.
 * The first MiB counts as device memory, RAM or not: Domain 0's kernel looks there for what the firmware left.
 */
static init_fn void fill_frame_table(const struct e820_map *m, u64 chunk, struct page_info *pg)
{
	u64 first = chunk << FRAME_CHUNK_SHIFT, done = 0;

	for (u32 i = 0; i < m->nr; i++) {
		u64 start = max(ROUND_UP(m->e[i].addr, PAGE_SIZE), LOW_MEMORY_END) >> PAGE_SHIFT;
		u64 end = (m->e[i].addr + m->e[i].size) >> PAGE_SHIFT;

		start = max(start, first) - first;
		end = max(end, first) - first;
		end = min(end, CHUNK_FRAMES);
		if (m->e[i].type != E820_RAM || start >= end)
			continue;
		mark_holes(pg, done, start);
		memset(&pg[start], 0, (end - start) * sizeof(*pg));
		done = end;
	}
	mark_holes(pg, done, CHUNK_FRAMES);
}

/*
 * The ABI: guests read the M2P at M2P_RO_START; tools map its 2 MiB pieces by XENMEM_machphys_mfn_list.  Not
 * global there: a guest kernel that hides it from its users (m2p_strict) must not leave it in the TLB.
 */
static init_fn void build_frame_tables(const struct e820_map *m)
{
	u64 chunks = DIV_ROUND_UP(max_page, CHUNK_FRAMES);
	const u64 ft_size = CHUNK_FRAMES * sizeof(struct page_info);

	m2p_chunks = boot_alloc(chunks * sizeof(*m2p_chunks), PAGE_SIZE);
	m2p_frames = chunks * CHUNK_FRAMES;
	for (u64 c = 0; c < chunks; c++) {
		paddr_t pa;

		m2p_chunks[c] = INVALID_MFN;
		if (!chunk_has_ram(m, c)) {
			map_hole(FRAME_TABLE_START + c * ft_size, ft_size);
			continue;
		}
		pa = boot_alloc_paddr(LARGE_SIZE, LARGE_SIZE);
		memset(paddr_to_virt(pa), M2P_INVALID, LARGE_SIZE);
		m2p_chunks[c] = paddr_to_mfn(pa);
		map(M2P_RO_START + c * LARGE_SIZE, pa, LARGE_SIZE, PTE_P | PTE_U | PTE_A | PTE_NX);
		map(M2P_RW_START + c * LARGE_SIZE, pa, LARGE_SIZE, PTE_HV_RW);
		pa = boot_alloc_paddr(ft_size, LARGE_SIZE);
		fill_frame_table(m, c, paddr_to_virt(pa));
		map(FRAME_TABLE_START + c * ft_size, pa, ft_size, PTE_HV_RW);
	}
}

init_fn void pgtable_init(void)
{
	u64 *l4 = boot_alloc(PAGE_SIZE, PAGE_SIZE);

	/* Copied into every guest's root: a slot that is empty now would be missing there later. */
	for (unsigned int s = HV_FIRST_SLOT; s <= HV_LAST_SLOT; s++)
		l4[s] = make_pte(virt_to_mfn(boot_alloc(PAGE_SIZE, PAGE_SIZE)),
				 PTE_TABLE | (s == l4_index(M2P_RO_START) ? PTE_U : 0));
	set_hv_root(l4);
	map_image(image_start, text_start, PTE_HV_RO);
	map_image(text_start, text_end, PTE_HV_RX);
	map_image(rodata_start, rodata_end, PTE_HV_RO);
	map_image(data_start, data_end, PTE_HV_RW);
	map_image(init_start, init_text_end, PTE_HV_RX);
	map_image(init_text_end, init_end, PTE_HV_RW);
	map_image(bss_start, bss_end, PTE_HV_RW);
	map_memory(&boot_info.e820);
	write_cr3(virt_to_paddr(l4));
	boot_set_reach(DIRECTMAP_END - DIRECTMAP_START);
	build_frame_tables(&boot_info.e820);
}

init_fn void *directmap_ensure(paddr_t pa, u64 len)
{
	paddr_t end = ROUND_UP(pa + len, PAGE_SIZE);
	unsigned int level;

	if (end < pa || end > DIRECTMAP_END - DIRECTMAP_START)
		return NULL;
	for (paddr_t p = ROUND_DOWN(pa, PAGE_SIZE); p < end; p += PAGE_SIZE)
		if (!(hv_walk((unsigned long)paddr_to_virt(p), &level) & PTE_P))
			map((unsigned long)paddr_to_virt(p), p, PAGE_SIZE, PTE_HV_RW);
	return paddr_to_virt(pa);
}

/* Not init_fn: it unmaps those. */
static unsigned long free_image_part(const char *start, const char *end)
{
	unsigned long len = (unsigned long)(end - start);

	hv_unmap_pages((unsigned long)start, len >> PAGE_SHIFT);
	heap_add_range(paddr_to_mfn(image_to_paddr(start)), len >> PAGE_SHIFT, 0);
	return len;
}

/* Modules' strings were copied before. */
void free_init_memory(void)
{
	unsigned long len = free_image_part(init_start, init_end) + free_image_part(init_bss_start, init_bss_end);

	printk(LOG_INFO "%lu KiB of boot code and data are free again\n", len >> 10);
}
