/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers of each CPU in one heap.  The event source is programmed for the earliest only, and lazily: when the
 * earliest timer goes away or moves further off, the hardware keeps its old date, fires once for nothing, and
 * is programmed then.  Tickless guests move their timer at almost every sleep; they pay for two list splices.
 */
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <x86/current.h>
#include <x86/processor.h>

enum timer_status { TIMER_INVALID, TIMER_IDLE, TIMER_ACTIVE, TIMER_KILLED };

struct timer_base {
	spinlock_t lock;
	struct pheap heap;
	s_time_t programmed;	/* date in the event source */
	struct timer *running;
} aligned_to(64);
static struct timer_base bases[NR_CPUS];

/* Locks the base of a timer that may move between CPUs meanwhile. */
static struct timer_base *lock_base(const struct timer *t, unsigned long *flags)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(t->cpu);
		struct timer_base *b = &bases[cpu];

		*flags = spin_lock_irqsave(&b->lock);
		if (likely(t->cpu == cpu))
			return b;
		spin_unlock_irqrestore(&b->lock, *flags);
	}
}

/* The earliest timer is sooner than what the event source knows: of another CPU, let that one look. */
static void advance_source(struct timer_base *b, unsigned int cpu)
{
	if (cpu != smp_processor_id()) {
		cpu_raise_softirq(cpu, SOFTIRQ_TIMER);
		return;
	}
	b->programmed = b->heap.min->key;
	if (!arch_reprogram_timer(b->programmed))
		raise_softirq(SOFTIRQ_TIMER);
}

void init_timer(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{
	*t = (struct timer){ .fn = fn, .data = data, .cpu = (u16)cpu, .status = TIMER_IDLE };
}

void set_timer(struct timer *t, s_time_t expires)
{
	unsigned long flags;
	struct timer_base *b = lock_base(t, &flags);

	if (likely(t->status != TIMER_KILLED)) {
		if (t->status == TIMER_ACTIVE)
			pheap_remove(&b->heap, &t->node);
		t->status = TIMER_ACTIVE;
		t->node.key = expires;
		pheap_insert(&b->heap, &t->node);
		if (expires < b->programmed)
			advance_source(b, t->cpu);
	}
	spin_unlock_irqrestore(&b->lock, flags);
}

void stop_timer(struct timer *t)
{
	unsigned long flags;
	struct timer_base *b;

	/* An idle timer can only be armed by its owner, who is the caller or synchronises with it. */
	if (READ_ONCE(t->status) != TIMER_ACTIVE)
		return;
	b = lock_base(t, &flags);
	if (t->status == TIMER_ACTIVE) {
		pheap_remove(&b->heap, &t->node);
		t->status = TIMER_IDLE;
	}
	spin_unlock_irqrestore(&b->lock, flags);
}

static void move_timer(struct timer *t, struct timer_base *from, unsigned int new_cpu)
{
	struct timer_base *to = &bases[new_cpu];

	if (t->status == TIMER_ACTIVE)
		pheap_remove(&from->heap, &t->node);
	t->cpu = (u16)new_cpu;
	if (t->status != TIMER_ACTIVE)
		return;
	pheap_insert(&to->heap, &t->node);
	if (t->node.key < to->programmed)
		advance_source(to, new_cpu);
}

/* Two bases at once: lower CPU first. */
static unsigned long lock_two(unsigned int a, unsigned int b)
{
	unsigned long flags = spin_lock_irqsave(&bases[min(a, b)].lock);

	spin_lock_nested(&bases[max(a, b)].lock);
	return flags;
}

static void unlock_two(unsigned int a, unsigned int b, unsigned long flags)
{
	spin_unlock(&bases[max(a, b)].lock);
	spin_unlock_irqrestore(&bases[min(a, b)].lock, flags);
}

void migrate_timer(struct timer *t, unsigned int new_cpu)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(t->cpu);
		unsigned long flags;
		bool same;

		if (cpu == new_cpu)
			return;
		flags = lock_two(cpu, new_cpu);
		same = t->cpu == cpu;
		if (same && t->status != TIMER_KILLED)
			move_timer(t, &bases[cpu], new_cpu);
		unlock_two(cpu, new_cpu, flags);
		if (same)
			return;
	}
}

void kill_timer(struct timer *t)
{
	unsigned long flags;
	struct timer_base *b;

	if (t->status == TIMER_INVALID)
		return;
	b = lock_base(t, &flags);
	if (t->status == TIMER_ACTIVE)
		pheap_remove(&b->heap, &t->node);
	t->status = TIMER_KILLED;
	spin_unlock_irqrestore(&b->lock, flags);

	/* Its own function may kill it; anybody else waits for that function, which may run where it was before. */
	for (unsigned int cpu = 0; cpu < nr_cpus; cpu++)
		while (cpu != smp_processor_id() && READ_ONCE(bases[cpu].running) == t)
			cpu_relax();
}

s_time_t timer_first_of(unsigned int cpu, bool (*of)(const struct timer *t))
{
	struct timer_base *b = &bases[cpu];
	unsigned long flags = spin_lock_irqsave(&b->lock);
	const struct pheap_node *n = b->heap.min;
	s_time_t expires = n && of(container_of(n, const struct timer, node)) ? n->key : TIME_NEVER;

	spin_unlock_irqrestore(&b->lock, flags);
	return expires;
}

static void timer_softirq(void)
{
	struct timer_base *b = &bases[smp_processor_id()];
	unsigned long flags = spin_lock_irqsave(&b->lock);
	s_time_t t = now();

	for (;;) {
		struct pheap_node *n = b->heap.min;

		while (n && n->key <= t) {
			struct timer *timer = container_of(n, struct timer, node);

			pheap_remove(&b->heap, n);
			timer->status = TIMER_IDLE;
			b->running = timer;
			spin_unlock_irqrestore(&b->lock, flags);
			timer->fn(timer->data);
			flags = spin_lock_irqsave(&b->lock);
			b->running = NULL;
			n = b->heap.min;
		}
		b->programmed = n ? n->key : TIME_NEVER;
		if (arch_reprogram_timer(b->programmed))
			break;
		t = now();
		/* The source says it is too late for a date that the clock has not reached: come back soon. */
		if (n && n->key > t) {
			raise_softirq(SOFTIRQ_TIMER);
			break;
		}
	}
	spin_unlock_irqrestore(&b->lock, flags);
}

void timer_cpu_init(unsigned int cpu)
{
	struct timer_base *b = &bases[cpu];

	*b = (struct timer_base){ .programmed = TIME_NEVER };
	spin_init(&b->lock, LOCK_TIMER);
	open_softirq(SOFTIRQ_TIMER, timer_softirq);
}

/* Each level of the heap is a list of siblings; the walk goes down first and comes back by a bounded stack. */
static void dump_heap(const struct pheap_node *n, s_time_t t)
{
	const struct pheap_node *later[32];
	unsigned int waiting = 0;

	while (n || waiting) {
		const struct timer *timer;

		if (!n) {
			n = later[--waiting];
			continue;
		}
		timer = container_of(n, struct timer, node);
		printk("    in %ld us: %pS(%p)\n", (long)((n->key - t) / 1000), (void *)timer->fn, timer->data);
		if (n->child && waiting < ARRAY_SIZE(later))
			later[waiting++] = n->child;
		n = n->next;
	}
}

static void dump_timers(unsigned char key, struct cpu_user_regs *regs)
{
	s_time_t t = now();
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct timer_base *b = &bases[cpu];
		unsigned long flags = spin_lock_irqsave(&b->lock);

		printk("  CPU %u timers, source set to %ld us from now:\n", cpu, (long)((b->programmed - t) / 1000));
		dump_heap(b->heap.min, t);
		spin_unlock_irqrestore(&b->lock, flags);
	}
}

void timer_keys_init(void)
{
	register_keyhandler('a', dump_timers, "timers", false);
}
