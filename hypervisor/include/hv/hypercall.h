/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercall dispatch (hypercall/table.c).  A handler takes up to five arguments as the ABI passes them and
 * returns what the guest sees.
 *
 * Long work: when hypercall_preempt_check() says so, save progress in the arguments (and cursors in the
 * domain) and return hypercall_continue(nr_args, ...): the call is issued again by the guest's own
 * instruction, after events and the scheduler had their turn; it works the same inside a multicall.
 * Example: return hypercall_continue(3, cmd_with_progress, arg, count);
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/types.h>
#include <hv/softirq.h>

#define HYPERCALL_AGAIN (-0x7fff0000L)	/* internal: never seen by a guest */

long hypercall_continue(unsigned int nr_args, ...);
/* Is something waiting that must not wait longer: a softirq on this CPU, or an event for this vCPU? */
bool hypercall_preempt_check(void);

typedef long hypercall_fn(unsigned long, unsigned long, unsigned long, unsigned long, unsigned long);

struct hypercall_entry {
	hypercall_fn *fn;
	u8 nr_args;
	u8 privileged;		/* 1: control domain only, else -EPERM */
	u8 full_frame;		/* handler reads or writes the caller's full register frame */
};
extern const struct hypercall_entry pv_hypercalls[64];

#endif
