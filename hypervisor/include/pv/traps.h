/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries from PV guests and what is injected into them (pv/traps.c, pv/callback.c, pv/iret.c). */
#ifndef PV_TRAPS_H
#define PV_TRAPS_H

#include <hv/compiler.h>
#include <hv/types.h>

struct vcpu;
struct cpu_user_regs;

/*
 * Injection into the current vCPU: builds the ABI's frame (RCX, R11, [error code], RIP, CS, RFLAGS, RSP, SS)
 * on the guest kernel's stack.  A stack that cannot be written crashes the domain with a log line.
 */
void pv_inject_exception(struct vcpu *v, unsigned int vector, u32 error_code);
void pv_inject_page_fault(struct vcpu *v, unsigned long addr, u32 error_code);
void pv_inject_callback(struct vcpu *v, unsigned long handler, bool mask_events);
void pv_inject_failsafe(struct vcpu *v);
/* Events, NMI, MCE that wait for the current vCPU. */
void pv_deliver_pending(struct vcpu *v);

/* Copies of run state and time that the guest kernel registered; false: not reachable now (pv/vcpu.c). */
bool pv_publish_areas(struct vcpu *v);
void pv_refresh_areas(struct vcpu *v);
/* Between guest kernel and guest user: GS bases and root. */
void pv_toggle_mode(struct vcpu *v);

/* Privileged instructions in guest kernel mode, port I/O, forced CPUID. True: done, RIP advanced (or fault injected). */
bool pv_emulate_privileged(struct vcpu *v, struct cpu_user_regs *regs);
bool pv_emulate_forced_cpuid(struct vcpu *v, struct cpu_user_regs *regs);

/* vCPU state by the control ABI and VCPUOP_initialise. */
union vcpu_guest_context_any;
int pv_set_context(struct vcpu *v, const union vcpu_guest_context_any *c);
void pv_get_context(struct vcpu *v, union vcpu_guest_context_any *c);
struct xen_domctl_ext_vcpucontext;
int pv_set_ext_context(struct vcpu *v, const struct xen_domctl_ext_vcpucontext *e);
void pv_get_ext_context(const struct vcpu *v, struct xen_domctl_ext_vcpucontext *e);

/* Debug registers: checks and sets as DR @reg of @v; 0 or -EINVAL. */
int pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long val);

#endif
