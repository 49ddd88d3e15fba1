/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains that an MMU hypercall names besides its caller. */
#ifndef PV_OWNER_H
#define PV_OWNER_H

#include <hv/domain.h>

/* Owner of frames: DOMID_SELF, DOMID_IO, DOMID_XEN or another domain, with a reference; NULL: no such. */
struct domain *pv_find_owner(domid_t id);
void pv_release_owner(struct domain *d);
static always_inline struct domain *pv_get_owner(struct domain *self, domid_t id)
{
	return likely(id == DOMID_SELF) ? self : pv_find_owner(id);
}
static always_inline void pv_put_owner(struct domain *self, struct domain *d)
{
	if (unlikely(d != self))
		pv_release_owner(d);
}
/* May the caller act on @d's memory at all? I/O memory is judged frame by frame. */
static inline bool pv_may_act_on(const struct domain *caller, const struct domain *d)
{
	return d == caller || d == dom_io || caller->is_privileged;
}
/* A guest's bitmap of vCPUs as the CPUs that may hold their translations; false: unreadable. */
bool pv_vcpumask_to_cpus(struct domain *d, unsigned long bitmap, cpumask_t *cpus) must_check;

#endif
