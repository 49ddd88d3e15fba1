/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domains and vCPUs: data layout and lifecycle.  Letters on fields say what protects them:
 *   c  constant once the domain is published     p  page_alloc_lock     e  event lock
 *   d  domain lock     D  domctl lock     s  run-queue lock     v  only the vCPU itself, or while it is paused
 *   a  atomic     g  grant lock (inside struct grant_table)
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include <hv/cpumask.h>
#include <hv/event.h>
#include <hv/guest_kind.h>
#include <hv/list.h>
#include <hv/nodemask.h>
#include <hv/page.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <public/xen.h>
#include <public/vcpu.h>
#include <public/sched.h>
#include <x86/domain.h>

typedef struct vcpu_info vcpu_info_t;
typedef struct shared_info shared_info_t;

struct rangeset;
struct sched_unit;
struct grant_table;
struct evtchn_table;
struct pirq;
struct sched_dom;
struct cpupool;

#define DOMID_IDLE_ 0x7fff	/* internal: owner of idle vCPUs */
#define MAX_VCPUS 512

/* vcpu.pause_flags: any bit set keeps the vCPU off the CPUs */
#define VPF_DOWN	0	/* offline by VCPUOP_down or never brought up */
#define VPF_BLOCKED	1	/* waits for an event, or by SCHEDOP_poll (then its bit in poll_mask is set) */

struct vcpu {
	struct vcpu_info *vcpu_info;	/* d: hypervisor address of the live area, never NULL (dummy when none); read by entry.S */
	u64 pad;
	struct arch_vcpu arch;		/* near the start: entry.S knows the distance to arch.regs */
	u32 id;				/* c */
	u32 processor;			/* s: CPU it runs or will run on */
	struct domain *domain;		/* c */
	mfn_t vcpu_info_mfn;		/* d: registered frame or INVALID_MFN */

	unsigned long pause_flags;	/* a */
	s32 pause_count;		/* a */
	bool is_running;		/* s: on a CPU */
	bool is_initialised;		/* d */
	bool paused_for_shutdown;	/* d */
	bool pinned;			/* v: SCHEDOP_pin_override is on */
	u32 poll_evtchn;		/* v: port of SCHEDOP_poll with one port; 0 none, ~0 several */

	struct runstate { u32 state; s_time_t entered; u64 time[4]; } runstate; /* s */
	unsigned long runstate_guest;	/* v: address registered by VCPUOP_register_runstate_memory_area, 0 none */
	unsigned long time_guest;	/* v: VCPUOP_register_vcpu_time_memory_area */

	s_time_t periodic_period, periodic_last; /* a: ns, 0 off; when the last tick was due */
	struct timer periodic_timer, singleshot_timer, poll_timer; /* LOCK_TIMER */

	cpumask_t hard_affinity, soft_affinity; /* s */
	bool has_wish;		/* s: soft_affinity leaves out CPUs of hard_affinity, and not all */
	cpumask_t affinity_before_pin;	/* v */
	struct sched_unit *sched;	/* s: the scheduler's own data */

	struct evtchn_fifo_vcpu *fifo;	/* e: set once, freed with the vCPU or by a reset */
	u32 virq_to_evtchn[24];		/* e and virq_lock to write, either to read */
	spinlock_t virq_lock;
};

struct domain {
	domid_t id;			/* c */
	bool is_privileged;		/* c: control domain */
	bool is_hardware;		/* c: owns the machine's devices */
	bool is_pv;			/* c: cheap test for fast paths, KIND_CALL() among them; everything else asks kind */
	u8 dying;			/* d: DOMDYING_* */
	bool is_shutting_down, is_shut_down; /* d */
	bool crash_told;		/* a: the log has the reason */
	bool controller_paused;
	bool has_run;			/* D: was unpaused once; its CPU policy is fixed from then on */
	bool debugger_attached;
	u32 max_vcpus;			/* c */
	struct vcpu **vcpu;		/* c: array; entries appear once under the domain lock */
	const struct guest_kind *kind;	/* c */
	spinlock_t lock;		/* LOCK_DOMAIN */

	spinlock_t page_alloc_lock;
	struct page_list pages, hv_pages; /* p: counted guest pages; hypervisor pages shared with it */
	u64 tot_pages, max_pages, outstanding_claim, shared_pages; /* p; pages */
	u32 refcnt;			/* a: keeps struct domain itself */
	struct shared_info *shared_info;	/* c: one page of hypervisor memory shared with the guest */
	void *dirty_log;		/* d: log-dirty state or NULL */

	spinlock_t event_lock;		/* LOCK_EVTCHN */
	struct evtchn_table *evtchn;	/* e */
	struct grant_table *grant;	/* c pointer */
	struct pirq **pirqs; u32 nr_pirqs; /* e */

	struct rangeset *iomem_caps, *irq_caps;	/* own locks */
	unsigned long vm_assist;	/* d */
	s32 pause_count, controller_pause_count; /* a, D */
	u32 shutdown_code;		/* d: SHUTDOWN_CODE_INVALID until shut down */
	s64 time_offset_seconds;	/* d */
	bool time_offset_set;
	u32 createflags;		/* c: XEN_DOMCTL_CDF_* */
	u32 ssidref;
	xen_domain_handle_t handle;	/* d */
	u32 poll_mask_any;		/* a: number of vCPUs that poll */
	unsigned long poll_mask[BITS_TO_LONGS(MAX_VCPUS)];
	struct sched_dom *sched;	/* s */
	struct cpupool *pool;		/* c, but for cpupool_move_domain() */
	struct list in_list;		/* domain list lock: all published domains by id */
	struct list all;		/* dead_lock: waits for the reaper */
	cpumask_t dirty_cpus;		/* a: CPUs whose TLB may hold entries of it */
	nodeid_mask_t node_affinity;
	bool auto_node_affinity;
	u8 grant_version_max;		/* c: 1 or 2 */
	u32 destroy_stage;		/* D: cursor of domain_kill */
	u64 watchdog_inuse; struct timer watchdog[2]; /* d */
	u32 suspend_evtchn;
	struct arch_domain arch;
};

#define DOMDYING_ALIVE 0
#define DOMDYING_DYING 1
#define DOMDYING_DEAD 2
#define SHUTDOWN_CODE_INVALID (~0U)

/* vm_assist bits that a 64-bit guest may set (public/xen.h); those of the 32-bit ABI mean nothing to it. */
#define VMASST_SUPPORTED (1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
			  1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
			  1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag | \
			  1UL << VMASST_TYPE_m2p_strict)

/* Lookup: rcu-less; takes a reference. NULL if there is none or it is fully dead. */
struct domain *domain_get(domid_t id);
struct domain *domain_get_any(domid_t id);		/* also DOMID_SELF; not the special ones */
bool domain_try_get(struct domain *d) must_check;
void domain_put(struct domain *d);
/* Owner lookup by id without reference: valid while the caller holds a page of it or the domctl lock. */
#define DOMAIN_IDS_PER_PAGE 512
extern struct domain **domain_ids[0x8000 / DOMAIN_IDS_PER_PAGE];	/* one page of NULLs for all where nobody was yet */
static inline struct domain *domain_by_id(domid_t id)
{
	return READ_ONCE(READ_ONCE(domain_ids[id / DOMAIN_IDS_PER_PAGE])[id % DOMAIN_IDS_PER_PAGE]);
}
extern struct domain *dom_xen, *dom_io, *hardware_domain, *idle_domain;
/* Walk in order of ids: first with id >= from, referenced; NULL at the end. */
struct domain *domain_get_from(domid_t from);

void domain_keys_init(void);			/* debug key q */

struct xen_domctl_createdomain;
/* Creates a domain without vCPUs, paused. Errors: -ENOMEM, -EINVAL, -EEXIST. */
struct domain *domain_create(domid_t id, const struct xen_domctl_createdomain *cfg, bool privileged, int *err);
struct vcpu *vcpu_create(struct domain *d, unsigned int id);
/* Boot: special domains, lookups; then an idle vCPU for each CPU (0 or -ENOMEM). */
void domains_init(void);
int idle_vcpu_create(unsigned int cpu);
int domain_kill(struct domain *d);			/* domctl: -ERESTART until done */
int domain_shutdown(struct domain *d, u32 reason);
void domain_resume(struct domain *d);
/* A guest's own fault that it cannot survive: logs one line with the reason and shuts the domain down. */
void domain_crash(struct domain *d, const char *fmt, ...) printf_like(2, 3);
int vcpu_reset(struct vcpu *v);
/* VCPUOP_register_vcpu_info */
int vcpu_map_info(struct vcpu *v, u64 gfn, unsigned int offset);

#define for_each_vcpu(d, v) \
	for (unsigned int fev_ = 0; fev_ < (d)->max_vcpus; fev_++) \
		if (((v) = (d)->vcpu[fev_]) != NULL)
static inline struct vcpu *domain_vcpu(const struct domain *d, unsigned int id)
{
	return id < d->max_vcpus ? READ_ONCE(d->vcpu[id]) : NULL;
}
static inline bool is_idle_vcpu(const struct vcpu *v) { return v->domain->id == DOMID_IDLE_; }
static inline bool vcpu_runnable(const struct vcpu *v)
{
	return !(READ_ONCE(v->pause_flags) | (unsigned int)READ_ONCE(v->pause_count) |
		 (unsigned int)READ_ONCE(v->domain->pause_count));
}

#endif
