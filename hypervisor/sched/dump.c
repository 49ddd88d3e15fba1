/* SPDX-License-Identifier: GPL-2.0-only */
/* Debug key r: what runs and waits where. */
#include <hv/keyhandler.h>
#include <hv/lib.h>
#include "sched.h"

static void dump_domains(void)
{
	static const char *const states[] = { "running", "runnable", "blocked", "offline" };
	struct domain *d;
	struct vcpu *v;

	for (domid_t id = 0; (d = domain_get_from(id)) != NULL;) {
		for_each_vcpu(d, v)
			printk("  d%uv%u %s on %u, flags %lx pauses %d+%d, ran %lu ms\n", d->id, v->id,
			       states[v->runstate.state & 3], v->processor, v->pause_flags, v->pause_count,
			       d->pause_count, (unsigned long)(vcpu_cpu_time(v) / 1000000));
		id = (domid_t)(d->id + 1);
		domain_put(d);
	}
}

static void dump_sched(unsigned char key, struct cpu_user_regs *regs)
{
	unsigned int cpu;

	printk("Scheduler: %s (%s), now %ld ms\n", sched_ops->name, sched_ops->opt_name, (long)(now() / 1000000));
	for_each_online_cpu(cpu)
		sched_ops->dump(cpu);
	dump_domains();
}

void sched_keys_init(void)
{
	register_keyhandler('r', dump_sched, "run queues and who waits in them", false);
}
