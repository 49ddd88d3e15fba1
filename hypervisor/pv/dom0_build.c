// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domain 0 from the boot loader's modules: kernel unpacked once, its segments put in place, the ramdisk's own
 * frames given to the domain, page tables built in its memory and then validated like any guest's.
 *
 * All of it happens on the boot CPU, before anything else runs, through the direct map.  An error here
 * leaves no machine to manage, so it ends in a panic that says what to change.
 */
#include <hv/boot.h>
#include <hv/console.h>
#include <hv/decode.h>
#include <hv/domain.h>
#include <hv/elf.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/numa.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <x86/guest_context.h>
#include <pv/dom0.h>
#include <pv/dom0_pt.h>
#include <pv/mm.h>
#include <public/domctl.h>
#include <x86/acpi.h>
#include <x86/pgtable.h>
#include <x86/vga.h>

#define MAX_CHUNK_ORDER 18

static init_data struct dom0_mem opt_mem;
static init_data u32 opt_max_vcpus, opt_min_vcpus;
static init_data bool opt_pin;

static init_fn int param_dom0_mem(const char *s) { return dom0_mem_parse(&opt_mem, s); }
CMDLINE_PARAM("dom0_mem", param_dom0_mem);

/* "N" for exactly that many, or "min-max". */
static init_fn int param_dom0_max_vcpus(const char *s)
{
	opt_min_vcpus = opt_max_vcpus = (u32)simple_strtoull(s, &s, 0);
	if (*s == '-') {
		opt_max_vcpus = s[1] ? (u32)simple_strtoull(s + 1, &s, 0) : MAX_VCPUS;
	}
	return *s && *s != '-' ? -EINVAL : 0;
}
CMDLINE_PARAM("dom0_max_vcpus", param_dom0_max_vcpus);

static init_fn int param_dom0_vcpus_pin(const char *s)
{
	int b = *s ? parse_bool(s) : 1;

	if (b < 0)
		return -EINVAL;
	opt_pin = b;
	return 0;
}
CMDLINE_PARAM("dom0_vcpus_pin", param_dom0_vcpus_pin);

/* What is being built. */
struct dom0 {
	struct domain *d;
	const struct boot_module *kernel, *initrd;
	struct elf_kernel elf;
	void *image;			/* unpacked kernel, NULL if the module is plain ELF */
	unsigned int image_order;
	struct dom0_layout l;
	struct frame_map frames;
};

static init_fn unsigned int nr_vcpus(void)
{
	unsigned int n = max(nr_cpus, opt_min_vcpus);

	if (opt_max_vcpus)
		n = min(n, opt_max_vcpus);
	return min(n, (unsigned int)MAX_VCPUS);
}

/* ---- the kernel image ---- */

static noreturn_fn init_fn void bad_kernel(const char *why, int rc)
{
	panic("Domain 0's kernel: %s (%d). The boot loader's first module must be a whole Linux kernel with Xen PV "
	      "support", why, rc);
}

static init_fn void unpack(struct dom0 *b, const u8 *src, size_t len, enum decode_format format, u64 size)
{
	struct decode_job job = { .src = src, .src_len = len, .dst_cap = size };
	int rc;

	if (size < 64)
		bad_kernel("its payload claims to hold next to nothing (damaged?)", -EINVAL);
	b->image_order = order_from_bytes(size);
	b->image = alloc_hv_pages(b->image_order, MEMF_NO_SCRUB);
	job.dst = b->image;
	job.work = hv_zalloc(DECODE_WORK_SIZE);
	if (!b->image || !job.work)
		panic("Domain 0's kernel: no memory to unpack it to %lu MiB (damaged, or this machine is too small)",
		      (unsigned long)(size >> 20));
	rc = decode_run(format, &job);
	hv_free(job.work);
	if (rc) {
		char why[96];

		snprintf(why, sizeof(why), "%s payload: %s", decode_format_name(format), job.why);
		bad_kernel(why, rc);
	}
	printk("Domain 0's kernel: unpacked %lu KiB of %s to %lu KiB\n", (unsigned long)(len >> 10),
	       decode_format_name(format), (unsigned long)(job.out_len >> 10));
	b->elf.img = b->image;
	b->elf.len = job.out_len;
}

static init_fn void load_image(struct dom0 *b)
{
	const u8 *img = paddr_to_virt(b->kernel->start);
	size_t len = b->kernel->size;
	struct bzimage bz;
	const char *why;
	int rc = bzimage_parse(img, len, &bz, &why);

	if (rc == -EINVAL)
		bad_kernel(why, rc);
	if (!rc && bz.format != DECODE_ELF) {
		unpack(b, bz.payload, bz.payload_len, bz.format, bz.unpacked_len);
	} else if (!rc) {
		b->elf.img = bz.payload;
		b->elf.len = bz.payload_len;
	} else if (decode_detect(img, len) == DECODE_GZIP && len >= 18) {
		u32 size;

		memcpy(&size, img + len - 4, sizeof(size));
		unpack(b, img, len, DECODE_GZIP, size);
	} else {
		b->elf.img = img;
		b->elf.len = len;
	}
	rc = elf_kernel_parse(&b->elf, b->elf.img, b->elf.len, &why);
	if (!rc)
		rc = elf_kernel_check_pv(&b->elf, true, HV_VIRT_START, &why);
	if (rc)
		bad_kernel(why, rc);
	printk("Domain 0's kernel: %s %s, entry %lx, [%lx, %lx)\n", b->elf.guest_os, b->elf.guest_version,
	       (unsigned long)b->elf.virt_entry, (unsigned long)b->elf.virt_start, (unsigned long)b->elf.virt_end);
}

/* ---- memory ---- */

static init_fn void add_ram(struct dom0 *b, u64 nr)
{
	while (nr) {
		unsigned int order = min(fls64(nr) - 1, (unsigned int)MAX_CHUNK_ORDER);
		struct page_info *pg;

		while (!(pg = alloc_domheap_pages(b->d, order, MEMF_NO_SCRUB)) && order)
			order--;
		if (!pg || !frame_map_add(&b->frames, page_to_mfn(pg), 1ULL << order))
			panic("Domain 0: out of memory with %lu MiB to go: lower dom0_mem=", (unsigned long)(nr >> 8));
		nr -= 1ULL << order;
		process_pending_softirqs();
	}
}

/* The ramdisk stays where the boot loader put it: those frames become the domain's. */
static init_fn void add_initrd(struct dom0 *b)
{
	u64 first = b->initrd->start >> PAGE_SHIFT, tail = b->initrd->size & (PAGE_SIZE - 1);
	u8 *end = (u8 *)paddr_to_virt(b->initrd->start) + b->initrd->size;

	if (tail)
		memset(end, 0, PAGE_SIZE - tail);
	for (u64 i = 0; i < b->l.initrd_pages; i++) {
		struct page_info *pg = mfn_to_page(mfn(first + i));

		pg->count_info = (u64)PAGE_OWNER_NONE << PGC_OWNER_SHIFT;
		if (assign_pages(pg, 0, b->d, 0))
			panic("Domain 0: its ramdisk does not fit into dom0_mem=");
	}
	if (!frame_map_add(&b->frames, mfn(first), b->l.initrd_pages))
		panic("Domain 0: out of memory");
}

static init_fn void add_memory(struct dom0 *b)
{
	u64 before = b->initrd ? b->l.initrd_pfn : b->l.nr_pages;

	add_ram(b, before);
	if (b->initrd)
		add_initrd(b);
	add_ram(b, b->l.nr_pages - b->frames.nr_pages);
}

static init_fn void *pfn_virt(const struct dom0 *b, u64 pfn) { return mfn_to_virt(frame_map_get(&b->frames, pfn)); }

/* Copies (or zeroes, without @src) @len bytes at pseudo-physical @pa. */
static init_fn void put_bytes(const struct dom0 *b, u64 pa, const u8 *src, u64 len)
{
	while (len) {
		u64 off = pa & (PAGE_SIZE - 1), n = min(len, PAGE_SIZE - off);
		u8 *to = (u8 *)pfn_virt(b, pa >> PAGE_SHIFT) + off;

		if (src) {
			memcpy(to, src, n);
			src += n;
		} else {
			memset(to, 0, n);
		}
		pa += n;
		len -= n;
	}
}

static init_fn void place_kernel(struct dom0 *b)
{
	for (unsigned int i = 0; i < b->elf.nr_segments; i++) {
		const struct elf_segment *s = &b->elf.seg[i];
		u64 pa = s->paddr - b->elf.paddr_offset;

		put_bytes(b, pa, b->elf.img + s->offset, s->filesz);
		put_bytes(b, pa + s->filesz, NULL, s->memsz - s->filesz);
		process_pending_softirqs();
	}
	if (elf_has_note(&b->elf, XEN_ELFNOTE_HYPERCALL_PAGE))
		pv_fill_hypercall_page(pfn_virt(b, (b->elf.virt_hypercall - b->elf.virt_base) >> PAGE_SHIFT));
}

/* The frame list in the domain's memory, and the machine's table the other way round. */
static init_fn void fill_p2m(struct dom0 *b)
{
	u64 *list = NULL;

	for (u64 pfn = 0; pfn < b->l.nr_pages; pfn++) {
		mfn_t m = frame_map_get(&b->frames, pfn);

		if (!(pfn & 511)) {
			list = pfn_virt(b, b->l.p2m_pfn + pfn / 512);
			clear_page(list);
		}
		list[pfn & 511] = m.m;
		set_gpfn_from_mfn(m, pfn);
	}
}

/* The screen as it is now, so that Domain 0 can take it over; false: it has none. */
static init_fn bool fill_screen_info(struct dom0_vga_console_info *info)
{
	const struct boot_framebuffer *fb = &boot_info.fb;

	if (boot_info.has_fb && fb->type == BOOT_FB_RGB) {
		info->video_type = boot_info.efi_system_table ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
		info->u.vesa_lfb.width = (u16)fb->width;
		info->u.vesa_lfb.height = (u16)fb->height;
		info->u.vesa_lfb.bytes_per_line = (u16)fb->pitch;
		info->u.vesa_lfb.bits_per_pixel = fb->bpp;
		info->u.vesa_lfb.lfb_base = (u32)fb->addr;
		info->u.vesa_lfb.ext_lfb_base = (u32)(fb->addr >> 32);
		info->u.vesa_lfb.lfb_size = (u32)DIV_ROUND_UP((u64)fb->pitch * fb->height, 65536);
		info->u.vesa_lfb.red_pos = fb->red_pos;
		info->u.vesa_lfb.red_size = fb->red_size;
		info->u.vesa_lfb.green_pos = fb->green_pos;
		info->u.vesa_lfb.green_size = fb->green_size;
		info->u.vesa_lfb.blue_pos = fb->blue_pos;
		info->u.vesa_lfb.blue_size = fb->blue_size;
		return true;
	}
	if (!vga_text_in_use())
		return false;
	info->video_type = XEN_VGATYPE_TEXT_MODE_3;
	info->u.text_mode_3.font_height = 16;
	info->u.text_mode_3.cursor_y = 24;
	info->u.text_mode_3.rows = 25;
	info->u.text_mode_3.columns = 80;
	return true;
}

/* A PV kernel looks for ACPI's root below 1 MiB only; where UEFI has it elsewhere, it must be told. */
static init_fn void name_rsdp(char *cmdline, size_t size)
{
	size_t n = strlen(cmdline);

	if (acpi_rsdp_paddr() >= 0x100000 && !strstr(cmdline, "acpi_rsdp="))
		snprintf(cmdline + n, size - n, " acpi_rsdp=%#lx", (unsigned long)acpi_rsdp_paddr());
}

static init_fn void fill_start_info(struct dom0 *b)
{
	const struct dom0_layout *l = &b->l;
	struct start_info *si = pfn_virt(b, l->start_info_pfn);

	clear_page(si);
	snprintf(si->magic, sizeof(si->magic), "xen-3.0-x86_64");
	si->nr_pages = l->nr_pages;
	si->shared_info = virt_to_paddr(b->d->shared_info);
	si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
	si->pt_base = dom0_va(l, l->pt_pfn);
	si->nr_pt_frames = l->nr_pt;
	si->mfn_list = l->p2m_va;
	if (l->p2m_outside) {
		si->first_p2m_pfn = l->p2m_pfn;
		si->nr_p2m_frames = l->p2m_pages;
	}
	if (b->initrd) {
		si->mod_start = l->initrd_mapped ? dom0_va(l, l->initrd_pfn) : l->initrd_pfn;
		si->mod_len = b->initrd->size;
		if (!l->initrd_mapped)
			si->flags |= SIF_MOD_START_PFN;
	}
	if (b->kernel->cmdline)
		strlcpy((char *)si->cmd_line, b->kernel->cmdline, sizeof(si->cmd_line));
	name_rsdp((char *)si->cmd_line, sizeof(si->cmd_line));
	if (fill_screen_info((struct dom0_vga_console_info *)(si + 1))) {
		si->console.dom0.info_off = sizeof(*si);
		si->console.dom0.info_size = sizeof(struct dom0_vga_console_info);
	}
}

static init_fn void build_tables(struct dom0 *b)
{
	const struct dom0_layout *l = &b->l;
	struct pt_builder pt = { .frames = &b->frames, .l = l, .next = l->pt_pfn };

	for (u64 i = 0; i < l->nr_pt; i++)
		clear_page(pfn_virt(b, l->pt_pfn + i));
	clear_page(pfn_virt(b, l->stack_pfn));
	pt_builder_start(&pt);
	pt_builder_map(&pt, l->virt_base, 0, l->map_end);
	if (l->p2m_outside)
		pt_builder_map(&pt, l->p2m_va, l->p2m_pfn, l->p2m_pages);
}

/* ---- the virtual CPUs ---- */

static init_fn void start_vcpu(struct dom0 *b)
{
	const struct dom0_layout *l = &b->l;
	union vcpu_guest_context_any *c = hv_new(union vcpu_guest_context_any);
	struct page_info *root = mfn_to_page(frame_map_get(&b->frames, l->pt_pfn));
	struct cpu_user_regs *r;
	int rc;

	if (!c)
		panic("Domain 0: out of memory");
	r = &c->nat.user_regs;
	r->rip = b->elf.virt_entry;
	r->rsp = dom0_va(l, l->stack_pfn + 1);
	r->rsi = dom0_va(l, l->start_info_pfn);
	r->rflags = 0x202;
	r->cs = FLAT_KERNEL_CS;
	r->ss = FLAT_KERNEL_SS;
	c->nat.flags = VGCF_in_kernel | VGCF_online;
	c->nat.kernel_ss = FLAT_KERNEL_SS;
	c->nat.kernel_sp = r->rsp;
	c->nat.ctrlreg[3] = xen_pfn_to_cr3(page_to_mfn(root).m);
	while ((rc = b->d->kind->set_context(b->d->vcpu[0], c)) == -ERESTART)
		process_pending_softirqs();
	if (rc)
		panic("Domain 0: its initial state is refused (%d)", rc);
	hv_free(c);
	/* The ABI hands the root over pinned: a kernel unpins it when it has moved to its own. */
	while ((rc = get_page_and_type_preemptible(root, b->d, PGT_L4)) == -ERESTART)
		process_pending_softirqs();
	if (rc)
		panic("Domain 0: its page tables are refused (%d)", rc);
	atomic_fetch_or(&root->type_info, PGT_PINNED);
}

static init_fn void make_vcpus(struct domain *d, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct vcpu *v = vcpu_create(d, i);

		if (!v)
			panic("Domain 0: no memory for vCPU %u", i);
		if (opt_pin) {
			cpumask_t one = { { 0 } };

			cpumask_set_cpu(i % nr_cpus, &one);
			if (vcpu_set_hard_affinity(v, &one))
				printk(LOG_WARN "Domain 0: vCPU %u cannot be pinned\n", i);
		}
	}
	for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
}

/* The kernel's own frames are of no use any more. */
static init_fn void free_images(struct dom0 *b)
{
	u64 first = b->kernel->start >> PAGE_SHIFT, nr = DIV_ROUND_UP(b->kernel->size, PAGE_SIZE);

	if (b->image)
		free_hv_pages(b->image, b->image_order);
	heap_add_range(mfn(first), nr, paddr_to_node(b->kernel->start));
}

init_fn void dom0_create(void)
{
	struct xen_domctl_createdomain cfg = {
		.max_vcpus = nr_vcpus(), .max_evtchn_port = ~0U, .max_grant_frames = -1, .max_maptrack_frames = -1,
		.grant_opts = 2, .flags = 0,
	};
	static init_bss struct dom0 dom0;
	struct dom0 *b = &dom0;
	const char *why;
	u64 nr, limit;
	char most[32] = "no limit";
	int err;

	if (!boot_info.nr_modules)
		panic("No kernel for Domain 0: the boot loader must give it as the first module, a ramdisk as the second");
	b->kernel = &boot_info.module[0];
	b->initrd = boot_info.nr_modules > 1 && boot_info.module[1].size ? &boot_info.module[1] : NULL;
	load_image(b);

	b->d = domain_create(0, &cfg, true, &err);
	if (!b->d)
		panic("Domain 0 cannot be created (%d)", err);
	dom0_mem_pages(&opt_mem, heap_free_pages() + (b->initrd ? b->initrd->size >> PAGE_SHIFT : 0), &nr, &limit);
	b->d->max_pages = limit;
	err = dom0_layout(&b->l, &b->elf, nr, b->initrd ? b->initrd->size : 0, &why);
	if (err)
		panic("Domain 0: %s (%d)", why, err);
	if (!frame_map_init(&b->frames, nr))
		panic("Domain 0: out of memory");
	if (b->initrd && !IS_ALIGNED(b->initrd->start, PAGE_SIZE))
		panic("Domain 0: the boot loader put its ramdisk at %lx, not on a page", (unsigned long)b->initrd->start);
	add_memory(b);
	place_kernel(b);
	fill_p2m(b);
	fill_start_info(b);
	build_tables(b);
	make_vcpus(b->d, cfg.max_vcpus);
	start_vcpu(b);
	if (dom0_permissions(b->d))
		panic("Domain 0: out of memory");
	free_images(b);
	if (limit < DOM0_NO_LIMIT)
		snprintf(most, sizeof(most), "at most %lu", (unsigned long)(limit >> 8));
	printk("Domain 0: %lu MiB (%s), %u vCPUs; ramdisk %lu KiB at pfn %lx, tables at pfn %lx + %lu\n",
	       (unsigned long)(nr >> 8), most, cfg.max_vcpus,
	       (unsigned long)(b->initrd ? b->initrd->size >> 10 : 0), (unsigned long)b->l.initrd_pfn,
	       (unsigned long)b->l.pt_pfn, (unsigned long)b->l.nr_pt);
	frame_map_free(&b->frames);
	if (domain_unpause_by_controller(b->d))
		panic("Domain 0 does not start");
}
