/* SPDX-License-Identifier: GPL-2.0-only */
/* The local APIC (SDM 3A 10; x86/apic.c): registers by memory or, in x2APIC mode, by MSR. */
#ifndef X86_APIC_H
#define X86_APIC_H

#include <hv/compiler.h>
#include <hv/types.h>

#define APIC_ID		0x20
#define APIC_VERSION	0x30
#define APIC_TPR	0x80
#define APIC_EOI	0xb0
#define APIC_LDR	0xd0
#define APIC_DFR	0xe0
#define APIC_SPIV	0xf0
#define APIC_SPIV_ENABLE BIT64(8)
#define APIC_ISR	0x100
#define APIC_IRR	0x200
#define APIC_ESR	0x280
#define APIC_ICR	0x300
#define APIC_ICR2	0x310
#define APIC_LVTT	0x320
#define APIC_LVT_THERMAL 0x330
#define APIC_LVT_PERF	0x340
#define APIC_LVT0	0x350
#define APIC_LVT1	0x360
#define APIC_LVTERR	0x370
#define APIC_TMICT	0x380
#define APIC_TMCCT	0x390
#define APIC_TDCR	0x3e0

#define APIC_DM_FIXED	0x000
#define APIC_DM_NMI	0x400
#define APIC_DM_INIT	0x500
#define APIC_DM_STARTUP	0x600
#define APIC_DM_EXTINT	0x700
#define APIC_ICR_BUSY	BIT64(12)
#define APIC_ICR_ASSERT	BIT64(14)
#define APIC_ICR_LEVEL	BIT64(15)
#define APIC_LVT_MASKED	BIT64(16)
#define APIC_LVTT_DEADLINE BIT64(18)
#define APIC_TDCR_DIV1	0xb

extern bool x2apic_on;

u32 apic_read(u32 reg);
void apic_write(u32 reg, u32 v);
u32 apic_id_here(void);
void apic_eoi(void);
void apic_icr(u32 apic_id, u32 cmd);

void apic_init_boot(void);		/* maps, picks the mode; boot CPU's set-up */
void apic_setup(unsigned int cpu);	/* on each CPU */
/* The end: as firmware leaves it to a kernel. */
void apic_hand_over(void);
void apic_timer_calibrate(void);
void apic_timer_setup(unsigned int cpu);

/* IO-APICs. */
unsigned int ioapic_map(void);		/* finds them; number of GSIs */
void ioapic_init(void);
void pic_off(void);
void ioapic_hand_over(void);		/* the end: every pin masked, by whatever state it was in */
/* GSI of ISA interrupt @irq after the MADT's overrides. */
unsigned int isa_irq_to_gsi(unsigned int irq);
/* Trigger and polarity of a GSI, as Domain 0 found them in ACPI's namespace (PHYSDEVOP_setup_gsi). */
int ioapic_setup_gsi(unsigned int gsi, bool level, bool low);
/* Raw access for PHYSDEVOP_apic_read/write: by the IO-APIC's address. -ENODEV if there is none there. */
int ioapic_guest_read(paddr_t base, u32 reg, u32 *v);
int ioapic_guest_write(paddr_t base, u32 reg, u32 v);
/* Whether a frame holds IO-APIC or local APIC registers: never Domain 0's to map writable. */
bool apic_owns_frame(mfn_t f);

#endif
