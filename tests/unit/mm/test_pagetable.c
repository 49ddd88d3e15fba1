/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page typing under random attack: two domains write random entries into random frames, pin, unpin and change
 * tables, with validation and release preempted at every turn.  After each step all references are counted
 * again from what the tables hold: they must match to the last one, so a frame that is a table can have no
 * writable mapping.  In the end everything is given back and no frame is missing.
 */
#include <hv/rangeset.h>
#include <pv/mm.h>
#include <x86/current.h>
#include "../../../hypervisor/pv/pagetable.h"
#include "host_frames.h"

#define OWN		48U		/* frames of domain 0; domain 1 has a few for it to steal */
#define OTHER		8U
#define FRAMES		(OWN + OTHER)
#define PINS		64U
#ifndef STEPS
#define STEPS		60000U
#endif

/* <pthread.h> and the hypervisor's headers do not go together. */
int pthread_create(unsigned long *id, const void *attr, void *(*fn)(void *), void *arg);
int pthread_join(unsigned long id, void **ret);

static u64 l4_of_hv[512];
u64 *hv_l4 = l4_of_hv;
static struct page_info *page[FRAMES];
#define THREADS		4U
static struct vcpu vcpus[THREADS];
static struct page_info *pins[THREADS][PINS];
/* This thread's: its vCPU, its pins. */
static __thread struct vcpu *v = &vcpus[0];
static __thread struct page_info **pinned = pins[0];
static struct domain *const d0 = &host_domain[0], *const d1 = &host_domain[1];

void pv_ldt_mapping_gone(struct vcpu *w) { }
void pv_root_changed(const struct domain *d, mfn_t root) { }
int pv_validate_segdesc(struct page_info *pg) { return 0; }

/* What the random walk came by: it must not miss anything. */
static u64 seen_table[5], seen_partial[5], seen_linear, seen_writable, seen_changed[5];

static u64 random_entry(void)
{
	static const u64 flags[] = { PTE_W, PTE_U, PTE_A, PTE_D, PTE_NX, BIT64(52), BIT64(58), PTE_AVAIL };
	u64 e = host_random() % 8 ? PTE_P : 0, r = host_random();

	for (unsigned int i = 0; i < ARRAY_SIZE(flags); i++)
		if (r >> i & 1)
			e |= flags[i];
	if (r % 64 == 1)
		e |= PTE_PCD;
	if (r % 64 == 2)
		e |= PTE_PS;
	if (r % 64 == 3)
		e |= BIT64(50);
	if (r % 64 == 4)
		return e | (host_random() & PTE_ADDR);
	return e | page_to_mfn(page[host_random() % (r >> 20 & 31 ? OWN : FRAMES)]).m << PAGE_SHIFT;
}

static bool is_table(u64 x) { return (x & PGT_TYPE_MASK) >= PGT_L1 && (x & PGT_TYPE_MASK) <= PGT_L4; }

/* What the entries of all tables in use hold. */
static u64 exist[HOST_FRAMES], typed[HOST_FRAMES];

static void count_entry(u64 e, struct page_info *table, unsigned int level)
{
	u64 f = pte_mfn(e).m;

	if (!(e & PTE_P))
		return;
	if (level > 1 && f == page_to_mfn(table).m)
		return;
	CHECK(f < HOST_FRAMES);
	if (!mfn_valid(mfn(f)))
		return;
	exist[f]++;
	if (level > 1 || (e & PTE_W))
		typed[f]++;
	seen_writable += level == 1 && (e & PTE_W);
	if (level > 1) {
		u64 t = frame_table[f].type_info & PGT_TYPE_MASK;

		CHECK(page_owner_id(&frame_table[f]) == d0->id);
		CHECK(t == table_type(level - 1) || (t == table_type(level) && !(e & PTE_W)));
		seen_linear += t == table_type(level);
	}
}

static void count_table(struct page_info *pg)
{
	u64 x = pg->type_info, *p = page_to_virt(pg);
	unsigned int level = table_level(x), n = 512;

	seen_table[level]++;
	if (x & PGT_PARTIAL) {
		seen_partial[level]++;
		n = (unsigned int)((x & PGT_CURSOR_MASK) >> PGT_CURSOR_SHIFT);
		exist[page_to_mfn(pg).m]++;
		typed[page_to_mfn(pg).m]++;
	}
	for (unsigned int i = 0; i < n; i++)
		if (level != 4 || i < HV_FIRST_SLOT || i > HV_LAST_SLOT)
			count_entry(p[i], pg, level);
	if (level == 4 && !(x & PGT_PARTIAL))
		for (unsigned int i = HV_FIRST_SLOT; i <= HV_LAST_SLOT; i++)
			CHECK(p[i] == hv_l4[i]);
}

static void check_all(void)
{
	memset(exist, 0, sizeof(exist));
	memset(typed, 0, sizeof(typed));
	for (unsigned int i = 0; i < FRAMES; i++)
		if ((page[i]->type_info & PGT_COUNT_MASK) && is_table(page[i]->type_info))
			count_table(page[i]);
	for (unsigned int t = 0; t < THREADS; t++) {
		for (unsigned int i = 0; i < PINS; i++)
			if (pins[t][i]) {
				exist[page_to_mfn(pins[t][i]).m]++;
				typed[page_to_mfn(pins[t][i]).m]++;
			}
		if (vcpus[t].arch.pv.old_guest_table)
			exist[page_to_mfn(vcpus[t].arch.pv.old_guest_table).m]++;
	}
	for (unsigned int i = 0; i < FRAMES; i++) {
		u64 f = page_to_mfn(page[i]).m, x = page[i]->type_info;

		CHECK((page[i]->count_info & PGC_COUNT_MASK) == exist[f] + 1);
		CHECK((x & PGT_COUNT_MASK) == typed[f]);
		CHECK(!(x & PGT_COUNT_MASK) == !(x & (PGT_VALIDATED | PGT_PARTIAL)));
	}
}

static void drop_pin_slot(unsigned int i)
{
	struct page_info *pg = pinned[i];

	pinned[i] = NULL;
	if (put_page_type_preemptible(pg))
		pv_finish_later(v, pg);
	put_page(pg);
}

static void step_pin(void)
{
	unsigned int i = host_random() % PINS, level = 1 + host_random() % 4;
	struct page_info *pg = page[host_random() % FRAMES];
	int rc;

	if (pinned[i]) {
		drop_pin_slot(i);
		return;
	}
	do {
		rc = get_page_and_type_preemptible(pg, d0, table_type(level));
		if (rc == -ERESTART && host_threads == 1)
			check_all();
	} while (rc == -ERESTART && host_random() % 8);
	if (!rc)
		pinned[i] = pg;
	else if (rc != -ERESTART && (pg->type_info & PGT_PARTIAL))
		pv_finish_later(v, pg);
}

/* The guest fills a data page, which may become a table later. */
static void step_scribble(void)
{
	struct page_info *pg = page[host_random() % OWN];
	u64 *p = page_to_virt(pg);

	if (!get_page(pg, d0))
		return;
	if (get_page_type(pg, PGT_WRITABLE)) {
		put_page(pg);
		return;
	}
	if (host_random() % 3 == 0)
		memset(p, 0, PAGE_SIZE);
	for (unsigned int n = host_random() % 6; n; n--)
		p[host_random() % 512] = random_entry();
	put_page_and_type(pg);
}

static void step_write_entry(void)
{
	struct page_info *pg = page[host_random() % OWN];
	u64 x = pg->type_info, *p = (u64 *)page_to_virt(pg) + host_random() % 512, e = random_entry();
	int rc;

	if (!is_table(x) || !(x & PGT_COUNT_MASK) || !get_page(pg, d0))
		return;
	rc = get_page_type_preemptible(pg, x & PGT_TYPE_MASK);
	if (!rc) {
		if (table_level(x) == 1)
			rc = pv_mod_l1e(p, READ_ONCE(*p), e, d0, host_random() % 16 ? d0 : d1, PTE_KEEP_AD);
		else
			rc = pv_mod_table_entry(p, e, pg, table_level(x), v, PTE_REPLACE);
		seen_changed[table_level(x)] += !rc;
		if (put_page_type_preemptible(pg))
			pv_finish_later(v, pg);
	}
	put_page(pg);
}

static void step(void)
{
	switch (host_random() % 8) {
	case 0: case 1:
		step_pin();
		break;
	case 2: case 3:
		step_scribble();
		break;
	case 4:
		(void)!pv_finish_pending(v);
		break;
	default:
		step_write_entry();
	}
}

static void everything_back(u64 before)
{
	bool again;

	for (unsigned int t = 0; t < THREADS; t++) {
		v = &vcpus[t];
		pinned = pins[t];
		for (unsigned int i = 0; i < PINS; i++)
			if (pinned[i])
				drop_pin_slot(i);
		while (pv_finish_pending(v) == -ERESTART)
			;
	}
	v = &vcpus[0];
	pinned = pins[0];
	do {
		again = false;
		for (unsigned int i = 0; i < FRAMES; i++)
			again |= page_finish_partial(page[i]) != 0;
	} while (again);
	for (unsigned int i = 0; i < FRAMES; i++)
		CHECK(!(page[i]->type_info & PGT_COUNT_MASK));
	for (unsigned int i = 0; i < FRAMES; i++)
		page_drop_allocated(page[i]);
	CHECK(heap_free_pages() == before && d0->tot_pages == 0 && d1->tot_pages == 0);
}

static void make_pages(unsigned int every)
{
	host_preempt_every = every;
	for (unsigned int i = 0; i < FRAMES; i++) {
		page[i] = alloc_domheap_pages(i < OWN ? d0 : d1, 0, 0);
		CHECK(page[i]);
	}
}

static void *attacker(void *arg)
{
	unsigned int t = (unsigned int)(unsigned long)arg;

	v = &vcpus[t];
	pinned = pins[t];
	host_seed += host_seed * 77 * (t + 1);
	for (unsigned int i = 0; i < STEPS; i++)
		step();
	return NULL;
}

/* All vCPUs at once: only when they rest can anything be counted. */
static void run_together(unsigned int every)
{
	u64 before = heap_free_pages();
	unsigned long id[THREADS];

	make_pages(every);
	host_threads = THREADS;
	for (unsigned long t = 0; t < THREADS; t++)
		CHECK(!pthread_create(&id[t], 0, attacker, (void *)t));
	for (unsigned int t = 0; t < THREADS; t++)
		CHECK(!pthread_join(id[t], 0));
	host_threads = 1;
	check_all();
	everything_back(before);
}

static void run(unsigned int every)
{
	u64 before = heap_free_pages();

	make_pages(every);
	for (unsigned int i = 0; i < STEPS; i++) {
		step();
		if (i % 8 == 0)
			check_all();
	}
	check_all();
	everything_back(before);
}

/* A proper tree, so that deep tables are surely met, and the exact errors. */
static void test_tree(void)
{
	struct page_info *t[6];
	u64 before = heap_free_pages(), *p[6];

	for (unsigned int i = 0; i < 6; i++) {
		t[i] = alloc_domheap_pages(d0, 0, 0);
		p[i] = page_to_virt(t[i]);
	}
#define ENTRY(i, flags) (page_to_mfn(t[i]).m << PAGE_SHIFT | PTE_P | (flags))
	p[4][0] = ENTRY(3, PTE_W);
	p[3][5] = ENTRY(2, PTE_W);
	p[2][6] = ENTRY(1, PTE_W);
	p[1][7] = ENTRY(0, PTE_W);
	p[1][8] = ENTRY(4, 0);
	p[4][300] = ENTRY(4, 0);			/* linear, to itself */
	p[4][256] = 0x1234567;				/* ours, whatever it says */
	host_preempt_every = 0;
	CHECK(get_page_and_type_preemptible(t[4], d0, PGT_L4) == 0);
	CHECK((p[1][7] & (PTE_U | PTE_GUEST_KERNEL | PTE_G)) == (PTE_U | PTE_GUEST_KERNEL));
	for (unsigned int i = 1; i < 5; i++) {
		CHECK(t[i]->type_info >> 60 == i && (t[i]->type_info & PGT_VALIDATED));
		CHECK(get_page_type(t[i], PGT_WRITABLE) == -EINVAL);
		CHECK(pv_mod_l1e(&p[1][9], p[1][9], ENTRY(i, PTE_W), d0, d0, PTE_REPLACE) == -EBUSY);
	}
	CHECK(get_page_type_preemptible(t[0], PGT_L1) == -EINVAL);	/* mapped writable */
	CHECK(pv_mod_l1e(&p[1][7], p[1][7], ENTRY(0, 0), d0, d0, PTE_REPLACE) == 0);
	CHECK(get_page_type_preemptible(t[0], PGT_L1) == 0);
	CHECK(pv_mod_l1e(&p[1][7], p[1][7], ENTRY(0, PTE_W), d0, d0, PTE_REPLACE) == -EBUSY);
	put_page_type(t[0]);
	CHECK(pv_mod_table_entry(&p[4][256], 0, t[4], 4, v, PTE_REPLACE) == -EINVAL);
	CHECK(pv_mod_table_entry(&p[4][1], ENTRY(4, PTE_W), t[4], 4, v, PTE_REPLACE) == -EINVAL);
	CHECK(pv_mod_table_entry(&p[2][1], ENTRY(1, PTE_PS), t[2], 2, v, PTE_REPLACE) == -EINVAL);
	CHECK(put_page_and_type_preemptible(t[4]) == 0);
	for (unsigned int i = 0; i < 6; i++) {
		CHECK(!(t[i]->type_info & PGT_COUNT_MASK));
		page_drop_allocated(t[i]);
	}
	CHECK(heap_free_pages() == before);
}

/*
 * One entry that vCPUs map, unmap and make writable at once, while another takes the page away whenever
 * nobody holds it: a page that is taken has no type in use (the core asserts it).
 */
static struct { struct page_info *table, *pg; bool over; } race;

static void *race_for_entry(void *arg)
{
	u64 *p = (u64 *)page_to_virt(race.table) + 3, e = page_to_mfn(race.pg).m << PAGE_SHIFT | PTE_P;

	host_seed += host_seed * 77 * (unsigned long)arg;
	while (!READ_ONCE(race.over)) {
		u64 old = READ_ONCE(*p), r = host_random();

		(void)!pv_mod_l1e(p, old, r & 3 ? old & PTE_P ? old ^ PTE_W : e | PTE_W : 0, d0, d0, PTE_EXACT);
	}
	return NULL;
}

static void *race_for_page(void *arg)
{
	unsigned int taken = 0, held = 0;

	/* Until both have been seen often: a busy machine may let the others wait. */
	while (taken < 10 * STEPS || held < 10 * STEPS) {
		struct page_info *pg = page_take_counted(d0, page_to_mfn(race.pg));

		if (pg)
			CHECK(page_give_counted(d0, pg, 0));
		taken += !!pg;
		held += !pg;
	}
	WRITE_ONCE(race.over, true);
	return NULL;
}

static void test_entry_race(void)
{
	u64 before = heap_free_pages();
	unsigned long id[THREADS];
	u64 *p;

	race.table = alloc_domheap_pages(d0, 0, 0);
	race.pg = alloc_domheap_pages(d0, 0, 0);
	CHECK(get_page_type(race.table, PGT_L1) == 0);
	host_threads = THREADS;
	for (unsigned long t = 0; t < THREADS; t++)
		CHECK(!pthread_create(&id[t], 0, t ? race_for_entry : race_for_page, (void *)t));
	for (unsigned int t = 0; t < THREADS; t++)
		CHECK(!pthread_join(id[t], 0));
	host_threads = 1;
	p = (u64 *)page_to_virt(race.table) + 3;
	CHECK(pv_mod_l1e(p, *p, 0, d0, d0, PTE_EXACT) == 0);
	CHECK(!(race.pg->type_info & PGT_COUNT_MASK) && (race.pg->count_info & PGC_COUNT_MASK) == 1);
	put_page_type(race.table);
	page_drop_allocated(race.table);
	page_drop_allocated(race.pg);
	CHECK(heap_free_pages() == before);
}

/* A page whose exchange was undone may be in TLBs, writable: it must not become a table without a flush. */
static void test_flush_before_table(void)
{
	struct page_info *pg = alloc_domheap_pages(d0, 0, 0);
	u64 flushes;

	cpumask_set_cpu(0, &d0->dirty_cpus);
	CHECK(get_page_type(pg, PGT_WRITABLE) == 0);
	put_page_type(pg);
	CHECK(page_take_counted(d0, page_to_mfn(pg)) == pg && page_give_counted(d0, pg, 0));
	flushes = host_flushes;
	CHECK(get_page_type(pg, PGT_L1) == 0 && host_flushes == flushes + 1);
	put_page_type(pg);
	cpumask_clear(&d0->dirty_cpus);
	page_drop_allocated(pg);
}

/* What a domain with devices wrote behind the caches is what we look at before it becomes a table. */
static void test_uncached_page(void)
{
	struct page_info *table = alloc_domheap_pages(d0, 0, 0), *pg = alloc_domheap_pages(d0, 0, 0);
	u64 *p = page_to_virt(table), e = page_to_mfn(pg).m << PAGE_SHIFT | PTE_P | PTE_W | PTE_UC;

	CHECK(get_page_type(table, PGT_L1) == 0);
	CHECK(pv_mod_l1e(p, 0, e, d0, d0, PTE_EXACT) == -EINVAL);
	d0->iomem_caps = rangeset_new("io");
	CHECK(d0->iomem_caps && rangeset_add_range(d0->iomem_caps, 0xa0, 0xa0) == 0);
	for (unsigned int i = 0; i < 2; i++) {
		u64 flushes = host_cache_flushes;

		CHECK(pv_mod_l1e(p, *p, e, d0, d0, PTE_EXACT) == 0);
		CHECK(pv_mod_l1e(p, *p, 0, d0, d0, PTE_EXACT) == 0);
		if (i)		/* by way of an exchange that is undone */
			CHECK(page_take_counted(d0, page_to_mfn(pg)) == pg && page_give_counted(d0, pg, 0));
		CHECK(host_cache_flushes == flushes);
		CHECK(get_page_type(pg, PGT_L1) == 0 && host_cache_flushes == flushes + 1);
		put_page_type(pg);
		CHECK(get_page_type(pg, PGT_WRITABLE) == 0 && host_cache_flushes == flushes + 1);
		put_page_type(pg);
	}
	rangeset_free(d0->iomem_caps);
	d0->iomem_caps = NULL;
	put_page_type(table);
	page_drop_allocated(table);
	page_drop_allocated(pg);
}

int main(void)
{
	static const unsigned int every[] = { 0, 1, 2, 3, 7 };

	pte_reserved = GENMASK(51, 46);
	for (unsigned int i = HV_FIRST_SLOT; i <= HV_LAST_SLOT; i++)
		l4_of_hv[i] = 0xabc000ULL + i;
	host_frames_init();
	host_heap_init();
	for (unsigned int t = 0; t < THREADS; t++)
		vcpus[t].domain = d0;
	test_tree();
	test_flush_before_table();
	test_uncached_page();
	host_quiet = true;		/* refusals are what this is about */
	for (unsigned int i = 0; i < ARRAY_SIZE(every); i++)
		run(every[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(every); i++)
		run_together(every[i]);
	test_entry_race();
	host_quiet = false;
	for (unsigned int l = 1; l <= 4; l++) {
		printk("level %u: %llu tables, %llu partial, %llu changes\n", l, (unsigned long long)seen_table[l],
		       (unsigned long long)seen_partial[l], (unsigned long long)seen_changed[l]);
		CHECK(seen_table[l] > 1000 && seen_changed[l] > 100 && (l == 1 || seen_partial[l] > 100));
	}
	printk("%llu linear, %llu writable\n", (unsigned long long)seen_linear, (unsigned long long)seen_writable);
	CHECK(seen_linear > 100 && seen_writable > 1000);
	printk("page tables: ok\n");
	return 0;
}
