/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's own vCPUs, and how it waits. */
#include "calls.h"
#include "smp.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 info_page[PAGE_SIZE] __attribute__((aligned(4096)));

/* The second vCPU's own place; it has one before it runs for the first time. */
static bool register_vcpu_info(void)
{
	struct vcpu_register_vcpu_info r = { .mfn = virt_to_mfn(info_page), .offset = 64 };

	WANT(H3(vcpu_op, VCPUOP_register_vcpu_info, 1, &r), 0);
	return true;
}

static volatile u64 turns;
static void turn(void) { turns++; }

static bool up_and_down(void)
{
	u64 before;

	WANT_TRUE(smp_start(turn));
	WANT(H3(vcpu_op, VCPUOP_is_up, 1, 0), 1);
	WANT_TRUE(((volatile vcpu_info_t *)(info_page + 64))->time.version);
	WANT(H3(vcpu_op, VCPUOP_down, 1, 0), 0);
	WANT(H3(vcpu_op, VCPUOP_is_up, 1, 0), 0);
	nap(5000000);
	before = turns;
	nap(5000000);
	WANT(turns, before);
	WANT(H3(vcpu_op, VCPUOP_up, 1, 0), 0);
	for (u32 i = 0; i < 1000 && turns == before; i++)
		nap(1000000);
	WANT_TRUE(turns > before);
	smp_end();
	return true;
}

static bool runstate_info(void)
{
	struct vcpu_runstate_info r = { .state = 99 };

	WANT(H3(vcpu_op, VCPUOP_get_runstate_info, 0, &r), 0);
	WANT(r.state, RUNSTATE_running);
	WANT_TRUE(r.time[RUNSTATE_running]);
	/* VCPUOP_down of the row before does not wait for the other CPU. */
	for (u32 i = 0; i < 1000 && r.state != RUNSTATE_offline; i++) {
		nap(1000000);
		WANT(H3(vcpu_op, VCPUOP_get_runstate_info, 1, &r), 0);
	}
	WANT(r.state, RUNSTATE_offline);
	return true;
}

static bool runstate_area(void)
{
	struct vcpu_register_runstate_memory_area a = { .addr.p = (u64)page };
	volatile struct vcpu_runstate_info *r = (void *)page;
	u64 blocked;

	WANT(H3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a), 0);
	blocked = r->time[RUNSTATE_blocked];
	for (u32 i = 0; i < 100 && r->time[RUNSTATE_blocked] == blocked; i++)
		nap(5000000);
	WANT_TRUE(r->time[RUNSTATE_blocked] > blocked);
	a.addr.p = 0;
	return !H3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a);
}

static bool time_area(void)
{
	struct vcpu_register_time_memory_area a = { .addr.p = (u64)page };

	memset(page, 0, PAGE_SIZE);
	WANT(H3(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &a), 0);
	WANT_TRUE(((struct vcpu_time_info *)page)->tsc_to_system_mul == shared_info->vcpu_info[0].time.tsc_to_system_mul);
	a.addr.p = 0;
	return !H3(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &a);
}

static bool physid(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setvcpuaffinity, 0);
	struct vcpu_get_physid id = { ~0UL };
	u8 cpus = 2;

	op->u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op->u.vcpuaffinity.cpumap_hard.bitmap.p = &cpus;
	op->u.vcpuaffinity.cpumap_hard.nr_bits = 8;
	WANT(domctl(op), 0);
	WANT(H3(vcpu_op, VCPUOP_get_physid, 0, &id), 0);
	WANT(xen_vcpu_physid_to_x86_apicid(id.phys_id), 1);
	cpus = 0xff;
	return !domctl(op);
}

static bool pin_override(void)
{
	struct sched_pin_override p = { .pcpu = 1 };
	struct xen_domctl *op;

	WANT(H2(sched_op, SCHEDOP_pin_override, &p), 0);
	op = domctl_op(XEN_DOMCTL_getvcpuinfo, 0);
	WANT(domctl(op), 0);
	WANT(op->u.getvcpuinfo.cpu, 1);
	p.pcpu = -1;
	return !H2(sched_op, SCHEDOP_pin_override, &p);
}

static bool nmi_to_itself(void) { return !H3(vcpu_op, VCPUOP_send_nmi, 0, 0); }

/* ---- timers: each makes its event pending, and none when it was stopped ---- */

static u32 timer_port;

static bool is_pending(u32 port) { return shared_info->evtchn_pending[port / 64] >> port % 64 & 1; }
static void take(u32 port) { __atomic_fetch_and(&shared_info->evtchn_pending[port / 64], ~(1UL << port % 64), __ATOMIC_SEQ_CST); }

static bool timer(void)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	if (!timer_port && !H2(event_channel_op, EVTCHNOP_bind_virq, &b))
		timer_port = b.port;
	take(timer_port);
	return timer_port;
}

static bool fires(void)
{
	for (u32 i = 0; i < 200 && !is_pending(timer_port); i++)
		nap(1000000);
	WANT_TRUE(is_pending(timer_port));
	take(timer_port);
	return true;
}

static bool singleshot(void)
{
	struct vcpu_set_singleshot_timer t = { 0 };

	WANT_TRUE(timer());
	t.timeout_abs_ns = system_time() + 3000000;
	WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	WANT_TRUE(fires());
	t.timeout_abs_ns = system_time() + 20000000;
	WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	WANT(H3(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
	take(timer_port);	/* a slow machine may have got here too late */
	nap(30000000);
	WANT_TRUE(!is_pending(timer_port));
	return true;
}

static bool periodic(void)
{
	struct vcpu_set_periodic_timer t = { 2000000 };

	WANT_TRUE(timer());
	WANT(H3(vcpu_op, VCPUOP_set_periodic_timer, 0, &t), 0);
	WANT_TRUE(fires() && fires() && fires());
	WANT(H3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	take(timer_port);
	nap(10000000);
	WANT_TRUE(!is_pending(timer_port));
	return true;
}

static bool set_timer(void)
{
	WANT_TRUE(timer());
	WANT(H1(set_timer_op, system_time() + 3000000), 0);
	return fires();
}

/* ---- waiting ---- */

static bool yield(void) { return !H2(sched_op, SCHEDOP_yield, 0); }

static bool poll(void)
{
	struct sched_poll p = { .nr_ports = 1 };
	u64 start = system_time();

	WANT_TRUE(timer());
	p.ports.p = &timer_port;
	WANT(H1(set_timer_op, start + 3000000), 0);
	while (!is_pending(timer_port) && system_time() < start + 1000000000)
		WANT(H2(sched_op, SCHEDOP_poll, &p), 0);
	WANT_TRUE(is_pending(timer_port) && system_time() >= start + 3000000);
	take(timer_port);
	return true;
}

/* It returns with events let in, and only for one. */
static bool block(void)
{
	u64 start = system_time(), before = event_count;

	WANT_TRUE(timer());
	shared_info->evtchn_mask[timer_port / 64] = 0;
	/* The call alone lets it in, even when it comes before the call. */
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	take(timer_port);
	shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
	shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	WANT(H1(set_timer_op, start + 3000000), 0);
	WANT(H2(sched_op, SCHEDOP_block, 0), 0);
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	WANT_TRUE(event_count > before && system_time() >= start + 3000000);
	take(timer_port);
	return true;
}

static const struct call calls[] = {
	{ "vcpu_op", "VCPUOP_register_vcpu_info", register_vcpu_info },
	{ "vcpu_op", "VCPUOP_initialise", up_and_down },
	{ "vcpu_op", "VCPUOP_up", up_and_down },
	{ "vcpu_op", "VCPUOP_down", up_and_down },
	{ "vcpu_op", "VCPUOP_is_up", up_and_down },
	{ "vcpu_op", "VCPUOP_get_runstate_info", runstate_info },
	{ "vcpu_op", "VCPUOP_register_runstate_memory_area", runstate_area },
	{ "vcpu_op", "VCPUOP_register_vcpu_time_memory_area", time_area },
	{ "vcpu_op", "VCPUOP_get_physid", physid },
	{ "vcpu_op", "VCPUOP_send_nmi", nmi_to_itself },
	{ "vcpu_op", "VCPUOP_set_singleshot_timer", singleshot },
	{ "vcpu_op", "VCPUOP_stop_singleshot_timer", singleshot },
	{ "vcpu_op", "VCPUOP_set_periodic_timer", periodic },
	{ "vcpu_op", "VCPUOP_stop_periodic_timer", periodic },
	{ "hypercall", "__HYPERVISOR_set_timer_op", set_timer },
	{ "sched_op", "SCHEDOP_yield", yield },
	{ "sched_op", "SCHEDOP_poll", poll },
	{ "sched_op", "SCHEDOP_block", block },
	{ "sched_op", "SCHEDOP_pin_override", pin_override },
};
CALL_LIST(vcpu, calls);
