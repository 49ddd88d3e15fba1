/* SPDX-License-Identifier: GPL-2.0-only */
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/smp.h>

struct cpu_info *cpu_info_of[NR_CPUS];
static void (*handlers[NR_SOFTIRQS])(void);

/* Tasklets are rare: one lock for all queues, so that a tasklet has one state whatever CPU asks for it. */
static struct list tasklet_queues[NR_CPUS];
static spinlock_t tasklet_lock = SPINLOCK_INIT(LOCK_LEAF);

void open_softirq(enum softirq nr, void (*fn)(void))
{
	handlers[nr] = fn;
}

void raise_softirq(enum softirq nr)
{
	set_bit(nr, &get_cpu_info()->softirq_pending);
}

void cpu_raise_softirq(unsigned int cpu, enum softirq nr)
{
	struct cpu_info *ci = cpu_info_of[cpu];

	if (ci && !test_and_set_bit(nr, &ci->softirq_pending) && cpu != smp_processor_id())
		smp_send_kick(cpu);
}

void cpumask_raise_softirq(const cpumask_t *mask, enum softirq nr)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		cpu_raise_softirq(cpu, nr);
}

bool softirq_pending_here(void)
{
	return READ_ONCE(get_cpu_info()->softirq_pending) != 0;
}

static void run_softirqs(u32 allowed)
{
	struct cpu_info *ci = get_cpu_info();
	u32 pending;

	while ((pending = READ_ONCE(ci->softirq_pending) & allowed) != 0) {
		unsigned int nr = (unsigned int)__builtin_ctz(pending);

		clear_bit(nr, &ci->softirq_pending);
		if (handlers[nr])
			handlers[nr]();
	}
}

void do_softirq(void)
{
	run_softirqs(~0U);
}

void process_pending_softirqs(void)
{
	run_softirqs(~(1U << SOFTIRQ_SCHEDULE));
}

void tasklet_init(struct tasklet *t, void (*fn)(void *), void *data)
{
	*t = (struct tasklet){ .fn = fn, .data = data, .cpu = -1 };
	list_init(&t->link);
}

void tasklet_schedule_on(struct tasklet *t, unsigned int cpu)
{
	unsigned long flags = spin_lock_irqsave(&tasklet_lock);
	bool queued = false;

	if (t->running) {
		t->again = true;
	} else if (t->cpu < 0) {
		t->cpu = (s16)cpu;
		list_add_tail(&tasklet_queues[cpu], &t->link);
		queued = true;
	}
	spin_unlock_irqrestore(&tasklet_lock, flags);
	if (queued)
		cpu_raise_softirq(cpu, SOFTIRQ_TASKLET);
}

void tasklet_schedule(struct tasklet *t)
{
	tasklet_schedule_on(t, smp_processor_id());
}

static struct tasklet *take_tasklet(struct list *queue)
{
	unsigned long flags = spin_lock_irqsave(&tasklet_lock);
	struct tasklet *t = NULL;

	if (!list_empty(queue)) {
		t = list_first(queue, struct tasklet, link);
		list_del(&t->link);
		t->running = true;
	}
	spin_unlock_irqrestore(&tasklet_lock, flags);
	return t;
}

/* One tasklet a round, so that a tasklet that queues itself does not hold the CPU. */
static void tasklet_softirq(void)
{
	struct list *queue = &tasklet_queues[smp_processor_id()];
	struct tasklet *t = take_tasklet(queue);
	unsigned long flags;
	bool more;

	if (!t)
		return;
	t->fn(t->data);

	flags = spin_lock_irqsave(&tasklet_lock);
	t->running = false;
	if (t->again)
		list_add_tail(queue, &t->link);
	else
		t->cpu = -1;
	t->again = false;
	more = !list_empty(queue);
	spin_unlock_irqrestore(&tasklet_lock, flags);
	if (more)
		raise_softirq(SOFTIRQ_TASKLET);
}

void softirq_cpu_init(void)
{
	unsigned int cpu = smp_processor_id();

	list_init(&tasklet_queues[cpu]);
	open_softirq(SOFTIRQ_TASKLET, tasklet_softirq);
	cpu_info_of[cpu] = get_cpu_info();
}
