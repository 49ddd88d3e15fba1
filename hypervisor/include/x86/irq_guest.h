/* SPDX-License-Identifier: GPL-2.0-only */
/* IRQs that domains handle (x86/irq_guest.c). */
#ifndef X86_IRQ_GUEST_H
#define X86_IRQ_GUEST_H

struct irq_desc;

/* From do_irq, descriptor lock held, controller acknowledged. */
void irq_guest_dispatch(struct irq_desc *d);

#endif
