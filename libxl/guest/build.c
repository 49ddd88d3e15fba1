// SPDX-License-Identifier: LGPL-2.1-only
/* The builder's steps, as callers take them. */
#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include "guest_internal.h"
#include "cache.h"

/* --- parse */

static bool use_cached(struct xc_dom_image *dom, void *p, size_t size, const struct image_parts *data,
		       struct image_span *file)
{
	struct dom_kernel *k = dom->private_loader;

	if ((dom->max_kernel_size && size > dom->max_kernel_size) || dom_keep_mapping(dom, p, size)) {
		munmap(p, size);
		return false;
	}
	k->data = *data;
	file->data = p;
	file->size = size;
	return true;
}

/* Unpacked by an earlier build. */
static bool from_cache(struct xc_dom_image *dom, const struct dom_kernel *k, struct image_span *file)
{
	struct image_parts data;
	size_t size;
	void *p = k->has_file ? kernel_cache_get(&k->file, &size, &data) : NULL;

	if (!p || !use_cached(dom, p, size, &data, file))
		return false;
	xc_dom_printf(dom->xch, "kernel: %zu bytes unpacked earlier", size);
	return true;
}

/* Into a new entry of the cache, which is its place from now on. */
static bool into_cache(struct xc_dom_image *dom, const struct dom_kernel *k, enum image_codec codec, uint32_t hint,
		       struct image_span *file)
{
	struct kernel_cache_entry e;
	struct image_parts data;
	struct image_err err = { 0 };
	size_t size;
	void *p;

	if (!k->has_file || !image_hint_ok(*file, hint, dom->max_kernel_size) || !kernel_cache_start(&e, hint))
		return false;
	p = kernel_cache_finish(&e, &k->file, !image_unpack_to(codec, *file, e.fd, hint, &size, &err) && size == hint,
				&data);
	return p && use_cached(dom, p, hint, &data, file);
}

static int unpack(struct xc_dom_image *dom, enum image_codec codec, uint32_t hint, struct image_span *file)
{
	struct dom_kernel *k = dom->private_loader;
	struct image_err err = { 0 };
	uint8_t *out;
	size_t size;

	if (from_cache(dom, k, file) || into_cache(dom, k, codec, hint, file))
		return 0;
	if (image_unpack(codec, *file, hint, dom->max_kernel_size, &out, &size, &err)) {
		errno = err.too_large ? E2BIG : EINVAL;
		return dom_fail(dom, XC_INVALID_KERNEL, "%s", err.text);
	}
	if (xc_dom_register_external(dom, out, size)) {
		free(out);
		return -1;
	}
	xc_dom_printf(dom->xch, "kernel: %zu bytes of %s, %zu unpacked", file->size, image_codec_name(codec), size);
	file->data = out;
	file->size = size;
	return 0;
}

/* Through bzImage and compression to the ELF file. */
static int unwrap(struct xc_dom_image *dom, struct image_span *file)
{
	struct image_span payload = { 0 };
	struct image_err err = { 0 };
	enum image_codec codec;
	uint32_t hint = 0;
	int is_bz = bzimage_payload(*file, &payload, &err);

	if (is_bz < 0)
		return dom_fail(dom, XC_INVALID_KERNEL, "%s", err.text);
	if (is_bz)
		*file = payload;
	codec = image_codec_of(*file);
	if (codec == CODEC_NONE) {
		if (is_bz && !elf_magic_ok(*file))
			return dom_fail(dom, XC_INVALID_KERNEL, "bzImage is compressed in an unknown way");
		return 0;
	}
	/* A payload's last four bytes are its unpacked size. */
	if (is_bz || codec == CODEC_GZIP)
		memcpy(&hint, file->data + file->size - sizeof(hint), sizeof(hint));
	if (unpack(dom, codec, hint, file))
		return -1;
	dom->kernel_blob = (void *)(uintptr_t)file->data;
	dom->kernel_size = file->size;
	return 0;
}

/*
 * What a PV domain of today offers to a kernel that requires it. Writable page tables come by
 * vm_assist, which the kernel turns on itself.
 */
#define PV_FEATURES                                                                                \
	(1U << XENFEAT_writable_page_tables | 1U << XENFEAT_mmu_pt_update_preserve_ad |            \
	 1U << XENFEAT_highmem_assist | 1U << XENFEAT_gnttab_map_avail_bits |                      \
	 1U << XENFEAT_pae_pgdir_above_4gb | 1U << XENFEAT_dom0)

static int check_kind(struct xc_dom_image *dom, const struct elf_image *elf)
{
	const uint32_t lacking = dom->parms->f_required & ~PV_FEATURES;

	errno = EOPNOTSUPP;
	if (dom->container_type == XC_DOM_HVM_CONTAINER)
		return dom_fail(dom, XC_INVALID_PARAM, "PVH and HVM guests are not supported yet: use type=\"pv\"");
	if (elf->machine == EM_386 || !elf->is64)
		return dom_fail(dom, XC_INVALID_KERNEL, "32-bit PV kernels are not supported: use a 64-bit one");
	if (elf->machine != EM_X86_64)
		return dom_fail(dom, XC_INVALID_KERNEL, "kernel is for another machine (ELF machine %u)", elf->machine);
	if (dom->parms->virt_base == 0 && dom->parms->phys_entry != PARM_UNSET &&
	    dom->parms->virt_hypercall == PARM_UNSET)
		return dom_fail(dom, XC_INVALID_KERNEL, "kernel has a PVH entry only, no PV one");
	if (lacking)
		return dom_fail(dom, XC_INVALID_KERNEL, "kernel requires features (mask 0x%x) that PV guests lack",
				lacking);
	if (dom->f_requested[0] & ~dom->parms->f_supported)
		return dom_fail(dom, XC_INVALID_PARAM, "kernel lacks features that were asked for (mask 0x%x)",
				dom->f_requested[0] & ~dom->parms->f_supported);
	dom->f_active[0] = dom->f_requested[0] | dom->parms->f_required;
	errno = 0;
	return 0;
}

int xc_dom_parse_image(struct xc_dom_image *dom)
{
	struct image_span file = { dom->kernel_blob, dom->kernel_size };
	struct image_err err = { 0 };
	struct dom_kernel *k;

	errno = EINVAL;
	if (!dom->kernel_blob)
		return dom_fail(dom, XC_INVALID_KERNEL, "no kernel was given");
	k = dom_kernel_of(dom);
	if (!k)
		return -1;
	k->data = (struct image_parts){ 1, { { 0, SIZE_MAX } } }; /* all of the file, unless the cache knows it better */
	if (unwrap(dom, &file))
		return -1;
	errno = EINVAL;
	if (elf_image_parse(&k->elf, file, &err) || elf_notes_parse(&k->elf, dom->parms, &err))
		return dom_fail(dom, XC_INVALID_KERNEL, "%s", err.text);
	k->parsed = true;
	dom->kernel_seg.vstart = dom->parms->virt_kstart;
	dom->kernel_seg.vend = dom->parms->virt_kend;
	if (check_kind(dom, &k->elf))
		return -1;
	dom->guest_type = dom_arch_pv64.guest_type;
	xc_dom_printf(dom->xch, "kernel: %s %s, base 0x%" PRIx64 ", 0x%" PRIx64 " to 0x%" PRIx64 ", entry 0x%" PRIx64,
		      dom->parms->guest_os, dom->parms->guest_ver, dom->parms->virt_base, dom->parms->virt_kstart,
		      dom->parms->virt_kend, dom->parms->virt_entry);
	return xc_dom_set_arch_hooks(dom);
}

/* --- set up */

int xc_dom_set_arch_hooks(struct xc_dom_image *dom)
{
	dom->arch_hooks = &dom_arch_pv64;
	return 0;
}

/* Kinds of guests are built in. */
void xc_dom_register_arch_hooks(struct xc_dom_arch *hooks)
{
}

int xc_dom_rambase_init(struct xc_dom_image *dom, uint64_t rambase)
{
	dom->rambase_pfn = rambase >> XC_PAGE_SHIFT;
	return rambase ? dom_fail(dom, XC_INVALID_PARAM, "memory starts at 0 on x86") : 0;
}

int xc_dom_boot_xen_init(struct xc_dom_image *dom, xc_interface *xch, uint32_t domid)
{
	dom->xch = xch;
	dom->guest_domid = domid;
	dom->xen_version = xc_version(xch, XENVER_version, NULL);
	if (dom->xen_version < 0 || xc_version(xch, XENVER_capabilities, &dom->xen_caps) < 0)
		return dom_fail(dom, XC_INTERNAL_ERROR, "the hypervisor does not tell its version: %s", strerror(errno));
	return 0;
}

/* Capabilities are words; the guest's type must be one of them. */
int xc_dom_compat_check(struct xc_dom_image *dom)
{
	char caps[sizeof(dom->xen_caps) + 1], *word, *rest = NULL;

	memcpy(caps, dom->xen_caps, sizeof(dom->xen_caps));
	caps[sizeof(caps) - 1] = 0;
	for (word = strtok_r(caps, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (dom->guest_type && !strcmp(word, dom->guest_type))
			return 1;
	errno = EOPNOTSUPP;
	dom_fail(dom, XC_INVALID_KERNEL, "the hypervisor runs no %s guests (it offers: %s)",
		 dom->guest_type ? dom->guest_type : "such", dom->xen_caps);
	return 0;
}

int xc_dom_mem_init(struct xc_dom_image *dom, unsigned int mem_mb)
{
	dom->total_pages = (xen_pfn_t)mem_mb << (20 - XC_PAGE_SHIFT);
	if (!dom->total_pages)
		return dom_fail(dom, XC_INVALID_PARAM, "a domain of 0 MiB cannot be built");
	xc_dom_printf(dom->xch, "memory: %u MiB, %llu pages", mem_mb, (unsigned long long)dom->total_pages);
	return 0;
}

int xc_dom_boot_mem_init(struct xc_dom_image *dom)
{
	return dom->arch_hooks->meminit(dom);
}

/* --- build */

/* From so many pages of zeros on, the hypervisor is asked to clear them: to map them takes more. */
#define CLEAR_PAGES 16U

static int clear_pages(struct xc_dom_image *dom, xen_pfn_t pfn, uint64_t count)
{
	struct mmuext_op op[64];
	unsigned int n;

	for (; count; count -= n, pfn += n) {
		n = count < ARRAY_SIZE(op) ? (unsigned int)count : ARRAY_SIZE(op);
		memset(op, 0, n * sizeof(*op));
		for (unsigned int i = 0; i < n; i++) {
			op[i].cmd = MMUEXT_CLEAR_PAGE;
			op[i].arg1.mfn = xc_dom_p2m(dom, pfn + i);
		}
		if (xc_mmuext_op(dom->xch, op, n, dom->guest_domid))
			return dom_fail(dom, XC_INTERNAL_ERROR, "the hypervisor does not clear the kernel's pages: %s",
					strerror(errno));
	}
	return 0;
}

/* A segment's part of the bytes [from, to) of the kernel's place, which are mapped at p. */
static void load_part(const struct xc_dom_image *dom, const struct elf_seg *s, uint64_t from, uint64_t to, uint8_t *p)
{
	const struct dom_kernel *k = dom->private_loader;
	const uint64_t at = s->paddr + dom->parms->virt_offset - dom->kernel_seg.vstart;
	uint64_t first = at > from ? at : from, end = at + s->filesz < to ? at + s->filesz : to;

	if (first < end) {
		memcpy(p + (first - from), k->elf.file.data + s->offset + (first - at), end - first);
		first = end;
	}
	end = at + s->memsz < to ? at + s->memsz : to;
	if (first < end)
		memset(p + (first - from), 0, end - first);
}

static int load_pages(struct xc_dom_image *dom, uint64_t first, uint64_t count)
{
	const struct dom_kernel *k = dom->private_loader;
	const xen_pfn_t pfn = dom->kernel_seg.pfn + first;
	uint8_t *p = xc_dom_pfn_to_ptr(dom, pfn, count);

	if (!p)
		return -1;
	for (unsigned int i = 0; i < k->elf.nr_segs; i++)
		load_part(dom, &k->elf.segs[i], first << XC_PAGE_SHIFT, (first + count) << XC_PAGE_SHIFT, p);
	xc_dom_unmap_one(dom, pfn);
	return 0;
}

/* Which pages get anything but zeros from a segment. */
static int mark_data(struct xc_dom_image *dom, const struct elf_seg *s, bool *has_data)
{
	const struct dom_kernel *k = dom->private_loader;
	const uint64_t at = s->paddr + dom->parms->virt_offset - dom->kernel_seg.vstart;
	const uint64_t room = dom->kernel_seg.pages << XC_PAGE_SHIFT;

	if (at > room || s->memsz > room - at)
		return dom_fail(dom, XC_INTERNAL_ERROR, "kernel segment at 0x%llx is outside of its place",
				(unsigned long long)s->paddr);
	for (unsigned int i = 0; i < k->data.nr; i++) {
		uint64_t from = k->data.part[i].from, to = k->data.part[i].to;

		if (from < s->offset)
			from = s->offset;
		if (to > s->offset + s->filesz)
			to = s->offset + s->filesz;
		if (from < to)
			memset(has_data + ((at + from - s->offset) >> XC_PAGE_SHIFT), true,
			       PAGES_OF(at + to - s->offset) - ((at + from - s->offset) >> XC_PAGE_SHIFT));
	}
	return 0;
}

/* Data with the short gaps within it, and long gaps, in turn. */
static int load_or_clear(struct xc_dom_image *dom, const bool *has_data)
{
	const uint64_t pages = dom->kernel_seg.pages;
	uint64_t at, end, gap;

	for (at = 0; at < pages; at = end) {
		for (end = at; end < pages && !has_data[end]; end++)
			;
		if (end - at >= CLEAR_PAGES) {
			if (clear_pages(dom, dom->kernel_seg.pfn + at, end - at))
				return -1;
			continue;
		}
		for (gap = 0; end < pages && gap < CLEAR_PAGES; end++)
			gap = has_data[end] ? 0 : gap + 1;
		if (gap == CLEAR_PAGES)
			end -= gap;
		if (load_pages(dom, at, end - at))
			return -1;
	}
	return 0;
}

/* Frames below the kernel stay the guest's own: it starts where its addresses say. */
static int load_kernel(struct xc_dom_image *dom)
{
	const struct dom_kernel *k = dom->private_loader;
	const uint64_t start = dom->parms->virt_kstart & XC_PAGE_MASK;
	bool *has_data;
	int rc = 0;

	if (xc_dom_alloc_segment(dom, &dom->kernel_seg, "kernel", start, dom->parms->virt_kend - start))
		return -1;
	has_data = calloc(dom->kernel_seg.pages, sizeof(*has_data));
	if (!has_data)
		return dom_fail(dom, XC_OUT_OF_MEMORY, "no memory to load a kernel of %llu pages",
				(unsigned long long)dom->kernel_seg.pages);
	for (unsigned int i = 0; i < k->elf.nr_segs && !rc; i++)
		rc = mark_data(dom, &k->elf.segs[i], has_data);
	if (!rc)
		rc = load_or_clear(dom, has_data);
	free(has_data);
	return rc;
}

static int load_module(struct xc_dom_image *dom, unsigned int i)
{
	struct xc_dom_module *m = &dom->modules[i];
	char name[16];
	uint8_t *to;

	snprintf(name, sizeof(name), "module%u", i);
	if (dom_alloc_pages(dom, &m->seg, name, PAGES_OF(m->size)))
		return -1;
	to = xc_dom_seg_to_ptr(dom, &m->seg);
	if (!to)
		return -1;
	memcpy(to, m->blob, m->size);
	memset(to + m->size, 0, (m->seg.pages << XC_PAGE_SHIFT) - m->size);
	if (i == 0) {
		dom->initrd_start = m->seg.vstart;
		dom->initrd_len = m->size;
	}
	/* Megabytes that are not needed again. */
	xc_dom_unmap_one(dom, m->seg.pfn);
	return 0;
}

/* PV guests are told of one module; there is no place for another in start_info. */
static int load_modules(struct xc_dom_image *dom)
{
	if (dom->num_modules > 1)
		return dom_fail(dom, XC_INVALID_PARAM, "PV guests take one module (the ramdisk)");
	return dom->num_modules ? load_module(dom, 0) : 0;
}

int xc_dom_build_image(struct xc_dom_image *dom)
{
	const struct xc_dom_arch *arch = dom->arch_hooks;
	const struct dom_kernel *k = dom->private_loader;
	struct xc_dom_seg stack;

	if (!k || !k->parsed || !dom->pv_p2m) {
		errno = EINVAL;
		return dom_fail(dom, XC_INTERNAL_ERROR, "build before parse_image or boot_mem_init");
	}
	if (load_kernel(dom))
		return -1;
	if (!dom->parms->unmapped_initrd && load_modules(dom))
		return -1;
	if (arch->alloc_p2m_list(dom) || arch->alloc_magic_pages(dom) || arch->alloc_pgtables(dom))
		return -1;
	if (dom_alloc_pages(dom, &stack, "stack", 1))
		return -1;
	dom->bootstack_pfn = stack.pfn;
	dom->alloc_bootstack = 1;
	if (dom->parms->unmapped_initrd && load_modules(dom))
		return -1;
	if (dom->p2m_seg.pages == 0 && dom->parms->p2m_base != PARM_UNSET) {
		if (dom_alloc_pages(dom, &dom->p2m_seg, "frame list", PAGES_OF(dom->p2m_size * sizeof(xen_pfn_t))))
			return -1;
		dom->p2m_seg.vstart = dom->parms->p2m_base;
		dom->p2m_seg.vend = dom->p2m_seg.vstart + (dom->p2m_seg.pages << XC_PAGE_SHIFT);
	}
	return 0;
}

/* --- start */

static int hypercall_page(struct xc_dom_image *dom)
{
	DOMCTL(d, hypercall_init, dom->guest_domid);
	uint64_t pfn;

	if (dom->parms->virt_hypercall == PARM_UNSET)
		return 0;
	pfn = (dom->parms->virt_hypercall - dom->parms->virt_base) >> XC_PAGE_SHIFT;
	d.u.hypercall_init.gmfn = xc_dom_p2m(dom, pfn);
	if (xc_do_domctl(dom->xch, &d))
		return dom_fail(dom, XC_INTERNAL_ERROR, "the hypervisor does not fill the hypercall page: %s",
				strerror(errno));
	return 0;
}

int xc_dom_boot_image(struct xc_dom_image *dom)
{
	const struct xc_dom_arch *arch = dom->arch_hooks;
	xc_domaininfo_t info;

	if (!xc_dom_compat_check(dom))
		return -1;
	if (xc_domain_getinfolist(dom->xch, dom->guest_domid, 1, &info) != 1 || info.domain != dom->guest_domid) {
		errno = ESRCH;
		return dom_fail(dom, XC_INTERNAL_ERROR, "domain %u is gone", dom->guest_domid);
	}
	dom->shared_info_mfn = info.shared_info_frame;
	if (hypercall_page(dom) || arch->setup_pgtables(dom) || arch->start_info(dom))
		return -1;
	/* Page tables cannot be validated while they are mapped writable here. */
	xc_dom_unmap_all(dom);
	if (arch->bootlate(dom) || arch->vcpu(dom))
		return -1;
	xc_dom_log_memory_footprint(dom);
	return 0;
}

int xc_linux_build(xc_interface *xch, uint32_t domid, unsigned int mem_mb, const char *image_name,
		   const char *ramdisk_name, const char *cmdline, const char *features, unsigned long flags,
		   unsigned int store_evtchn, unsigned long *store_mfn, unsigned int console_evtchn,
		   unsigned long *console_mfn)
{
	struct xc_dom_image *dom = xc_dom_allocate(xch, cmdline, features);
	int rc = -1;

	if (!dom)
		return -1;
	dom->flags = flags;
	dom->console_evtchn = console_evtchn;
	dom->xenstore_evtchn = store_evtchn;
	if (xc_dom_kernel_file(dom, image_name) || (ramdisk_name && xc_dom_module_file(dom, ramdisk_name, NULL)) ||
	    xc_dom_boot_xen_init(dom, xch, domid) || xc_dom_parse_image(dom) || xc_dom_mem_init(dom, mem_mb) ||
	    xc_dom_boot_mem_init(dom) || xc_dom_build_image(dom) || xc_dom_boot_image(dom) ||
	    xc_dom_gnttab_init(dom))
		goto out;
	*console_mfn = xc_dom_p2m(dom, dom->console_pfn);
	*store_mfn = xc_dom_p2m(dom, dom->xenstore_pfn);
	rc = 0;
out:
	xc_dom_release(dom);
	return rc;
}
