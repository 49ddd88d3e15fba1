// SPDX-License-Identifier: LGPL-2.1-only
/* vCPUs of a guest that is restored, and what ends a restore. */
#include <sys/mman.h>

#include "restore.h"

/* Keep the contents until all memory is there; the last one of a kind counts. */
static int keep(struct restore *r, void *body, uint32_t length, unsigned int kind, size_t min, size_t unit)
{
	const struct rec_vcpu_hdr *h = body;
	const size_t size = length - sizeof(*h);
	void *copy;

	if (!r->p2m)
		return restore_fail(r, "a vCPU comes before the frame list");
	if (length < sizeof(*h) || size < min || size % unit)
		return restore_fail(r, "a vCPU's record of kind %u has %u bytes", kind, length);
	if (h->vcpu_id >= r->nr_vcpus)
		return restore_fail(r, "the stream has vCPU %u, the domain has %u of them", h->vcpu_id, r->nr_vcpus);
	copy = malloc(size);
	if (!copy)
		return restore_fail(r, "no memory for a vCPU's state");
	memcpy(copy, h + 1, size);
	free(r->vcpus[h->vcpu_id].blob[kind].data);
	r->vcpus[h->vcpu_id].blob[kind].data = copy;
	r->vcpus[h->vcpu_id].blob[kind].size = size;
	return 0;
}

int restore_vcpu_basic(struct restore *r, void *body, uint32_t length)
{
	return keep(r, body, length, BLOB_BASIC, sizeof(vcpu_guest_context_x86_64_t), 1);
}

int restore_vcpu_extended(struct restore *r, void *body, uint32_t length)
{
	return keep(r, body, length, BLOB_EXTENDED, 8, 1);
}

int restore_vcpu_xsave(struct restore *r, void *body, uint32_t length)
{
	return keep(r, body, length, BLOB_XSAVE, 16, 1);
}

int restore_vcpu_msrs(struct restore *r, void *body, uint32_t length)
{
	return keep(r, body, length, BLOB_MSRS, sizeof(xen_domctl_vcpu_msr_t), sizeof(xen_domctl_vcpu_msr_t));
}

/* --- into the hypervisor */

/* Machine frame of a page that has to be of a level (0: plain data). */
static int frame_of(struct restore *r, uint64_t pfn, unsigned int level, const char *what, uint64_t *mfn)
{
	if (pfn >= r->nr_pfns || r->p2m[pfn] == NO_FRAME || page_table_level(restore_type(r, pfn)) != level)
		return restore_fail(r, "%s is page 0x%llx, which is missing or of another kind", what,
				    (unsigned long long)pfn);
	*mfn = r->p2m[pfn];
	return 0;
}

/* Rings in it are named by the guest's frame numbers: translate, remember, and give new ports. */
static int fix_start_info(struct restore *r, xen_pfn_t mfn)
{
	start_info_t *si = xc_map_foreign_range(r->xch, r->domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE, mfn);
	int rc;

	if (!si)
		return restore_fail(r, "cannot map its start_info");
	rc = frame_of(r, si->store_mfn, 0, "the xenstore ring", &r->store_mfn) ||
	     frame_of(r, si->console.domU.mfn, 0, "the console ring", &r->console_mfn);
	if (!rc) {
		si->nr_pages = r->nr_pfns;
		si->shared_info = r->shared_frame << XC_PAGE_SHIFT;
		si->flags = 0;
		si->store_mfn = r->store_mfn;
		si->store_evtchn = r->store_evtchn;
		si->console.domU.mfn = r->console_mfn;
		si->console.domU.evtchn = r->console_evtchn;
	}
	munmap(si, XC_PAGE_SIZE);
	return rc ? -1 : 0;
}

static int set_basic(struct restore *r, uint32_t id, const void *data)
{
	vcpu_guest_context_any_t any;
	vcpu_guest_context_x86_64_t *c = &any.x64;
	uint64_t mfn;

	memset(&any, 0, sizeof(any));
	memcpy(c, data, sizeof(*c));
	if (id == 0) {
		if (frame_of(r, c->user_regs.rdx, 0, "start_info", &mfn) || fix_start_info(r, mfn))
			return -1;
		c->user_regs.rdx = mfn;
	}
	if (c->gdt_ents > 8192)
		return restore_fail(r, "vCPU %u has a GDT of %llu entries", id, (unsigned long long)c->gdt_ents);
	for (uint64_t i = 0; i * 512 < c->gdt_ents; i++) {
		if (frame_of(r, c->gdt_frames[i], 0, "a GDT", &mfn))
			return -1;
		c->gdt_frames[i] = mfn;
	}
	if (frame_of(r, xen_cr3_to_pfn_x86_64(c->ctrlreg[3]), 4, "CR3", &mfn))
		return -1;
	c->ctrlreg[3] = xen_pfn_to_cr3_x86_64(mfn);
	if (c->ctrlreg[1] & 1) {
		if (frame_of(r, c->ctrlreg[1] >> XC_PAGE_SHIFT, 4, "the user's CR3", &mfn))
			return -1;
		c->ctrlreg[1] = mfn << XC_PAGE_SHIFT;
	}
	if (xc_vcpu_setcontext(r->xch, r->domid, id, &any))
		return restore_fail(r, "the hypervisor refuses the state of vCPU %u", id);
	return 0;
}

static int set_extended(struct restore *r, uint32_t id, const void *data, size_t size)
{
	DOMCTL(d, set_ext_vcpucontext, r->domid);

	/* Shorter ones come from older hypervisors; the size in it says what counts. */
	memcpy(&d.u.ext_vcpucontext, data,
	       size < sizeof(d.u.ext_vcpucontext) ? size : sizeof(d.u.ext_vcpucontext));
	d.u.ext_vcpucontext.vcpu = id;
	if (xc_do_domctl(r->xch, &d))
		return restore_fail(r, "the hypervisor refuses the extended state of vCPU %u", id);
	return 0;
}

static int set_xsave(struct restore *r, uint32_t id, void *data, size_t size)
{
	DOMCTL(d, setvcpuextstate, r->domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(data, size, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (xc_bounce_all(r->xch, all, 1))
		return -1;
	d.u.vcpuextstate.vcpu = id;
	d.u.vcpuextstate.size = size;
	set_handle(d.u.vcpuextstate.buffer, b);
	if (xc_domctl_with(r->xch, &d, &b))
		return restore_fail(r, "this host cannot take the XSAVE state of vCPU %u", id);
	return 0;
}

static int set_msrs(struct restore *r, uint32_t id, void *data, size_t size)
{
	DOMCTL(d, set_vcpu_msrs, r->domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(data, size, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (xc_bounce_all(r->xch, all, 1))
		return -1;
	d.u.vcpu_msrs.vcpu = id;
	d.u.vcpu_msrs.msr_count = (uint32_t)(size / sizeof(xen_domctl_vcpu_msr_t));
	set_handle(d.u.vcpu_msrs.msrs, b);
	if (xc_domctl_with(r->xch, &d, &b))
		return restore_fail(r, "this host cannot take MSR %u of vCPU %u", d.u.vcpu_msrs.msr_count, id);
	return 0;
}

static int set_vcpu(struct restore *r, uint32_t id)
{
	struct vcpu_state *v = &r->vcpus[id];

	/* Offline vCPUs have no records. */
	if (!v->blob[BLOB_BASIC].data)
		return id ? 0 : restore_fail(r, "the stream has no vCPU 0");
	if (set_basic(r, id, v->blob[BLOB_BASIC].data))
		return -1;
	if (v->blob[BLOB_EXTENDED].data &&
	    set_extended(r, id, v->blob[BLOB_EXTENDED].data, v->blob[BLOB_EXTENDED].size))
		return -1;
	if (v->blob[BLOB_XSAVE].data && set_xsave(r, id, v->blob[BLOB_XSAVE].data, v->blob[BLOB_XSAVE].size))
		return -1;
	if (v->blob[BLOB_MSRS].data && set_msrs(r, id, v->blob[BLOB_MSRS].data, v->blob[BLOB_MSRS].size))
		return -1;
	return 0;
}

int restore_finish(struct restore *r)
{
	errno = 0;
	if (!r->p2m)
		return restore_fail(r, "the stream ends before any memory");
	if (restore_write_p2m(r) || restore_pin(r))
		return -1;
	for (uint32_t i = 0; i < r->nr_vcpus; i++)
		if (set_vcpu(r, i))
			return -1;
	return xc_dom_gnttab_seed(r->xch, r->domid, false, r->console_mfn, r->store_mfn, r->console_domid,
				  r->store_domid);
}
