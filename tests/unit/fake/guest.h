/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A few domains with one page table of frames between them: frame n is host memory, owned by the domain that
 * fake_page_owner says.  References are counted, so that a test sees a leak.
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <hv/domain.h>
#include <hv/page.h>

#define FAKE_FRAMES 256
#define FAKE_DOMAINS 4

extern struct domain *fake_domains[FAKE_DOMAINS];
extern bool fake_preempt;	/* hypercall_preempt_check() */
extern unsigned long fake_continue[6];	/* arguments of the last hypercall_continue() */
extern u32 fake_for_pollers;		/* port last given to sched_wake_pollers() */
extern unsigned int fake_kicked;	/* vcpu_kick() calls */

/* Domains 0..n-1 with @vcpus each; domain 0 is privileged. Frames are dealt out in turn. */
void fake_guests_start(unsigned int n, unsigned int vcpus);
void fake_guests_stop(void);
void fake_run_as(unsigned int dom, unsigned int vcpu);
/* First frame of a domain's 64. */
static inline u64 fake_frame(unsigned int dom, unsigned int i) { return dom * 64 + i; }
static inline void *fake_mem(u64 frame) { return mfn_to_virt(mfn(frame)); }
/* References above the owner's own, over all frames. */
u64 fake_page_refs(void);

#endif
