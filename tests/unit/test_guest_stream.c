// SPDX-License-Identifier: GPL-2.0-only
/*
 * Save and restore over a fake hypervisor: memory is a file, frames are its pages. A guest with
 * page tables, holes and two vCPUs is saved, restored into other frames, and compared; then the
 * stream is cut and garbled, and each restore must end in success or in words, under ASan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest_internal.h"
#include "stream.h"
#include "toolcore_internal.h"

#define NR_FRAMES 4096
#define MOST_PFNS 900
#define NR_VCPUS  2

static uint64_t nr_pfns = MOST_PFNS, hole_pfn = 500; /* of the guest */
static int mem_fd;
static uint8_t *memory; /* all frames */
static uint64_t *m2p;   /* in the last frames of memory */
#define M2P_FRAME (NR_FRAMES - 512)

static struct fake_domain {
	uint64_t shared_mfn;
	uint32_t types[NR_FRAMES];
	uint64_t next_mfn;
	vcpu_guest_context_x86_64_t vcpu[NR_VCPUS];
	bool vcpu_set[NR_VCPUS], online[NR_VCPUS];
	uint8_t xsave[NR_VCPUS][576];
	uint32_t tsc_khz;
	unsigned int pins, seeds;
	uint64_t max_pages;
	char error[1024];
} src, dst, *cur;

static uint8_t *frame(uint64_t mfn)
{
	return memory + mfn * 4096;
}

/* --- failures on demand */

static long calls, fail_at = -1;
static bool watch;

static bool fails(void)
{
	if (!watch || ++calls != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
static size_t largest; /* allocation */
void *__wrap_malloc(size_t n)
{
	largest = n > largest ? n : largest;
	return fails() ? NULL : __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t m)
{
	largest = n * m > largest ? n * m : largest;
	return fails() ? NULL : __real_calloc(n, m);
}

/* --- what the library calls */

void xc_report_error(xc_interface *xch, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(cur->error, sizeof(cur->error), fmt, args);
	va_end(args);
}
void xc_report(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code, const char *fmt, ...) {}
const char *xc_set_progress_prefix(xc_interface *xch, const char *doing) { return NULL; }
void xc_report_progress_step(xc_interface *xch, unsigned long done, unsigned long total) {}

int read_exact(int fd, void *data, size_t size)
{
	for (char *p = data; size;) {
		ssize_t n = read(fd, p, size);

		if (n <= 0) {
			errno = 0;
			return -1;
		}
		p += n;
		size -= (size_t)n;
	}
	return 0;
}
int write_exact(int fd, const void *data, size_t size)
{
	if (fails())
		return -1;
	return write(fd, data, size) == (ssize_t)size ? 0 : -1;
}
int writev_exact(int fd, const struct iovec *iov, int n)
{
	for (int i = 0; i < n; i++)
		if (iov[i].iov_len && write_exact(fd, iov[i].iov_base, iov[i].iov_len))
			return -1;
	return 0;
}

int xc_bounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i]->hbuf = b[i]->ubuf;
	if (!fails())
		return 0;
	strcpy(cur->error, "no memory for a hypercall argument");
	return -1;
}
void xc_unbounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n) {}

static const char *extra_version = ".0";
int xc_version(xc_interface *xch, int cmd, void *arg)
{
	if (cmd == XENVER_extraversion)
		strcpy(arg, extra_version);
	return 4 << 16 | 17;
}
xc_cpu_policy_t *xc_cpu_policy_init(void) { return malloc(1); }
void xc_cpu_policy_destroy(xc_cpu_policy_t *p) { free(p); }
int xc_cpu_policy_get_size(xc_interface *xch, uint32_t *l, uint32_t *m) { *l = 3; *m = 1; return 0; }
int xc_cpu_policy_get_domain(xc_interface *xch, uint32_t d, xc_cpu_policy_t *p) { return 0; }
int xc_cpu_policy_serialise(xc_interface *xch, const xc_cpu_policy_t *p, xen_cpuid_leaf_t *l, uint32_t *nl,
			    xen_msr_entry_t *m, uint32_t *nm)
{
	l[1].leaf = 7;
	*nl = 2;
	m[0].idx = 0xce;
	*nm = 1;
	return 0;
}
int xc_set_domain_cpu_policy(xc_interface *xch, uint32_t domid, uint32_t nl, xen_cpuid_leaf_t *l, uint32_t nm,
			     xen_msr_entry_t *m, uint32_t *a, uint32_t *b, uint32_t *c) { return 0; }

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max, xc_domaininfo_t *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = 1;
	info->flags = XEN_DOMINF_shutdown | SHUTDOWN_suspend << XEN_DOMINF_shutdownshift;
	info->shared_info_frame = cur->shared_mfn;
	info->max_vcpu_id = NR_VCPUS - 1;
	info->max_pages = cur->max_pages;
	info->tot_pages = nr_pfns;
	return 1;
}
int xc_domain_get_guest_width(xc_interface *xch, uint32_t domid, unsigned int *w) { *w = 8; return fails() ? -1 : 0; }
int xc_maximum_ram_page(xc_interface *xch, unsigned long *max) { *max = M2P_FRAME; return fails() ? -1 : 0; }
int xc_machphys_mfn_list(xc_interface *xch, unsigned long n, xen_pfn_t *list)
{
	for (unsigned long i = 0; i < n; i++)
		list[i] = M2P_FRAME + i * 512;
	return 0;
}

static size_t mapped; /* pages, ever */

static void *map(size_t n, const xen_pfn_t *mfns)
{
	uint8_t *p;

	if (fails())
		return NULL;
	mapped += n;
	p = mmap(NULL, n * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < n; i++) {
		if (mfns[i] >= NR_FRAMES) {
			munmap(p, n * 4096);
			errno = EINVAL;
			return NULL;
		}
		mmap(p + i * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, mem_fd, (off_t)mfns[i] * 4096);
	}
	return p;
}
void *xenforeignmemory_map(xenforeignmemory_handle *f, uint32_t dom, int prot, size_t n, const xen_pfn_t arr[],
			   int err[]) { return map(n, arr); }
void *xc_map_foreign_range(xc_interface *xch, uint32_t dom, int size, int prot, unsigned long mfn)
{
	xen_pfn_t one = mfn;

	return map(1, &one);
}
void *xc_map_foreign_ranges(xc_interface *xch, uint32_t dom, size_t size, int prot, size_t chunk,
			    struct privcmd_mmap_entry *entries, int n)
{
	return mmap(NULL, size, PROT_READ, MAP_SHARED, mem_fd, (off_t)M2P_FRAME * 4096);
}
int xc_get_pfn_type_batch(xc_interface *xch, uint32_t dom, unsigned int n, xen_pfn_t *arr)
{
	for (unsigned int i = 0; i < n; i++)
		arr[i] = arr[i] < NR_FRAMES ? cur->types[arr[i]] : XEN_DOMCTL_PFINFO_XTAB;
	return fails() ? -1 : 0;
}

int xc_vcpu_getinfo(xc_interface *xch, uint32_t domid, uint32_t v, xc_vcpuinfo_t *info)
{
	info->online = cur->online[v];
	return fails() ? -1 : 0;
}
int xc_vcpu_getcontext(xc_interface *xch, uint32_t domid, uint32_t v, vcpu_guest_context_any_t *c)
{
	c->x64 = cur->vcpu[v];
	return fails() ? -1 : 0;
}
int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t v, vcpu_guest_context_any_t *c)
{
	cur->vcpu[v] = c->x64;
	cur->vcpu_set[v] = true;
	return fails() ? -1 : 0;
}
int xc_vcpu_get_extstate(xc_interface *xch, uint32_t domid, uint32_t v, xc_vcpu_extstate_t *x)
{
	if (x->buffer)
		memcpy(x->buffer, cur->xsave[v], sizeof(cur->xsave[v]));
	x->size = sizeof(cur->xsave[v]);
	return 0;
}
int xc_do_domctl(xc_interface *xch, struct xen_domctl *d)
{
	if (d->cmd == XEN_DOMCTL_get_ext_vcpucontext)
		d->u.ext_vcpucontext.size = sizeof(d->u.ext_vcpucontext);
	return fails() ? -1 : 0;
}
int xc_do_sysctl(xc_interface *xch, struct xen_sysctl *s) { return 0; }
int xc_domctl_with(xc_interface *xch, struct xen_domctl *d, xc_hypercall_buffer_t *b)
{
	if (d->cmd == XEN_DOMCTL_get_vcpu_msrs)
		d->u.vcpu_msrs.msr_count = b->hbuf ? 1 : 2;
	if (d->cmd == XEN_DOMCTL_setvcpuextstate && b->sz == sizeof(cur->xsave[0]))
		memcpy(cur->xsave[d->u.vcpuextstate.vcpu], b->hbuf, b->sz);
	return 0;
}
int xc_domain_get_tsc_info(xc_interface *xch, uint32_t domid, uint32_t *mode, uint64_t *ns, uint32_t *khz, uint32_t *inc)
{
	*mode = 1;
	*ns = 5;
	*khz = cur->tsc_khz;
	*inc = 0;
	return 0;
}
int xc_domain_set_tsc_info(xc_interface *xch, uint32_t domid, uint32_t mode, uint64_t ns, uint32_t khz, uint32_t inc)
{
	cur->tsc_khz = khz;
	return 0;
}
static bool fragmented;
int xc_domain_populate_physmap(xc_interface *xch, uint32_t domid, unsigned long n, unsigned int order,
			       unsigned int flags, xen_pfn_t *list)
{
	for (unsigned long i = 0; i < n; i++) {
		const uint64_t first = cur->next_mfn;

		if (fails() || first + (1UL << order) > M2P_FRAME || (order && fragmented))
			return (int)i;
		for (; cur->next_mfn < first + (1UL << order); cur->next_mfn++)
			m2p[cur->next_mfn] = list[i] + cur->next_mfn - first;
		list[i] = first;
	}
	return (int)n;
}
int xc_domain_populate_physmap_exact(xc_interface *xch, uint32_t domid, unsigned long n, unsigned int order,
				     unsigned int flags, xen_pfn_t *list)
{
	if (xc_domain_populate_physmap(xch, domid, n, order, flags, list) == (int)n)
		return 0;
	errno = ENOMEM;
	return -1;
}
int xc_mmuext_op(xc_interface *xch, struct mmuext_op *op, unsigned int n, uint32_t dom)
{
	cur->pins += n;
	return fails() ? -1 : 0;
}
int xc_dom_gnttab_seed(xc_interface *xch, uint32_t domid, bool hvm, xen_pfn_t c, xen_pfn_t s, uint32_t cd, uint32_t sd)
{
	cur->seeds++;
	return 0;
}

/* --- a guest: frames from 100 on, in reverse, so that nothing agrees by chance */

static uint64_t mfn_of(uint64_t pfn)
{
	return 100 + nr_pfns - pfn;
}

enum { P2M_PFN = 10, L4_PFN = 20, L3_PFN, L2_PFN, L1_PFN, GDT_PFN, SI_PFN, STORE_PFN, CONSOLE_PFN };

static void make_guest(void)
{
	shared_info_t *shared;
	start_info_t *si;
	uint64_t *p2m;

	memset(memory, 0, (size_t)NR_FRAMES * 4096);
	memset(&src, 0, sizeof(src));
	cur = &src;
	src.shared_mfn = 50;
	src.tsc_khz = 1234;
	for (uint64_t pfn = 0; pfn < nr_pfns; pfn++) {
		m2p[mfn_of(pfn)] = pfn;
		for (int i = 0; i < 512; i++)
			((uint64_t *)frame(mfn_of(pfn)))[i] = pfn * 1000 + (uint64_t)i;
		p2m = (uint64_t *)frame(mfn_of(P2M_PFN + pfn / 512));
		p2m[pfn % 512] = mfn_of(pfn);
	}
	/* pages 0 and 1 of the list were overwritten above by their own pattern: write it again */
	for (uint64_t pfn = 0; pfn < nr_pfns; pfn++)
		((uint64_t *)frame(mfn_of(P2M_PFN + pfn / 512)))[pfn % 512] = pfn == hole_pfn ? ~0ULL : mfn_of(pfn);
	for (int t = L4_PFN; t <= L1_PFN; t++)
		memset(frame(mfn_of((uint64_t)t)), 0, 4096);
	/* the list is linear at 0x8000000000: slot 1 of L4, slot 0 below */
	((uint64_t *)frame(mfn_of(L4_PFN)))[1] = mfn_of(L3_PFN) << 12 | 7;
	((uint64_t *)frame(mfn_of(L4_PFN)))[256] = 0x123457; /* the hypervisor's */
	((uint64_t *)frame(mfn_of(L3_PFN)))[0] = mfn_of(L2_PFN) << 12 | 7;
	((uint64_t *)frame(mfn_of(L2_PFN)))[0] = mfn_of(L1_PFN) << 12 | 7;
	((uint64_t *)frame(mfn_of(L1_PFN)))[0] = mfn_of(P2M_PFN) << 12 | 7;
	((uint64_t *)frame(mfn_of(L1_PFN)))[1] = mfn_of(P2M_PFN + 1) << 12 | 7;
	((uint64_t *)frame(mfn_of(L1_PFN)))[2] = mfn_of(nr_pfns - 1) << 12 | 0x8000000000000005;
	src.types[mfn_of(L4_PFN)] = XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB;
	src.types[mfn_of(L3_PFN)] = XEN_DOMCTL_PFINFO_L3TAB;
	src.types[mfn_of(L2_PFN)] = XEN_DOMCTL_PFINFO_L2TAB;
	src.types[mfn_of(L1_PFN)] = XEN_DOMCTL_PFINFO_L1TAB;
	shared = (shared_info_t *)frame(src.shared_mfn);
	shared->arch.max_pfn = nr_pfns;
	shared->arch.p2m_cr3 = mfn_of(L4_PFN) << 12;
	shared->arch.p2m_vaddr = 0x8000000000;
	shared->vcpu_info[1].arch.cr2 = 77;
	shared->evtchn_pending[3] = 5;
	si = (start_info_t *)frame(mfn_of(SI_PFN));
	memset(si, 0, 4096);
	si->store_mfn = STORE_PFN;
	si->console.domU.mfn = CONSOLE_PFN;
	for (int v = 0; v < NR_VCPUS; v++) {
		src.online[v] = true;
		src.vcpu[v].user_regs.rip = 0x1000 + (uint64_t)v;
		src.vcpu[v].user_regs.rdx = mfn_of(SI_PFN);
		src.vcpu[v].gdt_ents = 32;
		src.vcpu[v].gdt_frames[0] = mfn_of(GDT_PFN);
		src.vcpu[v].ctrlreg[3] = mfn_of(L4_PFN) << 12;
		src.vcpu[v].ctrlreg[1] = v ? 0 : mfn_of(L4_PFN) << 12;
		memset(src.xsave[v], 0x40 + v, sizeof(src.xsave[v]));
	}
}

static int did_suspend(void *data)
{
	return 1;
}

static unsigned int open_flags;

static int save_into(int fd, uint32_t flags)
{
	struct save_callbacks cb = { .suspend = did_suspend };
	struct xc_interface_core xch = { .flags = open_flags };

	cur = &src;
	if (xc_domain_save(&xch, fd, 1, flags, &cb, XC_STREAM_PLAIN, -1))
		fail_msg("%s", src.error);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static int save_to(uint32_t flags)
{
	return save_into(memfd_create("stream", 0), flags);
}

/* All that is in a file, in a copy that may be changed. */
static uint8_t *whole(int fd, size_t *size)
{
	*size = (size_t)lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	return mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
}

static int restore_from(int fd)
{
	static struct xc_interface_core xch;
	struct restore_callbacks cb = { 0 };
	unsigned long store = 0, console = 0;
	int rc;

	memset(&dst, 0, sizeof(dst));
	cur = &dst;
	dst.shared_mfn = 60;
	dst.next_mfn = 1500;
	dst.max_pages = nr_pfns + 8;
	rc = xc_domain_restore(&xch, fd, 1, 11, &store, 0, 12, &console, 0, XC_STREAM_PLAIN, &cb, -1);
	if (!rc) {
		assert_int_equal(m2p[store], STORE_PFN);
		assert_int_equal(m2p[console], CONSOLE_PFN);
	}
	return rc;
}

static uint64_t *restored(uint64_t pfn)
{
	for (uint64_t mfn = 1500; mfn < dst.next_mfn; mfn++)
		if (m2p[mfn] == pfn)
			return (uint64_t *)frame(mfn);
	return NULL;
}

/* Pages of zeros: long runs, beside a page that is missing and across two records, and a short one. */
static uint64_t nr_zero;
static const uint64_t zero_runs[][2] = { { 40, 499 }, { 501, 600 }, { 610, 613 }, { 700, 898 } };

static bool made_zero(uint64_t pfn)
{
	for (size_t i = 0; nr_zero && i < sizeof(zero_runs) / sizeof(zero_runs[0]); i++)
		if (pfn >= zero_runs[i][0] && pfn <= zero_runs[i][1])
			return true;
	return false;
}

static void make_zero(void)
{
	nr_zero = 1;
	for (uint64_t pfn = 0; pfn < nr_pfns; pfn++)
		if (made_zero(pfn) && ++nr_zero)
			memset(frame(mfn_of(pfn)), 0, 4096);
	nr_zero--;
}

static void check_restored(void)
{
	uint64_t *page, mfn;
	start_info_t *si;
	shared_info_t *shared;

	for (uint64_t pfn = CONSOLE_PFN + 1; pfn < nr_pfns; pfn++) {
		page = restored(pfn);
		if (pfn == hole_pfn) {
			assert_null(page);
			continue;
		}
		if (made_zero(pfn))
			assert_true(!page[0] && !memcmp(page, page + 1, 4088));
		else
			assert_int_equal(page[3], pfn * 1000 + 3);
	}
	/* the list names the new frames, the page tables too, and nothing of the old ones is left */
	for (uint64_t pfn = 0; pfn < nr_pfns; pfn++) {
		mfn = restored(P2M_PFN + pfn / 512)[pfn % 512];
		if (pfn == hole_pfn)
			assert_true(mfn == ~0ULL);
		else
			assert_int_equal(m2p[mfn], pfn);
	}
	assert_int_equal(m2p[restored(L1_PFN)[2] >> 12 & 0xffffffffff], nr_pfns - 1);
	assert_int_equal(restored(L1_PFN)[2] >> 63, 1);
	assert_int_equal(restored(L4_PFN)[256], 0);
	assert_int_equal(dst.pins, 1);
	assert_int_equal(dst.seeds, 1);
	assert_int_equal(dst.tsc_khz, 1234);
	assert_true(dst.vcpu_set[0] && dst.vcpu_set[1]);
	assert_int_equal(dst.vcpu[1].user_regs.rip, 0x1001);
	assert_int_equal(m2p[dst.vcpu[0].ctrlreg[3] >> 12], L4_PFN);
	assert_int_equal(m2p[dst.vcpu[0].ctrlreg[1] >> 12], L4_PFN);
	assert_int_equal(m2p[dst.vcpu[1].gdt_frames[0]], GDT_PFN);
	for (int v = 0; v < NR_VCPUS; v++)
		for (size_t k = 0; k < sizeof(dst.xsave[v]); k++)
			assert_int_equal(dst.xsave[v][k], 0x40 + v);
	si = (start_info_t *)restored(SI_PFN);
	assert_int_equal(si->store_evtchn, 11);
	assert_int_equal(si->console.domU.evtchn, 12);
	shared = (shared_info_t *)frame(dst.shared_mfn);
	assert_int_equal(shared->vcpu_info[1].arch.cr2, 77);
	assert_int_equal(shared->evtchn_pending[3], 0);
	assert_true(shared->evtchn_mask[3] == ~0UL);
}

static void round_trip(void **state)
{
	int fd;

	make_guest();
	fd = save_to(XCFLAGS_DEBUG);
	if (restore_from(fd))
		fail_msg("%s", dst.error);
	close(fd);
	check_restored();
}

/* --- the format: stream_golden.py lays a guest of 32 pages out as the specification does */

static uint8_t *golden(size_t *size)
{
	FILE *f = fopen(getenv("STREAM_GOLDEN"), "re");
	static uint8_t bytes[1 << 20];

	assert_non_null(f);
	*size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	nr_pfns = 32;
	hole_pfn = 30;
	return bytes;
}

static int as_ever(void **state)
{
	extra_version = ".0";
	nr_zero = 0;
	nr_pfns = MOST_PFNS;
	hole_pfn = 500;
	return 0;
}

/* 2 MiB of frames at once, where there are any; and a process that ends writes what any other does. */
static void large_pieces_come_whole(void **state)
{
	int fd;

	hole_pfn = 700;
	open_flags = XC_OPENFLAG_PROCESS_ENDS;
	make_guest();
	fd = save_to(0);
	open_flags = 0;
	assert_int_equal(restore_from(fd), 0);
	check_restored();
	for (uint64_t pfn = 0; pfn < 512; pfn++)
		assert_ptr_equal(restored(pfn), restored(0) + pfn * 512);

	make_guest();
	fragmented = true;
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(restore_from(fd), 0);
	fragmented = false;
	check_restored();
	close(fd);
}

/* --- pages of zeros */

static uint64_t room_of(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return (uint64_t)st.st_blocks * 512;
}

static void assert_same_bytes(int a, int b)
{
	size_t a_size, b_size;
	uint8_t *as = whole(a, &a_size), *bs = whole(b, &b_size);

	assert_int_equal(a_size, b_size);
	assert_memory_equal(as, bs, a_size);
	munmap(as, a_size);
	munmap(bs, b_size);
}

/* A file reads the same with holes or without, and has none where others' bytes would be seen, or where writing appends. */
static void zeros_are_holes(void **state)
{
	static char rubbish[8 << 20];
	int with, without = memfd_create("stream", 0), over = memfd_create("stream", 0), behind = memfd_create("stream", 0);

	make_guest();
	make_zero();
	with = save_to(XCFLAGS_DEBUG);
	fcntl(without, F_SETFL, O_APPEND);
	save_into(without, XCFLAGS_DEBUG);
	/* Twice (the verify) two long runs, each of whose ends are in pages of the file with something in them. */
	assert_true(room_of(with) + 2 * (nr_zero - 4 - 2 * 2) * 4096 <= room_of(without));
	assert_same_bytes(with, without);

	memset(rubbish, 0x55, sizeof(rubbish));
	assert_int_equal(write(over, rubbish, sizeof(rubbish)), sizeof(rubbish));
	lseek(over, 0, SEEK_SET);
	save_into(over, XCFLAGS_DEBUG);
	assert_int_equal(ftruncate(over, lseek(with, 0, SEEK_END)), 0);
	assert_same_bytes(with, over);

	assert_int_equal(write(behind, rubbish, 100), 100);
	save_into(behind, 0);
	lseek(behind, 100, SEEK_SET);
	assert_int_equal(restore_from(behind), 0);
	check_restored();
	close(with);
	close(without);
	close(over);
	close(behind);
}

static void soil(void)
{
	memset(frame(1500), 0xee, (M2P_FRAME - 1500UL) * 4096);
}

/* Only where frames come wiped is nothing done for pages of zeros. */
static void holes_are_zeros(void **state)
{
	int fd;

	make_guest();
	make_zero();
	fd = save_to(XCFLAGS_DEBUG);
	soil();
	assert_int_equal(restore_from(fd), 0);
	check_restored();
	close(fd);

	make_guest();
	make_zero();
	fd = save_to(0);
	extra_version = ".0-xenolith";
	mapped = 0;
	assert_int_equal(restore_from(fd), 0);
	check_restored();
	assert_true(mapped < nr_pfns - nr_zero + 20);
	extra_version = ".0";
	mapped = 0;
	lseek(fd, 0, SEEK_SET);
	soil();
	assert_int_equal(restore_from(fd), 0);
	check_restored();
	assert_true(mapped > nr_pfns);
	close(fd);
}

static size_t first_pages(const uint8_t *stream)
{
	size_t at = sizeof(struct stream_ihdr) + sizeof(struct stream_dhdr);
	struct stream_rhdr h;

	for (;; at += sizeof(h) + ((h.length + 7) & ~7UL)) {
		memcpy(&h, stream + at, sizeof(h));
		if (h.type == REC_PAGE_DATA)
			return at;
	}
}

/* A record of a page with something in it, and if it is @twice there, of zeros in a hole then. */
static void add_page_record(int fd, size_t at, uint64_t pfn, bool twice)
{
	static const uint64_t page[512] = { 1, 2, 3 };
	static const uint8_t nothing[4096];
	const struct rec_page_data head = { .count = twice ? 2 : 1 };
	const uint64_t pfns[2] = { pfn, pfn };
	/* Behind a record to be skipped, so long that the contents begin with a page of the file. */
	struct stream_rhdr h = { REC_OPTIONAL, -(at + 2 * sizeof(h) + sizeof(head) + head.count * 8) & 4095 };

	write_exact(fd, &h, sizeof(h));
	write_exact(fd, nothing, h.length);
	h.type = REC_PAGE_DATA;
	h.length = (uint32_t)(sizeof(head) + head.count * (8 + 4096));
	write_exact(fd, &h, sizeof(h));
	write_exact(fd, &head, sizeof(head));
	write_exact(fd, pfns, head.count * 8);
	write_exact(fd, page, 4096);
	if (twice)
		lseek(fd, 4096, SEEK_CUR);
}

static void write_with_holes(int fd, const uint8_t *bytes, size_t size)
{
	static const uint8_t nothing[4096];

	for (size_t n; size; bytes += n, size -= n) {
		n = size < 4096 ? size : 4096;
		if (n == 4096 && !memcmp(bytes, nothing, n))
			lseek(fd, 4096, SEEK_CUR);
		else
			write_exact(fd, bytes, n);
	}
}

/* A page that came before with something else in it, in another record or in the same one, is zeros in the end as well. */
static void zeros_come_second(void **state)
{
	size_t size, at;
	uint8_t *stream;
	int good, fd;

	for (int twice = 0; twice < 2; twice++) {
		make_guest();
		make_zero();
		extra_version = ".0-xenolith";
		good = save_to(0);
		stream = whole(good, &size);
		at = first_pages(stream);
		fd = memfd_create("stream", 0);
		write_exact(fd, stream, at);
		add_page_record(fd, at, zero_runs[0][0] + 5, twice);
		write_with_holes(fd, stream + at, size - at);
		lseek(fd, 0, SEEK_SET);
		if (restore_from(fd))
			fail_msg("%s", dst.error);
		check_restored();
		munmap(stream, size);
		close(good);
		close(fd);
	}
}

/* A file that ends in a hole is a stream that was cut off. */
static void cut_in_a_hole(void **state)
{
	int fd;

	make_guest();
	make_zero();
	extra_version = ".0-xenolith";
	fd = save_to(0);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(restore_from(fd), -1);
	assert_non_null(strstr(dst.error, "cut off"));
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	assert_int_equal(restore_from(fd), -1);
	assert_true(dst.error[0] != 0);
	close(fd);
}

static void golden_is_written(void **state)
{
	size_t size, written, i;
	const uint8_t *want = golden(&size);
	uint8_t *have;
	int fd;

	make_guest();
	fd = save_to(0);
	have = whole(fd, &written);
	for (i = 0; i < size && i < written; i++)
		if (want[i] != have[i])
			fail_msg("byte %zu is 0x%02x, not 0x%02x", i, have[i], want[i]);
	assert_int_equal(written, size);
	munmap(have, written);
	close(fd);
}

static void golden_is_restored(void **state)
{
	size_t size;
	const uint8_t *stream = golden(&size);
	int fd = memfd_create("golden", 0);

	memset(memory, 0, (size_t)NR_FRAMES * 4096);
	assert_int_equal(write(fd, stream, size), size);
	lseek(fd, 0, SEEK_SET);
	if (restore_from(fd))
		fail_msg("%s", dst.error);
	check_restored();
	close(fd);
}

/* --- core dumps: what readers of the format rely on */

static int to_fd(xc_interface *xch, void *arg, char *buffer, unsigned int length)
{
	return write_exact(*(int *)arg, buffer, length);
}

static const Elf64_Shdr *section(const uint8_t *f, const char *name)
{
	const Elf64_Ehdr *eh = (const Elf64_Ehdr *)f;
	const Elf64_Shdr *s = (const Elf64_Shdr *)(f + eh->e_shoff);
	const char *names = (const char *)f + s[eh->e_shstrndx].sh_offset;

	for (int i = 0; i < eh->e_shnum; i++)
		if (!strcmp(names + s[i].sh_name, name))
			return &s[i];
	fail_msg("no section %s", name);
	return NULL;
}

static void core_dump(void **state)
{
	static struct xc_interface_core xch;
	const Elf64_Shdr *p2m, *pages;
	const uint64_t *entry;
	int fd = memfd_create("core", 0);
	uint8_t *f;
	size_t size;

	make_guest();
	if (xc_domain_dumpcore_via_callback(&xch, 1, &fd, to_fd))
		fail_msg("%s", src.error);
	f = whole(fd, &size);
	p2m = section(f, ".xen_p2m");
	pages = section(f, ".xen_pages");
	assert_int_equal(p2m->sh_size, (nr_pfns - 1) * 16);
	assert_int_equal(pages->sh_size, (nr_pfns - 1) * 4096);
	assert_true(pages->sh_offset % 4096 == 0 && pages->sh_offset + pages->sh_size <= size);
	assert_int_equal(section(f, ".xen_prstatus")->sh_size, NR_VCPUS * sizeof(vcpu_guest_context_x86_64_t));
	assert_int_equal(section(f, ".xen_shared_info")->sh_size, 4096);
	for (unsigned int i = 600; i < nr_pfns - 1; i++) {
		entry = (const uint64_t *)(f + p2m->sh_offset) + i * 2;
		assert_int_equal(entry[0], i + 1); /* behind the hole */
		assert_int_equal(entry[1], mfn_of(i + 1));
		assert_int_equal(((const uint64_t *)(f + pages->sh_offset))[i * 512 + 9], (i + 1) * 1000 + 9);
	}
	munmap(f, size);
	close(fd);
}

/* A dump that fails leaves no file that looks like a core; a device stays. */
static void failed_core_dump(void **state)
{
	static struct xc_interface_core xch;
	shared_info_t *shared = (shared_info_t *)frame(50);
	char path[] = "/tmp/coreXXXXXX";

	make_guest();
	shared->arch.max_pfn = 0;
	close(mkstemp(path));
	assert_int_equal(xc_domain_dumpcore(&xch, 1, path), -1);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(xc_domain_dumpcore(&xch, 1, path), -1);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

/* The guest lies about its memory: the save says no. */
static void lying_guests(void **state)
{
	struct save_callbacks cb = { .suspend = did_suspend };
	static struct xc_interface_core xch;
	shared_info_t *shared = (shared_info_t *)frame(50);

	for (int lie = 0; lie < 9; lie++) {
		int fd = memfd_create("stream", 0);

		make_guest();
		switch (lie) {
		case 0:
			shared->arch.p2m_vaddr = 0x8000000001;
			break;
		case 1:
			shared->arch.max_pfn = ~0UL;
			break;
		case 2:
			shared->arch.max_pfn = 0;
			break;
		case 3:
			shared->arch.p2m_cr3 = 0xfffffffffffff000;
			break;
		case 4:
			((uint64_t *)frame(mfn_of(L1_PFN)))[2] = 3000 << 12 | 7; /* another's frame */
			break;
		case 5:
			src.vcpu[1].gdt_ents = 9000;
			break;
		case 6:
			src.vcpu[0].user_regs.rdx = 1;
			break;
		case 7:
			((uint64_t *)frame(mfn_of(L2_PFN)))[9] = 0x200087; /* a superpage */
			break;
		default:
			shared->arch.max_pfn = 1UL << 30;
		}
		assert_int_equal(xc_domain_save(&xch, fd, 1, 0, &cb, XC_STREAM_PLAIN, -1), -1);
		assert_true(src.error[0] != 0);
		close(fd);
	}
}

static uint32_t seed = 7;

static uint32_t rnd(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static void broken_streams(void **state)
{
	int good, fd;
	size_t size;
	uint8_t *stream, *copy;

	make_guest();
	good = save_to(0);
	stream = whole(good, &size);
	for (int round = 0; round < 400; round++) {
		size_t len = round % 2 ? size : rnd() % size;

		copy = malloc(len + 1);
		memcpy(copy, stream, len);
		/* Headers and the first records, page tables at pages 20 on, and the vCPUs at the end. */
		for (int k = 0; len > 400 && round % 2 && k < 1 + round % 4; k++) {
			const size_t where[] = { rnd() % 400, rnd() % len, len - 1 - rnd() % (len < 14000 ? len : 14000),
						 (size_t)(400 + rnd() % 90000) % len };

			copy[where[rnd() % 4]] ^= (uint8_t)(1U << rnd() % 8);
		}
		fd = memfd_create("broken", 0);
		assert_int_equal(write(fd, copy, len), len);
		lseek(fd, 0, SEEK_SET);
		if (restore_from(fd))
			assert_true(dst.error[0] != 0);
		close(fd);
		free(copy);
	}
	munmap(stream, size);
	close(good);
}

static void restore_broken(const uint8_t *stream, size_t len, bool must_fail)
{
	int fd = memfd_create("broken", 0), rc;

	assert_int_equal(write(fd, stream, len), len);
	lseek(fd, 0, SEEK_SET);
	rc = restore_from(fd);
	close(fd);
	if (rc)
		assert_true(dst.error[0] != 0);
	else
		assert_false(must_fail);
}

/* Cut at the record that starts here, just before and just behind its header, and inside of it. */
static void cut_record(const uint8_t *stream, size_t size, size_t at, size_t length)
{
	const size_t cuts[] = { at - 1, at, at + 1, at + 7, at + 8, at + 8 + length / 2, at + 7 + length };

	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++)
		if (cuts[i] < size)
			restore_broken(stream, cuts[i], true);
}

/* Every bit of a header, and every number of it and of what follows it at its extremes. */
static void spoil(uint8_t *stream, size_t size, size_t from, size_t header, size_t to)
{
	static const uint32_t absurd[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
	uint32_t good;

	for (size_t bit = from * 8; bit < (from + header) * 8; bit++) {
		stream[bit / 8] ^= (uint8_t)(1U << bit % 8);
		restore_broken(stream, size, false);
		stream[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t at = from; at + 4 <= to; at += 4) {
		memcpy(&good, stream + at, 4);
		for (size_t i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
			memcpy(stream + at, &absurd[i], 4);
			restore_broken(stream, size, false);
		}
		memcpy(stream + at, &good, 4);
	}
}

static void each_record(void **state)
{
	size_t size, at = sizeof(struct stream_ihdr) + sizeof(struct stream_dhdr), end;
	unsigned int records = 0;
	struct stream_rhdr h;
	uint8_t *stream;
	int good;

	make_guest();
	good = save_to(0);
	stream = whole(good, &size);
	largest = 0;
	spoil(stream, size, 0, at, at);
	for (; at < size; at = end, records++) {
		memcpy(&h, stream + at, sizeof(h));
		end = at + sizeof(h) + ((h.length + 7) & ~7UL);
		cut_record(stream, size, at, h.length);
		spoil(stream, size, at, sizeof(h), at + sizeof(h) + (h.length < 24 ? h.length : 24));
	}
	assert_int_equal(at, size);
	assert_in_range(records, 10, 100);
	assert_true(largest <= REC_LENGTH_MAX);
	munmap(stream, size);
	close(good);
}

/* Each allocation and call fails in turn: an error in words, nothing lost (LeakSanitizer looks). */
static void every_failure(void **state)
{
	struct save_callbacks cb = { .suspend = did_suspend };
	static struct xc_interface_core xch;
	int good, fd, rc;
	long n = 0;

	make_guest();
	good = save_to(0);
	do {
		fd = memfd_create("stream", 0);
		cur = &src;
		src.error[0] = 0;
		calls = 0;
		fail_at = ++n;
		watch = true;
		rc = xc_domain_save(&xch, fd, 1, 0, &cb, XC_STREAM_PLAIN, -1);
		watch = false;
		close(fd);
		if (rc && n > 1 && !src.error[0])
			fail_msg("save: failure %ld without a word", n);
	} while (calls >= fail_at && n < 1000);
	assert_in_range(n, 15, 999);
	n = 0;
	do {
		lseek(good, 0, SEEK_SET);
		calls = 0;
		/* Every page is a call: the first ones, then some. */
		n += n < 60 ? 1 : 13;
		fail_at = n;
		watch = true;
		rc = restore_from(good);
		watch = false;
		if (rc && n > 1 && !dst.error[0])
			fail_msg("restore: failure %ld without a word", n);
	} while (calls >= fail_at && n < 5000);
	assert_in_range(n, 60, 4999);
	fail_at = -1;
	close(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test_teardown(large_pieces_come_whole, as_ever),
		cmocka_unit_test_teardown(golden_is_written, as_ever),
		cmocka_unit_test_teardown(golden_is_restored, as_ever),
		cmocka_unit_test_teardown(zeros_are_holes, as_ever),
		cmocka_unit_test_teardown(holes_are_zeros, as_ever),
		cmocka_unit_test_teardown(zeros_come_second, as_ever),
		cmocka_unit_test_teardown(cut_in_a_hole, as_ever),
		cmocka_unit_test(every_failure),
		cmocka_unit_test(core_dump),
		cmocka_unit_test(failed_core_dump),
		cmocka_unit_test(lying_guests),
		cmocka_unit_test(broken_streams),
		cmocka_unit_test(each_record),
	};

	mem_fd = memfd_create("memory", 0);
	if (mem_fd < 0 || ftruncate(mem_fd, (off_t)NR_FRAMES * 4096))
		return 1;
	memory = mmap(NULL, (size_t)NR_FRAMES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mem_fd, 0);
	m2p = (uint64_t *)frame(M2P_FRAME);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
