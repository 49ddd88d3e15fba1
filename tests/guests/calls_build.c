/* SPDX-License-Identifier: GPL-2.0-only */
/* A PV domain is built, runs, and ends: by Domain 0 with nothing but hypercalls. */
#include "calls.h"

static struct { u64 go, turns, nr, arg[3], ret; } volatile mail __attribute__((aligned(4096)));
u8 child_scratch[PAGE_SIZE] __attribute__((aligned(4096)));
static u8 window[PAGE_SIZE] __attribute__((aligned(4096)));
static u64 frames[CHILD_FRAMES];
static domid_t id;

/* The child's program, with its mailbox in RBX. */
__asm__(".pushsection .text\n"
	"child_code:\n"
	"	incq 8(%rbx)\n"
	"	cmpq $0, (%rbx)\n"
	"	je 1f\n"
	"	movq 16(%rbx), %rax\n"
	"	movq 24(%rbx), %rdi\n"
	"	movq 32(%rbx), %rsi\n"
	"	movq 40(%rbx), %rdx\n"
	"	syscall\n"
	"	movq %rax, 48(%rbx)\n"
	"	movq $0, (%rbx)\n"
	"1:	movl $29, %eax\n"		/* sched_op: yield */
	"	xorl %edi, %edi\n"
	"	syscall\n"
	"	jmp child_code\n"
	"child_code_end:\n"
	".popsection\n");
extern const u8 child_code[], child_code_end[];

domid_t child(void) { return id; }
u64 child_frame(unsigned int n) { return frames[n]; }
u64 child_turns(void) { return mail.turns; }

bool child_runs(void)
{
	u64 before = mail.turns;

	for (u32 i = 0; i < 2000 && mail.turns == before; i++)
		nap(1000000);
	return mail.turns != before;
}

long child_call(u64 nr, u64 a1, u64 a2, u64 a3)
{
	mail.nr = nr;
	mail.arg[0] = a1;
	mail.arg[1] = a2;
	mail.arg[2] = a3;
	barrier();
	mail.go = 1;
	for (u32 i = 0; i < 5000 && mail.go; i++)
		nap(1000000);
	return mail.go ? -9999 : (long)mail.ret;
}

static bool create(void)
{
	struct xen_domctl *op;

	id = new_domain(1);
	WANT_TRUE(id != DOMID_INVALID);
	op = domctl_op(XEN_DOMCTL_getdomaininfo, id);
	WANT(domctl(op), 0);
	WANT(op->domain, id);
	WANT(op->u.getdomaininfo.flags & XEN_DOMINF_paused, XEN_DOMINF_paused);
	WANT(op->u.getdomaininfo.max_vcpu_id, 0);
	WANT(op->u.getdomaininfo.nr_online_vcpus, 0);
	return true;
}

static bool max_mem(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_max_mem, id);

	op->u.max_mem.max_memkb = 16 * 4;
	WANT(domctl(op), 0);
	WANT(H2(memory_op, XENMEM_maximum_reservation, &id), 16);
	return true;
}

static bool populate(void)
{
	struct xen_memory_reservation r = { .nr_extents = CHILD_FRAMES, .domid = id };

	for (u64 i = 0; i < CHILD_FRAMES; i++)
		frames[i] = i;
	r.extent_start.p = frames;
	WANT(H2(memory_op, XENMEM_populate_physmap, &r), CHILD_FRAMES);
	for (u64 i = 0; i < CHILD_FRAMES; i++)
		WANT(m2p[frames[i]], i);
	WANT(H2(memory_op, XENMEM_current_reservation, &id), CHILD_FRAMES);
	return true;
}

static bool write_frame(unsigned int n, const void *data, size_t len)
{
	return write_foreign(window, id, frames[n], data, len);
}

/* Its memory is reached by this call alone, and is not ours by any other. */
static bool va_mapping_otherdomain(void)
{
	u64 code = frames[CHILD_CODE_FRAME] << 12;

	WANT(set_va(window, frames[CHILD_CODE_FRAME] << 12 | PTE_FLAGS, UVMF_INVLPG) < 0, true);
	WANT(map_foreign(window, id, frames[CHILD_CODE_FRAME]), 0);
	WANT((*pte_of(window, 1) & PTE_FRAME) == code, true);
	window[7] = 0x5a;
	WANT(map_foreign(child_scratch, id, frames[CHILD_CODE_FRAME]), 0);
	WANT(child_scratch[7], 0x5a);
	WANT_TRUE(unmap_foreign(window));
	WANT_TRUE(unmap_foreign(child_scratch));
	WANT_TRUE(child_scratch[7] != 0x5a && window[7] != 0x5a);
	return true;
}

static bool pin_tables(void)
{
	u64 table[512] = { 0 };
	struct mmuext_op op = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = frames[CHILD_L4] };

	table[0] = frames[CHILD_L3] << 12 | PTE_FLAGS;
	WANT_TRUE(write_frame(CHILD_L4, table, 8));
	table[0] = frames[CHILD_L2] << 12 | PTE_FLAGS;
	WANT_TRUE(write_frame(CHILD_L3, table, 8));
	table[0] = 0;
	table[CHILD_CODE >> 21] = frames[CHILD_L1] << 12 | PTE_FLAGS;
	WANT_TRUE(write_frame(CHILD_L2, table, sizeof(table)));
	table[CHILD_CODE >> 21] = 0;
	table[0] = frames[CHILD_CODE_FRAME] << 12 | PTE_P | PTE_U | PTE_A;
	table[1] = frames[CHILD_MAIL_FRAME] << 12 | PTE_FLAGS;
	table[2] = frames[CHILD_SCRATCH_FRAME] << 12 | PTE_FLAGS;
	WANT_TRUE(write_frame(CHILD_L1, table, 3 * 8));
	WANT_TRUE(write_frame(CHILD_CODE_FRAME, child_code, (size_t)(child_code_end - child_code)));
	WANT(H4(mmuext_op, &op, 1, 0, id), 0);
	/* What is a table is not writable by anybody from now on. */
	WANT_TRUE(map_foreign(window, id, frames[CHILD_L4]) < 0);
	return true;
}

static bool frame_types(void)
{
	xen_pfn_t list[4] = { frames[CHILD_L4], frames[CHILD_L1], frames[CHILD_MAIL_FRAME], 0 };
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getpageframeinfo3, id);

	op->u.getpageframeinfo3.num = ARRAY_SIZE(list);
	op->u.getpageframeinfo3.array.p = list;
	WANT(domctl(op), 0);
	WANT(list[0], XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB);
	WANT(list[1], XEN_DOMCTL_PFINFO_L1TAB);
	WANT(list[2], XEN_DOMCTL_PFINFO_NOTAB);
	WANT(list[3], XEN_DOMCTL_PFINFO_XTAB);
	return true;
}

static bool hypercall_init(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_hypercall_init, id);
	u32 filled = 0;

	op->u.hypercall_init.gmfn = frames[CHILD_SPARE_FRAME];
	WANT(domctl(op), 0);
	WANT(map_foreign(window, id, frames[CHILD_SPARE_FRAME]), 0);
	for (u32 i = 0; i < __HYPERVISOR_sysctl; i++)
		filled += window[i * 32] != 0;
	WANT(filled, __HYPERVISOR_sysctl);
	return unmap_foreign(window);
}

static struct vcpu_guest_context ctxt;

/* Builders clear the shared info before they give a context: the time of day is there afterwards. */
static bool set_context(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getdomaininfo, id);
	shared_info_t *shared = (void *)window;

	WANT(domctl(op), 0);
	WANT(map_foreign(window, id, op->u.getdomaininfo.shared_info_frame), 0);
	memset(shared, 0, sizeof(*shared));
	op = domctl_op(XEN_DOMCTL_setvcpucontext, id);
	kernel_context(&ctxt, CHILD_CODE, CHILD_MAIL + PAGE_SIZE, frames[CHILD_L4]);
	ctxt.user_regs.rbx = CHILD_MAIL;
	op->u.vcpucontext.ctxt.p = &ctxt;
	WANT(domctl(op), 0);
	WANT_TRUE(shared->wc_sec && unmap_foreign(window));
	WANT(map_foreign((void *)&mail, id, frames[CHILD_MAIL_FRAME]), 0);
	WANT(map_foreign(child_scratch, id, frames[CHILD_SCRATCH_FRAME]), 0);
	mail.go = 0;
	return true;
}

static bool get_context(void)
{
	static struct vcpu_guest_context got;
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpucontext, id);

	op->u.vcpucontext.ctxt.p = &got;
	WANT(domctl(op), 0);
	WANT_TRUE(got.user_regs.rip == CHILD_CODE && got.user_regs.rbx == CHILD_MAIL);
	WANT_TRUE(got.ctrlreg[3] == ctxt.ctrlreg[3] && got.kernel_sp == ctxt.kernel_sp);
	WANT(got.flags & (VGCF_in_kernel | VGCF_online), VGCF_in_kernel | VGCF_online);
	return true;
}

static bool unpause(void)
{
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, id)), 0);
	WANT_TRUE(child_runs());
	WANT(child_call(__HYPERVISOR_xen_version, XENVER_version, 0, 0), H2(xen_version, XENVER_version, 0));
	return true;
}

static bool pause(void)
{
	u64 turns;

	WANT(domctl(domctl_op(XEN_DOMCTL_pausedomain, id)), 0);
	turns = child_turns();
	nap(10000000);
	WANT(child_turns(), turns);
	return unpause();
}

static bool max_vcpus(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_max_vcpus, id);

	op->u.max_vcpus.max = 1;	/* as it has: may be said again */
	return !domctl(op);
}

static u32 info_flags(void)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getdomaininfo, id);

	return domctl(op) ? 0 : op->u.getdomaininfo.flags;
}

/* With that reason it has shut down, or will soon. */
static bool is_shut_down(u32 reason)
{
	for (u32 i = 0; i < 1000 && !(info_flags() & XEN_DOMINF_shutdown); i++)
		nap(1000000);
	WANT(info_flags() & XEN_DOMINF_shutdown, XEN_DOMINF_shutdown);
	WANT(info_flags() >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask, reason);
	return true;
}

static bool resume(void)
{
	WANT(domctl(domctl_op(XEN_DOMCTL_resumedomain, id)), 0);
	WANT(info_flags() & XEN_DOMINF_shutdown, 0);
	return child_runs();
}

/* Its call does not return before it is resumed. */
static void child_shuts_down(u32 reason)
{
	*(u32 *)child_scratch = reason;
	mail.nr = __HYPERVISOR_sched_op;
	mail.arg[0] = SCHEDOP_shutdown;
	mail.arg[1] = CHILD_SCRATCH;
	barrier();
	mail.go = 1;
}

static bool sched_shutdown(void)
{
	child_shuts_down(SHUTDOWN_suspend);
	WANT_TRUE(is_shut_down(SHUTDOWN_suspend));
	return resume();
}

/* The first word about the reason stands. */
static bool sched_shutdown_code(void)
{
	*(u32 *)child_scratch = SHUTDOWN_crash;
	WANT(child_call(__HYPERVISOR_sched_op, SCHEDOP_shutdown_code, CHILD_SCRATCH, 0), 0);
	child_shuts_down(SHUTDOWN_suspend);
	WANT_TRUE(is_shut_down(SHUTDOWN_crash));
	return resume();
}

static bool sched_remote_shutdown(void)
{
	struct sched_remote_shutdown r = { .domain_id = id, .reason = SHUTDOWN_reboot };

	WANT(H2(sched_op, SCHEDOP_remote_shutdown, &r), 0);
	WANT_TRUE(is_shut_down(SHUTDOWN_reboot));
	return resume();
}

/* The child's. */
static long watchdog(u32 which, u32 seconds)
{
	struct sched_watchdog w = { .id = which, .timeout = seconds };

	memcpy(child_scratch, &w, sizeof(w));
	return (int)child_call(__HYPERVISOR_sched_op, SCHEDOP_watchdog, CHILD_SCRATCH, 0);
}

/* Both are set to a second, of which one gets more time by a kick and the other is let go. */
static bool watchdogs_outlived(void)
{
	WANT(watchdog(1, 1), eINVAL);
	WANT(watchdog(3, 1), eINVAL);
	WANT(watchdog(0, 1), 1);
	WANT(watchdog(1, 100), 0);
	WANT(watchdog(0, 1), 2);
	WANT(watchdog(2, 0), 0);
	WANT(watchdog(2, 1), eINVAL);
	nap(1200000000);
	WANT(info_flags() & XEN_DOMINF_shutdown, 0);
	return child_runs();
}

/* Watchdog @which, new or kicked for the last time, ends the domain when it is time. */
static bool watchdog_bites(u32 which, bool kicked)
{
	char ours[] = "dN: watchdog", the_originals[] = "for domain N";
	u64 start = system_time();

	ours[1] = the_originals[sizeof(the_originals) - 2] = (char)('0' + id);
	(void)log_says(ours, the_originals);
	WANT(watchdog(kicked ? which : 0, 1), kicked ? 0 : which);
	for (u32 i = 0; i < 500 && !(info_flags() & XEN_DOMINF_shutdown); i++)
		nap(10000000);
	WANT_TRUE(is_shut_down(SHUTDOWN_watchdog));
	WANT_TRUE(system_time() - start >= 1000000000);
	WANT_TRUE(log_says(ours, the_originals));
	WANT_TRUE(resume());
	WANT(watchdog(which, 0), 0);
	return true;
}

static bool sched_watchdog(void)
{
	return watchdogs_outlived() && watchdog_bites(2, false) && watchdog_bites(1, true);
}

static bool destroy(void)
{
	domid_t dom = new_domain(1);

	WANT_TRUE(destroy_domain(dom));
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, dom)), eSRCH);
	return true;
}

/* With all its memory, which is free again. */
static bool destroy_child(void)
{
	struct xen_sysctl *s = sysctl_op(XEN_SYSCTL_physinfo);
	domid_t gone = id;
	u64 before;

	WANT(sysctl(s), 0);
	before = s->u.physinfo.free_pages;
	WANT_TRUE(unmap_foreign((void *)&mail) && unmap_foreign(child_scratch));
	WANT_TRUE(destroy_domain(gone));
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, gone)), eSRCH);
	s = sysctl_op(XEN_SYSCTL_physinfo);
	WANT(sysctl(s), 0);
	WANT_TRUE(s->u.physinfo.free_pages >= before + CHILD_FRAMES);
	return true;
}

static const struct call calls[] = {
	{ "domctl", "XEN_DOMCTL_createdomain", create },
	{ "domctl", "XEN_DOMCTL_max_vcpus", max_vcpus },
	{ "domctl", "XEN_DOMCTL_max_mem", max_mem },
	{ "memory_op", "XENMEM_maximum_reservation", max_mem },
	{ "memory_op", "XENMEM_populate_physmap", populate },
	{ "hypercall", "__HYPERVISOR_update_va_mapping_otherdomain", va_mapping_otherdomain },
	{ "mmuext_op", "MMUEXT_PIN_L4_TABLE", pin_tables },
	{ "domctl", "XEN_DOMCTL_getpageframeinfo3", frame_types },
	{ "domctl", "XEN_DOMCTL_hypercall_init", hypercall_init },
	{ "domctl", "XEN_DOMCTL_setvcpucontext", set_context },
	{ "domctl", "XEN_DOMCTL_getvcpucontext", get_context },
	{ "domctl", "XEN_DOMCTL_unpausedomain", unpause },
	{ "domctl", "XEN_DOMCTL_pausedomain", pause },
	{ "sched_op", "SCHEDOP_shutdown", sched_shutdown },
	{ "domctl", "XEN_DOMCTL_resumedomain", sched_shutdown },
	{ "sched_op", "SCHEDOP_shutdown_code", sched_shutdown_code },
	{ "sched_op", "SCHEDOP_remote_shutdown", sched_remote_shutdown },
	{ "sched_op", "SCHEDOP_watchdog", sched_watchdog },
};
CALL_LIST(build, calls);

/* Domain 0's last word: the machine is off, or it says otherwise. */
static bool sleep(void)
{
	struct xen_platform_op op = { .cmd = XENPF_enter_acpi_sleep, .interface_version = XENPF_INTERFACE_VERSION };

	op.u.enter_acpi_sleep.val_a = 1U << 13;		/* ACPI 4.8.3.2.1: SLP_EN; QEMU's type of S5 is 0 */
	op.u.enter_acpi_sleep.sleep_state = 5;
	printk("GUEST-RESULT PASS\n");
	H1(platform_op, &op);
	nap(10000000000);
	return false;
}

static const struct call last[] = {
	{ "domctl", "XEN_DOMCTL_destroydomain", destroy },
	{ "domctl", "XEN_DOMCTL_getdomaininfo", destroy_child },
	{ "platform_op", "XENPF_enter_acpi_sleep", sleep },
};
CALL_LIST(last, last);
