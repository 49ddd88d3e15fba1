/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single accesses to the running PV guest's memory with the fault caught (x86/extable.h).  For the places
 * where instructions count; everything else uses hv/guest_access.h.
 */
#ifndef X86_UACCESS_H
#define X86_UACCESS_H

#include <hv/compiler.h>
#include <hv/types.h>
#include <x86/extable.h>
#include <x86/layout.h>

/*
 * Not in the hypervisor's slots, as a whole; non-canonical addresses fault on their own (#GP, caught).  A
 * length that leads around the address space is refused; the compiler drops that test for constants.
 */
static inline bool guest_va_ok(unsigned long va, size_t len)
{
	return (len <= HV_VIRT_START && va <= HV_VIRT_START - len) || (va >= HV_VIRT_END && va + len >= va);
}

static always_inline bool put_user_u64(unsigned long va, u64 val)
{
	__asm__ goto("1: movq %1, %0\n" EXTABLE(1b, %l2)
		     : : "m"(*(u64 *)va), "r"(val) : "memory" : fault);
	return true;
fault:
	return false;
}

static always_inline bool get_user_u64(u64 *val, unsigned long va)
{
	u64 v;

	__asm__ goto("1: movq %1, %0\n" EXTABLE(1b, %l2)
		     : "=r"(v) : "m"(*(const u64 *)va) : : fault);
	*val = v;
	return true;
fault:
	return false;
}

static always_inline bool put_user_u32(unsigned long va, u32 val)
{
	__asm__ goto("1: movl %1, %0\n" EXTABLE(1b, %l2)
		     : : "m"(*(u32 *)va), "r"(val) : "memory" : fault);
	return true;
fault:
	return false;
}

static always_inline bool get_user_u32(u32 *val, unsigned long va)
{
	u32 v;

	__asm__ goto("1: movl %1, %0\n" EXTABLE(1b, %l2)
		     : "=r"(v) : "m"(*(const u32 *)va) : : fault);
	*val = v;
	return true;
fault:
	return false;
}

/* Bytes NOT copied. */
size_t raw_copy_guest(void *dst, const void *src, size_t len);

#endif
