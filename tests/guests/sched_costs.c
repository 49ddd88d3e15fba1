/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What it takes to change domains and to wake them, on a machine of one CPU whose TSC counts instructions.  The guests'
 * own part, some dozens a round, is in it.
 */
#include "sched.h"
#include "../../bench/mark.h"

#define ROUNDS 200
#define SLEEPS 300
#define COST_LINE(name, n) printk("COST %s = %lu\n", name, (u64)(n))

/* ---- what children do: see child_fn ---- */

/* Gives back each event; the port to bind to comes in p->work. */
static void __attribute__((noipa, noreturn, aligned(64)))
echo(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	struct evtchn_bind_interdomain bind = { .remote_dom = 0 };
	struct sched_poll poll = { .nr_ports = 1 };
	struct evtchn_send back;

	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	while (!*(volatile u32 *)&p->work)
		H2(sched_op, SCHEDOP_yield, 0);
	bind.remote_port = p->work;
	H2(event_channel_op, EVTCHNOP_bind_interdomain, &bind);
	back.port = bind.local_port;
	poll.ports.p = &bind.local_port;
	for (;;) {
		H2(sched_op, SCHEDOP_poll, &poll);
		__atomic_and_fetch(&s->evtchn_pending[0], ~(1UL << bind.local_port), __ATOMIC_SEQ_CST);
		p->turns++;
		H2(event_channel_op, EVTCHNOP_send, &back);
	}
}

static void __attribute__((noipa, noreturn, aligned(64)))
give_way(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	for (;;) {
		p->turns++;
		H2(sched_op, SCHEDOP_yield, 0);
	}
}

/* ---- costs ---- */

/* For bench/profile: "row=NAME forever" has what NAME does go on without end. */
static bool goes_on(const char *name)
{
	char row[32];

	if (!cmdline_has("forever") || !cmdline_get("row", row, sizeof(row)) || strcmp(row, name))
		return false;
	printk("FOREVER %s\n", name);
	return true;
}

static void ask(evtchn_port_t port)
{
	struct evtchn_send to = { .port = port };
	struct sched_poll poll = { .nr_ports = 1, .ports.p = &port };

	H2(event_channel_op, EVTCHNOP_send, &to);
	H2(sched_op, SCHEDOP_poll, &poll);
	__atomic_and_fetch(&shared_info->evtchn_pending[0], ~(1UL << port), __ATOMIC_SEQ_CST);
}

static bool ping_pong(void)
{
	struct dom *d = start((struct dom_plan){ .vcpus = 1, .code = echo });
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF };
	bool forever;
	u64 t, turns;

	WANT_TRUE(d);
	a.remote_dom = d->id;
	WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	d->page[0]->work = a.port;
	while (!d->page[0]->turns) {	/* until it has bound the other end */
		ask(a.port);
		nap(MS);
	}
	forever = goes_on("ping-pong");
	for (u32 i = 0; i < 10 || forever; i++)
		ask(a.port);
	turns = d->page[0]->turns;
	MARK(MARK_BEGIN);
	t = rdtsc();
	for (u32 i = 0; i < ROUNDS; i++)
		ask(a.port);
	t = rdtsc() - t;
	MARK(MARK_END);
	COST_LINE("ping-pong between two domains, a round", t / ROUNDS);
	WANT(d->page[0]->turns - turns, ROUNDS);
	return true;
}

static bool switches(void)
{
	struct dom *d = start((struct dom_plan){ .vcpus = 1, .code = give_way });
	u64 t, turns;

	WANT_TRUE(d);
	nap(10 * MS);
	for (bool forever = goes_on("switch"); forever;)
		H2(sched_op, SCHEDOP_yield, 0);
	turns = d->page[0]->turns;
	MARK(MARK_BEGIN);
	t = rdtsc();
	for (u32 i = 0; i < ROUNDS; i++)
		H2(sched_op, SCHEDOP_yield, 0);
	t = rdtsc() - t;
	MARK(MARK_END);
	turns = d->page[0]->turns - turns;
	WANT_TRUE(turns >= ROUNDS / 2);
	COST_LINE("switch between two vCPUs", t / (ROUNDS + turns));
	return true;
}

/* How late a sleeper wakes, in instructions from when its timer was due. */
static bool wake_ups(const char *median, const char *late, u32 busy)
{
	struct dom *io = start((struct dom_plan){ .vcpus = 1, .period = 3070000, .work = 20 });
	struct vcpu_page *p;
	bool forever;

	WANT_TRUE(io);
	for (u32 i = 0; i < busy; i++)
		WANT_TRUE(start((struct dom_plan){ .vcpus = 1 }));
	forever = goes_on(busy ? "wake-up" : "idle-to-run");
	p = io->page[0];
	while (p->sleeps < SLEEPS || forever)
		nap(100 * MS);
	sort(p->delay, SLEEPS);
	COST_LINE(median, p->delay[SLEEPS / 2]);
	COST_LINE(late, p->delay[SLEEPS * 99 / 100]);
	return true;
}

bool costs(void)
{
	bool ok = ping_pong();

	end_all();
	ok = ok && switches();
	end_all();
	ok = ok && wake_ups("idle to run by a timer, median", "idle to run by a timer, 99 of 100", 0);
	end_all();
	ok = ok && wake_ups("wake-up beside two busy domains, median", "wake-up beside two busy domains, 99 of 100", 2);
	end_all();
	return ok;
}
