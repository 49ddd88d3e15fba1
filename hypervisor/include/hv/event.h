/* SPDX-License-Identifier: GPL-2.0-only */
/* Event channels (evtchn/): 2-level and FIFO behind struct evtchn_abi; core state is pure and host-tested. */
#ifndef HV_EVENT_H
#define HV_EVENT_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <hv/spinlock.h>
#include <public/xen.h>
#include <public/event_channel.h>

struct domain;
struct vcpu;
struct evtchn;			/* 32 bytes or less; evtchn/evtchn.h */
struct evtchn_table;		/* a domain's ports; evtchn/evtchn.h */

int evtchn_init(struct domain *d, unsigned int max_port);
int evtchn_close_all(struct domain *d) must_check; /* domain dies: peers see closed ports; 0 or -ERESTART */
void evtchn_free(struct domain *d);
int evtchn_reset(struct domain *d, bool resuming);
/* New or moved vcpu_info: pending bits that wait at vCPU level are shown again. */
void evtchn_vcpu_info_moved(struct vcpu *v);
/* FIFO control block of a vCPU released */
void evtchn_vcpu_free(struct vcpu *v);

/* Port raised by the hypervisor itself. */
void send_guest_vcpu_virq(struct vcpu *v, u32 virq);
void send_guest_global_virq(struct domain *d, u32 virq);	/* to the vCPU it is bound on */
/* VIRQs with one receiver in the machine (VIRQ_DOM_EXC, VIRQ_CON_RING...): goes to the domain that
 * set_global_virq_handler() named, Domain 0 by default. */
void send_global_virq(u32 virq);
int set_global_virq_handler(struct domain *d, u32 virq);

/* Raises the other end of @d's @port, if there is one, as if @d had sent. */
void notify_other_end(struct domain *d, u32 port);

/* Physical IRQs: x86/irq.c calls send_guest_pirq; evtchn binds with pirq_guest_bind (see hv/pirq.h). */
struct pirq;
void send_guest_pirq(struct domain *d, struct pirq *p);

/* vcpu_info.evtchn_upcall_pending := 1 and make the vCPU notice (kick, wake). */
void vcpu_mark_events_pending(struct vcpu *v);

void evtchn_keys_init(void);		/* debug key e */

/* hypercall handler: event_channel_op */
long do_event_channel_op(int cmd, unsigned long arg);
/* getdomaininfo, debug key 'e', xl why: text of a domain's ports */
void evtchn_dump(struct domain *d);
/* VCPUOP poll: SCHEDOP_poll support: true if port is pending */
bool evtchn_port_is_pending(struct domain *d, evtchn_port_t port);
void evtchn_unmask_port(struct domain *d, evtchn_port_t port);	/* event lock not held; EOI with auto-unmask */
/* Where the vCPU runs that @port notifies; NR_CPUS: no such port or vCPU. */
unsigned int evtchn_port_cpu(const struct domain *d, evtchn_port_t port);
bool evtchn_usable_port(struct domain *d, evtchn_port_t port);

#endif
