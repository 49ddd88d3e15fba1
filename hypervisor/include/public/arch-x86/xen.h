/* SPDX-License-Identifier: MIT */
/*
 * x86 part of the guest interface: handles, trap tables, vCPU state.
 */
#include "../xen.h"
#ifndef __XEN_PUBLIC_ARCH_X86_XEN_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_H__

/*
 * Guest pointers in arguments. A pointee of this name gets the types __guest_handle_NAME and
 * __guest_handle_const_NAME: a struct around the pointer, by which the compiler keeps them apart;
 * programs of an interface before 3.2.1 have the bare pointer.
 */
#if __XEN_INTERFACE_VERSION__ < 0x00030201
#define XEN_HANDLE_OF_(pointee) pointee *
#else
#define XEN_HANDLE_OF_(pointee) struct { pointee *p; }
#endif
#define ___DEFINE_XEN_GUEST_HANDLE(name, type) typedef XEN_HANDLE_OF_(type) XEN_GUEST_HANDLE(name)
#define DEFINE_XEN_GUEST_HANDLE(name)          __DEFINE_XEN_GUEST_HANDLE(name, name)
#define __DEFINE_XEN_GUEST_HANDLE(name, type)                                                      \
	___DEFINE_XEN_GUEST_HANDLE(const_##name, const type);                                      \
	___DEFINE_XEN_GUEST_HANDLE(name, type)

/* The type by its name, which may be a macro. An argument's own type is the same on x86. */
#define __XEN_GUEST_HANDLE(name)     __guest_handle_##name
#define XEN_GUEST_HANDLE(name)       __XEN_GUEST_HANDLE(name)
#define XEN_GUEST_HANDLE_PARAM(name) __XEN_GUEST_HANDLE(name)

/* Points a handle at @val; all bits of it, also where it is wider than a pointer. */
#define set_xen_guest_handle_raw(hnd, val) ((void)((hnd).p = (val)))
#define set_xen_guest_handle(hnd, val) set_xen_guest_handle_raw(hnd, val)
#if defined(__i386__)
#include "xen-x86_32.h"
#else
#include "xen-x86_64.h"
#endif
#ifndef __ASSEMBLY__

/* A page frame number. */
typedef unsigned long xen_pfn_t;
#define PRI_xen_pfn  "lx"
#define PRIu_xen_pfn "lu"
#endif

/* This architecture runs PV guests. */
#define XEN_HAVE_PV_GUEST_ENTRY 1
#define XEN_HAVE_PV_UPCALL_MASK 1

/* Descriptors from here up belong to the hypervisor, in every guest GDT. */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_BYTE  (FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs that have their info in shared_info. */
#define XEN_LEGACY_MAX_VCPUS 32
#ifndef __ASSEMBLY__
typedef unsigned long xen_ulong_t;
#define PRI_xen_ulong "lx"

/*
 * One gate of set_trap_table; a zero address ends the list. flags: DPL, and bit 2 masks
 * events.
 */
#define TI_DPL_              3 /* the least privileged ring that may raise it by INT */
#define TI_EVENTS_MASKED_    4
#define TI_GET_DPL(ti)       ((ti)->flags & TI_DPL_)
#define TI_GET_IF(ti)        ((ti)->flags & TI_EVENTS_MASKED_)
#define TI_SET_DPL(ti, dpl)  ((ti)->flags |= (dpl))
#define TI_SET_IF(ti, masks) ((ti)->flags |= (masks) ? TI_EVENTS_MASKED_ : 0)

struct trap_info {
	uint8_t vector;
	uint8_t flags;
	uint16_t cs;
	unsigned long address;
};
typedef struct trap_info trap_info_t;
DEFINE_XEN_GUEST_HANDLE(trap_info_t);

typedef uint64_t tsc_timestamp_t;

/* State of a vCPU, for domctl and VCPUOP_initialise. */
struct vcpu_guest_context {
	struct {
		char x[512];
	} fpu_ctxt;
#define VGCF_I387_VALID                (1 << 0)
#define VGCF_IN_KERNEL                 (1 << 2)
#define _VGCF_i387_valid               0
#define VGCF_i387_valid                (1 << _VGCF_i387_valid)
#define _VGCF_in_kernel                2
#define VGCF_in_kernel                 (1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events 3
#define VGCF_failsafe_disables_events  (1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events  4
#define VGCF_syscall_disables_events   (1 << _VGCF_syscall_disables_events)
#define _VGCF_online                   5
#define VGCF_online                    (1 << _VGCF_online)
	unsigned long flags;
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];
	unsigned long ldt_base, ldt_ents;
	unsigned long gdt_frames[16], gdt_ents;
	unsigned long kernel_ss, kernel_sp;
	unsigned long ctrlreg[8];
	unsigned long debugreg[8];
#ifdef __i386__
	unsigned long event_callback_cs;
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_cs;
	unsigned long failsafe_callback_eip;
#else
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_eip;
#ifdef __XEN__
	union {
		unsigned long syscall_callback_eip;
		struct {
			unsigned int event_callback_cs;
			unsigned int failsafe_callback_cs;
		};
	};
#else
	unsigned long syscall_callback_eip;
#endif
#endif
	unsigned long vm_assist;
#ifdef __x86_64__
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
#endif
};
typedef struct vcpu_guest_context vcpu_guest_context_t;
DEFINE_XEN_GUEST_HANDLE(vcpu_guest_context_t);

/*
 * x86 part of shared_info: where the guest keeps its P2M, for save. p2m_cr3 not 0: linear at
 * p2m_vaddr under those page tables; p2m_generation odd while it changes.
 */
struct arch_shared_info {
	unsigned long max_pfn;
	xen_pfn_t pfn_to_mfn_frame_list_list;
	unsigned long nmi_reason;
	unsigned long p2m_cr3;
	unsigned long p2m_vaddr;
	unsigned long p2m_generation;
#ifdef __i386__
	uint32_t wc_sec_hi;
#endif
};
typedef struct arch_shared_info arch_shared_info_t;
#if defined(__XEN__) || defined(__XEN_TOOLS__)

/* x86 part of createdomain: emulated devices; 0 for PV. */
struct xen_arch_domainconfig {
#define _XEN_X86_EMU_LAPIC    0
#define XEN_X86_EMU_LAPIC     (1U << _XEN_X86_EMU_LAPIC)
#define _XEN_X86_EMU_HPET     1
#define XEN_X86_EMU_HPET      (1U << _XEN_X86_EMU_HPET)
#define _XEN_X86_EMU_PM       2
#define XEN_X86_EMU_PM        (1U << _XEN_X86_EMU_PM)
#define _XEN_X86_EMU_RTC      3
#define XEN_X86_EMU_RTC       (1U << _XEN_X86_EMU_RTC)
#define _XEN_X86_EMU_IOAPIC   4
#define XEN_X86_EMU_IOAPIC    (1U << _XEN_X86_EMU_IOAPIC)
#define _XEN_X86_EMU_PIC      5
#define XEN_X86_EMU_PIC       (1U << _XEN_X86_EMU_PIC)
#define _XEN_X86_EMU_VGA      6
#define XEN_X86_EMU_VGA       (1U << _XEN_X86_EMU_VGA)
#define _XEN_X86_EMU_IOMMU    7
#define XEN_X86_EMU_IOMMU     (1U << _XEN_X86_EMU_IOMMU)
#define _XEN_X86_EMU_PIT      8
#define XEN_X86_EMU_PIT       (1U << _XEN_X86_EMU_PIT)
#define _XEN_X86_EMU_USE_PIRQ 9
#define XEN_X86_EMU_USE_PIRQ  (1U << _XEN_X86_EMU_USE_PIRQ)
#define _XEN_X86_EMU_VPCI     10
#define XEN_X86_EMU_VPCI      (1U << _XEN_X86_EMU_VPCI)
#define XEN_X86_EMU_ALL                                                                            \
	(XEN_X86_EMU_LAPIC | XEN_X86_EMU_HPET | XEN_X86_EMU_PM | XEN_X86_EMU_RTC |                 \
	 XEN_X86_EMU_IOAPIC | XEN_X86_EMU_PIC | XEN_X86_EMU_VGA | XEN_X86_EMU_IOMMU |              \
	 XEN_X86_EMU_PIT | XEN_X86_EMU_USE_PIRQ | XEN_X86_EMU_VPCI)
	uint32_t emulation_flags;
#define XEN_X86_MSR_RELAXED (1u << 0)
	uint32_t misc_flags;
};
#define XEN_X86_MISC_FLAGS_MAX XEN_X86_MSR_RELAXED
#endif

/* Leaves of a CPU policy. */
typedef struct xen_cpuid_leaf {
#define XEN_CPUID_NO_SUBLEAF 0xffffffffu
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
} xen_cpuid_leaf_t;
DEFINE_XEN_GUEST_HANDLE(xen_cpuid_leaf_t);

/* MSRs of a CPU policy; flags are 0. */
typedef struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;
	uint64_t val;
} xen_msr_entry_t;
DEFINE_XEN_GUEST_HANDLE(xen_msr_entry_t);
#endif
#ifdef __ASSEMBLY__

/* Put before CPUID to ask the hypervisor instead of the CPU. */
#define XEN_EMULATE_PREFIX .byte 0x0f, 0x0b, 0x78, 0x65, 0x6e;
#define XEN_CPUID          XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX ".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID          XEN_EMULATE_PREFIX "cpuid"
#endif

/* Port to which an HVM guest writes bytes for the hypervisor's log. */
#define XEN_HVM_DEBUGCONS_IOPORT 0xe9
#endif
