/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the scheduler gives, on a machine with two CPUs: shares by weight, caps, both CPUs in use, affinity, how
 * late one who sleeps wakes beside busy ones, and run states that leave no time out.  With QEMU's -icount time is
 * the number of instructions, thus the figures are the same on a busy host.  "only=NAME": the tests that begin so.
 * With "costs" it tells what switches cost instead, with "isolation" what neighbours take, with "many" what 128 get done.
 */
#include "sched.h"

#define WANT_BETWEEN(expr, low, high) do { \
	u64 got_ = (expr); \
	if (got_ - (low) > (u64)(high) - (low)) { \
		printk("  %s: %lu, not %lu to %lu\n", #expr, got_, (u64)(low), (u64)(high)); \
		return false; \
	} \
} while (0)
/* Shares are in 1/10000 of a CPU. */
#define WANT_SHARE(d, elapsed, want, within) WANT_BETWEEN(share(d, elapsed), (want) - (within), (want) + (within))

static const struct dom_plan busy_on_0 = { .vcpus = 1, .cpus = 1 };

/* Domain 0 itself, out of the way of who is measured on CPU 0, or anywhere. */
static bool dom0_on(u32 cpus) { return set_affinity(0, 0, XEN_VCPUAFFINITY_HARD, cpus); }

static bool shares_are(struct dom *const *d, const u32 *weights, u32 n)
{
	u64 elapsed = measure(1400 * MS), sum = 0;

	for (u32 i = 0; i < n; i++)
		sum += weights[i];
	for (u32 i = 0; i < n; i++)
		printk("  weight %u: %lu of %lu\n", weights[i], share(d[i], elapsed), 10000 * weights[i] / sum);
	for (u32 i = 0; i < n; i++) {
		u64 due = 10000 * weights[i] / sum;

		WANT_SHARE(d[i], elapsed, due, due / 20);
	}
	WANT_SHARE(NULL, elapsed, 10000, 50);
	return true;
}

static bool weights(void)
{
	static const u32 w[] = { 256, 512, 1024 }, other[] = { 1000, 500, 500 };
	struct dom *d[ARRAY_SIZE(w)];

	for (u32 i = 0; i < ARRAY_SIZE(w); i++) {
		struct dom_plan plan = busy_on_0;

		plan.weight = w[i];
		WANT_TRUE(d[i] = start(plan));
	}
	WANT_TRUE(shares_are(d, w, ARRAY_SIZE(w)));
	for (u32 i = 0; i < ARRAY_SIZE(w); i++)
		WANT_TRUE(set_weight(d[i], other[i]));
	return shares_are(d, other, ARRAY_SIZE(w));
}

/* Nobody else wants the CPU. */
static bool caps(void)
{
	static const struct { u32 cap, share; } steps[] = { { 25, 2500 }, { 0, 10000 }, { 60, 6000 }, { 10, 1000 }, { 0, 10000 } };
	struct dom_plan plan = busy_on_0;
	struct dom *d;

	plan.cap = steps[0].cap;
	WANT_TRUE(d = start(plan));
	for (u32 i = 0; i < ARRAY_SIZE(steps); i++) {
		u64 elapsed;

		WANT_TRUE(set_cap(d, steps[i].cap));
		elapsed = measure(500 * MS);
		printk("  cap %u: %lu\n", steps[i].cap, share(d, elapsed));
		WANT_SHARE(d, elapsed, steps[i].share, steps[i].cap ? 200 : 50);
	}
	return true;
}

/* A cap is the domain's, whatever number of vCPUs uses it up; who is not capped takes the rest. */
static bool caps_of_several(void)
{
	struct dom *capped = start((struct dom_plan){ .vcpus = 2, .cap = 120 }), *other;
	u64 elapsed;

	WANT_TRUE(capped);
	elapsed = measure(500 * MS);
	printk("  cap 120 of two: %lu and %lu ns\n", capped->ran[0], capped->ran[1]);
	WANT_SHARE(capped, elapsed, 12000, 300);
	WANT_TRUE(set_cap(capped, 50));
	WANT_TRUE(other = start((struct dom_plan){ .vcpus = 2 }));
	nap(20 * MS);		/* two periods of the cap */
	elapsed = measure(500 * MS);
	printk("  cap 50 of two: %lu beside %lu\n", share(capped, elapsed), share(other, elapsed));
	WANT_SHARE(capped, elapsed, 5000, 300);
	WANT_SHARE(NULL, elapsed, 20000, 100);
	return true;
}

/* One busy vCPU more each time: both CPUs are in use, nobody has more than another. */
static bool two_cpus(void)
{
	struct dom *d[5];

	for (u32 n = 1; n <= ARRAY_SIZE(d); n++) {
		u64 elapsed, due = n < 2 ? 10000 : 20000 / n;

		WANT_TRUE(d[n - 1] = start((struct dom_plan){ .vcpus = 1 }));
		elapsed = measure(n > 2 ? 1000 * MS : 200 * MS);
		printk("  %u on two CPUs: %lu in all,", n, share(NULL, elapsed));
		for (u32 i = 0; i < n; i++)
			printk(" %lu", share(d[i], elapsed));
		printk("\n");
		WANT_SHARE(NULL, elapsed, n < 2 ? 10000 : 20000, 100);
		for (u32 i = 0; i < n; i++)
			WANT_SHARE(d[i], elapsed, due, due / 20);
	}
	return true;
}

static bool two_cpus_weights(void)
{
	static const u32 w[] = { 256, 256, 512, 512 };
	struct dom *d[ARRAY_SIZE(w)];
	u64 elapsed;

	for (u32 i = 0; i < ARRAY_SIZE(w); i++)
		WANT_TRUE(d[i] = start((struct dom_plan){ .vcpus = 1, .weight = w[i] }));
	elapsed = measure(1500 * MS);
	for (u32 i = 0; i < ARRAY_SIZE(w); i++)
		printk("  weight %u on two CPUs: %lu\n", w[i], share(d[i], elapsed));
	for (u32 i = 0; i < ARRAY_SIZE(w); i++)
		WANT_SHARE(d[i], elapsed, 20000 * w[i] / 1536, 20000 * w[i] / 1536 / 20);
	return true;
}

/* It does its turns on @cpu from now on, and on no other; how soon. 0: it does not. */
static u64 moves_to(const struct dom *d, u32 cpu)
{
	const struct vcpu_page *p = d->page[0];
	u64 from = system_time(), first = p->turns_on[cpu], last, took;

	while (p->turns_on[cpu] == first) {
		if (system_time() > from + 100 * MS)
			return 0;
		nap(MS / 4);		/* not too often: its own CPU should be idle when looked at */
	}
	took = system_time() - from;
	last = p->turns_on[!cpu];
	nap(2 * MS);
	return p->turns_on[!cpu] == last ? took + 1 : 0;
}

static bool hard_affinity(void)
{
	struct dom *d = start(busy_on_0), *rival = NULL;
	u64 worst = 0, elapsed, elsewhere;

	WANT_TRUE(d);
	for (u32 i = 0; i < 40; i++) {
		u32 cpu = ~i & 1;
		struct xen_domctl_getvcpuinfo info;
		u64 took;

		/* Idle CPUs, and then both with somebody else on them. */
		if (i == 20)
			WANT_TRUE((rival = start((struct dom_plan){ .vcpus = 2 })));
		WANT_TRUE(set_affinity(d->id, 0, XEN_VCPUAFFINITY_HARD, 1U << cpu));
		took = moves_to(d, cpu);
		WANT_TRUE(took);
		worst = took > worst && i < 20 ? took : worst;
		WANT_TRUE(get_vcpu(d, 0, &info));
		WANT(info.cpu, cpu);
	}
	printk("  moved after %lu ns at most\n", worst);
	WANT_BETWEEN(worst, 1, MS);
	/* All on CPU 0 share it, however often the other one looks for something to do. */
	WANT_TRUE(set_affinity(d->id, 0, XEN_VCPUAFFINITY_HARD, 1));
	for (u32 i = 0; i < rival->vcpus; i++)
		WANT_TRUE(set_affinity(rival->id, i, XEN_VCPUAFFINITY_HARD, 1));
	nap(2 * MS);
	elsewhere = d->page[0]->turns_on[1] + rival->page[0]->turns_on[1] + rival->page[1]->turns_on[1];
	for (u32 i = 0; i < 20; i++)
		nap(MS / 4);
	elapsed = measure(600 * MS);
	printk("  pinned: %lu beside %lu\n", share(d, elapsed), share(rival, elapsed));
	WANT(d->page[0]->turns_on[1] + rival->page[0]->turns_on[1] + rival->page[1]->turns_on[1], elsewhere);
	WANT_SHARE(d, elapsed, 3333, 333);
	WANT_BETWEEN(share(NULL, elapsed), 9500, 10050);	/* Domain 0 may take its part */
	return true;
}

static bool soft_affinity(void)
{
	struct dom *d = start((struct dom_plan){ .vcpus = 1, .prefers = 1 }), *pinned;
	u64 elapsed;

	WANT_TRUE(d);
	for (u32 i = 0; i < 20; i++) {
		WANT_TRUE(set_affinity(d->id, 0, XEN_VCPUAFFINITY_SOFT, 1U << (~i & 1)));
		WANT_TRUE(moves_to(d, ~i & 1));
	}
	/* Where it wishes to be somebody else has to be: rather the other CPU than half of that one. */
	WANT_TRUE(set_affinity(d->id, 0, XEN_VCPUAFFINITY_SOFT, 1));
	WANT_TRUE(moves_to(d, 0));
	WANT_TRUE(pinned = start(busy_on_0));
	elapsed = measure(300 * MS);
	printk("  wish refused: %lu beside %lu\n", share(d, elapsed), share(pinned, elapsed));
	WANT_SHARE(d, elapsed, 10000, 300);
	return true;
}

void sort(u32 *a, u32 n)
{
	for (u32 i = 1; i < n; i++)
		for (u32 k = i; k && a[k - 1] > a[k]; k--) {
			u32 t = a[k];

			a[k] = a[k - 1];
			a[k - 1] = t;
		}
}

#define ENOUGH_SLEEPS 200

/* From now on, when the start of all of them is over. */
static bool delays_are_short(struct vcpu_page *p, const char *beside, u32 median, u32 most)
{
	u32 *delay, n;

	nap(100 * MS);
	delay = p->delay + p->sleeps;
	n = p->sleeps;
	nap(1000 * MS);
	WANT_BETWEEN(p->sleeps, n + ENOUGH_SLEEPS, MAX_DELAYS);
	n = p->sleeps - n;
	sort(delay, n);
	printk("  %u sleeps beside %s: late by %u median, %u 95 of 100, %u most (ns)\n", n, beside, delay[n / 2],
	       delay[n * 95 / 100], delay[n - 1]);
	WANT_BETWEEN(delay[n / 2], 1, median);
	WANT_BETWEEN(delay[n - 1], 1, most);
	return true;
}

/* On a CPU where nobody or somebody always runs; its period has nothing to do with slices. */
static bool wake_ups(void)
{
	static const struct dom_plan sleeper = { .vcpus = 1, .cpus = 1, .period = 3070000, .work = 20 };
	struct dom *io = start(sleeper);
	struct dom_plan heavy = busy_on_0;

	WANT_TRUE(io);
	WANT_TRUE(delays_are_short(io->page[0], "nobody", 50000, 200000));
	end_all();

	WANT_TRUE((io = start(sleeper)) && start(busy_on_0) && start(busy_on_0));
	WANT_TRUE(delays_are_short(io->page[0], "two", 200000, 5 * MS));
	end_all();

	heavy.weight = 2048;
	WANT_TRUE((io = start(sleeper)) && start(heavy) && start(heavy) && start(heavy));
	return delays_are_short(io->page[0], "three of eight times its weight", 200000, 5 * MS);
}

struct times { u64 entered, sum, time[4]; };

/* Paused, nobody writes it. */
static bool times_of(const struct dom *d, u32 vcpu, struct times *t)
{
	const struct vcpu_runstate_info *r = &d->page[vcpu]->runstate;

	WANT(domctl(domctl_op(XEN_DOMCTL_pausedomain, d->id)), 0);
	*t = (struct times){ .entered = r->state_entry_time };
	for (u32 i = 0; i < 4; i++) {
		t->time[i] = r->time[i];
		t->sum += r->time[i];
	}
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, d->id)), 0);
	return true;
}

static bool run_states(void)
{
	struct dom *d[3] = { start(busy_on_0), start(busy_on_0),
			     start((struct dom_plan){ .vcpus = 1, .cpus = 1, .period = 3070000, .work = 20 }) };
	struct times before[3], after[3];
	u64 ran = 0, elapsed, accounted;

	WANT_TRUE(d[0] && d[1] && d[2]);
	nap(50 * MS);
	for (u32 i = 0; i < 3; i++)
		WANT_TRUE(times_of(d[i], 0, &before[i]));
	accounted = measure(500 * MS);
	for (u32 i = 0; i < 3; i++) {
		WANT_TRUE(times_of(d[i], 0, &after[i]));
		elapsed = after[i].entered - before[i].entered;
		WANT_BETWEEN(elapsed, 470 * MS, 530 * MS);
		WANT(after[i].sum - before[i].sum, elapsed);	/* to the nanosecond */
		ran += after[i].time[RUNSTATE_running] - before[i].time[RUNSTATE_running];
		for (u32 s = 0; s < 4; s++)
			printk("  %s%lu%s", s ? "" : "run states (us): ", (after[i].time[s] - before[i].time[s]) / 1000,
			       s == 3 ? "\n" : "");
		WANT_BETWEEN(after[i].time[RUNSTATE_running] - before[i].time[RUNSTATE_running], d[i]->ran[0] * 9 / 10,
			     d[i]->ran[0] * 11 / 10);
	}
	WANT_BETWEEN(ran, 470 * MS, 530 * MS);
	WANT_SHARE(NULL, accounted, 10000, 100);
	/* Who is busy never blocks; who sleeps mostly does. */
	WANT(after[0].time[RUNSTATE_blocked], 0);
	WANT_BETWEEN(after[2].time[RUNSTATE_blocked] - before[2].time[RUNSTATE_blocked], 300 * MS, 530 * MS);
	return true;
}

static const struct { const char *name; bool (*fn)(void); u32 dom0; } tests[] = {
	{ "weights", weights, 2 },
	{ "caps", caps, 2 },
	{ "caps-of-several", caps_of_several, 3 },
	{ "two-cpus", two_cpus, 3 },
	{ "two-cpus-weights", two_cpus_weights, 3 },
	{ "hard-affinity", hard_affinity, 3 },
	{ "soft-affinity", soft_affinity, 3 },
	{ "wake-ups", wake_ups, 2 },
	{ "run-states", run_states, 2 },
};

void guest_main(void)
{
	char only[32] = "";
	bool good = true;

	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	if (cmdline_has("costs"))
		guest_exit(costs() ? "PASS" : "FAIL");
	if (cmdline_has("isolation"))
		guest_exit(isolation() ? "PASS" : "FAIL");
	if (cmdline_has("many"))
		guest_exit(many() ? "PASS" : "FAIL");
	cmdline_get("only", only, sizeof(only));
	for (u32 i = 0; i < ARRAY_SIZE(tests); i++) {
		u64 from = system_time();
		bool ok;

		if (memcmp(tests[i].name, only, strlen(only)))
			continue;
		ok = dom0_on(tests[i].dom0) && tests[i].fn();
		end_all();
		printk("BENCH %s %s after %lu ms\n", tests[i].name, ok ? "ok" : "FAIL", (system_time() - from) / MS);
		good = good && ok;
	}
	guest_exit(good ? "PASS" : "FAIL");
}
