/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ticket spinlocks and the one documented lock order.
 *
 * Every lock has a class; a CPU may take a lock only of a class greater than
 * all that it holds (two of one class: by a documented rule, lower address or
 * lower domid first, with spin_lock_nested).  Debug builds check it.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include <hv/compiler.h>
#include <hv/types.h>

enum lock_class {
	LOCK_NONE,		/* not checked (boot, panic) */
	LOCK_DOMCTL,		/* serialises domctl, sysctl */
	LOCK_CPUPOOL,		/* which CPUs and domains are in which pool */
	LOCK_DOMAIN_LIST,	/* creation and removal of domains */
	LOCK_DOMAIN,		/* one domain's slow state: creation, shutdown, vcpu hotplug */
	LOCK_GRANT,		/* one grant table */
	LOCK_EVTCHN,		/* one domain's event channel table */
	LOCK_PAGE,		/* one page-table page under validation (also a spin bit in page_info) */
	LOCK_PAGE_ALLOC,	/* one domain's page lists and accounting */
	LOCK_PORT,		/* one event channel, one maptrack entry */
	LOCK_IRQ,		/* one irq descriptor (irqsave) */
	LOCK_SCHED,		/* one run queue (irqsave) */
	LOCK_TIMER,		/* one CPU's timers (irqsave) */
	LOCK_RANGESET,		/* one range set; allocates */
	LOCK_PGTABLE,		/* the hypervisor's own page tables */
	LOCK_HEAP,		/* the page heap */
	LOCK_LEAF,		/* takes nothing further */
	LOCK_CONSOLE,		/* printk; irqsave */
};

typedef struct spinlock {
	union {
		u32 both;
		struct { u16 head, tail; };
	};
	u8 class;
	u8 nested;
	u16 owner;		/* CPU + 1 while held, for recursion checks and assertions */
} spinlock_t;

#define SPINLOCK_INIT(cls) { .both = 0, .class = (cls) }
static inline void spin_init(spinlock_t *l, enum lock_class cls) { *l = (spinlock_t)SPINLOCK_INIT(cls); }

#if defined(HV_DEBUG) || defined(HV_HOST_TEST)
void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
#else
void spin_wait(const spinlock_t *l, u16 ticket);
static always_inline void spin_lock(spinlock_t *l)
{
	u32 was = __atomic_fetch_add(&l->both, 0x10000, __ATOMIC_ACQUIRE);

	if (unlikely((u16)was != (u16)(was >> 16)))
		spin_wait(l, (u16)(was >> 16));
}
static always_inline void spin_unlock(spinlock_t *l)
{
	/* One instruction: only the holder writes the head. */
	__asm__ volatile("incw %0" : "+m"(l->head) : : "memory");
}
#endif
bool spin_trylock(spinlock_t *l) must_check;
/* Takes a second lock of the class already held; the caller states the order rule in a comment. */
void spin_lock_nested(spinlock_t *l);

/* irqsave variants: return the RFLAGS to hand back. */
unsigned long spin_lock_irqsave(spinlock_t *l) must_check;
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags);

/* Lock-order checks (debug builds): interrupts bracket their own nesting; panic switches all off. */
unsigned int spin_debug_enter_irq(void);
void spin_debug_leave_irq(unsigned int base);
void spin_debug_disable(void);

/* Reader-writer lock, writer preferred. */
typedef struct { u32 cnts; spinlock_t wlock; } rwlock_t;
static inline void rwlock_init(rwlock_t *l, enum lock_class cls) { l->cnts = 0; spin_init(&l->wlock, cls); }
void read_lock(rwlock_t *l);
void read_unlock(rwlock_t *l);
void write_lock(rwlock_t *l);
void write_unlock(rwlock_t *l);

#endif
