/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenctrl: the toolstack's calls. Unless said otherwise they return 0, or -1 with errno;
 * details of the last error by xc_get_last_error.
 */
#ifndef XENCTRL_H
#define XENCTRL_H
#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif
#include <unistd.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdbool.h>
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/physdev.h>
#include <xen/sysctl.h>
#include <xen/version.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/memory.h>
#include <xen/grant_table.h>
#include <xen/hvm/dm_op.h>
#include <xen/hvm/params.h>
#include <xen/xsm/flask_op.h>
#include <xen/kexec.h>
#include <xen/platform.h>
#include "xentoollog.h"
#if defined(__i386__) || defined(__x86_64__)
#include <xen/foreign/x86_32.h>
#include <xen/foreign/x86_64.h>
#include <xen/arch-x86/xen-mca.h>
#endif

/* Pages. */
#define XC_PAGE_SHIFT 12
#define XC_PAGE_SIZE  (1UL << XC_PAGE_SHIFT)
#define XC_PAGE_MASK  (~(XC_PAGE_SIZE - 1))
#define INVALID_MFN   (~0UL)
/* Barriers between CPUs. x86 keeps loads and stores in order, but for a store before a load. */
#define xen_barrier() __asm__ volatile("" : : : "memory")
#if defined(__i386__) || defined(__x86_64__)
#define xen_mb()  __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define xen_rmb() xen_barrier()
#define xen_wmb() xen_barrier()
#else
#error "no barriers for this architecture"
#endif

/* Opaque handle instead of a descriptor. */
#define XENCTRL_HAS_XC_INTERFACE 1
typedef struct xc_interface_core xc_interface;

enum xc_error_code {
	XC_ERROR_NONE = 0,
	XC_INTERNAL_ERROR = 1,
	XC_INVALID_KERNEL = 2,
	XC_INVALID_PARAM = 3,
	XC_OUT_OF_MEMORY = 4,
};
typedef enum xc_error_code xc_error_code;

/* NULL loggers mean stderr from warnings on. DUMMY opens nothing: for logging only. */
xc_interface *xc_interface_open(xentoollog_logger *logger, xentoollog_logger *dombuild_logger,
				unsigned open_flags);

enum xc_open_flags {
	XC_OPENFLAG_DUMMY = 1 << 0,
	XC_OPENFLAG_NON_REENTRANT = 1 << 1,
};
int xc_interface_close(xc_interface *xch);

/* The handles inside. */
struct xencall_handle *xc_interface_xcall_handle(xc_interface *xch);
struct xenforeignmemory_handle *xc_interface_fmem_handle(xc_interface *xch);
struct xendevicemodel_handle *xc_interface_dmod_handle(xc_interface *xch);

/*
 * Memory that goes into hypercalls. DECLARE_HYPERCALL_BUFFER(type, name) makes a pointer name and,
 * beside it, the buffer that it points into; set_xen_guest_handle and HYPERCALL_BUFFER_AS_ARG take
 * the name. A SHADOW or ARGUMENT declaration gives a buffer of the caller a name here.
 */
struct xc_hypercall_buffer {
	void *hbuf;                                /* memory the hypervisor sees */
	struct xc_hypercall_buffer *param_shadow;  /* the buffer this one stands for */
	int dir;                                   /* bouncing of user memory, in the library */
	void *ubuf;
	size_t sz;
};
typedef struct xc_hypercall_buffer xc_hypercall_buffer_t;

#define XC__HYPERCALL_BUFFER_NAME(name) xc__hypercall_buffer_##name
#define HYPERCALL_BUFFER(name)                                                                     \
	({                                                                                         \
		xc_hypercall_buffer_t *hb_ = &XC__HYPERCALL_BUFFER_NAME(name);                     \
		hb_->param_shadow ? hb_->param_shadow : hb_;                                       \
	})
#define HYPERCALL_BUFFER_INIT_NO_BOUNCE .dir = 0, .sz = 0, .ubuf = (void *)-1
#define DECLARE_HYPERCALL_BUFFER(type, name)                                                       \
	type *(name) = NULL;                                                                       \
	xc_hypercall_buffer_t XC__HYPERCALL_BUFFER_NAME(name) = {                                  \
		.hbuf = NULL, .param_shadow = NULL, HYPERCALL_BUFFER_INIT_NO_BOUNCE                \
	}
#define DECLARE_HYPERCALL_BUFFER_SHADOW(type, name, shadowed)                                      \
	type *(name) = (shadowed)->hbuf;                                                           \
	__attribute__((unused)) DECLARE_HYPERCALL_BUFFER_ARGUMENT_(name, shadowed)
#define DECLARE_HYPERCALL_BUFFER_ARGUMENT(name) DECLARE_HYPERCALL_BUFFER_ARGUMENT_(name, name)
#define DECLARE_HYPERCALL_BUFFER_ARGUMENT_(name, shadowed)                                         \
	xc_hypercall_buffer_t XC__HYPERCALL_BUFFER_NAME(name) = {                                  \
		.hbuf = (void *)-1, .param_shadow = (shadowed), HYPERCALL_BUFFER_INIT_NO_BOUNCE    \
	}

/* The typed pointer in between refuses names that are no buffers. */
#define XC_HYPERCALL_BUFFER_ADDR_(name)                                                            \
	({                                                                                         \
		xc_hypercall_buffer_t *typed_ = HYPERCALL_BUFFER(name);                            \
		typed_->hbuf;                                                                      \
	})
#define HYPERCALL_BUFFER_AS_ARG(name) ((unsigned long)XC_HYPERCALL_BUFFER_ADDR_(name))
#define set_xen_guest_handle_impl(hnd, val, bytes)                                                 \
	set_xen_guest_handle_raw(hnd, (void *)((char *)XC_HYPERCALL_BUFFER_ADDR_(val) + (bytes)))
#undef set_xen_guest_handle
#define set_xen_guest_handle(hnd, val)             set_xen_guest_handle_impl(hnd, val, 0)
#define set_xen_guest_handle_offset(hnd, val, off) set_xen_guest_handle_impl(hnd, val, sizeof(*(val)) * (off))

/* Stands for no buffer at all. */
extern xc_hypercall_buffer_t XC__HYPERCALL_BUFFER_NAME(HYPERCALL_BUFFER_NULL);

/* Allocate and free; pages are aligned to pages. NULL with errno on failure. */
void *xc__hypercall_buffer_alloc(xc_interface *xch, xc_hypercall_buffer_t *b, size_t size);
void xc__hypercall_buffer_free(xc_interface *xch, xc_hypercall_buffer_t *b);
void *xc__hypercall_buffer_alloc_pages(xc_interface *xch, xc_hypercall_buffer_t *b, int nr_pages);
void xc__hypercall_buffer_free_pages(xc_interface *xch, xc_hypercall_buffer_t *b, int nr_pages);
#define xc_hypercall_buffer_alloc(xch, name, size)                                                 \
	xc__hypercall_buffer_alloc(xch, HYPERCALL_BUFFER(name), size)
#define xc_hypercall_buffer_free(xch, name) xc__hypercall_buffer_free(xch, HYPERCALL_BUFFER(name))
#define xc_hypercall_buffer_alloc_pages(xch, name, nr)                                             \
	xc__hypercall_buffer_alloc_pages(xch, HYPERCALL_BUFFER(name), nr)
#define xc_hypercall_buffer_free_pages(xch, name, nr)                                              \
	do {                                                                                       \
		if (name)                                                                          \
			xc__hypercall_buffer_free_pages(xch, HYPERCALL_BUFFER(name), nr);          \
	} while (0)

/* A fixed number of buffers under one owner. */
struct xc_hypercall_buffer_array;
typedef struct xc_hypercall_buffer_array xc_hypercall_buffer_array_t;
xc_hypercall_buffer_array_t *xc_hypercall_buffer_array_create(xc_interface *xch, unsigned n);
void *xc__hypercall_buffer_array_alloc(xc_interface *xch, xc_hypercall_buffer_array_t *array,
				       unsigned index, xc_hypercall_buffer_t *hbuf, size_t size);
void *xc__hypercall_buffer_array_get(xc_interface *xch, xc_hypercall_buffer_array_t *array,
				     unsigned index, xc_hypercall_buffer_t *hbuf);
void xc_hypercall_buffer_array_destroy(xc_interface *xc, xc_hypercall_buffer_array_t *array);
#define xc_hypercall_buffer_array_alloc(xch, array, index, name, size)                             \
	xc__hypercall_buffer_array_alloc(xch, array, index, HYPERCALL_BUFFER(name), size)
#define xc_hypercall_buffer_array_get(xch, array, index, name, size)                               \
	xc__hypercall_buffer_array_get(xch, array, index, HYPERCALL_BUFFER(name))

/* CPU and node bitmaps: as many bytes as xc_get_cpumap_size says. */
typedef uint8_t *xc_cpumap_t;
int xc_get_max_cpus(xc_interface *xch);
int xc_get_online_cpus(xc_interface *xch);
int xc_get_cpumap_size(xc_interface *xch);
xc_cpumap_t xc_cpumap_alloc(xc_interface *xch);
void xc_cpumap_clearcpu(int cpu, xc_cpumap_t map);
void xc_cpumap_setcpu(int cpu, xc_cpumap_t map);
int xc_cpumap_testcpu(int cpu, xc_cpumap_t map);
typedef uint8_t *xc_nodemap_t;
int xc_get_max_nodes(xc_interface *xch);
int xc_get_nodemap_size(xc_interface *xch);
xc_nodemap_t xc_nodemap_alloc(xc_interface *xch);

/* Header of old core dumps. */
typedef struct xc_core_header {
	unsigned int xch_magic;
	unsigned int xch_nr_vcpus;
	unsigned int xch_nr_pages;
	unsigned int xch_ctxt_offset;
	unsigned int xch_index_offset;
	unsigned int xch_pages_offset;
} xc_core_header_t;
#define XC_CORE_MAGIC     0xF00FEBED
#define XC_CORE_MAGIC_HVM 0xF00FEBEE

/*
 * A domain, unpacked. crashed: shutdown with reason crash. Memory: pages, max_memkb KiB;
 * cpu_time ns.
 */
typedef struct xc_dominfo {
	uint32_t domid;
	uint32_t ssidref;
	unsigned int dying : 1, crashed : 1, shutdown : 1, paused : 1, blocked : 1, running : 1,
		hvm : 1, debugged : 1, xenstore : 1, hap : 1;
	unsigned int shutdown_reason;
	unsigned long nr_pages;
	unsigned long nr_outstanding_pages;
	unsigned long nr_shared_pages;
	unsigned long nr_paged_pages;
	unsigned long shared_info_frame;
	uint64_t cpu_time;
	unsigned long max_memkb;
	unsigned int nr_online_vcpus;
	unsigned int max_vcpu_id;
	xen_domain_handle_t handle;
	unsigned int cpupool;
	uint8_t gpaddr_bits;
	struct xen_arch_domainconfig arch_config;
} xc_dominfo_t;

/* A domain as the hypervisor tells it. */
typedef xen_domctl_getdomaininfo_t xc_domaininfo_t;

/* State of a vCPU, and shared pages, by guest width. */
typedef union {
#if defined(__i386__) || defined(__x86_64__)
	vcpu_guest_context_x86_64_t x64;
	vcpu_guest_context_x86_32_t x32;
#endif
	vcpu_guest_context_t c;
} vcpu_guest_context_any_t;

typedef union {
#if defined(__i386__) || defined(__x86_64__)
	shared_info_x86_64_t x64;
	shared_info_x86_32_t x32;
#endif
	shared_info_t s;
} shared_info_any_t;
#if defined(__i386__) || defined(__x86_64__)
typedef union {
	start_info_x86_64_t x64;
	start_info_x86_32_t x32;
	start_info_t s;
} start_info_any_t;
#endif

typedef struct xc_vcpu_extstate {
	uint64_t xfeature_mask;
	uint64_t size;
	void *buffer;
} xc_vcpu_extstate_t;

/* *pdomid 0: the hypervisor chooses. */
int xc_domain_create(xc_interface *xch, uint32_t *pdomid, struct xen_domctl_createdomain *config);

/* ELF core dump of a domain, to a file or a function. */
int xc_domain_dumpcore(xc_interface *xch, uint32_t domid, const char *corename);
typedef int(dumpcore_rtn_t)(xc_interface *xch, void *arg, char *buffer, unsigned int length);
int xc_domain_dumpcore_via_callback(xc_interface *xch, uint32_t domid, void *arg,
				    dumpcore_rtn_t dump_rtn);

/* Life of a domain. */
int xc_domain_max_vcpus(xc_interface *xch, uint32_t domid, unsigned int max);
int xc_domain_pause(xc_interface *xch, uint32_t domid);
int xc_domain_unpause(xc_interface *xch, uint32_t domid);
int xc_domain_destroy(xc_interface *xch, uint32_t domid);
int xc_domain_shutdown(xc_interface *xch, uint32_t domid, int reason);

/* See SCHEDOP_watchdog: returns the id. */
int xc_watchdog(xc_interface *xch, uint32_t id, uint32_t timeout);

/* Affinity. Maps are in and out for a set; flags: XEN_VCPUAFFINITY_. */
int xc_domain_node_setaffinity(xc_interface *xch, uint32_t domind, xc_nodemap_t nodemap);
int xc_domain_node_getaffinity(xc_interface *xch, uint32_t domind, xc_nodemap_t nodemap);
int xc_vcpu_setaffinity(xc_interface *xch, uint32_t domid, int vcpu, xc_cpumap_t cpumap_hard_inout,
			xc_cpumap_t cpumap_soft_inout, uint32_t flags);
int xc_vcpu_getaffinity(xc_interface *xch, uint32_t domid, int vcpu, xc_cpumap_t cpumap_hard,
			xc_cpumap_t cpumap_soft, uint32_t flags);
int xc_domain_get_guest_width(xc_interface *xch, uint32_t domid, unsigned int *guest_width);

/* How many were filled in, -1 on error. */
int xc_domain_getinfo(xc_interface *xch, uint32_t first_domid, unsigned int max_doms,
		      xc_dominfo_t *info);
int xc_vcpu_setcontext(xc_interface *xch, uint32_t domid, uint32_t vcpu,
		       vcpu_guest_context_any_t *ctxt);
int xc_domain_getinfolist(xc_interface *xch, uint32_t first_domain, unsigned int max_domains,
			  xc_domaininfo_t *info);
int xc_set_broken_page_p2m(xc_interface *xch, uint32_t domid, unsigned long pfn);

/* HVM state; without a buffer the size. */
int xc_domain_hvm_getcontext(xc_interface *xch, uint32_t domid, uint8_t *ctxt_buf, uint32_t size);
int xc_domain_hvm_getcontext_partial(xc_interface *xch, uint32_t domid, uint16_t typecode,
				     uint16_t instance, void *ctxt_buf, uint32_t size);
int xc_domain_hvm_setcontext(xc_interface *xch, uint32_t domid, uint8_t *hvm_ctxt, uint32_t size);
const char *xc_domain_get_native_protocol(xc_interface *xch, uint32_t domid);
int xc_vcpu_getcontext(xc_interface *xch, uint32_t domid, uint32_t vcpu,
		       vcpu_guest_context_any_t *ctxt);
int xc_dom_vuart_init(xc_interface *xch, uint32_t type, uint32_t domid, uint32_t console_domid,
		      xen_pfn_t gfn, evtchn_port_t *evtchn);
int xc_vcpu_get_extstate(xc_interface *xch, uint32_t domid, uint32_t vcpu,
			 xc_vcpu_extstate_t *extstate);
typedef struct xen_domctl_getvcpuinfo xc_vcpuinfo_t;
int xc_vcpu_getinfo(xc_interface *xch, uint32_t domid, uint32_t vcpu, xc_vcpuinfo_t *info);

/* ns, -1 on error. */
long long xc_domain_get_cpu_usage(xc_interface *xch, uint32_t domid, int vcpu);
int xc_domain_sethandle(xc_interface *xch, uint32_t domid, xen_domain_handle_t handle);
typedef struct xen_domctl_shadow_op_stats xc_shadow_op_stats_t;

/* Shadow and log-dirty modes. */
int xc_shadow_control(xc_interface *xch, uint32_t domid, unsigned int sop, unsigned int *mb,
		      unsigned int mode);
long long xc_logdirty_control(xc_interface *xch, uint32_t domid, unsigned int sop,
			      xc_hypercall_buffer_t *dirty_bitmap, unsigned long pages,
			      unsigned int mode, xc_shadow_op_stats_t *stats);
int xc_get_paging_mempool_size(xc_interface *xch, uint32_t domid, uint64_t *size);
int xc_set_paging_mempool_size(xc_interface *xch, uint32_t domid, uint64_t size);

/* Scheduler parameters. */
int xc_sched_credit_domain_set(xc_interface *xch, uint32_t domid,
			       struct xen_domctl_sched_credit *sdom);
int xc_sched_credit_domain_get(xc_interface *xch, uint32_t domid,
			       struct xen_domctl_sched_credit *sdom);
int xc_sched_credit_params_set(xc_interface *xch, uint32_t cpupool_id,
			       struct xen_sysctl_credit_schedule *schedule);
int xc_sched_credit_params_get(xc_interface *xch, uint32_t cpupool_id,
			       struct xen_sysctl_credit_schedule *schedule);
int xc_sched_credit2_params_set(xc_interface *xch, uint32_t cpupool_id,
				struct xen_sysctl_credit2_schedule *schedule);
int xc_sched_credit2_params_get(xc_interface *xch, uint32_t cpupool_id,
				struct xen_sysctl_credit2_schedule *schedule);
int xc_sched_credit2_domain_set(xc_interface *xch, uint32_t domid,
				struct xen_domctl_sched_credit2 *sdom);
int xc_sched_credit2_domain_get(xc_interface *xch, uint32_t domid,
				struct xen_domctl_sched_credit2 *sdom);
int xc_sched_rtds_domain_set(xc_interface *xch, uint32_t domid, struct xen_domctl_sched_rtds *sdom);
int xc_sched_rtds_domain_get(xc_interface *xch, uint32_t domid, struct xen_domctl_sched_rtds *sdom);
int xc_sched_rtds_vcpu_set(xc_interface *xch, uint32_t domid,

			   struct xen_domctl_schedparam_vcpu *vcpus, uint32_t num_vcpus);
int xc_sched_rtds_vcpu_get(xc_interface *xch, uint32_t domid,

			   struct xen_domctl_schedparam_vcpu *vcpus, uint32_t num_vcpus);
int xc_sched_arinc653_schedule_set(xc_interface *xch, uint32_t cpupool_id,
				   struct xen_sysctl_arinc653_schedule *schedule);
int xc_sched_arinc653_schedule_get(xc_interface *xch, uint32_t cpupool_id,
				   struct xen_sysctl_arinc653_schedule *schedule);

/* XEN_DOMCTL_SENDTRIGGER_. */
int xc_domain_send_trigger(xc_interface *xch, uint32_t domid, uint32_t trigger, uint32_t vcpu);
int xc_domain_setdebugging(xc_interface *xch, uint32_t domid, unsigned int enable);
int xc_domain_p2m_audit(xc_interface *xch, uint32_t domid, uint64_t *orphans, uint64_t *m2p_bad,
			uint64_t *p2m_bad);
int xc_domain_set_access_required(xc_interface *xch, uint32_t domid, unsigned int required);
int xc_domain_set_virq_handler(xc_interface *xch, uint32_t domid, int virq);

/* CPU pools. getinfo: the pool of that id or the next; NULL past the last. */
typedef struct xc_cpupoolinfo {
	uint32_t cpupool_id;
	uint32_t sched_id;
	uint32_t n_dom;
	xc_cpumap_t cpumap;
} xc_cpupoolinfo_t;
#define XC_CPUPOOL_POOLID_ANY 0xFFFFFFFF
int xc_cpupool_create(xc_interface *xch, uint32_t *ppoolid, uint32_t sched_id);
int xc_cpupool_destroy(xc_interface *xch, uint32_t poolid);
xc_cpupoolinfo_t *xc_cpupool_getinfo(xc_interface *xch, uint32_t poolid);
void xc_cpupool_infofree(xc_interface *xch, xc_cpupoolinfo_t *info);
int xc_cpupool_addcpu(xc_interface *xch, uint32_t poolid, int cpu);
int xc_cpupool_removecpu(xc_interface *xch, uint32_t poolid, int cpu);
int xc_cpupool_movedomain(xc_interface *xch, uint32_t poolid, uint32_t domid);
xc_cpumap_t xc_cpupool_freeinfo(xc_interface *xch);

/* Event channels of other domains. */
typedef int xc_evtchn_port_or_error_t;
xc_evtchn_port_or_error_t xc_evtchn_alloc_unbound(xc_interface *xch, uint32_t dom,
						  uint32_t remote_dom);
int xc_evtchn_reset(xc_interface *xch, uint32_t dom);
typedef struct evtchn_status xc_evtchn_status_t;
int xc_evtchn_status(xc_interface *xch, xc_evtchn_status_t *status);
int xc_physdev_pci_access_modify(xc_interface *xch, uint32_t domid, int bus, int dev, int func,
				 int enable);

/* Hypervisor log; *pnr_chars in and out. */
int xc_readconsolering(xc_interface *xch, char *buffer, unsigned int *pnr_chars, int clear,
		       int incremental, uint32_t *pindex);
int xc_send_debug_keys(xc_interface *xch, const char *keys);
typedef struct xen_sysctl_physinfo xc_physinfo_t;
typedef struct xen_sysctl_cputopo xc_cputopo_t;
typedef struct xen_sysctl_numainfo xc_numainfo_t;
typedef struct xen_sysctl_meminfo xc_meminfo_t;
typedef struct xen_sysctl_pcitopoinfo xc_pcitopoinfo_t;
typedef uint32_t xc_cpu_to_node_t;
typedef uint32_t xc_cpu_to_socket_t;
typedef uint32_t xc_cpu_to_core_t;
typedef uint64_t xc_node_to_memsize_t;
typedef uint64_t xc_node_to_memfree_t;
typedef uint32_t xc_node_to_node_dist_t;

/* The host. Topologies: NULL arrays ask for the count. */
int xc_physinfo(xc_interface *xch, xc_physinfo_t *info);
int xc_cputopoinfo(xc_interface *xch, unsigned *max_cpus, xc_cputopo_t *cputopo);
int xc_microcode_update(xc_interface *xch, const void *buf, size_t len);
int xc_numainfo(xc_interface *xch, unsigned *max_nodes, xc_meminfo_t *meminfo, uint32_t *distance);
int xc_pcitopoinfo(xc_interface *xch, unsigned num_devs, physdev_pci_device_t *devs,
		   uint32_t *nodes);
int xc_sched_id(xc_interface *xch, int *sched_id);
int xc_machphys_mfn_list(xc_interface *xch, unsigned long max_extents, xen_pfn_t *extent_start);
typedef struct xen_sysctl_cpuinfo xc_cpuinfo_t;
int xc_getcpuinfo(xc_interface *xch, int max_cpus, xc_cpuinfo_t *info, int *nr_cpus);

/* KiB. */
int xc_domain_setmaxmem(xc_interface *xch, uint32_t domid, uint64_t max_memkb);
int xc_domain_set_memmap_limit(xc_interface *xch, uint32_t domid, unsigned long map_limitkb);
int xc_domain_setvnuma(xc_interface *xch, uint32_t domid, uint32_t nr_vnodes, uint32_t nr_regions,
		       uint32_t nr_vcpus, xen_vmemrange_t *vmemrange, unsigned int *vdistance,
		       unsigned int *vcpu_to_vnode, unsigned int *vnode_to_pnode);
int xc_domain_getvnuma(xc_interface *xch, uint32_t domid, uint32_t *nr_vnodes,
		       uint32_t *nr_vmemranges, uint32_t *nr_vcpus, xen_vmemrange_t *vmemrange,
		       unsigned int *vdistance, unsigned int *vcpu_to_vnode);
int xc_domain_soft_reset(xc_interface *xch, uint32_t domid);
#if defined(__i386__) || defined(__x86_64__)

/* E820 types and entries. */
#define E820_RAM      1
#define E820_RESERVED 2
#define E820_ACPI     3
#define E820_NVS      4
#define E820_UNUSABLE 5
#define E820MAX       (128)

struct e820entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));
int xc_domain_set_memory_map(xc_interface *xch, uint32_t domid,

			     struct e820entry entries[], uint32_t nr_entries);
int xc_get_machine_memory_map(xc_interface *xch,

			      struct e820entry entries[], uint32_t max_entries);
#endif
int xc_reserved_device_memory_map(xc_interface *xch, uint32_t flags, uint16_t seg, uint8_t bus,
				  uint8_t devfn,

				  struct xen_reserved_device_memory entries[],
				  uint32_t *max_entries);
int xc_domain_set_time_offset(xc_interface *xch, uint32_t domid, int32_t time_offset_seconds);

/* See struct xen_domctl_tsc_info. */
int xc_domain_set_tsc_info(xc_interface *xch, uint32_t domid, uint32_t tsc_mode,
			   uint64_t elapsed_nsec, uint32_t gtsc_khz, uint32_t incarnation);
int xc_domain_get_tsc_info(xc_interface *xch, uint32_t domid, uint32_t *tsc_mode,
			   uint64_t *elapsed_nsec, uint32_t *gtsc_khz, uint32_t *incarnation);
int xc_domain_maximum_gpfn(xc_interface *xch, uint32_t domid, xen_pfn_t *gpfns);
int xc_domain_nr_gpfns(xc_interface *xch, uint32_t domid, xen_pfn_t *gpfns);

/*
 * Reservations: without _exact they return how many extents were done, with it anything less
 * than all is an error.
 */
int xc_domain_increase_reservation(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				   unsigned int extent_order, unsigned int mem_flags,
				   xen_pfn_t *extent_start);
int xc_domain_increase_reservation_exact(xc_interface *xch, uint32_t domid,
					 unsigned long nr_extents, unsigned int extent_order,
					 unsigned int mem_flags, xen_pfn_t *extent_start);
int xc_domain_decrease_reservation(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				   unsigned int extent_order, xen_pfn_t *extent_start);
int xc_domain_decrease_reservation_exact(xc_interface *xch, uint32_t domid,
					 unsigned long nr_extents, unsigned int extent_order,
					 xen_pfn_t *extent_start);
int xc_domain_add_to_physmap(xc_interface *xch, uint32_t domid, unsigned int space,
			     unsigned long idx, xen_pfn_t gpfn);
int xc_domain_add_to_physmap_batch(xc_interface *xch, uint32_t domid, uint32_t foreign_domid,
				   unsigned int space, unsigned int size, xen_ulong_t *idxs,
				   xen_pfn_t *gfpns, int *errs);
int xc_domain_remove_from_physmap(xc_interface *xch, uint32_t domid, xen_pfn_t gpfn);
int xc_domain_populate_physmap(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
			       unsigned int extent_order, unsigned int mem_flags,
			       xen_pfn_t *extent_start);
int xc_domain_populate_physmap_exact(xc_interface *xch, uint32_t domid, unsigned long nr_extents,
				     unsigned int extent_order, unsigned int mem_flags,
				     xen_pfn_t *extent_start);

/* See XENMEM_claim_pages. */
int xc_domain_claim_pages(xc_interface *xch, uint32_t domid, unsigned long nr_pages);
int xc_domain_memory_exchange_pages(xc_interface *xch, uint32_t domid, unsigned long nr_in_extents,
				    unsigned int in_order, xen_pfn_t *in_extents,
				    unsigned long nr_out_extents, unsigned int out_order,
				    xen_pfn_t *out_extents);
int xc_domain_set_pod_target(xc_interface *xch, uint32_t domid, uint64_t target_pages,
			     uint64_t *tot_pages, uint64_t *pod_cache_pages, uint64_t *pod_entries);
int xc_domain_get_pod_target(xc_interface *xch, uint32_t domid, uint64_t *tot_pages,
			     uint64_t *pod_cache_pages, uint64_t *pod_entries);

/* Rights to devices. */
int xc_domain_ioport_permission(xc_interface *xch, uint32_t domid, uint32_t first_port,
				uint32_t nr_ports, uint32_t allow_access);
int xc_domain_irq_permission(xc_interface *xch, uint32_t domid, uint32_t pirq, bool allow_access);
int xc_domain_iomem_permission(xc_interface *xch, uint32_t domid, unsigned long first_mfn,
			       unsigned long nr_mfns, uint8_t allow_access);
unsigned long xc_make_page_below_4G(xc_interface *xch, uint32_t domid, unsigned long mfn);
typedef xen_sysctl_perfc_desc_t xc_perfc_desc_t;
typedef xen_sysctl_perfc_val_t xc_perfc_val_t;

/* Performance and lock counters. */
int xc_perfc_reset(xc_interface *xch);
int xc_perfc_query_number(xc_interface *xch, int *nbr_desc, int *nbr_val);
int xc_perfc_query(xc_interface *xch, xc_hypercall_buffer_t *desc, xc_hypercall_buffer_t *val);
typedef xen_sysctl_lockprof_data_t xc_lockprof_data_t;
int xc_lockprof_reset(xc_interface *xch);
int xc_lockprof_query_number(xc_interface *xch, uint32_t *n_elems);
int xc_lockprof_query(xc_interface *xch, uint32_t *n_elems, uint64_t *time,
		      xc_hypercall_buffer_t *data);
void *xc_memalign(xc_interface *xch, size_t alignment, size_t size);

/* Frame of a virtual address of a vCPU, 0 if none. */
unsigned long xc_translate_foreign_address(xc_interface *xch, uint32_t dom, int vcpu,
					   unsigned long long virt);
int xc_copy_to_domain_page(xc_interface *xch, uint32_t domid, unsigned long dst_pfn,
			   const char *src_page);
int xc_clear_domain_pages(xc_interface *xch, uint32_t domid, unsigned long dst_pfn, int num);
static inline int xc_clear_domain_page(xc_interface *xch, uint32_t domid, unsigned long dst_pfn)
{
	return xc_clear_domain_pages(xch, domid, dst_pfn, 1);
}

int xc_mmuext_op(xc_interface *xch, struct mmuext_op *op, unsigned int nr_ops, uint32_t dom);
int xc_maximum_ram_page(xc_interface *xch, unsigned long *max_mfn);
long xc_get_tot_pages(xc_interface *xch, uint32_t domid);
int xc_availheap(xc_interface *xch, int min_width, int max_width, int node, uint64_t *bytes);

/* Trace buffers. */
int xc_tbuf_enable(xc_interface *xch, unsigned long pages, unsigned long *mfn, unsigned long *size);
int xc_tbuf_disable(xc_interface *xch);
int xc_tbuf_set_size(xc_interface *xch, unsigned long size);
int xc_tbuf_get_size(xc_interface *xch, unsigned long *size);
int xc_tbuf_set_cpu_mask(xc_interface *xch, xc_cpumap_t mask);
int xc_tbuf_set_evt_mask(xc_interface *xch, uint32_t mask);

/* Processor trace. */
int xc_vmtrace_enable(xc_interface *xch, uint32_t domid, uint32_t vcpu);
int xc_vmtrace_disable(xc_interface *xch, uint32_t domid, uint32_t vcpu);
int xc_vmtrace_reset_and_enable(xc_interface *xch, uint32_t domid, uint32_t vcpu);
int xc_vmtrace_output_position(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t *pos);
int xc_vmtrace_get_option(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t key,
			  uint64_t *value);
int xc_vmtrace_set_option(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t key,
			  uint64_t value);

/* Calls as they are; version fields are filled in. */
int xc_domctl(xc_interface *xch, struct xen_domctl *domctl);
int xc_sysctl(xc_interface *xch, struct xen_sysctl *sysctl);
long xc_memory_op(xc_interface *xch, unsigned int cmd, void *arg, size_t len);
int xc_version(xc_interface *xch, int cmd, void *arg);
int xc_flask_op(xc_interface *xch, xen_flask_op_t *op);
int xc_domain_subscribe_for_suspend(xc_interface *xch, uint32_t domid, evtchn_port_t port);

/* Grant tables. */
int xc_gnttab_op(xc_interface *xch, int cmd, void *op, int op_size, int count);
int xc_gnttab_query_size(xc_interface *xch, struct gnttab_query_size *query);
int xc_gnttab_get_version(xc_interface *xch, uint32_t domid);
grant_entry_v1_t *xc_gnttab_map_table_v1(xc_interface *xch, uint32_t domid, int *gnt_num);
grant_entry_v2_t *xc_gnttab_map_table_v2(xc_interface *xch, uint32_t domid, int *gnt_num);
int xc_physdev_map_pirq(xc_interface *xch, uint32_t domid, int index, int *pirq);
int xc_physdev_map_pirq_msi(xc_interface *xch, uint32_t domid, int index, int *pirq, int devfn,
			    int bus, int entry_nr, uint64_t table_base);
int xc_physdev_unmap_pirq(xc_interface *xch, uint32_t domid, int pirq);

/* Last error of the handle. */
#define XC_MAX_ERROR_MSG_LEN 1024

typedef struct xc_error {
	enum xc_error_code code;
	char message[XC_MAX_ERROR_MSG_LEN];
} xc_error;
const char *xc_error_code_to_desc(int code);
const char *xc_strerror(xc_interface *xch, int errcode);
const xc_error *xc_get_last_error(xc_interface *handle);
void xc_clear_last_error(xc_interface *xch);

/* HVM parameters; the second pair is older. */
int xc_hvm_param_set(xc_interface *handle, uint32_t dom, uint32_t param, uint64_t value);
int xc_hvm_param_get(xc_interface *handle, uint32_t dom, uint32_t param, uint64_t *value);
int xc_set_hvm_param(xc_interface *handle, uint32_t dom, int param, unsigned long value);
int xc_get_hvm_param(xc_interface *handle, uint32_t dom, int param, unsigned long *value);

/* Passthrough: machine_sbdf is segment << 16 | bus << 8 | devfn. */
int xc_assign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf, uint32_t flag);
int xc_get_device_group(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf,
			uint32_t max_sdevs, uint32_t *num_sdevs, uint32_t *sdev_array);
int xc_test_assign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf);
int xc_deassign_device(xc_interface *xch, uint32_t domid, uint32_t machine_sbdf);
int xc_assign_dt_device(xc_interface *xch, uint32_t domid, char *path);
int xc_test_assign_dt_device(xc_interface *xch, uint32_t domid, char *path);
int xc_deassign_dt_device(xc_interface *xch, uint32_t domid, char *path);
int xc_domain_memory_mapping(xc_interface *xch, uint32_t domid, unsigned long first_gfn,
			     unsigned long first_mfn, unsigned long nr_mfns, uint32_t add_mapping);
int xc_domain_ioport_mapping(xc_interface *xch, uint32_t domid, uint32_t first_gport,
			     uint32_t first_mport, uint32_t nr_ports, uint32_t add_mapping);
int xc_domain_update_msi_irq(xc_interface *xch, uint32_t domid, uint32_t gvec, uint32_t pirq,
			     uint32_t gflags, uint64_t gtable);
int xc_domain_unbind_msi_irq(xc_interface *xch, uint32_t domid, uint32_t gvec, uint32_t pirq,
			     uint32_t gflags);
int xc_domain_bind_pt_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq, uint8_t irq_type,
			  uint8_t bus, uint8_t device, uint8_t intx, uint8_t isa_irq);
int xc_domain_unbind_pt_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq,
			    uint8_t irq_type, uint8_t bus, uint8_t device, uint8_t intx,
			    uint8_t isa_irq);
int xc_domain_bind_pt_pci_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq, uint8_t bus,
			      uint8_t device, uint8_t intx);
int xc_domain_bind_pt_isa_irq(xc_interface *xch, uint32_t domid, uint8_t machine_irq);
int xc_domain_bind_pt_spi_irq(xc_interface *xch, uint32_t domid, uint16_t vspi, uint16_t spi);
int xc_domain_unbind_pt_spi_irq(xc_interface *xch, uint32_t domid, uint16_t vspi, uint16_t spi);
int xc_domain_set_target(xc_interface *xch, uint32_t domid, uint32_t target);
int xc_domain_debug_control(xc_interface *xch, uint32_t domid, uint32_t sop, uint32_t vcpu);
#if defined(__i386__) || defined(__x86_64__)

/*
 * CPU policy changes in text: 32 characters per register, most significant bit first, each
 * 0, 1, x (default), k (host), s (host, kept).
 */
struct xc_xend_cpuid {
	union {
		struct {
			uint32_t leaf, subleaf;
		};
		uint32_t input[2];
	};
	char *policy[4];
};

struct xc_msr {
	uint32_t index;
	char policy[65];
};
#define XC_MSR_INPUT_UNUSED 0xffffffffu
int xc_cpuid_apply_policy(xc_interface *xch, uint32_t domid, bool restore,
			  const uint32_t *featureset, unsigned int nr_features, bool pae, bool itsc,
			  bool nested_virt, const struct xc_xend_cpuid *xend,
			  const struct xc_msr *msr);
int xc_mca_op(xc_interface *xch, struct xen_mc *mc);
int xc_mca_op_inject_v2(xc_interface *xch, unsigned int flags, xc_cpumap_t cpumap,
			unsigned int nr_cpus);
#endif

/* Power management. */
struct xc_px_val {
	uint64_t freq;
	uint64_t residency;
	uint64_t count;
};

struct xc_px_stat {
	uint8_t total;
	uint8_t usable;
	uint8_t last;
	uint8_t cur;
	uint64_t *trans_pt;
	struct xc_px_val *pt;
};
int xc_pm_get_max_px(xc_interface *xch, int cpuid, int *max_px);
int xc_pm_get_pxstat(xc_interface *xch, int cpuid, struct xc_px_stat *pxpt);
int xc_pm_reset_pxstat(xc_interface *xch, int cpuid);

struct xc_cx_stat {
	uint32_t nr;
	uint32_t last;
	uint64_t idle_time;
	uint64_t *triggers;
	uint64_t *residencies;
	uint32_t nr_pc;
	uint32_t nr_cc;
	uint64_t *pc;
	uint64_t *cc;
};
typedef struct xc_cx_stat xc_cx_stat_t;
int xc_pm_get_max_cx(xc_interface *xch, int cpuid, int *max_cx);
int xc_pm_get_cxstat(xc_interface *xch, int cpuid, struct xc_cx_stat *cxpt);
int xc_pm_reset_cxstat(xc_interface *xch, int cpuid);
int xc_cpu_online(xc_interface *xch, int cpu);
int xc_cpu_offline(xc_interface *xch, int cpu);
int xc_smt_enable(xc_interface *xch);
int xc_smt_disable(xc_interface *xch);
typedef struct xen_userspace xc_userspace_t;
typedef struct xen_ondemand xc_ondemand_t;

struct xc_get_cpufreq_para {
	uint32_t cpu_num;
	uint32_t freq_num;
	uint32_t gov_num;
	uint32_t *affected_cpus;
	uint32_t *scaling_available_frequencies;
	char *scaling_available_governors;
	char scaling_driver[CPUFREQ_NAME_LEN];
	uint32_t cpuinfo_cur_freq;
	uint32_t cpuinfo_max_freq;
	uint32_t cpuinfo_min_freq;
	uint32_t scaling_cur_freq;
	char scaling_governor[CPUFREQ_NAME_LEN];
	uint32_t scaling_max_freq;
	uint32_t scaling_min_freq;
	union {
		xc_userspace_t userspace;
		xc_ondemand_t ondemand;
	} u;
	int32_t turbo_enabled;
};
int xc_get_cpufreq_para(xc_interface *xch, int cpuid, struct xc_get_cpufreq_para *user_para);
int xc_set_cpufreq_gov(xc_interface *xch, int cpuid, char *govname);
int xc_set_cpufreq_para(xc_interface *xch, int cpuid, int ctrl_type, int ctrl_value);
int xc_get_cpufreq_avgfreq(xc_interface *xch, int cpuid, int *avg_freq);
int xc_set_sched_opt_smt(xc_interface *xch, uint32_t value);
int xc_get_cpuidle_max_cstate(xc_interface *xch, uint32_t *value);
int xc_set_cpuidle_max_cstate(xc_interface *xch, uint32_t value);
int xc_get_cpuidle_max_csubstate(xc_interface *xch, uint32_t *value);
int xc_set_cpuidle_max_csubstate(xc_interface *xch, uint32_t value);
int xc_enable_turbo(xc_interface *xch, int cpuid);
int xc_disable_turbo(xc_interface *xch, int cpuid);

/* Alternate p2m views, HVM. */
int xc_altp2m_get_domain_state(xc_interface *handle, uint32_t dom, bool *state);
int xc_altp2m_set_domain_state(xc_interface *handle, uint32_t dom, bool state);
int xc_altp2m_set_vcpu_enable_notify(xc_interface *handle, uint32_t domid, uint32_t vcpuid,
				     xen_pfn_t gfn);
int xc_altp2m_set_vcpu_disable_notify(xc_interface *handle, uint32_t domid, uint32_t vcpuid);
int xc_altp2m_create_view(xc_interface *handle, uint32_t domid, xenmem_access_t default_access,
			  uint16_t *view_id);
int xc_altp2m_destroy_view(xc_interface *handle, uint32_t domid, uint16_t view_id);
int xc_altp2m_switch_to_view(xc_interface *handle, uint32_t domid, uint16_t view_id);
int xc_altp2m_set_suppress_ve(xc_interface *handle, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			      bool sve);
int xc_altp2m_set_supress_ve_multi(xc_interface *handle, uint32_t domid, uint16_t view_id,
				   xen_pfn_t first_gfn, xen_pfn_t last_gfn, bool sve,
				   xen_pfn_t *error_gfn, int32_t *error_code);
int xc_altp2m_get_suppress_ve(xc_interface *handle, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			      bool *sve);
int xc_altp2m_set_mem_access(xc_interface *handle, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			     xenmem_access_t access);
int xc_altp2m_set_mem_access_multi(xc_interface *handle, uint32_t domid, uint16_t view_id,
				   uint8_t *access, uint64_t *gfns, uint32_t nr);
int xc_altp2m_get_mem_access(xc_interface *handle, uint32_t domid, uint16_t view_id, xen_pfn_t gfn,
			     xenmem_access_t *access);
int xc_altp2m_change_gfn(xc_interface *handle, uint32_t domid, uint16_t view_id, xen_pfn_t old_gfn,
			 xen_pfn_t new_gfn);
int xc_altp2m_get_vcpu_p2m_idx(xc_interface *handle, uint32_t domid, uint32_t vcpuid,
			       uint16_t *p2midx);
int xc_altp2m_set_visibility(xc_interface *handle, uint32_t domid, uint16_t view_id, bool visible);

/* Paging, access rights, monitoring, HVM. */
int xc_mem_paging_enable(xc_interface *xch, uint32_t domain_id, uint32_t *port);
int xc_mem_paging_disable(xc_interface *xch, uint32_t domain_id);
int xc_mem_paging_resume(xc_interface *xch, uint32_t domain_id);
int xc_mem_paging_nominate(xc_interface *xch, uint32_t domain_id, uint64_t gfn);
int xc_mem_paging_evict(xc_interface *xch, uint32_t domain_id, uint64_t gfn);
int xc_mem_paging_prep(xc_interface *xch, uint32_t domain_id, uint64_t gfn);
int xc_mem_paging_load(xc_interface *xch, uint32_t domain_id, uint64_t gfn, void *buffer);
int xc_set_mem_access(xc_interface *xch, uint32_t domain_id, xenmem_access_t access,
		      uint64_t first_pfn, uint32_t nr);
int xc_set_mem_access_multi(xc_interface *xch, uint32_t domain_id, uint8_t *access, uint64_t *pages,
			    uint32_t nr);
int xc_get_mem_access(xc_interface *xch, uint32_t domain_id, uint64_t pfn, xenmem_access_t *access);
int xc_vm_event_get_version(xc_interface *xch);
void *xc_monitor_enable(xc_interface *xch, uint32_t domain_id, uint32_t *port);
int xc_monitor_disable(xc_interface *xch, uint32_t domain_id);
int xc_monitor_resume(xc_interface *xch, uint32_t domain_id);
int xc_monitor_get_capabilities(xc_interface *xch, uint32_t domain_id, uint32_t *capabilities);
int xc_monitor_write_ctrlreg(xc_interface *xch, uint32_t domain_id, uint16_t index, bool enable,
			     bool sync, uint64_t bitmask, bool onchangeonly);
int xc_monitor_mov_to_msr(xc_interface *xch, uint32_t domain_id, uint32_t msr, bool enable,
			  bool onchangeonly);
int xc_monitor_singlestep(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_software_breakpoint(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_descriptor_access(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_guest_request(xc_interface *xch, uint32_t domain_id, bool enable, bool sync,
			     bool allow_userspace);
int xc_monitor_inguest_pagefault(xc_interface *xch, uint32_t domain_id, bool disable);
int xc_monitor_debug_exceptions(xc_interface *xch, uint32_t domain_id, bool enable, bool sync);
int xc_monitor_cpuid(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_privileged_call(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_emul_unimplemented(xc_interface *xch, uint32_t domain_id, bool enable);
int xc_monitor_vmexit(xc_interface *xch, uint32_t domain_id, bool enable, bool sync);
int xc_monitor_emulate_each_rep(xc_interface *xch, uint32_t domain_id, bool enable);

/* Sharing, HVM. */
int xc_memshr_control(xc_interface *xch, uint32_t domid, int enable);
int xc_memshr_ring_enable(xc_interface *xch, uint32_t domid, uint32_t *port);
int xc_memshr_ring_disable(xc_interface *xch, uint32_t domid);
int xc_memshr_domain_resume(xc_interface *xch, uint32_t domid);
int xc_memshr_nominate_gfn(xc_interface *xch, uint32_t domid, unsigned long gfn, uint64_t *handle);
int xc_memshr_nominate_gref(xc_interface *xch, uint32_t domid, grant_ref_t gref, uint64_t *handle);
int xc_memshr_share_gfns(xc_interface *xch, uint32_t source_domain, unsigned long source_gfn,
			 uint64_t source_handle, uint32_t client_domain, unsigned long client_gfn,
			 uint64_t client_handle);
int xc_memshr_share_grefs(xc_interface *xch, uint32_t source_domain, grant_ref_t source_gref,
			  uint64_t source_handle, uint32_t client_domain, grant_ref_t client_gref,
			  uint64_t client_handle);
int xc_memshr_add_to_physmap(xc_interface *xch, uint32_t source_domain, unsigned long source_gfn,
			     uint64_t source_handle, uint32_t client_domain,
			     unsigned long client_gfn);
int xc_memshr_range_share(xc_interface *xch, uint32_t source_domain, uint32_t client_domain,
			  uint64_t first_gfn, uint64_t last_gfn);
int xc_memshr_fork(xc_interface *xch, uint32_t source_domain, uint32_t client_domain,
		   bool allow_with_iommu, bool block_interrupts);
int xc_memshr_fork_reset(xc_interface *xch, uint32_t forked_domain, bool reset_state,
			 bool reset_memory);
int xc_memshr_debug_gfn(xc_interface *xch, uint32_t domid, unsigned long gfn);
int xc_memshr_debug_gref(xc_interface *xch, uint32_t domid, grant_ref_t gref);
int xc_memshr_audit(xc_interface *xch);
long xc_sharing_freed_pages(xc_interface *xch);
long xc_sharing_used_frames(xc_interface *xch);

/* Security policy. */
int xc_flask_load(xc_interface *xc_handle, char *buf, uint32_t size);
int xc_flask_context_to_sid(xc_interface *xc_handle, char *buf, uint32_t size, uint32_t *sid);
int xc_flask_sid_to_context(xc_interface *xc_handle, int sid, char *buf, uint32_t size);
int xc_flask_getenforce(xc_interface *xc_handle);
int xc_flask_setenforce(xc_interface *xc_handle, int mode);
int xc_flask_getbool_byid(xc_interface *xc_handle, int id, char *name, uint32_t size, int *curr,
			  int *pend);
int xc_flask_getbool_byname(xc_interface *xc_handle, char *name, int *curr, int *pend);
int xc_flask_setbool(xc_interface *xc_handle, char *name, int value, int commit);
int xc_flask_add_pirq(xc_interface *xc_handle, unsigned int pirq, char *scontext);
int xc_flask_add_ioport(xc_interface *xc_handle, unsigned long low, unsigned long high,
			char *scontext);
int xc_flask_add_iomem(xc_interface *xc_handle, unsigned long low, unsigned long high,
		       char *scontext);
int xc_flask_add_device(xc_interface *xc_handle, unsigned long device, char *scontext);
int xc_flask_del_pirq(xc_interface *xc_handle, unsigned int pirq);
int xc_flask_del_ioport(xc_interface *xc_handle, unsigned long low, unsigned long high);
int xc_flask_del_iomem(xc_interface *xc_handle, unsigned long low, unsigned long high);
int xc_flask_del_device(xc_interface *xc_handle, unsigned long device);
int xc_flask_access(xc_interface *xc_handle, const char *scon, const char *tcon, uint16_t tclass,
		    uint32_t req, uint32_t *allowed, uint32_t *decided, uint32_t *auditallow,
		    uint32_t *auditdeny, uint32_t *seqno);
int xc_flask_avc_cachestats(xc_interface *xc_handle, char *buf, int size);
int xc_flask_policyvers(xc_interface *xc_handle);
int xc_flask_avc_hashstats(xc_interface *xc_handle, char *buf, int size);
int xc_flask_getavc_threshold(xc_interface *xc_handle);
int xc_flask_setavc_threshold(xc_interface *xc_handle, int threshold);
int xc_flask_relabel_domain(xc_interface *xch, uint32_t domid, uint32_t sid);
struct elf_binary;
void xc_elf_set_logfile(xc_interface *xch, struct elf_binary *elf, int verbose);

/* Kexec. */
int xc_kexec_exec(xc_interface *xch, int type);
int xc_kexec_get_range(xc_interface *xch, int range, int nr, uint64_t *size, uint64_t *start);
int xc_kexec_load(xc_interface *xch, uint8_t type, uint16_t arch, uint64_t entry_maddr,
		  uint32_t nr_segments, xen_kexec_segment_t *segments);
int xc_kexec_unload(xc_interface *xch, int type);
int xc_kexec_status(xc_interface *xch, int type);

/* MSR lists. */
typedef xenpf_resource_entry_t xc_resource_entry_t;

struct xc_resource_op {
	uint64_t result;
	uint32_t cpu;
	uint32_t nr_entries;
	xc_resource_entry_t *entries;
};
typedef struct xc_resource_op xc_resource_op_t;
int xc_resource_op(xc_interface *xch, uint32_t nr_ops, xc_resource_op_t *ops);
#if defined(__i386__) || defined(__x86_64__)

/* Cache monitoring and allocation. */
enum xc_psr_cmt_type {
	XC_PSR_CMT_L3_OCCUPANCY,
	XC_PSR_CMT_TOTAL_MEM_COUNT,
	XC_PSR_CMT_LOCAL_MEM_COUNT,
};
typedef enum xc_psr_cmt_type xc_psr_cmt_type;

enum xc_psr_type {
	XC_PSR_CAT_L3_CBM = 1,
	XC_PSR_CAT_L3_CBM_CODE = 2,
	XC_PSR_CAT_L3_CBM_DATA = 3,
	XC_PSR_CAT_L2_CBM = 4,
	XC_PSR_MBA_THRTL = 5,
};
typedef enum xc_psr_type xc_psr_type;

enum xc_psr_feat_type {
	XC_PSR_CAT_L3,
	XC_PSR_CAT_L2,
	XC_PSR_MBA,
};
typedef enum xc_psr_feat_type xc_psr_feat_type;

union xc_psr_hw_info {
	struct {
		uint32_t cos_max;
		uint32_t cbm_len;
		bool cdp_enabled;
	} cat;
	struct {
		uint32_t cos_max;
		uint32_t thrtl_max;
		bool linear;
	} mba;
};
typedef union xc_psr_hw_info xc_psr_hw_info;
int xc_psr_cmt_attach(xc_interface *xch, uint32_t domid);
int xc_psr_cmt_detach(xc_interface *xch, uint32_t domid);
int xc_psr_cmt_get_domain_rmid(xc_interface *xch, uint32_t domid, uint32_t *rmid);
int xc_psr_cmt_get_total_rmid(xc_interface *xch, uint32_t *total_rmid);
int xc_psr_cmt_get_l3_upscaling_factor(xc_interface *xch, uint32_t *upscaling_factor);
int xc_psr_cmt_get_l3_event_mask(xc_interface *xch, uint32_t *event_mask);
int xc_psr_cmt_get_l3_cache_size(xc_interface *xch, uint32_t cpu, uint32_t *l3_cache_size);
int xc_psr_cmt_get_data(xc_interface *xch, uint32_t rmid, uint32_t cpu, xc_psr_cmt_type type,
			uint64_t *monitor_data, uint64_t *tsc);
int xc_psr_cmt_enabled(xc_interface *xch);
int xc_psr_set_domain_data(xc_interface *xch, uint32_t domid, xc_psr_type type, uint32_t target,
			   uint64_t data);
int xc_psr_get_domain_data(xc_interface *xch, uint32_t domid, xc_psr_type type, uint32_t target,
			   uint64_t *data);
int xc_psr_get_hw_info(xc_interface *xch, uint32_t socket, xc_psr_feat_type type,
		       xc_psr_hw_info *hw_info);
#endif

/* Live patches. */
int xc_livepatch_upload(xc_interface *xch, char *name, unsigned char *payload, uint32_t size);
int xc_livepatch_get(xc_interface *xch, char *name, xen_livepatch_status_t *status);
int xc_livepatch_list_get_sizes(xc_interface *xch, unsigned int *nr, uint32_t *name_total_size,
				uint32_t *metadata_total_size);
int xc_livepatch_list(xc_interface *xch, const unsigned int max, const unsigned int start,

		      struct xen_livepatch_status *info, char *name, uint32_t *len,
		      const uint32_t name_total_size, char *metadata, uint32_t *metadata_len,
		      const uint32_t metadata_total_size, unsigned int *done, unsigned int *left);
int xc_livepatch_apply(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags);
int xc_livepatch_revert(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags);
int xc_livepatch_unload(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags);
int xc_livepatch_replace(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags);
int xc_domain_cacheflush(xc_interface *xch, uint32_t domid, xen_pfn_t start_pfn, xen_pfn_t nr_pfns);
#include "xenctrl_compat.h"
#endif
