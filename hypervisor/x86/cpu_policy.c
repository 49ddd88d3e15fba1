// SPDX-License-Identifier: GPL-2.0-only
/* Making, cutting down and comparing CPU policies. Pure. */
#include <hv/lib.h>
#include <x86/cpu_policy.h>
#include <public/arch-x86/cpufeatureset.h>

#define FEAT(name) XEN_X86_FEATURE_##name

/* ---- featuresets ---- */

/* Where each word of a featureset lies in a policy, by offset of its 32 bits. */
#define REG(array, i, reg) (offsetof(struct cpu_policy, array) + (i) * sizeof(struct cpuid_leaf) + \
			    offsetof(struct cpuid_leaf, reg))
static const u16 word_offset[POLICY_NR_WORDS] = {
	REG(basic, 1, d), REG(basic, 1, c), REG(ext, 1, d), REG(ext, 1, c), REG(xstate, 1, a), REG(feat, 0, b),
	REG(feat, 0, c), REG(ext, 7, d), REG(ext, 8, b), REG(feat, 0, d), REG(feat, 1, a), REG(ext, 0x21, a),
	REG(feat, 1, b), REG(feat, 2, d), REG(feat, 1, c), REG(feat, 1, d),
	offsetof(struct cpu_policy, arch_caps), offsetof(struct cpu_policy, arch_caps) + 4, REG(ext, 0x21, c),
};

void policy_features(const struct cpu_policy *p, u32 fs[POLICY_NR_WORDS])
{
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++)
		memcpy(&fs[i], (const char *)p + word_offset[i], 4);
}

void policy_set_features(struct cpu_policy *p, const u32 fs[POLICY_NR_WORDS])
{
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++)
		memcpy((char *)p + word_offset[i], &fs[i], 4);
}

static bool fs_has(const u32 *fs, unsigned int f) { return fs[f / 32] >> (f % 32) & 1; }
static void fs_clear(u32 *fs, unsigned int f) { fs[f / 32] &= ~(1U << (f % 32)); }
static void fs_set(u32 *fs, unsigned int f) { fs[f / 32] |= 1U << (f % 32); }

bool policy_has(const struct cpu_policy *p, unsigned int f)
{
	u32 word;

	memcpy(&word, (const char *)p + word_offset[f / 32], 4);
	return word >> (f % 32) & 1;
}

/*
 * What the ABI lets PV guests have (as measured on the original, whose streams must cross): in the order of
 * the words.  Not there: what needs ring 0 or changes page tables' meaning.
 */
static const u32 pv_max_mask[POLICY_NR_WORDS] = {
	0x1fc9cbf5, 0xf6d83203, 0xea500800, 0x042109e3, 0x00000007, 0xfdaf0b39, 0x1a405f43, 0x00000100, 0x64001005,
	0xac01451c, 0x00001c30, 0x78000064, 0x00000000, 0x00000021, 0x00000000, 0x00000000, 0x1d12e173, 0x40000000,
	0x00000006,
};
/* Without what breaks migration or is better asked for: ITSC, TSX, MOVDIR, VP2INTERSECT. */
static const u32 pv_default_mask[POLICY_NR_WORDS] = {
	0x1fc9cbf5, 0xf6d83203, 0xea500800, 0x042109e3, 0x00000007, 0xfdaf0b29, 0x02405f43, 0x00000000, 0x64001005,
	0xac00441c, 0x00001c30, 0x78000064, 0x00000000, 0x00000021, 0x00000000, 0x00000000, 0x1d12e173, 0x40000000,
	0x00000006,
};

/* A feature makes no sense without the one before it; in an order that lets one pass be enough. */
static const struct { u16 needed, by; } depends[] = {
	{ FEAT(FXSR), FEAT(SSE) }, { FEAT(FXSR), FEAT(FFXSR) }, { FEAT(SSE), FEAT(SSE2) }, { FEAT(SSE), FEAT(SSE4A) },
	{ FEAT(SSE), FEAT(MISALIGNSSE) }, { FEAT(SSE2), FEAT(SSE3) }, { FEAT(SSE2), FEAT(LM) },
	{ FEAT(SSE2), FEAT(AESNI) }, { FEAT(SSE2), FEAT(PCLMULQDQ) }, { FEAT(SSE2), FEAT(SHA) },
	{ FEAT(SSE2), FEAT(GFNI) }, { FEAT(SSE3), FEAT(SSSE3) }, { FEAT(SSSE3), FEAT(SSE4_1) },
	{ FEAT(SSE4_1), FEAT(SSE4_2) }, { FEAT(SSE4_2), FEAT(XSAVE) }, { FEAT(LM), FEAT(CX16) },
	{ FEAT(LM), FEAT(LAHF_LM) }, { FEAT(LM), FEAT(PCID) }, { FEAT(LM), FEAT(PAGE1GB) }, { FEAT(LM), FEAT(PKU) },
	{ FEAT(MMX), FEAT(3DNOW) }, { FEAT(MMX), FEAT(MMXEXT) }, { FEAT(3DNOW), FEAT(3DNOWEXT) },
	{ FEAT(XSAVE), FEAT(XSAVEOPT) }, { FEAT(XSAVE), FEAT(XSAVEC) }, { FEAT(XSAVE), FEAT(XGETBV1) },
	{ FEAT(XSAVE), FEAT(XSAVES) }, { FEAT(XSAVE), FEAT(AVX) }, { FEAT(XSAVE), FEAT(MPX) },
	{ FEAT(XSAVE), FEAT(PKU) }, { FEAT(XSAVE), FEAT(LWP) }, { FEAT(XSAVE), FEAT(OSXSAVE) },
	{ FEAT(AVX), FEAT(FMA) }, { FEAT(AVX), FEAT(FMA4) }, { FEAT(AVX), FEAT(F16C) }, { FEAT(AVX), FEAT(AVX2) },
	{ FEAT(AVX), FEAT(XOP) }, { FEAT(AVX), FEAT(VAES) }, { FEAT(AVX), FEAT(VPCLMULQDQ) },
	{ FEAT(AVX2), FEAT(AVX512F) }, { FEAT(AVX2), FEAT(AVX_VNNI) }, { FEAT(AVX512F), FEAT(AVX512DQ) },
	{ FEAT(AVX512F), FEAT(AVX512_IFMA) }, { FEAT(AVX512F), FEAT(AVX512PF) }, { FEAT(AVX512F), FEAT(AVX512ER) },
	{ FEAT(AVX512F), FEAT(AVX512CD) }, { FEAT(AVX512F), FEAT(AVX512BW) }, { FEAT(AVX512F), FEAT(AVX512VL) },
	{ FEAT(AVX512F), FEAT(AVX512_VNNI) }, { FEAT(AVX512F), FEAT(AVX512_VPOPCNTDQ) },
	{ FEAT(AVX512F), FEAT(AVX512_4VNNIW) }, { FEAT(AVX512F), FEAT(AVX512_4FMAPS) },
	{ FEAT(AVX512F), FEAT(AVX512_VP2INTERSECT) }, { FEAT(AVX512BW), FEAT(AVX512_VBMI) },
	{ FEAT(AVX512BW), FEAT(AVX512_VBMI2) }, { FEAT(AVX512BW), FEAT(AVX512_BITALG) },
	{ FEAT(AVX512BW), FEAT(AVX512_BF16) }, { FEAT(AVX512BW), FEAT(AVX512_FP16) },
	{ FEAT(CMP_LEGACY), FEAT(TOPOEXT) }, { FEAT(IBRSB), FEAT(STIBP) }, { FEAT(IBRSB), FEAT(SSBD) },
	{ FEAT(IBRSB), FEAT(INTEL_PSFD) }, { FEAT(IBRSB), FEAT(EIBRS) }, { FEAT(RTM), FEAT(TSXLDTRK) },
};

static void drop_dependents(u32 *fs)
{
	for (size_t i = 0; i < ARRAY_SIZE(depends); i++)
		if (!fs_has(fs, depends[i].needed))
			fs_clear(fs, depends[i].by);
	if (!fs_has(fs, FEAT(ARCH_CAPS)))
		fs[16] = fs[17] = 0;
}

/* ---- extended state ---- */

#define XSTATE_X87_SSE	3ULL
#define XSTATE_YMM	BIT64(2)
#define XSTATE_MPX	(BIT64(3) | BIT64(4))
#define XSTATE_AVX512	(BIT64(5) | BIT64(6) | BIT64(7))
#define XSTATE_PKU	BIT64(9)
#define XSTATE_LWP	BIT64(62)
#define XSAVE_LEGACY_SIZE 576U		/* legacy area and header: SDM vol. 1, 13.4 */

static u64 xstate_by_features(const u32 *fs)
{
	u64 m = 0;

	if (!fs_has(fs, FEAT(XSAVE)))
		return 0;
	m = XSTATE_X87_SSE;
	m |= fs_has(fs, FEAT(AVX)) ? XSTATE_YMM : 0;
	m |= fs_has(fs, FEAT(MPX)) ? XSTATE_MPX : 0;
	m |= fs_has(fs, FEAT(AVX512F)) ? XSTATE_AVX512 : 0;
	m |= fs_has(fs, FEAT(PKU)) ? XSTATE_PKU : 0;
	m |= fs_has(fs, FEAT(LWP)) ? XSTATE_LWP : 0;
	return m;
}

u64 policy_xcr0(const struct cpu_policy *p)
{
	return p->xstate[0].a | (u64)p->xstate[0].d << 32;
}

u32 policy_xstate_size(const struct cpu_policy *p, u64 xcr0)
{
	u32 size = XSAVE_LEGACY_SIZE;

	xcr0 &= policy_xcr0(p);
	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++)
		if (xcr0 >> i & 1)
			size = max(size, p->xstate[i].a + p->xstate[i].b);
	return size;
}

/* Leaf 0xd from the features, with component sizes as @hw has them. */
static void remake_xstate(struct cpu_policy *p, const struct cpu_policy *hw, const u32 *fs)
{
	u64 bits = xstate_by_features(fs) & policy_xcr0(hw);
	struct cpuid_leaf out[POLICY_NR_XSTATE] = { { 0 } };

	for (unsigned int i = 2; i < POLICY_NR_XSTATE; i++)
		if (bits >> i & 1)
			out[i] = (struct cpuid_leaf){ hw->xstate[i].a, hw->xstate[i].b, hw->xstate[i].c & 2, 0 };
	out[0].a = (u32)bits;
	out[0].d = (u32)(bits >> 32);
	memcpy(p->xstate, out, sizeof(out));
	if (bits) {
		p->xstate[0].c = policy_xstate_size(p, bits);
		p->xstate[1].a = fs[4];
	}
}

/* ---- reading ---- */

static void get(cpuid_source *cpuid, u32 leaf, u32 sub, struct cpuid_leaf *out)
{
	u32 r[4];

	cpuid(leaf, sub, r);
	*out = (struct cpuid_leaf){ r[0], r[1], r[2], r[3] };
}

static void read_xstate(struct cpu_policy *p, cpuid_source *cpuid)
{
	u64 all;

	get(cpuid, 0xd, 0, &p->xstate[0]);
	get(cpuid, 0xd, 1, &p->xstate[1]);
	all = p->xstate[0].a | (u64)p->xstate[0].d << 32 | p->xstate[1].c | (u64)p->xstate[1].d << 32;
	for (u32 i = 2; i < POLICY_NR_XSTATE; i++)
		if (all >> i & 1)
			get(cpuid, 0xd, i, &p->xstate[i]);
}

void policy_read(struct cpu_policy *p, cpuid_source *cpuid)
{
	u32 max_leaf, max_ext;

	memset(p, 0, sizeof(*p));
	get(cpuid, 0, 0, &p->basic[0]);
	max_leaf = min(p->basic[0].a, POLICY_NR_BASIC - 1U);
	for (u32 i = 1; i <= max_leaf; i++)
		if (i != 4 && i != 7 && i != 0xb && i != 0xd)
			get(cpuid, i, 0, &p->basic[i]);
	for (u32 i = 0; max_leaf >= 4 && i < POLICY_NR_CACHE; i++) {
		get(cpuid, 4, i, &p->cache[i]);
		if (!(p->cache[i].a & 0x1f))
			break;
	}
	if (max_leaf >= 7)
		get(cpuid, 7, 0, &p->feat[0]);
	for (u32 i = 1; i < POLICY_NR_FEAT && i <= p->feat[0].a; i++)
		get(cpuid, 7, i, &p->feat[i]);
	for (u32 i = 0; max_leaf >= 0xb && i < POLICY_NR_TOPO; i++)
		get(cpuid, 0xb, i, &p->topo[i]);
	if (max_leaf >= 0xd)
		read_xstate(p, cpuid);
	get(cpuid, 0x80000000, 0, &p->ext[0]);
	if (p->ext[0].a >> 16 != 0x8000) {
		p->ext[0] = (struct cpuid_leaf){ 0 };
		return;
	}
	max_ext = min(p->ext[0].a & 0xffff, POLICY_NR_EXT - 1U);
	for (u32 i = 1; i <= max_ext; i++)
		get(cpuid, 0x80000000 + i, 0, &p->ext[i]);
}

/* ---- making ---- */

static bool is_amd(const struct cpu_policy *p)
{
	/* "Auth", "Hygo": CPUID leaf 0 EBX */
	return p->basic[0].b == 0x68747541 || p->basic[0].b == 0x6f677948;
}

/* Leaves that no policy shows: power, PMU, monitor, debug store, SVM and the like. */
static void zap_leaves(struct cpu_policy *p)
{
	static const u8 basic[] = { 0x3, 0x5, 0x6, 0x8, 0x9, 0xa, 0xc };
	static const struct cpuid_leaf none;

	for (size_t i = 0; i < sizeof(basic); i++)
		p->basic[basic[i]] = none;
	for (unsigned int i = 9; i <= 0x18; i++)
		p->ext[i] = none;
	for (unsigned int i = 0x1b; i <= 0x20; i++)
		p->ext[i] = none;
	p->ext[7] = (struct cpuid_leaf){ .d = p->ext[7].d };
	p->ext[8].d = 0;
	p->ext[0x21] = (struct cpuid_leaf){ .a = p->ext[0x21].a, .c = p->ext[0x21].c };
}

static void clamp_limits(struct cpu_policy *p)
{
	p->basic[0].a = min(p->basic[0].a, POLICY_NR_BASIC - 1U);
	p->feat[0].a = min(p->feat[0].a, POLICY_NR_FEAT - 1U);
	if (p->ext[0].a)
		p->ext[0].a = 0x80000000 | min(p->ext[0].a & 0xffff, POLICY_NR_EXT - 1U);
}

void policy_make_host(struct cpu_policy *p, bool lfence_serialises)
{
	struct cpu_policy raw = *p;
	u32 fs[POLICY_NR_WORDS];

	clamp_limits(p);
	policy_features(p, fs);
	/* 64-bit kernels on AMD never get SYSENTER to work from compatibility mode (APM vol. 3, SYSENTER). */
	if (is_amd(p)) {
		fs_clear(fs, FEAT(SEP));
		if (lfence_serialises) {
			fs_set(fs, FEAT(LFENCE_DISPATCH));
			p->ext[0].a = max(p->ext[0].a, 0x80000021);
		}
	}
	drop_dependents(fs);
	policy_set_features(p, fs);
	zap_leaves(p);
	if (is_amd(p))
		p->ext[0xa] = raw.ext[0xa];
	remake_xstate(p, &raw, fs);
	for (unsigned int i = 0; i < POLICY_NR_TOPO; i++)
		p->topo[i] = (struct cpuid_leaf){ 0 };
	p->hv_limit = p->hv2_limit = 0;
}

void policy_make_pv(struct cpu_policy *p, const struct cpu_policy *host, enum policy_kind kind)
{
	const u32 *mask = kind == POLICY_PV_MAX ? pv_max_mask : pv_default_mask;
	u32 fs[POLICY_NR_WORDS];

	*p = *host;
	policy_features(host, fs);
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++)
		fs[i] &= mask[i];
	fs_set(fs, FEAT(HYPERVISOR));
	if (kind == POLICY_PV_MAX) {
		/* Emulated or harmless: accepted from streams of other hosts. */
		fs_set(fs, FEAT(X2APIC));
		if (is_amd(host))
			fs_set(fs, FEAT(VERW_CLEAR));
		p->feat[0].a = POLICY_NR_FEAT - 1;
		if (p->ext[0].a)
			p->ext[0].a = 0x80000000 | (POLICY_NR_EXT - 1);
	}
	drop_dependents(fs);
	policy_set_features(p, fs);
	zap_leaves(p);
	remake_xstate(p, host, fs);
}

void policy_limit(struct cpu_policy *p, const struct cpu_policy *max)
{
	u32 fs[POLICY_NR_WORDS], top[POLICY_NR_WORDS];

	p->basic[0].a = min(p->basic[0].a, max->basic[0].a);
	p->feat[0].a = min(p->feat[0].a, max->feat[0].a);
	p->ext[0].a = min(p->ext[0].a, max->ext[0].a);
	policy_features(p, fs);
	policy_features(max, top);
	for (unsigned int i = 0; i < POLICY_NR_WORDS; i++)
		fs[i] &= top[i];
	drop_dependents(fs);
	policy_set_features(p, fs);
	zap_leaves(p);
	remake_xstate(p, max, fs);
	p->platform_info &= max->platform_info;
}

/* ---- flat records ---- */

struct leaf_writer { xen_cpuid_leaf_t *l; unsigned int room, nr; };

static void put_leaf(struct leaf_writer *w, u32 leaf, u32 sub, const struct cpuid_leaf *v)
{
	if (w->nr < w->room)
		w->l[w->nr] = (xen_cpuid_leaf_t){ leaf, sub, v->a, v->b, v->c, v->d };
	w->nr++;
}

unsigned int policy_to_leaves(const struct cpu_policy *p, xen_cpuid_leaf_t *l, unsigned int room)
{
	struct leaf_writer w = { l, room, 0 };
	struct cpuid_leaf hv = { .a = p->hv_limit }, hv2 = { .a = p->hv2_limit };
	u64 states = policy_xcr0(p) | p->xstate[1].c | (u64)p->xstate[1].d << 32;

	for (u32 i = 0; i <= min(p->basic[0].a, POLICY_NR_BASIC - 1U); i++) {
		switch (i) {
		case 4:
			for (u32 s = 0; s < POLICY_NR_CACHE; s++) {
				put_leaf(&w, 4, s, &p->cache[s]);
				if (!(p->cache[s].a & 0x1f))
					break;
			}
			break;
		case 7:
			for (u32 s = 0; s <= min(p->feat[0].a, POLICY_NR_FEAT - 1U); s++)
				put_leaf(&w, 7, s, &p->feat[s]);
			break;
		case 0xb:
			for (u32 s = 0; s < POLICY_NR_TOPO; s++) {
				put_leaf(&w, 0xb, s, &p->topo[s]);
				if (!(p->topo[s].c >> 8 & 0xff))
					break;
			}
			break;
		case 0xd:
			put_leaf(&w, 0xd, 0, &p->xstate[0]);
			put_leaf(&w, 0xd, 1, &p->xstate[1]);
			for (u32 s = 2; s < POLICY_NR_XSTATE; s++)
				if (states >> s & 1)
					put_leaf(&w, 0xd, s, &p->xstate[s]);
			break;
		default:
			put_leaf(&w, i, XEN_CPUID_NO_SUBLEAF, &p->basic[i]);
		}
	}
	put_leaf(&w, 0x40000000, XEN_CPUID_NO_SUBLEAF, &hv);
	put_leaf(&w, 0x40000100, XEN_CPUID_NO_SUBLEAF, &hv2);
	for (u32 i = 0; p->ext[0].a && i <= min(p->ext[0].a & 0xffff, POLICY_NR_EXT - 1U); i++)
		put_leaf(&w, 0x80000000 + i, XEN_CPUID_NO_SUBLEAF, &p->ext[i]);
	return w.nr;
}

#define MSR_PLATFORM_INFO	0xce
#define MSR_ARCH_CAPABILITIES	0x10a

unsigned int policy_to_msrs(const struct cpu_policy *p, xen_msr_entry_t *m, unsigned int room)
{
	const xen_msr_entry_t all[POLICY_MAX_MSRS] = {
		{ MSR_PLATFORM_INFO, 0, p->platform_info }, { MSR_ARCH_CAPABILITIES, 0, p->arch_caps },
	};

	for (unsigned int i = 0; i < POLICY_MAX_MSRS && i < room; i++)
		m[i] = all[i];
	return POLICY_MAX_MSRS;
}

/* Place of a leaf in a policy; NULL if there is none. */
static struct cpuid_leaf *leaf_at(struct cpu_policy *p, u32 leaf, u32 sub)
{
	if (leaf >> 16 == 0x8000)
		return (leaf & 0xffff) < POLICY_NR_EXT && sub == XEN_CPUID_NO_SUBLEAF ? &p->ext[leaf & 0xffff] : NULL;
	switch (leaf) {
	case 4: return sub < POLICY_NR_CACHE ? &p->cache[sub] : NULL;
	case 7: return sub < POLICY_NR_FEAT ? &p->feat[sub] : NULL;
	case 0xb: return sub < POLICY_NR_TOPO ? &p->topo[sub] : NULL;
	case 0xd: return sub < POLICY_NR_XSTATE ? &p->xstate[sub] : NULL;
	}
	return leaf < POLICY_NR_BASIC && sub == XEN_CPUID_NO_SUBLEAF ? &p->basic[leaf] : NULL;
}

int policy_from_leaves(struct cpu_policy *p, const xen_cpuid_leaf_t *l, unsigned int nr, u32 *leaf, u32 *sub)
{
	for (unsigned int i = 0; i < nr; i++) {
		const struct cpuid_leaf v = { l[i].a, l[i].b, l[i].c, l[i].d };
		struct cpuid_leaf *at;

		*leaf = l[i].leaf;
		*sub = l[i].subleaf;
		if (l[i].leaf == 0x40000000 || l[i].leaf == 0x40000100) {
			if (l[i].subleaf != XEN_CPUID_NO_SUBLEAF)
				return -ERANGE;
			*(l[i].leaf == 0x40000000 ? &p->hv_limit : &p->hv2_limit) = v.a;
			continue;
		}
		at = leaf_at(p, l[i].leaf, l[i].subleaf);
		if (!at)
			return -ERANGE;
		*at = v;
	}
	*leaf = *sub = ~0U;
	return 0;
}

int policy_from_msrs(struct cpu_policy *p, const xen_msr_entry_t *m, unsigned int nr, u32 *msr)
{
	for (unsigned int i = 0; i < nr; i++) {
		*msr = m[i].idx;
		if (m[i].flags)
			return -EINVAL;
		switch (m[i].idx) {
		case MSR_PLATFORM_INFO:
			if (m[i].val & ~PLATFORM_INFO_CPUID_FAULT)
				return -EOVERFLOW;
			p->platform_info = m[i].val;
			break;
		case MSR_ARCH_CAPABILITIES:
			p->arch_caps = m[i].val;
			break;
		default:
			return -ERANGE;
		}
	}
	*msr = ~0U;
	return 0;
}

int policy_compatible(const struct cpu_policy *p, const struct cpu_policy *max, u32 *leaf, u32 *sub)
{
	*sub = XEN_CPUID_NO_SUBLEAF;
	*leaf = 0;
	if (p->basic[0].a > max->basic[0].a)
		return -EINVAL;
	*leaf = 0x80000000;
	if (p->ext[0].a > max->ext[0].a)
		return -EINVAL;
	*leaf = 7;
	*sub = 0;
	if (p->feat[0].a > max->feat[0].a)
		return -EINVAL;
	*leaf = *sub = ~0U;
	return 0;
}

struct cpuid_leaf policy_leaf(const struct cpu_policy *p, u32 leaf, u32 sub)
{
	static const struct cpuid_leaf none;
	struct cpuid_leaf *at;

	if (leaf < 0x40000000 ? leaf > p->basic[0].a : leaf > p->ext[0].a)
		return none;
	if (leaf == 7 && sub > p->feat[0].a)
		return none;
	if (leaf != 4 && leaf != 7 && leaf != 0xb && leaf != 0xd)
		sub = XEN_CPUID_NO_SUBLEAF;
	/* Only read through. */
	at = leaf_at((struct cpu_policy *)(unsigned long)p, leaf, sub);
	return at ? *at : none;
}
