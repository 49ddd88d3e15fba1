/* SPDX-License-Identifier: GPL-2.0-only */
/* IRQs that domains handle (x86/irq_guest.c): what is not in hv/pirq.h, for physdev and irq.c. */
#ifndef X86_IRQ_GUEST_H
#define X86_IRQ_GUEST_H

#include <hv/compiler.h>
#include <hv/types.h>

struct domain;
struct irq_desc;
struct pirq;

void irq_guest_init(void);
/* From do_irq, descriptor lock held, controller acknowledged. */
void irq_guest_dispatch(struct irq_desc *d);

/* All of these: event lock of @d held. */
/* A pirq number without IRQ: among the GSIs or above them. -ENOSPC, -ENOMEM. */
int pirq_find_free(struct domain *d, bool msi) must_check;
int pirq_map(struct domain *d, unsigned int pirq, unsigned int irq) must_check;
int pirq_unmap(struct domain *d, unsigned int pirq);
bool pirq_is_shared(const struct pirq *p);
void pirq_eoi_map_show_all(struct domain *d);

/* Drops the page of PHYSDEVOP_pirq_eoi_gmfn: domain dies, before its memory is taken. */
void pirq_eoi_map_release(struct domain *d);

#endif
