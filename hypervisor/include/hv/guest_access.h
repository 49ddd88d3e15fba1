/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reaching the running guest's memory.  Handles are the ABI's typed pointers (XEN_GUEST_HANDLE); the macros
 * scale by the element type and refuse sizes that wrap.  All return true on success: false is -EFAULT.
 */
#ifndef HV_GUEST_ACCESS_H
#define HV_GUEST_ACCESS_H

#include <hv/compiler.h>
#include <hv/types.h>

bool copy_from_guest_raw(void *dst, unsigned long src, size_t len) must_check;
bool copy_to_guest_raw(unsigned long dst, const void *src, size_t len) must_check;
bool clear_guest_raw(unsigned long dst, size_t len) must_check;

#ifdef HV_HOST_TEST
#define guest_copy_small_from(dst, src, len) copy_from_guest_raw(dst, src, len)
#define guest_copy_small_to(dst, src, len) copy_to_guest_raw(dst, src, len)
#define guest_in_place(base, len) false
#define guest_copy_item_from(in_place, dst, src, len) ((void)(in_place), copy_from_guest_raw(dst, src, len))
#define guest_copy_item_to(in_place, dst, src, len) ((void)(in_place), copy_to_guest_raw(dst, src, len))
#else
/* The same for the structs of hypercalls: a few words, moved in line when the caller is PV. */
#include <x86/small_copy.h>
#endif

static inline bool guest_range_ok(u64 base, u64 first, u64 n, size_t size)
{
	u64 off, len, end;

	return !__builtin_mul_overflow(first, size, &off) && !__builtin_mul_overflow(n, size, &len) &&
	       !__builtin_add_overflow(base, off, &end) && !__builtin_add_overflow(end, len, &end);
}

/* @n elements from index @first of handle @h into array @dst, and back. */
#define guest_read_n(dst, h, first, n) \
	(sizeof(*(dst)) == sizeof(*(h).p) && guest_range_ok((u64)(h).p, first, n, sizeof(*(h).p)) && \
	 copy_from_guest_raw(dst, (unsigned long)((h).p + (first)), (n) * sizeof(*(h).p)))
#define guest_write_n(h, first, src, n) \
	(sizeof(*(src)) == sizeof(*(h).p) && guest_range_ok((u64)(h).p, first, n, sizeof(*(h).p)) && \
	 copy_to_guest_raw((unsigned long)((h).p + (first)), src, (n) * sizeof(*(h).p)))
#define guest_read(dst, h) guest_read_n(dst, h, 0, 1)
#define guest_write(h, src) guest_write_n(h, 0, src, 1)
/* One field of the struct that the handle points at. */
#define guest_write_field(h, src, field) \
	copy_to_guest_raw((unsigned long)&(h).p->field, &(src)->field, sizeof((src)->field))
#define guest_handle_null(h) ((h).p == NULL)

/* Hypercall arguments arrive as addresses. */
#define arg_read(dst, addr) guest_copy_small_from(dst, addr, sizeof(*(dst)))
#define arg_write(addr, src) guest_copy_small_to(addr, src, sizeof(*(src)))

#endif
