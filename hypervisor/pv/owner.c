// SPDX-License-Identifier: GPL-2.0-only
#include <hv/guest_access.h>
#include <hv/lib.h>
#include <x86/current.h>
#include "owner.h"

struct domain *pv_find_owner(domid_t id)
{
	if (id == DOMID_SELF)
		return current->domain;
	if (id == current->domain->id)	/* the ABI wants SELF for that */
		return NULL;
	if (id == DOMID_IO)
		return dom_io;
	if (id == DOMID_XEN)
		return dom_xen;
	return domain_get(id);
}

void pv_release_owner(struct domain *d)
{
	if (d && d != current->domain && d != dom_io && d != dom_xen)
		domain_put(d);
}

bool pv_vcpumask_to_cpus(struct domain *d, unsigned long bitmap, cpumask_t *cpus)
{
	cpumask_t all;
	u64 word = 0;

	cpumask_clear(&all);
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		struct vcpu *v;

		if (i % 64 == 0) {
			unsigned int bytes = min(8U, DIV_ROUND_UP(d->max_vcpus - i, 8));

			word = 0;
			if (!copy_from_guest_raw(&word, bitmap + i / 8, bytes))
				return false;
		}
		v = d->vcpu[i];
		if (v && (word >> (i % 64) & 1) && READ_ONCE(v->processor) < NR_CPUS)
			cpumask_set_cpu(v->processor, &all);
	}
	cpumask_and(cpus, &all, &d->dirty_cpus);
	return true;
}
