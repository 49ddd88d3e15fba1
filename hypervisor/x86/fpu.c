/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FPU state of vCPUs.  Lazy by default: a vCPU that is switched in runs with CR0.TS set until it uses the
 * FPU; eager (spec-ctrl's choice on CPUs that leak it, or where #NM cannot be relied on) loads at once.
 * State is XSAVE's standard format over fpu_xfeatures, or FXSAVE's where there is no XSAVE (SDM vol. 1, 13).
 */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/extable.h>
#include <x86/fpu.h>
#include <x86/platform.h>
#include <x86/processor.h>

#define XFEATURES_HANDLED GENMASK(2, 0)		/* x87, SSE, AVX */
#define XFEATURES_AVX512 GENMASK(7, 5)
#define XFEATURE_X87 BIT64(0)
#define XFEATURE_SSE BIT64(1)
#define XFEATURE_AVX BIT64(2)
#define RSTR_FP_ERR_PTRS BIT64(2)	/* CPUID 0x80000008 EBX */
#define FXSAVE_SIZE 512
#define XSAVE_HEADER_SIZE 64
#define FCW_DEFAULT 0x37f
#define MXCSR_DEFAULT 0x1f80

bool fpu_eager read_mostly;
u64 fpu_xfeatures read_mostly;
static bool fpu_keeps_pointers read_mostly;
u32 fpu_area_size read_mostly = FXSAVE_SIZE;

static void xsetbv(u64 v)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

static void stts(void) { write_cr0(read_cr0() | X86_CR0_TS); }

/* Each CPU, with CR4.OSXSAVE set if CPUID has XSAVE; the boot CPU sizes the area. */
void fpu_cpu_init(void)
{
	u32 r[4];

	fpu_keeps_pointers = cpu_is_amd &&
			     !(boot_cpu.max_ext_leaf >= 0x80000008 && cpuid(0x80000008).ebx & RSTR_FP_ERR_PTRS);
	cpuid_count(1, 0, r);
	if (r[2] & BIT64(26)) {
		write_cr4(read_cr4() | X86_CR4_OSXSAVE);
		hv_cr4 |= X86_CR4_OSXSAVE;
		cpuid_count(0xd, 0, r);
		fpu_xfeatures = r[0] & XFEATURES_HANDLED;
		if ((r[0] & XFEATURES_AVX512) == XFEATURES_AVX512 && (fpu_xfeatures & XFEATURE_AVX))
			fpu_xfeatures |= XFEATURES_AVX512;
		xsetbv(fpu_xfeatures);
		cpuid_count(0xd, 0, r);
		fpu_area_size = r[1];
	}
	stts();
}

static init_fn bool xsave_heeds_ts(void)
{
	static u8 area[FXSAVE_SIZE + XSAVE_HEADER_SIZE] aligned_to(64) init_bss;

	__asm__ goto("1: xsave64 (%0)\n" EXTABLE(1b, %l3)
		     : : "r"(area), "a"(0), "d"(0) : "memory" : fault);
	return false;
fault:
	return true;
}

/*
 * Being lazy takes a #NM from whatever touches the FPU while CR0.TS is set. Emulated CPUs exist (QEMU's) whose XSAVE
 * and XRSTOR raise none (SDM vol. 2 has them do so): a guest kernel would save what another vCPU left in the registers.
 */
init_fn void fpu_check_lazy(void)
{
	if (fpu_eager || !fpu_xfeatures || xsave_heeds_ts())
		return;
	fpu_eager = true;
	printk("CPU: XSAVE works with CR0.TS set, so the FPU is loaded with each vCPU\n");
}

static void init_area(void *area)
{
	memset(area, 0, fpu_area_size);
	*(u16 *)area = FCW_DEFAULT;
	*(u32 *)((char *)area + 24) = MXCSR_DEFAULT;
}

int fpu_vcpu_init(struct vcpu *v)
{
	v->arch.xsave = hv_zalloc(max(fpu_area_size, (u32)(FXSAVE_SIZE + XSAVE_HEADER_SIZE)));
	if (!v->arch.xsave)
		return -ENOMEM;
	init_area(v->arch.xsave);
	v->arch.xcr0 = XFEATURE_X87;
	v->arch.xcr0_accum = XFEATURE_X87 | XFEATURE_SSE;	/* XCR0 does not keep a kernel from XMM registers */
	return 0;
}

void fpu_vcpu_free(struct vcpu *v)
{
	hv_free(v->arch.xsave);
	v->arch.xsave = NULL;
}

/* Only what the vCPU can have used: XSAVE may name components in their initial state too (SDM vol. 1, 13.6). */
static void save_area(struct vcpu *v)
{
	u64 mask = v->arch.xcr0_accum;

	if (!fpu_xfeatures) {
		__asm__ volatile("fxsave64 (%0)" : : "r"(v->arch.xsave) : "memory");
		return;
	}
	if (v->arch.xcr0 != fpu_xfeatures)
		xsetbv(fpu_xfeatures);
	__asm__ volatile("xsave64 (%0)" : : "r"(v->arch.xsave), "a"((u32)mask), "d"((u32)(mask >> 32)) : "memory");
	if (v->arch.xcr0 != fpu_xfeatures)
		xsetbv(v->arch.xcr0);
}

/*
 * AMD's CPUs before Zen leave the x87 pointers alone on restore unless an exception is pending (APM vol. 2,
 * 11.4.4): without this they would show the next guest where the last one computed.
 */
static void forget_x87_pointers(void)
{
	static const s32 zero;

	if (fpu_keeps_pointers)
		__asm__ volatile("fnclex; ffree %%st(7); fildl %0" : : "m"(zero));
}

static bool try_restore(void *area)
{
	forget_x87_pointers();
	if (fpu_xfeatures)
		__asm__ goto("1: xrstor64 (%0)\n" EXTABLE(1b, %l3)
			     : : "r"(area), "a"(~0U), "d"(~0U) : "memory" : fault);
	else
		__asm__ goto("1: fxrstor64 (%0)\n" EXTABLE(1b, %l1)
			     : : "r"(area) : "memory" : fault);
	return true;
fault:
	return false;
}

/* A state that the CPU refuses can only have come from outside (restore, setvcpucontext): start afresh. */
static void restore_area(struct vcpu *v)
{
	if (fpu_xfeatures && v->arch.xcr0 != fpu_xfeatures)
		xsetbv(fpu_xfeatures);
	if (!try_restore(v->arch.xsave)) {
		printk(LOG_G_WARN "d%uv%u: invalid FPU state replaced by the initial one\n", v->domain->id, v->id);
		init_area(v->arch.xsave);
		BUG_ON(!try_restore(v->arch.xsave));
	}
	if (fpu_xfeatures && v->arch.xcr0 != fpu_xfeatures)
		xsetbv(v->arch.xcr0);
}

void fpu_load_lazy(struct vcpu *v)
{
	clts();
	if (v->arch.fpu_dirty)
		return;
	restore_area(v);
	v->arch.fpu_dirty = 1;
}

void fpu_switch_from(struct vcpu *v)
{
	if (!v->arch.fpu_dirty)
		return;
	clts();
	save_area(v);
	v->arch.fpu_dirty = 0;
	stts();
}

/* TS is set on entry: every switch away leaves it so. */
void fpu_switch_to(struct vcpu *v, bool ts)
{
	if (fpu_xfeatures && v->arch.xcr0 != fpu_xfeatures)
		xsetbv(v->arch.xcr0);
	else if (fpu_xfeatures)
		xsetbv(fpu_xfeatures);
	if (!fpu_eager)
		return;
	fpu_load_lazy(v);
	if (ts)
		stts();
}

/* Rules of SDM vol. 1, 13.3. */
bool fpu_xcr0_valid(u64 xcr0)
{
	u64 avx512 = xcr0 & XFEATURES_AVX512;

	return !(xcr0 & ~fpu_xfeatures) && (xcr0 & XFEATURE_X87) && (!(xcr0 & XFEATURE_AVX) || (xcr0 & XFEATURE_SSE)) &&
	       (!avx512 || (avx512 == XFEATURES_AVX512 && (xcr0 & XFEATURE_AVX)));
}

int fpu_set_xcr0(struct vcpu *v, u64 xcr0)
{
	if (!fpu_xcr0_valid(xcr0))
		return -EINVAL;
	v->arch.xcr0 = xcr0;
	v->arch.xcr0_accum |= xcr0;
	if (v == current)
		xsetbv(xcr0);
	return 0;
}

void fpu_set_ts(struct vcpu *v, bool ts)
{
	if (ts)
		stts();
	else if (v->arch.fpu_dirty)
		clts();
}

void fpu_put_legacy(struct vcpu *v, const void *fxsave)
{
	u64 *xstate_bv = (u64 *)((char *)v->arch.xsave + FXSAVE_SIZE);

	memcpy(v->arch.xsave, fxsave, FXSAVE_SIZE);
	/* XRSTOR looks only at what the header names. */
	if (fpu_xfeatures)
		*xstate_bv |= XFEATURE_X87 | XFEATURE_SSE;
}
