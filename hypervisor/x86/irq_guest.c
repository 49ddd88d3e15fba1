/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IRQs that domains handle.
 *
 * The interrupt itself only acknowledges, queues the IRQ on its CPU and raises SOFTIRQ_PIRQ; the softirq
 * raises the domains' event channels, so that port locks need no interrupts off. A level IRQ stays masked
 * at the IO-APIC until each domain it went to has said PHYSDEVOP_eoi. An interrupt that one domain has for
 * itself follows the vCPU that takes its event.
 *
 * Locks: d->event_lock protects a domain's struct pirq and binding; the descriptor's lock protects the
 * action (who is bound, what is in flight) and pirq.masked.
 */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/event.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/pirq.h>
#include <hv/softirq.h>
#include <x86/irq.h>
#include <x86/irq_guest.h>
#include <x86/msi.h>
#include <x86/processor.h>

#define MAX_GUESTS 7		/* domains that share one INTx */
#define QUEUE_SIZE 2048U	/* more than there are IRQs: each is queued at most once */
#define EXTRA_PIRQS 256U
/* A move costs some accesses to the device: a vCPU that is tossed about is not followed at each step. */
#define FOLLOW_PERIOD MILLISECS(20)

struct irq_guest_action {
	s_time_t moved;		/* when it last followed its vCPU */
	u8 nr, in_flight;
	bool shareable;
	struct irq_guest { struct domain *d; struct pirq *p; } guest[MAX_GUESTS];
};

struct irq_queue { u32 prod, cons; u16 irq[QUEUE_SIZE]; };
static DEFINE_PER_CPU(struct irq_queue, irq_queue);	/* this CPU, interrupts off */

/* ---- delivery ---- */

void irq_guest_dispatch(struct irq_desc *d)
{
	struct irq_queue *q = &this_cpu(irq_queue);

	if (d->status & IRQ_PENDING)
		return;
	ASSERT_CHEAP(q->prod - q->cons < QUEUE_SIZE);
	d->status |= IRQ_PENDING;
	q->irq[q->prod++ % QUEUE_SIZE] = (u16)d->irq;
	raise_softirq(SOFTIRQ_PIRQ);
}

/* Who is to be told; marks them. Lock held. */
static unsigned int collect(struct irq_desc *d, struct irq_guest *to)
{
	struct irq_guest_action *a = d->guest;
	unsigned int n = 0;

	for (unsigned int i = 0; a && i < a->nr; i++) {
		to[n++] = a->guest[i];
		if (d->status & IRQ_LEVEL && !a->guest[i].p->masked) {
			a->guest[i].p->masked = true;
			a->in_flight++;
		}
	}
	return n;
}

/* An IRQ that one domain has for itself goes to the CPU where the vCPU that takes it runs. Lock held. */
static void follow_vcpu(struct irq_desc *d, const struct irq_guest *to)
{
	unsigned int cpu = evtchn_port_cpu(to->d, READ_ONCE(to->p->evtchn));
	cpumask_t target = { { 0 } };
	s_time_t t;

	if (cpu >= NR_CPUS || cpumask_test_cpu(cpu, &d->cpus))
		return;
	t = now();
	if (t - d->guest->moved < FOLLOW_PERIOD)
		return;
	d->guest->moved = t;
	cpumask_set_cpu(cpu, &target);
	d->hw->set_affinity(d, &target);
}

static void deliver(struct irq_desc *d)
{
	unsigned long flags = spin_lock_irqsave(&d->lock);
	struct irq_guest to[MAX_GUESTS];
	unsigned int n;

	/* It may have moved, and another CPU be at work on the one before. */
	d->delivering++;
	d->status = (d->status & ~IRQ_PENDING) | IRQ_INPROGRESS;
	n = collect(d, to);
	if (!n)
		d->hw->end(d, 0);
	else if (n == 1)
		follow_vcpu(d, &to[0]);
	spin_unlock_irqrestore(&d->lock, flags);
	/* Domains cannot go away meanwhile: unbinding waits for IRQ_INPROGRESS to clear. */
	for (unsigned int i = 0; i < n; i++)
		send_guest_pirq(to[i].d, to[i].p);
	flags = spin_lock_irqsave(&d->lock);
	if (!--d->delivering)
		d->status &= ~IRQ_INPROGRESS;
	spin_unlock_irqrestore(&d->lock, flags);
}

static void pirq_softirq(void)
{
	struct irq_queue *q = &this_cpu(irq_queue);

	while (READ_ONCE(q->cons) != READ_ONCE(q->prod)) {
		unsigned int irq = q->irq[q->cons % QUEUE_SIZE];

		WRITE_ONCE(q->cons, q->cons + 1);
		deliver(irq_to_desc(irq));
	}
}

init_fn void irq_guest_init(void)
{
	open_softirq(SOFTIRQ_PIRQ, pirq_softirq);
}

/* ---- a domain's pirqs ---- */

static unsigned int pirq_limit(const struct domain *d)
{
	return d->is_hardware ? nr_irqs : nr_irqs_gsi + EXTRA_PIRQS;
}

struct pirq *pirq_info(struct domain *d, unsigned int pirq)
{
	struct pirq **all = READ_ONCE(d->pirqs);

	return all && pirq < d->nr_pirqs ? READ_ONCE(all[pirq]) : NULL;
}

/* Event lock held. */
struct pirq *pirq_get_or_alloc(struct domain *d, unsigned int pirq)
{
	struct pirq *p;

	if (!d->pirqs) {
		struct pirq **all = hv_new_array(struct pirq *, pirq_limit(d));

		if (!all)
			return NULL;
		d->nr_pirqs = pirq_limit(d);
		smp_wmb();
		WRITE_ONCE(d->pirqs, all);
	}
	if (pirq >= d->nr_pirqs)
		return NULL;
	p = d->pirqs[pirq];
	if (!p && (p = hv_new(struct pirq)) != NULL) {
		p->pirq = pirq;
		p->irq = -1;
		smp_wmb();
		WRITE_ONCE(d->pirqs[pirq], p);
	}
	return p;
}

static bool needs_eoi(const struct pirq *p)
{
	return p->irq >= 0 && irq_to_desc((unsigned int)p->irq)->status & IRQ_LEVEL;
}

/* The bitmap by which the guest sees whether PHYSDEVOP_eoi is needed. */
static void show_eoi(struct domain *d, const struct pirq *p, bool on)
{
	if (!d->arch.pirq_eoi_map || p->pirq >= PAGE_SIZE * 8)
		return;
	if (on)
		set_bit(p->pirq, d->arch.pirq_eoi_map);
	else
		clear_bit(p->pirq, d->arch.pirq_eoi_map);
}

void pirq_eoi_map_show_all(struct domain *d)
{
	for (unsigned int i = 0; i < d->nr_pirqs; i++)
		if (d->pirqs[i])
			show_eoi(d, d->pirqs[i], d->pirqs[i]->evtchn && needs_eoi(d->pirqs[i]));
}

/* ---- binding (event lock held) ---- */

static int check_bind(const struct irq_desc *d, bool will_share)
{
	if (d->handler)
		return -EBUSY;
	if (!(d->status & IRQ_GUEST))
		return 0;
	if (!will_share || !d->guest->shareable)
		return -EBUSY;
	return d->guest->nr < MAX_GUESTS ? 0 : -EBUSY;
}

int pirq_guest_bind(struct vcpu *v, struct pirq *p, bool will_share)
{
	struct irq_guest_action *fresh = hv_new(struct irq_guest_action);
	struct irq_desc *d = p->irq >= 0 ? irq_to_desc((unsigned int)p->irq) : NULL;
	cpumask_t target = { { 0 } };
	bool first = false;
	unsigned long flags;
	int rc;

	if (!d || d->hw == &no_irq_controller || !fresh) {
		hv_free(fresh);
		return d && !fresh ? -ENOMEM : -EINVAL;
	}
	cpumask_set_cpu(v->processor, &target);
	flags = spin_lock_irqsave(&d->lock);
	rc = check_bind(d, will_share);
	first = !rc && !(d->status & IRQ_GUEST);
	if (first)
		rc = assign_irq_vector(d, &target);
	if (!rc && first) {
		d->guest = fresh;
		fresh->shareable = will_share;
		d->status = (d->status & ~IRQ_DISABLED) | IRQ_GUEST;
	}
	if (!rc) {
		d->guest->guest[d->guest->nr++] = (struct irq_guest){ v->domain, p };
		p->masked = false;
	}
	if (!rc && first)
		d->hw->startup(d);
	spin_unlock_irqrestore(&d->lock, flags);
	if (rc || !first)
		hv_free(fresh);
	if (!rc)
		show_eoi(v->domain, p, needs_eoi(p));
	else
		printk(LOG_G_INFO "Domain %u: cannot bind IRQ %d: %s\n", v->domain->id, p->irq,
		       d->handler ? "the hypervisor uses it" : "it is not shared, or by too many");
	return rc;
}

/* Lock held: one domain is through with a level interrupt. */
static void end_for(struct irq_desc *d, struct pirq *p)
{
	if (!p->masked)
		return;
	p->masked = false;
	if (d->guest && !--d->guest->in_flight)
		d->hw->end(d, 0);
}

void pirq_guest_unbind(struct domain *dom, struct pirq *p)
{
	struct irq_desc *d = p->irq >= 0 ? irq_to_desc((unsigned int)p->irq) : NULL;
	struct irq_guest_action *a, *free_it = NULL;
	unsigned long flags;
	unsigned int i;

	if (!d)
		return;
	flags = spin_lock_irqsave(&d->lock);
	a = d->guest;
	for (i = 0; a && i < a->nr && a->guest[i].p != p; i++)
		;
	if (a && i < a->nr) {
		end_for(d, p);
		a->guest[i] = a->guest[--a->nr];
		if (!a->nr) {
			d->status = (d->status & ~IRQ_GUEST) | IRQ_DISABLED;
			d->hw->shutdown(d);
			d->guest = NULL;
			free_it = a;
		}
	}
	spin_unlock_irqrestore(&d->lock, flags);
	show_eoi(dom, p, false);
	while (READ_ONCE(d->status) & IRQ_INPROGRESS)
		cpu_relax();
	hv_free(free_it);
}

void pirq_guest_eoi(struct domain *dom, struct pirq *p)
{
	struct irq_desc *d = p->irq >= 0 ? irq_to_desc((unsigned int)p->irq) : NULL;
	unsigned long flags;

	if (!d)
		return;
	flags = spin_lock_irqsave(&d->lock);
	end_for(d, p);
	spin_unlock_irqrestore(&d->lock, flags);
}

/* IRQ_UNMASK_NOTIFY of old kernels: everything that is masked and whose event they have taken. */
int pirq_guest_unmask(struct domain *d)
{
	for (unsigned int i = 0; i < d->nr_pirqs; i++) {
		struct pirq *p = pirq_info(d, i);

		if (p && READ_ONCE(p->masked) && p->evtchn && !evtchn_port_is_pending(d, p->evtchn))
			pirq_guest_eoi(d, p);
	}
	return 0;
}

void pirq_set_affinity(struct domain *dom, unsigned int pirq, const struct vcpu *v)
{
	struct pirq *p = pirq_info(dom, pirq);
	struct irq_desc *d = p && p->irq >= 0 ? irq_to_desc((unsigned int)p->irq) : NULL;
	cpumask_t target = { { 0 } };
	unsigned long flags;

	if (!d)
		return;
	cpumask_set_cpu(v->processor, &target);
	flags = spin_lock_irqsave(&d->lock);
	if (d->status & IRQ_GUEST)
		d->hw->set_affinity(d, &target);
	spin_unlock_irqrestore(&d->lock, flags);
}

/* ---- mapping (event lock held) ---- */

bool pirq_is_shared(const struct pirq *p)
{
	const struct irq_desc *d = p->irq >= 0 ? irq_to_desc((unsigned int)p->irq) : NULL;

	return d && d->guest && d->guest->nr > 1;
}

int pirq_find_free(struct domain *d, bool msi)
{
	struct pirq *p = pirq_get_or_alloc(d, 0);

	if (!p)
		return -ENOMEM;
	/* GSIs keep their own numbers; what is free among those is found from the top, MSIs lie above. */
	for (unsigned int i = msi ? d->nr_pirqs : nr_irqs_gsi; i-- > (msi ? nr_irqs_gsi : 16); )
		if (!d->pirqs[i] || d->pirqs[i]->irq < 0)
			return (int)i;
	return -ENOSPC;
}

int pirq_map(struct domain *d, unsigned int pirq, unsigned int irq)
{
	struct pirq *p = pirq_get_or_alloc(d, pirq);

	if (!p)
		return pirq < pirq_limit(d) ? -ENOMEM : -EINVAL;
	if (p->irq >= 0)
		return p->irq == (s32)irq ? 0 : -EEXIST;
	for (unsigned int i = 0; i < d->nr_pirqs; i++)
		if (d->pirqs[i] && d->pirqs[i]->irq == (s32)irq)
			return -EEXIST;
	p->irq = (s32)irq;
	return 0;
}

int pirq_unmap(struct domain *d, unsigned int pirq)
{
	struct pirq *p = pirq_info(d, pirq);
	unsigned int irq;

	if (!p || p->irq < 0)
		return -EINVAL;
	irq = (unsigned int)p->irq;
	if (p->evtchn)
		pirq_guest_unbind(d, p);
	p->irq = -1;
	if (irq >= nr_irqs_gsi)
		msi_teardown(irq);
	return 0;
}

void pirqs_free_all(struct domain *d)
{
	for (unsigned int i = 0; d->pirqs && i < d->nr_pirqs; i++) {
		if (!d->pirqs[i])
			continue;
		if (d->pirqs[i]->irq >= 0)
			pirq_unmap(d, i);
		hv_free(d->pirqs[i]);
	}
	hv_free(d->pirqs);
	d->pirqs = NULL;
	d->nr_pirqs = 0;
	pirq_eoi_map_release(d);
}
