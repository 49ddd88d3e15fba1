// SPDX-License-Identifier: GPL-2.0-only
/*
 * The domain builder over a fake hypervisor: what it makes is read back through the page tables
 * that it made, as the guest would; then each allocation and each call fails in turn, and the
 * builder must say so and lose nothing (LeakSanitizer looks).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "cache.h"
#include "guest_internal.h"
#include <xen/elfnote.h>

#define BASE      0xffffffff80000000ULL
#define KERNEL    0x400000ULL
#define ELF_SIZE  0x40000
#define MEM_MB    12
#define NR_FRAMES 8192

static int mem_fd;
static struct {
	uint64_t next_mfn, pinned, claimed;
	vcpu_guest_context_x86_64_t vcpu;
	bool have_vcpu, small_only;
	unsigned int maps, reports;
	char last[1024];
} fake;

/* --- failures on demand */

static long calls, fail_at;

static bool fails(void)
{
	if (++calls != fail_at)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t m);
void *__wrap_realloc(void *p, size_t n);
static bool watch;
void *__wrap_malloc(size_t n) { return watch && fails() ? NULL : __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t m) { return watch && fails() ? NULL : __real_calloc(n, m); }
void *__wrap_realloc(void *p, size_t n) { return watch && fails() ? NULL : __real_realloc(p, n); }

/* --- what the builder maps, copies and clears of the domain's memory */

#define MAX_MAPS 16

static struct { uint8_t *at; size_t frames; xen_pfn_t mfn[NR_FRAMES]; } mapped[MAX_MAPS];
static uint8_t times_mapped[NR_FRAMES], times_copied[NR_FRAMES * 4096], times_cleared[NR_FRAMES * 4096];
static size_t copied_elsewhere;

static void count_map(uint8_t *at, size_t n, const xen_pfn_t *mfns)
{
	for (int i = 0; i < MAX_MAPS; i++)
		if (!mapped[i].at) {
			mapped[i].at = at;
			mapped[i].frames = n;
			for (size_t f = 0; f < n; f++)
				times_mapped[mapped[i].mfn[f] = mfns[f]]++;
			return;
		}
	fail_msg("more than %d mappings at a time", MAX_MAPS);
}

/* False if @p is none of the domain's memory. */
static bool count_bytes(uint8_t *times, const uint8_t *p, size_t n)
{
	for (int i = 0; i < MAX_MAPS; i++) {
		const size_t off = (size_t)(p - mapped[i].at);

		if (!mapped[i].at || p < mapped[i].at || off >= mapped[i].frames * 4096)
			continue;
		assert_true(n <= mapped[i].frames * 4096 - off);
		for (size_t b = off; b < off + n; b++)
			times[mapped[i].mfn[b / 4096] * 4096 + b % 4096]++;
		return true;
	}
	return false;
}

void *__real_memcpy(void *to, const void *from, size_t n);
void *__real_memset(void *to, int c, size_t n);
int __real_munmap(void *p, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memset(void *to, int c, size_t n);
int __wrap_munmap(void *p, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n)
{
	if (watch && !count_bytes(times_copied, to, n))
		copied_elsewhere += n;
	return __real_memcpy(to, from, n);
}
void *__wrap_memset(void *to, int c, size_t n)
{
	if (watch)
		count_bytes(times_cleared, to, n);
	return __real_memset(to, c, n);
}
int __wrap_munmap(void *p, size_t n)
{
	for (int i = 0; i < MAX_MAPS; i++)
		if (mapped[i].at == p)
			mapped[i].at = NULL;
	return __real_munmap(p, n);
}

static void count_from_zero(void)
{
	__real_memset(mapped, 0, sizeof(mapped));
	__real_memset(times_mapped, 0, sizeof(times_mapped));
	__real_memset(times_copied, 0, sizeof(times_copied));
	__real_memset(times_cleared, 0, sizeof(times_cleared));
	copied_elsewhere = 0;
}

/* --- the hypervisor */

void xc_reportv(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code, const char *fmt, va_list args)
{
}
void xc_report(xc_interface *xch, xentoollog_logger *lg, xentoollog_level level, int code, const char *fmt, ...)
{
	va_list args;

	if (level < XTL_ERROR)
		return;
	va_start(args, fmt);
	vsnprintf(fake.last, sizeof(fake.last), fmt, args);
	va_end(args);
	fake.reports++;
}
void xc_report_error(xc_interface *xch, int code, const char *fmt, ...) { fake.reports++; }

int xc_bounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i]->hbuf = b[i]->ubuf;
	if (!fails())
		return 0;
	fake.reports++;
	return -1;
}
void xc_unbounce_all(xc_interface *xch, xc_hypercall_buffer_t *const b[], size_t n) {}
int xc_version(xc_interface *xch, int cmd, void *arg)
{
	if (fails())
		return -1;
	if (cmd == XENVER_capabilities)
		strcpy(arg, "xen-3.0-x86_64 hvm-3.0-x86_64");
	return 4 << 16 | 17;
}
int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max, xc_domaininfo_t *info)
{
	memset(info, 0, sizeof(*info));
	info->domain = 1;
	info->shared_info_frame = 7;
	return fails() ? -1 : 1;
}
const char *xc_set_progress_prefix(xc_interface *xch, const char *doing) { return NULL; }
void xc_report_progress_step(xc_interface *xch, unsigned long done, unsigned long total)
{
	assert_true(done && done < total);
}
int xc_domain_claim_pages(xc_interface *xch, uint32_t domid, unsigned long n)
{
	if (n && fails())
		return -1;
	fake.claimed = n;
	return 0;
}
int xc_domain_populate_physmap(xc_interface *xch, uint32_t domid, unsigned long n, unsigned int order,
			       unsigned int flags, xen_pfn_t *list)
{
	if (fake.small_only && order)
		return 0;
	for (unsigned long i = 0; i < n; i++, fake.next_mfn += 1UL << order)
		list[i] = fake.next_mfn;
	return (int)n;
}
int xc_domain_populate_physmap_exact(xc_interface *xch, uint32_t domid, unsigned long n, unsigned int order,
				     unsigned int flags, xen_pfn_t *list)
{
	if (fails())
		return -1;
	for (unsigned long i = 0; i < n; i++)
		list[i] = fake.next_mfn++;
	return 0;
}
static void *map(size_t n, const xen_pfn_t *mfns)
{
	uint8_t *p;

	if (fails())
		return NULL;
	p = mmap(NULL, n * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (size_t i = 0; i < n; i++) {
		assert_in_range(mfns[i], 1, NR_FRAMES - 1);
		mmap(p + i * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, mem_fd, (off_t)mfns[i] * 4096);
	}
	count_map(p, n, mfns);
	return p;
}
void *xenforeignmemory_map(xenforeignmemory_handle *f, uint32_t dom, int prot, size_t n, const xen_pfn_t arr[],
			   int err[]) { return map(n, arr); }
void *xc_map_foreign_range(xc_interface *xch, uint32_t dom, int size, int prot, unsigned long mfn)
{
	xen_pfn_t one = mfn;

	return map(1, &one);
}
xenforeignmemory_resource_handle *xenforeignmemory_map_resource(xenforeignmemory_handle *f, domid_t d,
								unsigned int type, unsigned int id,
								unsigned long frame, unsigned long n,
								void **p, int prot, int flags)
{
	xen_pfn_t one = 8;

	*p = map(1, &one);
	return *p;
}
int xenforeignmemory_unmap_resource(xenforeignmemory_handle *f, xenforeignmemory_resource_handle *r)
{
	return munmap(r, 4096);
}
int xc_gnttab_op(xc_interface *xch, int cmd, void *op, int size, int n) { return -1; }
static uint8_t *frame(uint64_t mfn)
{
	static uint8_t *all;

	if (!all)
		all = mmap(NULL, (size_t)NR_FRAMES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mem_fd, 0);
	return all + mfn * 4096;
}

int xc_mmuext_op(xc_interface *xch, struct mmuext_op *op, unsigned int n, uint32_t dom)
{
	if (fails()) {
		errno = EINVAL;
		return -1;
	}
	if (op->cmd == MMUEXT_PIN_L4_TABLE) {
		assert_int_equal(n, 1);
		fake.pinned = op->arg1.mfn;
		return 0;
	}
	for (unsigned int i = 0; i < n; i++) {
		assert_int_equal(op[i].cmd, MMUEXT_CLEAR_PAGE);
		assert_in_range(op[i].arg1.mfn, 100, NR_FRAMES - 1);
		__real_memset(frame(op[i].arg1.mfn), 0, 4096);
		for (size_t b = 0; b < 4096; b++)
			times_cleared[op[i].arg1.mfn * 4096 + b]++;
	}
	return 0;
}
int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t v, vcpu_guest_context_any_t *c)
{
	fake.vcpu = c->x64;
	fake.have_vcpu = true;
	return fails() ? -1 : 0;
}
int xc_do_domctl(xc_interface *xch, struct xen_domctl *d) { return fails() ? -1 : 0; }

/* --- the images */

static size_t note(uint8_t *at, uint32_t type, const void *desc, uint32_t len)
{
	const uint32_t head[3] = { 4, len, type };

	memcpy(at, head, sizeof(head));
	memcpy(at + 12, "Xen", 4);
	memcpy(at + 16, desc, len);
	return 16 + ((len + 3) & ~3U);
}

/* In the middle of its second segment, with blocks of the file that are zeros as a whole; dense: without, and with a bss. */
#define ZEROS_FROM 0x1f000
#define ZEROS_TO   0x31000
#define HOLE_SIZE  0x10000

static size_t second_size(bool dense) { return dense ? 0x8000 : 0x2d000; }

static int make_kernel(bool modern, bool dense, uint8_t *f)
{
	Elf64_Ehdr *eh = (Elf64_Ehdr *)f;
	Elf64_Phdr *ph = (Elf64_Phdr *)(f + sizeof(*eh));
	const uint64_t base = BASE, entry = BASE + KERNEL + 0x40, p2m = 0x8000000000ULL, one = 1,
		       page = BASE + KERNEL + 0x3000;
	size_t n = 0;
	int fd = memfd_create("kernel", 0);

	memset(f, 0, ELF_SIZE);
	for (size_t i = 0x2000; i < ELF_SIZE; i++)
		f[i] = (uint8_t)(i * 2654435761u >> 13 | 1);
	if (!dense)
		memset(f + ZEROS_FROM, 0, ZEROS_TO - ZEROS_FROM);
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_machine = EM_X86_64;
	eh->e_phoff = sizeof(*eh);
	eh->e_phentsize = sizeof(*ph);
	eh->e_phnum = 3;
	ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x2000, .p_paddr = KERNEL, .p_filesz = 0x10000, .p_memsz = 0x10000 };
	ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = 0x12123, .p_paddr = KERNEL + 0x10123, .p_filesz = second_size(dense), .p_memsz = dense ? 0x20000 : second_size(dense) };
	n += note(f + 0x1000 + n, XEN_ELFNOTE_GUEST_OS, "test", 5);
	n += note(f + 0x1000 + n, XEN_ELFNOTE_VIRT_BASE, &base, 8);
	n += note(f + 0x1000 + n, XEN_ELFNOTE_ENTRY, &entry, 8);
	if (modern) {
		n += note(f + 0x1000 + n, XEN_ELFNOTE_INIT_P2M, &p2m, 8);
		n += note(f + 0x1000 + n, XEN_ELFNOTE_MOD_START_PFN, &one, 8);
	} else {
		n += note(f + 0x1000 + n, XEN_ELFNOTE_HYPERCALL_PAGE, &page, 8);
	}
	ph[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = 0x1000, .p_filesz = n, .p_memsz = n };
	assert_int_equal(write(fd, f, ELF_SIZE), ELF_SIZE);
	return fd;
}

/* The same as a compressed file. */
static int gzipped(int plain, const uint8_t *f)
{
	int fd = memfd_create("kernel.gz", 0);
	gzFile z = gzdopen(dup(fd), "wb");

	assert_int_equal(gzwrite(z, f, ELF_SIZE), ELF_SIZE);
	assert_int_equal(gzclose(z), Z_OK);
	close(plain);
	return fd;
}

/* --- build */

static uint8_t elf[ELF_SIZE], ramdisk[70000];
static int kernel_fd, ramdisk_fd;

static struct xc_dom_image *build(xc_interface *xch)
{
	struct xc_dom_image *dom;
	char kernel[32], rd[32];

	memset(&fake, 0, offsetof(__typeof__(fake), small_only));
	count_from_zero();
	fake.reports = 0;
	fake.next_mfn = 100;
	snprintf(kernel, sizeof(kernel), "/proc/self/fd/%d", kernel_fd);
	snprintf(rd, sizeof(rd), "/proc/self/fd/%d", ramdisk_fd);
	watch = true;
	dom = xc_dom_allocate(xch, "root=here quiet", NULL);
	if (dom) {
		dom->flags = 0;
		dom->console_evtchn = 2;
		dom->xenstore_evtchn = 1;
		dom->claim_enabled = 1;
	}
	if (dom && (xc_dom_kernel_file(dom, kernel) || xc_dom_module_file(dom, rd, NULL) ||
		    xc_dom_boot_xen_init(dom, xch, 1) || xc_dom_parse_image(dom) || xc_dom_mem_init(dom, MEM_MB) ||
		    xc_dom_boot_mem_init(dom) || xc_dom_build_image(dom) || xc_dom_boot_image(dom) ||
		    xc_dom_gnttab_init(dom))) {
		xc_dom_release(dom);
		dom = NULL;
	}
	watch = false;
	return dom;
}

static uint64_t walk(uint64_t va)
{
	uint64_t e = fake.vcpu.ctrlreg[3];

	for (int shift = 39; shift >= 12; shift -= 9) {
		e = ((uint64_t *)frame(e >> 12 & 0xffffffffffULL))[va >> shift & 511];
		if (!(e & 1))
			return 0;
	}
	return e;
}

static uint8_t *at(uint64_t va)
{
	const uint64_t e = walk(va);

	assert_true(e & 1);
	return frame(e >> 12 & 0xffffffffffULL) + (va & 0xfff);
}

static void same(uint64_t va, const uint8_t *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (*at(va + i) != (want ? want[i] : 0))
			fail_msg("byte at 0x%llx", (unsigned long long)(va + i));
}

static void check_guest(struct xc_dom_image *dom, bool modern, bool dense)
{
	const start_info_t *si = (const start_info_t *)at(fake.vcpu.user_regs.rsi);
	const grant_entry_v1_t *grants = (const grant_entry_v1_t *)frame(8);
	const shared_info_t *shared = (const shared_info_t *)frame(7);
	uint64_t list, rd;

	assert_true(fake.have_vcpu);
	assert_int_equal(fake.pinned, fake.vcpu.ctrlreg[3] >> 12);
	assert_int_equal(fake.claimed, 0);
	assert_true(fake.vcpu.user_regs.rip == BASE + KERNEL + 0x40);
	same(BASE + KERNEL, elf + 0x2000, 0x10000);
	same(BASE + KERNEL + 0x10123, elf + 0x12123, second_size(dense));
	if (dense)
		same(BASE + KERNEL + 0x18123, NULL, 0x18000);
	assert_string_equal(si->magic, "xen-3.0-x86_64");
	assert_int_equal(si->nr_pages, MEM_MB << 8);
	assert_int_equal(si->shared_info, 7 << 12);
	assert_string_equal((const char *)si->cmd_line, "root=here quiet");
	assert_int_equal(si->store_evtchn, 1);
	assert_int_equal(si->console.domU.evtchn, 2);
	list = si->mfn_list;
	assert_true(modern ? list == 0x8000000000ULL : list > BASE);
	for (uint64_t pfn = 0; pfn < si->nr_pages; pfn++)
		assert_int_equal(*(uint64_t *)at(list + pfn * 8), dom->pv_p2m[pfn]);
	assert_int_equal(si->mod_len, sizeof(ramdisk));
	assert_int_equal(!!(si->flags & SIF_MOD_START_PFN), modern);
	rd = modern ? BASE + (si->mod_start << 12) : si->mod_start;
	for (size_t i = 0; i < sizeof(ramdisk); i++)
		assert_int_equal(frame(dom->pv_p2m[((rd - BASE) >> 12) + i / 4096])[i % 4096], ramdisk[i]);
	/* the tables are mapped, read-only; the stack is writable and below them is 512 KiB of room */
	assert_true(walk(si->pt_base) >> 12 == fake.pinned);
	for (uint64_t i = 0; i < si->nr_pt_frames; i++)
		assert_int_equal(walk(si->pt_base + (i << 12)) & 2, 0);
	assert_int_equal(walk(fake.vcpu.user_regs.rsp - 8) & 2, 2);
	assert_int_equal(walk(fake.vcpu.user_regs.rsp + (512 << 10) - 1) & 3, 3);
	/* rings are empty, and granted to Domain 0 */
	for (int i = 0; i < 4096; i++)
		assert_int_equal(frame(si->store_mfn)[i] | frame(si->console.domU.mfn)[i], 0);
	assert_int_equal(grants[GNTTAB_RESERVED_CONSOLE].frame, si->console.domU.mfn);
	assert_int_equal(grants[GNTTAB_RESERVED_XENSTORE].frame, si->store_mfn);
	assert_int_equal(grants[GNTTAB_RESERVED_XENSTORE].flags, GTF_permit_access);
	assert_int_equal(shared->vcpu_info[31].evtchn_upcall_mask, 1);
}

/*
 * Each byte is moved once: a frame is mapped at most once, no byte of it is copied or cleared twice, nor cleared
 * and then copied to; what is copied is what the segments, the ramdisk and the frame list hold, and nothing
 * of that size is copied anywhere else. What no image covers is cleared where the ABI wants zeros, nowhere else:
 * that new frames are clear is this hypervisor's promise, not the ABI's.
 */
static void check_touches(bool dense)
{
	const size_t list = (MEM_MB << 8) * sizeof(uint64_t);
	size_t copied = 0, cleared = 0;

	for (size_t i = 0; i < NR_FRAMES; i++)
		if (times_mapped[i] > 1)
			fail_msg("frame %zu was mapped %u times", i, times_mapped[i]);
	for (size_t i = 0; i < sizeof(times_copied); i++) {
		if (times_copied[i] + times_cleared[i] > 1)
			fail_msg("byte %zu of frame %zu: copied %u times, cleared %u times", i % 4096, i / 4096,
				 times_copied[i], times_cleared[i]);
		copied += times_copied[i];
		cleared += times_cleared[i];
	}
	assert_int_equal(copied, 0x10000 + second_size(dense) - (dense ? 0 : HOLE_SIZE) + sizeof(ramdisk) + list);
	/* The second segment's end, to that of its last page, or its hole; that of the ramdisk's last page; start info, two rings, shared info. */
	assert_int_equal(cleared, (dense ? 0x18000 + 0xedd : HOLE_SIZE) + (4096 - sizeof(ramdisk) % 4096) + 3 * 4096 +
			 sizeof(shared_info_t));
	assert_in_range(copied_elsewhere, 0, 4096);
}

static void build_and_check(bool modern, bool dense)
{
	static struct xc_interface_core xch;
	struct xc_dom_image *dom;

	memset(frame(0), 0xcc, (size_t)NR_FRAMES * 4096); /* nothing may count on zeros */
	memset(frame(8), 0, 4096); /* but for the grant table, which is the hypervisor's */
	fail_at = -1;
	dom = build(&xch);
	if (!dom)
		fail_msg("%s", fake.last);
	check_touches(dense);
	check_guest(dom, modern, dense);
	xc_dom_release(dom);
}

static void build_once(bool modern, bool small, bool packed)
{
	kernel_fd = make_kernel(modern, true, elf);
	if (packed)
		kernel_fd = gzipped(kernel_fd, elf);
	fake.small_only = small;
	build_and_check(modern, true);
	close(kernel_fd);
}

static void modern_kernel(void **state)
{
	build_once(true, false, false);
	build_once(true, true, false);
}

static void old_kernel(void **state)
{
	build_once(false, false, false);
}

/* Unpacked to memory of the builder's, once; then each byte goes the same way. */
static void packed_kernel(void **state)
{
	build_once(true, false, true);
}

/* What the cache's file has no data for is neither read nor mapped: as it is unpacked, and when it is there already. */
static void cached_kernel(void **state)
{
	char dir[] = "/var/tmp/guest-build-XXXXXX", entry[64];
	struct kernel_cache_entry e;
	struct image_parts parts;
	struct stat st = { 0 };

	assert_non_null(mkdtemp(dir));
	setenv("XEN_KERNEL_CACHE", dir, 1);
	if (!kernel_cache_start(&e, 1)) {
		rmdir(dir);
		skip();		/* it is in memory, or full */
	}
	assert_null(kernel_cache_finish(&e, &st, false, &parts));
	kernel_fd = gzipped(make_kernel(true, false, elf), elf);
	fake.small_only = false;
	build_and_check(true, false);
	snprintf(entry, sizeof(entry), "rm %s/*", dir);
	build_and_check(true, false);
	assert_int_equal(system(entry), 0);
	rmdir(dir);
	setenv("XEN_KERNEL_CACHE", "", 1);
	close(kernel_fd);
}

static void every_failure(void **state)
{
	static struct xc_interface_core xch;
	struct xc_dom_image *dom;
	long n = 0;

	kernel_fd = make_kernel(true, true, elf);
	fake.small_only = false;
	do {
		calls = 0;
		fail_at = ++n;
		dom = build(&xch);
		fail_at = -1;
		if (!dom) {
			/* The very first one has nobody to tell yet. */
			if (!fake.reports && n > 1)
				fail_msg("failure %ld of %ld calls ended without a word", n, calls);
			assert_int_equal(fake.claimed, 0);
		}
	} while (!dom && n < 1000);
	assert_in_range(n, 20, 999);
	xc_dom_release(dom);
	close(kernel_fd);
}

static void too_small(void **state)
{
	static struct xc_interface_core xch;
	static uint8_t big[8 << 20];
	struct xc_dom_image *dom = xc_dom_allocate(&xch, NULL, NULL);
	char kernel[32];

	kernel_fd = make_kernel(true, true, elf);
	snprintf(kernel, sizeof(kernel), "/proc/self/fd/%d", kernel_fd);
	fake.next_mfn = 100;
	assert_int_equal(xc_dom_kernel_file(dom, kernel), 0);
	assert_int_equal(xc_dom_module_mem(dom, big, sizeof(big), NULL), 0);
	assert_int_equal(xc_dom_boot_xen_init(dom, &xch, 1), 0);
	assert_int_equal(xc_dom_parse_image(dom), 0);
	assert_int_equal(xc_dom_mem_init(dom, MEM_MB), 0);
	assert_int_equal(xc_dom_boot_mem_init(dom), 0);
	assert_int_equal(xc_dom_build_image(dom), -1);
	assert_non_null(strstr(fake.last, "too small"));
	xc_dom_release(dom);
	close(kernel_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modern_kernel),
		cmocka_unit_test(old_kernel),
		cmocka_unit_test(packed_kernel),
		cmocka_unit_test(cached_kernel),
		cmocka_unit_test(every_failure),
		cmocka_unit_test(too_small),
	};

	setenv("XEN_KERNEL_CACHE", "", 1);
	mem_fd = memfd_create("memory", 0);
	ramdisk_fd = memfd_create("ramdisk", 0);
	for (size_t i = 0; i < sizeof(ramdisk); i++)
		ramdisk[i] = (uint8_t)(i * 7 + 1);
	if (mem_fd < 0 || ftruncate(mem_fd, (off_t)NR_FRAMES * 4096) ||
	    write(ramdisk_fd, ramdisk, sizeof(ramdisk)) != sizeof(ramdisk))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
