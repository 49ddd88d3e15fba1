/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: the last of all calls but the refused ones, for the domain ends with another kind of them. */
#include "calls.h"

static u8 control_page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile u32 words[PAGE_SIZE / 4] __attribute__((aligned(4096)));

static bool is_pending(u32 port) { return shared_info->evtchn_pending[port / 64] >> port % 64 & 1; }
static void take(u32 port) { shared_info->evtchn_pending[port / 64] &= ~(1UL << port % 64); }

/* Of a port: what it is, or an error. */
static long status(u32 port, struct evtchn_status *s)
{
	long rc;

	*s = (struct evtchn_status){ .dom = DOMID_SELF, .port = port };
	rc = H2(event_channel_op, EVTCHNOP_status, s);
	return rc ? rc : (long)s->status;
}

static bool close_port(u32 port)
{
	struct evtchn_close c = { port };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_close, &c), 0);
	WANT(status(port, &s), EVTCHNSTAT_closed);
	return true;
}

static bool send(u32 to, u32 arrives_at)
{
	struct evtchn_send s = { to };

	take(arrives_at);
	WANT(H2(event_channel_op, EVTCHNOP_send, &s), 0);
	WANT_TRUE(is_pending(arrives_at));
	take(arrives_at);
	return true;
}

static bool interdomain(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	WANT(status(a.port, &s), EVTCHNSTAT_unbound);
	b.remote_port = a.port;
	WANT(H2(event_channel_op, EVTCHNOP_bind_interdomain, &b), 0);
	WANT(status(b.local_port, &s), EVTCHNSTAT_interdomain);
	WANT(s.u.interdomain.port, a.port);
	WANT_TRUE(send(b.local_port, a.port) && send(a.port, b.local_port));
	return close_port(b.local_port) && close_port(a.port);
}

static bool virq(void)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_DEBUG };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_bind_virq, &b), 0);
	WANT(status(b.port, &s), EVTCHNSTAT_virq);
	WANT(s.u.virq, VIRQ_DEBUG);
	return close_port(b.port);
}

static bool ipi(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	WANT(status(b.port, &s), EVTCHNSTAT_ipi);
	return send(b.port, b.port) && close_port(b.port);
}

static bool bind_vcpu(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_vcpu b = { .vcpu = 1 };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	b.port = a.port;
	WANT(H2(event_channel_op, EVTCHNOP_bind_vcpu, &b), 0);
	status(a.port, &s);
	WANT(s.vcpu, 1);
	return close_port(a.port);
}

static bool pirq(void)
{
	struct physdev_irq v = { .irq = 11 };
	struct evtchn_bind_pirq b = { .pirq = 11 };
	struct evtchn_status s;

	WANT(H2(physdev_op, PHYSDEVOP_alloc_irq_vector, &v), 0);
	WANT(H2(event_channel_op, EVTCHNOP_bind_pirq, &b), 0);
	WANT(status(b.port, &s), EVTCHNSTAT_pirq);
	WANT(s.u.pirq, 11);
	return close_port(b.port);
}

/* What came while it was masked is delivered. */
static bool unmask(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_unmask u;
	struct evtchn_send s;

	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	u.port = s.port = b.port;
	shared_info->evtchn_mask[b.port / 64] |= 1UL << b.port % 64;
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;	/* a return from a fault let events in */
	shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
	shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	WANT(H2(event_channel_op, EVTCHNOP_send, &s), 0);
	WANT(shared_info->vcpu_info[0].evtchn_upcall_pending, 0);
	WANT(H2(event_channel_op, EVTCHNOP_unmask, &u), 0);
	WANT_TRUE(!(shared_info->evtchn_mask[b.port / 64] >> b.port % 64 & 1));
	WANT(shared_info->vcpu_info[0].evtchn_upcall_pending, 1);
	take(b.port);
	return close_port(b.port);
}

static bool reset(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_reset r = { DOMID_SELF };
	struct evtchn_status s;

	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	WANT(H2(event_channel_op, EVTCHNOP_reset, &r), 0);
	WANT(status(b.port, &s), EVTCHNSTAT_closed);
	return true;
}

/* From here on events are words in an array, in queues by priority: entered once, for all the rows that it is about. */
static bool enter_fifo(void)
{
	struct evtchn_init_control c = { .control_gfn = virt_to_mfn(control_page) };
	struct evtchn_expand_array e = { virt_to_mfn((void *)words) };
	volatile struct evtchn_fifo_control_block *block = (void *)control_page;
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_set_priority p = { .priority = 3 };
	struct evtchn_send s;

	WANT(H2(event_channel_op, EVTCHNOP_init_control, &c), 0);
	WANT(c.link_bits, EVTCHN_FIFO_LINK_BITS);
	WANT(H2(event_channel_op, EVTCHNOP_expand_array, &e), 0);
	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	p.port = s.port = b.port;
	words[b.port] = 0;
	WANT(H2(event_channel_op, EVTCHNOP_set_priority, &p), 0);
	WANT(H2(event_channel_op, EVTCHNOP_send, &s), 0);
	WANT_TRUE(words[b.port] >> EVTCHN_FIFO_PENDING & 1 && words[b.port] >> EVTCHN_FIFO_LINKED & 1);
	WANT(block->ready, 1U << 3);
	WANT(block->head[3], b.port);
	words[b.port] = 0;
	block->ready = 0;
	return true;
}

static bool fifo(void)
{
	static bool tried, ok;

	if (!tried)
		ok = enter_fifo();
	tried = true;
	return ok;
}

static const struct call calls[] = {
	{ "event_channel_op", "EVTCHNOP_alloc_unbound", interdomain },
	{ "event_channel_op", "EVTCHNOP_bind_interdomain", interdomain },
	{ "event_channel_op", "EVTCHNOP_status", interdomain },
	{ "event_channel_op", "EVTCHNOP_send", interdomain },
	{ "event_channel_op", "EVTCHNOP_close", interdomain },
	{ "event_channel_op", "EVTCHNOP_bind_virq", virq },
	{ "event_channel_op", "EVTCHNOP_bind_ipi", ipi },
	{ "event_channel_op", "EVTCHNOP_bind_vcpu", bind_vcpu },
	{ "event_channel_op", "EVTCHNOP_bind_pirq", pirq },
	{ "event_channel_op", "EVTCHNOP_unmask", unmask },
	{ "event_channel_op", "EVTCHNOP_reset", reset },
	{ "event_channel_op", "EVTCHNOP_init_control", fifo },
	{ "event_channel_op", "EVTCHNOP_expand_array", fifo },
	{ "event_channel_op", "EVTCHNOP_set_priority", fifo },
};
CALL_LIST(event, calls);
