/* SPDX-License-Identifier: GPL-2.0-only */
/* vCPUs: creation, release, and the vcpu_info areas that guests place where they like. */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <x86/current.h>

#include "domain_internal.h"

/* What vCPUs without an area use: events stay masked, so nothing is ever delivered from it. */
static struct vcpu_info no_vcpu_info = { .evtchn_upcall_mask = 1 };

static void vcpu_info_default(struct vcpu *v)
{
	struct domain *d = v->domain;

	v->vcpu_info_mfn = INVALID_MFN;
	if (d->shared_info && v->id < XEN_LEGACY_MAX_VCPUS)
		v->vcpu_info = &d->shared_info->vcpu_info[v->id];
	else
		v->vcpu_info = &no_vcpu_info;
}

/* A page each: where page-table isolation is on, guests' page tables show it, and may show nothing else. */
_Static_assert(sizeof(struct vcpu) <= PAGE_SIZE, "vCPUs are allocated by the page");

struct vcpu *vcpu_create(struct domain *d, unsigned int id)
{
	struct vcpu *v = alloc_hv_page();

	if (!v)
		return NULL;
	v->id = id;
	v->domain = d;
	v->runstate.state = RUNSTATE_offline;
	v->runstate.entered = now();
	spin_init(&v->virq_lock, LOCK_PORT);
	vcpu_info_default(v);
	set_bit(VPF_DOWN, &v->pause_flags);
	cpumask_setall(&v->hard_affinity);
	cpumask_setall(&v->soft_affinity);
	if (d->kind->vcpu_init && d->kind->vcpu_init(v))
		goto fail;
	if (sched_vcpu_init(v))
		goto fail_kind;
	smp_wmb();
	WRITE_ONCE(d->vcpu[id], v);
	return v;

fail_kind:
	if (d->kind->vcpu_free)
		d->kind->vcpu_free(v);
fail:
	free_hv_page(v);
	return NULL;
}

void vcpu_free(struct vcpu *v)
{
	sched_vcpu_free(v);
	evtchn_vcpu_free(v);
	if (v->domain->kind->vcpu_free)
		v->domain->kind->vcpu_free(v);
	v->domain->vcpu[v->id] = NULL;
	free_hv_page(v);
}

int idle_vcpu_create(unsigned int cpu)
{
	struct vcpu *v = vcpu_create(idle_domain, cpu);

	if (!v)
		return -ENOMEM;
	v->processor = cpu;
	v->is_running = true;
	v->is_initialised = true;
	v->runstate.state = RUNSTATE_running;
	cpumask_clear(&v->hard_affinity);
	cpumask_set_cpu(cpu, &v->hard_affinity);
	clear_bit(VPF_DOWN, &v->pause_flags);
	return 0;
}

/* ---- vcpu_info ---- */

int vcpu_map_info(struct vcpu *v, u64 frame, unsigned int offset)
{
	struct domain *d = v->domain;
	struct page_info *pg;
	struct vcpu_info *area;
	int rc = 0;

	if (offset > PAGE_SIZE - sizeof(struct vcpu_info) || (offset & 7))
		return -ENXIO;
	/* Only once: the old place may be in use by other vCPUs of the guest. */
	if (!mfn_eq(v->vcpu_info_mfn, INVALID_MFN))
		return -EINVAL;
	/* Somebody else's vCPU must not be running on the area that is about to move. */
	if (v != current && !test_bit(VPF_DOWN, &v->pause_flags))
		return -EINVAL;
	pg = d->kind->hold_page(d, frame);
	if (!pg)
		return -EINVAL;
	area = (struct vcpu_info *)((char *)page_to_virt(pg) + offset);

	spin_lock(&d->lock);
	if (d->dying || !mfn_eq(v->vcpu_info_mfn, INVALID_MFN)) {
		rc = -EINVAL;
	} else {
		if (v->vcpu_info == &no_vcpu_info) {
			memset(area, 0, sizeof(*area));
			area->evtchn_upcall_mask = 1;
		} else {
			memcpy(area, v->vcpu_info, sizeof(*area));
		}
		v->vcpu_info_mfn = page_to_mfn(pg);
		smp_wmb();
		WRITE_ONCE(v->vcpu_info, area);
		/* Whatever came in during the move is shown again. */
		area->evtchn_upcall_pending = 1;
		area->evtchn_pending_sel = ~0UL;
		evtchn_vcpu_info_moved(v);
	}
	spin_unlock(&d->lock);
	if (rc)
		d->kind->release_page(d, pg);
	return rc;
}

static void vcpu_info_unmap(struct vcpu *v)
{
	struct page_info *pg;

	if (mfn_eq(v->vcpu_info_mfn, INVALID_MFN))
		return;
	pg = mfn_to_page(v->vcpu_info_mfn);
	vcpu_info_default(v);
	v->domain->kind->release_page(v->domain, pg);
}

void domain_vcpu_infos_unmap(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		vcpu_info_unmap(v);
}

/* As it was before VCPUOP_initialise. */
int vcpu_reset(struct vcpu *v)
{
	vcpu_pause(v);
	set_bit(VPF_DOWN, &v->pause_flags);
	v->is_initialised = false;
	vcpu_info_unmap(v);
	vcpu_unpause(v);
	return 0;
}
