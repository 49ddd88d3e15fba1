/* SPDX-License-Identifier: GPL-2.0-only */
/* Host stand-in for x86/processor.h: what portable code takes from it. */
#ifndef X86_PROCESSOR_H
#define X86_PROCESSOR_H
static inline void cpu_relax(void) { }
static inline void irq_enable(void) { }
static inline void irq_disable(void) { }
#endif
