/* SPDX-License-Identifier: GPL-2.0-only */
/* The 2-level ABI: a pending and a mask bit per port in shared_info, a selector bit per word in vcpu_info. */
#include <hv/sched.h>
#include "evtchn.h"

static void notify(struct vcpu *v, u32 port)
{
	if (!test_and_set_bit(port / BITS_PER_LONG, &READ_ONCE(v->vcpu_info)->evtchn_pending_sel))
		vcpu_mark_events_pending(v);
}

void evtchn_2l_set_pending(struct vcpu *v, struct evtchn *e, u32 port)
{
	struct domain *d = v->domain;

	if (test_and_set_bit(port, d->shared_info->evtchn_pending))
		return;
	if (!test_bit(port, d->shared_info->evtchn_mask))
		notify(v, port);
	sched_wake_pollers(d, port);
}

void evtchn_2l_clear_pending(struct domain *d, u32 port)
{
	clear_bit(port, d->shared_info->evtchn_pending);
}

void evtchn_2l_unmask(struct domain *d, struct evtchn *e, u32 port)
{
	if (test_and_clear_bit(port, d->shared_info->evtchn_mask) && test_bit(port, d->shared_info->evtchn_pending))
		notify(d->vcpu[e->vcpu], port);
}

static bool twolevel_is_pending(const struct domain *d, u32 port)
{
	return test_bit(port, d->shared_info->evtchn_pending);
}

static bool twolevel_is_masked(const struct domain *d, u32 port)
{
	return test_bit(port, d->shared_info->evtchn_mask);
}

const struct evtchn_abi evtchn_2l_abi = {
	.max_ports = EVTCHN_2L_NR_CHANNELS,
	.set_pending = evtchn_2l_set_pending,
	.clear_pending = evtchn_2l_clear_pending,
	.unmask = evtchn_2l_unmask,
	.is_pending = twolevel_is_pending,
	.is_masked = twolevel_is_masked,
};

/* Which words have unmasked events was lost with the old area: the guest looks at all of them once. */
void evtchn_vcpu_info_moved(struct vcpu *v)
{
	struct vcpu_info *vi = v->vcpu_info;

	WRITE_ONCE(vi->evtchn_pending_sel, ~0UL);
	vcpu_mark_events_pending(v);
}
