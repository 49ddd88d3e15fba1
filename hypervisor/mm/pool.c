/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small objects.  A slab is one page cut into objects of one size; what there is to know about it fits the
 * type count of its page_info, which hypervisor memory does not use otherwise:
 *   31 large   30 slab   28..24 size class   17..9 objects in use   8..0 first free object (NO_OBJECT: full)
 * A free object's first two bytes name the next.  Slabs with room are linked by next and prev.  Larger
 * requests get whole pages, with the number of them in the same place.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/page.h>
#include <hv/spinlock.h>

#define POOL_LARGE	BIT64(31)
#define POOL_SLAB	BIT64(30)
#define CLASS_SHIFT	24
#define USED_SHIFT	9
#define USED_ONE	BIT64(USED_SHIFT)
#define FIRST_MASK	GENMASK(8, 0)
#define NO_OBJECT	0x1ffU
#define LARGE_MASK	GENMASK(29, 0)

/* Multiples of 64 from 64 up, so that alignment follows from the slab's. */
static const u16 class_size[] = { 16, 32, 48, 64, 128, 192, 256, 320, 448, 576, 768, 1024, 1344, 2048 };
static struct page_list slabs[ARRAY_SIZE(class_size)];	/* pool_lock; count 0 also means not yet set up */
static spinlock_t pool_lock = SPINLOCK_INIT(LOCK_LEAF);

static unsigned int class_of(size_t size)
{
	unsigned int c = 0;

	while (class_size[c] < size)
		c++;
	return c;
}

static u16 *object(struct page_info *pg, unsigned int c, u64 n)
{
	return (u16 *)((char *)page_to_virt(pg) + n * class_size[c]);
}

static void set_state(struct page_info *pg, u64 st)
{
	pg->type_info = (pg->type_info & PGT_STAMP_MASK) | st;
}

static bool in_use(const struct page_info *pg)
{
	return pg->type_info & GENMASK(17, USED_SHIFT);
}

static void list_slab(unsigned int c, struct page_info *pg)
{
	if (!slabs[c].count)
		page_list_init(&slabs[c]);
	page_list_add_tail(&slabs[c], pg);
}

static struct page_info *new_slab(unsigned int c)
{
	void *v = alloc_hv_pages(0, 0);
	unsigned int nr = PAGE_SIZE / class_size[c];
	struct page_info *pg;

	if (!v)
		return NULL;
	pg = virt_to_page(v);
	for (unsigned int i = 0; i < nr; i++)
		*object(pg, c, i) = (u16)(i + 1 < nr ? i + 1 : NO_OBJECT);
	set_state(pg, POOL_SLAB | (u64)c << CLASS_SHIFT);
	return pg;
}

static void *take_object(unsigned int c)
{
	struct page_info *pg, *fresh = NULL;
	u64 st, first;

	spin_lock(&pool_lock);
	if (!slabs[c].count) {
		spin_unlock(&pool_lock);	/* the heap's lock comes before ours */
		fresh = new_slab(c);
		if (!fresh)
			return NULL;
		spin_lock(&pool_lock);
		list_slab(c, fresh);
	}
	pg = page_list_first(&slabs[c]);
	st = pg->type_info & PGT_COUNT_MASK;
	first = st & FIRST_MASK;
	st = (st & ~FIRST_MASK) + USED_ONE + (*object(pg, c, first) & FIRST_MASK);
	set_state(pg, st);
	if ((st & FIRST_MASK) == NO_OBJECT)
		page_list_del(&slabs[c], pg);
	spin_unlock(&pool_lock);
	return object(pg, c, first);
}

static void *take_pages(size_t size)
{
	u64 nr = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned int order = order_from_bytes(size);
	char *v = alloc_hv_pages(order, 0);

	if (!v)
		return NULL;
	for (u64 i = nr; i < 1ULL << order; i++)
		free_hv_page(v + (i << PAGE_SHIFT));
	set_state(virt_to_page(v), POOL_LARGE | nr);
	return v;
}

void *hv_zalloc(size_t size)
{
	void *p;

	if (!size || size >> PAGE_SHIFT > LARGE_MASK / 2 || alloc_fails())
		return NULL;
	p = size <= class_size[ARRAY_SIZE(class_size) - 1] ? take_object(class_of(size)) : take_pages(size);
	if (p)
		memset(p, 0, size);
	return p;
}

void *hv_zalloc_array(size_t size, size_t n)
{
	size_t bytes;

	return __builtin_mul_overflow(size, n, &bytes) ? NULL : hv_zalloc(bytes);
}

static void put_object(struct page_info *pg, void *p)
{
	u64 st = pg->type_info & PGT_COUNT_MASK, n;
	unsigned int c = (st & ~POOL_SLAB) >> CLASS_SHIFT;
	struct page_info *spare = NULL;

	n = ((unsigned long)p & ~PAGE_MASK) / class_size[c];
	ASSERT_CHEAP((void *)object(pg, c, n) == p);
	spin_lock(&pool_lock);
	st = pg->type_info & PGT_COUNT_MASK;
	ASSERT_CHEAP(st & GENMASK(17, USED_SHIFT));
	*object(pg, c, n) = (u16)(st & FIRST_MASK);
	if ((st & FIRST_MASK) == NO_OBJECT)
		list_slab(c, pg);
	st = (st & ~FIRST_MASK) - USED_ONE + n;
	set_state(pg, st);
	/*
	 * An empty slab stays, against ping-pong, only while no other has room: what the pool holds then follows from
	 * the objects that live, not from the order in which others died.
	 */
	if (slabs[c].count > 1) {
		spare = in_use(pg) ? page_list_first(&slabs[c]) : pg;
		spare = in_use(spare) ? NULL : spare;
	}
	if (spare)
		page_list_del(&slabs[c], spare);
	spin_unlock(&pool_lock);
	if (spare)
		free_hv_page(page_to_virt(spare));
}

void hv_free(void *p)
{
	struct page_info *pg;
	u64 nr;

	if (!p)
		return;
	pg = virt_to_page(p);
	if (pg->type_info & POOL_SLAB) {
		put_object(pg, p);
		return;
	}
	ASSERT_CHEAP((pg->type_info & POOL_LARGE) && IS_ALIGNED((unsigned long)p, PAGE_SIZE));
	nr = pg->type_info & LARGE_MASK;
	for (u64 i = 0; i < nr; i++)
		free_hv_page((char *)p + (i << PAGE_SHIFT));
}
