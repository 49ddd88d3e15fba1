/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The papers' many guests: 128 that are busy share a CPU, and one more is idle but for a moment now and then.  What the
 * busy ones get done, and how late the idle one wakes.  How long a slice is the hypervisor's command line says.
 */
#include "sched.h"

#define BUSY 128
#define SLEEPS 60

static u64 turns_of(struct dom *const *d)
{
	u64 sum = 0;

	for (u32 i = 0; i < BUSY; i++)
		sum += d[i]->page[0]->turns;
	return sum;
}

bool many(void)
{
	static struct dom *busy[BUSY];
	struct dom *idle = start((struct dom_plan){ .vcpus = 1, .period = 3070000, .work = 1 });
	struct vcpu_page *p;
	u64 from, turns;
	u32 first;

	WANT_TRUE(idle);
	for (u32 i = 0; i < BUSY; i++)
		WANT_TRUE(busy[i] = start((struct dom_plan){ .vcpus = 1 }));
	nap(500 * MS);
	p = idle->page[0];
	first = p->sleeps;
	turns = turns_of(busy);
	from = system_time();
	while (p->sleeps < first + SLEEPS)
		nap(100 * MS);
	printk("COST a turn of one of 128 busy guests = %lu\n", (system_time() - from) / (turns_of(busy) - turns));
	sort(p->delay + first, SLEEPS);
	printk("COST wake-up of one more beside 128, median = %u\n", p->delay[first + SLEEPS / 2]);
	printk("COST wake-up of one more beside 128, the latest = %u\n", p->delay[first + SLEEPS - 1]);
	end_all();
	return true;
}
