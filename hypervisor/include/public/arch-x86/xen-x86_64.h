/* SPDX-License-Identifier: MIT */
/*
 * 64-bit PV guests: segments, address layout, registers.
 */
#ifndef __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__
#define __XEN_PUBLIC_ARCH_X86_XEN_X86_64_H__

/* Flat selectors of the hypervisor's GDT that a guest may use. */
#define FLAT_RING3_CS32  0xe023
#define FLAT_RING3_CS64  0xe033
#define FLAT_RING3_DS32  0xe02b
#define FLAT_RING3_DS64  0x0000
#define FLAT_RING3_SS32  0xe02b
#define FLAT_RING3_SS64  0xe02b
#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64
#define FLAT_USER_DS64   FLAT_RING3_DS64
#define FLAT_USER_DS32   FLAT_RING3_DS32
#define FLAT_USER_DS     FLAT_USER_DS64
#define FLAT_USER_CS64   FLAT_RING3_CS64
#define FLAT_USER_CS32   FLAT_RING3_CS32
#define FLAT_USER_CS     FLAT_USER_CS64
#define FLAT_USER_SS64   FLAT_RING3_SS64
#define FLAT_USER_SS32   FLAT_RING3_SS32
#define FLAT_USER_SS     FLAT_USER_SS64

/* L4 slots 256 to 271 belong to the hypervisor; the M2P is read-only at their start. */
#define __HYPERVISOR_VIRT_START 0xFFFF800000000000
#define __HYPERVISOR_VIRT_END   0xFFFF880000000000
#define __MACH2PHYS_VIRT_START  0xFFFF800000000000
#define __MACH2PHYS_VIRT_END    0xFFFF804000000000
#ifndef HYPERVISOR_VIRT_START
#define HYPERVISOR_VIRT_START xen_mk_ulong(__HYPERVISOR_VIRT_START)
#define HYPERVISOR_VIRT_END   xen_mk_ulong(__HYPERVISOR_VIRT_END)
#endif
#define MACH2PHYS_VIRT_START xen_mk_ulong(__MACH2PHYS_VIRT_START)
#define MACH2PHYS_VIRT_END   xen_mk_ulong(__MACH2PHYS_VIRT_END)
#define MACH2PHYS_NR_ENTRIES ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)
#ifndef machine_to_phys_mapping
#define machine_to_phys_mapping ((unsigned long *)HYPERVISOR_VIRT_START)
#endif

/* set_segment_base(which, base); USER_SEL loads a GS selector instead. */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1
#define SEGBASE_GS_KERNEL   2
#define SEGBASE_GS_USER_SEL 3

/* IRET of a frame that came from SYSCALL may leave by SYSRET. */
#define _VGCF_in_syscall 8
#define VGCF_in_syscall  (1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL  VGCF_in_syscall
#ifndef __ASSEMBLY__

/* Frame that HYPERVISOR_iret pops from the stack. */
struct iret_context {
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

/*
 * A register by the names that assembly has for its widths. The hypervisor and tools see all of
 * them; other programs the 64-bit one, which GNU C also gives its old 32-bit name.
 */
#if defined(__XEN__) || defined(__XEN_TOOLS__)
#define XEN_REG_(r64, r32, r16, low)                                                               \
	union {                                                                                    \
		uint64_t r64;                                                                      \
		uint32_t r32;                                                                      \
		uint16_t r16;                                                                      \
		low;                                                                               \
	}
#define __DECL_REG_LOHI(reg)                                                                       \
	XEN_REG_(r##reg##x, e##reg##x, reg##x, struct { uint8_t reg##l; uint8_t reg##h; })
#define __DECL_REG_LO8(name)  XEN_REG_(r##name, e##name, name, uint8_t name##l)
#define __DECL_REG_LO16(name) XEN_REG_(r##name, e##name, name, )
#define __DECL_REG_HI(num)    XEN_REG_(r##num, r##num##d, r##num##w, uint8_t r##num##b)
#else
#if defined(__GNUC__) && !defined(__STRICT_ANSI__)
#define XEN_REG_(name)                                                                             \
	union {                                                                                    \
		uint64_t r##name;                                                                  \
		uint64_t e##name;                                                                  \
		uint32_t _e##name;                                                                 \
	}
#else
#define XEN_REG_(name) uint64_t r##name
#endif
#define __DECL_REG_LOHI(reg)  XEN_REG_(reg##x)
#define __DECL_REG_LO8(name)  XEN_REG_(name)
#define __DECL_REG_LO16(name) XEN_REG_(name)
#define __DECL_REG_HI(num)    uint64_t r##num
#endif

/* Guest registers. _pad2 and on keep selectors aligned. */
struct cpu_user_regs {
	__DECL_REG_HI(15);
	__DECL_REG_HI(14);
	__DECL_REG_HI(13);
	__DECL_REG_HI(12);
	__DECL_REG_LO8(bp);
	__DECL_REG_LOHI(b);
	__DECL_REG_HI(11);
	__DECL_REG_HI(10);
	__DECL_REG_HI(9);
	__DECL_REG_HI(8);
	__DECL_REG_LOHI(a);
	__DECL_REG_LOHI(c);
	__DECL_REG_LOHI(d);
	__DECL_REG_LO8(si);
	__DECL_REG_LO8(di);
	uint32_t error_code;
	uint32_t entry_vector;
	__DECL_REG_LO16(ip);
	uint16_t cs, _pad0[1];
	uint8_t saved_upcall_mask;
	uint8_t _pad1[3];
	__DECL_REG_LO16(flags);
	__DECL_REG_LO8(sp);
	uint16_t ss, _pad2[3];
	uint16_t es, _pad3[3];
	uint16_t ds, _pad4[3];
	uint16_t fs, _pad5[3];
	uint16_t gs, _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;
DEFINE_XEN_GUEST_HANDLE(cpu_user_regs_t);

#undef XEN_REG_
#undef __DECL_REG_LOHI
#undef __DECL_REG_LO8
#undef __DECL_REG_LO16
#undef __DECL_REG_HI

/* CR3 from a frame number and back. */
#define XEN_PFN_BITS_       12
#define xen_pfn_to_cr3(pfn) ((unsigned long)(pfn) << XEN_PFN_BITS_)
#define xen_cr3_to_pfn(cr3) ((unsigned long)(cr3) >> XEN_PFN_BITS_)

struct arch_vcpu_info {
	unsigned long cr2;
	unsigned long pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;
typedef unsigned long xen_callback_t;
#endif
#endif
