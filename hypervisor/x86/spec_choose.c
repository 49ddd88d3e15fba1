/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which mitigations a machine gets: a pure function of CPUID, IA32_ARCH_CAPABILITIES and the command line.
 *
 * What leaks where (Intel's "Affected Processors", AMD's security bulletins):
 *  - Meltdown: Intel's CPUs but for the in-order Atoms, unless RDCL_NO.  AMD's and Hygon's check rights first.
 *  - Lazy FPU state: Intel's that are not in-order.
 *  - Buffers (MDS, TAA, MMIO, RFDS): Intel's; VERW clears them where the microcode says so.
 *  - Branch targets: all.  A guest's predictions are kept from the next one by IBPB; from the hypervisor by IBRS
 *    where it stays set (enhanced IBRS); else by retpolines, which need no MSR to be written at each entry, but on Intel's
 *    from Skylake on an empty return stack is filled from the branch predictor (Intel, "Retpoline", 5.3): there by IBRS
 *    at each entry, and by retpolines as the best that is left where microcode gives no IBRS.
 *  - Return stack: PV guest kernels run in ring 3 beside the hypervisor, and SMEP keeps a CPU from running their
 *    pages even speculatively: without it the return stack is filled on entry.
 *  - Branch history (BHI): Intel's that are not in-order, unless BHI_NO.
 */
#include <hv/lib.h>
#include <x86/spec_ctrl.h>

#define LEAF7_EDX_MD_CLEAR	(1U << 10)
#define LEAF7_EDX_IBRSB		(1U << 26)
#define LEAF7_EDX_SSBD		(1U << 31)
#define LEAF7_2_EDX_BHI_CTRL	(1U << 4)
#define EXT8_EBX_IBPB		(1U << 12)
#define EXT8_EBX_IBRS		(1U << 14)
#define EXT8_EBX_IBRS_ALWAYS	(1U << 16)
#define EXT8_EBX_SSBD		(1U << 24)

/* Atoms that execute in order and do not speculate: Bonnell, Saltwell and their kin. */
static bool is_in_order(const struct spec_facts *f)
{
	static const u8 models[] = { 0x1c, 0x26, 0x27, 0x35, 0x36 };

	for (unsigned int i = 0; i < ARRAY_SIZE(models); i++)
		if (f->vendor == CPU_VENDOR_INTEL && f->family == 6 && f->model == models[i])
			return true;
	return false;
}

static bool is_amd_like(const struct spec_facts *f)
{
	return f->vendor == CPU_VENDOR_AMD || f->vendor == CPU_VENDOR_HYGON;
}

/* Whether a return is never predicted as another indirect branch would be. */
static bool is_retpoline_safe(const struct spec_facts *f)
{
	/* Family 6 before Skylake: Core 2 to Broadwell; Silvermont and Airmont. */
	static const u8 models[] = {
		0x0f, 0x16, 0x17, 0x1d, 0x1a, 0x1e, 0x1f, 0x2e, 0x25, 0x2c, 0x2f, 0x2a, 0x2d, 0x3a, 0x3e, 0x3c, 0x3f, 0x45, 0x46,
		0x3d, 0x47, 0x4f, 0x56, 0x37, 0x4a, 0x4d, 0x5a, 0x5d, 0x4c,
	};

	if (f->vendor != CPU_VENDOR_INTEL || f->family != 6)
		return is_amd_like(f);
	for (unsigned int i = 0; i < ARRAY_SIZE(models); i++)
		if (f->model == models[i])
			return !(f->arch_caps & ARCH_CAPS_RSBA);
	return false;
}

static bool verw_helps(const struct spec_facts *f)
{
	bool mds = !(f->arch_caps & ARCH_CAPS_MDS_NO), taa = f->rtm && !(f->arch_caps & ARCH_CAPS_TAA_NO);

	return f->vendor == CPU_VENDOR_INTEL &&
	       (((f->leaf7_edx & LEAF7_EDX_MD_CLEAR) && (mds || taa)) ||
		(f->arch_caps & (ARCH_CAPS_FB_CLEAR | ARCH_CAPS_RFDS_CLEAR)));
}

struct can { bool ibrs, eibrs, ibpb, ssbd, bhi_dis, msr; };

static struct can abilities(const struct spec_facts *f)
{
	struct can c = { 0 };

	c.ibrs = f->leaf7_edx & LEAF7_EDX_IBRSB || f->ext8_ebx & EXT8_EBX_IBRS;
	c.eibrs = c.ibrs && (f->arch_caps & ARCH_CAPS_IBRS_ALL || f->ext8_ebx & EXT8_EBX_IBRS_ALWAYS);
	c.ibpb = f->leaf7_edx & LEAF7_EDX_IBRSB || f->ext8_ebx & EXT8_EBX_IBPB;
	c.ssbd = f->leaf7_edx & LEAF7_EDX_SSBD || f->ext8_ebx & EXT8_EBX_SSBD;
	c.bhi_dis = f->leaf7_2_edx & LEAF7_2_EDX_BHI_CTRL;
	c.msr = c.ibrs || c.ssbd;
	return c;
}

/* What the CPU would have, unless the command line says otherwise. */
static bool want(s8 option, bool by_default) { return option < 0 ? by_default : option; }

struct spec_choice spec_choose(const struct spec_facts *f, const struct spec_options *o)
{
	struct can can = abilities(f);
	bool speculates = !is_in_order(f), bhi = f->vendor == CPU_VENDOR_INTEL && speculates &&
			  !(f->arch_caps & ARCH_CAPS_BHI_NO);
	struct spec_choice c = { .meltdown = speculates && !is_amd_like(f) && !(f->arch_caps & ARCH_CAPS_RDCL_NO) };
	bool msr_sc = can.msr && want(o->msr_sc, true), ibrs, bhi_dis;
	int thunk;

	ibrs = msr_sc && can.ibrs && want(o->ibrs, speculates && (o->thunk < 0 ? can.eibrs || !is_retpoline_safe(f) :
									 o->thunk == THUNK_NONE));
	thunk = o->thunk >= 0 ? o->thunk : speculates && !ibrs ? THUNK_RETPOLINE : THUNK_NONE;
	if (thunk != THUNK_NONE)
		c.features |= BIT64(SPEC_THUNK);
	if (thunk == THUNK_LFENCE)
		c.features |= BIT64(SPEC_THUNK_LFENCE);
	bhi_dis = msr_sc && can.bhi_dis && want(o->bhi_dis_s, bhi);
	if (want(o->rsb, speculates && !f->smep))
		c.features |= BIT64(SPEC_RSB);
	if (want(o->bhb, bhi && !bhi_dis))
		c.features |= BIT64(SPEC_BHB);
	if (want(o->verw, verw_helps(f)))
		c.features |= BIT64(SPEC_VERW);
	if (can.ibpb && want(o->ibpb, speculates))
		c.features |= BIT64(SPEC_IBPB);
	if (want(o->eager_fpu, f->vendor == CPU_VENDOR_INTEL && speculates))
		c.features |= BIT64(SPEC_EAGER_FPU);
	if (ibrs)
		c.spec_ctrl |= SPEC_CTRL_IBRS;
	if (bhi_dis) {
		c.spec_ctrl |= SPEC_CTRL_BHI_DIS_S;
		c.features |= BIT64(SPEC_BHI_DIS);
	}
	if (msr_sc && can.ssbd && want(o->ssbd, false)) {
		c.spec_ctrl |= SPEC_CTRL_SSBD;
		c.features |= BIT64(SPEC_SSBD);
	}
	/* Plain IBRS is to be cleared for guests, whose code it slows; all else may stay as it is. */
	if (ibrs)
		c.features |= BIT64(can.eibrs ? SPEC_EIBRS : SPEC_MSR);
	c.xpti_dom0 = want(o->xpti_dom0, c.meltdown);
	c.xpti_domu = want(o->xpti_domu, c.meltdown);
	if (c.xpti_dom0 || c.xpti_domu)
		c.features |= BIT64(SPEC_XPTI);
	if (c.features & (BIT64(SPEC_RSB) | BIT64(SPEC_BHB) | BIT64(SPEC_MSR) | BIT64(SPEC_XPTI)))
		c.features |= BIT64(SPEC_ENTRY);
	if (c.features & (BIT64(SPEC_VERW) | BIT64(SPEC_MSR) | BIT64(SPEC_XPTI)))
		c.features |= BIT64(SPEC_EXIT);
	if (c.xpti_dom0 && c.xpti_domu && !(c.features & (BIT64(SPEC_RSB) | BIT64(SPEC_MSR) | BIT64(SPEC_VERW))))
		c.features |= BIT64(SPEC_LEAN);
	return c;
}

/* ---- the command line ---- */

static void all_off(struct spec_options *o, bool xen_only)
{
	o->rsb = o->bhb = o->msr_sc = o->verw = o->ibrs = o->bhi_dis_s = 0;
	o->thunk = THUNK_NONE;
	if (xen_only)
		return;
	o->ibpb = o->ssbd = o->eager_fpu = 0;
	o->xpti_dom0 = o->xpti_domu = 0;
}

/* The original's names; those with no field are about guests of other kinds, or not built: they are let pass. */
static const struct { const char *name; u8 at; bool known_only; } names[] = {
#define FIELD(f) offsetof(struct spec_options, f), false
	{ "rsb", FIELD(rsb) }, { "bhb-entry", FIELD(bhb) }, { "msr-sc", FIELD(msr_sc) }, { "verw", FIELD(verw) },
	{ "md-clear", FIELD(verw) }, { "ibpb", FIELD(ibpb) }, { "ibrs", FIELD(ibrs) }, { "ssbd", FIELD(ssbd) },
	{ "bhi-dis-s", FIELD(bhi_dis_s) }, { "eager-fpu", FIELD(eager_fpu) },
#undef FIELD
	{ "hvm", 0, true }, { "bhb-seq", 0, true }, { "ibpb-entry", 0, true },
	{ "psfd", 0, true }, { "l1d-flush", 0, true }, { "branch-harden", 0, true }, { "srb-lock", 0, true },
	{ "unpriv-mmio", 0, true }, { "gds-mit", 0, true }, { "div-scrub", 0, true }, { "lock-harden", 0, true },
	{ "bp-spec-reduce", 0, true },
};

static int thunk_option(struct spec_options *o, const char *val)
{
	static const char *const thunks[] = {
		[THUNK_NONE] = "jmp", [THUNK_RETPOLINE] = "retpoline", [THUNK_LFENCE] = "lfence",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(thunks); i++)
		if (!strcmp(val, thunks[i])) {
			o->thunk = (s8)i;
			return 0;
		}
	return -EINVAL;
}

static int one_spec_option(struct spec_options *o, const char *name, const char *val)
{
	int on = parse_bool(val);

	if (!*val && parse_bool(name) == 0) {
		all_off(o, false);
		return 0;
	}
	if (!*val && parse_bool(name) == 1)
		return 0;		/* as the CPU needs it */
	if (!strcmp(name, "xen") || !strcmp(name, "pv")) {
		if (on == 0)
			all_off(o, true);
		return on < 0 ? -EINVAL : 0;
	}
	if (!strcmp(name, "bti-thunk"))
		return thunk_option(o, val);
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i].name))
			continue;
		if (names[i].known_only)
			return 0;
		/* msr-sc=pv and the like name the guest kinds that it is for. */
		if (!strncmp(val, "pv=", 3))
			on = parse_bool(val + 3);
		else if (!strncmp(val, "hvm=", 4))
			return 0;
		if (on < 0)
			return -EINVAL;
		((s8 *)o)[names[i].at] = (s8)on;
		return 0;
	}
	return -EINVAL;
}

static int one_xpti_option(struct spec_options *o, const char *name, const char *val)
{
	int on = *val ? parse_bool(val) : parse_bool(name);

	if (!*val && !strcmp(name, "default")) {
		o->xpti_dom0 = o->xpti_domu = -1;
		return 0;
	}
	if (!*val && on >= 0) {
		o->xpti_dom0 = o->xpti_domu = (s8)on;
		return 0;
	}
	if (on < 0)
		return -EINVAL;
	if (!strcmp(name, "dom0"))
		o->xpti_dom0 = (s8)on;
	else if (!strcmp(name, "domu"))
		o->xpti_domu = (s8)on;
	else
		return -EINVAL;
	return 0;
}

/* Items between commas: "name", "name=value" or "no-name". */
static int each_item(struct spec_options *o, const char *list,
		     int (*fn)(struct spec_options *o, const char *name, const char *val))
{
	int rc = 0;

	do {
		const char *end = strchr(list, ','), *name = list, *val = "";
		size_t n = end ? (size_t)(end - list) : strlen(list);
		char item[32], *eq;

		strlcpy(item, list, min(n + 1, sizeof(item)));
		list += n + (end != NULL);
		name = item;
		eq = strchr(item, '=');
		if (eq) {
			*eq = 0;
			val = eq + 1;
		} else if (!strncmp(item, "no-", 3)) {
			name += 3;
			val = "no";
		}
		if (fn(o, name, val) && !rc)
			rc = -EINVAL;
	} while (*list);
	return rc;
}

int spec_parse(struct spec_options *o, const char *list) { return each_item(o, list, one_spec_option); }
int spec_parse_xpti(struct spec_options *o, const char *list) { return each_item(o, list, one_xpti_option); }
