/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest kernel says and asks of its own CPU and of the hypervisor: the calls without a domain to name. */
#include "calls.h"
#include <xen/hvm/hvm_op.h>
#include <xen/nmi.h>
#include "user.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));
static u64 gdt[512] __attribute__((aligned(4096)));

/* ---- xen_version ---- */

static bool text_of(u32 what, const char *is)
{
	memset(page, 0xff, PAGE_SIZE);
	WANT(H2(xen_version, what, page), 0);
	if (is)
		WANT(strcmp((char *)page, is), 0);
	else
		WANT_TRUE(strlen((char *)page) < 1024);
	return true;
}

static bool version(void) { return H2(xen_version, XENVER_version, 0) == (4 << 16 | 17); }
static bool extraversion(void) { return text_of(XENVER_extraversion, NULL) && page[0] == '.'; }
static bool capabilities(void) { return text_of(XENVER_capabilities, "xen-3.0-x86_64 "); }
static bool changeset(void) { return text_of(XENVER_changeset, NULL); }
static bool compile_info(void)
{
	WANT_TRUE(text_of(XENVER_compile_info, NULL));
	return ((struct xen_compile_info *)page)->compiler[0] && ((struct xen_compile_info *)page)->compile_by[0];
}
static bool commandline(void)
{
	WANT_TRUE(text_of(XENVER_commandline, NULL));
	WANT(memcmp(page, "console=com1", 12), 0);
	return true;
}
static bool pagesize(void) { return H2(xen_version, XENVER_pagesize, 0) == 4096; }
static bool guest_handle(void) { return !H2(xen_version, XENVER_guest_handle, page); }
static bool platform_parameters(void)
{
	xen_platform_parameters_t p = { 0 };

	WANT(H2(xen_version, XENVER_platform_parameters, &p), 0);
	WANT_TRUE(p.virt_start == 0xffff800000000000);
	return true;
}
static bool features(void)
{
	xen_feature_info_t f = { 0 };

	WANT(H2(xen_version, XENVER_get_features, &f), 0);
	WANT_TRUE(f.submap & 1U << XENFEAT_dom0 && f.submap & 1U << XENFEAT_mmu_pt_update_preserve_ad);
	return true;
}

/* ---- console ---- */

static bool console_write(void)
{
	static const char text[] = "a line of the guest's\n";

	return !H3(console_io, CONSOLEIO_write, sizeof(text) - 1, text);
}
static bool console_read(void) { return !H3(console_io, CONSOLEIO_read, sizeof(page), page); }

/* ---- assists: on, off, and the two that show ---- */

static bool assist(u32 type)
{
	WANT(H2(vm_assist, VMASST_CMD_enable, type), 0);
	WANT(H2(vm_assist, VMASST_CMD_disable, type), 0);
	return true;
}
#define ASSIST(name) static bool assist_##name(void) { return assist(VMASST_TYPE_##name); }
ASSIST(4gb_segments)
ASSIST(4gb_segments_notify)
ASSIST(architectural_iopl)
ASSIST(m2p_strict)

static bool assist_pae_extended_cr3(void)
{
	xen_feature_info_t f = { 0 };

	WANT(H2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3), 0);
	H2(xen_version, XENVER_get_features, &f);
	WANT_TRUE(f.submap & 1U << XENFEAT_pae_pgdir_above_4gb);
	WANT(H2(vm_assist, VMASST_CMD_disable, VMASST_TYPE_pae_extended_cr3), 0);
	H2(xen_version, XENVER_get_features, &f);
	WANT_TRUE(!(f.submap & 1U << XENFEAT_pae_pgdir_above_4gb));
	return true;
}

static void clear_slot(void *p) { *(volatile u64 *)p = 0; }

/* A plain store to a page table in use: by the assist it is made, without it is a fault. */
static bool assist_writable_pagetables(void)
{
	u64 *entry = pte_of(page, 1), was = *entry;

	WANT(H2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
	WANT(try_run(clear_slot, entry), -1);
	WANT(*entry, 0);
	WANT(set_va(page, was, UVMF_INVLPG), 0);
	WANT(H2(vm_assist, VMASST_CMD_disable, VMASST_TYPE_writable_pagetables), 0);
	WANT(try_run(clear_slot, entry), 14);
	WANT_TRUE(*entry == *pte_of(page, 1) && *entry);
	return true;
}

static bool assist_runstate_update_flag(void)
{
	struct vcpu_register_runstate_memory_area a = { .addr.p = (u64)page };
	volatile struct vcpu_runstate_info *r = (void *)page;

	WANT(H2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	WANT(H3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a), 0);
	nap(2000000);
	WANT_TRUE(r->state == RUNSTATE_running && !(r->state_entry_time & XEN_RUNSTATE_UPDATE));
	a.addr.p = 0;
	WANT(H3(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &a), 0);
	return !H2(vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag);
}

/* ---- where the hypervisor enters the kernel ---- */

extern char event_entry[], failsafe_entry[], syscall_entry[];

static u32 nmis_after_one(void)
{
	u32 before = guest_nmis;

	H3(vcpu_op, VCPUOP_send_nmi, 0, 0);
	for (u32 i = 0; i < 100 && guest_nmis == before; i++)
		H2(xen_version, XENVER_version, 0);
	return guest_nmis - before;
}

static bool callback(void)
{
	struct callback_register r = { .type = CALLBACKTYPE_nmi, .address = (u64)guest_nmi };
	struct callback_unregister u = { .type = CALLBACKTYPE_nmi };

	WANT(H2(callback_op, CALLBACKOP_register, &r), 0);
	WANT(nmis_after_one(), 1);
	WANT(nmis_after_one(), 1);	/* the first one's return unmasked them */
	WANT(H2(callback_op, CALLBACKOP_unregister, &u), 0);
	WANT(nmis_after_one(), 0);
	return true;
}

static bool nmi_callback(void)
{
	struct xennmi_callback c = { .handler_address = (u64)guest_nmi };

	WANT(H2(nmi_op, XENNMI_register_callback, &c), 0);
	WANT(nmis_after_one(), 1);
	WANT(H2(nmi_op, XENNMI_unregister_callback, 0), 0);
	WANT(nmis_after_one(), 0);
	return true;
}

/* The old way to say it. An event comes in when the mask goes away. */
static bool set_callbacks(void)
{
	struct evtchn_bind_ipi b = { 0 };
	struct evtchn_send s;
	struct evtchn_close c;
	u64 before = event_count;

	WANT(hypercall(__HYPERVISOR_set_callbacks, (u64)event_entry, (u64)failsafe_entry, (u64)syscall_entry, 0, 0), 0);
	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	s.port = c.port = b.port;
	shared_info->vcpu_info[0].evtchn_upcall_mask = 0;
	WANT(H2(event_channel_op, EVTCHNOP_send, &s), 0);
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	WANT_TRUE(event_count > before);
	return !H2(event_channel_op, EVTCHNOP_close, &c);
}

static void breakpoint(void *arg) { (void)arg; __asm__ volatile("int3"); }

static bool set_trap_table(void)
{
	guest_set_traps();
	WANT(try_run(breakpoint, NULL), 3);
	return true;
}

/* Into user mode by iret and back by SYSCALL, to the stack that stack_switch named. */
static void nothing(void) { }
static bool iret(void) { return user_run(nothing) == VECTOR_SYSCALL; }

/* ---- registers ---- */

static u64 fs_at_0(void) { u64 v; __asm__ volatile("movq %%fs:0, %0" : "=r"(v)); return v; }
static u64 gs_at_0(void) { u64 v; __asm__ volatile("movq %%gs:0, %0" : "=r"(v)); return v; }

static bool segbase_fs(void)
{
	*(u64 *)page = 0xf5;
	WANT(H2(set_segment_base, SEGBASE_FS, page), 0);
	WANT(fs_at_0(), 0xf5);
	return true;
}

static bool segbase_gs_kernel(void)
{
	*(u64 *)page = 0x65;
	WANT(H2(set_segment_base, SEGBASE_GS_KERNEL, page), 0);
	WANT(gs_at_0(), 0x65);
	return true;
}

static u64 users_gs;
static void read_gs(void) { users_gs = gs_at_0(); }

static bool segbase_gs_user(void)
{
	*(u64 *)page = 0x95;
	WANT(H2(set_segment_base, SEGBASE_GS_USER, page), 0);
	WANT(user_run(read_gs), VECTOR_SYSCALL);
	WANT(users_gs, 0x95);
	return true;
}

/* A selector of the flat data segment: its base is 0. */
static bool segbase_gs_user_sel(void)
{
	WANT(H2(set_segment_base, SEGBASE_GS_USER_SEL, USER_SS), 0);
	return user_run(nothing) == VECTOR_SYSCALL;
}

static bool debugregs(void)
{
	WANT(H2(set_debugreg, 1, 0x1234000), 0);
	WANT(hypercall(__HYPERVISOR_get_debugreg, 1, 0, 0, 0, 0), 0x1234000);
	WANT(H2(set_debugreg, 1, 0), 0);
	return true;
}

static void use_fpu(void *arg) { (void)arg; __asm__ volatile("fnop"); }

static bool fpu_taskswitch(void)
{
	WANT(H1(fpu_taskswitch, 1), 0);
	WANT(try_run(use_fpu, NULL), 7);
	WANT(H1(fpu_taskswitch, 0), 0);
	WANT(try_run(use_fpu, NULL), -1);
	return true;
}

/* A data segment of our own, in a table of our own. */
static void load_ds(void *sel) { __asm__ volatile("movw %w0, %%ds" :: "r"(sel)); }
#define DATA_DPL3 0x00cff2000000ffffUL

static bool descriptors(void)
{
	u64 f = virt_to_mfn(gdt);

	WANT(make_readonly(gdt), 0);
	WANT(H2(set_gdt, &f, 512), 0);
	WANT(try_run(load_ds, (void *)(5 * 8 | 3)), 13);
	WANT(H2(update_descriptor, virt_to_maddr(&gdt[5]), DATA_DPL3), 0);
	WANT_TRUE((gdt[5] & ~(1UL << 40)) == DATA_DPL3);	/* but for the accessed bit */
	WANT(try_run(load_ds, (void *)(5 * 8 | 3)), -1);
	load_ds(0);
	WANT(H2(update_descriptor, virt_to_maddr(&gdt[5]), 0), 0);
	WANT(H2(set_gdt, &f, 0), 0);
	return !make_writable(gdt);
}

/* ---- several in one, and calls in their old forms ---- */

static bool multicall(void)
{
	struct multicall_entry m[3] = {
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_version } },
		{ .op = __HYPERVISOR_tmem_op },
		{ .op = __HYPERVISOR_xen_version, .args = { XENVER_pagesize } },
	};

	WANT(H2(multicall, m, ARRAY_SIZE(m)), 0);
	WANT(m[0].result, 4 << 16 | 17);
	WANT(m[1].result, eNOSYS);
	WANT(m[2].result, 4096);
	return true;
}

static bool event_channel_compat(void)
{
	struct evtchn_op op = { .cmd = EVTCHNOP_alloc_unbound, .u.alloc_unbound = { DOMID_SELF, DOMID_SELF, 0 } };
	u32 port;

	WANT(H1(event_channel_op_compat, &op), 0);
	port = op.u.alloc_unbound.port;
	WANT_TRUE(port);
	op.cmd = EVTCHNOP_close;
	op.u.close.port = port;
	return !H1(event_channel_op_compat, &op);
}

static bool physdev_compat(void)
{
	struct physdev_op op = { .cmd = PHYSDEVOP_irq_status_query, .u.irq_status_query.irq = 5 };

	WANT(H1(physdev_op_compat, &op), 0);
	WANT(op.u.irq_status_query.flags & XENIRQSTAT_needs_eoi, XENIRQSTAT_needs_eoi);
	return true;
}

static bool sched_compat(void) { return !H2(sched_op_compat, SCHEDOP_yield, 0); }

static bool hvm_time(void)
{
	struct xen_hvm_get_time t = { 0 };
	u64 before = system_time();

	WANT(H2(hvm_op, HVMOP_get_time, &t), 0);
	WANT_TRUE(t.now >= before && t.now < before + 10000000000);
	return true;
}

static const struct call calls[] = {
	{ "xen_version", "XENVER_version", version },
	{ "xen_version", "XENVER_extraversion", extraversion },
	{ "xen_version", "XENVER_compile_info", compile_info },
	{ "xen_version", "XENVER_capabilities", capabilities },
	{ "xen_version", "XENVER_changeset", changeset },
	{ "xen_version", "XENVER_platform_parameters", platform_parameters },
	{ "xen_version", "XENVER_get_features", features },
	{ "xen_version", "XENVER_pagesize", pagesize },
	{ "xen_version", "XENVER_guest_handle", guest_handle },
	{ "xen_version", "XENVER_commandline", commandline },
	{ "console_io", "CONSOLEIO_write", console_write },
	{ "console_io", "CONSOLEIO_read", console_read },
	{ "vm_assist.type", "VMASST_TYPE_4gb_segments", assist_4gb_segments },
	{ "vm_assist.type", "VMASST_TYPE_4gb_segments_notify", assist_4gb_segments_notify },
	{ "vm_assist.type", "VMASST_TYPE_architectural_iopl", assist_architectural_iopl },
	{ "vm_assist.type", "VMASST_TYPE_m2p_strict", assist_m2p_strict },
	{ "vm_assist.type", "VMASST_TYPE_pae_extended_cr3", assist_pae_extended_cr3 },
	{ "vm_assist.type", "VMASST_TYPE_writable_pagetables", assist_writable_pagetables },
	{ "vm_assist.type", "VMASST_TYPE_runstate_update_flag", assist_runstate_update_flag },
	{ "vm_assist.cmd", "VMASST_CMD_enable", assist_pae_extended_cr3 },
	{ "vm_assist.cmd", "VMASST_CMD_disable", assist_pae_extended_cr3 },
	{ "callback_op", "CALLBACKOP_register", callback },
	{ "callback_op", "CALLBACKOP_unregister", callback },
	{ "nmi_op", "XENNMI_register_callback", nmi_callback },
	{ "nmi_op", "XENNMI_unregister_callback", nmi_callback },
	{ "hypercall", "__HYPERVISOR_set_callbacks", set_callbacks },
	{ "hypercall", "__HYPERVISOR_set_trap_table", set_trap_table },
	{ "hypercall", "__HYPERVISOR_iret", iret },
	{ "hypercall", "__HYPERVISOR_stack_switch", iret },
	{ "set_segment_base", "SEGBASE_FS", segbase_fs },
	{ "set_segment_base", "SEGBASE_GS_KERNEL", segbase_gs_kernel },
	{ "set_segment_base", "SEGBASE_GS_USER", segbase_gs_user },
	{ "set_segment_base", "SEGBASE_GS_USER_SEL", segbase_gs_user_sel },
	{ "hypercall", "__HYPERVISOR_set_debugreg", debugregs },
	{ "hypercall", "__HYPERVISOR_get_debugreg", debugregs },
	{ "hypercall", "__HYPERVISOR_fpu_taskswitch", fpu_taskswitch },
	{ "hypercall", "__HYPERVISOR_set_gdt", descriptors },
	{ "hypercall", "__HYPERVISOR_update_descriptor", descriptors },
	{ "hypercall", "__HYPERVISOR_multicall", multicall },
	{ "hypercall", "__HYPERVISOR_event_channel_op_compat", event_channel_compat },
	{ "hypercall", "__HYPERVISOR_physdev_op_compat", physdev_compat },
	{ "hypercall", "__HYPERVISOR_sched_op_compat", sched_compat },
	{ "hvm_op", "HVMOP_get_time", hvm_time },
};
CALL_LIST(cpu, calls);
