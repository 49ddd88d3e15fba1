/* SPDX-License-Identifier: GPL-2.0-only */
/* The scheduler in simulated time: shares by weight and cap, wake-up latency, affinity, run states, pools. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <ucontext.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/sched_sim.h"
#include <hv/softirq.h>
#include <public/domctl.h>
#include <public/sysctl.h>
#include <x86/current.h>

static const u16 weights[3] = { 256, 512, 1024 };

/* Shares of @n vCPUs on @cpus CPUs when nobody can use more than one. */
static void ideal_shares(unsigned int n, unsigned int cpus, const u16 *w, double *share)
{
	bool full[SIM_MAX_VCPUS] = { false };
	double left = cpus < n ? cpus : n;

	for (bool again = true; again;) {
		double sum = 0;

		again = false;
		for (unsigned int i = 0; i < n; i++)
			sum += full[i] ? 0 : w[i];
		for (unsigned int i = 0; i < n; i++) {
			if (full[i])
				continue;
			share[i] = left * w[i] / sum;
			if (share[i] >= 1) {
				share[i] = 1;
				full[i] = true;
				left -= 1;
				again = true;
				break;
			}
		}
	}
}

static void weights_hold(void **state)
{
	static const unsigned int counts[] = { 1, 2, 3, 5, 8, 13, 32 };

	for (unsigned int cpus = 1; cpus <= 4; cpus++)
		for (unsigned int k = 0; k < ARRAY_SIZE(counts); k++) {
			double share[SIM_MAX_VCPUS];
			u64 before[SIM_MAX_VCPUS];
			u16 w[SIM_MAX_VCPUS];
			unsigned int n = counts[k];

			sim_start(cpus);
			for (unsigned int i = 0; i < n; i++) {
				w[i] = weights[i % 3];
				sim_go(sim_domain(1, w[i], 0), 0, 0, 0);
			}
			sim_run(NSEC_PER_SEC);
			for (unsigned int i = 0; i < n; i++)
				before[i] = sim_ran(&sim_vcpus[i]);
			sim_run(11 * NSEC_PER_SEC);
			ideal_shares(n, cpus, w, share);
			for (unsigned int i = 0; i < n; i++) {
				double got = (double)(sim_ran(&sim_vcpus[i]) - before[i]) / 1e10;

				if (got < share[i] * 0.98 || got > share[i] * 1.02) {
					printf("%u CPUs, %u vCPUs: %u has %.4f, not %.4f\n", cpus, n, i, got, share[i]);
					fail();
				}
			}
			sim_stop();
		}
}

static void caps_hold(void **state)
{
	static const struct { unsigned int vcpus; u16 cap; } doms[] = { { 1, 25 }, { 1, 50 }, { 2, 75 }, { 4, 150 }, { 8, 10 } };

	for (unsigned int cpus = 2; cpus <= 4; cpus++)
		for (unsigned int k = 0; k < ARRAY_SIZE(doms); k++) {
			unsigned int n = doms[k].vcpus;
			struct domain *d, *hog;
			u64 sum = 0;
			double got;

			sim_start(cpus);
			d = sim_domain(n, 65535, doms[k].cap);
			hog = sim_domain(4, 256, 0);
			for (unsigned int i = 0; i < n; i++)
				sim_go(d, i, 0, 0);
			for (unsigned int i = 0; i < 4; i++)
				sim_go(hog, i, 0, 0);
			sim_run(10 * NSEC_PER_SEC);
			for (unsigned int i = 0; i < n; i++)
				sum += sim_ran(&sim_vcpus[i]);
			got = (double)sum / 1e10 * 100;
			if (got < doms[k].cap * 0.98 || got > doms[k].cap * 1.02) {
				printf("%u CPUs, cap %u of %u vCPUs: %.2f\n", cpus, doms[k].cap, n, got);
				fail();
			}
			sim_stop();
		}
}

/* Beside so many busy vCPUs. */
static void io_guest_wakes_beside(unsigned int cpus, unsigned int busy)
{
	struct sim_vcpu *io;

	sim_start(cpus);
	for (unsigned int i = 0; i < busy; i++)
		sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), MICROSECS(3700));
	sim_run(5 * NSEC_PER_SEC);
	assert_true(io->wakes > 1000);
	/* Worst: everybody else is inside its rate limit. */
	assert_true(io->worst_latency <= MICROSECS(1010));
	assert_true(io->sum_latency / (s_time_t)io->wakes <= MICROSECS(400));
	sim_stop();
}

static void io_guest_wakes_fast(void **state)
{
	for (unsigned int cpus = 1; cpus <= 4; cpus++)
		for (unsigned int each = 2; each <= 4; each += 2)
			io_guest_wakes_beside(cpus, each * cpus);
}

/* A turn does not begin just before somebody wakes by his timer, who would have to wait for the rate limit then. */
static void turns_wait_for_timers(void **state)
{
	for (unsigned int busy = 2; busy <= 8; busy += 3) {
		struct sim_vcpu *io;

		sim_start(1);
		for (unsigned int i = 0; i < busy; i++)
			sim_go(sim_domain(1, 256, 0), 0, 0, 0);
		io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(20), MICROSECS(3050));
		sim_run(5 * NSEC_PER_SEC);
		assert_true(io->wakes > 1500);
		assert_true(io->sum_latency / (s_time_t)io->wakes <= MICROSECS(2));
		sim_stop();
	}
}

/* Nor does a guest keep others off by setting one timer after the other. */
static void timers_gain_no_time(void **state)
{
	struct sim_vcpu *busy, *other;
	struct domain *d;
	u64 before, others;

	/* A turn goes on for a sleeper who wakes within the rate limit, not for one who sleeps on. */
	sim_start(1);
	for (unsigned int i = 0; i < 2; i++)
		sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	sim_go(sim_domain(1, 256, 0), 0, MICROSECS(1), MILLISECS(43));
	sim_run(5 * NSEC_PER_SEC);
	assert_true(sim_switches > 500);
	sim_stop();
	for (s_time_t pause = MICROSECS(20); pause < MILLISECS(4); pause *= 3) {
		sim_start(1);
		d = sim_domain(2, 256, 0);
		busy = sim_go(d, 0, 0, 0);
		sim_go(d, 1, MICROSECS(1), pause);
		other = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
		sim_run(NSEC_PER_SEC);
		before = sim_ran(busy);
		others = sim_ran(other);
		sim_run(5 * NSEC_PER_SEC);
		before = sim_ran(busy) - before;
		others = sim_ran(other) - others;
		assert_true(others > before - before / 50 && others < before + before / 50);
		sim_stop();
	}
}

/* One who woke does not wait for the next one to wake. */
static void timers_of_others_delay_nobody(void **state)
{
	static const unsigned int pauses[] = { 1110, 1370, 1730, 2170, 2530, 3010 };	/* us */
	struct sim_vcpu *io[ARRAY_SIZE(pauses)];

	sim_start(1);
	for (unsigned int i = 0; i < 2; i++)
		sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(pauses); i++)
		io[i] = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(2), MICROSECS(pauses[i]));
	sim_run(5 * NSEC_PER_SEC);
	for (unsigned int i = 0; i < ARRAY_SIZE(pauses); i++) {
		assert_true(io[i]->wakes > 1000);
		assert_true(io[i]->worst_latency <= MICROSECS(1012));
	}
	sim_stop();
}

/* A turn is prolonged once, also where those who wake in it are not let in before it ends. */
static void a_turn_waits_for_one_sleeper(void **state)
{
	s_time_t since = 0, longest = 0;
	const struct vcpu *v = NULL;

	sim_start(1);
	for (unsigned int i = 0; i < 2; i++)
		sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	for (unsigned int i = 0; i < 40; i++)
		sim_go(sim_domain(1, 1, 0), 0, MICROSECS(20), MICROSECS(2000 + 170 * i));
	while (fake_now < 4 * NSEC_PER_SEC) {
		if (current != v) {
			v = current;
			since = fake_now;
		}
		longest = max(longest, fake_now - since);
		sim_run(fake_now + MICROSECS(5));
	}
	assert_true(longest <= MILLISECS(8));
	sim_stop();
}

/* Who yields waits for longer than for a rate limit. */
static void a_yield_is_for_a_round(void **state)
{
	struct sim_vcpu *busy, *yields;

	sim_start(1);
	busy = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	yields = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	for (unsigned int i = 0; i < 20; i++) {
		while (current != yields->v)
			sim_run(fake_now + MICROSECS(100));
		vcpu_yield();
		sim_run(fake_now + 1);
		assert_ptr_equal(current, busy->v);
		sim_run(fake_now + MILLISECS(8) - 2);
		assert_ptr_equal(current, busy->v);
		sim_run(fake_now + MILLISECS(2));
		assert_ptr_equal(current, yields->v);
	}
	sim_stop();
}

/* Who leaves a CPU to another is known to wait when the other's slice is set. */
static void a_switch_takes_one_decision(void **state)
{
	sim_start(1);
	for (unsigned int i = 0; i < 2; i++)
		sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	sim_run(NSEC_PER_SEC);
	assert_true(sim_switches > 50);
	assert_int_equal(sim_second_looks, 0);
	sim_stop();
}

/* Who wakes beside one that may not be preempted yet cuts that one's slice, and nobody decides before its end. */
static void a_wake_up_that_waits_takes_no_decision(void **state)
{
	struct sim_vcpu *busy, *io;

	sim_start(1);
	busy = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), MILLISECS(50));
	sim_run(MILLISECS(20));
	assert_ptr_equal(current, busy->v);
	vcpu_pause_nosync(busy->v);
	sim_run(MILLISECS(21));
	vcpu_unpause(busy->v);
	sim_run(fake_now + MICROSECS(300));
	io->left = io->burst;
	vcpu_unblock(io->v);
	assert_false(softirq_pending_here());
	sim_run(fake_now + MICROSECS(600));
	assert_ptr_equal(current, busy->v);
	sim_run(fake_now + MICROSECS(101));
	assert_ptr_equal(current, io->v);
	sim_stop();
}

static void wakes_on_idle_cpu_at_once(void **state)
{
	struct sim_vcpu *io;

	sim_start(2);
	sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), MICROSECS(900));
	sim_run(NSEC_PER_SEC);
	assert_true(io->wakes > 900);
	assert_int_equal(io->worst_latency, 0);
	sim_stop();
}

static void affinity_is_kept(void **state)
{
	struct sim_vcpu *a, *b, *c;
	u64 before;
	cpumask_t m;

	sim_start(4);
	a = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	b = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	c = sim_go(sim_domain(1, 512, 0), 0, MICROSECS(50), MICROSECS(500));
	sim_run(NSEC_PER_SEC);
	cpumask_clear(&m);
	cpumask_set_cpu(3, &m);
	assert_int_equal(vcpu_set_hard_affinity(a->v, &m), 0);
	assert_int_equal(vcpu_set_hard_affinity(b->v, &m), 0);
	assert_int_equal(vcpu_set_hard_affinity(c->v, &m), 0);
	sim_run(2 * NSEC_PER_SEC);
	assert_int_equal(a->v->processor, 3);
	assert_int_equal(b->v->processor, 3);
	before = sim_ran(a);
	sim_run(3 * NSEC_PER_SEC);
	assert_true(sim_ran(a) - before < (u64)NSEC_PER_SEC * 51 / 100);
	cpumask_set_cpu(1, &m);
	assert_int_equal(vcpu_set_hard_affinity(a->v, &m), 0);
	before = sim_ran(a);
	sim_run(4 * NSEC_PER_SEC);
	assert_true(sim_ran(a) - before > (u64)NSEC_PER_SEC * 98 / 100);
	/* A mask without any CPU that exists is refused and changes nothing. */
	cpumask_clear(&m);
	cpumask_set_cpu(77, &m);
	assert_int_equal(vcpu_set_hard_affinity(a->v, &m), -22);
	sim_stop();
}

static int wish(struct sim_vcpu *s, unsigned int cpu)
{
	cpumask_t m = { { 0 } };

	cpumask_set_cpu(cpu, &m);
	return vcpu_set_soft_affinity(s->v, &m);
}

/* Time for what waits for a look once in a while. */
static void settle(void)
{
	sim_run(fake_now + MILLISECS(100));
}

static void runs_on(const struct sim_vcpu *s, unsigned int cpu)
{
	if (s->v->is_running && s->v->processor == cpu)
		return;
	printf("vCPU %ld is on CPU %u, not on %u\n", (long)(s - sim_vcpus), s->v->processor, cpu);
	fail();
}

/* One that runs goes where it wishes: at once to an idle CPU, and to one that becomes idle later. */
static void wishes_of_the_running(unsigned int sockets)
{
	struct sim_vcpu *a, *b;
	unsigned int switches;

	sim_start_sockets(4, sockets);
	a = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	sim_run(NSEC_PER_SEC);
	for (unsigned int cpu = 4; cpu-- > 0;) {
		assert_int_equal(wish(a, cpu), 0);
		sim_run(fake_now + MICROSECS(10));
		runs_on(a, cpu);
	}
	b = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	assert_int_equal(wish(b, 2), 0);
	settle();
	runs_on(b, 2);
	assert_int_equal(wish(a, 2), 0);
	settle();
	runs_on(b, 2);		/* both wish it: who has it keeps it */
	switches = sim_switches;
	sim_run(fake_now + NSEC_PER_SEC);
	assert_int_equal(sim_switches, switches);
	domain_pause_nosync(b->v->domain);
	settle();
	runs_on(a, 2);
	domain_unpause(b->v->domain);
	settle();
	runs_on(a, 2);
	assert_int_equal(wish(a, 200), 0);	/* which no CPU fulfils: as good as none */
	settle();
	runs_on(b, sockets == 1 ? 2 : b->v->processor);
	switches = sim_switches;
	sim_run(fake_now + NSEC_PER_SEC);
	assert_int_equal(sim_switches, switches);
	sim_stop();
}

/* Who goes to where it wishes to be goes at once, be there somebody to follow it or not. */
static void a_wish_comes_before_a_turn(void **state)
{
	struct sim_vcpu *a, *follows;
	cpumask_t m = { { 1 } };

	sim_start_sockets(2, 2);
	a = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	assert_int_equal(wish(a, 0), 0);
	settle();
	follows = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), NSEC_PER_SEC);
	assert_int_equal(vcpu_set_hard_affinity(follows->v, &m), 0);
	settle();
	vcpu_pause_nosync(a->v);
	sim_run(fake_now + MICROSECS(10));
	vcpu_unpause(a->v);
	sim_run(fake_now + MICROSECS(10));
	follows->left = follows->burst;
	vcpu_unblock(follows->v);	/* which waits: the other has just begun */
	sim_run(fake_now + MICROSECS(10));
	runs_on(a, 0);
	assert_int_equal(wish(a, 1), 0);
	sim_run(fake_now + MICROSECS(10));
	runs_on(a, 1);
	runs_on(follows, 0);
	sim_stop();
}

/* All CPUs are busy: vCPUs of a queue change places, and then stay. */
static void wishes_against_each_other(void)
{
	static const u8 wanted[][4] = { { 3, 2, 1, 0 }, { 1, 2, 3, 0 }, { 2, 3, 1, 0 } };
	struct sim_vcpu *s[4];
	unsigned int switches;

	for (unsigned int k = 0; k < ARRAY_SIZE(wanted); k++) {
		sim_start(4);
		for (unsigned int i = 0; i < 4; i++)
			s[i] = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
		settle();
		for (unsigned int i = 0; i < 4; i++)
			assert_int_equal(wish(s[i], wanted[k][i]), 0);
		settle();
		for (unsigned int i = 0; i < 4; i++)
			runs_on(s[i], wanted[k][i]);
		switches = sim_switches;
		sim_run(fake_now + NSEC_PER_SEC);
		assert_int_equal(sim_switches, switches);
		sim_stop();
	}
}

/* One that wakes goes there at once; one that waits when a place is free. */
static void wishes_of_others(unsigned int sockets)
{
	struct sim_vcpu *io, *s[5], *waits = NULL;
	s_time_t before;

	sim_start_sockets(4, sockets);
	io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), MICROSECS(900));
	sim_run(NSEC_PER_SEC);
	for (unsigned int cpu = 4; cpu-- > 0;) {
		assert_int_equal(wish(io, cpu), 0);
		for (unsigned int i = 0; i < 50; i++) {
			sim_run(fake_now + MICROSECS(950));
			assert_int_equal(io->v->processor, cpu);
		}
	}
	assert_int_equal(io->worst_latency, 0);
	sim_stop();

	sim_start_sockets(4, sockets);
	for (unsigned int i = 0; i < 5; i++)
		s[i] = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	settle();
	for (unsigned int i = 0; i < 5; i++)
		waits = s[i]->v->is_running ? waits : s[i];
	assert_non_null(waits);
	assert_int_equal(wish(waits, 3), 0);
	for (unsigned int i = 0, paused = 0; i < 5 && paused < 2; i++)
		if (s[i] != waits && (s[i]->v->processor == 3 || s[i]->v->processor == 1)) {
			domain_pause_nosync(s[i]->v->domain);
			paused++;
		}
	settle();
	runs_on(waits, 3);
	before = sim_ran(waits);
	sim_run(fake_now + NSEC_PER_SEC);
	assert_int_equal(sim_ran(waits) - before, NSEC_PER_SEC);
	sim_stop();
}

static void soft_affinity_is_followed(void **state)
{
	for (unsigned int sockets = 1; sockets <= 4; sockets *= 2) {
		wishes_of_the_running(sockets);
		wishes_of_others(sockets);
	}
	wishes_against_each_other();
}

/* Wishes never cost anybody his share. */
static void wishes_keep_shares(void **state)
{
	for (unsigned int sockets = 1; sockets <= 2; sockets++) {
		sim_start_sockets(4, sockets);
		for (unsigned int i = 0; i < 8; i++)
			assert_int_equal(wish(sim_go(sim_domain(1, 256, 0), 0, 0, 0), i % 3), 0);
		sim_run(20 * NSEC_PER_SEC);
		for (unsigned int i = 0; i < 8; i++)
			assert_in_range(sim_ran(&sim_vcpus[i]), NSEC_PER_SEC * 9, NSEC_PER_SEC * 11);
		sim_stop();
	}
}

static void pause_and_runstates(void **state)
{
	struct vcpu_runstate_info info;
	struct sim_vcpu *a, *b;
	struct domain *d;

	sim_start(1);
	d = sim_domain(1, 256, 0);
	a = sim_go(d, 0, 0, 0);
	b = sim_go(sim_domain(1, 256, 0), 0, 0, 0);
	sim_run(NSEC_PER_SEC);
	domain_pause_nosync(d);
	sim_run(2 * NSEC_PER_SEC);
	assert_false(a->v->is_running);
	domain_unpause(d);
	sim_run(3 * NSEC_PER_SEC);
	vcpu_runstate_get(a->v, &info);
	assert_int_equal(info.time[0] + info.time[1] + info.time[2] + info.time[3], 3 * NSEC_PER_SEC);
	assert_in_range(info.time[RUNSTATE_running], NSEC_PER_SEC * 97 / 100, NSEC_PER_SEC * 103 / 100);
	assert_in_range(info.time[RUNSTATE_offline], NSEC_PER_SEC * 97 / 100, NSEC_PER_SEC * 103 / 100);
	vcpu_runstate_get(b->v, &info);
	assert_in_range(info.time[RUNSTATE_running], 2 * NSEC_PER_SEC * 98 / 100, 2 * NSEC_PER_SEC * 102 / 100);
	sim_stop();
}

static void sched_ops_of_guests(void **state)
{
	struct sched_poll poll = { .nr_ports = 1 };
	struct sched_watchdog wd = { .timeout = 3 };
	evtchn_port_t port = 5;
	struct sim_vcpu *a;
	struct domain *d;

	sim_start(1);
	d = sim_domain(1, 256, 0);
	a = sim_go(d, 0, 0, 0);
	sim_run(MILLISECS(10));
	assert_ptr_equal(current, a->v);
	assert_int_equal(do_sched_op(SCHEDOP_yield, 0), 0);
	sim_run(MILLISECS(20));
	assert_ptr_equal(current, a->v);

	poll.ports.p = &port;
	poll.timeout = (u64)MILLISECS(50);
	assert_int_equal(do_sched_op(SCHEDOP_poll, (unsigned long)&poll), 0);
	assert_int_equal(a->v->poll_evtchn, 5);
	assert_int_equal(d->poll_mask_any, 1);
	sim_run(MILLISECS(40));
	assert_false(a->v->is_running);
	sim_run(MILLISECS(60));
	assert_true(a->v->is_running);
	assert_int_equal(d->poll_mask_any, 0);
	port = 500;
	assert_int_equal(do_sched_op(SCHEDOP_poll, (unsigned long)&poll), -22);
	poll.nr_ports = 129;
	assert_int_equal(do_sched_op(SCHEDOP_poll, (unsigned long)&poll), -22);
	assert_int_equal(d->poll_mask_any, 0);
	assert_true(vcpu_runnable(a->v));

	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), 1);
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), 2);
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), -28);
	wd.id = 1;
	sim_run(2 * NSEC_PER_SEC);
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), 0);
	wd.id = 2;
	wd.timeout = 0;
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), 0);
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), -22);
	wd.id = 3;
	assert_int_equal(do_sched_op(SCHEDOP_watchdog, (unsigned long)&wd), -22);
	sim_run(4 * NSEC_PER_SEC);
	assert_false(d->is_shutting_down);
	sim_run(6 * NSEC_PER_SEC);
	assert_true(d->is_shutting_down);
	assert_int_equal(d->shutdown_code, SHUTDOWN_watchdog);

	/* Pinned for a firmware call: only the hardware domain, on a CPU there is, until it says so. */
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ 0 }), -1);
	d->is_hardware = true;
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ -1 }), -22);
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ 1 }), -22);
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ 256 }), -22);
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ 0 }), 0);
	assert_int_equal(cpumask_weight(&a->v->hard_affinity), 1);
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ 0 }), 0);
	assert_int_equal(vcpu_set_hard_affinity(a->v, &cpu_online_map), -16);
	assert_int_equal(do_sched_op(SCHEDOP_pin_override, (unsigned long)&(struct sched_pin_override){ -1 }), 0);
	assert_int_equal(cpumask_weight(&a->v->hard_affinity), NR_CPUS);
	d->is_hardware = false;

	/* Block: a pending event means no sleep. */
	a->v->vcpu_info->evtchn_upcall_pending = 1;
	assert_int_equal(do_sched_op(SCHEDOP_block, 0), 0);
	assert_true(vcpu_runnable(a->v));
	a->v->vcpu_info->evtchn_upcall_pending = 0;
	do_set_timer_op(fake_now + MILLISECS(5));
	assert_int_equal(do_sched_op(SCHEDOP_block, 0), 0);
	sim_run(fake_now + MILLISECS(4));
	assert_false(a->v->is_running);
	sim_run(fake_now + MILLISECS(2));
	assert_true(a->v->is_running);
	assert_int_equal(do_sched_op(99, 0), -38);
	sim_stop();
}

/* --- who polls, and who wakes it from other CPUs, between any two atomic operations of each other */

static struct vcpu *poller;
static unsigned int nr_polled;
/* The waker, on CPU 0, stands before its step waker_stop while the poller goes on; at the poller's step inner_at, inner is done. */
static ucontext_t waker_context, main_context;
static void (*waker)(void), (*inner)(void);
static unsigned int waker_steps, waker_stop, poller_steps, inner_at;
static bool in_waker, waker_done, in_poller;

void fake_step(void)
{
	unsigned int cpu = fake_cpu;

	if (fake_locks)		/* the others would wait */
		return;
	if (in_waker && waker_steps++ == waker_stop) {
		in_waker = false;
		swapcontext(&waker_context, &main_context);
		in_waker = true;
	} else if (!in_waker && in_poller && poller_steps++ == inner_at && inner) {
		in_poller = false;
		inner();
		in_poller = true;
	}
	fake_cpu = cpu;
}

static void waker_entry(void)
{
	in_waker = true;
	fake_cpu = 0;
	waker();
	in_waker = false;
	waker_done = true;
}

static void waker_goes_on(void)
{
	fake_cpu = 0;
	if (!waker_done)
		swapcontext(&main_context, &waker_context);
}

static void raise_port(void)
{
	sim_pending_port = 5;
	sched_wake_pollers(poller->domain, 5);
}

static void raise_port_on_2(void)
{
	fake_cpu = 2;
	raise_port();
}

static void raise_event(void)
{
	poller->vcpu_info->evtchn_upcall_pending = 1;
	vcpu_kick(poller);
}

static void time_out(void)
{
	sched_poll_timeout(poller);
}

/* The guest: finds what woke it, if anything did, takes it, and polls again. */
static void poll_anew(void)
{
	u32 ports[2] = { 5, 6 };
	struct sched_poll poll = { .nr_ports = nr_polled, .ports.p = ports };

	fake_cpu = 1;
	do_softirq();
	for (int i = 0; i < 2 && current == poller && vcpu_runnable(poller); i++) {
		assert_int_equal(do_sched_op(SCHEDOP_poll, (unsigned long)&poll), 0);
		if (i || !vcpu_runnable(poller))
			continue;
		sim_pending_port = 0;
		poller->vcpu_info->evtchn_upcall_pending = 0;
	}
}

static void settle_poller(void)
{
	poll_anew();
	do_softirq();
}

static void poll_between(bool asleep)
{
	static char stack[1 << 17];
	struct domain *d;

	sim_start(3);
	d = sim_domain(1, 256, 0);
	poller = d->vcpu[0];
	cpumask_clear(&poller->hard_affinity);
	cpumask_set_cpu(1, &poller->hard_affinity);
	sim_go(d, 0, 0, 0);
	sim_run(1000);
	poll_anew();
	if (asleep)
		do_softirq();

	waker_steps = poller_steps = 0;
	waker_done = false;
	getcontext(&waker_context);
	waker_context.uc_stack.ss_sp = stack;
	waker_context.uc_stack.ss_size = sizeof(stack);
	waker_context.uc_link = &main_context;
	makecontext(&waker_context, waker_entry, 0);
	waker_goes_on();
	in_poller = true;
	settle_poller();
	in_poller = false;
	waker_goes_on();

	/* Whatever it lived through, it hears the next one. */
	settle_poller();
	fake_cpu = 0;
	raise_port();
	fake_cpu = 1;
	do_softirq();
	assert_ptr_equal(current, poller);
	assert_true(vcpu_runnable(poller));
	assert_int_equal(d->poll_mask_any, d->poll_mask[0] != 0);
	fake_cpu = 0;
	sim_stop();
}

static void pollers_miss_nothing(void **state)
{
	static void (*const wakers[])(void) = { raise_port, raise_event, time_out };
	static void (*const inners[])(void) = { NULL, waker_goes_on, raise_port_on_2 };
	unsigned int ways = 0;

	for (unsigned int k = 0; k < 3 * 3 * 4; k++) {
		waker = wakers[k % 3];
		inner = inners[k / 3 % 3];
		nr_polled = 1 + k / 9 % 2;
		for (waker_stop = 0; !waker_stop || waker_steps >= waker_stop; waker_stop++)
			for (inner_at = 0; !inner_at || poller_steps >= inner_at; inner_at++, ways++)
				poll_between(k / 18);
	}
	printf("%u ways\n", ways);
	assert_true(ways > 1000);
}

static void queues_are_balanced(void **state)
{
	for (unsigned int n = 2; n <= 13; n++) {
		double share, got;

		sim_start_sockets(4, 4);
		for (unsigned int i = 0; i < n; i++)
			sim_go(sim_domain(1, 256, 0), 0, 0, 0);
		sim_run(20 * NSEC_PER_SEC);
		share = n < 4 ? 1 : 4.0 / n;
		for (unsigned int i = 0; i < n; i++) {
			got = (double)sim_ran(&sim_vcpus[i]) / 2e10;
			if (got < share * 0.95 || got > share * 1.05) {
				printf("%u vCPUs on 4 queues: %u has %.4f, not %.4f\n", n, i, got, share);
				fail();
			}
		}
		sim_stop();
	}
	for (unsigned int sockets = 2; sockets <= 4; sockets += 2) {
		struct sim_vcpu *io;

		sim_start_sockets(4, sockets);
		for (unsigned int i = 0; i < 3; i++)
			sim_go(sim_domain(1, 256, 0), 0, 0, 0);
		io = sim_go(sim_domain(1, 256, 0), 0, MICROSECS(100), MICROSECS(900));
		sim_run(NSEC_PER_SEC);
		assert_int_equal(io->worst_latency, 0); /* the idle CPU is found in another queue too */
		sim_stop();
	}
}

/* ---- pools ---- */

static void run_for(s_time_t ns)
{
	sim_run(now() + ns);
}

/* What @s had of the next 100 ms, in percent of a CPU. */
static unsigned int percent(struct sim_vcpu *s)
{
	u64 before = sim_ran(s);

	run_for(MILLISECS(100));
	return (unsigned int)((sim_ran(s) - before + 500000) / 1000000);
}

static u32 new_pool(void)
{
	u32 id;

	assert_int_equal(cpupool_create(CPUPOOL_ANY, &id), 0);
	return id;
}

/* It may still run somebody who leaves: the ABI makes such a call again. */
static void give_cpu(u32 pool, unsigned int cpu)
{
	while (cpupool_add_cpu(pool, cpu) == -85)
		run_for(1);
}

static void pools_are_kept_apart(void **state)
{
	for (unsigned int sockets = 1; sockets <= 2; sockets++) {
		struct domain *d[3];
		struct sim_vcpu *s[3];
		struct cpupool info;
		u32 pool;

		sim_start_sockets(4, sockets);
		for (unsigned int i = 0; i < 3; i++) {
			d[i] = sim_domain(1, 256, 0);
			s[i] = sim_go(d[i], 0, 0, 0);
		}
		run_for(MILLISECS(50));
		pool = new_pool();
		assert_int_equal(pool, 1);
		assert_int_equal(cpupool_create(1, &pool), -17);
		assert_int_equal(cpupool_move_domain(1, d[2]), -2);	/* has no CPU yet */
		assert_int_equal(cpupool_add_cpu(1, 3), -19);
		assert_int_equal(cpupool_remove_cpu(0, 3), 0);
		assert_int_equal(cpupool_remove_cpu(0, 3), -22);
		give_cpu(1, 3);
		/* Both that are moved have the one CPU there; the third has its own still. */
		assert_int_equal(cpupool_move_domain(1, d[1]), 0);
		assert_int_equal(cpupool_move_domain(1, d[2]), 0);
		run_for(MILLISECS(50));
		assert_in_range(percent(s[0]), 99, 101);
		assert_in_range(percent(s[1]) + percent(s[2]), 90, 110);
		assert_int_equal(s[1]->v->processor, 3);
		assert_int_equal(cpupool_info(0, &info), 0);
		assert_int_equal(info.nr_domains, 1);
		assert_int_equal(cpupool_info(1, &info), 0);
		assert_int_equal(info.nr_domains, 2);
		assert_int_equal(cpupool_info(2, &info), -2);
		/* Neither CPU nor pool goes while domains are there. */
		assert_int_equal(cpupool_remove_cpu(1, 3), -16);
		assert_int_equal(cpupool_destroy(1), -16);
		assert_int_equal(cpupool_destroy(0), -16);
		/* But for a domain that dies: it counts for the first pool then. */
		assert_int_equal(cpupool_move_domain(0, d[1]), 0);
		run_for(MILLISECS(50));
		assert_in_range(percent(s[1]), 99, 101);
		vcpu_pause_nosync(d[2]->vcpu[0]);
		run_for(MILLISECS(1));
		d[2]->dying = DOMDYING_DYING;
		assert_int_equal(cpupool_remove_cpu(1, 3), 0);
		assert_ptr_equal(d[2]->pool, &cpupool0);
		assert_int_equal(cpupool_destroy(1), 0);
		assert_int_equal(cpupool_destroy(1), -2);
		give_cpu(0, 3);
		sim_stop();
	}
}

/* A CPU that runs somebody, has others waiting for it, or is somebody's only one, leaves: all of them go on. */
static void cpus_leave_under_load(void **state)
{
	cpumask_t one = { { 0 } };

	for (unsigned int sockets = 1; sockets <= 4; sockets *= 2) {
		struct domain *d;
		struct sim_vcpu *s[12];

		sim_start_sockets(4, sockets);
		d = sim_domain(12, 256, 0);
		for (unsigned int i = 0; i < 12; i++)
			s[i] = sim_go(d, i, i < 6 ? 0 : MICROSECS(300), i < 6 ? 0 : MICROSECS(100 * i));
		cpumask_set_cpu(2, &one);
		assert_int_equal(vcpu_set_hard_affinity(s[0]->v, &one), 0);
		for (unsigned int round = 0; round < 40; round++) {
			unsigned int cpu = 1 + round % 3;

			run_for(MICROSECS(700 * round));
			assert_int_equal(cpupool_remove_cpu(0, cpu), 0);
			run_for(MICROSECS(900));
			assert_in_range(percent(s[0]), 10, 101);
			give_cpu(0, cpu);
		}
		/* Who had only a CPU that left may run on all. */
		assert_int_equal(cpumask_weight(&s[0]->v->hard_affinity), NR_CPUS);
		for (unsigned int i = 0; i < 6; i++)
			assert_in_range(percent(s[i]), 10, 101);
		sim_stop();
	}
}

/* Domains go to and fro while they run, sleep and wait; each pool has its own limit. */
static void domains_move_under_load(void **state)
{
	struct xen_sysctl_scheduler_op op = { .cpupool_id = 1, .sched_id = XEN_SCHEDULER_CREDIT2 };
	struct sim_vcpu *s[12];
	struct domain *d[6];

	sim_start_sockets(4, 2);
	assert_int_equal(new_pool(), 1);
	for (unsigned int i = 0; i < 6; i++) {
		d[i] = sim_domain(2, 256, i == 5 ? 30 : 0);
		s[2 * i] = sim_go(d[i], 0, 0, 0);
		s[2 * i + 1] = sim_go(d[i], 1, MICROSECS(200), MICROSECS(150));
	}
	for (unsigned int cpu = 1; cpu < 4; cpu += 2) {
		assert_int_equal(cpupool_remove_cpu(0, cpu), 0);
		give_cpu(1, cpu);
	}
	for (unsigned int round = 0; round < 300; round++) {
		assert_int_equal(cpupool_move_domain(round / 6 % 2, d[round % 6]), 0);
		run_for(MICROSECS(100 + 37 * (round % 50)));
	}
	for (unsigned int i = 0; i < 6; i++)
		assert_in_range(percent(s[2 * i]), 5, 101);
	op.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	op.u.sched_credit2.ratelimit_us = 5000;
	assert_int_equal(sched_adjust_pool(&op), 0);
	op.cmd = XEN_SYSCTL_SCHEDOP_getinfo;
	op.cpupool_id = 0;
	assert_int_equal(sched_adjust_pool(&op), 0);
	assert_int_equal(op.u.sched_credit2.ratelimit_us, 1000);
	op.cpupool_id = 7;
	assert_int_equal(sched_adjust_pool(&op), -3);
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(cpupool_move_domain(0, d[i]), 0);
	run_for(MILLISECS(1));
	for (unsigned int cpu = 1; cpu < 4; cpu += 2) {
		assert_int_equal(cpupool_remove_cpu(1, cpu), 0);
		give_cpu(0, cpu);
	}
	assert_int_equal(cpupool_destroy(1), 0);
	sim_stop();
}

static void parameters(void **state)
{
	struct xen_domctl_scheduler_op op = { .cmd = XEN_DOMCTL_SCHEDOP_getinfo };
	struct xen_sysctl_scheduler_op gop = { .sched_id = XEN_SCHEDULER_CREDIT2, .cmd = XEN_SYSCTL_SCHEDOP_getinfo };
	struct domain *d;

	sim_start(1);
	d = sim_domain(1, 300, 20);
	assert_int_equal(sched_adjust(d, &op), 0);
	assert_int_equal(op.u.credit2.weight, 300);
	assert_int_equal(op.u.credit2.cap, 20);
	op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op.u.credit2.weight = 0;
	op.u.credit2.cap = 0xffff;
	assert_int_equal(sched_adjust(d, &op), 0);
	op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	assert_int_equal(sched_adjust(d, &op), 0);
	assert_int_equal(op.u.credit2.weight, 300);
	op.cmd = 7;
	assert_int_equal(sched_adjust(d, &op), -22);
	assert_int_equal(sched_adjust_pool(&gop), 0);
	assert_int_equal(gop.u.sched_credit2.ratelimit_us, 1000);
	gop.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
	gop.u.sched_credit2.ratelimit_us = 99;
	assert_int_equal(sched_adjust_pool(&gop), -22);
	assert_int_equal(sched_id(), XEN_SCHEDULER_CREDIT2);
	sim_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_hold),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(io_guest_wakes_fast),
		cmocka_unit_test(turns_wait_for_timers),
		cmocka_unit_test(timers_gain_no_time),
		cmocka_unit_test(timers_of_others_delay_nobody),
		cmocka_unit_test(a_turn_waits_for_one_sleeper),
		cmocka_unit_test(a_yield_is_for_a_round),
		cmocka_unit_test(a_switch_takes_one_decision),
		cmocka_unit_test(a_wake_up_that_waits_takes_no_decision),
		cmocka_unit_test(wakes_on_idle_cpu_at_once),
		cmocka_unit_test(affinity_is_kept),
		cmocka_unit_test(soft_affinity_is_followed),
		cmocka_unit_test(a_wish_comes_before_a_turn),
		cmocka_unit_test(wishes_keep_shares),
		cmocka_unit_test(pause_and_runstates),
		cmocka_unit_test(sched_ops_of_guests),
		cmocka_unit_test(pollers_miss_nothing),
		cmocka_unit_test(queues_are_balanced),
		cmocka_unit_test(pools_are_kept_apart),
		cmocka_unit_test(cpus_leave_under_load),
		cmocka_unit_test(domains_move_under_load),
		cmocka_unit_test(parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
