/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table behind which guest kinds stand.  Common code (domain, event channels, grants, scheduler,
 * memory, control ABI) calls a guest only through it; pv/ and hvm/ implement it and never include each other.
 *
 * Contract
 *  - Frame choke points: every guest frame number enters through gfn_to_page(); every page-table entry of
 *    a guest leaves through the kind's one commit function.
 *  - Writes to guest memory.  A log of dirty pages, once there is one, learns of each in one of these ways:
 *    by mark_dirty() (after a cheap test of domain->dirty_log), from whoever writes a frame by the hypervisor's own
 *    mapping, and at the end of a writable grant; by hold_page(): what the hypervisor holds (areas
 *    of vCPUs, event words, the EOI map) it may write at any time, so it is dirty for as long as it is held, like
 *    shared_info; and from copy_to(), which writes by the guest's own addresses: the log's write protection in the
 *    guest's tables stops the hypervisor too (PV, CR0.WP), other kinds mark there.  The gap: writable mappings of
 *    foreign pages are not marked when they end; the tools have none of a domain that runs.
 *  - relinquish() is preemptible: returns -ERESTART until done, its cursor lives in the domain.
 *  - ctxt_from/to run with interrupts off, on the CPU's own stack; ctxt_to loads everything the CPU needs to run
 *    the vCPU; nothing is left that depends on the old one (its FPU state may stay, lazily).
 *  - copy_to/from work for the running vCPU only, in its current address space, and return the number of
 *    bytes NOT copied.  They may fault and never touch the hypervisor's own range.
 */
#ifndef HV_GUEST_KIND_H
#define HV_GUEST_KIND_H

#include <hv/types.h>

struct domain;
struct vcpu;
struct page_info;
struct hypercall_entry;
struct xen_domctl_createdomain;
struct xen_domctl_ext_vcpucontext;
union vcpu_guest_context_any;

struct guest_kind {
	const char *name;

	int (*domain_init)(struct domain *d, const struct xen_domctl_createdomain *cfg);
	int (*relinquish)(struct domain *d);		/* frees page tables' references; restartable */
	void (*domain_free)(struct domain *d);
	int (*vcpu_init)(struct vcpu *v);
	void (*vcpu_free)(struct vcpu *v);

	void (*ctxt_from)(struct vcpu *v);
	void (*ctxt_to)(struct vcpu *v);
	void (*resume)(struct vcpu *v);		/* enter the guest on this CPU; never returns */

	size_t (*copy_from)(void *dst, unsigned long src, size_t len);
	size_t (*copy_to)(unsigned long dst, const void *src, size_t len);

	/* Its hypercalls, by number; those of common code are the same for all kinds. */
	const struct hypercall_entry *hypercalls;

	/* The frame behind @g with a reference; @write: the caller is about to write it. NULL: no such frame of @d. */
	struct page_info *(*gfn_to_page)(struct domain *d, u64 g, bool write);
	/* A page of @d's own that the hypervisor may write until it lets go of it, whatever the guest does; NULL: no such. */
	struct page_info *(*hold_page)(struct domain *d, u64 g);
	void (*release_page)(struct domain *d, struct page_info *pg);
	/* Add or remove a guest-physical mapping (PV: only bookkeeping in the M2P). */
	int (*physmap_add)(struct domain *d, u64 g, mfn_t m, unsigned int order);
	int (*physmap_remove)(struct domain *d, u64 g, mfn_t m, unsigned int order);

	/* Grants: create, replace, destroy a mapping of @m in the running domain at @addr (ABI of GNTTABOP_map). */
	int (*grant_map)(u64 addr, mfn_t m, unsigned int flags, u64 cache);
	int (*grant_unmap)(u64 addr, mfn_t m, unsigned int flags, u64 new_addr);

	/* Registers by the control ABI. */
	int (*set_context)(struct vcpu *v, const union vcpu_guest_context_any *c);
	void (*get_context)(struct vcpu *v, union vcpu_guest_context_any *c);
	/* What does not fit there; NULL: -EINVAL. Addresses and selectors of 32-bit system calls (PV). */
	int (*set_ext_context)(struct vcpu *v, const struct xen_domctl_ext_vcpucontext *e);
	void (*get_ext_context)(const struct vcpu *v, struct xen_domctl_ext_vcpucontext *e);
	/* Stubs of the hypercall page. */
	void (*fill_hypercall_page)(void *page);
	/* physdev_op of @v itself that only this kind has; NULL: -ENOSYS. */
	long (*physdev_op)(struct vcpu *v, int cmd, unsigned long arg);
	/* @v runs here: what it registered of its time and run state is brought up to date, or soon will be. */
	void (*refresh_areas)(struct vcpu *v);
	/* Event pending for the running vCPU and not masked by it? */
	bool (*event_deliverable)(const struct vcpu *v);
	/* A frame of @d was written, see above. */
	void (*mark_dirty)(struct domain *d, mfn_t m);
};

/*
 * A call of @d's kind on hot paths, direct for PV guests: an indirect branch may have to be a retpoline (x86/thunk.h).
 * These are what it can call.
 */
void pv_ctxt_from(struct vcpu *v);
void pv_ctxt_to(struct vcpu *v);
void pv_resume(struct vcpu *v);
struct page_info *pv_gfn_to_page(struct domain *d, u64 g, bool write);
int pv_grant_map(u64 addr, mfn_t m, unsigned int flags, u64 cache);
int pv_grant_unmap(u64 addr, mfn_t m, unsigned int flags, u64 new_addr);
bool pv_event_deliverable(const struct vcpu *v);
void pv_mark_dirty(struct domain *d, mfn_t m);
#define KIND_CALL(d, fn, ...) (likely((d)->is_pv) ? pv_##fn(__VA_ARGS__) : (d)->kind->fn(__VA_ARGS__))

extern const struct guest_kind pv_guest_kind;
extern const struct guest_kind idle_guest_kind;

#endif
