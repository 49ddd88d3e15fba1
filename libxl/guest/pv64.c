// SPDX-License-Identifier: LGPL-2.1-only
/* 64-bit PV guests: memory, page tables, start_info, shared info, the first vCPU. */
#include <stdio.h>
#include <sys/mman.h>

#include "guest_internal.h"

#define SUPER_ORDER   9
#define SUPER_PAGES   (1UL << SUPER_ORDER)
#define SUPER_BATCH   1024UL  /* extents in one call: 2 GiB */
#define SMALL_BATCH   65536UL /* 256 MiB */
#define SUPER_RETRIES 8       /* failures after which memory counts as fragmented */

/* --- memory */

/* Extents of 2 MiB, as many as there are; the P2M is filled in. Pages that were populated. */
static uint64_t populate_super(struct xc_dom_image *dom, xen_pfn_t pfn, uint64_t pages, unsigned int flags)
{
	const unsigned long n = pages >> SUPER_ORDER < SUPER_BATCH ? pages >> SUPER_ORDER : SUPER_BATCH;
	xen_pfn_t extents[SUPER_BATCH];
	int done;

	for (unsigned long i = 0; i < n; i++)
		extents[i] = pfn + (i << SUPER_ORDER);
	done = xc_domain_populate_physmap(dom->xch, dom->guest_domid, n, SUPER_ORDER, flags, extents);
	for (int i = 0; i < done; i++)
		for (unsigned long j = 0; j < SUPER_PAGES; j++)
			dom->pv_p2m[pfn + ((xen_pfn_t)i << SUPER_ORDER) + j] = extents[i] + j;
	return done > 0 ? (uint64_t)done << SUPER_ORDER : 0;
}

static int populate_small(struct xc_dom_image *dom, xen_pfn_t pfn, uint64_t pages, unsigned int flags)
{
	for (uint64_t i = 0; i < pages; i++)
		dom->pv_p2m[pfn + i] = pfn + i;
	return xc_domain_populate_physmap_exact(dom->xch, dom->guest_domid, pages, 0, flags, dom->pv_p2m + pfn);
}

static int populate_range(struct xc_dom_image *dom, xen_pfn_t pfn, xen_pfn_t end, unsigned int flags)
{
	unsigned int failures = 0;
	uint64_t n, done;

	while (pfn < end) {
		/* Of what one call does, nothing is said. */
		if (pfn)
			xc_report_progress_step(dom->xch, pfn, dom->total_pages);
		n = end - pfn;
		if (!(pfn & (SUPER_PAGES - 1)) && n >= SUPER_PAGES && failures < SUPER_RETRIES) {
			n &= ~(SUPER_PAGES - 1);
			done = populate_super(dom, pfn, n, flags);
			pfn += done;
			if (done == n || done == SUPER_BATCH << SUPER_ORDER)
				continue;
			failures++;
			n = SUPER_PAGES; /* the one that failed: in single pages */
		} else if (failures < SUPER_RETRIES && (pfn & (SUPER_PAGES - 1))) {
			done = SUPER_PAGES - (pfn & (SUPER_PAGES - 1));
			n = n < done ? n : done;
		}
		n = n < SMALL_BATCH ? n : SMALL_BATCH;
		if (populate_small(dom, pfn, n, flags))
			return dom_fail(dom, XC_OUT_OF_MEMORY,
					"the host has no memory for %llu of the domain's %llu pages (see xl info)",
					(unsigned long long)(end - pfn), (unsigned long long)dom->total_pages);
		pfn += n;
	}
	return 0;
}

/* Node of a part of memory, as flags of the allocation. */
static unsigned int node_flags(const struct xc_dom_image *dom, const xen_vmemrange_t *r)
{
	if (!dom->vnode_to_pnode || r->nid >= dom->nr_vnodes || dom->vnode_to_pnode[r->nid] == XC_NUMA_NO_NODE)
		return 0;
	return (unsigned int)XENMEMF_exact_node(dom->vnode_to_pnode[r->nid]);
}

static int populate(struct xc_dom_image *dom)
{
	xen_pfn_t from, to;

	if (!dom->nr_vmemranges)
		return populate_range(dom, 0, dom->total_pages, 0);
	for (unsigned int i = 0; i < dom->nr_vmemranges; i++) {
		const xen_vmemrange_t *r = &dom->vmemranges[i];

		from = r->start >> XC_PAGE_SHIFT;
		to = r->end >> XC_PAGE_SHIFT;
		if (from > to || to > dom->total_pages) {
			errno = EINVAL;
			return dom_fail(dom, XC_INVALID_PARAM, "virtual NUMA range %u is outside of memory", i);
		}
		if (populate_range(dom, from, to, node_flags(dom, r)))
			return -1;
	}
	return 0;
}

static int pv_meminit(struct xc_dom_image *dom)
{
	int rc, saved;

	dom->p2m_size = dom->total_pages;
	/* Every entry is written by what follows: no need for zeros. */
	dom->pv_p2m = malloc(dom->p2m_size * sizeof(*dom->pv_p2m));
	if (!dom->pv_p2m || xc_dom_register_external(dom, dom->pv_p2m, dom->p2m_size * sizeof(*dom->pv_p2m))) {
		free(dom->pv_p2m);
		dom->pv_p2m = NULL;
		return dom_fail(dom, XC_OUT_OF_MEMORY, "no memory for the frame list");
	}
	if (dom->claim_enabled && xc_domain_claim_pages(dom->xch, dom->guest_domid, dom->total_pages) < 0)
		return dom_fail(dom, XC_OUT_OF_MEMORY, "the host has less free memory than the domain's %llu MiB: %s",
				(unsigned long long)dom->total_pages >> 8, strerror(errno));
	xc_set_progress_prefix(dom->xch, "Memory");
	rc = populate(dom);
	xc_set_progress_prefix(dom->xch, NULL);
	saved = errno;
	if (dom->claim_enabled)
		xc_domain_claim_pages(dom->xch, dom->guest_domid, 0);
	errno = saved;
	return rc;
}

/* --- layout */

static int pv_alloc_p2m_list(struct xc_dom_image *dom)
{
	/* Elsewhere in the address space: its frames come last, xc_dom_build_image sees to them. */
	if (dom->parms->p2m_base != PARM_UNSET)
		return 0;
	return dom_alloc_pages(dom, &dom->p2m_seg, "frame list", PAGES_OF(dom->p2m_size * sizeof(xen_pfn_t)));
}

static int pv_alloc_magic_pages(struct xc_dom_image *dom)
{
	struct xc_dom_seg store, console;

	if (dom_alloc_pages(dom, &dom->start_info_seg, "start_info", 1) ||
	    dom_alloc_pages(dom, &store, "xenstore", 1) || dom_alloc_pages(dom, &console, "console", 1))
		return -1;
	dom->start_info_pfn = dom->start_info_seg.pfn;
	dom->xenstore_pfn = store.pfn;
	dom->console_pfn = console.pfn;
	return 0;
}

#define MAP_ALIGN (4ULL << 20)   /* the first mapping ends at such a border */
#define MAP_PAD   (512ULL << 10) /* with at least this much behind the last part */

/* Tables are part of what they map: more of them may need more of them. */
static int pv_alloc_pgtables(struct xc_dom_image *dom)
{
	struct dom_kernel *k = dom->private_loader;
	struct pg_range ranges[PG_MAX_RANGES] = { { .from = dom->parms->virt_base, .pfn = 0 } };
	unsigned int nr = 1;
	uint64_t tables = 0, end;

	k->plan = xc_dom_malloc(dom, sizeof(*k->plan));
	if (!k->plan)
		return -1;
	if (dom->parms->p2m_base != PARM_UNSET) {
		ranges[1].from = dom->parms->p2m_base;
		ranges[1].to = ranges[1].from + (PAGES_OF(dom->p2m_size * sizeof(xen_pfn_t)) << XC_PAGE_SHIFT);
		nr = 2;
	}
	for (;;) {
		end = dom->virt_alloc_end + ((tables + 1) << XC_PAGE_SHIFT) + MAP_PAD;
		end = (end + MAP_ALIGN - 1) & ~(MAP_ALIGN - 1);
		ranges[0].to = end;
		if (end < dom->virt_alloc_end) {
			/* The top of the address space: the kernel takes what is there. */
			errno = EINVAL;
			return dom_fail(dom, XC_INVALID_KERNEL, "kernel and ramdisk do not fit into its address space");
		}
		pg_plan_make(k->plan, ranges, nr);
		if (k->plan->tables <= tables)
			break;
		tables = k->plan->tables;
	}
	dom->virt_pgtab_end = end;
	return dom_alloc_pages(dom, &dom->pgtables_seg, "page tables", k->plan->tables);
}

/* --- contents */

/* Frame lists are the largest part of a big guest's tables: straight copies. */
static int write_p2m(struct xc_dom_image *dom)
{
	const size_t size = dom->p2m_size * sizeof(xen_pfn_t);
	uint8_t *to = xc_dom_seg_to_ptr(dom, &dom->p2m_seg);

	if (!to)
		return -1;
	memcpy(to, dom->pv_p2m, size);
	memset(to + size, 0xff, (dom->p2m_seg.pages << XC_PAGE_SHIFT) - size);
	return 0;
}

static int pv_setup_pgtables(struct xc_dom_image *dom)
{
	struct dom_kernel *k = dom->private_loader;
	struct pg_plan *plan = k->plan;
	const struct pg_fill fill = { dom->pv_p2m, dom->total_pages, dom->pgtables_seg.pfn };
	uint64_t *tables;

	/* The place of the frame list was not known when the tables were counted. */
	if (plan->nr_ranges == 2)
		plan->range[1].pfn = dom->p2m_seg.pfn;
	if (write_p2m(dom))
		return -1;
	tables = xc_dom_seg_to_ptr(dom, &dom->pgtables_seg);
	if (!tables)
		return -1;
	for (uint64_t i = 0; i < plan->tables; i++)
		pg_plan_write(plan, &fill, i, tables + i * 512);
	return 0;
}

static void fill_start_info(struct xc_dom_image *dom, start_info_t *si)
{
	memset(si, 0, XC_PAGE_SIZE);
	snprintf(si->magic, sizeof(si->magic), "%s", dom->guest_type);
	si->nr_pages = dom->total_pages;
	si->shared_info = dom->shared_info_mfn << XC_PAGE_SHIFT;
	si->pt_base = dom->pgtables_seg.vstart;
	si->nr_pt_frames = dom->pgtables_seg.pages;
	si->mfn_list = dom->p2m_seg.vstart;
	if (dom->parms->p2m_base != PARM_UNSET) {
		si->first_p2m_pfn = dom->p2m_seg.pfn;
		si->nr_p2m_frames = dom->p2m_seg.pages;
	}
	si->flags = (uint32_t)dom->flags | SIF_VIRT_P2M_4TOOLS;
	si->store_mfn = xc_dom_p2m(dom, dom->xenstore_pfn);
	si->store_evtchn = dom->xenstore_evtchn;
	si->console.domU.mfn = xc_dom_p2m(dom, dom->console_pfn);
	si->console.domU.evtchn = dom->console_evtchn;
	if (dom->num_modules) {
		si->mod_start = dom->initrd_start;
		si->mod_len = dom->initrd_len;
		if (dom->parms->unmapped_initrd) {
			si->mod_start = dom->modules[0].seg.pfn;
			si->flags |= SIF_MOD_START_PFN;
		}
	}
	if (dom->cmdline)
		snprintf((char *)si->cmd_line, sizeof(si->cmd_line), "%s", dom->cmdline);
}

static int pv_start_info(struct xc_dom_image *dom)
{
	/* start_info, xenstore and console are neighbours. */
	uint8_t *pages = xc_dom_pfn_to_ptr(dom, dom->start_info_pfn, 3);

	if (!pages)
		return -1;
	if (dom->cmdline && strlen(dom->cmdline) >= MAX_GUEST_CMDLINE) {
		errno = E2BIG;
		return dom_fail(dom, XC_INVALID_PARAM, "command line of %zu characters, the limit is %d",
				strlen(dom->cmdline), MAX_GUEST_CMDLINE - 1);
	}
	fill_start_info(dom, (start_info_t *)pages);
	memset(pages + XC_PAGE_SIZE, 0, 2 * XC_PAGE_SIZE);
	return 0;
}

static int pv_shared_info(struct xc_dom_image *dom, void *page)
{
	shared_info_t *s = page;

	memset(s, 0, sizeof(*s));
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		s->vcpu_info[i].evtchn_upcall_mask = 1;
	return 0;
}

static int pv_bootlate(struct xc_dom_image *dom)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE };
	void *shared;

	pin.arg1.mfn = xc_dom_p2m(dom, dom->pgtables_seg.pfn);
	if (xc_mmuext_op(dom->xch, &pin, 1, dom->guest_domid))
		return dom_fail(dom, XC_INTERNAL_ERROR, "the hypervisor refuses the first page tables: %s",
				strerror(errno));
	shared = xc_map_foreign_range(dom->xch, dom->guest_domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE,
				      dom->shared_info_mfn);
	if (!shared)
		return dom_fail(dom, XC_INTERNAL_ERROR, "cannot map the shared info page: %s", strerror(errno));
	pv_shared_info(dom, shared);
	munmap(shared, XC_PAGE_SIZE);
	return 0;
}

static int pv_vcpu(struct xc_dom_image *dom)
{
	vcpu_guest_context_any_t any;
	vcpu_guest_context_x86_64_t *c = &any.x64;
	const uint64_t base = dom->parms->virt_base;

	memset(&any, 0, sizeof(any));
	c->user_regs.rip = dom->parms->virt_entry;
	c->user_regs.rsp = base + ((dom->bootstack_pfn + 1) << XC_PAGE_SHIFT);
	c->user_regs.rsi = dom->start_info_seg.vstart;
	c->user_regs.rflags = 1 << 9; /* IF */
	c->user_regs.ds = FLAT_KERNEL_DS_X86_64;
	c->user_regs.es = FLAT_KERNEL_DS_X86_64;
	c->user_regs.fs = FLAT_KERNEL_DS_X86_64;
	c->user_regs.gs = FLAT_KERNEL_DS_X86_64;
	c->user_regs.ss = FLAT_KERNEL_SS_X86_64;
	c->user_regs.cs = FLAT_KERNEL_CS_X86_64;
	c->kernel_ss = c->user_regs.ss;
	c->kernel_sp = c->user_regs.rsp;
	c->flags = VGCF_in_kernel_X86_64 | VGCF_online_X86_64;
	c->ctrlreg[3] = xen_pfn_to_cr3_x86_64(xc_dom_p2m(dom, dom->pgtables_seg.pfn));
	if (xc_vcpu_setcontext(dom->xch, dom->guest_domid, 0, &any))
		return dom_fail(dom, XC_INTERNAL_ERROR, "the hypervisor refuses the state of vCPU 0: %s",
				strerror(errno));
	return 0;
}

struct xc_dom_arch dom_arch_pv64 = {
	.guest_type = "xen-3.0-x86_64",
	.native_protocol = "x86_64-abi",
	.page_shift = XC_PAGE_SHIFT,
	.sizeof_pfn = 8,
	.p2m_base_supported = 1,
	.meminit = pv_meminit,
	.alloc_p2m_list = pv_alloc_p2m_list,
	.alloc_magic_pages = pv_alloc_magic_pages,
	.alloc_pgtables = pv_alloc_pgtables,
	.setup_pgtables = pv_setup_pgtables,
	.start_info = pv_start_info,
	.shared_info = pv_shared_info,
	.vcpu = pv_vcpu,
	.bootlate = pv_bootlate,
};
