/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenlight: create, inspect, change and destroy domains.
 *
 * Types come from idl/types.idl by way of _libxl_types.h. Every type X has libxl_X_init (call it first),
 * libxl_X_dispose, libxl_X_copy, libxl_X_to_json and libxl_X_from_json. Functions return 0 or a
 * negative ERROR_* number; the reason goes to the context's logger.
 */
#ifndef LIBXL_H
#define LIBXL_H

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <xentoollog.h>

typedef struct libxl__ctx libxl_ctx;

#include <libxl_uuid.h>
#include <xen_list.h>

/*
 * A caller may ask for the prototypes of an older release by defining LIBXL_API_VERSION; see
 * _libxl_compat.h for what that changes.
 */
#ifdef LIBXL_API_VERSION
#if LIBXL_API_VERSION != 0x040200 && LIBXL_API_VERSION != 0x040300 && \
	LIBXL_API_VERSION != 0x040400 && LIBXL_API_VERSION != 0x040500 && \
	LIBXL_API_VERSION != 0x040700 && LIBXL_API_VERSION != 0x040800 && \
	LIBXL_API_VERSION != 0x041300 && LIBXL_API_VERSION != 0x041400
#error "LIBXL_API_VERSION names no release that this header knows"
#endif
#endif

#ifndef LIBXL_EXTERNAL_CALLERS_ONLY
#define LIBXL_EXTERNAL_CALLERS_ONLY
#endif

/* Feature tests for callers that build against several releases. */
#define LIBXL_HAVE_ALTP2M 1
#define LIBXL_HAVE_AO_ABORT 1
#define LIBXL_HAVE_APIC_ASSIST 1
#define LIBXL_HAVE_BITMAP_AND_OR 1
#define LIBXL_HAVE_BUILDINFO_APIC 1
#define LIBXL_HAVE_BUILDINFO_ARCH_ARM_TEE 1
#define LIBXL_HAVE_BUILDINFO_ARM_GIC_VERSION 1
#define LIBXL_HAVE_BUILDINFO_ARM_VUART 1
#define LIBXL_HAVE_BUILDINFO_BOOTLOADER 1
#define LIBXL_HAVE_BUILDINFO_BOOTLOADER_ARGS 1
#define LIBXL_HAVE_BUILDINFO_DEVICE_MODEL_STUBDOMAIN 1
#define LIBXL_HAVE_BUILDINFO_EVENT_CHANNELS 1
#define LIBXL_HAVE_BUILDINFO_GRANT_DEFAULT 1
#define LIBXL_HAVE_BUILDINFO_GRANT_LIMITS 1
#define LIBXL_HAVE_BUILDINFO_HVM_ACPI_LAPTOP_SLATE 1
#define LIBXL_HAVE_BUILDINFO_HVM_MMIO_HOLE_MEMKB 1
#define LIBXL_HAVE_BUILDINFO_HVM_MS_VM_GENID 1
#define LIBXL_HAVE_BUILDINFO_HVM_SYSTEM_FIRMWARE
#define LIBXL_HAVE_BUILDINFO_HVM_VENDOR_DEVICE 1
#define LIBXL_HAVE_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE 1
#define LIBXL_HAVE_BUILDINFO_IOMEM_START_GFN 1
#define LIBXL_HAVE_BUILDINFO_IOMMU_MEMKB 1
#define LIBXL_HAVE_BUILDINFO_KERNEL 1
#define LIBXL_HAVE_BUILDINFO_NESTED_HVM 1
#define LIBXL_HAVE_BUILDINFO_SERIAL_LIST 1
#define LIBXL_HAVE_BUILDINFO_TIMER_MODE 1
#define LIBXL_HAVE_BUILDINFO_USBDEVICE_LIST 1
#define LIBXL_HAVE_BUILDINFO_USBVERSION 1
#define LIBXL_HAVE_BUILDINFO_VCPU_AFFINITY_ARRAYS 1
#define LIBXL_HAVE_BUILDINFO_VKB_DEVICE 1
#define LIBXL_HAVE_BUILD_ID 1
#define LIBXL_HAVE_BYTEARRAY_UUID 1
#define LIBXL_HAVE_CHECKPOINTED_STREAM 1
#define LIBXL_HAVE_COLO_USERSPACE_PROXY 1
#define LIBXL_HAVE_CONSOLE_NOTIFY_FD 1
#define LIBXL_HAVE_CONST_COPY_AND_LENGTH_FUNCTIONS 1
#define LIBXL_HAVE_CPUPOOL_ADD_REM_CPUMAP 1
#define LIBXL_HAVE_CPUPOOL_NAME 1
#define LIBXL_HAVE_CPUPOOL_QUALIFIER_TO_CPUPOOLID 1
#define LIBXL_HAVE_CREATEINFO_DOMID
#define LIBXL_HAVE_CREATEINFO_PASSTHROUGH 1
#define LIBXL_HAVE_CREATEINFO_XEND_SUSPEND_EVTCHN_COMPAT
#define LIBXL_HAVE_DEVICETREE_PASSTHROUGH 1
#define LIBXL_HAVE_DEVICE_BACKEND_DOMNAME 1
#define LIBXL_HAVE_DEVICE_CHANNEL 1
#define LIBXL_HAVE_DEVICE_DISK_DIRECT_IO_SAFE 1
#define LIBXL_HAVE_DEVICE_DISK_SPECIFICATION 1
#define LIBXL_HAVE_DEVICE_MODEL_USER 1
#define LIBXL_HAVE_DEVICE_PCI_ASSIGNABLE_LIST_FREE 1
#define LIBXL_HAVE_DEVICE_PCI_LIST_FREE 1
#define LIBXL_HAVE_DEVICE_PCI_NAME 1
#define LIBXL_HAVE_DEVICE_PCI_SEIZE 1
#define LIBXL_HAVE_DISK_SAFE_REMOVE 1
#define LIBXL_HAVE_DISK_TRUSTED 1
#define LIBXL_HAVE_DOMAIN_CREATE_RESTORE_PARAMS 1
#define LIBXL_HAVE_DOMAIN_CREATE_RESTORE_SEND_BACK_FD 1
#define LIBXL_HAVE_DOMAIN_NEED_MEMORY_CONFIG
#define LIBXL_HAVE_DOMAIN_NEED_MEMORY_CONST_B_INFO 1
#define LIBXL_HAVE_DOMAIN_NODEAFFINITY 1
#define LIBXL_HAVE_DOMAIN_SUSPEND_ONLY 1
#define LIBXL_HAVE_DOMINFO_GPADDR_BITS 1
#define LIBXL_HAVE_DOMINFO_NEVER_STOP 1
#define LIBXL_HAVE_DOMINFO_OUTSTANDING_MEMKB 1
#define LIBXL_HAVE_DRIVER_DOMAIN_CREATION 1
#define LIBXL_HAVE_ERROR_DOMAIN_NOTFOUND 1
#define LIBXL_HAVE_EXTENDED_VKB 1
#define LIBXL_HAVE_FIRMWARE_PASSTHROUGH 1
#define LIBXL_HAVE_FN_USING_QMP_ASYNC 1
#define LIBXL_HAVE_GFX_PASSTHRU_KIND
#define LIBXL_HAVE_HVM_HDTYPE 1
#define LIBXL_HAVE_LIBXL_DEVICE_DISK_DISCARD_ENABLE 1
#define LIBXL_HAVE_MAX_GRANT_VERSION 1
#define LIBXL_HAVE_MCA_CAPS 1
#define LIBXL_HAVE_MEMKB_64BITS 1
#define LIBXL_HAVE_NIC_TRUSTED 1
#define LIBXL_HAVE_P9S 1
#define LIBXL_HAVE_PCITOPOLOGY 1
#define LIBXL_HAVE_PHYSINFO_CAP_GNTTAB 1
#define LIBXL_HAVE_PHYSINFO_CAP_HAP_SHADOW 1
#define LIBXL_HAVE_PHYSINFO_CAP_IOMMU_HAP_PT_SHARE 1
#define LIBXL_HAVE_PHYSINFO_CAP_PV 1
#define LIBXL_HAVE_PHYSINFO_CAP_VMTRACE 1
#define LIBXL_HAVE_PHYSINFO_CAP_VPMU 1
#define LIBXL_HAVE_PHYSINFO_MAX_POSSIBLE_MFN 1
#define LIBXL_HAVE_PHYSINFO_OUTSTANDING_PAGES 1
#define LIBXL_HAVE_PSR_CAT 1
#define LIBXL_HAVE_PSR_CDP 1
#define LIBXL_HAVE_PSR_CMT 1
#define LIBXL_HAVE_PSR_GENERIC 1
#define LIBXL_HAVE_PSR_L2_CAT 1
#define LIBXL_HAVE_PSR_MBM 1
#define LIBXL_HAVE_PVCALLS 1
#define LIBXL_HAVE_PVUSB 1
#define LIBXL_HAVE_PV_SHIM 1
#define LIBXL_HAVE_QED 1
#define LIBXL_HAVE_QEMU_MONITOR_COMMAND 1
#define LIBXL_HAVE_QXL 1
#define LIBXL_HAVE_REMUS 1
#define LIBXL_HAVE_RETRIEVE_DOMAIN_CONFIGURATION 1
#define LIBXL_HAVE_SCHED_CREDIT2_PARAMS 1
#define LIBXL_HAVE_SCHED_CREDIT_MIGR_DELAY
#define LIBXL_HAVE_SCHED_NULL 1
#define LIBXL_HAVE_SCHED_RTDS 1
#define LIBXL_HAVE_SCHED_RTDS_VCPU_EXTRA 1
#define LIBXL_HAVE_SCHED_RTDS_VCPU_PARAMS 1
#define LIBXL_HAVE_SET_PARAMETERS 1
#define LIBXL_HAVE_SET_VCPUAFFINITY_FORCE 1
#define LIBXL_HAVE_SIGCHLD_OWNER_SELECTIVE_REAP 1
#define LIBXL_HAVE_SIGCHLD_SHARING 1
#define LIBXL_HAVE_SOCKET_BITMAP 1
#define LIBXL_HAVE_SOFT_RESET 1
#define LIBXL_HAVE_SPICE_IMAGECOMPRESSION 1
#define LIBXL_HAVE_SPICE_STREAMINGVIDEO 1
#define LIBXL_HAVE_SPICE_USBREDIREDIRECTION 1
#define LIBXL_HAVE_SPICE_VDAGENT 1
#define LIBXL_HAVE_SRM_V1 1
#define LIBXL_HAVE_SRM_V2 1
#define LIBXL_HAVE_SSID_LABEL 1
#define LIBXL_HAVE_USERDATA_UNLINK 1
#define LIBXL_HAVE_UUID_COPY_CTX_PARAM 1
#define LIBXL_HAVE_VCPUINFO_SOFT_AFFINITY 1
#define LIBXL_HAVE_VCPU_SCHED_PARAMS 1
#define LIBXL_HAVE_VGA_INTERFACE_TYPE_UNKNOWN 1
#define LIBXL_HAVE_VIRIDIAN_CPU_HOTPLUG 1
#define LIBXL_HAVE_VIRIDIAN_CRASH_CTL 1
#define LIBXL_HAVE_VIRIDIAN_EX_PROCESSOR_MASKS 1
#define LIBXL_HAVE_VIRIDIAN_HCALL_IPI 1
#define LIBXL_HAVE_VIRIDIAN_NO_VP_LIMIT 1
#define LIBXL_HAVE_VIRIDIAN_STIMER 1
#define LIBXL_HAVE_VIRIDIAN_SYNIC 1
#define LIBXL_HAVE_VMTRACE_BUF_KB 1
#define LIBXL_HAVE_VNUMA 1
#define LIBXL_HAVE_VPMU 1
#define LIBXL_HAVE_X86_MSR_RELAXED 1
#if LIBXL_API_VERSION != 0x040200
#define LIBXL_HAVE_NONCONST_EVENT_OCCURS_EVENT_ARG 1
#endif
#if !defined(LIBXL_API_VERSION) || LIBXL_API_VERSION >= 0x040500
#define LIBXL_HAVE_NONCONST_LIBXL_BASENAME_RETURN_VALUE 1
#endif

#define LIBXL_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE_WIDTH 64
#define LIBXL_MAX_GRANT_DEFAULT (~(uint32_t)0)
#define LIBXL_MAX_GRANT_FRAMES_DEFAULT 32
#define LIBXL_MAX_MAPTRACK_FRAMES_DEFAULT 1024

/* Types that the IDL builds upon. */
typedef uint8_t libxl_mac[6];
#define LIBXL_MAC_FMT "%02hhx:%02hhx:%02hhx:%02hhx:%02hhx:%02hhx"
#define LIBXL_MAC_FMTLEN ((2 * 6) + 5)
#define LIBXL_MAC_BYTES(mac) mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]
void libxl_mac_copy(libxl_ctx *ctx, libxl_mac *dst, const libxl_mac *src);

/* NULL or an array of strings that ends with NULL. */
typedef char **libxl_string_list;
void libxl_string_list_dispose(libxl_string_list *sl);
int libxl_string_list_length(const libxl_string_list *sl);
void libxl_string_list_copy(libxl_ctx *ctx, libxl_string_list *dst, const libxl_string_list *src);

/* NULL or key, value, key, value, ..., NULL. */
typedef char **libxl_key_value_list;
void libxl_key_value_list_dispose(libxl_key_value_list *kvl);
int libxl_key_value_list_length(const libxl_key_value_list *kvl);
void libxl_key_value_list_copy(libxl_ctx *ctx, libxl_key_value_list *dst,
	const libxl_key_value_list *src);

typedef uint32_t libxl_hwcap[8];
void libxl_hwcap_copy(libxl_ctx *ctx, libxl_hwcap *dst, const libxl_hwcap *src);

typedef uint64_t libxl_ev_user;

/* size is in bytes; bit n is bit n % 8 of map[n / 8]. */
typedef struct {
	uint32_t size;
	uint8_t *map;
} libxl_bitmap;
void libxl_bitmap_init(libxl_bitmap *map);
void libxl_bitmap_dispose(libxl_bitmap *map);

struct libxl__cpu_policy;
typedef struct libxl__cpu_policy *libxl_cpuid_policy_list;
void libxl_cpuid_dispose(libxl_cpuid_policy_list *cpuid_list);
int libxl_cpuid_policy_list_length(const libxl_cpuid_policy_list *l);
void libxl_cpuid_policy_list_copy(libxl_ctx *ctx, libxl_cpuid_policy_list *dst,
	const libxl_cpuid_policy_list *src);

#define LIBXL_PCI_FUNC_ALL (~0U)

typedef uint32_t libxl_domid;
typedef int libxl_devid;

typedef struct {
	const char *s;
	int v;
} libxl_enum_string_table;

struct libxl_event;
typedef XEN_TAILQ_ENTRY(struct libxl_event) libxl_ev_link;

/* Yes, no, or not said: 1, -1, 0. Only the functions below look inside. */
typedef struct {
	int val;
} libxl_defbool;
void libxl_defbool_set(libxl_defbool *db, bool b);
void libxl_defbool_unset(libxl_defbool *db);
void libxl_defbool_setdefault(libxl_defbool *db, bool b);
bool libxl_defbool_is_default(libxl_defbool db);
bool libxl_defbool_val(libxl_defbool db);
const char *libxl_defbool_to_string(libxl_defbool b);

#define LIBXL_TIMER_MODE_DEFAULT -1
#define LIBXL_MEMKB_DEFAULT ~0ULL
#define LIBXL_RDM_MEM_BOUNDARY_MEMKB_DEFAULT (2048 * 1024)

#define LIBXL_MS_VM_GENID_LEN 16
typedef struct {
	uint8_t bytes[LIBXL_MS_VM_GENID_LEN];
} libxl_ms_vm_genid;

#include "_libxl_types.h"

/* Asynchronous calls: a callback, or an OPERATION_COMPLETE event when callback is NULL. */
typedef struct {
	void (*callback)(libxl_ctx *ctx, int rc, void *for_callback);
	union {
		libxl_ev_user for_event;
		void *for_callback;
	} u;
} libxl_asyncop_how;

typedef struct {
	void (*callback)(libxl_ctx *ctx, libxl_event *event, void *for_callback);
	libxl_ev_user for_event;
	void *for_callback;
} libxl_asyncprogress_how;

typedef struct libxl__xen_console_reader libxl_xen_console_reader;
typedef enum libxl_psr_cbm_type libxl_psr_type;

#define LIBXL_VERSION 0
#define INVALID_DOMID ~0
#define RANDOM_DOMID (INVALID_DOMID - 1)

#define LIBXL_SUSPEND_DEBUG 1
#define LIBXL_SUSPEND_LIVE 2

#define LIBXL_CPUTOPOLOGY_INVALID_ENTRY (~(uint32_t)0)
#define LIBXL_PCITOPOLOGY_INVALID_ENTRY (~(uint32_t)0)
#define LIBXL_NUMAINFO_INVALID_ENTRY (~(uint32_t)0)

#define LIBXL_DOMAIN_SCHED_PARAM_WEIGHT_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_CAP_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_PERIOD_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_SLICE_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_LATENCY_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_EXTRATIME_DEFAULT -1
#define LIBXL_DOMAIN_SCHED_PARAM_BUDGET_DEFAULT -1
#define LIBXL_SCHED_PARAM_VCPU_INDEX_DEFAULT -1

#define LIBXL_CPUPOOL_POOLID_ANY 0xFFFFFFFF

/* Start here: the version of the hypervisor. The answer lives as long as the context. */
const libxl_version_info*libxl_get_version_info(libxl_ctx *ctx);
int libxl_ao_abort(libxl_ctx *ctx, const libxl_asyncop_how *how);

/* Contexts. One per thread of use; flags is reserved and must be zero. */
int libxl_ctx_alloc(libxl_ctx **pctx, int version, unsigned flags, xentoollog_logger *lg);
int libxl_ctx_free(libxl_ctx *ctx);

/* Life and death of domains. A NULL ao_how means: return when it is done. */
int libxl_domain_create_new(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t *domid,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how);
int libxl_domain_create_restore(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t *domid,
	int restore_fd, int send_back_fd, const libxl_domain_restore_params *params,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how);
int libxl_domain_soft_reset(libxl_ctx *ctx, libxl_domain_config *d_config, uint32_t domid,
	const libxl_asyncop_how *ao_how, const libxl_asyncprogress_how *aop_console_how);
void libxl_domain_config_init(libxl_domain_config *d_config);
void libxl_domain_config_dispose(libxl_domain_config *d_config);
int libxl_retrieve_domain_configuration(libxl_ctx *ctx, uint32_t domid,
	libxl_domain_config *d_config, const libxl_asyncop_how *ao_how);
int libxl_domain_suspend(libxl_ctx *ctx, uint32_t domid, int fd, int flags,
	const libxl_asyncop_how *ao_how);
int libxl_domain_suspend_only(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_resume(libxl_ctx *ctx, uint32_t domid, int suspend_cancel,
	const libxl_asyncop_how *ao_how);
int libxl_domain_remus_start(libxl_ctx *ctx, libxl_domain_remus_info *info, uint32_t domid,
	int send_fd, int recv_fd, const libxl_asyncop_how *ao_how);
int libxl_domain_shutdown(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_reboot(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_destroy(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_preserve(libxl_ctx *ctx, uint32_t domid, libxl_domain_create_info *info,
	const char *name_suffix, libxl_uuid new_uuid);
int libxl_get_max_cpus(libxl_ctx *ctx);
int libxl_get_online_cpus(libxl_ctx *ctx);
int libxl_get_max_nodes(libxl_ctx *ctx);
int libxl_domain_rename(libxl_ctx *ctx, uint32_t domid, const char *old_name, const char *new_name);
int libxl_domain_pause(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_unpause(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *ao_how);
int libxl_domain_core_dump(libxl_ctx *ctx, uint32_t domid, const char *filename,
	const libxl_asyncop_how *ao_how);

/* Memory. Sizes are in KiB. */
int libxl_domain_setmaxmem(libxl_ctx *ctx, uint32_t domid, uint64_t target_memkb);
int libxl_set_memory_target(libxl_ctx *ctx, uint32_t domid, int64_t target_memkb, int relative,
	int enforce);
int libxl_get_memory_target(libxl_ctx *ctx, uint32_t domid, uint64_t *out_target);
int libxl_get_memory_target_0x040700(libxl_ctx *ctx, uint32_t domid, uint32_t *out_target);
int libxl_domain_need_memory(libxl_ctx *ctx, libxl_domain_config *config,
	uint32_t domid_for_logging, uint64_t *need_memkb);
int libxl_domain_need_memory_0x041200(libxl_ctx *ctx, const libxl_domain_build_info *b_info_in,
	uint64_t *need_memkb);
int libxl_domain_need_memory_0x040700(libxl_ctx *ctx, const libxl_domain_build_info *b_info_in,
	uint32_t *need_memkb);
int libxl_get_free_memory(libxl_ctx *ctx, uint64_t *memkb);
int libxl_get_free_memory_0x040700(libxl_ctx *ctx, uint32_t *memkb);
int libxl_wait_for_free_memory(libxl_ctx *ctx, uint32_t domid, uint64_t memory_kb, int wait_secs);
int libxl_wait_for_memory_target(libxl_ctx *ctx, uint32_t domid, int wait_secs);

/* Consoles. The exec calls return only on failure. */
int libxl_vncviewer_exec(libxl_ctx *ctx, uint32_t domid, int autopass);
int libxl_console_exec(libxl_ctx *ctx, uint32_t domid, int cons_num, libxl_console_type type,
	int notify_fd);
int libxl_primary_console_exec(libxl_ctx *ctx, uint32_t domid_vm, int notify_fd);
int libxl_console_get_tty(libxl_ctx *ctx, uint32_t domid, int cons_num, libxl_console_type type,
	char **path);
int libxl_primary_console_get_tty(libxl_ctx *ctx, uint32_t domid_vm, char **path);

/* What exists. Lists are freed with the matching _list_free. */
int libxl_domain_info(libxl_ctx *ctx, libxl_dominfo *info_r, uint32_t domid);
libxl_dominfo *libxl_list_domain(libxl_ctx *ctx, int *nb_domain_out);
void libxl_dominfo_list_free(libxl_dominfo *list, int nb_domain);
libxl_cpupoolinfo *libxl_list_cpupool(libxl_ctx *ctx, int *nb_pool_out);
void libxl_cpupoolinfo_list_free(libxl_cpupoolinfo *list, int nb_pool);
libxl_vminfo *libxl_list_vm(libxl_ctx *ctx, int *nb_vm_out);
void libxl_vminfo_list_free(libxl_vminfo *list, int nb_vm);
libxl_cputopology *libxl_get_cpu_topology(libxl_ctx *ctx, int *nb_cpu_out);
void libxl_cputopology_list_free(libxl_cputopology *list, int nb_cpu);
libxl_pcitopology *libxl_get_pci_topology(libxl_ctx *ctx, int *num_devs);
void libxl_pcitopology_list_free(libxl_pcitopology *list, int num_devs);
libxl_numainfo *libxl_get_numainfo(libxl_ctx *ctx, int *nr);
void libxl_numainfo_list_free(libxl_numainfo *list, int nr);
libxl_vcpuinfo *libxl_list_vcpu(libxl_ctx *ctx, uint32_t domid, int *nb_vcpu, int *nr_cpus_out);
void libxl_vcpuinfo_list_free(libxl_vcpuinfo *list, int nr_vcpus);

/*
 * Devices. remove asks the guest and takes the device away if it is not released within 10 s; safe_remove fails then,
 * with ERROR_TIMEDOUT, and leaves it as it was; destroy does not ask.
 */
int libxl_device_disk_add(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how);
int libxl_device_disk_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how);
int libxl_device_disk_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how);
int libxl_device_disk_safe_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how);
libxl_device_disk *libxl_device_disk_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_disk_list_free(libxl_device_disk *list, int num);
int libxl_device_disk_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_disk *disk,
	libxl_diskinfo *diskinfo);
int libxl_cdrom_insert(libxl_ctx *ctx, uint32_t domid, libxl_device_disk *disk,
	const libxl_asyncop_how *ao_how);
int libxl_device_usbctrl_add(libxl_ctx *ctx, uint32_t domid, libxl_device_usbctrl *usbctrl,
	const libxl_asyncop_how *ao_how);
int libxl_device_usbctrl_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_usbctrl *usbctrl,
	const libxl_asyncop_how *ao_how);
int libxl_device_usbctrl_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_usbctrl *usbctrl,
	const libxl_asyncop_how *ao_how);
libxl_device_usbctrl *libxl_device_usbctrl_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_usbctrl_list_free(libxl_device_usbctrl *list, int nr);
int libxl_device_usbctrl_getinfo(libxl_ctx *ctx, uint32_t domid,
	const libxl_device_usbctrl *usbctrl, libxl_usbctrlinfo *usbctrlinfo);
int libxl_device_usbdev_add(libxl_ctx *ctx, uint32_t domid, libxl_device_usbdev *usbdev,
	const libxl_asyncop_how *ao_how);
int libxl_device_usbdev_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_usbdev *usbdev,
	const libxl_asyncop_how *ao_how);
libxl_device_usbdev *libxl_device_usbdev_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_usbdev_list_free(libxl_device_usbdev *list, int nr);
int libxl_device_nic_add(libxl_ctx *ctx, uint32_t domid, libxl_device_nic *nic,
	const libxl_asyncop_how *ao_how);
int libxl_device_nic_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_nic *nic,
	const libxl_asyncop_how *ao_how);
int libxl_device_nic_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_nic *nic,
	const libxl_asyncop_how *ao_how);
libxl_device_nic *libxl_device_nic_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_nic_list_free(libxl_device_nic *list, int num);
int libxl_device_nic_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_nic *nic,
	libxl_nicinfo *nicinfo);
libxl_device_channel *libxl_device_channel_list(libxl_ctx *ctx, uint32_t domid, int *num);
int libxl_device_channel_getinfo(libxl_ctx *ctx, uint32_t domid,
	const libxl_device_channel *channel, libxl_channelinfo *channelinfo);
int libxl_device_vtpm_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vtpm *vtpm,
	const libxl_asyncop_how *ao_how);
int libxl_device_vtpm_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vtpm *vtpm,
	const libxl_asyncop_how *ao_how);
int libxl_device_vtpm_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vtpm *vtpm,
	const libxl_asyncop_how *ao_how);
libxl_device_vtpm *libxl_device_vtpm_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_vtpm_list_free(libxl_device_vtpm *list, int num);
int libxl_device_vtpm_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vtpm *vtpm,
	libxl_vtpminfo *vtpminfo);
int libxl_device_vdispl_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vdispl *displ,
	const libxl_asyncop_how *ao_how);
int libxl_device_vdispl_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vdispl *vdispl,
	const libxl_asyncop_how *ao_how);
int libxl_device_vdispl_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vdispl *vdispl,
	const libxl_asyncop_how *ao_how);
libxl_device_vdispl *libxl_device_vdispl_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_vdispl_list_free(libxl_device_vdispl *list, int num);
int libxl_device_vdispl_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vdispl *vdispl,
	libxl_vdisplinfo *vdisplinfo);
int libxl_device_vsnd_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vsnd *vsnd,
	const libxl_asyncop_how *ao_how);
int libxl_device_vsnd_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vsnd *vsnd,
	const libxl_asyncop_how *ao_how);
int libxl_device_vsnd_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vsnd *vsnd,
	const libxl_asyncop_how *ao_how);
libxl_device_vsnd *libxl_device_vsnd_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_vsnd_list_free(libxl_device_vsnd *list, int num);
int libxl_device_vsnd_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vsnd *vsnd,
	libxl_vsndinfo *vsndlinfo);
int libxl_device_vkb_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb,
	const libxl_asyncop_how *ao_how);
int libxl_device_vkb_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb,
	const libxl_asyncop_how *ao_how);
int libxl_device_vkb_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vkb *vkb,
	const libxl_asyncop_how *ao_how);
libxl_device_vkb *libxl_device_vkb_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_vkb_list_free(libxl_device_vkb *list, int num);
int libxl_device_vkb_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vkb *vkb,
	libxl_vkbinfo *vkbinfo);
int libxl_device_vfb_add(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb,
	const libxl_asyncop_how *ao_how);
int libxl_device_vfb_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb,
	const libxl_asyncop_how *ao_how);
int libxl_device_vfb_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_vfb *vfb,
	const libxl_asyncop_how *ao_how);
int libxl_device_p9_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_p9 *p9,
	const libxl_asyncop_how *ao_how);
int libxl_device_p9_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_p9 *p9,
	const libxl_asyncop_how *ao_how);
int libxl_device_pvcallsif_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_pvcallsif *pvcallsif,
	const libxl_asyncop_how *ao_how);
int libxl_device_pvcallsif_destroy(libxl_ctx *ctx, uint32_t domid,
	libxl_device_pvcallsif *pvcallsif, const libxl_asyncop_how *ao_how);
int libxl_device_pci_add(libxl_ctx *ctx, uint32_t domid, libxl_device_pci *pci,
	const libxl_asyncop_how *ao_how);
int libxl_device_pci_remove(libxl_ctx *ctx, uint32_t domid, libxl_device_pci *pci,
	const libxl_asyncop_how *ao_how);
int libxl_device_pci_destroy(libxl_ctx *ctx, uint32_t domid, libxl_device_pci *pci,
	const libxl_asyncop_how *ao_how);
libxl_device_pci *libxl_device_pci_list(libxl_ctx *ctx, uint32_t domid, int *num);
void libxl_device_pci_list_free(libxl_device_pci *list, int num);
int libxl_device_events_handler(libxl_ctx *ctx, const libxl_asyncop_how *ao_how);
int libxl_device_pci_assignable_add(libxl_ctx *ctx, libxl_device_pci *pci, int rebind);
int libxl_device_pci_assignable_remove(libxl_ctx *ctx, libxl_device_pci *pci, int rebind);
libxl_device_pci *libxl_device_pci_assignable_list(libxl_ctx *ctx, int *num);
void libxl_device_pci_assignable_list_free(libxl_device_pci *list, int num);

/* CPUID policy of a guest. */
int libxl_cpuid_parse_config(libxl_cpuid_policy_list *cpuid, const char*str);
int libxl_cpuid_parse_config_xend(libxl_cpuid_policy_list *cpuid, const char*str);

/* Small named blobs kept beside a domain until it is destroyed. */
int libxl_userdata_store(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid,
	const uint8_t *data, int datalen);
int libxl_userdata_retrieve(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid,
	uint8_t **data_r, int *datalen_r);
int libxl_userdata_unlink(libxl_ctx *ctx, uint32_t domid, const char *userdata_userid);

/* The host, processors and their schedulers. */
int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *physinfo);
int libxl_set_vcpuaffinity(libxl_ctx *ctx, uint32_t domid, uint32_t vcpuid,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft);
int libxl_set_vcpuaffinity_force(libxl_ctx *ctx, uint32_t domid, uint32_t vcpuid,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft);
int libxl_set_vcpuaffinity_all(libxl_ctx *ctx, uint32_t domid, unsigned int max_vcpus,
	const libxl_bitmap *cpumap_hard, const libxl_bitmap *cpumap_soft);
int libxl_domain_set_nodeaffinity(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *nodemap);
int libxl_domain_get_nodeaffinity(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *nodemap);
int libxl_set_vcpuonline(libxl_ctx *ctx, uint32_t domid, libxl_bitmap *cpumap,
	const libxl_asyncop_how *ao_how);
int libxl_get_scheduler(libxl_ctx *ctx);
int libxl_sched_credit_params_get(libxl_ctx *ctx, uint32_t poolid,
	libxl_sched_credit_params *scinfo);
int libxl_sched_credit_params_set(libxl_ctx *ctx, uint32_t poolid,
	libxl_sched_credit_params *scinfo);
int libxl_sched_credit2_params_get(libxl_ctx *ctx, uint32_t poolid,
	libxl_sched_credit2_params *scinfo);
int libxl_sched_credit2_params_set(libxl_ctx *ctx, uint32_t poolid,
	libxl_sched_credit2_params *scinfo);
int libxl_domain_sched_params_get(libxl_ctx *ctx, uint32_t domid,
	libxl_domain_sched_params *params);
int libxl_domain_sched_params_set(libxl_ctx *ctx, uint32_t domid,
	const libxl_domain_sched_params *params);
int libxl_vcpu_sched_params_get(libxl_ctx *ctx, uint32_t domid, libxl_vcpu_sched_params *params);
int libxl_vcpu_sched_params_get_all(libxl_ctx *ctx, uint32_t domid,
	libxl_vcpu_sched_params *params);
int libxl_vcpu_sched_params_set(libxl_ctx *ctx, uint32_t domid,
	const libxl_vcpu_sched_params *params);
int libxl_vcpu_sched_params_set_all(libxl_ctx *ctx, uint32_t domid,
	const libxl_vcpu_sched_params *params);

/* Messages to guests and to the hypervisor. */
int libxl_send_trigger(libxl_ctx *ctx, uint32_t domid, libxl_trigger trigger, uint32_t vcpuid,
	const libxl_asyncop_how *ao_how);
int libxl_send_sysrq(libxl_ctx *ctx, uint32_t domid, char sysrq);
int libxl_send_debug_keys(libxl_ctx *ctx, char *keys);
int libxl_set_parameters(libxl_ctx *ctx, char *params);
libxl_xen_console_reader *libxl_xen_console_read_start(libxl_ctx *ctx, int clear);
int libxl_xen_console_read_line(libxl_ctx *ctx, libxl_xen_console_reader *cr, char **line_r);
void libxl_xen_console_read_finish(libxl_ctx *ctx, libxl_xen_console_reader *cr);
uint32_t libxl_vm_get_start_time(libxl_ctx *ctx, uint32_t domid);
char *libxl_tmem_list(libxl_ctx *ctx, uint32_t domid, int use_long);
int libxl_tmem_freeze(libxl_ctx *ctx, uint32_t domid);
int libxl_tmem_thaw(libxl_ctx *ctx, uint32_t domid);
int libxl_tmem_set(libxl_ctx *ctx, uint32_t domid, char*name, uint32_t set);
int libxl_tmem_shared_auth(libxl_ctx *ctx, uint32_t domid, char*uuid, int auth);
int libxl_tmem_freeable(libxl_ctx *ctx);

/* CPU pools. */
int libxl_get_freecpus(libxl_ctx *ctx, libxl_bitmap *cpumap);
int libxl_cpupool_create(libxl_ctx *ctx, const char *name, libxl_scheduler sched,
	libxl_bitmap cpumap, libxl_uuid *uuid, uint32_t *poolid);
int libxl_cpupool_destroy(libxl_ctx *ctx, uint32_t poolid);
int libxl_cpupool_rename(libxl_ctx *ctx, const char *name, uint32_t poolid);
int libxl_cpupool_cpuadd(libxl_ctx *ctx, uint32_t poolid, int cpu);
int libxl_cpupool_cpuadd_node(libxl_ctx *ctx, uint32_t poolid, int node, int *cpus);
int libxl_cpupool_cpuadd_cpumap(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpumap);
int libxl_cpupool_cpuremove(libxl_ctx *ctx, uint32_t poolid, int cpu);
int libxl_cpupool_cpuremove_node(libxl_ctx *ctx, uint32_t poolid, int node, int *cpus);
int libxl_cpupool_cpuremove_cpumap(libxl_ctx *ctx, uint32_t poolid, const libxl_bitmap *cpumap);
int libxl_cpupool_movedomain(libxl_ctx *ctx, uint32_t poolid, uint32_t domid);
int libxl_cpupool_info(libxl_ctx *ctx, libxl_cpupoolinfo *info, uint32_t poolid);
int libxl_domid_valid_guest(uint32_t domid);

/* Security labels, identifiers. */
int libxl_flask_context_to_sid(libxl_ctx *ctx, char *buf, size_t len, uint32_t *ssidref);
int libxl_flask_sid_to_context(libxl_ctx *ctx, uint32_t ssidref, char **buf, size_t *len);
int libxl_flask_getenforce(libxl_ctx *ctx);
int libxl_flask_setenforce(libxl_ctx *ctx, int mode);
int libxl_flask_loadpolicy(libxl_ctx *ctx, void *policy, uint32_t size);
int libxl_ms_vm_genid_generate(libxl_ctx *ctx, libxl_ms_vm_genid *id);
bool libxl_ms_vm_genid_is_zero(const libxl_ms_vm_genid *id);
void libxl_ms_vm_genid_copy(libxl_ctx *ctx, libxl_ms_vm_genid *dst, const libxl_ms_vm_genid *src);

/* Platform shared resources: cache monitoring and allocation. */
int libxl_psr_cmt_attach(libxl_ctx *ctx, uint32_t domid);
int libxl_psr_cmt_detach(libxl_ctx *ctx, uint32_t domid);
int libxl_psr_cmt_domain_attached(libxl_ctx *ctx, uint32_t domid);
int libxl_psr_cmt_enabled(libxl_ctx *ctx);
int libxl_psr_cmt_get_total_rmid(libxl_ctx *ctx, uint32_t *total_rmid);
int libxl_psr_cmt_get_l3_cache_size(libxl_ctx *ctx, uint32_t socketid, uint32_t *l3_cache_size);
int libxl_psr_cmt_get_cache_occupancy(libxl_ctx *ctx, uint32_t domid, uint32_t socketid,
	uint32_t *l3_cache_occupancy);
int libxl_psr_cmt_type_supported(libxl_ctx *ctx, libxl_psr_cmt_type type);
int libxl_psr_cmt_get_sample(libxl_ctx *ctx, uint32_t domid, libxl_psr_cmt_type type,
	uint64_t scope, uint64_t *sample_r, uint64_t *tsc_r);
int libxl_psr_cat_set_cbm(libxl_ctx *ctx, uint32_t domid, libxl_psr_cbm_type type,
	libxl_bitmap *target_map, uint64_t cbm);
int libxl_psr_cat_get_cbm(libxl_ctx *ctx, uint32_t domid, libxl_psr_cbm_type type, uint32_t target,
	uint64_t *cbm_r);
int libxl_psr_cat_get_info(libxl_ctx *ctx, libxl_psr_cat_info **info, unsigned int *nr,
	unsigned int lvl);
int libxl_psr_cat_get_l3_info(libxl_ctx *ctx, libxl_psr_cat_info **info, int *nr);
void libxl_psr_cat_info_list_free(libxl_psr_cat_info *list, int nr);
int libxl_psr_set_val(libxl_ctx *ctx, uint32_t domid, libxl_psr_type type, libxl_bitmap *target_map,
	uint64_t val);
int libxl_psr_get_val(libxl_ctx *ctx, uint32_t domid, libxl_psr_type type, unsigned int target,
	uint64_t *val);
int libxl_psr_get_hw_info(libxl_ctx *ctx, libxl_psr_feat_type type, unsigned int lvl,
	unsigned int *nr, libxl_psr_hw_info **info);
void libxl_psr_hw_info_list_free(libxl_psr_hw_info *list, unsigned int nr);

/* Helpers. */
int libxl_fd_set_cloexec(libxl_ctx *ctx, int fd, int cloexec);
int libxl_fd_set_nonblock(libxl_ctx *ctx, int fd, int nonblock);
int libxl_qemu_monitor_command(libxl_ctx *ctx, uint32_t domid, const char *command_line,
	char **output, const libxl_asyncop_how *ao_how);
int libxl_clear_domid_history(libxl_ctx *ctx);

#include <libxl_event.h>
#include "_libxl_compat.h"

#endif
