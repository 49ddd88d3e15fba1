/* SPDX-License-Identifier: GPL-2.0-only */
/* Host stand-in for x86/processor.h: what portable code takes from it. A test that has devices answers for them. */
#ifndef X86_PROCESSOR_H
#define X86_PROCESSOR_H
#include <x86/current.h>
static inline void cpu_relax(void) { }
static inline void irq_enable(void) { }
static inline void irq_disable(void) { }
u32 mmio_read32(const volatile void *p);
void mmio_write32(volatile void *p, u32 v);
void outb(u8 v, u16 port);
#endif
