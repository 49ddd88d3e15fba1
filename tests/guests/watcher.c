/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The domain that watches while another attacks: it ticks, keeps a pattern in its memory, knows its own page
 * tables, offers a page and a port to Domain 0, and answers each line on its console with how all that is.
 */
#include "guest.h"
#include <xen/io/console.h>

#define OFFERED_REF 8
#define TICK_NS 10000000UL

static u64 pattern[64 * 512] __attribute__((aligned(4096)));
static u64 offered[512] __attribute__((aligned(4096)));
static volatile grant_entry_v1_t grants[512] __attribute__((aligned(4096)));
static u32 timer_port, offered_port;
static u64 ticks, strange_events, root_sum;

static u64 pattern_at(u32 i) { return 0x9e3779b97f4a7c15UL * (i + 1); }

/* The guest's own part of its root. */
static u64 sum_of_root(void)
{
	const u64 *root = (const u64 *)start_info->pt_base;
	u64 sum = 0;

	for (u32 i = 0; i < 512; i++)
		if (i < 256 || i > 271)
			sum = sum * 31 + (root[i] & ~(PTE_A | PTE_D));
	return sum;
}

static const char *damage(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = offered_port };

	for (u32 i = 0; i < ARRAY_SIZE(pattern); i++)
		if (pattern[i] != pattern_at(i))
			return "memory";
	for (u32 i = 0; i < ARRAY_SIZE(offered); i++)
		if (offered[i] != ~pattern_at(i))
			return "offered page";
	for (u32 i = 0; i < ARRAY_SIZE(pattern); i += 512)
		if ((*pte_of(&pattern[i], 1) & PTE_FRAME) >> 12 != virt_to_mfn(&pattern[i]))
			return "page table";
	if (sum_of_root() != root_sum)
		return "root";
	if (grants[OFFERED_REF].flags != GTF_permit_access || grants[OFFERED_REF].domid != 0)
		return "grant";
	if (H2(event_channel_op, EVTCHNOP_status, &s) || s.status != EVTCHNSTAT_unbound || s.u.unbound.dom != 0)
		return "port";
	return strange_events ? "events" : "none";
}

static void take_events(void)
{
	for (u32 i = 0; i < 64; i++) {
		u64 pending = __atomic_exchange_n(&shared_info->evtchn_pending[i], 0, __ATOMIC_SEQ_CST);

		for (; pending; pending &= pending - 1) {
			u32 port = i * 64 + (u32)__builtin_ctzl(pending);

			if (port == timer_port)
				ticks++;
			else if (port != start_info->console.domU.evtchn && port != start_info->store_evtchn)
				strange_events++;
		}
	}
	shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
}

static u32 lines_asked(void)
{
	static volatile struct xencons_interface *ring;
	u32 n = 0;

	if (!ring)
		ring = mfn_to_virt(start_info->console.domU.mfn);
	while (ring->in_cons != ring->in_prod) {
		n += ring->in[ring->in_cons % sizeof(ring->in)] == '\n';
		barrier();
		ring->in_cons++;
	}
	return n;
}

static void offer(void)
{
	struct gnttab_setup_table st = { .dom = DOMID_SELF, .nr_frames = 1 };
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 0 };
	static xen_pfn_t frame;

	st.frame_list.p = &frame;
	H3(grant_table_op, GNTTABOP_setup_table, &st, 1);
	set_va((void *)grants, frame << 12 | PTE_FLAGS, UVMF_INVLPG);
	grants[OFFERED_REF].frame = (u32)virt_to_mfn(offered);
	grants[OFFERED_REF].domid = 0;
	barrier();
	grants[OFFERED_REF].flags = GTF_permit_access;
	H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	offered_port = a.port;
}

static void start_ticks(void)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };
	struct vcpu_set_periodic_timer t = { TICK_NS };

	H2(event_channel_op, EVTCHNOP_bind_virq, &b);
	timer_port = b.port;
	H3(vcpu_op, VCPUOP_set_periodic_timer, 0, &t);
}

void guest_main(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(pattern); i++)
		pattern[i] = pattern_at(i);
	for (u32 i = 0; i < ARRAY_SIZE(offered); i++)
		offered[i] = ~pattern_at(i);
	offer();
	start_ticks();
	root_sum = sum_of_root();
	memset((void *)shared_info->evtchn_mask, 0, sizeof(shared_info->evtchn_mask));
	printk("WATCH-READY mfn=%lx root=%lx\n", virt_to_mfn(pattern), virt_to_mfn((void *)start_info->pt_base));
	for (;;) {
		shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
		take_events();
		for (u32 n = lines_asked(); n; n--)
			printk("WATCH ticks=%lu damage=%s\n", ticks, damage());
		H2(sched_op, SCHEDOP_block, 0);		/* lets events in again */
	}
}
