// SPDX-License-Identifier: LGPL-2.1-only
/*
 * What this library does not do yet: paging, introspection, sharing and alternate views of HVM
 * guests, cache allocation, live patches, kexec. Programs that link to these names start, and get
 * ENOSYS. The list shrinks as the parts arrive; nothing here may be called done.
 *
 * No header of ours is included: one function answers for all prototypes, which differ in their
 * arguments only, and in whether they return a pointer.
 */
#include <errno.h>
#include <stddef.h>

#pragma GCC visibility push(default)

__attribute__((used)) static int absent_int(void)
{
	errno = ENOSYS;
	return -1;
}

__attribute__((used)) static void *absent_pointer(void)
{
	errno = ENOSYS;
	return NULL;
}

/* clang-format off */
#define ABSENT(name)         int name(void) __attribute__((alias("absent_int")));
#define ABSENT_POINTER(name) void *name(void) __attribute__((alias("absent_pointer")));

ABSENT(xc_altp2m_change_gfn)
ABSENT(xc_altp2m_create_view)
ABSENT(xc_altp2m_destroy_view)
ABSENT(xc_altp2m_get_domain_state)
ABSENT(xc_altp2m_get_mem_access)
ABSENT(xc_altp2m_get_suppress_ve)
ABSENT(xc_altp2m_get_vcpu_p2m_idx)
ABSENT(xc_altp2m_set_domain_state)
ABSENT(xc_altp2m_set_mem_access)
ABSENT(xc_altp2m_set_mem_access_multi)
ABSENT(xc_altp2m_set_suppress_ve)
ABSENT(xc_altp2m_set_supress_ve_multi)
ABSENT(xc_altp2m_set_vcpu_disable_notify)
ABSENT(xc_altp2m_set_vcpu_enable_notify)
ABSENT(xc_altp2m_set_visibility)
ABSENT(xc_altp2m_switch_to_view)
ABSENT(xc_flask_avc_cachestats)
ABSENT(xc_flask_avc_hashstats)
ABSENT(xc_get_mem_access)
ABSENT(xc_kexec_exec)
ABSENT(xc_kexec_get_range)
ABSENT(xc_kexec_load)
ABSENT(xc_kexec_status)
ABSENT(xc_kexec_unload)
ABSENT(xc_livepatch_apply)
ABSENT(xc_livepatch_get)
ABSENT(xc_livepatch_list)
ABSENT(xc_livepatch_list_get_sizes)
ABSENT(xc_livepatch_replace)
ABSENT(xc_livepatch_revert)
ABSENT(xc_livepatch_unload)
ABSENT(xc_livepatch_upload)
ABSENT(xc_mem_paging_disable)
ABSENT(xc_mem_paging_enable)
ABSENT(xc_mem_paging_evict)
ABSENT(xc_mem_paging_load)
ABSENT(xc_mem_paging_nominate)
ABSENT(xc_mem_paging_prep)
ABSENT(xc_mem_paging_resume)
ABSENT(xc_memshr_add_to_physmap)
ABSENT(xc_memshr_audit)
ABSENT(xc_memshr_control)
ABSENT(xc_memshr_debug_gfn)
ABSENT(xc_memshr_debug_gref)
ABSENT(xc_memshr_domain_resume)
ABSENT(xc_memshr_fork)
ABSENT(xc_memshr_fork_reset)
ABSENT(xc_memshr_nominate_gfn)
ABSENT(xc_memshr_nominate_gref)
ABSENT(xc_memshr_range_share)
ABSENT(xc_memshr_ring_disable)
ABSENT(xc_memshr_ring_enable)
ABSENT(xc_memshr_share_gfns)
ABSENT(xc_memshr_share_grefs)
ABSENT(xc_monitor_cpuid)
ABSENT(xc_monitor_debug_exceptions)
ABSENT(xc_monitor_descriptor_access)
ABSENT(xc_monitor_disable)
ABSENT(xc_monitor_emul_unimplemented)
ABSENT(xc_monitor_emulate_each_rep)
ABSENT_POINTER(xc_monitor_enable)
ABSENT(xc_monitor_get_capabilities)
ABSENT(xc_monitor_guest_request)
ABSENT(xc_monitor_inguest_pagefault)
ABSENT(xc_monitor_mov_to_msr)
ABSENT(xc_monitor_privileged_call)
ABSENT(xc_monitor_resume)
ABSENT(xc_monitor_singlestep)
ABSENT(xc_monitor_software_breakpoint)
ABSENT(xc_monitor_vmexit)
ABSENT(xc_monitor_write_ctrlreg)
ABSENT(xc_psr_cmt_attach)
ABSENT(xc_psr_cmt_detach)
ABSENT(xc_psr_cmt_enabled)
ABSENT(xc_psr_cmt_get_data)
ABSENT(xc_psr_cmt_get_domain_rmid)
ABSENT(xc_psr_cmt_get_l3_cache_size)
ABSENT(xc_psr_cmt_get_l3_event_mask)
ABSENT(xc_psr_cmt_get_l3_upscaling_factor)
ABSENT(xc_psr_cmt_get_total_rmid)
ABSENT(xc_psr_get_domain_data)
ABSENT(xc_psr_get_hw_info)
ABSENT(xc_psr_set_domain_data)
ABSENT(xc_set_mem_access)
ABSENT(xc_set_mem_access_multi)
ABSENT(xc_vm_event_control)
ABSENT_POINTER(xc_vm_event_enable)
ABSENT(xc_vm_event_get_version)
/* clang-format on */
