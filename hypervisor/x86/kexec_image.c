/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What starts another kernel: a page of code (x86/kexec_jump.S) and page tables that map the image's memory, that page
 * and what is still to be copied at their machine addresses.  An image's own frames never lie where it will be: one
 * that the heap gives there is set aside until all are found.
 */
#include <hv/elf.h>
#include <hv/heap.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/page.h>
#include <x86/kexec_jump.h>
#include <x86/layout.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/sections.h>

#define LARGE_SIZE (1UL << 21)
#define MAP_FLAGS (PTE_P | PTE_W | PTE_A | PTE_D)

struct kexec_image {
	struct kexec_plan plan;
	struct page_list pages, aside;
	u64 *root;
	char *control;
	struct kexec_copies *copies;	/* the last page of the list */
};

static bool is_destination(const struct kexec_plan *p, paddr_t pa)
{
	for (u32 i = 0; i < p->nr; i++)
		if (pa >= p->segment[i].dest && pa - p->segment[i].dest < p->segment[i].size)
			return true;
	return false;
}

static void *new_page(struct kexec_image *m, unsigned int memflags)
{
	for (;;) {
		void *v = alloc_hv_pages(0, memflags);
		bool bad = v && is_destination(&m->plan, virt_to_paddr(v));

		if (!v)
			return NULL;
		page_list_add_tail(bad ? &m->aside : &m->pages, virt_to_page(v));
		if (!bad) {
			clear_page(v);
			return v;
		}
	}
}

static void free_list(struct page_list *l)
{
	struct page_info *pg;

	while ((pg = page_list_first(l)) != NULL) {
		page_list_del(l, pg);
		free_hv_page(page_to_virt(pg));
	}
}

/* ---- page tables ---- */

static u64 *table_below(struct kexec_image *m, u64 *e)
{
	if (!*e) {
		void *t = new_page(m, 0);

		if (!t)
			return NULL;
		*e = make_pte(virt_to_mfn(t), MAP_FLAGS);
	}
	return mfn_to_virt(pte_mfn(*e));
}

/* Bytes mapped, 0 for want of memory. What a large page covers already is mapped at the same place. */
static u64 map_one(struct kexec_image *m, unsigned long va, paddr_t pa, u64 size)
{
	u64 *t3 = table_below(m, &m->root[l4_index(va)]), *t2, *t1, *e;

	t2 = t3 ? table_below(m, &t3[l3_index(va)]) : NULL;
	if (!t2)
		return 0;
	e = &t2[l2_index(va)];
	if (!*e && IS_ALIGNED(va | pa, LARGE_SIZE) && size >= LARGE_SIZE)
		*e = pa | MAP_FLAGS | PTE_PS;
	if (*e & PTE_PS)
		return LARGE_SIZE - (va & (LARGE_SIZE - 1));
	t1 = table_below(m, e);
	if (!t1)
		return 0;
	t1[l1_index(va)] = pa | MAP_FLAGS;
	return PAGE_SIZE;
}

static bool map(struct kexec_image *m, unsigned long va, paddr_t pa, u64 size)
{
	while (size) {
		u64 done = map_one(m, va, pa, size);

		if (!done)
			return false;
		done = min(done, size);
		va += done;
		pa += done;
		size -= done;
	}
	return true;
}

static bool map_identity(struct kexec_image *m, const void *page)
{
	paddr_t pa = virt_to_paddr(page);

	return map(m, pa, pa, PAGE_SIZE);
}

/* ---- what is to be copied when it starts ---- */

static bool add_copy(struct kexec_image *m, paddr_t to, paddr_t from)
{
	struct kexec_copies *c = m->copies;

	if (!c || c->nr == ARRAY_SIZE(c->copy)) {
		c = new_page(m, 0);
		if (!c || !map_identity(m, c))
			return false;
		if (m->copies)
			m->copies->next = virt_to_paddr(c);
		else
			kexec_control_of(m->control)->copies = virt_to_paddr(c);
		m->copies = c;
	}
	c->copy[c->nr].to = to;
	c->copy[c->nr++].from = from;
	return true;
}

void *kexec_image_page(struct kexec_image *m, paddr_t dest)
{
	void *page;

	if (m->plan.type == KEXEC_TYPE_CRASH)
		return paddr_to_virt(dest);
	page = new_page(m, 0);
	return page && map_identity(m, page) && add_copy(m, dest, virt_to_paddr(page)) ? page : NULL;
}

bool kexec_image_clear(struct kexec_image *m, paddr_t dest)
{
	if (m->plan.type != KEXEC_TYPE_CRASH)
		return add_copy(m, dest, 0);
	clear_page(paddr_to_virt(dest));
	return true;
}

/* ---- an image's life ---- */

static bool make_control(struct kexec_image *m)
{
	struct kexec_control *c;
	unsigned long enter = (unsigned long)kexec_enter & PAGE_MASK;

	/* Where 32-bit code can run. */
	m->control = new_page(m, MEMF_BITS(32));
	if (!m->control)
		return false;
	memcpy(m->control, kexec_code_start, (size_t)(kexec_code_end - kexec_code_start));
	c = kexec_control_of(m->control);
	c->entry = m->plan.entry;
	c->mode32 = m->plan.arch == EM_386;
	/* The switch to these tables is done by the hypervisor's own text, which so must be in them. */
	return map_identity(m, m->control) && map(m, enter, image_to_paddr((void *)enter), PAGE_SIZE);
}

struct kexec_image *kexec_image_new(const struct kexec_plan *p)
{
	struct kexec_image *m = hv_new(struct kexec_image);

	if (!m)
		return NULL;
	m->plan = *p;
	page_list_init(&m->pages);
	page_list_init(&m->aside);
	m->root = new_page(m, 0);
	if (!m->root || !make_control(m))
		goto no_memory;
	for (u32 i = 0; i < p->nr; i++)
		if (!map(m, p->segment[i].dest, p->segment[i].dest, p->segment[i].size))
			goto no_memory;
	return m;
no_memory:
	kexec_image_free(m);
	return NULL;
}

void kexec_image_complete(struct kexec_image *m)
{
	free_list(&m->aside);
}

void kexec_image_free(struct kexec_image *m)
{
	free_list(&m->aside);
	free_list(&m->pages);
	hv_free(m);
}

noreturn_fn void kexec_image_start(const struct kexec_image *m)
{
	/* No global pages, no PCIDs: nothing of the old address space is to be met again. */
	write_cr4(X86_CR4_PAE);
	kexec_enter(virt_to_paddr(m->root), virt_to_paddr(m->control));
}
