/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lifecycle of domains.
 *
 * A domain is built privately and published last: until domain_publish() nobody can find it.  It ends in
 * stages: domain_kill() (by the control domain, restartable) takes everything from it that refers to others
 * and gives its memory back; the structure itself goes when the last reference does, which pages still
 * mapped or granted elsewhere can hold up (a zombie).
 *
 * References: one for being published (dropped by domain_kill), one while it owns any page, and one for each
 * domain_get() user.
 */
#include <hv/domain.h>
#include <hv/grant.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/pirq.h>
#include <hv/rangeset.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <public/domctl.h>
#include <x86/current.h>
#include <x86/irq_guest.h>

#include "domain_internal.h"

static struct domain *no_domains[DOMAIN_IDS_PER_PAGE];
struct domain **domain_ids[] = { [0 ... ARRAY_SIZE(domain_ids) - 1] = no_domains };
struct domain *dom_xen, *dom_io, *hardware_domain, *idle_domain;

static rwlock_t domain_list_lock;	/* LOCK_DOMAIN_LIST */
static struct list domain_list = LIST_INIT(domain_list);	/* in order of ids */
static struct list dead_domains = LIST_INIT(dead_domains);
static spinlock_t dead_lock = SPINLOCK_INIT(LOCK_LEAF);
static struct tasklet reaper;

/* ---- lookup ---- */

bool domain_try_get(struct domain *d)
{
	u32 n = READ_ONCE(d->refcnt);

	do {
		if (!n || n == ~0U)
			return false;
	} while (!try_cmpxchg(&d->refcnt, &n, n + 1));
	return true;
}

void domain_put(struct domain *d)
{
	ASSERT_CHEAP(READ_ONCE(d->refcnt));
	if (!atomic_dec_and_test(&d->refcnt))
		return;
	spin_lock(&dead_lock);
	list_add_tail(&dead_domains, &d->all);
	spin_unlock(&dead_lock);
	tasklet_schedule(&reaper);
}

struct domain *domain_get(domid_t id)
{
	struct domain *d = NULL;

	if (id >= DOMID_FIRST_RESERVED)
		return NULL;
	read_lock(&domain_list_lock);
	d = domain_by_id(id);
	if (d && !domain_try_get(d))
		d = NULL;
	read_unlock(&domain_list_lock);
	return d;
}

struct domain *domain_get_any(domid_t id)
{
	if (id == DOMID_SELF) {
		struct domain *d = current->domain;

		return domain_try_get(d) ? d : NULL;
	}
	return domain_get(id);
}

struct domain *domain_get_from(domid_t from)
{
	struct domain *d, *found = NULL;

	read_lock(&domain_list_lock);
	list_for_each(d, &domain_list, in_list) {
		if (d->id >= from && domain_try_get(d)) {
			found = d;
			break;
		}
	}
	read_unlock(&domain_list_lock);
	return found;
}

/* Where the domain of that id stands; its page has to be there for one to be put. */
static struct domain **id_slot(domid_t id)
{
	return &domain_ids[id / DOMAIN_IDS_PER_PAGE][id % DOMAIN_IDS_PER_PAGE];
}

/* A page of ids stays once it is there: there are 64 at most. */
static bool make_id_slot(domid_t id)
{
	struct domain ***page = &domain_ids[id / DOMAIN_IDS_PER_PAGE], **none = no_domains, **fresh;

	if (READ_ONCE(*page) != no_domains)
		return true;
	fresh = alloc_hv_page();
	if (!fresh)
		return false;
	if (!try_cmpxchg(page, &none, fresh))
		free_hv_page(fresh);
	return true;
}

static int domain_publish(struct domain *d)
{
	struct domain *pos;
	int rc = 0;

	if (!make_id_slot(d->id))
		return -ENOMEM;
	write_lock(&domain_list_lock);
	if (*id_slot(d->id)) {
		rc = -EEXIST;
	} else {
		struct list *before = &domain_list;

		list_for_each(pos, &domain_list, in_list) {
			if (pos->id > d->id) {
				before = &pos->in_list;
				break;
			}
		}
		list_add_tail(before, &d->in_list);
		WRITE_ONCE(*id_slot(d->id), d);
	}
	write_unlock(&domain_list_lock);
	return rc;
}

/* ---- creation ---- */

static struct domain *domain_alloc(domid_t id)
{
	struct domain *d = hv_new(struct domain);

	if (!d)
		return NULL;
	d->id = id;
	d->refcnt = 1;
	d->shutdown_code = SHUTDOWN_CODE_INVALID;
	d->auto_node_affinity = true;
	d->node_affinity = ~0ULL;
	spin_init(&d->lock, LOCK_DOMAIN);
	spin_init(&d->page_alloc_lock, LOCK_PAGE_ALLOC);
	spin_init(&d->arch.e820_lock, LOCK_RANGESET);
	spin_init(&d->event_lock, LOCK_EVTCHN);
	list_init(&d->all);
	list_init(&d->in_list);
	page_list_init(&d->pages);
	page_list_init(&d->hv_pages);
	return d;
}

/* Stages of construction, undone in reverse; each may be called for a domain that never reached it. */
static int domain_build(struct domain *d, const struct xen_domctl_createdomain *cfg)
{
	int rc;

	d->max_vcpus = cfg->max_vcpus;
	d->createflags = cfg->flags;
	d->ssidref = cfg->ssidref;
	memcpy(d->handle, cfg->handle, sizeof(d->handle));
	d->vcpu = hv_new_array(struct vcpu *, d->max_vcpus);
	d->shared_info = alloc_hv_page();
	d->iomem_caps = rangeset_new("iomem");
	d->irq_caps = rangeset_new("irqs");
	d->arch.ioport_caps = rangeset_new("ioports");
	if (!d->vcpu || !d->shared_info || !d->iomem_caps || !d->irq_caps || !d->arch.ioport_caps)
		return -ENOMEM;
	rc = d->kind->domain_init(d, cfg);
	if (!rc)
		rc = arch_domain_policy_init(d);
	if (!rc)
		rc = evtchn_init(d, cfg->max_evtchn_port);
	if (!rc)
		rc = grant_table_init(d, cfg->max_grant_frames, cfg->max_maptrack_frames, cfg->grant_opts);
	if (!rc)
		rc = sched_domain_init(d, cfg->cpupool_id);
	return rc;
}

static void domain_unbuild(struct domain *d)
{
	sched_domain_free(d);
	grant_table_destroy(d);
	evtchn_free(d);
	pirqs_free_all(d);
	arch_domain_policy_free(d);
	if (d->kind->domain_free)
		d->kind->domain_free(d);
	rangeset_free(d->iomem_caps);
	rangeset_free(d->irq_caps);
	rangeset_free(d->arch.ioport_caps);
	if (d->shared_info)
		free_hv_page(d->shared_info);
	hv_free(d->vcpu);
	hv_free(d);
}

static int check_config(const struct xen_domctl_createdomain *cfg)
{
	const u32 known = XEN_DOMCTL_CDF_xs_domain | XEN_DOMCTL_CDF_s3_integrity | XEN_DOMCTL_CDF_oos_off;

	if (cfg->flags & XEN_DOMCTL_CDF_hvm)
		return -EOPNOTSUPP;		/* no second-level kind yet */
	if (cfg->grant_opts & ~XEN_DOMCTL_GRANT_version_mask)
		return -EINVAL;
	if (cfg->flags & ~known)
		return -EINVAL;
	if (!cfg->max_vcpus || cfg->max_vcpus > MAX_VCPUS)
		return -EINVAL;
	return 0;
}

struct domain *domain_create(domid_t id, const struct xen_domctl_createdomain *cfg, bool privileged, int *err)
{
	struct domain *d;

	*err = check_config(cfg);
	if (*err)
		return NULL;
	d = domain_alloc(id);
	if (!d) {
		*err = -ENOMEM;
		return NULL;
	}
	d->kind = &pv_guest_kind;
	d->is_pv = true;
	d->is_privileged = d->is_hardware = privileged;
	d->pause_count = d->controller_pause_count = 1;
	d->controller_paused = true;
	*err = domain_build(d, cfg);
	if (!*err) {
		share_hv_page_with_guest(d->shared_info, d, SHARE_RW);
		*err = domain_publish(d);
		if (*err)
			unshare_hv_page_with_guest(d->shared_info, d);
	}
	if (*err) {
		domain_unbuild(d);
		return NULL;
	}
	if (privileged)
		hardware_domain = d;
	return d;
}

/* ---- end ---- */

static int kill_stage(struct domain *d)
{
	int rc;

	switch (d->destroy_stage) {
	case 0:
		domain_pause(d);
		spin_lock(&d->lock);
		d->dying = DOMDYING_DYING;
		spin_unlock(&d->lock);
		sched_watchdogs_kill(d);
		d->destroy_stage = 1;
		fallthrough;
	case 1:
		rc = evtchn_close_all(d);
		if (rc)
			return rc;
		d->destroy_stage = 2;
		fallthrough;
	case 2:
		rc = grant_table_relinquish(d);
		if (rc)
			return rc;
		d->destroy_stage = 3;
		fallthrough;
	case 3:
		/* Pages of its own that we write to: each would keep itself, and so the domain. */
		domain_vcpu_infos_unmap(d);
		pirq_eoi_map_release(d);
		d->destroy_stage = 4;
		fallthrough;
	case 4:
		rc = d->kind->relinquish(d);
		if (rc)
			return rc;
		d->destroy_stage = 5;
		fallthrough;
	default:
		return 0;
	}
}

int domain_kill(struct domain *d)
{
	int rc;

	if (d == hardware_domain)
		return -EPERM;
	if (d->dying == DOMDYING_DEAD)
		return 0;
	rc = kill_stage(d);
	if (rc)
		return rc;
	spin_lock(&d->lock);
	d->dying = DOMDYING_DEAD;
	spin_unlock(&d->lock);
	unshare_hv_page_with_guest(d->shared_info, d);
	send_global_virq(VIRQ_DOM_EXC);
	domain_put(d);
	return 0;
}

static void domain_free(struct domain *d)
{
	write_lock(&domain_list_lock);
	list_del(&d->in_list);
	WRITE_ONCE(*id_slot(d->id), NULL);
	write_unlock(&domain_list_lock);
	for (unsigned int i = 0; i < d->max_vcpus; i++)
		if (d->vcpu[i])
			vcpu_free(d->vcpu[i]);
	domain_unbuild(d);
	send_global_virq(VIRQ_DOM_EXC);
}

static void reap(void *unused)
{
	for (;;) {
		struct domain *d = NULL;

		spin_lock(&dead_lock);
		if (!list_empty(&dead_domains)) {
			d = list_first(&dead_domains, struct domain, all);
			list_del(&d->all);
		}
		spin_unlock(&dead_lock);
		if (!d)
			return;
		domain_free(d);
	}
}

/* ---- special domains ---- */

static init_fn struct domain *special_domain(domid_t id)
{
	struct domain *d = domain_alloc(id);

	BUG_ON(!d || !make_id_slot(id));
	*id_slot(id) = d;
	return d;
}

init_fn void domains_init(void)
{
	rwlock_init(&domain_list_lock, LOCK_DOMAIN_LIST);
	tasklet_init(&reaper, reap, NULL);
	dom_xen = special_domain(DOMID_XEN);
	dom_io = special_domain(DOMID_IO);
	dom_io->iomem_caps = rangeset_new("io");
	idle_domain = special_domain(DOMID_IDLE_);
	idle_domain->kind = &idle_guest_kind;
	idle_domain->max_vcpus = NR_CPUS;
	idle_domain->vcpu = hv_new_array(struct vcpu *, NR_CPUS);
	BUG_ON(!idle_domain->vcpu || idle_vcpu_create(0));
	get_cpu_info()->curr = idle_domain->vcpu[0];
}
