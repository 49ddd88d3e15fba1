/* SPDX-License-Identifier: GPL-2.0-only */
/* The rings that daemons of Domain 0 read: indices and messages that no guest would write. */
#include "attack.h"
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>

static void notify(u32 port)
{
	struct evtchn_send s = { port };

	H2(event_channel_op, EVTCHNOP_send, &s);
}

static void let_them_look(u32 port)
{
	notify(port);
	for (u32 i = 0; i < 200; i++)
		H2(sched_op, SCHEDOP_yield, 0);
}

static bool console_garbage(void)
{
	volatile struct xencons_interface *ring = mfn_to_virt(start_info->console.domU.mfn);
	u32 port = start_info->console.domU.evtchn;

	if (is_dom0())
		return true;
	for (u32 i = 0; i < 200; i++) {
		for (u32 j = 0; j < sizeof(ring->out); j++)
			ring->out[j] = (char)next_random();
		ring->out_prod = next_random();
		ring->in_cons = next_random();
		if (i & 1)
			ring->out_cons = next_random();
		let_them_look(port);
	}
	/* Sane again, so that this guest's last words are heard. */
	ring->out_cons = ring->out_prod = 0;
	ring->in_cons = ring->in_prod;
	return true;
}

static bool store_garbage(void)
{
	volatile struct xenstore_domain_interface *ring = mfn_to_virt(start_info->store_mfn);

	if (is_dom0())
		return true;
	for (u32 i = 0; i < 200; i++) {
		for (u32 j = 0; j < sizeof(ring->req); j++)
			ring->req[j] = (char)next_random();
		ring->req_prod = next_random();
		ring->rsp_cons = next_random();
		if (i & 1)
			ring->req_cons = next_random();
		if (i & 2)
			ring->rsp_prod = next_random();
		let_them_look(start_info->store_evtchn);
	}
	return true;
}

/* As long as the store reads: one that has given this domain up is not waited for again at each byte. */
static void put_message(volatile struct xenstore_domain_interface *ring, const struct xsd_sockmsg *h, const char *body, u32 n)
{
	static u32 most = 100000;

	for (u32 i = 0; i < sizeof(*h) + n; i++) {
		u8 c = i < sizeof(*h) ? ((const u8 *)h)[i] : (u8)body[i - sizeof(*h)];
		u32 tries = 0;

		for (; ring->req_prod - ring->req_cons >= sizeof(ring->req) && tries < most; tries++) {
			notify(start_info->store_evtchn);
			H2(sched_op, SCHEDOP_yield, 0);
		}
		if (tries == most)
			most = 10;
		ring->req[ring->req_prod % sizeof(ring->req)] = (char)c;
		barrier();
		ring->req_prod++;
	}
	ring->rsp_cons = ring->rsp_prod;
	let_them_look(start_info->store_evtchn);
}

/* Whole messages with every type, huge and false lengths, others' paths, paths that are none. */
static bool store_messages(void)
{
	volatile struct xenstore_domain_interface *ring = mfn_to_virt(start_info->store_mfn);
	static const char *const bodies[] = {
		"/local/domain/0/name\0x", "//", "../../..", "/local/domain/0", "@releaseDomain\0token", "", "\0\0\0\0",
		"/vm", "memory/target\0-1", "/tool/xenstored\0x",
	};

	if (is_dom0())
		return true;
	for (u32 type = 0; type < 30; type++)
		for (u32 i = 0; i < ARRAY_SIZE(bodies); i++) {
			struct xsd_sockmsg h = { .type = type, .req_id = type, .len = 24, .tx_id = i & 1 ? 0 : 0xffffffff };

			put_message(ring, &h, bodies[i], 24);
		}
	for (u32 i = 0; i < 4; i++) {
		struct xsd_sockmsg h = { .type = XS_WRITE, .len = i == 0 ? 4097 : i == 1 ? ~0U : i == 2 ? 0x80000000 : 0xfffffff0 };

		put_message(ring, &h, bodies[0], 16);
	}
	return true;
}

static const struct attack attacks[] = {
	{ "ring-console-garbage", console_garbage },
	{ "ring-store-garbage", store_garbage },
	{ "ring-store-messages", store_messages },
};
ATTACK_GROUP(rings, attacks, NULL);
