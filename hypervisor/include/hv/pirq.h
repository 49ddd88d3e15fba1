/* SPDX-License-Identifier: GPL-2.0-only */
/* A domain's physical IRQs: number space of PHYSDEVOP_map_pirq and EVTCHNOP_bind_pirq. */
#ifndef HV_PIRQ_H
#define HV_PIRQ_H

#include <hv/compiler.h>
#include <hv/types.h>

struct domain;
struct vcpu;

struct pirq {
	u32 pirq;
	u32 evtchn;		/* bound port, 0 none; d->event lock */
	s32 irq;		/* hypervisor irq, <0 none */
	bool masked;		/* waits for EOI */
};

struct pirq *pirq_info(struct domain *d, unsigned int pirq);	/* NULL if none */
struct pirq *pirq_get_or_alloc(struct domain *d, unsigned int pirq);
int pirq_guest_bind(struct vcpu *v, struct pirq *p, bool will_share) must_check;
void pirq_guest_unbind(struct domain *d, struct pirq *p);
void pirq_guest_eoi(struct domain *d, struct pirq *p);
int pirq_guest_unmask(struct domain *d);
void pirq_set_affinity(struct domain *d, unsigned int pirq, const struct vcpu *v);
void pirqs_free_all(struct domain *d);

#endif
