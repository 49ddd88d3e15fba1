/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPU policies: what CPUID (and a few MSRs) say to a domain.  A policy is plain data; all in cpu_policy.c
 * is pure.  The machine has a raw one (what CPUID says), a host one (what the hypervisor uses), and two
 * for PV: max (what a domain may be given) and default.
 */
#ifndef X86_CPU_POLICY_H
#define X86_CPU_POLICY_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <public/xen.h>

#define POLICY_NR_BASIC		14	/* leaves 0 .. 0xd */
#define POLICY_NR_CACHE		6
#define POLICY_NR_FEAT		3
#define POLICY_NR_TOPO		2
#define POLICY_NR_XSTATE	63
#define POLICY_NR_EXT		34	/* 0x80000000 .. 0x80000021 */
#define POLICY_NR_HV		2
#define POLICY_MAX_LEAVES (POLICY_NR_BASIC + POLICY_NR_CACHE - 1 + POLICY_NR_FEAT - 1 + POLICY_NR_TOPO - 1 + \
			   POLICY_NR_XSTATE - 1 + POLICY_NR_HV + POLICY_NR_EXT)
#define POLICY_MAX_MSRS		2
#define POLICY_NR_WORDS		19	/* of a featureset, public/arch-x86/cpufeatureset.h */

struct cpuid_leaf { u32 a, b, c, d; };

#define PLATFORM_INFO_CPUID_FAULT BIT64(31)	/* CPUID can be made to fault outside ring 0 (SDM vol. 4, MSR 0xce) */

struct cpu_policy {
	struct cpuid_leaf basic[POLICY_NR_BASIC];	/* with subleaves: 4, 7, 0xb, 0xd are below */
	struct cpuid_leaf cache[POLICY_NR_CACHE], feat[POLICY_NR_FEAT], topo[POLICY_NR_TOPO];
	struct cpuid_leaf xstate[POLICY_NR_XSTATE];
	struct cpuid_leaf ext[POLICY_NR_EXT];
	u32 hv_limit, hv2_limit;			/* highest hypervisor leaf shown; 0: all */
	u64 platform_info, arch_caps;			/* MSRs 0xce, 0x10a */
};

typedef void cpuid_source(u32 leaf, u32 sub, u32 out[4]);

/* Reads what a CPU says. */
void policy_read(struct cpu_policy *p, cpuid_source *cpuid);
/* The hypervisor's view: @p is a copy of raw. */
void policy_make_host(struct cpu_policy *p, bool lfence_serialises);
enum policy_kind { POLICY_PV_MAX, POLICY_PV_DEFAULT };
void policy_make_pv(struct cpu_policy *p, const struct cpu_policy *host, enum policy_kind kind);
/* Cuts a policy from elsewhere down to @max: features, their dependencies, and what depends on them. */
void policy_limit(struct cpu_policy *p, const struct cpu_policy *max);

void policy_features(const struct cpu_policy *p, u32 fs[POLICY_NR_WORDS]);
void policy_set_features(struct cpu_policy *p, const u32 fs[POLICY_NR_WORDS]);
bool policy_has(const struct cpu_policy *p, unsigned int feature);	/* XEN_X86_FEATURE_* */
u64 policy_xcr0(const struct cpu_policy *p);		/* XCR0 bits that it allows, 0 without XSAVE */
u32 policy_xstate_size(const struct cpu_policy *p, u64 xcr0);

/* Flat records, as the control ABI carries them. Return how many (they may be more than fit: only counted). */
unsigned int policy_to_leaves(const struct cpu_policy *p, xen_cpuid_leaf_t *l, unsigned int room);
unsigned int policy_to_msrs(const struct cpu_policy *p, xen_msr_entry_t *m, unsigned int room);
/* 0, -ERANGE (a leaf or MSR that policies do not have; @leaf, @sub, @msr say which), -EOVERFLOW (value too wide). */
int policy_from_leaves(struct cpu_policy *p, const xen_cpuid_leaf_t *l, unsigned int nr, u32 *leaf, u32 *sub) must_check;
int policy_from_msrs(struct cpu_policy *p, const xen_msr_entry_t *m, unsigned int nr, u32 *msr) must_check;
/* 0, or -EINVAL and which leaf makes @p impossible under @max. */
int policy_compatible(const struct cpu_policy *p, const struct cpu_policy *max, u32 *leaf, u32 *sub) must_check;
/* A static leaf by number, out-of-range ones clamped to zeros. */
struct cpuid_leaf policy_leaf(const struct cpu_policy *p, u32 leaf, u32 sub);

/* The machine's (x86/cpuid.c). */
extern struct cpu_policy raw_policy, host_policy, pv_max_policy, pv_default_policy;
struct domain;
struct vcpu;
void cpu_policies_init(void);			/* boot, after cpu_identify() and when XSAVE is set up */
int arch_domain_policy_init(struct domain *d) must_check;
void arch_domain_policy_free(struct domain *d);
/* This CPU lets no guest see its own CPUID, if it can: each is emulated. After cpu_policies_init(). */
void cpuid_faulting_cpu_init(void);
/* CPUID as the domain's policy shows it to @v. */
void guest_cpuid(struct vcpu *v, u32 leaf, u32 subleaf, u32 out[4]);
/* What follows in the domain from its changed policy. */
void domain_policy_changed(struct domain *d);

#endif
