/* SPDX-License-Identifier: GPL-2.0-only */
/* FPU state of vCPUs (x86/fpu.c). */
#ifndef X86_FPU_H
#define X86_FPU_H

#include <hv/compiler.h>
#include <hv/types.h>

struct vcpu;

int fpu_vcpu_init(struct vcpu *v) must_check;
void fpu_vcpu_free(struct vcpu *v);
void fpu_switch_from(struct vcpu *v);		/* saves if used */
/* Arms #NM, or loads at once when eager; @ts: the guest has CR0.TS set. */
void fpu_switch_to(struct vcpu *v, bool ts);
void fpu_load_lazy(struct vcpu *v);		/* on #NM */
/* The guest sets or clears its CR0.TS. */
void fpu_set_ts(struct vcpu *v, bool ts);
/* May XCR0 hold this? Of what comes from outside, only such values may reach XSETBV. */
bool fpu_xcr0_valid(u64 xcr0);
int fpu_set_xcr0(struct vcpu *v, u64 xcr0) must_check;	/* XSETBV; 0 or -EINVAL */
/* x87 and SSE state in FXSAVE's format, 512 bytes, from outside. */
void fpu_put_legacy(struct vcpu *v, const void *fxsave);
void fpu_cpu_init(void);
void fpu_check_lazy(void);			/* boot CPU, once it takes exceptions */

extern bool fpu_eager;
extern u64 fpu_xfeatures;			/* XCR0 bits that the hypervisor handles; 0 without XSAVE */
extern u32 fpu_area_size;

#endif
