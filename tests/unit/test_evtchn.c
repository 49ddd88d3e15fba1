/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels: every operation, both ABIs, hostile event words, random sequences, out of memory. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>
#include "fake/fake.h"
#include "fake/guest.h"
#include <evtchn/evtchn.h>
#include <hv/hypercall.h>
#include <hv/pirq.h>
#include <x86/current.h>

static struct pirq pirqs[16];
static int pirq_bound[16], pirq_moves;
struct pirq *pirq_info(struct domain *d, unsigned int n) { return n < 16 && pirqs[n].irq ? &pirqs[n] : NULL; }
struct pirq *pirq_get_or_alloc(struct domain *d, unsigned int n) { pirqs[n].pirq = n; pirqs[n].irq = 1; return &pirqs[n]; }
int pirq_guest_bind(struct vcpu *v, struct pirq *p, bool share) { return p->pirq == 9 ? -16 : (pirq_bound[p->pirq]++, 0); }
void pirq_guest_unbind(struct domain *d, struct pirq *p) { pirq_bound[p->pirq]--; }
void pirq_set_affinity(struct domain *d, unsigned int pirq, const struct vcpu *v) { pirq_moves++; }

static long call(int cmd, void *arg) { return do_event_channel_op(cmd, (unsigned long)arg); }

static int start(void **state)
{
	fake_guests_start(3, 2);
	memset(pirqs, 0, sizeof(pirqs));
	memset(pirq_bound, 0, sizeof(pirq_bound));
	for (unsigned int i = 0; i < 3; i++) {
		fake_domains[i]->nr_pirqs = 16;
		assert_int_equal(evtchn_init(fake_domains[i], i == 0 ? ~0U : i == 1 ? 300 : 20), 0);
	}
	return 0;
}

/* A domain's end, called again as long as it gives way. */
static unsigned int close_all(struct domain *d)
{
	unsigned int calls = 1;

	for (; evtchn_close_all(d); calls++)
		assert_true(fake_preempt);
	return calls;
}

static int stop(void **state)
{
	for (unsigned int i = 0; i < 3; i++)
		close_all(fake_domains[i]);
	for (unsigned int i = 0; i < 3; i++)
		evtchn_free(fake_domains[i]);
	assert_int_equal(fake_page_refs(), 0);
	assert_int_equal(fake_allocs, 0);
	fake_guests_stop();
	return 0;
}

static long alloc_unbound(domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound a = { .dom = dom, .remote_dom = remote };
	long rc = call(EVTCHNOP_alloc_unbound, &a);

	return rc ? rc : (long)a.port;
}

static long bind(domid_t dom, u32 port)
{
	struct evtchn_bind_interdomain b = { .remote_dom = dom, .remote_port = port };
	long rc = call(EVTCHNOP_bind_interdomain, &b);

	return rc ? rc : (long)b.local_port;
}

static long send_port(u32 port) { return call(EVTCHNOP_send, &(struct evtchn_send){ port }); }
static long close_port(u32 port) { return call(EVTCHNOP_close, &(struct evtchn_close){ port }); }
static long status(domid_t dom, u32 port, struct evtchn_status *s)
{
	*s = (struct evtchn_status){ .dom = dom, .port = port };
	return call(EVTCHNOP_status, s);
}
static bool is_pending(unsigned int dom, u32 port) { return evtchn_port_is_pending(fake_domains[dom], port); }

static void pairs(void **state)
{
	struct evtchn_status s;
	long p0, p1;

	fake_run_as(1, 0);
	p1 = alloc_unbound(DOMID_SELF, 0);
	assert_int_equal(p1, 1);
	assert_int_equal(alloc_unbound(0, 1), -1);	/* not privileged */
	assert_int_equal(alloc_unbound(7, 1), -3);
	assert_int_equal(send_port((u32)p1), 0);	/* nobody there: dropped */
	fake_run_as(2, 0);
	assert_int_equal(bind(1, 1), -22);		/* not meant for domain 2 */
	assert_int_equal(bind(9, 1), -3);
	fake_run_as(0, 0);
	p0 = bind(1, (u32)p1);
	assert_int_equal(p0, 1);
	assert_true(is_pending(0, 1));			/* conservatively */
	assert_int_equal(bind(1, (u32)p1), -22);
	assert_int_equal(send_port((u32)p0), 0);
	assert_true(is_pending(1, 1));
	assert_int_equal(fake_domains[1]->vcpu[0]->vcpu_info->evtchn_upcall_pending, 1);
	assert_int_equal(fake_domains[1]->vcpu[0]->vcpu_info->evtchn_pending_sel, 1);
	assert_int_equal(status(1, 1, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 0);
	assert_int_equal(s.u.interdomain.port, 1);
	assert_int_equal(status(DOMID_SELF, 100000, &s), -22);
	assert_int_equal(close_port((u32)p0), 0);
	assert_int_equal(close_port((u32)p0), -22);
	assert_int_equal(close_port(0), -22);
	assert_int_equal(close_port(~0U), -22);
	assert_int_equal(send_port(0), -22);
	assert_int_equal(send_port(~0U), -22);
	assert_int_equal(status(1, 1, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 0);
	assert_false(is_pending(0, 1));
	/* A port number that is free again is the next one given out. */
	assert_int_equal(alloc_unbound(DOMID_SELF, 1), 1);
	assert_int_equal(alloc_unbound(DOMID_SELF, 1), 2);
	assert_int_equal(call(EVTCHNOP_send, NULL), -14);
	assert_int_equal(call(77, NULL), -38);
	/* Both ends in one domain. */
	p0 = alloc_unbound(DOMID_SELF, DOMID_SELF);
	p1 = bind(DOMID_SELF, (u32)p0);
	assert_true(p1 > p0);
	assert_int_equal(send_port((u32)p1), 0);
	assert_true(is_pending(0, (u32)p0));
	assert_int_equal(close_port((u32)p0), 0);
	assert_int_equal(status(DOMID_SELF, (u32)p1, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
}

static void quotas(void **state)
{
	fake_run_as(2, 0);
	for (int i = 1; i <= 20; i++)
		assert_int_equal(alloc_unbound(DOMID_SELF, 0), i);
	assert_int_equal(alloc_unbound(DOMID_SELF, 0), -28);
	assert_non_null(strstr(fake_log, "d2"));
	assert_int_equal(close_port(7), 0);
	assert_int_equal(alloc_unbound(DOMID_SELF, 0), 7);
	assert_int_equal(alloc_unbound(DOMID_SELF, 0), -28);
	fake_run_as(0, 0);
	for (int i = 1; i < 4096; i++)	/* the 2-level ABI's limit */
		assert_int_equal(alloc_unbound(DOMID_SELF, 0), i);
	assert_int_equal(alloc_unbound(DOMID_SELF, 0), -28);
	assert_int_equal(close_port(4000), 0);
	assert_int_equal(alloc_unbound(DOMID_SELF, 0), 4000);
}

static void virqs_and_ipis(void **state)
{
	struct domain *d = fake_domains[1];
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER, .vcpu = 1 };
	struct evtchn_bind_ipi ipi = { .vcpu = 1 };
	struct evtchn_bind_vcpu mv;
	struct evtchn_status s;

	fake_run_as(1, 0);
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), 0);
	assert_int_equal(b.port, 1);
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), -17);
	b.virq = VIRQ_CON_RING;
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), -22);
	b.vcpu = 0;
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), 0);
	b.virq = 24;
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), -22);
	b.virq = VIRQ_TIMER;
	b.vcpu = 2;
	assert_int_equal(call(EVTCHNOP_bind_virq, &b), -2);
	send_guest_vcpu_virq(d->vcpu[0], VIRQ_TIMER);	/* not bound there */
	assert_false(is_pending(1, 1));
	send_guest_vcpu_virq(d->vcpu[1], VIRQ_TIMER);
	assert_true(is_pending(1, 1));
	assert_int_equal(d->vcpu[1]->vcpu_info->evtchn_upcall_pending, 1);
	assert_int_equal(d->vcpu[0]->vcpu_info->evtchn_upcall_pending, 0);
	mv = (struct evtchn_bind_vcpu){ .port = 1, .vcpu = 0 };
	assert_int_equal(call(EVTCHNOP_bind_vcpu, &mv), -22);
	mv = (struct evtchn_bind_vcpu){ .port = 2, .vcpu = 1 };
	assert_int_equal(call(EVTCHNOP_bind_vcpu, &mv), 0);
	mv.vcpu = 5;
	assert_int_equal(call(EVTCHNOP_bind_vcpu, &mv), -2);
	assert_int_equal(status(DOMID_SELF, 2, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_virq);
	assert_int_equal(s.vcpu, 1);
	send_global_virq(VIRQ_CON_RING);		/* domain 0's, not bound */
	assert_false(is_pending(1, 2));
	assert_int_equal(set_global_virq_handler(d, VIRQ_CON_RING), 0);
	assert_int_equal(set_global_virq_handler(d, VIRQ_TIMER), -22);
	send_global_virq(VIRQ_CON_RING);
	assert_true(is_pending(1, 2));
	assert_int_equal(call(EVTCHNOP_bind_ipi, &ipi), 0);
	assert_int_equal(ipi.port, 3);
	assert_int_equal(send_port(3), 0);
	assert_true(is_pending(1, 3));
	assert_int_equal(send_port(1), -22);		/* a VIRQ is not sent by the guest */
	assert_int_equal(close_port(1), 0);
	assert_int_equal(d->vcpu[1]->virq_to_evtchn[VIRQ_TIMER], 0);
	send_guest_vcpu_virq(d->vcpu[1], VIRQ_TIMER);
	assert_false(is_pending(1, 1));
}

static void physical_irqs(void **state)
{
	struct evtchn_bind_pirq b = { .pirq = 4 };
	struct evtchn_bind_vcpu mv = { .vcpu = 1 };

	fake_run_as(0, 0);
	assert_int_equal(call(EVTCHNOP_bind_pirq, &b), 0);
	assert_int_equal(pirqs[4].evtchn, b.port);
	assert_int_equal(call(EVTCHNOP_bind_pirq, &b), -17);
	send_guest_pirq(fake_domains[0], &pirqs[4]);
	assert_true(is_pending(0, b.port));
	mv.port = b.port;
	assert_int_equal(call(EVTCHNOP_bind_vcpu, &mv), 0);
	assert_int_equal(pirq_moves, 1);
	assert_int_equal(close_port(b.port), 0);
	assert_int_equal(pirq_bound[4], 0);
	assert_int_equal(pirqs[4].evtchn, 0);
	b.pirq = 9;	/* the interrupt code refuses */
	assert_int_equal(call(EVTCHNOP_bind_pirq, &b), -16);
	assert_int_equal(pirqs[9].evtchn, 0);
	b.pirq = 16;
	assert_int_equal(call(EVTCHNOP_bind_pirq, &b), -22);
	fake_run_as(1, 0);
	b.pirq = 5;
	assert_int_equal(call(EVTCHNOP_bind_pirq, &b), -1);
}

static void twolevel_masks(void **state)
{
	struct domain *d = fake_domains[1];
	u32 a, b;

	fake_run_as(1, 0);
	a = (u32)alloc_unbound(DOMID_SELF, DOMID_SELF);
	b = (u32)bind(DOMID_SELF, a);
	d->shared_info->evtchn_pending[0] = 0;
	d->shared_info->evtchn_mask[0] = ~0UL;
	memset(d->vcpu[0]->vcpu_info, 0, sizeof(*d->vcpu[0]->vcpu_info));
	assert_int_equal(send_port(b), 0);
	assert_true(is_pending(1, a));
	assert_int_equal(d->vcpu[0]->vcpu_info->evtchn_upcall_pending, 0);
	assert_int_equal(call(EVTCHNOP_unmask, &(struct evtchn_unmask){ a }), 0);
	assert_int_equal(d->vcpu[0]->vcpu_info->evtchn_upcall_pending, 1);
	assert_int_equal(call(EVTCHNOP_unmask, &(struct evtchn_unmask){ 99 }), 0);
	assert_int_equal(call(EVTCHNOP_unmask, &(struct evtchn_unmask){ 9999 }), -22);
	assert_int_equal(call(EVTCHNOP_set_priority, &(struct evtchn_set_priority){ a, 3 }), -38);
	assert_int_equal(call(EVTCHNOP_expand_array, &(struct evtchn_expand_array){ fake_frame(1, 1) }), -95);
	/* Pollers hear of a masked port too, when it becomes pending. */
	d->shared_info->evtchn_pending[0] = 0;
	assert_int_equal(send_port(b), 0);
	assert_int_equal(fake_for_pollers, a);
	assert_int_equal(send_port(a), 0);
	assert_int_equal(fake_for_pollers, b);
	fake_for_pollers = 0;
	assert_int_equal(send_port(a), 0);
	assert_int_equal(fake_for_pollers, 0);
}

/* ---- FIFO ---- */

static long init_control(u32 vcpu, u64 gfn, u32 offset)
{
	struct evtchn_init_control ic = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	long rc = call(EVTCHNOP_init_control, &ic);

	if (!rc)
		assert_int_equal(ic.link_bits, EVTCHN_FIFO_LINK_BITS);
	return rc;
}

static event_word_t *words(unsigned int dom) { return fake_mem(fake_frame(dom, 4)); }
static struct evtchn_fifo_control_block *block(unsigned int dom, unsigned int vcpu)
{
	return (void *)((char *)fake_mem(fake_frame(dom, 3)) + vcpu * 128);
}

/* What a guest does: takes the head of a queue; 0 if it is empty. */
static u32 consume(unsigned int dom, unsigned int vcpu, unsigned int q)
{
	struct evtchn_fifo_control_block *cb = block(dom, vcpu);
	static u32 head[4][2][16];
	u32 port = head[dom][vcpu][q];
	event_word_t w;

	if (!port) {
		if (!(cb->ready >> q & 1))
			return 0;
		cb->ready &= ~(1U << q);
		port = cb->head[q];
	}
	w = words(dom)[port];
	words(dom)[port] = w & ~(1U << EVTCHN_FIFO_LINKED | 1U << EVTCHN_FIFO_PENDING | EVTCHN_FIFO_LINK_MASK);
	head[dom][vcpu][q] = w & EVTCHN_FIFO_LINK_MASK;
	return port;
}

static void start_fifo(unsigned int dom)
{
	fake_run_as(dom, 0);
	assert_int_equal(init_control(0, fake_frame(dom, 3), 0), 0);
	assert_int_equal(init_control(1, fake_frame(dom, 3), 128), 0);
	assert_int_equal(call(EVTCHNOP_expand_array, &(struct evtchn_expand_array){ fake_frame(dom, 4) }), 0);
}

static u32 ipi_port(u32 vcpu)
{
	struct evtchn_bind_ipi ipi = { .vcpu = vcpu };

	assert_int_equal(call(EVTCHNOP_bind_ipi, &ipi), 0);
	return ipi.port;
}

static void fifo_order(void **state)
{
	u32 p[6];

	fake_run_as(1, 0);
	p[0] = ipi_port(0);
	assert_int_equal(send_port(p[0]), 0);		/* pending before the switch */
	assert_int_equal(init_control(7, fake_frame(1, 3), 0), -2);
	assert_int_equal(init_control(0, fake_frame(1, 3), 4), -22);
	assert_int_equal(init_control(0, fake_frame(1, 3), 4096 - 64), -22);
	assert_int_equal(init_control(0, fake_frame(2, 3), 0), -22);	/* somebody else's frame */
	assert_int_equal(init_control(0, ~0UL, 0), -22);
	start_fifo(1);
	assert_int_equal(init_control(0, fake_frame(1, 3), 0), -22);	/* twice */
	assert_int_equal(consume(1, 0, 7), p[0]);
	assert_int_equal(consume(1, 0, 7), 0);
	for (int i = 1; i < 6; i++)
		p[i] = ipi_port(0);
	assert_int_equal(call(EVTCHNOP_set_priority, &(struct evtchn_set_priority){ p[4], 2 }), 0);
	assert_int_equal(call(EVTCHNOP_set_priority, &(struct evtchn_set_priority){ p[4], 16 }), -22);
	for (int i = 5; i >= 0; i--)
		assert_int_equal(send_port(p[i]), 0);
	assert_int_equal(send_port(p[3]), 0);		/* again: still once in the queue */
	assert_int_equal(consume(1, 0, 2), p[4]);
	assert_int_equal(consume(1, 0, 2), 0);
	assert_int_equal(consume(1, 0, 7), p[5]);
	assert_int_equal(consume(1, 0, 7), p[3]);
	assert_int_equal(send_port(p[5]), 0);		/* goes behind the rest */
	assert_int_equal(consume(1, 0, 7), p[2]);
	assert_int_equal(consume(1, 0, 7), p[1]);
	assert_int_equal(consume(1, 0, 7), p[0]);
	assert_int_equal(consume(1, 0, 7), p[5]);
	assert_int_equal(consume(1, 0, 7), 0);
	/* Masked: pending, not queued, until unmasked. */
	words(1)[p[1]] = 1U << EVTCHN_FIFO_MASKED;
	assert_int_equal(send_port(p[1]), 0);
	assert_int_equal(fake_for_pollers, p[1]);
	assert_int_equal(consume(1, 0, 7), 0);
	assert_int_equal(call(EVTCHNOP_unmask, &(struct evtchn_unmask){ p[1] }), 0);
	assert_int_equal(consume(1, 0, 7), p[1]);
	/* The tail moves to another priority: nothing hangs behind it in its new queue's sense. */
	assert_int_equal(send_port(p[1]), 0);
	assert_int_equal(consume(1, 0, 7), p[1]);
	assert_int_equal(call(EVTCHNOP_set_priority, &(struct evtchn_set_priority){ p[1], 0 }), 0);
	assert_int_equal(send_port(p[1]), 0);
	assert_int_equal(send_port(p[2]), 0);
	assert_int_equal(consume(1, 0, 0), p[1]);
	assert_int_equal(consume(1, 0, 7), p[2]);
}

static void fifo_reset(void **state)
{
	struct evtchn_reset r = { DOMID_SELF };

	start_fifo(1);
	for (int i = 0; i < 200; i++)
		ipi_port(0);
	fake_preempt = true;
	assert_int_equal(call(EVTCHNOP_reset, &r), HYPERCALL_AGAIN);
	assert_int_equal(fake_continue[0], EVTCHNOP_reset_cont);
	fake_preempt = false;
	assert_int_equal(call(EVTCHNOP_reset_cont, &r), 0);
	assert_null(fake_domains[1]->evtchn->fifo);
	/* Domain 0 had numbers that only FIFO has: the 2-level ABI has no bits for them. */
	start_fifo(0);
	while (alloc_unbound(DOMID_SELF, 0) < 4200)
		;
	assert_int_equal(call(EVTCHNOP_reset, &r), 0);
	assert_true(port_valid(fake_domains[0]->evtchn, 4200));
	assert_int_equal(call(EVTCHNOP_unmask, &(struct evtchn_unmask){ 4200 }), -22);
	assert_false(is_pending(0, 4200));
	fake_run_as(1, 0);
	assert_int_equal(fake_page_refs(), 0);
	assert_int_equal(ipi_port(0), 1);
	start_fifo(1);
	r.dom = 2;
	assert_int_equal(call(EVTCHNOP_reset, &r), -1);
	fake_run_as(0, 0);
	assert_int_equal(call(EVTCHNOP_reset, &r), -22);	/* not paused */
	fake_domains[2]->controller_pause_count = 1;
	assert_int_equal(call(EVTCHNOP_reset, &r), 0);
}

static void fifo_hostile_words(void **state)
{
	u32 p[32];

	start_fifo(1);
	for (unsigned int i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = ipi_port(i % 2);
	srand(3);
	for (int i = 0; i < 200000; i++) {
		u32 port = p[(unsigned int)rand() % ARRAY_SIZE(p)];

		switch (rand() % 8) {
		case 0:
			words(1)[rand() % 1024] = (u32)rand() ^ (u32)rand() << 16;
			break;
		case 1:
			((u32 *)block(1, rand() % 2))[rand() % 18] = (u32)rand() ^ (u32)rand() << 16;
			break;
		case 2:
			call(EVTCHNOP_set_priority, &(struct evtchn_set_priority){ port, (u32)rand() % 18 });
			break;
		case 3:
			call(EVTCHNOP_unmask, &(struct evtchn_unmask){ port });
			break;
		default:
			assert_int_equal(send_port(port), 0);
		}
		fake_log[0] = 0;
	}
}

/* ---- everything at random ---- */

static void check_pairs(void)
{
	for (unsigned int i = 0; i < 3; i++) {
		struct evtchn_table *t = fake_domains[i]->evtchn;

		for (u32 port = 1; port < t->valid; port++) {
			struct evtchn *e = port_of(t, port), *o;

			if (port <= t->max_port)
				assert_int_equal(test_bit(port, t->used), e->state != PORT_FREE);
			if (e->state != PORT_INTERDOMAIN)
				continue;
			o = port_of(e->u.remote.d->evtchn, e->u.remote.port);
			assert_int_equal(o->state, PORT_INTERDOMAIN);
			assert_ptr_equal(o->u.remote.d, fake_domains[i]);
			assert_int_equal(o->u.remote.port, port);
		}
	}
}

static u32 some(u32 n) { return rand() % 50 ? (u32)rand() % n : (u32)rand() * 3; }

static void random_operations(void **state)
{
	srand(11);
	for (int i = 0; i < 100000; i++) {
		u32 port = some(40);
		domid_t dom = (domid_t)(rand() % 5 ? some(4) : DOMID_SELF);
		struct evtchn_status s;

		fake_run_as((unsigned int)rand() % 3, (unsigned int)rand() % 2);
		fake_preempt = rand() % 4 == 0;
		switch (rand() % 14) {
		case 0: case 1: alloc_unbound(dom, (domid_t)(rand() % 3)); break;
		case 2: case 3: bind(dom, port); break;
		case 4: close_port(port); break;
		case 5: send_port(port); break;
		case 6: status(dom, port, &s); break;
		case 7: call(EVTCHNOP_bind_virq, &(struct evtchn_bind_virq){ .virq = some(24), .vcpu = some(3) }); break;
		case 8: call(EVTCHNOP_bind_ipi, &(struct evtchn_bind_ipi){ .vcpu = some(3) }); break;
		case 9: call(EVTCHNOP_bind_vcpu, &(struct evtchn_bind_vcpu){ port, some(3) }); break;
		case 10: call(EVTCHNOP_bind_pirq, &(struct evtchn_bind_pirq){ .pirq = some(16) }); break;
		case 11:
			if (rand() % 20 == 0)
				call(rand() % 2 ? EVTCHNOP_reset : EVTCHNOP_reset_cont, &(struct evtchn_reset){ dom });
			break;
		case 12: init_control(some(3), fake_frame(current->domain->id, some(8)), 128 * some(3)); break;
		case 13:
			call(EVTCHNOP_expand_array, &(struct evtchn_expand_array){ fake_frame(current->domain->id, 8 + some(8)) });
			break;
		}
		fake_log[0] = 0;
		if (i % 500 == 0)
			check_pairs();
	}
}

static void out_of_memory(void **state)
{
	for (long n = 0; n < 12; n++) {
		struct domain *d = fake_domains[1];
		int rc;

		fake_run_as(1, 0);
		close_all(d);
		evtchn_free(d);
		fake_alloc_fail_after = n;
		rc = evtchn_init(d, 1000);
		if (rc) {
			assert_int_equal(rc, -12);
		} else {
			for (int i = 0; i < 200; i++)
				alloc_unbound(DOMID_SELF, 0);
			init_control(0, fake_frame(1, 3), 0);
		}
		fake_alloc_fail_after = -1;
		if (rc)
			assert_int_equal(evtchn_init(d, 1000), 0);
	}
}

static void dies_with_open_ports(void **state)
{
	struct evtchn_status s;
	u32 p;

	start_fifo(1);
	start_fifo(0);
	fake_run_as(1, 0);
	p = (u32)alloc_unbound(DOMID_SELF, 0);
	while (alloc_unbound(DOMID_SELF, 0) < 290)
		;
	fake_run_as(0, 0);
	p = (u32)bind(1, p);
	fake_domains[1]->dying = DOMDYING_DYING;
	fake_preempt = true;
	assert_true(close_all(fake_domains[1]) > 1);	/* gives way in between */
	fake_preempt = false;
	assert_int_equal(status(DOMID_SELF, p, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(send_port(p), 0);
	assert_int_equal(alloc_unbound(1, 0), -22);
}

#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(pairs), T(quotas), T(virqs_and_ipis), T(physical_irqs), T(twolevel_masks), T(fifo_order), T(fifo_reset),
		T(fifo_hostile_words), T(random_operations), T(out_of_memory), T(dies_with_open_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
