/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels under attack: port extremes, bad pointers, exhaustion, hostile event words, races. */
#include "attack.h"
#include "smp.h"

static u8 control_page[PAGE_SIZE] __attribute__((aligned(4096)));
static volatile u32 words[PAGE_SIZE / 4] __attribute__((aligned(4096)));
static u8 table_page[PAGE_SIZE] __attribute__((aligned(4096)));
static bool fifo;

static const u32 bad_ports[] = { 0, 131072, 131071, 0x20000 + 1, 0x7fffffff, 0x80000000, 0xfffffffe, ~0U };

static long send(u32 port) { struct evtchn_send s = { port }; return H2(event_channel_op, EVTCHNOP_send, &s); }
static long close_port(u32 port) { struct evtchn_close c = { port }; return H2(event_channel_op, EVTCHNOP_close, &c); }
static long unmask(u32 port) { struct evtchn_unmask u = { port }; return H2(event_channel_op, EVTCHNOP_unmask, &u); }
static long priority(u32 port, u32 p)
{
	struct evtchn_set_priority s = { port, p };

	return H2(event_channel_op, EVTCHNOP_set_priority, &s);
}
static long bind_vcpu(u32 port, u32 vcpu)
{
	struct evtchn_bind_vcpu b = { port, vcpu };

	return H2(event_channel_op, EVTCHNOP_bind_vcpu, &b);
}
static long status(domid_t dom, u32 port)
{
	struct evtchn_status s = { .dom = dom, .port = port };
	long rc = H2(event_channel_op, EVTCHNOP_status, &s);

	return rc ? rc : (long)s.status;
}
static long alloc_unbound(domid_t dom, domid_t remote)
{
	struct evtchn_alloc_unbound a = { .dom = dom, .remote_dom = remote };
	long rc = H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);

	return rc ? rc : (long)a.port;
}
static long bind(domid_t dom, u32 port)
{
	struct evtchn_bind_interdomain b = { .remote_dom = dom, .remote_port = port };
	long rc = H2(event_channel_op, EVTCHNOP_bind_interdomain, &b);

	return rc ? rc : (long)b.local_port;
}
static long bind_virq(u32 virq, u32 vcpu)
{
	struct evtchn_bind_virq b = { .virq = virq, .vcpu = vcpu };
	long rc = H2(event_channel_op, EVTCHNOP_bind_virq, &b);

	return rc ? rc : (long)b.port;
}
static long bind_ipi(u32 vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };
	long rc = H2(event_channel_op, EVTCHNOP_bind_ipi, &b);

	return rc ? rc : (long)b.port;
}
static long init_control(u64 gfn, u32 offset, u32 vcpu)
{
	struct evtchn_init_control c = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };

	return H2(event_channel_op, EVTCHNOP_init_control, &c);
}
static long expand(u64 gfn) { struct evtchn_expand_array e = { gfn }; return H2(event_channel_op, EVTCHNOP_expand_array, &e); }

/* A page table, which no control block or word may lie in. */
static bool make_table(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = virt_to_mfn(table_page) };

	make_readonly(table_page);
	WANT(H4(mmuext_op, &op, 1, 0, DOMID_SELF), 0);
	return true;
}

static bool port_extremes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(bad_ports); i++) {
		WANT(send(bad_ports[i]), eINVAL);
		WANT(close_port(bad_ports[i]), eINVAL);
		WANT(unmask(bad_ports[i]), bad_ports[i] ? eINVAL : 0);
		WANT(bind_vcpu(bad_ports[i], 0), eINVAL);
		WANT(bind(DOMID_SELF, bad_ports[i]), eINVAL);
		if (bad_ports[i])
			WANT(status(DOMID_SELF, bad_ports[i]), eINVAL);
	}
	return true;
}

static bool bad_pointers(void)
{
	for (u32 cmd = 0; cmd <= 14; cmd++)
		for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++)
			WANT(H2(event_channel_op, cmd, bad_addresses[i]), eFAULT);
	return true;
}

static bool unknown_commands(void)
{
	static const u32 cmds[] = { 15, 16, 100, 0x7fffffff, 0x80000000, ~0U };

	for (u32 i = 0; i < ARRAY_SIZE(cmds); i++)
		WANT(H2(event_channel_op, cmds[i], control_page), eNOSYS);
	return true;
}

static bool unknown_domains(void)
{
	static const domid_t doms[] = { 0x7fef, 0x7ff1, 0x7ff2, 0x7ff3, 0x7ff4, 0x7fff, 0x8000, 0xffff };

	for (u32 i = 0; i < ARRAY_SIZE(doms); i++) {
		WANT(alloc_unbound(doms[i], 0), eSRCH);
		WANT(bind(doms[i], 1), eSRCH);
		WANT(status(doms[i], 1), eSRCH);
	}
	return true;
}

/* All ports there are; then all are closed and can be had again. */
static bool exhaustion(void)
{
	static u32 ports[4200];
	u32 n = 0;
	long p;

	for (u32 round = 0; round < 2; round++) {
		for (n = 0; n < ARRAY_SIZE(ports) && (p = alloc_unbound(DOMID_SELF, DOMID_SELF)) > 0; n++)
			ports[n] = (u32)p;
		if (n < ARRAY_SIZE(ports))
			WANT(p, eNOSPC);
		WANT_TRUE(n > 500);
		while (n--) {
			WANT(close_port(ports[n]), 0);
			WANT(close_port(ports[n]), eINVAL);
		}
	}
	return true;
}

static bool binding(void)
{
	long a, b, p;

	a = alloc_unbound(DOMID_SELF, 0x7000);	/* for somebody else */
	WANT_TRUE(a > 0);
	WANT(bind(DOMID_SELF, (u32)a), eINVAL);
	WANT(close_port((u32)a), 0);
	a = alloc_unbound(DOMID_SELF, DOMID_SELF);
	b = bind(DOMID_SELF, (u32)a);
	WANT_TRUE(b > 0);
	WANT(bind(DOMID_SELF, (u32)a), eINVAL);
	WANT(bind(DOMID_SELF, (u32)b), eINVAL);
	WANT(bind_vcpu((u32)a, 7777), eNOENT);
	WANT(bind_vcpu((u32)a, ~0U), eNOENT);
	WANT(close_port((u32)a), 0);
	WANT(status(DOMID_SELF, (u32)b), EVTCHNSTAT_unbound);
	WANT(close_port((u32)b), 0);
	p = bind_ipi(0);
	WANT_TRUE(p > 0);
	WANT(bind_vcpu((u32)p, 0), eINVAL);
	WANT(close_port((u32)p), 0);
	WANT(bind_ipi(~0U), eNOENT);
	return true;
}

static bool virqs(void)
{
	static const u32 bad[] = { 24, 25, 255, 0x10000, ~0U };
	long p;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(bind_virq(bad[i], 0), eINVAL);
	WANT(bind_virq(VIRQ_TIMER, 9999), eNOENT);
	WANT(bind_virq(VIRQ_CONSOLE, 1), eINVAL);
	p = bind_virq(VIRQ_DEBUG, 0);
	WANT_TRUE(p > 0);
	WANT(bind_virq(VIRQ_DEBUG, 0), eEXIST);
	WANT(send((u32)p), eINVAL);
	WANT(close_port((u32)p), 0);
	return true;
}

static bool pirqs(void)
{
	static const u32 bad[] = { 0x7fffffff, 0x80000000, ~0U, 1000000 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		struct evtchn_bind_pirq b = { .pirq = bad[i], .flags = ~0U };

		WANT_TRUE(H2(event_channel_op, EVTCHNOP_bind_pirq, &b) < 0);
	}
	for (u32 i = 0; i < 64 && !is_privileged(); i++) {
		struct evtchn_bind_pirq b = { .pirq = i };

		WANT_TRUE(H2(event_channel_op, EVTCHNOP_bind_pirq, &b) < 0);
	}
	return true;
}

/* Frames that are not plain writable memory of ours must not become control blocks or event words. */
static bool foreign_frames(void)
{
	u64 bad[] = { 0, 0xfee00, ~0UL, ~0UL >> 12, 0x100000, 1UL << 40, virt_to_mfn((void *)start_info->pt_base),
		      start_info->shared_info >> 12, virt_to_mfn(table_page) };

	WANT(expand(virt_to_mfn((void *)words)), eOPNOTSUPP);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		if (bad[i] != start_info->shared_info >> 12)	/* hypervisor memory, but ours to write */
			WANT(init_control(bad[i], 0, 0), eINVAL);
	WANT(init_control(virt_to_mfn(control_page), 4, 0), eINVAL);
	WANT(init_control(virt_to_mfn(control_page), 4096 - 64, 0), eINVAL);
	WANT(init_control(virt_to_mfn(control_page), ~0U - 7, 0), eINVAL);
	WANT(init_control(virt_to_mfn(control_page), 0, ~0U), eNOENT);
	return true;
}

static bool start_fifo(void)
{
	u64 bad[] = { 0, ~0UL, virt_to_mfn((void *)start_info->pt_base), virt_to_mfn(table_page) };

	WANT(init_control(virt_to_mfn(control_page), 0, 0), 0);
	WANT(init_control(virt_to_mfn(control_page), 0, 0), eINVAL);
	if (H3(vcpu_op, VCPUOP_is_up, 1, 0) >= 0)
		WANT(init_control(virt_to_mfn(control_page), 128, 1), 0);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		WANT(expand(bad[i]), eINVAL);
	WANT(expand(virt_to_mfn((void *)words)), 0);
	fifo = true;
	return true;
}

/* The same page over and over, until the ABI's end. */
static bool too_many_words(void)
{
	u32 n;

	WANT_TRUE(fifo || start_fifo());
	for (n = 1; n < 200 && !expand(virt_to_mfn(control_page)); n++)
		;
	WANT(n, 128);
	WANT(expand(virt_to_mfn(control_page)), eNOSPC);
	return true;
}

static bool priorities(void)
{
	long p;

	WANT_TRUE(fifo || start_fifo());
	p = bind_ipi(0);
	WANT(priority((u32)p, 16), eINVAL);
	WANT(priority((u32)p, ~0U), eINVAL);
	WANT(priority(~0U, 1), eINVAL);
	WANT(priority((u32)p, 15), 0);
	WANT(close_port((u32)p), 0);
	return true;
}

static void scribble(void)
{
	u32 i = next_random();

	if (i & 3)
		words[i >> 8 & 63] = next_random();
	else
		((volatile u32 *)control_page)[i >> 8 & 63] = next_random();
}

static bool send_against_scribbling(u32 rounds, bool self)
{
	u32 p[16];

	for (u32 i = 0; i < ARRAY_SIZE(p); i++) {
		long port = bind_ipi(0);

		WANT_TRUE(port > 0);
		p[i] = (u32)port;
	}
	for (u32 i = 0; i < rounds; i++) {
		u32 port = p[next_random() % ARRAY_SIZE(p)];

		if (self)
			scribble();
		WANT(send(port), 0);
		if (i % 3 == 0)
			WANT(unmask(port), 0);
		if (i % 7 == 0)
			WANT(priority(port, next_random() & 15), 0);
	}
	for (u32 i = 0; i < ARRAY_SIZE(p); i++)
		WANT(close_port(p[i]), 0);
	return true;
}

/* Ports that have no word yet: the hypervisor keeps the event to itself. */
static bool missing_words(void)
{
	long p = 0;

	WANT_TRUE(fifo || start_fifo());
	while (p < 2000 && (p = alloc_unbound(DOMID_SELF, DOMID_SELF)) > 0)
		;
	p = bind_ipi(0);
	WANT_TRUE(p > 1024);
	WANT(send((u32)p), 0);
	WANT(unmask((u32)p), 0);
	WANT(close_port((u32)p), 0);
	return true;
}

static bool hostile_words(void) { return (fifo || start_fifo()) && send_against_scribbling(20000, true); }

static bool racing_words(void)
{
	bool ok;

	WANT_TRUE(fifo || start_fifo());
	if (!smp_start(scribble)) {
		printk("  one vCPU only: no race\n");
		return true;
	}
	ok = send_against_scribbling(50000, false);
	smp_end();
	return ok;
}

static void close_and_open(void)
{
	struct evtchn_close c = { 1 + next_random() % 8 };
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };

	H2(event_channel_op, EVTCHNOP_close, &c);
	H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
}

/* Ports opened, bound, sent to and closed by both vCPUs at once. */
static bool racing_ports(void)
{
	if (!smp_start(close_and_open))
		return true;
	for (u32 i = 0; i < 20000; i++) {
		u32 port = 1 + next_random() % 8;

		bind(DOMID_SELF, port);
		send(port);
		unmask(port);
		if (i % 5 == 0)
			close_port(port);
		if (i % 11 == 0)
			status(DOMID_SELF, port);
	}
	smp_end();
	return true;
}

static bool reset_and_again(void)
{
	struct evtchn_reset r = { DOMID_SELF };

	for (u32 i = 0; i < 300; i++)
		alloc_unbound(DOMID_SELF, DOMID_SELF);
	WANT(H2(event_channel_op, EVTCHNOP_reset, &r), 0);
	WANT(alloc_unbound(DOMID_SELF, DOMID_SELF), 1);
	WANT(H2(event_channel_op, EVTCHNOP_reset, &r), 0);
	r.dom = 0x7fff;
	WANT(H2(event_channel_op, EVTCHNOP_reset, &r), eSRCH);
	fifo = false;
	return start_fifo();
}

static void touch_closed_ports(void)
{
	static evtchn_port_t port;
	struct sched_poll p = { .nr_ports = 1, .timeout = 1 };

	p.ports.p = &port;
	for (port = 1; port < 6; port++) {
		unmask(port);
		H2(sched_op, SCHEDOP_poll, &p);
	}
}

/* The FIFO's tables go while another vCPU unmasks and polls ports that are closed. */
static bool racing_reset(void)
{
	struct evtchn_reset r = { DOMID_SELF };

	if (!smp_start(touch_closed_ports))
		return true;
	for (u32 i = 0; i < 150; i++) {
		WANT(H2(event_channel_op, EVTCHNOP_reset, &r), 0);
		for (u32 n = 0; n < 5000; n++)		/* a while without tables */
			__asm__ volatile("pause");
		WANT(init_control(virt_to_mfn(control_page), 0, 0), 0);
		WANT(expand(virt_to_mfn((void *)words)), 0);
	}
	smp_end();
	return reset_and_again();
}

/* Numbers that only FIFO has, used before a reset and not usable after it. */
static bool numbers_after_reset(void)
{
	struct evtchn_reset r = { DOMID_SELF };
	long port = 0;

	WANT_TRUE(fifo || start_fifo());
	while (port < 5000 && (port = alloc_unbound(DOMID_SELF, DOMID_SELF)) > 0)
		;
	WANT(H2(event_channel_op, EVTCHNOP_reset, &r), 0);
	fifo = false;
	for (u32 p = 4096; p < 5120; p++) {
		struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };

		WANT(unmask(p), eINVAL);
		poll.ports.p = &p;
		WANT(H2(sched_op, SCHEDOP_poll, &poll), eINVAL);
	}
	return start_fifo();
}

static bool random_calls(void)
{
	static u32 arg[8];

	for (u32 i = 0; i < 30000; i++) {
		u32 cmd = next_random() % 16;

		if (cmd == EVTCHNOP_init_control || cmd == EVTCHNOP_expand_array)
			continue;
		for (u32 j = 0; j < ARRAY_SIZE(arg); j++)
			arg[j] = next_random() & 1 ? next_random() % 64 : next_random();
		if (next_random() % 3 == 0)
			arg[0] = DOMID_SELF;
		H2(event_channel_op, cmd, arg);
	}
	return reset_and_again();
}

static const struct attack attacks[] = {
	{ "event-port-extremes", port_extremes },
	{ "event-bad-pointers", bad_pointers },
	{ "event-unknown-commands", unknown_commands },
	{ "event-unknown-domains", unknown_domains },
	{ "event-exhaustion", exhaustion },
	{ "event-binding", binding },
	{ "event-virqs", virqs },
	{ "event-pirqs", pirqs },
	{ "event-foreign-frames", foreign_frames },
	{ "event-fifo-start", start_fifo },
	{ "event-fifo-missing-words", missing_words },
	{ "event-fifo-hostile-words", hostile_words },
	{ "event-fifo-racing-words", racing_words },
	{ "event-racing-ports", racing_ports },
	{ "event-fifo-priorities", priorities },
	{ "event-reset", reset_and_again },
	{ "event-racing-reset", racing_reset },
	{ "event-numbers-after-reset", numbers_after_reset },
	{ "event-random-calls", random_calls },
	{ "event-fifo-too-many-words", too_many_words },
};

ATTACK_GROUP(events, attacks, make_table);
