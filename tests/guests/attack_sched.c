/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op, sched_op and timers under attack: extremes, areas at bad places, exhaustion, storms. */
#include "attack.h"
#include "smp.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 gone_page[PAGE_SIZE] __attribute__((aligned(4096)));

static const u32 bad_vcpus[] = { 2000, 8192, 0x7fffffff, 0x80000000, ~0U };

static bool vcpu_extremes(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(bad_vcpus); i++)
		for (u32 cmd = 0; cmd < 15; cmd++)
			WANT(H3(vcpu_op, cmd, bad_vcpus[i], page), eNOENT);
	WANT(H3(vcpu_op, 14, 0, page), eNOSYS);
	WANT(H3(vcpu_op, ~0U, 0, page), eNOSYS);
	WANT(H3(vcpu_op, 0x80000000, 0, page), eNOSYS);
	return true;
}

static bool bad_pointers(void)
{
	static const u32 vcpu_cmds[] = { VCPUOP_set_periodic_timer, VCPUOP_set_singleshot_timer,
					 VCPUOP_get_runstate_info, VCPUOP_register_vcpu_info,
					 VCPUOP_register_runstate_memory_area, VCPUOP_register_vcpu_time_memory_area };
	static const u32 sched_cmds[] = { SCHEDOP_poll, SCHEDOP_remote_shutdown, SCHEDOP_shutdown_code, SCHEDOP_watchdog };

	for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		for (u32 c = 0; c < ARRAY_SIZE(vcpu_cmds); c++)
			WANT(H3(vcpu_op, vcpu_cmds[c], 0, bad_addresses[i]), eFAULT);
		for (u32 c = 0; c < ARRAY_SIZE(sched_cmds); c++)
			WANT(H2(sched_op, sched_cmds[c], bad_addresses[i]), eFAULT);
		if (H3(vcpu_op, VCPUOP_is_up, 1, 0) == 0)
			WANT(H3(vcpu_op, VCPUOP_initialise, 1, bad_addresses[i]), eFAULT);
	}
	return true;
}

static bool initialised_once(void)
{
	static struct vcpu_guest_context c;

	memset(&c, 0xff, sizeof(c));
	WANT(H3(vcpu_op, VCPUOP_initialise, 0, &c), eEXIST);
	return true;
}

static bool garbage_context(void)
{
	static struct vcpu_guest_context c;

	if (H3(vcpu_op, VCPUOP_is_up, 1, 0) < 0)
		return true;
	WANT(H3(vcpu_op, VCPUOP_up, 1, 0), eINVAL);	/* not initialised */
	for (u32 round = 0; round < 50; round++) {
		for (u32 i = 0; i < sizeof(c) / 4; i++)
			((u32 *)&c)[i] = next_random();
		WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	}
	/* A root that is somebody's data, the hypervisor's, or nobody's. */
	memset(&c, 0, sizeof(c));
	c.flags = VGCF_in_kernel;
	c.user_regs.cs = 0xe033;
	c.user_regs.ss = 0xe02b;
	c.ctrlreg[3] = virt_to_mfn(page) << 12;
	WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	c.ctrlreg[3] = ~0xfffUL;
	WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	c.ctrlreg[3] = 0;
	WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	/* Descriptor tables at page tables or out of range. */
	c.ctrlreg[3] = virt_to_mfn((void *)start_info->pt_base) << 12;
	c.gdt_ents = 512;
	c.gdt_frames[0] = virt_to_mfn((void *)start_info->pt_base);
	WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	c.gdt_ents = ~0UL;
	WANT_TRUE(H3(vcpu_op, VCPUOP_initialise, 1, &c) < 0);
	return true;
}

static bool info_at_bad_places(void)
{
	u64 bad[] = { ~0UL, 0x100000, 1UL << 40, 0xfee00, virt_to_mfn((void *)start_info->pt_base) };
	static const u32 offsets[] = { 4096 - 32, 4096, 0x80000000, ~0U, ~0U - 63 };
	struct vcpu_register_vcpu_info r = { 0 };

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		r.mfn = bad[i];
		WANT_TRUE(H3(vcpu_op, VCPUOP_register_vcpu_info, 0, &r) < 0);
	}
	r.mfn = virt_to_mfn(page);
	for (u32 i = 0; i < ARRAY_SIZE(offsets); i++) {
		r.offset = offsets[i];
		WANT(H3(vcpu_op, VCPUOP_register_vcpu_info, 0, &r), eNXIO);
	}
	return true;
}

static long runstate_area(u64 addr)
{
	struct vcpu_register_runstate_memory_area a;

	a.addr.p = addr;
	return H3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a);
}

static long time_area(u64 addr)
{
	struct vcpu_register_time_memory_area a;

	a.addr.p = addr;
	return H3(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &a);
}

/* Sleeps @ns: the vCPU leaves the CPU and comes back, which writes the registered areas. */
static void nap(u64 ns)
{
	struct sched_poll p = { .timeout = system_time() + ns };

	H2(sched_op, SCHEDOP_poll, &p);
}

static bool areas_at_bad_places(void)
{
	static const u64 hv[] = { 0xffff800000000000, 0xffff808000000000, 0xffff828000000000, 0xffff87fffffffff0 };

	for (u32 i = 0; i < ARRAY_SIZE(hv); i++) {
		WANT(runstate_area(hv[i]), eFAULT);
		WANT(time_area(hv[i]), eFAULT);
	}
	nap(2000000);
	/* Read-only, and gone after registration: the copies fail silently, for ever. */
	WANT(runstate_area((u64)gone_page), 0);
	WANT(time_area((u64)gone_page + 128), 0);
	set_va(gone_page, 0, UVMF_INVLPG);
	for (u32 i = 0; i < 5; i++)
		nap(1000000);
	set_va(gone_page, virt_to_mfn(gone_page) << 12 | PTE_P | PTE_U | PTE_A, UVMF_INVLPG);
	for (u32 i = 0; i < 5; i++)
		nap(1000000);
	WANT(runstate_area(0), 0);
	WANT(time_area(0), 0);
	return true;
}

static bool periodic_timers(void)
{
	static const u64 bad[] = { 0, 1, 999999, ~0ULL, 1ULL << 63 };
	struct vcpu_set_periodic_timer t;

	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		t.period_ns = bad[i];
		WANT(H3(vcpu_op, VCPUOP_set_periodic_timer, 0, &t), eINVAL);
	}
	for (u32 i = 0; i < 2000; i++) {
		t.period_ns = 1000000 + next_random() % 1000;
		WANT(H3(vcpu_op, VCPUOP_set_periodic_timer, 0, &t), 0);
	}
	nap(5000000);
	WANT(H3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	WANT(H3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	return true;
}

static bool single_timers(void)
{
	static const u64 dates[] = { 0, 1, ~0ULL, 1ULL << 63, ~0ULL >> 1, 1ULL << 50, 1ULL << 62 };
	struct vcpu_set_singleshot_timer t = { 0 };

	for (u32 round = 0; round < 1000; round++)
		for (u32 i = 0; i < ARRAY_SIZE(dates); i++) {
			t.timeout_abs_ns = dates[i];
			WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
			WANT(H1(set_timer_op, dates[i]), 0);
		}
	t.flags = VCPU_SSHOTTMR_future;
	t.timeout_abs_ns = 1;
	WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	t.timeout_abs_ns = system_time() + 1000000000;
	WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	if (H3(vcpu_op, VCPUOP_is_up, 1, 0) >= 0) {
		WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 1, &t), eINVAL);
		WANT(H3(vcpu_op, VCPUOP_stop_singleshot_timer, 1, 0), eINVAL);
	}
	WANT(H3(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
	return true;
}

static bool polling(void)
{
	static evtchn_port_t ports[130];
	struct sched_poll p = { .nr_ports = 129 };

	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };

	WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	for (u32 i = 0; i < ARRAY_SIZE(ports); i++)
		ports[i] = a.port;
	p.ports.p = ports;
	p.timeout = 1;
	WANT(H2(sched_op, SCHEDOP_poll, &p), eINVAL);
	p.nr_ports = ~0U;
	WANT(H2(sched_op, SCHEDOP_poll, &p), eINVAL);
	p.nr_ports = 1;
	ports[0] = ~0U;
	WANT(H2(sched_op, SCHEDOP_poll, &p), eINVAL);
	for (u32 i = 0; i < ARRAY_SIZE(bad_addresses); i++) {
		p.ports.p = (evtchn_port_t *)bad_addresses[i];
		p.nr_ports = 2;
		WANT(H2(sched_op, SCHEDOP_poll, &p), eFAULT);
	}
	/* Nothing to wait for, a date in the past: comes back at once. */
	p.nr_ports = 0;
	p.timeout = 1;
	for (u32 i = 0; i < 200; i++)
		WANT(H2(sched_op, SCHEDOP_poll, &p), 0);
	return true;
}

static bool watchdogs(void)
{
	struct sched_watchdog w = { .timeout = 100000 };

	for (u32 i = 1; i <= 2; i++)
		WANT(H2(sched_op, SCHEDOP_watchdog, &w), i);
	WANT((int)H2(sched_op, SCHEDOP_watchdog, &w), eNOSPC);	/* 32 bits of it on the original */
	w.id = 3;
	WANT(H2(sched_op, SCHEDOP_watchdog, &w), eINVAL);
	w.id = ~0U;
	WANT(H2(sched_op, SCHEDOP_watchdog, &w), eINVAL);
	w.timeout = ~0U;
	w.id = 1;
	WANT(H2(sched_op, SCHEDOP_watchdog, &w), 0);
	w.timeout = 0;
	for (w.id = 1; w.id <= 2; w.id++)
		WANT(H2(sched_op, SCHEDOP_watchdog, &w), 0);
	w.id = 1;
	WANT(H2(sched_op, SCHEDOP_watchdog, &w), eINVAL);
	return true;
}

static bool other_sched_ops(void)
{
	struct sched_remote_shutdown r = { 0x7fff, 0 };
	static const u32 unknown[] = { 8, 9, 100, 0x80000000, ~0U };

	WANT(H2(sched_op, SCHEDOP_remote_shutdown, &r), eSRCH);
	r.domain_id = 0x7ff0;
	WANT(H2(sched_op, SCHEDOP_remote_shutdown, &r), eSRCH);
	for (u32 i = 0; i < ARRAY_SIZE(unknown); i++)
		WANT(H2(sched_op, unknown[i], page), eNOSYS);
	for (u32 i = 0; i < 20000; i++)
		WANT(H2(sched_op, SCHEDOP_yield, ~0UL), 0);
	return true;
}

/* Down and up from the other side, a thousand times. */
static void spin(void) { __asm__ volatile("pause"); }

static bool up_and_down(void)
{
	if (!smp_start(spin))
		return true;
	for (u32 i = 0; i < 1000; i++) {
		WANT(H3(vcpu_op, VCPUOP_down, 1, 0), 0);
		WANT(H3(vcpu_op, VCPUOP_up, 1, 0), 0);
		if (i % 16 == 0)
			H2(sched_op, SCHEDOP_yield, 0);
	}
	for (u32 i = 0; i < 200; i++)
		WANT(H3(vcpu_op, VCPUOP_send_nmi, 1, 1), eINVAL);
	smp_end();
	return true;
}

static void other_periodic(u32 vcpu)
{
	struct vcpu_set_periodic_timer t = { .period_ns = 1000000 + next_random() % 1000000 };

	H3(vcpu_op, VCPUOP_set_periodic_timer, vcpu, &t);
	H3(vcpu_op, VCPUOP_stop_periodic_timer, vcpu, 0);
}

static void periodic_of_first(void) { other_periodic(0); }

/* Each of two vCPUs sets and stops the other's timer: nobody may have to wait for the other. */
static bool periodic_of_each_other(void)
{
	if (!smp_start(periodic_of_first))
		return true;
	for (u32 i = 0; i < 5000; i++) {
		other_periodic(1);
		if (i % 64 == 0)
			nap(10000);	/* switched out and in again while it changes */
	}
	smp_end();
	H3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
	H3(vcpu_op, VCPUOP_stop_periodic_timer, 1, 0);
	return true;
}

static const struct attack attacks[] = {
	{ "vcpu-extremes", vcpu_extremes },
	{ "sched-bad-pointers", bad_pointers },
	{ "vcpu-initialised-once", initialised_once },
	{ "vcpu-garbage-context", garbage_context },
	{ "vcpu-info-at-bad-places", info_at_bad_places },
	{ "vcpu-areas-at-bad-places", areas_at_bad_places },
	{ "timer-periodic-extremes", periodic_timers },
	{ "timer-single-extremes", single_timers },
	{ "sched-polling", polling },
	{ "sched-watchdogs", watchdogs },
	{ "sched-other-ops", other_sched_ops },
	{ "vcpu-up-and-down", up_and_down },
	{ "timer-periodic-of-each-other", periodic_of_each_other },
};

ATTACK_GROUP(sched, attacks, NULL);
