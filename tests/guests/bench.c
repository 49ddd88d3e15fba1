/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exact cost of hypercalls and traps in guest instructions.  Run as Domain 0 under QEMU's -icount shift=0,
 * where the TSC counts instructions: each row is (second run - first run) / rounds with twice the rounds, so
 * the loop's start cancels; the guest's own side of a call (about a dozen instructions) is in it.  The marks let
 * bench/counter.c count the same runs, three for each row: the first warms up.
 */
#include "tools.h"
#include "../../bench/mark.h"

#define ROUNDS 64

static u8 page_a[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 page_b[PAGE_SIZE] __attribute__((aligned(4096)));
static u64 l1_empty[512] __attribute__((aligned(4096)));
static u64 l1_full[512] __attribute__((aligned(4096)));
static evtchn_port_t port_a, port_b;
static mmu_update_t updates[32];
static multicall_entry_t calls[8];
static grant_entry_v1_t *grants;
static u64 *entry_of_a;

static void null_call(void) { H2(xen_version, XENVER_version, 0); }
static void yield(void) { H2(sched_op, SCHEDOP_yield, 0); }
static void status(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = port_a };

	H2(event_channel_op, EVTCHNOP_status, &s);
}
static void send(void)
{
	struct evtchn_send s = { .port = port_b };

	H2(event_channel_op, EVTCHNOP_send, &s);
}
static void alloc_close(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_close c;

	H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	c.port = a.port;
	H2(event_channel_op, EVTCHNOP_close, &c);
}
static void segment_base(void) { H2(set_segment_base, SEGBASE_FS, 0x1000); }
static void stack_switch(void)
{
	u64 sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	H2(stack_switch, 0xe02b, sp);
}
static void is_up(void) { H3(vcpu_op, VCPUOP_is_up, 0, 0); }
static void singleshot(void)
{
	vcpu_set_singleshot_timer_t t = { .timeout_abs_ns = ~0ULL >> 2 };

	H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t);
}
static void forced_cpuid(void)
{
	u32 a = 0x40000000, b, c = 0, d;

	__asm__ volatile(".byte 0x0f,0x0b,0x78,0x65,0x6e,0x0f,0xa2" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
}
static void update_va(void) { set_va(page_a, virt_to_mfn(page_a) << 12 | PTE_FLAGS, UVMF_INVLPG); }
static void update_va_other(void)
{
	static int flip;

	set_va(page_a, virt_to_mfn(++flip & 1 ? page_b : page_a) << 12 | PTE_FLAGS, UVMF_INVLPG);
}
static void mmu_one(void) { H4(mmu_update, updates, 1, 0, DOMID_SELF); }
static void mmu_many(void) { H4(mmu_update, updates, 32, 0, DOMID_SELF); }
/* Not by a call: the page that holds the entry is read-only, and the hypervisor does the write in the guest's place. */
static void pte_clear_set(void)
{
	u64 *e = entry_of_a, old = 0;

	__asm__ volatile("xchgq %0, (%1)\n movq %0, (%1)" : "+r"(old) : "r"(e) : "memory");
}
static void invlpg(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = (unsigned long)page_a };

	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}
static void flush_local(void)
{
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };

	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}
static void multicall(void) { H2(multicall, calls, 8); }
static void pin_unpin(u64 *table)
{
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = virt_to_mfn(table) };

	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
	op.cmd = MMUEXT_UNPIN_TABLE;
	H4(mmuext_op, &op, 1, 0, DOMID_SELF);
}
static void pin_empty(void) { pin_unpin(l1_empty); }
static void pin_full(void) { pin_unpin(l1_full); }
static void skip_ud(struct trap_frame *f, u32 v)
{
	(void)v;
	f->rip += 2;
}
static void ud_bounce(void) { __asm__ volatile("ud2"); }
static void pf_bounce(void) { __asm__ volatile(".byte 0x8a, 0x00" : : "a"(0x1000UL)); }	/* mov (%rax), %al */
static void wrmsr_gs(void) { __asm__ volatile("wrmsr" : : "c"(0xc0000101), "a"(0x2000), "d"(0)); }
static void map_unmap(void)
{
	struct gnttab_map_grant_ref m = { .host_addr = (unsigned long)page_b, .flags = GNTMAP_host_map, .ref = 100, .dom = 0 };
	struct gnttab_unmap_grant_ref u;

	H3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1);
	u = (struct gnttab_unmap_grant_ref){ .host_addr = (unsigned long)page_b, .handle = m.handle };
	H3(grant_table_op, GNTTABOP_unmap_grant_ref, &u, 1);
	if (m.status | u.status) {
		printk("grant map %d unmap %d\n", m.status, u.status);
		guest_exit("FAIL");
	}
}
static void grant_copy(void)
{
	struct gnttab_copy c = { .source = { .u.ref = 100, .domid = DOMID_SELF }, .dest = { .domid = DOMID_SELF },
				 .len = 4096, .flags = GNTCOPY_source_gref };

	c.dest.u.gmfn = virt_to_mfn(page_a);
	H3(grant_table_op, GNTTABOP_copy, &c, 1);
	if (c.status) {
		printk("grant copy %d\n", c.status);
		guest_exit("FAIL");
	}
}
static void iret_null(void)
{
	/* A frame as a trap leaves it, returning to the next instruction. */
	__asm__ volatile("movq %%rsp, %%rdx\n"
			 "pushq $0xe02b\n pushq %%rdx\n pushfq\n pushq $0xe030\n leaq 1f(%%rip), %%rax\n pushq %%rax\n"
			 "pushq $0\n"
			 "jmp hypercall_page + 23 * 32\n"
			 "1:\n" : : : "rax", "rcx", "rdx", "r11", "memory");
}

static void trap_plain(void (*hook)(struct trap_frame *, u32)) { trap_hook = hook; }

struct row { const char *name; void (*fn)(void); u32 rounds; };
static const struct row rows[] = {
	{ "null", null_call, ROUNDS },
	{ "yield", yield, ROUNDS },
	{ "evtchn_status", status, ROUNDS },
	{ "evtchn_send", send, ROUNDS },
	{ "evtchn_alloc_close", alloc_close, ROUNDS },
	{ "set_segment_base", segment_base, ROUNDS },
	{ "stack_switch", stack_switch, ROUNDS },
	{ "is_up", is_up, ROUNDS },
	{ "set_singleshot_timer", singleshot, ROUNDS },
	{ "forced_cpuid", forced_cpuid, ROUNDS },
	{ "update_va_mapping", update_va, ROUNDS },
	{ "update_va_mapping_frame", update_va_other, ROUNDS },
	{ "mmu_update_1", mmu_one, ROUNDS },
	{ "mmu_update_32", mmu_many, ROUNDS },
	{ "pte_clear_set", pte_clear_set, ROUNDS },
	{ "invlpg", invlpg, ROUNDS },
	{ "tlb_flush_local", flush_local, ROUNDS },
	{ "multicall_8", multicall, ROUNDS },
	{ "pin_unpin_empty_l1", pin_empty, 8 },
	{ "pin_unpin_full_l1", pin_full, 8 },
	{ "ud_bounce", ud_bounce, ROUNDS },
	{ "pf_bounce", pf_bounce, ROUNDS },
	{ "wrmsr_gs_base", wrmsr_gs, ROUNDS },
	{ "grant_map_unmap", map_unmap, ROUNDS },
	{ "grant_copy_page", grant_copy, ROUNDS },
	{ "iret", iret_null, ROUNDS },
};

static u64 __attribute__((noipa)) run(void (*fn)(void), u32 rounds)
{
	u64 t;

	MARK(MARK_BEGIN);
	t = rdtsc();
	while (rounds--)
		fn();
	t = rdtsc() - t;
	MARK(MARK_END);
	return t;
}

static void setup(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct gnttab_setup_table st = { .dom = DOMID_SELF, .nr_frames = 1 };
	static u64 grant_page[512] __attribute__((aligned(4096)));
	static u64 scratch[512] __attribute__((aligned(4096)));
	static xen_pfn_t frame;

	H2(event_channel_op, EVTCHNOP_alloc_unbound, &a);
	port_a = b.remote_port = a.port;
	H2(event_channel_op, EVTCHNOP_bind_interdomain, &b);
	port_b = b.local_port;
	for (u32 i = 0; i < 32; i++) {
		updates[i].ptr = pte_maddr(page_a, 1) | MMU_NORMAL_PT_UPDATE;
		updates[i].val = virt_to_mfn(i & 1 ? page_b : page_a) << 12 | PTE_FLAGS;
	}
	H2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	entry_of_a = pte_of(page_a, 1);
	for (u32 i = 0; i < 8; i++)
		calls[i] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version, .args = { XENVER_version, 0 } };
	for (u32 i = 0; i < 512; i++)
		l1_full[i] = virt_to_mfn(scratch) << 12 | PTE_FLAGS;
	make_readonly(l1_empty);
	make_readonly(l1_full);
	st.frame_list.p = &frame;
	H3(grant_table_op, GNTTABOP_setup_table, &st, 1);
	if (st.status || set_va(grant_page, frame << 12 | PTE_FLAGS, UVMF_INVLPG)) {
		printk("no grant table: %d\n", st.status);
		guest_exit("FAIL");
	}
	grants = (grant_entry_v1_t *)grant_page;
	grants[100].frame = (u32)virt_to_mfn(scratch);
	grants[100].domid = 0;
	barrier();
	grants[100].flags = GTF_permit_access;
}

/* When we began, and what the hypervisor left of the machine's memory. */
static void tell_boot(u64 began)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_physinfo);

	printk("BOOT began %lu\n", began);
	if (!sysctl(op))
		printk("BOOT free_pages %lu\n", (u64)op->u.physinfo.free_pages);
}

void guest_main(void)
{
	tell_boot(rdtsc());
	setup();
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	trap_plain(skip_ud);
	char only[32] = "";

	cmdline_get("row", only, sizeof(only));
	for (const struct row *r = rows; r < rows + ARRAY_SIZE(rows); r++) {
		u64 once, twice;

		if (*only && strcmp(only, r->name))
			continue;
		if (cmdline_has("forever")) {
			printk("FOREVER %s\n", r->name);
			for (;;)
				r->fn();
		}

		run(r->fn, 4);
		once = run(r->fn, r->rounds);
		twice = run(r->fn, 2 * r->rounds);
		printk("BENCH %s %lu of %u\n", r->name, (twice - once) / r->rounds, r->rounds);
	}
}
