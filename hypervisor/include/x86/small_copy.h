/* SPDX-License-Identifier: GPL-2.0-only */
/* In-line copies of small structs from and to the running guest; included by hv/guest_access.h only. */
#ifndef X86_SMALL_COPY_H
#define X86_SMALL_COPY_H

#include <x86/current.h>
#include <x86/uaccess.h>

#define SMALL_COPY_MAX 72

static always_inline bool words_from_guest(void *dst, unsigned long src, size_t len)
{
	size_t i = 0;

	UNROLL(16)
	for (; i + 8 <= len; i += 8)
		if (!get_user_u64((u64 *)((char *)dst + i), src + i))
			return false;
	return i == len || get_user_u32((u32 *)((char *)dst + i), src + i);
}

static always_inline bool words_to_guest(unsigned long dst, const void *src, size_t len)
{
	size_t i = 0;

	UNROLL(16)
	for (; i + 8 <= len; i += 8)
		if (!put_user_u64(dst + i, *(const u64 *)((const char *)src + i)))
			return false;
	return i == len || put_user_u32(dst + i, *(const u32 *)((const char *)src + i));
}

#define IS_SMALL(len) (__builtin_constant_p(len) && (len) <= SMALL_COPY_MAX && (len) % 4 == 0)

/* Whether the running guest's @len bytes at @base may be moved where they are: found out once for an array. */
static always_inline bool guest_in_place(unsigned long base, size_t len)
{
	return likely(guest_va_ok(base, len)) && likely(get_cpu_info()->runs_pv);
}

/* A struct within a range of which guest_in_place() said @in_place. */
static always_inline bool guest_copy_item_from(bool in_place, void *dst, unsigned long src, size_t len)
{
	return IS_SMALL(len) && likely(in_place) ? words_from_guest(dst, src, len) : copy_from_guest_raw(dst, src, len);
}

static always_inline bool guest_copy_item_to(bool in_place, unsigned long dst, const void *src, size_t len)
{
	return IS_SMALL(len) && likely(in_place) ? words_to_guest(dst, src, len) : copy_to_guest_raw(dst, src, len);
}

static always_inline bool guest_copy_small_from(void *dst, unsigned long src, size_t len)
{
	return guest_copy_item_from(guest_in_place(src, len), dst, src, len);
}

static always_inline bool guest_copy_small_to(unsigned long dst, const void *src, size_t len)
{
	return guest_copy_item_to(guest_in_place(dst, len), dst, src, len);
}

#endif
