/* SPDX-License-Identifier: GPL-2.0-only */
/* Mitigations at boot: facts from the CPU, options, the choice (x86/spec_choose.c) put into effect and told. */
#include <hv/lib.h>
#include <x86/fpu.h>
#include <x86/alternative.h>
#include <x86/processor.h>
#include <x86/spec_ctrl.h>
#include <x86/thunk.h>

#define LEAF7_EDX_ARCH_CAPS (1U << 29)

u64 spec_features read_mostly;
/* For entry.S: IA32_SPEC_CTRL while the hypervisor runs, and while a guest does. */
u32 spec_ctrl_hv read_mostly, spec_ctrl_guest read_mostly;
static bool isolate_dom0 read_mostly, isolate_domu read_mostly;
static struct spec_options options init_data = SPEC_OPTIONS_DEFAULT;

static int init_fn opt_spec_ctrl(const char *v) { return spec_parse(&options, v); }
CMDLINE_PARAM("spec-ctrl", opt_spec_ctrl);
static int init_fn opt_xpti(const char *v) { return spec_parse_xpti(&options, v); }
CMDLINE_PARAM("xpti", opt_xpti);

static init_fn void read_facts(struct spec_facts *f)
{
	u32 r[4];

	*f = (struct spec_facts){
		.vendor = boot_cpu.vendor, .family = boot_cpu.family, .model = boot_cpu.model,
		.smep = cpu_has_smep, .rtm = CPU_HAS(leaf7_ebx, 11), .leaf7_edx = boot_cpu.leaf7_edx,
	};
	if (boot_cpu.max_leaf >= 7) {
		cpuid_count(7, 0, r);
		if (r[0] >= 2) {
			cpuid_count(7, 2, r);
			f->leaf7_2_edx = r[3];
		}
	}
	if (boot_cpu.max_ext_leaf >= 0x80000008)
		f->ext8_ebx = cpuid(0x80000008).ebx;
	if ((f->leaf7_edx & LEAF7_EDX_ARCH_CAPS) && !rdmsr_safe(MSR_ARCH_CAPABILITIES, &f->arch_caps))
		f->arch_caps = 0;
}

static init_fn void tell(const struct spec_choice *c)
{
	static const struct { u8 feature; const char *name; } names[] init_rodata = {
		{ SPEC_RSB, "RSB" }, { SPEC_BHB, "BHB-entry" }, { SPEC_MSR, "IBRS" }, { SPEC_EIBRS, "eIBRS" },
		{ SPEC_BHI_DIS, "BHI_DIS_S" }, { SPEC_SSBD, "SSBD" }, { SPEC_VERW, "VERW" }, { SPEC_IBPB, "IBPB-ctxt" },
		{ SPEC_EAGER_FPU, "EAGER_FPU" }, { SPEC_XPTI, "XPTI" },
	};
	bool any = false;

	printk("Speculative mitigations:");
	if (c->features & BIT64(SPEC_THUNK)) {
		printk(c->features & BIT64(SPEC_THUNK_LFENCE) ? " lfence-thunk" : " retpoline");
		any = true;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (c->features & BIT64(names[i].feature)) {
			printk(" %s", names[i].name);
			any = true;
		}
	printk(any ? "\n" : " none\n");
	if (c->features & BIT64(SPEC_XPTI))
		printk("Page-table isolation: Domain 0 %s, other guests %s\n", c->xpti_dom0 ? "on" : "off",
		       c->xpti_domu ? "on" : "off");
	if (c->meltdown && !c->xpti_domu)
		printk(LOG_WARN "This CPU is open to Meltdown, and page-table isolation is off (xpti): do not run guests "
		       "on it that you do not trust\n");
}

init_fn void spec_ctrl_init(void)
{
	struct spec_facts f;
	struct spec_choice c;

	read_facts(&f);
	c = spec_choose(&f, &options);
	spec_features = c.features;
	spec_ctrl_hv = (u32)c.spec_ctrl;
	spec_ctrl_guest = (u32)(c.features & BIT64(SPEC_MSR) ? c.spec_ctrl & ~SPEC_CTRL_IBRS : c.spec_ctrl);
	isolate_dom0 = c.xpti_dom0;
	isolate_domu = c.xpti_domu;
	if (spec_on(SPEC_XPTI))
		hv_cr4 &= ~(u64)X86_CR4_PGE;	/* no entry of the hypervisor's is to outlive its root */
	fpu_eager = spec_on(SPEC_EAGER_FPU);
	if (!spec_on(SPEC_THUNK))
		thunks_remove();
	alternatives_apply(c.features);
	tell(&c);
}

bool spec_isolates(bool hardware_domain) { return hardware_domain ? isolate_dom0 : isolate_domu; }

void spec_ctrl_cpu_init(void)
{
	if (spec_ctrl_hv)
		wrmsr(MSR_SPEC_CTRL, spec_ctrl_hv);
}
