// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Save a PV guest: stop it, then write its memory in batches straight from a mapping, and its
 * vCPUs. Memory in use is bounded: one batch, and the guest's frame list. Where the stream goes to
 * a file, long runs of zeros become holes: it reads the same, and takes less room and time.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "meminfo.h"
#include "stream.h"
#include "toolcore_internal.h"

struct save {
	xc_interface *xch;
	int fd;
	bool leaves_holes; /* in fd, for zeros */
	uint32_t domid;
	xc_domaininfo_t info;
	shared_info_t *shared;
	struct pv_p2m p2m;
	xen_pfn_t *m2p;
	unsigned long max_mfn; /* one more than the last */
	uint64_t left_mapped;  /* pages */

	/* of one batch */
	xen_pfn_t frames[BATCH_PAGES];
	xen_pfn_t types[BATCH_PAGES];
	int errs[BATCH_PAGES];
	struct iovec iov[BATCH_PAGES + 4];
	uint64_t *tables; /* room for translated page tables, a batch of them */
};

static int save_fail(struct save *s, const char *what)
{
	xc_fail(s->xch, XC_INTERNAL_ERROR, "saving domain %u: %s", s->domid, what);
	return -1;
}

/* --- writing */

static const char padding[REC_ALIGN];

static int write_rec(struct save *s, uint32_t type, const void *a, size_t a_len, const void *b, size_t b_len)
{
	struct stream_rhdr h = { type, (uint32_t)(a_len + b_len) };
	struct iovec iov[4] = {
		{ &h, sizeof(h) },
		{ (void *)(uintptr_t)a, a_len },
		{ (void *)(uintptr_t)b, b_len },
		{ (void *)(uintptr_t)padding, -(a_len + b_len) & (REC_ALIGN - 1) },
	};

	if (writev_exact(s->fd, iov, 4))
		return save_fail(s, "cannot write the stream");
	return 0;
}

static int write_headers(struct save *s)
{
	const int version = xc_version(s->xch, XENVER_version, NULL);
	struct stream_ihdr ihdr = {
		.marker = STREAM_MARKER, .id = htonl(STREAM_ID), .version = htonl(STREAM_VERSION),
	};
	struct stream_dhdr dhdr = { .type = STREAM_X86_PV, .page_shift = XC_PAGE_SHIFT };

	if (version < 0)
		return save_fail(s, "the hypervisor does not tell its version");
	dhdr.xen_major = (uint32_t)version >> 16;
	dhdr.xen_minor = (uint32_t)version & 0xffff;
	if (write_exact(s->fd, &ihdr, sizeof(ihdr)) || write_exact(s->fd, &dhdr, sizeof(dhdr)))
		return save_fail(s, "cannot write the stream");
	return 0;
}

/* --- what is known before memory */

static int write_policies(struct save *s)
{
	xc_cpu_policy_t *p = xc_cpu_policy_init();
	xen_cpuid_leaf_t *leaves = NULL;
	xen_msr_entry_t *msrs = NULL;
	uint32_t nl, nm;
	int rc;

	if (!p || xc_cpu_policy_get_size(s->xch, &nl, &nm) || xc_cpu_policy_get_domain(s->xch, s->domid, p)) {
		rc = save_fail(s, "cannot get its CPU policy");
		goto out;
	}
	leaves = calloc(nl + 1, sizeof(*leaves));
	msrs = calloc(nm + 1, sizeof(*msrs));
	if (!leaves || !msrs || xc_cpu_policy_serialise(s->xch, p, leaves, &nl, msrs, &nm)) {
		rc = save_fail(s, "no memory for its CPU policy");
		goto out;
	}
	rc = write_rec(s, REC_X86_CPUID_POLICY, leaves, nl * sizeof(*leaves), NULL, 0);
	if (!rc && nm)
		rc = write_rec(s, REC_X86_MSR_POLICY, msrs, nm * sizeof(*msrs), NULL, 0);
out:
	free(leaves);
	free(msrs);
	xc_cpu_policy_destroy(p);
	return rc;
}

static int write_static(struct save *s)
{
	const struct rec_pv_info info = { .guest_width = 8, .pt_levels = 4 };

	if (write_headers(s) || write_rec(s, REC_X86_PV_INFO, &info, sizeof(info), NULL, 0) || write_policies(s))
		return -1;
	return write_rec(s, REC_STATIC_DATA_END, NULL, 0, NULL, 0);
}

/* --- frames */

/* The M2P is the hypervisor's word, the P2M the guest's: both must agree. */
static bool to_pfn(void *arg, uint64_t mfn, uint64_t *pfn)
{
	const struct save *s = arg;

	if (mfn >= s->max_mfn)
		return false;
	*pfn = s->m2p[mfn];
	return *pfn <= s->p2m.max_pfn && s->p2m.map[*pfn] == mfn;
}

static int write_p2m_frames(struct save *s)
{
	struct rec_p2m_frames head = { 0, (uint32_t)s->p2m.max_pfn };
	uint64_t *pfns = malloc(s->p2m.nr_frames * sizeof(*pfns));
	int rc = 0;

	if (!pfns)
		return save_fail(s, "no memory for its frame list");
	if (s->p2m.max_pfn > UINT32_MAX)
		rc = save_fail(s, "the guest is too large for this stream format");
	for (uint64_t i = 0; !rc && i < s->p2m.nr_frames; i++)
		if (!to_pfn(s, s->p2m.frames[i], &pfns[i]))
			rc = save_fail(s, "a part of its frame list is not its own memory");
	if (!rc)
		rc = write_rec(s, REC_X86_PV_P2M_FRAMES, &head, sizeof(head), pfns, s->p2m.nr_frames * sizeof(*pfns));
	free(pfns);
	return rc;
}

/* --- memory */

static int batch_types(struct save *s, uint64_t first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		const xen_pfn_t mfn = s->p2m.map[first + i];

		/* Ballooned, foreign and identity entries are no memory of the guest's. */
		s->frames[i] = mfn < s->max_mfn ? mfn : INVALID_MFN;
		s->types[i] = s->frames[i];
	}
	if (xc_get_pfn_type_batch(s->xch, s->domid, n, s->types))
		return save_fail(s, "the hypervisor does not tell the types of its pages");
	for (unsigned int i = 0; i < n; i++)
		if (s->frames[i] == INVALID_MFN)
			s->types[i] = XEN_DOMCTL_PFINFO_XTAB;
	return 0;
}

static int table_page(struct save *s, unsigned int slot, const void *page, unsigned int level, void **out)
{
	struct image_err err = { 0 };
	uint64_t *to = s->tables + slot * 512UL;

	if (page_table_xlat(page, to, level, to_pfn, s, &err)) {
		errno = ERANGE;
		return save_fail(s, err.text);
	}
	*out = to;
	return 0;
}

/*
 * A process that ends leaves so many foreign pages mapped until then: its page tables are the kernel's alone by that
 * time, while before each entry that goes is a trap. Page tables for more would take too much memory.
 */
#define LEFT_MAPPED_MAX (4ULL << 30 >> XC_PAGE_SHIFT)

static void unmap_batch(struct save *s, char *map, unsigned int n)
{
	if (s->xch->flags & XC_OPENFLAG_PROCESS_ENDS && s->left_mapped + n <= LEFT_MAPPED_MAX)
		s->left_mapped += n;
	else
		munmap(map, (size_t)n << XC_PAGE_SHIFT);
}

/* The stream's end will be the file's, so that nothing shines through which was there before. */
static bool may_leave_holes(int fd)
{
	const int flags = fcntl(fd, F_GETFL);
	struct stat st;

	return flags >= 0 && !(flags & O_APPEND) && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	       lseek(fd, 0, SEEK_CUR) >= st.st_size;
}

#define HOLE_PAGES_MIN 8U /* less would not be worth the calls; pages of the stream are not those of the file */

typedef uint64_t words __attribute__((vector_size(16)));

static bool is_zero(const words *page)
{
	for (const words *p = page; p < page + XC_PAGE_SIZE / sizeof(*p); p += 8) {
		const words any = (p[0] | p[1]) | (p[2] | p[3]) | (p[4] | p[5]) | (p[6] | p[7]);

		if (any[0] | any[1])
			return false;
	}
	return true;
}

/* How many pages hold zeros only, from the first one on. Page tables are none: they are written as the guest sees them. */
static unsigned int zero_pages(const char *map, const xen_pfn_t *types, unsigned int n)
{
	unsigned int run = 0;

	while (run < n && !page_table_level((uint32_t)types[run]) &&
	       is_zero((const words *)(map + ((size_t)run << XC_PAGE_SHIFT))))
		run++;
	return run;
}

/* One more page to write: in one piece with what comes before it in memory. */
static struct iovec *add_page(struct iovec *last, void *page)
{
	if ((char *)last->iov_base + last->iov_len != page)
		*++last = (struct iovec){ page, 0 };
	last->iov_len += XC_PAGE_SIZE;
	return last;
}

static int write_pieces(struct save *s, struct iovec *last)
{
	return writev_exact(s->fd, s->iov, (int)(last - s->iov) + 1) ? save_fail(s, "cannot write the stream") : 0;
}

static int leave_hole(struct save *s, unsigned int pages)
{
	s->iov[0].iov_len = 0;
	return lseek(s->fd, (off_t)pages << XC_PAGE_SHIFT, SEEK_CUR) < 0 ? save_fail(s, "cannot write the stream") : 0;
}

/* Contents of so many pages, of s->types, behind what s->iov begins with. */
static int write_contents(struct save *s, char *map, unsigned int n)
{
	unsigned int tables = 0, known = 0, zeros; /* known: whether they are zeros was looked at up to here */
	struct iovec *last = s->iov;

	for (unsigned int i = 0; i < n; i++) {
		const unsigned int level = page_table_level((uint32_t)s->types[i]);
		void *page = map + ((size_t)i << XC_PAGE_SHIFT);

		if (s->leaves_holes && i >= known) {
			zeros = zero_pages(page, s->types + i, n - i);
			known = i + zeros + 1;
			if (zeros >= HOLE_PAGES_MIN) {
				if (write_pieces(s, last) || leave_hole(s, zeros))
					return -1;
				last = s->iov;
				i += zeros - 1;
				continue;
			}
		}
		if (level && table_page(s, tables++, page, level, &page))
			return -1;
		last = add_page(last, page);
	}
	return write_pieces(s, last);
}

/* The record of pages [first, first + n): numbers and types, then the contents of those with any. */
static int write_batch(struct save *s, uint64_t first, unsigned int n)
{
	struct {
		struct stream_rhdr h;
		uint32_t count, res; /* as struct rec_page_data */
		uint64_t pfn[BATCH_PAGES];
	} head = { .h.type = REC_PAGE_DATA, .count = n };
	xen_pfn_t with_data[BATCH_PAGES];
	unsigned int data = 0;
	char *map = NULL;
	int rc;

	if (batch_types(s, first, n))
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		head.pfn[i] = (first + i) | (uint64_t)s->types[i] << PAGE_DATA_TYPE_SHIFT;
		if (page_has_data((uint32_t)s->types[i])) {
			with_data[data] = s->frames[i];
			s->types[data++] = s->types[i];
		}
	}
	if (data) {
		map = xenforeignmemory_map(s->xch->fmem, s->domid, PROT_READ, data, with_data, NULL);
		if (!map)
			return save_fail(s, "cannot map its memory");
	}
	s->iov[0].iov_base = &head;
	s->iov[0].iov_len = offsetof(__typeof__(head), pfn) + n * sizeof(head.pfn[0]);
	/* Everything is a multiple of 8 bytes: no padding. */
	head.h.length = (uint32_t)(s->iov[0].iov_len - sizeof(head.h) + ((size_t)data << XC_PAGE_SHIFT));
	rc = write_contents(s, map, data);
	if (map)
		unmap_batch(s, map, data);
	return rc;
}

static int write_memory(struct save *s)
{
	const uint64_t nr = s->p2m.max_pfn + 1;
	uint64_t pfn;

	xc_set_progress_prefix(s->xch, "Frames");
	for (pfn = 0; pfn < nr; pfn += BATCH_PAGES) {
		const unsigned int n = nr - pfn < BATCH_PAGES ? (unsigned int)(nr - pfn) : BATCH_PAGES;

		if (write_batch(s, pfn, n))
			return -1;
		xc_report_progress_step(s->xch, pfn + n, nr);
	}
	xc_set_progress_prefix(s->xch, NULL);
	return 0;
}

/* --- vCPUs */

static int frame_out(struct save *s, uint64_t mfn, uint64_t *pfn, const char *what)
{
	if (to_pfn(s, mfn, pfn))
		return 0;
	errno = ERANGE;
	xc_fail(s->xch, XC_INTERNAL_ERROR, "saving domain %u: %s is at frame 0x%llx, which is not its own",
		s->domid, what, (unsigned long long)mfn);
	return -1;
}

static int vcpu_basic(struct save *s, uint32_t id)
{
	struct rec_vcpu_hdr h = { .vcpu_id = id };
	vcpu_guest_context_any_t any;
	vcpu_guest_context_x86_64_t *c = &any.x64;
	uint64_t pfn;

	if (xc_vcpu_getcontext(s->xch, s->domid, id, &any))
		return save_fail(s, "cannot get the state of a vCPU");
	/* The suspending vCPU has its start_info in the third argument. */
	if (id == 0) {
		if (frame_out(s, c->user_regs.rdx, &pfn, "start_info"))
			return -1;
		c->user_regs.rdx = pfn;
	}
	if (c->gdt_ents > 8192) {
		errno = ERANGE;
		return save_fail(s, "a vCPU's GDT is too large");
	}
	for (uint64_t i = 0; i * 512 < c->gdt_ents; i++) {
		if (frame_out(s, c->gdt_frames[i], &pfn, "a GDT"))
			return -1;
		c->gdt_frames[i] = pfn;
	}
	if (frame_out(s, xen_cr3_to_pfn_x86_64(c->ctrlreg[3]), &pfn, "CR3"))
		return -1;
	c->ctrlreg[3] = xen_pfn_to_cr3_x86_64(pfn);
	if (c->ctrlreg[1]) {
		if (frame_out(s, c->ctrlreg[1] >> XC_PAGE_SHIFT, &pfn, "the user's CR3"))
			return -1;
		c->ctrlreg[1] = 1 | pfn << XC_PAGE_SHIFT;
	}
	return write_rec(s, REC_X86_PV_VCPU_BASIC, &h, sizeof(h), c, sizeof(*c));
}

static int vcpu_extended(struct save *s, uint32_t id)
{
	struct rec_vcpu_hdr h = { .vcpu_id = id };
	DOMCTL(d, get_ext_vcpucontext, s->domid);

	d.u.ext_vcpucontext.vcpu = id;
	if (xc_do_domctl(s->xch, &d))
		return save_fail(s, "cannot get the extended state of a vCPU");
	return write_rec(s, REC_X86_PV_VCPU_EXTENDED, &h, sizeof(h), &d.u.ext_vcpucontext,
			 sizeof(d.u.ext_vcpucontext));
}

static int vcpu_xsave(struct save *s, uint32_t id)
{
	struct rec_vcpu_hdr h = { .vcpu_id = id };
	xc_vcpu_extstate_t x = { 0 };
	int rc;

	/* Without XSAVE on the host there is none. */
	if (xc_vcpu_get_extstate(s->xch, s->domid, id, &x))
		return errno == EOPNOTSUPP || errno == EINVAL ? 0 : save_fail(s, "cannot get the XSAVE state of a vCPU");
	if (!x.size)
		return 0;
	x.buffer = calloc(1, x.size);
	if (!x.buffer)
		return save_fail(s, "no memory for the XSAVE state of a vCPU");
	rc = xc_vcpu_get_extstate(s->xch, s->domid, id, &x);
	if (rc)
		save_fail(s, "cannot get the XSAVE state of a vCPU");
	else if (x.size)
		rc = write_rec(s, REC_X86_PV_VCPU_XSAVE, &h, sizeof(h), x.buffer, x.size);
	free(x.buffer);
	return rc;
}

static int msrs_op(struct save *s, uint32_t id, void *buf, uint32_t *count)
{
	DOMCTL(d, get_vcpu_msrs, s->domid);
	xc_hypercall_buffer_t b = XC_BOUNCE(buf, *count * sizeof(xen_domctl_vcpu_msr_t), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(s->xch, all, 1))
		return -1;
	d.u.vcpu_msrs.vcpu = id;
	d.u.vcpu_msrs.msr_count = *count;
	set_handle(d.u.vcpu_msrs.msrs, b);
	rc = xc_domctl_with(s->xch, &d, &b);
	*count = d.u.vcpu_msrs.msr_count;
	return rc;
}

static int vcpu_msrs(struct save *s, uint32_t id)
{
	struct rec_vcpu_hdr h = { .vcpu_id = id };
	xen_domctl_vcpu_msr_t *msrs;
	uint32_t count = 0;
	int rc;

	if (msrs_op(s, id, NULL, &count))
		return save_fail(s, "cannot get the number of a vCPU's MSRs");
	if (!count)
		return 0;
	msrs = calloc(count, sizeof(*msrs));
	if (!msrs)
		return save_fail(s, "no memory for a vCPU's MSRs");
	rc = msrs_op(s, id, msrs, &count);
	if (rc)
		save_fail(s, "cannot get a vCPU's MSRs");
	else if (count)
		rc = write_rec(s, REC_X86_PV_VCPU_MSRS, &h, sizeof(h), msrs, count * sizeof(*msrs));
	free(msrs);
	return rc;
}

static int write_vcpus(struct save *s)
{
	xc_vcpuinfo_t v;

	for (uint32_t i = 0; i <= s->info.max_vcpu_id; i++) {
		if (xc_vcpu_getinfo(s->xch, s->domid, i, &v))
			return save_fail(s, "cannot get information on a vCPU");
		if (v.online && (vcpu_basic(s, i) || vcpu_extended(s, i) || vcpu_xsave(s, i) || vcpu_msrs(s, i)))
			return -1;
	}
	return 0;
}

static int write_tsc(struct save *s)
{
	struct rec_tsc_info t = { 0 };
	uint64_t nsec;

	if (xc_domain_get_tsc_info(s->xch, s->domid, &t.mode, &nsec, &t.khz, &t.incarnation))
		return save_fail(s, "cannot get its TSC");
	t.nsec = nsec;
	return write_rec(s, REC_X86_TSC_INFO, &t, sizeof(t), NULL, 0);
}

/* --- in order */

static int get_info(struct save *s)
{
	if (xc_domain_getinfolist(s->xch, s->domid, 1, &s->info) == 1 && s->info.domain == s->domid)
		return 0;
	errno = ESRCH;
	return save_fail(s, "there is no such domain");
}

static int check_kind(struct save *s)
{
	unsigned int width;

	if (get_info(s))
		return -1;
	errno = EOPNOTSUPP;
	if (s->info.flags & XEN_DOMINF_hvm_guest)
		return save_fail(s, "HVM and PVH guests cannot be saved yet");
	if (xc_domain_get_guest_width(s->xch, s->domid, &width))
		return save_fail(s, "cannot tell 32-bit from 64-bit guests");
	errno = EOPNOTSUPP;
	return width == 8 ? 0 : save_fail(s, "32-bit PV guests cannot be saved");
}

static int suspend(struct save *s, struct save_callbacks *cb)
{
	if (!cb->suspend(cb->data)) {
		errno = errno ? errno : EIO;
		return save_fail(s, "the guest did not suspend");
	}
	if (get_info(s))
		return -1;
	if (s->info.flags & XEN_DOMINF_shutdown &&
	    (s->info.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask) == SHUTDOWN_suspend)
		return 0;
	errno = EINVAL;
	return save_fail(s, "the guest stopped for another reason than a suspend");
}

static int open_memory(struct save *s)
{
	s->shared = xc_map_foreign_range(s->xch, s->domid, XC_PAGE_SIZE, PROT_READ, s->info.shared_info_frame);
	if (!s->shared)
		return save_fail(s, "cannot map its shared info");
	if (xc_maximum_ram_page(s->xch, &s->max_mfn))
		return save_fail(s, "cannot get the size of the host's memory");
	s->m2p = xc_map_m2p(s->xch, s->max_mfn, PROT_READ, NULL);
	s->tables = malloc(BATCH_PAGES * XC_PAGE_SIZE);
	if (!s->m2p || !s->tables)
		return save_fail(s, "no memory for its page tables");
	return pv_p2m_map(s->xch, &s->info, s->shared, &s->p2m);
}

static void close_memory(struct save *s)
{
	const int saved = errno;

	pv_p2m_unmap(s->xch, &s->p2m);
	free(s->tables);
	if (s->m2p)
		munmap(s->m2p, m2p_bytes(s->max_mfn));
	if (s->shared)
		munmap(s->shared, XC_PAGE_SIZE);
	errno = saved;
}

static int write_stream(struct save *s, uint32_t flags)
{
	s->leaves_holes = may_leave_holes(s->fd);
	if (write_static(s) || write_p2m_frames(s) || write_memory(s))
		return -1;
	/* For tests: all of it again, to be compared at the other end. */
	if (flags & XCFLAGS_DEBUG && (write_rec(s, REC_VERIFY, NULL, 0, NULL, 0) || write_memory(s)))
		return -1;
	if (write_tsc(s) || write_rec(s, REC_SHARED_INFO, s->shared, XC_PAGE_SIZE, NULL, 0) || write_vcpus(s))
		return -1;
	return write_rec(s, REC_END, NULL, 0, NULL, 0);
}

int xc_domain_save(xc_interface *xch, int io_fd, uint32_t dom, uint32_t flags, struct save_callbacks *callbacks,
		   xc_stream_type_t stream_type, int recv_fd)
{
	struct save *s = calloc(1, sizeof(*s));
	int rc = -1, saved;

	if (!s)
		return -1;
	s->xch = xch;
	s->fd = io_fd;
	s->domid = dom;
	errno = EOPNOTSUPP;
	if (stream_type != XC_STREAM_PLAIN)
		save_fail(s, "checkpointed streams are not supported");
	else if (flags & XCFLAGS_LIVE)
		save_fail(s, "live migration of PV guests needs dirty tracking, which is not there yet");
	else if (!check_kind(s) && !suspend(s, callbacks) && !open_memory(s))
		rc = write_stream(s, flags);
	saved = errno;
	close_memory(s);
	free(s);
	errno = saved;
	return rc;
}
