/* SPDX-License-Identifier: GPL-2.0-only */
/* Ticket locks, and in debug builds the check of the lock order (hv/spinlock.h). */
#include <hv/atomic.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/spinlock.h>
#include <x86/current.h>
#include <x86/processor.h>

#define MAX_HELD 16

/* Classes of the locks this CPU holds, innermost last; those of an interrupted context lie below base. */
struct held { u8 n, base, class[MAX_HELD]; };
static DEFINE_PER_CPU(struct held, held);
static bool debug_off;

void spin_debug_disable(void)
{
	debug_off = true;
}

static void check_order(const spinlock_t *l, bool nested)
{
	struct held *h = &this_cpu(held);

	if (l->owner == smp_processor_id() + 1)
		panic("Lock %p (class %u) taken again by its holder", (const void *)l, l->class);
	if (!l->class)
		return;
	for (unsigned int i = h->base; i < h->n; i++)
		if (h->class[i] > l->class || (h->class[i] == l->class && !nested))
			panic("Lock order: class %u taken while %u is held", l->class, h->class[i]);
}

static void note_taken(spinlock_t *l)
{
	struct held *h = &this_cpu(held);

	l->owner = (u16)(smp_processor_id() + 1);
	ASSERT_CHEAP(h->n < MAX_HELD);
	h->class[h->n++] = l->class;
}

static maybe_unused void note_released(spinlock_t *l)
{
	struct held *h = &this_cpu(held);

	if (l->owner != smp_processor_id() + 1)
		panic("Lock %p (class %u) released by CPU%u, but held by %d", (void *)l, l->class,
		      smp_processor_id(), l->owner - 1);
	l->owner = 0;
	for (unsigned int i = h->n; i-- > h->base; ) {
		if (h->class[i] != l->class)
			continue;
		memmove(&h->class[i], &h->class[i + 1], --h->n - i);
		return;
	}
}

#define CHECKING (IS_ENABLED(HV_DEBUG) && !debug_off)

void spin_wait(const spinlock_t *l, u16 ticket);
void spin_wait(const spinlock_t *l, u16 ticket)
{
	while (READ_ONCE(l->head) != ticket)
		cpu_relax();
	barrier();
}

static always_inline void lock_raw(spinlock_t *l)
{
	spin_wait(l, (u16)(__atomic_fetch_add(&l->both, 0x10000, __ATOMIC_ACQUIRE) >> 16));
}

#ifdef HV_DEBUG
void spin_lock(spinlock_t *l)
{
	if (CHECKING)
		check_order(l, false);
	lock_raw(l);
	if (CHECKING)
		note_taken(l);
}

void spin_unlock(spinlock_t *l)
{
	if (CHECKING)
		note_released(l);
	barrier();
	WRITE_ONCE(l->head, (u16)(l->head + 1));
}
#endif

void spin_lock_nested(spinlock_t *l)
{
	if (CHECKING)
		check_order(l, true);
	lock_raw(l);
	if (CHECKING)
		note_taken(l);
}

bool spin_trylock(spinlock_t *l)
{
	u32 old = READ_ONCE(l->both);

	/* Out of order it may be tried: it cannot wait. */
	if ((u16)old != (u16)(old >> 16) || cmpxchg(&l->both, old, old + 0x10000) != old)
		return false;
	if (CHECKING)
		note_taken(l);
	return true;
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = local_irq_save();

	spin_lock(l);
	return flags;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	local_irq_restore(flags);
}

/* An interrupt's locks are ordered among themselves, not after those of the code it interrupted. */
unsigned int spin_debug_enter_irq(void)
{
	struct held *h = &this_cpu(held);
	unsigned int base = h->base;

	h->base = h->n;
	return base;
}

void spin_debug_leave_irq(unsigned int base)
{
	struct held *h = &this_cpu(held);

	ASSERT(debug_off || h->n == h->base);
	h->base = (u8)base;
}

/* cnts: readers; bit 31: a writer holds or waits for wlock. */
#define RW_WRITER 0x80000000U

void read_lock(rwlock_t *l)
{
	while (atomic_add_return(&l->cnts, 1) & RW_WRITER) {
		atomic_dec(&l->cnts);
		while (READ_ONCE(l->cnts) & RW_WRITER)
			cpu_relax();
	}
}

void read_unlock(rwlock_t *l)
{
	atomic_dec(&l->cnts);
}

void write_lock(rwlock_t *l)
{
	spin_lock(&l->wlock);
	atomic_fetch_or(&l->cnts, RW_WRITER);
	while (READ_ONCE(l->cnts) != RW_WRITER)
		cpu_relax();
}

void write_unlock(rwlock_t *l)
{
	atomic_fetch_and(&l->cnts, ~RW_WRITER);
	spin_unlock(&l->wlock);
}
