/* SPDX-License-Identifier: GPL-2.0-only */
/* The vmap area: a sorted list of mapped ranges, first fit, an unmapped guard page behind each. */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/list.h>
#include <hv/spinlock.h>
#include <x86/flushtlb.h>
#include <x86/layout.h>
#include <x86/pgtable.h>

struct vm_area { struct list link; unsigned long start; u64 pages; };

static struct list areas = LIST_INIT(areas);		/* by address; area_lock */
static spinlock_t area_lock = SPINLOCK_INIT(LOCK_LEAF);

static struct vm_area *area_alloc(u64 pages)
{
	struct vm_area *a = hv_new(struct vm_area), *b;
	unsigned long at = VMAP_START;
	struct list *before = &areas;

	if (!a)
		return NULL;
	spin_lock(&area_lock);
	list_for_each(b, &areas, link) {
		if (b->start - at >= (pages + 1) << PAGE_SHIFT)
			break;
		at = b->start + ((b->pages + 1) << PAGE_SHIFT);
		before = &b->link;
	}
	if (VMAP_END - at < (pages + 1) << PAGE_SHIFT) {
		spin_unlock(&area_lock);
		hv_free(a);
		return NULL;
	}
	a->start = at;
	a->pages = pages;
	list_add(before, &a->link);
	spin_unlock(&area_lock);
	return a;
}

static void area_free(struct vm_area *a)
{
	hv_unmap_pages(a->start, a->pages);
	flush_tlb_all();		/* before anybody gets the addresses again */
	spin_lock(&area_lock);
	list_del(&a->link);
	spin_unlock(&area_lock);
	hv_free(a);
}

static struct vm_area *area_find(unsigned long va)
{
	struct vm_area *a;

	spin_lock(&area_lock);
	list_for_each(a, &areas, link)
		if (a->start == (va & PAGE_MASK))
			break;
	spin_unlock(&area_lock);
	return &a->link == &areas ? NULL : a;
}

void *vmap(const mfn_t *frames, unsigned int nr)
{
	struct vm_area *a = nr ? area_alloc(nr) : NULL;

	if (!a)
		return NULL;
	for (unsigned int i = 0; i < nr; i++)
		if (hv_map_pages(a->start + ((unsigned long)i << PAGE_SHIFT), frames[i], 1, PTE_HV_RW, false)) {
			area_free(a);
			return NULL;
		}
	return (void *)a->start;
}

void vunmap(void *v)
{
	struct vm_area *a = v ? area_find((unsigned long)v) : NULL;

	ASSERT_CHEAP(!v || a);
	if (a)
		area_free(a);
}

static void *map_device(paddr_t pa, size_t len, u64 flags)
{
	unsigned long off = pa & ~PAGE_MASK;
	u64 pages = (off + len + PAGE_SIZE - 1) >> PAGE_SHIFT;
	struct vm_area *a = len ? area_alloc(pages) : NULL;

	if (!a)
		return NULL;
	if (hv_map_pages(a->start, paddr_to_mfn(pa), pages, flags, false)) {
		area_free(a);
		return NULL;
	}
	return (void *)(a->start + off);
}

void *ioremap(paddr_t pa, size_t len) { return map_device(pa, len, PTE_HV_RW | PTE_UC); }
void iounmap(void *v) { vunmap(v); }
