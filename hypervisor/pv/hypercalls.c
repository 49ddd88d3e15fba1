// SPDX-License-Identifier: GPL-2.0-only
/* The hypercalls of PV guests, in the order of their numbers (public/xen.h). */
#include <hv/event.h>
#include <hv/grant.h>
#include <hv/hypercall.h>
#include <hv/kexec.h>
#include <hv/sched.h>
#include <pv/mm.h>
#include <public/xen.h>

/*
 * Handlers take what the ABI gives them in as narrow types as they like: the first six integer arguments
 * of the C ABI are in registers, upper halves ignored.
 */
#define CALL(name, nr) [__HYPERVISOR_##name] = { (hypercall_fn *)(void (*)(void))do_##name, nr, false }
#define CALL_FULL(name, nr) [__HYPERVISOR_##name] = { (hypercall_fn *)(void (*)(void))do_##name, nr, true }

/* Absent ones are -ENOSYS, as in the original's Debian build: docs in hypercalls.tsv. */
const struct hypercall_entry pv_hypercalls[NR_HYPERCALLS] = {
	CALL(set_trap_table, 1),
	CALL(mmu_update, 4),
	CALL(set_gdt, 2),
	CALL(stack_switch, 2),
	CALL(set_callbacks, 3),
	CALL(fpu_taskswitch, 1),
	CALL(sched_op_compat, 2),
	CALL(platform_op, 1),
	CALL(set_debugreg, 2),
	CALL(get_debugreg, 1),
	CALL(update_descriptor, 2),
	CALL(memory_op, 2),
	CALL(multicall, 2),
	CALL(update_va_mapping, 3),
	CALL(set_timer_op, 1),
	CALL(event_channel_op_compat, 1),
	CALL(xen_version, 2),
	CALL(console_io, 3),
	CALL(physdev_op_compat, 1),
	CALL(grant_table_op, 3),
	CALL(vm_assist, 2),
	CALL(update_va_mapping_otherdomain, 4),
	CALL_FULL(iret, 0),
	CALL(vcpu_op, 3),
	CALL(set_segment_base, 2),
	CALL(mmuext_op, 4),
	CALL(nmi_op, 2),
	CALL(sched_op, 2),
	CALL(callback_op, 2),
	CALL(event_channel_op, 2),
	CALL(physdev_op, 2),
	CALL(hvm_op, 2),
	CALL(sysctl, 1),
	CALL(domctl, 1),
	CALL(xenpmu_op, 2),
	CALL(hypfs_op, 5),
	CALL(kexec_op, 2),
	[__HYPERVISOR_arch_0] = { (hypercall_fn *)(void (*)(void))do_mca, 1, false },
};
