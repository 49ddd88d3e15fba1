/* SPDX-License-Identifier: MIT */
/*
 * 32-bit PV guests: segments, address layout, registers. The hypervisor runs none yet; tools
 * and guests of that width compile against it.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_32_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_32_H__
#define FLAT_RING1_CS                  0xe019
#define FLAT_RING1_DS                  0xe021
#define FLAT_RING1_SS                  0xe021
#define FLAT_RING3_CS                  0xe02b
#define FLAT_RING3_DS                  0xe033
#define FLAT_RING3_SS                  0xe033
#define FLAT_KERNEL_CS                 FLAT_RING1_CS
#define FLAT_KERNEL_DS                 FLAT_RING1_DS
#define FLAT_KERNEL_SS                 FLAT_RING1_SS
#define FLAT_USER_CS                   FLAT_RING3_CS
#define FLAT_USER_DS                   FLAT_RING3_DS
#define FLAT_USER_SS                   FLAT_RING3_SS
#define __HYPERVISOR_VIRT_START_PAE    0xF5800000
#define __MACH2PHYS_VIRT_START_PAE     0xF5800000
#define __MACH2PHYS_VIRT_END_PAE       0xF6800000
#define HYPERVISOR_VIRT_START_PAE      xen_mk_ulong(__HYPERVISOR_VIRT_START_PAE)
#define MACH2PHYS_VIRT_START_PAE       xen_mk_ulong(__MACH2PHYS_VIRT_START_PAE)
#define MACH2PHYS_VIRT_END_PAE         xen_mk_ulong(__MACH2PHYS_VIRT_END_PAE)
#define __HYPERVISOR_VIRT_START_NONPAE 0xFC000000
#define __MACH2PHYS_VIRT_START_NONPAE  0xFC000000
#define __MACH2PHYS_VIRT_END_NONPAE    0xFC400000
#define HYPERVISOR_VIRT_START_NONPAE   xen_mk_ulong(__HYPERVISOR_VIRT_START_NONPAE)
#define MACH2PHYS_VIRT_START_NONPAE    xen_mk_ulong(__MACH2PHYS_VIRT_START_NONPAE)
#define MACH2PHYS_VIRT_END_NONPAE      xen_mk_ulong(__MACH2PHYS_VIRT_END_NONPAE)
#define __HYPERVISOR_VIRT_START        __HYPERVISOR_VIRT_START_PAE
#define __MACH2PHYS_VIRT_START         __MACH2PHYS_VIRT_START_PAE
#define __MACH2PHYS_VIRT_END           __MACH2PHYS_VIRT_END_PAE
#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START xen_mk_ulong(__HYPERVISOR_VIRT_START)
#endif
#define MACH2PHYS_VIRT_START xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END   xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 2)
#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping ((unsigned long *)MACH2PHYS_VIRT_START)
#endif
#if defined(__XEN__) || defined(__XEN_TOOLS__)
/*
 * Control calls carry 64-bit handles from 32-bit callers: the pointer in the low half of an
 * aligned 64-bit field, whose high half has to be zero.
 */
#undef ___DEFINE_XEN_GUEST_HANDLE
#define ___DEFINE_XEN_GUEST_HANDLE(name, type)                                                     \
	typedef XEN_HANDLE_OF_(type) XEN_GUEST_HANDLE(name);                                       \
	typedef struct {                                                                           \
		union {                                                                            \
			type *p;                                                                   \
			uint64_aligned_t q;                                                        \
		};                                                                                 \
	} __guest_handle_64_##name
#undef set_xen_guest_handle_raw
#define set_xen_guest_handle_raw(hnd, val)                                                         \
	((void)__builtin_memset(&(hnd), 0, sizeof(hnd)), (void)((hnd).p = (val)))
#define int64_aligned_t             int64_t __attribute__((aligned(8)))
#define uint64_aligned_t            uint64_t __attribute__((aligned(8)))
#define XEN_HANDLE_64_(name)        __guest_handle_64_##name
#define __XEN_GUEST_HANDLE_64(name) XEN_HANDLE_64_(name)
#define XEN_GUEST_HANDLE_64(name)   XEN_HANDLE_64_(name)
#endif
#ifndef __ASSEMBLY__
#if defined(__XEN__) || defined(__XEN_TOOLS__)
#define XEN_REG_(r32, r16, other)                                                                  \
	union {                                                                                    \
		uint32_t r32;                                                                      \
		uint16_t r16;                                                                      \
		other;                                                                             \
	}
#define __DECL_REG_LO8(reg)                                                                        \
	XEN_REG_(e##reg##x, reg##x, struct { uint8_t reg##l; uint8_t reg##h; })
#define __DECL_REG_LO16(name) XEN_REG_(e##name, name, uint32_t _e##name)
#else
#define __DECL_REG_LO8(which) uint32_t e##which##x
#define __DECL_REG_LO16(name) uint32_t e##name
#endif

struct cpu_user_regs {
	__DECL_REG_LO8(b);
	__DECL_REG_LO8(c);
	__DECL_REG_LO8(d);
	__DECL_REG_LO16(si);
	__DECL_REG_LO16(di);
	__DECL_REG_LO16(bp);
	__DECL_REG_LO8(a);
	uint16_t error_code;
	uint16_t entry_vector;
	__DECL_REG_LO16(ip);
	uint16_t cs;
	uint8_t saved_upcall_mask;
	uint8_t _pad0;
	__DECL_REG_LO16(flags);
	__DECL_REG_LO16(sp);
	uint16_t ss, _pad1;
	uint16_t es, _pad2;
	uint16_t ds, _pad3;
	uint16_t fs, _pad4;
	uint16_t gs, _pad5;
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef __DECL_REG_LO8
#undef __DECL_REG_LO16
#undef XEN_REG_

/* With PAE, CR3 has bits 32 and up of the address in its low 12: a rotation. */
#define XEN_ROTATE_(v, left) ((unsigned)(v) << (left) | (unsigned)(v) >> (32 - (left)))
#define xen_pfn_to_cr3(pfn)  XEN_ROTATE_(pfn, 12)
#define xen_cr3_to_pfn(cr3)  XEN_ROTATE_(cr3, 20)

struct arch_vcpu_info {
	unsigned long cr2;
	unsigned long pad[5];
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

struct xen_callback {
	unsigned long cs;
	unsigned long eip;
};
typedef struct xen_callback xen_callback_t;
#endif
#endif
