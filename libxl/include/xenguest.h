/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenguest: build, save, restore and inspect guests.
 */
#ifndef XENGUEST_H
#define XENGUEST_H

#include <xenctrl.h>

/* vnode_to_pnode: anywhere. */
#define XC_NUMA_NO_NODE (~0U)

/* xc_domain_save: keep the guest running during the first rounds; verify the stream. */
#define XCFLAGS_LIVE               (1 << 0)
#define XCFLAGS_DEBUG              (1 << 1)
#define X86_64_B_SIZE              64
#define X86_32_B_SIZE              32
#define X86_HVM_NR_SPECIAL_PAGES   8
#define X86_HVM_END_SPECIAL_REGION 0xff000u
#define XG_MAX_MODULES             2
typedef uint64_t xen_vaddr_t;
typedef uint64_t xen_paddr_t;
#define PRIpfn PRI_xen_pfn

/* A part of guest memory. Virtual addresses count from the kernel's base. */
struct xc_dom_seg {
	xen_vaddr_t vstart;
	xen_vaddr_t vend;
	xen_pfn_t pfn;
	xen_pfn_t pages;
};

struct xc_hvm_firmware_module {
	uint8_t *data;
	uint32_t length;
	uint64_t guest_addr_out;
};

/* What xc_dom_release has to give back. */
struct xc_dom_mem {
	struct xc_dom_mem *next;
	void *ptr;
	enum {
		XC_DOM_MEM_TYPE_MALLOC_INTERNAL,
		XC_DOM_MEM_TYPE_MALLOC_EXTERNAL,
		XC_DOM_MEM_TYPE_MMAP,
	} type;
	size_t len;
	unsigned char memory[0];
};

/* A range of guest frames that is mapped here. */
struct xc_dom_phys {
	struct xc_dom_phys *next;
	void *ptr;
	xen_pfn_t first;
	xen_pfn_t count;
};

struct xc_dom_module {
	void *blob;
	size_t size;
	void *cmdline;
	struct xc_dom_seg seg;
};

/*
 * State of the builder. Order of calls: xc_dom_allocate; kernel_file or _mem, module_file or
 * _mem; boot_xen_init; parse_image; mem_init; boot_mem_init; build_image; boot_image;
 * gnttab_init; release. Each returns 0 or -1 with errno, and logs why.
 */
struct xc_dom_image {
	void *kernel_blob;
	size_t kernel_size;
	unsigned int num_modules;
	struct xc_dom_module modules[XG_MAX_MODULES];
	void *devicetree_blob;
	size_t devicetree_size;
	size_t max_kernel_size;
	size_t max_module_size;
	size_t max_devicetree_size;
	char *cmdline;
	size_t cmdline_size;
	uint32_t f_requested[XENFEAT_NR_SUBMAPS];
	struct elf_dom_parms *parms;
	const char *guest_type;
	struct xc_dom_seg kernel_seg;
	struct xc_dom_seg p2m_seg;
	struct xc_dom_seg pgtables_seg;
	struct xc_dom_seg devicetree_seg;
	struct xc_dom_seg start_info_seg;
	xen_pfn_t start_info_pfn;
	xen_pfn_t console_pfn;
	xen_pfn_t xenstore_pfn;
	xen_pfn_t shared_info_pfn;
	xen_pfn_t bootstack_pfn;
	xen_pfn_t pfn_alloc_end;
	xen_vaddr_t virt_alloc_end;
	xen_vaddr_t bsd_symtab_start;
	uint64_t initrd_start;
	uint64_t initrd_len;
	unsigned int alloc_bootstack;
	xen_vaddr_t virt_pgtab_end;
	uint32_t f_active[XENFEAT_NR_SUBMAPS];
	xen_pfn_t *pv_p2m;
	xen_pfn_t p2m_size;
	xen_pfn_t rambase_pfn;
	xen_pfn_t total_pages;
	struct xc_dom_phys *phys_pages;
	struct xc_dom_mem *memblocks;
	size_t alloc_malloc;
	size_t alloc_mem_map;
	size_t alloc_file_map;
	size_t alloc_domU_map;
	unsigned long flags;
	unsigned int console_evtchn;
	unsigned int xenstore_evtchn;
	uint32_t console_domid;
	uint32_t xenstore_domid;
	xen_pfn_t shared_info_mfn;
	xc_interface *xch;
	uint32_t guest_domid;
	int claim_enabled;
	int xen_version;
	xen_capabilities_info_t xen_caps;
	struct xc_dom_loader *kernel_loader;
	void *private_loader;
	xen_vmemrange_t *vmemranges;
	unsigned int nr_vmemranges;
	unsigned int *vnode_to_pnode;
	unsigned int nr_vnodes;
	void *arch_private;
	/* What differs by kind of guest. */
	struct xc_dom_arch *arch_hooks;
	int (*allocate)(struct xc_dom_image *dom);
	enum {
		XC_DOM_PV_CONTAINER,
		XC_DOM_HVM_CONTAINER,
	} container_type;
	xen_pfn_t target_pages;
	xen_paddr_t mmio_start;
	xen_paddr_t mmio_size;
	xen_paddr_t lowmem_end;
	xen_paddr_t highmem_end;
	xen_pfn_t vga_hole_size;
	bool device_model;
	struct xc_hvm_firmware_module system_firmware_module;
#define MAX_ACPI_MODULES 4
	struct xc_hvm_firmware_module acpi_modules[MAX_ACPI_MODULES];
	struct xc_hvm_firmware_module smbios_module;
#if defined(__i386__) || defined(__x86_64__)
	struct e820entry *e820;
	unsigned int e820_entries;
#endif
	xen_pfn_t vuart_gfn;
	unsigned int max_vcpus;
};

struct xc_dom_arch {
	int (*alloc_magic_pages)(struct xc_dom_image *dom);
	int (*alloc_pgtables)(struct xc_dom_image *dom);
	int (*alloc_p2m_list)(struct xc_dom_image *dom);
	int (*setup_pgtables)(struct xc_dom_image *dom);
#undef start_info
	int (*start_info)(struct xc_dom_image *dom);
	int (*shared_info)(struct xc_dom_image *dom, void *shared_info);
	int (*vcpu)(struct xc_dom_image *dom);
	int (*bootearly)(struct xc_dom_image *dom);
	int (*bootlate)(struct xc_dom_image *dom);
	int (*meminit)(struct xc_dom_image *dom);
	const char *guest_type;
	const char *native_protocol;
	int page_shift;
	int sizeof_pfn;
	int p2m_base_supported;
	int arch_private_size;
	struct xc_dom_arch *next;
};
void xc_dom_register_arch_hooks(struct xc_dom_arch *hooks);
#define XC_DOM_PAGE_SHIFT(dom) ((dom)->arch_hooks->page_shift)
#define XC_DOM_PAGE_SIZE(dom)  (1LL << (dom)->arch_hooks->page_shift)

struct xc_dom_image *xc_dom_allocate(xc_interface *xch, const char *cmdline, const char *features);
void xc_dom_release_phys(struct xc_dom_image *dom);
void xc_dom_release(struct xc_dom_image *dom);
int xc_dom_rambase_init(struct xc_dom_image *dom, uint64_t rambase);
int xc_dom_mem_init(struct xc_dom_image *dom, unsigned int mem_mb);

/* Bound for decompressed images. */
#ifndef XC_DOM_DECOMPRESS_MAX
#define XC_DOM_DECOMPRESS_MAX (1024 * 1024 * 1024)
#endif
int xc_dom_kernel_check_size(struct xc_dom_image *dom, size_t sz);

/* Refuse larger files and decompressed images: 0 no bound. */
int xc_dom_kernel_max_size(struct xc_dom_image *dom, size_t sz);
int xc_dom_module_max_size(struct xc_dom_image *dom, size_t sz);
int xc_dom_devicetree_max_size(struct xc_dom_image *dom, size_t sz);
size_t xc_dom_check_gzip(xc_interface *xch, void *blob, size_t ziplen);
int xc_dom_do_gunzip(xc_interface *xch, void *src, size_t srclen, void *dst, size_t dstlen);
int xc_dom_try_gunzip(struct xc_dom_image *dom, void **blob, size_t *size);
int xc_dom_kernel_file(struct xc_dom_image *dom, const char *filename);
int xc_dom_module_file(struct xc_dom_image *dom, const char *filename, const char *cmdline);
int xc_dom_kernel_mem(struct xc_dom_image *dom, const void *mem, size_t memsize);
int xc_dom_module_mem(struct xc_dom_image *dom, const void *mem, size_t memsize,
		      const char *cmdline);
int xc_dom_devicetree_file(struct xc_dom_image *dom, const char *filename);
int xc_dom_devicetree_mem(struct xc_dom_image *dom, const void *mem, size_t memsize);
int xc_dom_parse_image(struct xc_dom_image *dom);
int xc_dom_set_arch_hooks(struct xc_dom_image *dom);
int xc_dom_build_image(struct xc_dom_image *dom);
int xc_dom_boot_xen_init(struct xc_dom_image *dom, xc_interface *xch, uint32_t domid);
int xc_dom_boot_mem_init(struct xc_dom_image *dom);
void *xc_dom_boot_domU_map(struct xc_dom_image *dom, xen_pfn_t pfn, xen_pfn_t count);
int xc_dom_boot_image(struct xc_dom_image *dom);
int xc_dom_compat_check(struct xc_dom_image *dom);
int xc_dom_gnttab_init(struct xc_dom_image *dom);
int xc_dom_gnttab_seed(xc_interface *xch, uint32_t guest_domid, bool is_hvm, xen_pfn_t console_gfn,
		       xen_pfn_t xenstore_gfn, uint32_t console_domid, uint32_t xenstore_domid);
bool xc_dom_translated(const struct xc_dom_image *dom);
int xc_dom_loginit(xc_interface *xch);
void xc_dom_printf(xc_interface *xch, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void xc_dom_panic_func(xc_interface *xch, const char *file, int line, xc_error_code err,
		       const char *fmt, ...) __attribute__((format(printf, 5, 6)));
#define xc_dom_panic(xch, err, fmt, args...)                                                       \
	xc_dom_panic_func(xch, __FILE__, __LINE__, err, fmt, ##args)
#define xc_dom_trace(mark) xc_dom_printf("%s line %d: reached %s\n", __FILE__, __LINE__, mark)
void xc_dom_log_memory_footprint(struct xc_dom_image *dom);

/* Memory that lives until xc_dom_release. */
void *xc_dom_malloc(struct xc_dom_image *dom, size_t size);
int xc_dom_register_external(struct xc_dom_image *dom, void *ptr, size_t size);
void *xc_dom_malloc_page_aligned(struct xc_dom_image *dom, size_t size);
void *xc_dom_malloc_filemap(struct xc_dom_image *dom, const char *filename, size_t *size,
			    const size_t max_size);
char *xc_dom_strdup(struct xc_dom_image *dom, const char *str);
xen_pfn_t xc_dom_alloc_page(struct xc_dom_image *dom, const char *name);
int xc_dom_alloc_segment(struct xc_dom_image *dom,

			 struct xc_dom_seg *seg, const char *name, xen_vaddr_t start,
			 xen_vaddr_t size);

/* Guest frames as mapped here; count 0 asks for a range that was mapped before. */
void *xc_dom_pfn_to_ptr(struct xc_dom_image *dom, xen_pfn_t first, xen_pfn_t count);
void *xc_dom_pfn_to_ptr_retcount(struct xc_dom_image *dom, xen_pfn_t first, xen_pfn_t count,
				 xen_pfn_t *count_out);
void xc_dom_unmap_one(struct xc_dom_image *dom, xen_pfn_t pfn);
void xc_dom_unmap_all(struct xc_dom_image *dom);
void *xc_dom_vaddr_to_ptr(struct xc_dom_image *dom, xen_vaddr_t vaddr, size_t *safe_region_out);
uint64_t xc_dom_virt_base(struct xc_dom_image *dom);
uint64_t xc_dom_virt_entry(struct xc_dom_image *dom);
uint64_t xc_dom_virt_hypercall(struct xc_dom_image *dom);
char *xc_dom_guest_os(struct xc_dom_image *dom);
bool xc_dom_feature_get(struct xc_dom_image *dom, unsigned int nr);
/* A whole segment, and how many pages of it there are. */
static inline void *xc_dom_seg_to_ptr_pages(struct xc_dom_image *dom, struct xc_dom_seg *seg,
					    xen_pfn_t *pages_out)
{
	void *where = xc_dom_pfn_to_ptr(dom, seg->pfn, seg->pages);

	*pages_out = where ? seg->pages : 0;
	return where;
}

static inline void *xc_dom_seg_to_ptr(struct xc_dom_image *dom, struct xc_dom_seg *seg)
{
	return xc_dom_pfn_to_ptr(dom, seg->pfn, seg->pages);
}

/* Machine frame of a guest frame; guests with a translated map are their own. */
static inline xen_pfn_t xc_dom_p2m(struct xc_dom_image *dom, xen_pfn_t pfn)
{
	if (xc_dom_translated(dom))
		return pfn;
	return pfn < dom->total_pages ? dom->pv_p2m[pfn] : INVALID_MFN;
}

struct xenevtchn_handle;

/* Progress of the rounds while the guest runs; dirty_count -1: not known yet. */
struct precopy_stats {
	unsigned int iteration;
	unsigned long total_written;
	long dirty_count;
};
typedef int (*precopy_policy_t)(struct precopy_stats, void *);

/*
 * suspend stops the guest and returns non-zero when it has; the others serve live and
 * checkpointed streams.
 */
struct save_callbacks {
	int (*suspend)(void *data);
#define XGS_POLICY_ABORT            (-1)
#define XGS_POLICY_CONTINUE_PRECOPY 0
#define XGS_POLICY_STOP_AND_COPY    1
	precopy_policy_t precopy_policy;
	int (*postcopy)(void *data);
	int (*checkpoint)(void *data);
	int (*wait_checkpoint)(void *data);
	int (*switch_qemu_logdirty)(uint32_t domid, unsigned enable, void *data);
	void *data;
};

typedef enum {
	XC_STREAM_PLAIN,
	XC_STREAM_REMUS,
	XC_STREAM_COLO,
} xc_stream_type_t;

/* Write the guest to io_fd, stream format 3, with holes for zeros where that is a file which ends there. 0 or -1 with errno. */
int xc_domain_save(xc_interface *xch, int io_fd, uint32_t dom, uint32_t flags,
		   struct save_callbacks *callbacks, xc_stream_type_t stream_type, int recv_fd);

/*
 * static_data_done: all that is needed before memory has come; restore_results: where the
 * rings are.
 */
struct restore_callbacks {
#define XGR_SDD_MISSING_CPUID (1 << 0)
#define XGR_SDD_MISSING_MSR   (1 << 1)
	int (*static_data_done)(unsigned int missing, void *data);
	int (*suspend)(void *data);
	int (*postcopy)(void *data);
#define XGR_CHECKPOINT_ERROR    0
#define XGR_CHECKPOINT_SUCCESS  1
#define XGR_CHECKPOINT_FAILOVER 2
	int (*checkpoint)(void *data);
	int (*wait_checkpoint)(void *data);
	void (*restore_results)(xen_pfn_t store_gfn, xen_pfn_t console_gfn, void *data);
	void *data;
};

/* Fill an empty domain from io_fd. */
int xc_domain_restore(xc_interface *xch, int io_fd, uint32_t dom, unsigned int store_evtchn,
		      unsigned long *store_mfn, uint32_t store_domid, unsigned int console_evtchn,
		      unsigned long *console_mfn, uint32_t console_domid,
		      xc_stream_type_t stream_type, struct restore_callbacks *callbacks,
		      int send_back_fd);

/* All steps of a PV build in one call. */
int xc_linux_build(xc_interface *xch, uint32_t domid, unsigned int mem_mb, const char *image_name,
		   const char *ramdisk_name, const char *cmdline, const char *features,
		   unsigned long flags, unsigned int store_evtchn, unsigned long *store_mfn,
		   unsigned int console_evtchn, unsigned long *console_mfn);

/* Suspend by event channel. */
int xc_suspend_evtchn_release(xc_interface *xch,

			      struct xenevtchn_handle *xce, uint32_t domid, int suspend_evtchn,
			      int *lockfd);
int xc_suspend_evtchn_init_exclusive(xc_interface *xch,

				     struct xenevtchn_handle *xce, uint32_t domid, int port,
				     int *lockfd);
int xc_await_suspend(xc_interface *xch, struct xenevtchn_handle *xce, int suspend_evtchn);
int xc_suspend_evtchn_init_sane(xc_interface *xch,

				struct xenevtchn_handle *xce, uint32_t domid, int port,
				int *lockfd);

/* Take frames in and out of use. */
int xc_mark_page_online(xc_interface *xch, unsigned long start, unsigned long end,
			uint32_t *status);
int xc_mark_page_offline(xc_interface *xch, unsigned long start, unsigned long end,
			 uint32_t *status);
int xc_query_page_offline_status(xc_interface *xch, unsigned long start, unsigned long end,
				 uint32_t *status);
int xc_exchange_page(xc_interface *xch, uint32_t domid, xen_pfn_t mfn);

/* Let a suspended guest go on: fast if it can be told that the suspend was cancelled. */
int xc_domain_resume(xc_interface *xch, uint32_t domid, int fast);

/* P2M and types of a guest's frames. */
struct xc_domain_meminfo {
	unsigned int pt_levels;
	unsigned int guest_width;
	xen_pfn_t *pfn_type;
	xen_pfn_t *p2m_table;
	unsigned long p2m_size;
	unsigned int p2m_frames;
};
int xc_map_domain_meminfo(xc_interface *xch, uint32_t domid, struct xc_domain_meminfo *minfo);
int xc_unmap_domain_meminfo(xc_interface *xch, struct xc_domain_meminfo *mem);

/* The M2P, read-only. */
xen_pfn_t *xc_map_m2p(xc_interface *xch, unsigned long max_mfn, int prot, unsigned long *mfn0);
#if defined(__i386__) || defined(__x86_64__)

/* CPUID leaves and MSRs, as a host has or a guest sees them. */
typedef struct xc_cpu_policy xc_cpu_policy_t;
xc_cpu_policy_t *xc_cpu_policy_init(void);
void xc_cpu_policy_destroy(xc_cpu_policy_t *policy);
int xc_cpu_policy_get_system(xc_interface *xch, unsigned int policy_idx, xc_cpu_policy_t *policy);
int xc_cpu_policy_get_domain(xc_interface *xch, uint32_t domid, xc_cpu_policy_t *policy);
int xc_cpu_policy_set_domain(xc_interface *xch, uint32_t domid, xc_cpu_policy_t *policy);
int xc_cpu_policy_serialise(xc_interface *xch, const xc_cpu_policy_t *policy,
			    xen_cpuid_leaf_t *leaves, uint32_t *nr_leaves, xen_msr_entry_t *msrs,
			    uint32_t *nr_msrs);
int xc_cpu_policy_update_cpuid(xc_interface *xch, xc_cpu_policy_t *policy,
			       const xen_cpuid_leaf_t *leaves, uint32_t nr);
int xc_cpu_policy_update_msrs(xc_interface *xch, xc_cpu_policy_t *policy,
			      const xen_msr_entry_t *msrs, uint32_t nr);
bool xc_cpu_policy_is_compatible(xc_interface *xch, xc_cpu_policy_t *host, xc_cpu_policy_t *guest);
int xc_get_cpu_levelling_caps(xc_interface *xch, uint32_t *caps);
int xc_get_cpu_featureset(xc_interface *xch, uint32_t index, uint32_t *nr_features,
			  uint32_t *featureset);
int xc_cpu_policy_get_size(xc_interface *xch, uint32_t *nr_leaves, uint32_t *nr_msrs);
int xc_set_domain_cpu_policy(xc_interface *xch, uint32_t domid, uint32_t nr_leaves,
			     xen_cpuid_leaf_t *leaves, uint32_t nr_msrs, xen_msr_entry_t *msrs,
			     uint32_t *err_leaf_p, uint32_t *err_subleaf_p, uint32_t *err_msr_p);

/* Words of a featureset. */
uint32_t xc_get_cpu_featureset_size(void);

enum xc_static_cpu_featuremask {
	XC_FEATUREMASK_KNOWN,
	XC_FEATUREMASK_SPECIAL,
	XC_FEATUREMASK_PV_MAX,
	XC_FEATUREMASK_PV_DEF,
	XC_FEATUREMASK_HVM_SHADOW_MAX,
	XC_FEATUREMASK_HVM_SHADOW_DEF,
	XC_FEATUREMASK_HVM_HAP_MAX,
	XC_FEATUREMASK_HVM_HAP_DEF,
};
const uint32_t *xc_get_static_cpu_featuremask(enum xc_static_cpu_featuremask);
#endif
#endif
