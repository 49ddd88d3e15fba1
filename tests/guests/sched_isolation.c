/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a busy domain loses to a neighbour on the same CPU that does its worst: of the CPU time that it is due (half,
 * and what the neighbour leaves), and of the work that it does in the time that it is said to have had.
 */
#include "sched.h"

/* ---- what neighbours do: see child_fn ---- */

static void __attribute__((noipa, noreturn, aligned(64)))
storm_calls(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	for (;;) {
		H2(xen_version, XENVER_version, 0);
		p->turns++;
	}
}

static void __attribute__((noipa, noreturn, aligned(64)))
storm_yields(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	for (;;) {
		H2(sched_op, SCHEDOP_yield, 0);
		p->turns++;
	}
}

static void __attribute__((noipa, noreturn, aligned(64)))
storm_events(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_send send;

	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	b.remote_port = a.port;
	H2(event_channel_op, EVTCHNOP_bind_interdomain, &b);
	send.port = b.local_port;
	for (;;) {
		s->evtchn_pending[0] = 0;
		H2(event_channel_op, EVTCHNOP_send, &send);
		p->turns++;
	}
}

/* Never out of work for long, always the one who wakes. */
static void __attribute__((noipa, noreturn, aligned(64)))
storm_wakes(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER, .vcpu = vcpu };
	struct vcpu_set_singleshot_timer timer = { 0 };
	struct sched_poll poll = { .nr_ports = 1 };

	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	H2(event_channel_op, EVTCHNOP_bind_virq, &bind);
	poll.ports.p = &bind.port;
	for (;;) {
		timer.timeout_abs_ns = time_of(&s->vcpu_info[vcpu].time) + 20000;
		__atomic_and_fetch(&s->evtchn_pending[0], ~(1UL << bind.port), __ATOMIC_SEQ_CST);
		H3(vcpu_op, VCPUOP_set_singleshot_timer, vcpu, &timer);
		H2(sched_op, SCHEDOP_poll, &poll);
		p->turns++;
	}
}

/* ---- who works beside them ---- */

static const struct { const char *name; child_fn *code; } storms[] = {
	{ "one as busy", NULL },
	{ "a storm of calls", storm_calls },
	{ "a storm of yields", storm_yields },
	{ "a storm of events", storm_events },
	{ "a storm of wake-ups", storm_wakes },
};

struct work { u64 elapsed, ran, turns; };

static bool work_of(const struct dom *d, struct work *w)
{
	u64 before;

	nap(50 * MS);
	before = d->page[0]->turns;
	WANT_TRUE(w->elapsed = measure(200 * MS));
	w->turns = d->page[0]->turns - before;
	w->ran = d->ran[0];
	return true;
}

static u64 lost(u64 got, u64 due) { return got < due ? 10000 * (due - got) / due : 0; }

static bool beside(const char *name, child_fn *code, const struct work *alone)
{
	struct dom *d = start((struct dom_plan){ .vcpus = 1 }), *neighbour = start((struct dom_plan){ .vcpus = 1, .code = code });
	struct work w;
	u64 due;

	WANT_TRUE(d && neighbour && work_of(d, &w));
	due = w.elapsed / 2;
	if (neighbour->ran[0] < due)
		due = w.elapsed - neighbour->ran[0];
	printk("COST CPU time lost beside %s = %lu\n", name, lost(w.ran, due));
	printk("COST work lost beside %s = %lu\n", name, lost(w.turns * 1000000 / (w.ran / 1000), alone->turns * 1000000 / (alone->ran / 1000)));
	end_all();
	return true;
}

bool isolation(void)
{
	struct dom *d = start((struct dom_plan){ .vcpus = 1 });
	struct work alone;

	WANT_TRUE(d && work_of(d, &alone));
	end_all();
	for (u32 i = 0; i < ARRAY_SIZE(storms); i++)
		WANT_TRUE(beside(storms[i].name, storms[i].code, &alone));
	return true;
}
