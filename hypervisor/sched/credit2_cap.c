/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caps.  A capped domain earns cap percent of each period; its vCPUs draw what they run on in portions.  When
 * nothing is left they are parked until the refill.  Overrun becomes debt, so the mean is exact.
 */
#include <hv/lib.h>
#include "credit2.h"

/* A portion below this is not worth a timer interrupt. */
#define MIN_PORTION MICROSECS(250)

static s_time_t income(const struct sched_dom *sd)
{
	return C2_CAP_PERIOD * sd->cap / 100;
}

static void refill(void *data)
{
	struct sched_dom *sd = data;
	unsigned long flags = spin_lock_irqsave(&sd->lock);
	s_time_t full = income(sd);
	struct vcpu *v;
	bool again;

	/* A budget that nobody touched needs no refilling until somebody does. */
	again = sd->cap && sd->budget < full;
	if (again)
		sd->budget = min(sd->budget + full, full);
	sd->refilling = again;
	spin_unlock_irqrestore(&sd->lock, flags);

	if (again)
		set_timer(&sd->refill, timer_expires(&sd->refill) + C2_CAP_PERIOD);
	for_each_vcpu(sd->d, v)
		if (v->sched && READ_ONCE(v->sched->parked))
			c2_unpark(v);
}

bool c2_cap_take(struct sched_unit *u, s_time_t t)
{
	struct sched_dom *sd = u->v->domain->sched;
	s_time_t portion;
	bool start = false;

	if (likely(!sd->cap)) {
		u->budget = C2_NO_CAP;
		return true;
	}
	if (u->budget == C2_NO_CAP)
		u->budget = 0;
	spin_lock(&sd->lock);
	sd->budget += u->budget;
	u->budget = 0;
	if (sd->budget > 0) {
		portion = max(income(sd) / (s_time_t)sd->d->max_vcpus, MIN_PORTION);
		u->budget = min(portion, sd->budget);
		sd->budget -= u->budget;
	}
	if (!sd->refilling)
		start = sd->refilling = true;
	spin_unlock(&sd->lock);
	if (start) {
		migrate_timer(&sd->refill, u->v->processor);
		set_timer(&sd->refill, t + C2_CAP_PERIOD);
	}
	return u->budget > 0;
}

void c2_cap_give_back(struct sched_unit *u)
{
	struct sched_dom *sd = u->v->domain->sched;

	if (u->budget == C2_NO_CAP || u->budget == 0)
		return;
	spin_lock(&sd->lock);
	sd->budget += u->budget;
	spin_unlock(&sd->lock);
	u->budget = 0;
}

void c2_cap_set(struct sched_dom *sd, u16 cap)
{
	unsigned long flags = spin_lock_irqsave(&sd->lock);
	struct vcpu *v;

	sd->cap = cap;
	sd->budget = income(sd);
	spin_unlock_irqrestore(&sd->lock, flags);
	for_each_vcpu(sd->d, v)
		if (v->sched) {
			if (READ_ONCE(v->sched->parked))
				c2_unpark(v);
			else if (v->is_running)
				sched_tickle(v->processor);
		}
}

void c2_cap_init(struct sched_dom *sd, struct domain *d)
{
	sd->d = d;
	spin_init(&sd->lock, LOCK_LEAF);
	init_timer(&sd->refill, refill, sd, cpumask_first(&d->pool->cpus));
}
