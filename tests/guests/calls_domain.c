/* SPDX-License-Identifier: GPL-2.0-only */
/* Control of a running domain: what is set is read back, or seen in how the domain runs. */
#include "calls.h"

static u8 window[PAGE_SIZE] __attribute__((aligned(4096)));

static struct xen_domctl_getdomaininfo *info(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getdomaininfo, child());

	return domctl(op) ? NULL : &op->u.getdomaininfo;
}

static bool getdomaininfo(void)
{
	const struct xen_domctl_getdomaininfo *i = info();
	u64 time = i->cpu_time;

	WANT(i->tot_pages, CHILD_FRAMES);
	WANT(i->max_pages, 16);
	WANT(i->nr_online_vcpus, 1);
	WANT_TRUE(child_runs());
	WANT_TRUE(info()->cpu_time > time);
	return true;
}

static bool getvcpuinfo(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpuinfo, child());

	WANT(domctl(op), 0);
	WANT(op->u.getvcpuinfo.online, 1);
	WANT_TRUE(op->u.getvcpuinfo.cpu < 2 && op->u.getvcpuinfo.cpu_time);
	return true;
}

static bool setdomainhandle(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setdomainhandle, child());
	static xen_domain_handle_t handle = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

	memcpy(op->u.setdomainhandle.handle, handle, sizeof(handle));
	WANT(domctl(op), 0);
	WANT(memcmp(info()->handle, handle, sizeof(handle)), 0);
	WANT(child_call(__HYPERVISOR_xen_version, XENVER_guest_handle, CHILD_SCRATCH, 0), 0);
	WANT(memcmp(child_scratch, handle, sizeof(handle)), 0);
	return true;
}

static bool setdebugging(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setdebugging, child());

	op->u.setdebugging.enable = 1;
	WANT(domctl(op), 0);
	WANT(info()->flags & XEN_DOMINF_debugged, XEN_DOMINF_debugged);
	WANT(domctl(domctl_op(XEN_DOMCTL_setdebugging, child())), 0);
	WANT(info()->flags & XEN_DOMINF_debugged, 0);
	return child_runs();
}

/* ---- where and how much it runs ---- */

static u8 hard[1], soft[1];

static struct xen_domctl *affinity_op(u32 cmd)
{
	struct xen_domctl *op = domctl_op(cmd, child());
	struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;

	a->flags = XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT;
	a->cpumap_hard.bitmap.p = hard;
	a->cpumap_soft.bitmap.p = soft;
	a->cpumap_hard.nr_bits = a->cpumap_soft.nr_bits = 8;
	return op;
}

/* Soon, and stays there. */
static bool child_moves_to(u32 cpu)
{
	for (u32 i = 0; i < 1000; i++) {
		struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpuinfo, child());

		WANT(domctl(op), 0);
		if (op->u.getvcpuinfo.cpu == cpu)
			return child_runs();
		nap(1000000);
	}
	return false;
}

static bool affinity(void)
{
	for (u32 cpu = 0; cpu < 2; cpu++) {
		struct xen_domctl *op = affinity_op(XEN_DOMCTL_setvcpuaffinity);

		hard[0] = (u8)(1U << cpu);
		soft[0] = 3;
		WANT(domctl(op), 0);
		WANT(hard[0], 1U << cpu);
		WANT(soft[0], 1U << cpu);	/* what is effective */
		WANT_TRUE(child_moves_to(cpu));
		op = affinity_op(XEN_DOMCTL_getvcpuaffinity);
		hard[0] = soft[0] = 0;
		WANT(domctl(op), 0);
		WANT(hard[0], 1U << cpu);
		WANT(soft[0], 3);
	}
	hard[0] = soft[0] = 0xff;
	return !domctl(affinity_op(XEN_DOMCTL_setvcpuaffinity));
}

static bool node_affinity(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setnodeaffinity, child());
	u8 nodes = 1;

	op->u.nodeaffinity.nodemap.bitmap.p = &nodes;
	op->u.nodeaffinity.nodemap.nr_bits = 8;
	WANT(domctl(op), 0);
	nodes = 0;
	op->cmd = XEN_DOMCTL_getnodeaffinity;
	WANT(domctl(op), 0);
	WANT(nodes, 1);
	return true;
}

static bool scheduler(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_scheduler_op, child());

	op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op->u.scheduler_op.u.credit2.weight = 777;
	op->u.scheduler_op.u.credit2.cap = 50;
	WANT(domctl(op), 0);
	op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	memset(&op->u.scheduler_op.u, 0, sizeof(op->u.scheduler_op.u));
	WANT(domctl(op), 0);
	WANT(op->u.scheduler_op.u.credit2.weight, 777);
	WANT(op->u.scheduler_op.u.credit2.cap, 50);
	op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	op->u.scheduler_op.u.credit2.weight = 256;
	op->u.scheduler_op.u.credit2.cap = 0;
	WANT(domctl(op), 0);
	return child_runs();
}

/* ---- what it may use: given by who has it, shown by what else asks for it ---- */

#define BARE_FRAME 0xfed40	/* a page of devices' addresses that no device of this machine has */

static long map_bare_frame(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_memory_mapping, child());

	op->u.memory_mapping.first_gfn = op->u.memory_mapping.first_mfn = BARE_FRAME;
	op->u.memory_mapping.nr_mfns = 1;
	op->u.memory_mapping.add_mapping = 1;
	return domctl(op);
}

static long allow_bare_frame(u8 allow)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_iomem_permission, child());

	op->u.iomem_permission.first_mfn = BARE_FRAME;
	op->u.iomem_permission.nr_mfns = 1;
	op->u.iomem_permission.allow_access = allow;
	return domctl(op);
}

static bool iomem(void)
{
	WANT(map_bare_frame(), ePERM);
	WANT(allow_bare_frame(1), 0);
	WANT(map_bare_frame(), 0);
	WANT(allow_bare_frame(0), 0);
	WANT(map_bare_frame(), ePERM);
	return true;
}

static long map_gsi_for_child(void)
{
	struct physdev_map_pirq m = { .domid = child(), .type = MAP_PIRQ_TYPE_GSI, .index = 7, .pirq = -1 };
	long rc = H2(physdev_op, PHYSDEVOP_map_pirq, &m);
	struct physdev_unmap_pirq u = { .domid = child(), .pirq = m.pirq };

	return rc ? rc : H2(physdev_op, PHYSDEVOP_unmap_pirq, &u);
}

static bool irq(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_irq_permission, child());

	WANT(map_gsi_for_child(), ePERM);
	op->u.irq_permission.pirq = 7;
	op->u.irq_permission.allow_access = 1;
	WANT(domctl(op), 0);
	WANT(map_gsi_for_child(), 0);
	op = domctl_op(XEN_DOMCTL_irq_permission, child());
	op->u.irq_permission.pirq = 7;
	WANT(domctl(op), 0);
	WANT(map_gsi_for_child(), ePERM);
	return true;
}

static long allow_port(u32 port, u8 allow)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_ioport_permission, child());

	op->u.ioport_permission.first_port = port;
	op->u.ioport_permission.nr_ports = 1;
	op->u.ioport_permission.allow_access = allow;
	return domctl(op);
}

/* The interrupt controllers' ports are not Domain 0's to give. */
static bool ioport(void)
{
	WANT(allow_port(0x80, 1), 0);
	WANT(allow_port(0x80, 0), 0);
	WANT(allow_port(0x20, 1), ePERM);
	return true;
}

/* ---- state of its vCPU, with the domain at rest ---- */

static bool at_rest(bool (*fn)(void))
{
	bool ok;

	WANT(domctl(domctl_op(XEN_DOMCTL_pausedomain, child())), 0);
	ok = fn();
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, child())), 0);
	return ok && child_runs();
}

/* Its context as it is at any moment, with a register that it does not use changed: it runs on. */
static bool context_round_trip(void)
{
	static struct vcpu_guest_context was, is;
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpucontext, child());

	op->u.vcpucontext.ctxt.p = &was;
	WANT(domctl(op), 0);
	was.user_regs.r15 = 0x123456789abcdef0;
	was.debugreg[0] = 0x1000;
	op->cmd = XEN_DOMCTL_setvcpucontext;
	WANT(domctl(op), 0);
	op->cmd = XEN_DOMCTL_getvcpucontext;
	op->u.vcpucontext.ctxt.p = &is;
	WANT(domctl(op), 0);
	WANT(memcmp(&is.user_regs, &was.user_regs, sizeof(is.user_regs)), 0);
	WANT(memcmp(is.trap_ctxt, was.trap_ctxt, sizeof(is.trap_ctxt)), 0);
	WANT_TRUE(is.flags == was.flags && is.ctrlreg[3] == was.ctrlreg[3] && is.debugreg[0] == 0x1000);
	return true;
}
static bool context(void) { return at_rest(context_round_trip); }

static bool ext_context_round_trip(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_get_ext_vcpucontext, child());
	struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;

	WANT(domctl(op), 0);
	WANT_TRUE(e->size);
	e->sysenter_callback_eip = 0x1234000;
	e->sysenter_disables_events = 1;
	op->cmd = XEN_DOMCTL_set_ext_vcpucontext;
	WANT(domctl(op), 0);
	op = domctl_op(XEN_DOMCTL_get_ext_vcpucontext, child());
	WANT(domctl(op), 0);
	WANT(e->sysenter_callback_eip, 0x1234000);
	WANT(e->sysenter_disables_events, 1);
	return true;
}
static bool ext_context(void) { return at_rest(ext_context_round_trip); }

/* XCR0, what of it was ever set, an XSAVE area: XMM0 lies at 160 of that (SDM vol. 1, 13.4.1). */
static bool extstate_round_trip(void)
{
	static u64 area[1024];
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpuextstate, child());
	struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
	u64 mask, size;

	WANT(domctl(op), 0);
	mask = e->xfeature_mask;
	size = e->size;
	WANT_TRUE(mask && size >= 16 + 576 && size <= sizeof(area));
	e->buffer.p = area;
	WANT(domctl(op), 0);
	area[0] = area[1] = 7 & mask;
	area[2 + 64] = 2;		/* the SSE part holds something */
	area[2 + 20] = 0x1122334455667788;
	*(u32 *)((u8 *)area + 16 + 24) = 0x1f80;
	op->cmd = XEN_DOMCTL_setvcpuextstate;
	e->size = 16 + 576 + (mask & 4 ? 256 : 0);
	WANT(domctl(op), 0);
	memset(area, 0, sizeof(area));
	op = domctl_op(XEN_DOMCTL_getvcpuextstate, child());
	WANT(domctl(op), 0);
	e->buffer.p = area;
	WANT(domctl(op), 0);
	WANT(area[0], 7 & mask);
	WANT_TRUE(area[2 + 20] == 0x1122334455667788);
	return true;
}
static bool extstate(void) { return at_rest(extstate_round_trip); }

#define MSR_TSC_AUX 0xc0000103U

static bool msrs_round_trip(void)
{
	xen_domctl_vcpu_msr_t m[4] = { { .index = MSR_TSC_AUX, .value = 0x1234 } };
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_set_vcpu_msrs, child());

	op->u.vcpu_msrs.msr_count = 1;
	op->u.vcpu_msrs.msrs.p = m;
	WANT(domctl(op), 0);
	memset(m, 0, sizeof(m));
	op->cmd = XEN_DOMCTL_get_vcpu_msrs;
	op->u.vcpu_msrs.msr_count = ARRAY_SIZE(m);
	WANT(domctl(op), 0);
	WANT(op->u.vcpu_msrs.msr_count, 1);
	WANT(m[0].index, MSR_TSC_AUX);
	WANT(m[0].value, 0x1234);
	return true;
}
static bool msrs(void) { return at_rest(msrs_round_trip); }

/* An NMI for which it has no handler changes nothing. */
static bool trigger(void)
{
	WANT(domctl(domctl_op(XEN_DOMCTL_sendtrigger, child())), 0);
	return child_runs();
}

/* ---- time ---- */

static u32 seconds_of_child(void)
{
	u64 f = info()->shared_info_frame;
	u32 s = 0;

	if (!map_foreign(window, child(), f))
		s = ((volatile shared_info_t *)window)->wc_sec;
	unmap_foreign(window);
	return s;
}

static bool settimeoffset(void)
{
	u32 before = seconds_of_child();
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_settimeoffset, child());

	op->u.settimeoffset.time_offset_seconds = 1000;
	WANT(domctl(op), 0);
	WANT_TRUE(before && seconds_of_child() - before >= 999 && seconds_of_child() - before <= 1001);
	return true;
}

static bool tscinfo(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_settscinfo, child());
	struct xen_domctl_tsc_info *t = &op->u.tsc_info;

	t->tsc_mode = 1;
	t->gtsc_khz = 1000000;
	t->incarnation = 3;
	t->elapsed_nsec = 5000000000;
	WANT(domctl(op), 0);
	op = domctl_op(XEN_DOMCTL_gettscinfo, child());
	WANT(domctl(op), 0);
	WANT_TRUE(t->tsc_mode == 1 && t->gtsc_khz == 1000000 && t->incarnation == 3);
	WANT_TRUE(t->elapsed_nsec >= 5000000000 && t->elapsed_nsec < 6000000000);
	return child_runs();
}

/* ---- the CPU that it sees ---- */

static xen_cpuid_leaf_t leaves[256];
static xen_msr_entry_t msr_entries[8];

static struct xen_domctl *policy_op(u32 cmd, domid_t dom, u32 nr)
{
	struct xen_domctl *op = domctl_op(cmd, dom);

	op->u.cpu_policy.nr_leaves = nr;
	op->u.cpu_policy.leaves.p = leaves;
	op->u.cpu_policy.nr_msrs = cmd == XEN_DOMCTL_get_cpu_policy ? ARRAY_SIZE(msr_entries) : 0;
	op->u.cpu_policy.msrs.p = msr_entries;
	return op;
}

static xen_cpuid_leaf_t *leaf_1(u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		if (leaves[i].leaf == 1)
			return &leaves[i];
	return NULL;
}

/* RDRAND (leaf 1, ECX bit 30) is taken from one that has not run yet. */
static bool cpu_policy(void)
{
	domid_t dom = new_domain(1);
	struct xen_domctl *op = policy_op(XEN_DOMCTL_get_cpu_policy, dom, ARRAY_SIZE(leaves));

	WANT(domctl(op), 0);
	WANT_TRUE(op->u.cpu_policy.nr_leaves > 8 && op->u.cpu_policy.nr_msrs);
	WANT_TRUE(leaf_1(op->u.cpu_policy.nr_leaves)->c & 1U << 30);
	leaves[0] = *leaf_1(op->u.cpu_policy.nr_leaves);
	leaves[0].c &= ~(1U << 30);
	WANT(domctl(policy_op(XEN_DOMCTL_set_cpu_policy, dom, 1)), 0);
	op = policy_op(XEN_DOMCTL_get_cpu_policy, dom, ARRAY_SIZE(leaves));
	WANT(domctl(op), 0);
	WANT(leaf_1(op->u.cpu_policy.nr_leaves)->c & 1U << 30, 0);
	return destroy_domain(dom);
}

static bool address_size(void)
{
	domid_t dom = new_domain(1);
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_set_address_size, dom);

	op->u.address_size.size = 64;
	WANT(domctl(op), 0);
	op = domctl_op(XEN_DOMCTL_get_address_size, dom);
	WANT(domctl(op), 0);
	WANT(op->u.address_size.size, 64);
	return destroy_domain(dom);
}

/* ---- the rest ---- */

/* Its events of that kind go to the child now, and then to us again. */
static bool virq_handler(void)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_DOM_EXC };
	struct evtchn_close c;
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_set_virq_handler, child());
	long mine;

	op->u.set_virq_handler.virq = VIRQ_DOM_EXC;
	WANT(domctl(op), 0);
	memcpy(child_scratch, &b, sizeof(b));
	mine = child_call(__HYPERVISOR_event_channel_op, EVTCHNOP_bind_virq, CHILD_SCRATCH, 0);
	op = domctl_op(XEN_DOMCTL_set_virq_handler, 0);
	op->u.set_virq_handler.virq = VIRQ_DOM_EXC;
	WANT(domctl(op), 0);
	WANT(mine, 0);
	WANT(H2(event_channel_op, EVTCHNOP_bind_virq, &b), 0);
	c.port = b.port;
	return !H2(event_channel_op, EVTCHNOP_close, &c);
}

static bool subscribe(void)
{
	struct evtchn_alloc_unbound a = { .dom = child(), .remote_dom = 0 };
	struct evtchn_bind_interdomain b = { .remote_dom = child() };
	struct sched_remote_shutdown r = { .domain_id = child(), .reason = SHUTDOWN_suspend };
	struct xen_domctl *op;
	struct evtchn_close c;

	WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &a), 0);
	b.remote_port = a.port;
	WANT(H2(event_channel_op, EVTCHNOP_bind_interdomain, &b), 0);
	shared_info->evtchn_pending[b.local_port / 64] = 0;
	op = domctl_op(XEN_DOMCTL_subscribe, child());
	op->u.subscribe.port = a.port;
	WANT(domctl(op), 0);
	WANT(H2(sched_op, SCHEDOP_remote_shutdown, &r), 0);
	for (u32 i = 0; i < 1000 && !(shared_info->evtchn_pending[b.local_port / 64] >> b.local_port % 64 & 1); i++)
		nap(1000000);
	WANT_TRUE(shared_info->evtchn_pending[b.local_port / 64] >> b.local_port % 64 & 1);
	WANT(domctl(domctl_op(XEN_DOMCTL_resumedomain, child())), 0);
	c.port = b.local_port;
	WANT(H2(event_channel_op, EVTCHNOP_close, &c), 0);
	return child_runs();
}

static bool no_dirty_pages(u32 how)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_shadow_op, child());

	op->u.shadow_op.op = how;
	op->u.shadow_op.pages = 77;
	WANT(domctl(op), 0);
	WANT(op->u.shadow_op.pages, 0);
	return true;
}
static bool shadow_clean(void) { return no_dirty_pages(XEN_DOMCTL_SHADOW_OP_CLEAN); }
static bool shadow_peek(void) { return no_dirty_pages(XEN_DOMCTL_SHADOW_OP_PEEK); }

static bool monitor_capabilities(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_monitor_op, child());

	op->u.monitor_op.op = XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES;
	op->u.monitor_op.event = ~0U;
	WANT(domctl(op), 0);
	WANT(op->u.monitor_op.event, 0);
	return true;
}

static bool access_required(void) { return !domctl(domctl_op(XEN_DOMCTL_set_access_required, child())); }

static const struct call calls[] = {
	{ "domctl", "XEN_DOMCTL_getdomaininfo", getdomaininfo },
	{ "domctl", "XEN_DOMCTL_getvcpuinfo", getvcpuinfo },
	{ "domctl", "XEN_DOMCTL_setdomainhandle", setdomainhandle },
	{ "xen_version", "XENVER_guest_handle", setdomainhandle },
	{ "domctl", "XEN_DOMCTL_setdebugging", setdebugging },
	{ "domctl", "XEN_DOMCTL_setvcpuaffinity", affinity },
	{ "domctl", "XEN_DOMCTL_getvcpuaffinity", affinity },
	{ "domctl", "XEN_DOMCTL_setnodeaffinity", node_affinity },
	{ "domctl", "XEN_DOMCTL_getnodeaffinity", node_affinity },
	{ "domctl", "XEN_DOMCTL_scheduler_op", scheduler },
	{ "domctl.scheduler_op", "XEN_DOMCTL_SCHEDOP_putinfo", scheduler },
	{ "domctl.scheduler_op", "XEN_DOMCTL_SCHEDOP_getinfo", scheduler },
	{ "domctl", "XEN_DOMCTL_iomem_permission", iomem },
	{ "domctl", "XEN_DOMCTL_memory_mapping", iomem },
	{ "domctl", "XEN_DOMCTL_irq_permission", irq },
	{ "domctl", "XEN_DOMCTL_ioport_permission", ioport },
	{ "domctl", "XEN_DOMCTL_setvcpucontext", context },
	{ "domctl", "XEN_DOMCTL_getvcpucontext", context },
	{ "domctl", "XEN_DOMCTL_set_ext_vcpucontext", ext_context },
	{ "domctl", "XEN_DOMCTL_get_ext_vcpucontext", ext_context },
	{ "domctl", "XEN_DOMCTL_setvcpuextstate", extstate },
	{ "domctl", "XEN_DOMCTL_getvcpuextstate", extstate },
	{ "domctl", "XEN_DOMCTL_set_vcpu_msrs", msrs },
	{ "domctl", "XEN_DOMCTL_get_vcpu_msrs", msrs },
	{ "domctl", "XEN_DOMCTL_sendtrigger", trigger },
	{ "domctl.sendtrigger", "XEN_DOMCTL_SENDTRIGGER_NMI", trigger },
	{ "domctl", "XEN_DOMCTL_settimeoffset", settimeoffset },
	{ "domctl", "XEN_DOMCTL_settscinfo", tscinfo },
	{ "domctl", "XEN_DOMCTL_gettscinfo", tscinfo },
	{ "domctl", "XEN_DOMCTL_set_cpu_policy", cpu_policy },
	{ "domctl", "XEN_DOMCTL_get_cpu_policy", cpu_policy },
	{ "domctl", "XEN_DOMCTL_set_address_size", address_size },
	{ "domctl", "XEN_DOMCTL_get_address_size", address_size },
	{ "domctl", "XEN_DOMCTL_set_virq_handler", virq_handler },
	{ "domctl", "XEN_DOMCTL_subscribe", subscribe },
	{ "domctl", "XEN_DOMCTL_shadow_op", shadow_peek },
	{ "domctl.shadow_op", "XEN_DOMCTL_SHADOW_OP_CLEAN", shadow_clean },
	{ "domctl.shadow_op", "XEN_DOMCTL_SHADOW_OP_PEEK", shadow_peek },
	{ "domctl", "XEN_DOMCTL_monitor_op", monitor_capabilities },
	{ "domctl.monitor_op", "XEN_DOMCTL_MONITOR_OP_GET_CAPABILITIES", monitor_capabilities },
	{ "domctl", "XEN_DOMCTL_set_access_required", access_required },
};
CALL_LIST(domain, calls);
