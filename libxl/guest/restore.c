// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Restore a PV guest. Pages are read straight into the new domain's memory; page tables get their
 * machine frames there. What the stream says is checked at every step: a stream that is cut off
 * or garbled ends in an error, and the caller destroys the domain.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include "restore.h"

int restore_fail(struct restore *r, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!errno)
		errno = EINVAL;
	xc_fail(r->xch, XC_INTERNAL_ERROR, "restoring domain %u: %s", r->domid, text);
	return -1;
}

/* --- reading */

static int read_stream(struct restore *r, void *to, size_t size)
{
	if (!read_exact(r->fd, to, size))
		return 0;
	if (!errno) {
		errno = EPIPE;
		return restore_fail(r, "the stream is cut off");
	}
	return restore_fail(r, "cannot read the stream");
}

static int read_padding(struct restore *r, uint32_t length)
{
	char pad[REC_ALIGN];

	return read_stream(r, pad, -length & (REC_ALIGN - 1));
}

/* A whole body in memory, for all but pages. */
static int read_body(struct restore *r, uint32_t length, void **body)
{
	*body = malloc(length ? length : 1);
	if (!*body)
		return restore_fail(r, "no memory for a record of %u bytes", length);
	if (!read_stream(r, *body, length) && !read_padding(r, length))
		return 0;
	free(*body);
	*body = NULL;
	return -1;
}

/* --- static data */

static int on_pv_info(struct restore *r, void *body, uint32_t length)
{
	const struct rec_pv_info *info = body;

	if (length < sizeof(*info) || info->guest_width != 8 || info->pt_levels != 4) {
		errno = EOPNOTSUPP;
		return restore_fail(r, "the guest is not a 64-bit PV one");
	}
	r->have_info = true;
	return 0;
}

static int on_policy(struct restore *r, void *body, uint32_t length, size_t entry, void **list, uint32_t *nr)
{
	if (!length || length % entry)
		return restore_fail(r, "a CPU policy has a wrong length");
	free(*list);
	*list = malloc(length);
	if (!*list)
		return restore_fail(r, "no memory for a CPU policy");
	memcpy(*list, body, length);
	*nr = length / (uint32_t)entry;
	return 0;
}

static int on_cpuid(struct restore *r, void *body, uint32_t length)
{
	return on_policy(r, body, length, sizeof(xen_cpuid_leaf_t), (void **)&r->leaves, &r->nr_leaves);
}

static int on_msrs(struct restore *r, void *body, uint32_t length)
{
	return on_policy(r, body, length, sizeof(xen_msr_entry_t), (void **)&r->msrs, &r->nr_msrs);
}

static int static_done(struct restore *r)
{
	unsigned int missing = (r->leaves ? 0 : XGR_SDD_MISSING_CPUID) | (r->msrs ? 0 : XGR_SDD_MISSING_MSR);
	uint32_t leaf, subleaf, msr;

	if (r->static_done)
		return 0;
	if (!r->have_info)
		return restore_fail(r, "the stream does not say what kind of guest it holds");
	r->static_done = true;
	/* Streams of old have no policies: the caller chooses them. */
	if (missing && r->callbacks && r->callbacks->static_data_done &&
	    r->callbacks->static_data_done(missing, r->callbacks->data))
		return restore_fail(r, "no CPU policy could be made for a stream without one");
	if ((r->leaves || r->msrs) &&
	    xc_set_domain_cpu_policy(r->xch, r->domid, r->nr_leaves, r->leaves, r->nr_msrs, r->msrs, &leaf, &subleaf,
				     &msr))
		return restore_fail(r, "this host's CPU lacks what the guest was promised (CPUID leaf 0x%x, "
				    "subleaf 0x%x, MSR 0x%x)", leaf, subleaf, msr);
	if (!missing && r->callbacks && r->callbacks->static_data_done)
		return r->callbacks->static_data_done(0, r->callbacks->data) ? -1 : 0;
	return 0;
}

static int on_static_end(struct restore *r, void *body, uint32_t length)
{
	return static_done(r);
}

/* --- frame list */

static int on_p2m_frames(struct restore *r, void *body, uint32_t length)
{
	const struct rec_p2m_frames *f = body;
	uint64_t n;

	if (static_done(r))
		return -1;
	if (r->p2m_pfns || length < sizeof(*f) || f->start_pfn || f->end_pfn >= UINT32_MAX)
		return restore_fail(r, "the frame list's record is wrong");
	n = f->end_pfn / P2M_PER_PAGE + 1;
	if (length != sizeof(*f) + n * sizeof(f->p2m_pfns[0]))
		return restore_fail(r, "the frame list's record is wrong: %u bytes for %llu pages", length,
				    (unsigned long long)n);
	r->nr_pfns = (uint64_t)f->end_pfn + 1;
	r->nr_p2m_pfns = n;
	r->p2m_pfns = malloc(n * sizeof(*r->p2m_pfns));
	r->p2m = malloc(r->nr_pfns * sizeof(*r->p2m));
	r->pages = calloc(r->nr_pfns, sizeof(*r->pages));
	if (!r->p2m_pfns || !r->p2m || !r->pages)
		return restore_fail(r, "no memory for the frame list");
	memcpy(r->p2m_pfns, f->p2m_pfns, n * sizeof(*r->p2m_pfns));
	memset(r->p2m, 0xff, r->nr_pfns * sizeof(*r->p2m));
	for (uint64_t i = 0; i < n; i++)
		if (r->p2m_pfns[i] >= r->nr_pfns)
			return restore_fail(r, "the frame list lies outside of the guest's memory");
	return 0;
}

/* --- the rest, once */

static int on_tsc(struct restore *r, void *body, uint32_t length)
{
	const struct rec_tsc_info *t = body;

	if (length < sizeof(*t))
		return restore_fail(r, "the TSC's record is too short");
	if (xc_domain_set_tsc_info(r->xch, r->domid, t->mode, t->nsec, t->khz, t->incarnation))
		return restore_fail(r, "cannot set its TSC");
	return 0;
}

static int on_shared(struct restore *r, void *body, uint32_t length)
{
	const shared_info_t *old = body;
	shared_info_t *s;

	if (length != XC_PAGE_SIZE)
		return restore_fail(r, "the shared info has %u bytes", length);
	s = xc_map_foreign_range(r->xch, r->domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE, r->shared_frame);
	if (!s)
		return restore_fail(r, "cannot map its shared info");
	/* Time and wall clock are the hypervisor's; event channels are gone, all masked. */
	memcpy(s->vcpu_info, old->vcpu_info, sizeof(s->vcpu_info));
	memcpy(&s->arch, &old->arch, sizeof(s->arch));
	s->arch.pfn_to_mfn_frame_list_list = 0;
	memset(s->evtchn_pending, 0, sizeof(s->evtchn_pending));
	memset(s->evtchn_mask, 0xff, sizeof(s->evtchn_mask));
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		s->vcpu_info[i].evtchn_pending_sel = 0;
	munmap(s, XC_PAGE_SIZE);
	return 0;
}

static int on_verify(struct restore *r, void *body, uint32_t length)
{
	r->verify = true;
	return 0;
}

static int on_checkpoint(struct restore *r, void *body, uint32_t length)
{
	errno = EOPNOTSUPP;
	return restore_fail(r, "checkpointed streams are not supported");
}

static int on_end(struct restore *r, void *body, uint32_t length)
{
	r->end = true;
	return 0;
}

/* --- dispatch */

static const struct {
	int (*handle)(struct restore *r, void *body, uint32_t length);
	const char *name;
} records[] = {
	[REC_END] = { on_end, "end" },
	[REC_X86_PV_INFO] = { on_pv_info, "PV info" },
	[REC_X86_PV_P2M_FRAMES] = { on_p2m_frames, "frame list" },
	[REC_X86_PV_VCPU_BASIC] = { restore_vcpu_basic, "vCPU" },
	[REC_X86_PV_VCPU_EXTENDED] = { restore_vcpu_extended, "vCPU" },
	[REC_X86_PV_VCPU_XSAVE] = { restore_vcpu_xsave, "vCPU" },
	[REC_X86_PV_VCPU_MSRS] = { restore_vcpu_msrs, "vCPU" },
	[REC_SHARED_INFO] = { on_shared, "shared info" },
	[REC_X86_TSC_INFO] = { on_tsc, "TSC" },
	[REC_VERIFY] = { on_verify, "verify" },
	[REC_CHECKPOINT] = { on_checkpoint, "checkpoint" },
	[REC_STATIC_DATA_END] = { on_static_end, "end of static data" },
	[REC_X86_CPUID_POLICY] = { on_cpuid, "CPUID policy" },
	[REC_X86_MSR_POLICY] = { on_msrs, "MSR policy" },
};

static int one_record(struct restore *r)
{
	struct stream_rhdr h;
	void *body;
	int rc;

	if (read_stream(r, &h, sizeof(h)))
		return -1;
	errno = 0;
	if (h.length > REC_LENGTH_MAX)
		return restore_fail(r, "a record of type 0x%x has %u bytes: the stream is damaged", h.type, h.length);
	if (h.type == REC_PAGE_DATA)
		return restore_pages(r, h.length);
	if (read_body(r, h.length, &body))
		return -1;
	errno = 0;
	if (h.type < ARRAY_SIZE(records) && records[h.type].handle) {
		rc = records[h.type].handle(r, body, h.length);
	} else if (h.type & REC_OPTIONAL) {
		xc_info(r->xch, "skipping an optional record of type 0x%x", h.type);
		rc = 0;
	} else {
		errno = EOPNOTSUPP;
		rc = restore_fail(r, "records of type 0x%x are not known for PV guests", h.type);
	}
	free(body);
	return rc;
}

int restore_read(struct restore *r, void *to, size_t size)
{
	return read_stream(r, to, size);
}

int restore_pad(struct restore *r, uint32_t length)
{
	return read_padding(r, length);
}

static int read_headers(struct restore *r)
{
	struct stream_ihdr ihdr;
	struct stream_dhdr dhdr;
	struct image_err err = { 0 };
	uint32_t version;

	if (read_stream(r, &ihdr, sizeof(ihdr)) || read_stream(r, &dhdr, sizeof(dhdr)))
		return -1;
	errno = EINVAL;
	if (stream_check_headers(&ihdr, &dhdr, &version, &err))
		return restore_fail(r, "%s", err.text);
	xc_info(r->xch, "restoring domain %u from a stream of format %u, saved on %u.%u", r->domid, version,
		dhdr.xen_major, dhdr.xen_minor);
	errno = 0;
	return 0;
}

static void release(struct restore *r)
{
	const int saved = errno;

	for (uint32_t i = 0; r->vcpus && i < r->nr_vcpus; i++)
		for (int k = 0; k < VCPU_BLOBS; k++)
			free(r->vcpus[i].blob[k].data);
	free(r->vcpus);
	free(r->leaves);
	free(r->msrs);
	free(r->p2m_pfns);
	free(r->p2m);
	free(r->pages);
	free(r);
	errno = saved;
}

/* Every frame that Xenolith gives to a guest is wiped; the original promises that of no frame. */
static bool frames_come_zeroed(struct restore *r)
{
	xen_extraversion_t extra = "";

	return xc_version(r->xch, XENVER_extraversion, extra) >= 0 && strstr(extra, "-xenolith");
}

static bool is_file(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode);
}

static int prepare(struct restore *r)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(r->xch, r->domid, 1, &info) != 1 || info.domain != r->domid) {
		errno = ESRCH;
		return restore_fail(r, "there is no such domain");
	}
	if (info.flags & XEN_DOMINF_hvm_guest) {
		errno = EOPNOTSUPP;
		return restore_fail(r, "HVM and PVH guests cannot be restored yet");
	}
	r->skips_holes = is_file(r->fd) && frames_come_zeroed(r);
	r->shared_frame = info.shared_info_frame;
	r->max_pages = info.max_pages;
	r->nr_vcpus = info.max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : info.max_vcpu_id + 1;
	r->vcpus = calloc(r->nr_vcpus + 1, sizeof(*r->vcpus));
	return r->vcpus ? 0 : restore_fail(r, "no memory");
}

int xc_domain_restore(xc_interface *xch, int io_fd, uint32_t dom, unsigned int store_evtchn,
		      unsigned long *store_mfn, uint32_t store_domid, unsigned int console_evtchn,
		      unsigned long *console_mfn, uint32_t console_domid, xc_stream_type_t stream_type,
		      struct restore_callbacks *callbacks, int send_back_fd)
{
	struct restore *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return -1;
	r->xch = xch;
	r->fd = io_fd;
	r->domid = dom;
	r->callbacks = callbacks;
	r->store_evtchn = store_evtchn;
	r->store_domid = store_domid;
	r->console_evtchn = console_evtchn;
	r->console_domid = console_domid;
	errno = 0;
	if (stream_type != XC_STREAM_PLAIN)
		rc = on_checkpoint(r, NULL, 0);
	else
		rc = prepare(r) || read_headers(r) ? -1 : 0;
	xc_set_progress_prefix(xch, "Frames");
	while (!rc && !r->end)
		rc = one_record(r);
	xc_set_progress_prefix(xch, NULL);
	if (!rc)
		rc = restore_finish(r);
	if (!rc) {
		*store_mfn = r->store_mfn;
		*console_mfn = r->console_mfn;
	}
	release(r);
	return rc;
}
