/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mitigations of speculative-execution leaks: which of them this machine needs (a pure function of what its
 * CPU says and of the command line, x86/spec_choose.c), and their switching on at boot (x86/spec_ctrl.c).
 */
#ifndef X86_SPEC_CTRL_H
#define X86_SPEC_CTRL_H

/* Bits of spec_choice.features; code in entry.S is patched by them (x86/alternative.h). */
#define SPEC_ENTRY	0	/* any of those at entries from PV guests */
#define SPEC_EXIT	1	/* any of those at returns to them */
#define SPEC_RSB	2	/* return stack filled with the hypervisor's own */
#define SPEC_BHB	3	/* branch history made the hypervisor's own */
#define SPEC_MSR	4	/* IA32_SPEC_CTRL written at entries and exits */
#define SPEC_VERW	5	/* CPU buffers cleared on exit */
#define SPEC_IBPB	6	/* barrier for indirect branches when another vCPU comes */
#define SPEC_EAGER_FPU	7
#define SPEC_SSBD	8	/* IA32_SPEC_CTRL.SSBD while the hypervisor and guests run */
#define SPEC_BHI_DIS	9	/* IA32_SPEC_CTRL.BHI_DIS_S, in place of SPEC_BHB */
#define SPEC_EIBRS	10	/* IBRS stays set: the CPU keeps predictions of other rings apart itself */
#define SPEC_XPTI	11	/* page-table isolation of some PV guests (pv/xpti.c) */
#define SPEC_LEAN	12	/* that for all of them, with SPEC_BHB or without, and nothing else at entries and exits */
#define SPEC_THUNK	13	/* indirect branches through thunks (x86/thunk.h), which are retpolines */
#define SPEC_THUNK_LFENCE 14	/* or wait for what is known (AMD) */

#ifndef __ASSEMBLY__
#include <hv/types.h>
#include <x86/cpu.h>

/* IA32_ARCH_CAPABILITIES (SDM vol. 4, table 2-2) */
#define ARCH_CAPS_RDCL_NO	BIT64(0)
#define ARCH_CAPS_IBRS_ALL	BIT64(1)
#define ARCH_CAPS_RSBA		BIT64(2)	/* an empty return stack is filled from the branch predictor */
#define ARCH_CAPS_MDS_NO	BIT64(5)
#define ARCH_CAPS_TAA_NO	BIT64(8)
#define ARCH_CAPS_FB_CLEAR	BIT64(17)
#define ARCH_CAPS_BHI_NO	BIT64(20)
#define ARCH_CAPS_RFDS_CLEAR	BIT64(28)

/* IA32_SPEC_CTRL */
#define SPEC_CTRL_IBRS		BIT64(0)
#define SPEC_CTRL_SSBD		BIT64(2)
#define SPEC_CTRL_BHI_DIS_S	BIT64(10)
#define PRED_CMD_IBPB		BIT64(0)

struct spec_facts {
	enum cpu_vendor vendor;
	u32 family, model;
	bool smep, rtm;
	u32 leaf7_edx;		/* CPUID 7: MD_CLEAR, IBRSB, STIBP, ARCH_CAPS, SSBD */
	u32 leaf7_2_edx;	/* CPUID 7, 2: BHI_CTRL */
	u32 ext8_ebx;		/* CPUID 0x80000008: AMD's IBPB, IBRS, STIBP, SSBD */
	u64 arch_caps;		/* 0 where there is no such MSR */
};

enum spec_thunk { THUNK_NONE, THUNK_RETPOLINE, THUNK_LFENCE };

/* -1: as the CPU needs it. */
struct spec_options {
	s8 rsb, bhb, msr_sc, verw, ibpb, ibrs, ssbd, bhi_dis_s, eager_fpu;
	s8 xpti_dom0, xpti_domu;
	s8 thunk;		/* enum spec_thunk */
};
#define SPEC_OPTIONS_DEFAULT { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 }

struct spec_choice {
	u64 features;		/* BIT64(SPEC_*) */
	u64 spec_ctrl;		/* IA32_SPEC_CTRL while the hypervisor runs */
	bool meltdown;		/* the CPU lets user mode read what only the kernel may */
	bool xpti_dom0, xpti_domu;
};

struct spec_choice spec_choose(const struct spec_facts *f, const struct spec_options *o);
/* The values of spec-ctrl= and xpti=: -EINVAL for what is no option; the rest of the list is taken. */
int spec_parse(struct spec_options *o, const char *list);
int spec_parse_xpti(struct spec_options *o, const char *list);

/* Boot CPU, before memory_init(): chooses, patches the code, says so. */
void spec_ctrl_init(void);
/* Whether page-table isolation is for PV domains of that kind. */
bool spec_isolates(bool hardware_domain);
/* Each CPU: what its MSRs must hold. */
void spec_ctrl_cpu_init(void);
extern u64 spec_features;
static inline bool spec_on(unsigned int feature) { return spec_features & BIT64(feature); }
#endif

#endif
