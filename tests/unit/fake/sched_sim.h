/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine in simulated time around the real scheduler, timers and softirqs: context_switch() only notes who
 * runs where.  Guests are scripts: a vCPU runs until it has used burst ns, then sleeps for pause ns (0: never).
 */
#ifndef SCHED_SIM_H
#define SCHED_SIM_H

#include <hv/sched.h>

#define SIM_MAX_VCPUS 64

struct sim_vcpu {
	struct vcpu *v;
	s_time_t burst, pause;	/* 0: busy for ever */
	s_time_t left;		/* of the burst */
	s_time_t woken;		/* when it wakes, or woke, and has not had the CPU since; -1: has it */
	s_time_t worst_latency, sum_latency;
	u64 wakes;
};
extern struct sim_vcpu sim_vcpus[SIM_MAX_VCPUS];
extern unsigned int sim_nr;
extern evtchn_port_t sim_pending_port;
extern unsigned int sim_switches;
extern unsigned int sim_second_looks;	/* switches after which the CPU had to decide again at once */

void sim_start(unsigned int cpus);
void sim_start_sockets(unsigned int cpus, unsigned int sockets);	/* each socket has a run queue */
struct domain *sim_domain(unsigned int nr_vcpus, u16 weight, u16 cap);
/* Lets vCPU @id of @d run. */
struct sim_vcpu *sim_go(struct domain *d, unsigned int id, s_time_t burst, s_time_t pause);
void sim_run(s_time_t until);
void sim_stop(void);
u64 sim_ran(const struct sim_vcpu *s);

#endif
