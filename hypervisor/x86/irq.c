/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt descriptors, vectors and dispatch.
 *
 * An IRQ has one vector on one CPU. Where it moves away, the old vector goes on naming it until another IRQ
 * needs that vector: an interrupt which was on its way still finds its descriptor.
 */
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <x86/apic.h>
#include <x86/irq.h>
#include <x86/irq_guest.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include <public/xen.h>

#define MSI_IRQS 512

unsigned int nr_irqs_gsi read_mostly, nr_irqs read_mostly;
static struct irq_desc *descs read_mostly;
static void (*direct[NR_VECTORS])(struct cpu_user_regs *);

/* Vector tables: irq + 1 by vector, 0 none. vector_lock (irqsave) for writers; the owner CPU reads. */
#define VECTOR_STALE	BIT64(31)	/* the IRQ moved away; its last interrupt may still come */
typedef u32 vector_table[NR_VECTORS];
static DEFINE_PER_CPU(vector_table, vector_irq);
static spinlock_t vector_lock = SPINLOCK_INIT(LOCK_LEAF);

struct irq_desc *irq_to_desc(unsigned int irq)
{
	return irq < nr_irqs ? &descs[irq] : NULL;
}

static void no_controller(struct irq_desc *d) { }
static unsigned int no_startup(struct irq_desc *d) { return 0; }
static void no_end(struct irq_desc *d, u8 vector) { }
static void no_affinity(struct irq_desc *d, const cpumask_t *m) { }
static void ack_stray(struct irq_desc *d) { apic_eoi(); }

const struct irq_controller no_irq_controller = {
	.name = "none", .startup = no_startup, .shutdown = no_controller, .mask = no_controller,
	.unmask = no_controller, .ack = ack_stray, .end = no_end, .set_affinity = no_affinity,
};

init_fn void irq_init(void)
{
	nr_irqs_gsi = ioapic_map();
	nr_irqs = nr_irqs_gsi + MSI_IRQS;
	descs = hv_new_array(struct irq_desc, nr_irqs);
	if (!descs)
		panic("No memory for %u interrupt descriptors", nr_irqs);
	for (unsigned int i = 0; i < nr_irqs; i++) {
		spin_init(&descs[i].lock, LOCK_IRQ);
		descs[i].irq = i;
		descs[i].vector = -1;
		descs[i].hw = &no_irq_controller;
		descs[i].status = IRQ_DISABLED;
		cpumask_setall(&descs[i].affinity);
	}
	ioapic_init();
}

/* ---- vectors ---- */

static bool vector_usable(unsigned int v)
{
	return v != LEGACY_SYSCALL_VECTOR && v != HYPERCALL_VECTOR;
}

/* Lock held. Free vectors are taken in steps of 16 + 1, which spreads them over priority classes. */
static int find_vector(unsigned int cpu)
{
	static unsigned int cursor = FIRST_DYNAMIC_VECTOR;
	const unsigned int span = LAST_DYNAMIC_VECTOR - FIRST_DYNAMIC_VECTOR + 1;
	int stale = -1;

	for (unsigned int i = 0; i < span; i++) {
		u32 entry;

		cursor += 17;
		if (cursor > LAST_DYNAMIC_VECTOR)
			cursor = FIRST_DYNAMIC_VECTOR + (cursor - FIRST_DYNAMIC_VECTOR) % span;
		if (!vector_usable(cursor))
			continue;
		entry = per_cpu(vector_irq, cpu)[cursor];
		if (!entry)
			return (int)cursor;
		if (entry & VECTOR_STALE)
			stale = (int)cursor;
	}
	return stale;
}

/*
 * Lock held. The number that it has elsewhere is best: then a message changes in one word, its address.
 * @same_only: no other will do.
 */
static int vector_on(const struct irq_desc *d, unsigned int cpu, bool same_only)
{
	u32 entry;

	if (d->vector >= 0) {
		entry = per_cpu(vector_irq, cpu)[d->vector];
		if (!entry || entry & VECTOR_STALE)
			return d->vector;
	}
	return same_only ? -1 : find_vector(cpu);
}

/* Lock held. */
static void leave_vector(struct irq_desc *d, u32 entry)
{
	unsigned int cpu;

	if (d->vector < 0)
		return;
	for_each_cpu(cpu, &d->cpus)
		if (cpu < nr_cpus)
			per_cpu(vector_irq, cpu)[d->vector] = entry;
	d->vector = -1;
}

static int assign_vector(struct irq_desc *d, const cpumask_t *mask, bool same_only)
{
	unsigned long flags = spin_lock_irqsave(&vector_lock);
	int vector = -1;
	unsigned int cpu;
	cpumask_t ok;

	cpumask_and(&ok, mask, &cpu_online_map);
	if (cpumask_empty(&ok))
		ok = cpu_online_map;
	if (d->vector >= 0 && cpumask_intersects(&d->cpus, &ok)) {
		spin_unlock_irqrestore(&vector_lock, flags);
		return 0;
	}
	for_each_cpu(cpu, &ok) {
		vector = vector_on(d, cpu, same_only);
		if (vector >= 0)
			break;
	}
	if (vector >= 0) {
		leave_vector(d, (d->irq + 1) | (u32)VECTOR_STALE);
		d->vector = (s16)vector;
		cpumask_clear(&d->cpus);
		cpumask_set_cpu(cpu, &d->cpus);
		per_cpu(vector_irq, cpu)[vector] = d->irq + 1;
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return vector >= 0 ? 0 : -ENOSPC;
}

int assign_irq_vector(struct irq_desc *d, const cpumask_t *mask)
{
	return assign_vector(d, mask, false);
}

int move_irq_vector(struct irq_desc *d, const cpumask_t *mask)
{
	return assign_vector(d, mask, true);
}

void release_irq_vector(struct irq_desc *d)
{
	unsigned long flags = spin_lock_irqsave(&vector_lock);

	leave_vector(d, 0);
	spin_unlock_irqrestore(&vector_lock, flags);
}

void set_direct_apic_vector(u8 vector, void (*fn)(struct cpu_user_regs *regs))
{
	BUG_ON(vector < FIRST_DIRECT_VECTOR || direct[vector]);
	direct[vector] = fn;
}

/* ---- IRQs without a pin ---- */

int create_irq(void)
{
	for (unsigned int i = nr_irqs_gsi; i < nr_irqs; i++) {
		struct irq_desc *d = &descs[i];
		unsigned long flags = spin_lock_irqsave(&d->lock);
		bool ours = d->hw == &no_irq_controller && d->vector < 0;
		int rc = ours ? assign_irq_vector(d, &cpu_online_map) : 0;

		spin_unlock_irqrestore(&d->lock, flags);
		if (rc)
			return rc;
		if (ours)
			return (int)i;
	}
	return -ENOSPC;
}

void destroy_irq(unsigned int irq)
{
	struct irq_desc *d = irq_to_desc(irq);
	unsigned long flags = spin_lock_irqsave(&d->lock);

	ASSERT(irq >= nr_irqs_gsi && !d->guest);
	d->hw->shutdown(d);
	d->hw = &no_irq_controller;
	d->status = IRQ_DISABLED;
	d->handler = NULL;
	d->msi = NULL;
	release_irq_vector(d);
	spin_unlock_irqrestore(&d->lock, flags);
}

int request_irq(unsigned int irq, irq_handler *fn, void *data, const char *name)
{
	struct irq_desc *d = irq_to_desc(irq < NR_LEGACY_IRQS ? isa_irq_to_gsi(irq) : irq);
	unsigned long flags;
	int rc;

	if (!d || d->hw == &no_irq_controller)
		return -EINVAL;
	flags = spin_lock_irqsave(&d->lock);
	rc = d->handler || d->guest ? -EBUSY : assign_irq_vector(d, &d->affinity);
	if (!rc) {
		d->handler = fn;
		d->data = data;
		d->name = name;
		d->status &= ~IRQ_DISABLED;
		d->hw->startup(d);
		d->hw->unmask(d);
	}
	spin_unlock_irqrestore(&d->lock, flags);
	return rc;
}

/* ---- dispatch ---- */

static void run_handler(struct irq_desc *d, struct cpu_user_regs *regs)
{
	u8 vector = (u8)regs->entry_vector;

	d->hw->ack(d);
	if (d->status & IRQ_GUEST) {
		irq_guest_dispatch(d);
		return;
	}
	if (d->handler && !(d->status & (IRQ_DISABLED | IRQ_INPROGRESS))) {
		d->status |= IRQ_INPROGRESS;
		spin_unlock(&d->lock);
		d->handler(d->irq, d->data, regs);
		spin_lock(&d->lock);
		d->status &= ~IRQ_INPROGRESS;
	}
	d->hw->end(d, vector);
}

void do_irq(struct cpu_user_regs *regs)
{
	u8 vector = (u8)regs->entry_vector;
	unsigned int nested = 0;
	struct irq_desc *d;
	u32 irq;

	if (IS_ENABLED(HV_DEBUG))
		nested = spin_debug_enter_irq();
	irq = this_cpu(vector_irq)[vector];
	if (direct[vector]) {
		direct[vector](regs);
	} else if (!irq) {
		apic_eoi();
		printk(LOG_WARN "CPU %u: interrupt at vector %#x that no one waits for\n", smp_processor_id(), vector);
	} else {
		d = &descs[(irq & ~(u32)VECTOR_STALE) - 1];
		spin_lock(&d->lock);
		d->count++;
		run_handler(d, regs);
		spin_unlock(&d->lock);
	}
	if (IS_ENABLED(HV_DEBUG))
		spin_debug_leave_irq(nested);
}

void irq_dump(unsigned char key, struct cpu_user_regs *regs)
{
	for (unsigned int i = 0; i < nr_irqs; i++) {
		struct irq_desc *d = &descs[i];

		if (d->vector < 0 || (!d->handler && !d->guest))
			continue;
		printk("  %3u: %s, by %s, vector %#x on CPU %u, came %lu times (%#x)\n", i,
		       d->handler ? d->name : "guests", d->hw->name, (unsigned int)d->vector, cpumask_first(&d->cpus),
		       (unsigned long)d->count, d->status);
	}
}
