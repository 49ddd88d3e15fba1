/* SPDX-License-Identifier: GPL-2.0-only */
/* In-line copies of small structs from and to the running guest; included by hv/guest_access.h only. */
#ifndef X86_SMALL_COPY_H
#define X86_SMALL_COPY_H

#include <x86/current.h>
#include <x86/uaccess.h>

#define SMALL_COPY_MAX 72

static always_inline bool guest_copy_small_from(void *dst, unsigned long src, size_t len)
{
	size_t i = 0;

	if (!__builtin_constant_p(len) || len > SMALL_COPY_MAX || len % 4)
		return copy_from_guest_raw(dst, src, len);
	if (unlikely(!guest_va_ok(src, len)) || unlikely(!get_cpu_info()->runs_pv))
		return copy_from_guest_raw(dst, src, len);
	UNROLL(16)
	for (; i + 8 <= len; i += 8)
		if (!get_user_u64((u64 *)((char *)dst + i), src + i))
			return false;
	return i == len || get_user_u32((u32 *)((char *)dst + i), src + i);
}

static always_inline bool guest_copy_small_to(unsigned long dst, const void *src, size_t len)
{
	size_t i = 0;

	if (!__builtin_constant_p(len) || len > SMALL_COPY_MAX || len % 4)
		return copy_to_guest_raw(dst, src, len);
	if (unlikely(!guest_va_ok(dst, len)) || unlikely(!get_cpu_info()->runs_pv))
		return copy_to_guest_raw(dst, src, len);
	UNROLL(16)
	for (; i + 8 <= len; i += 8)
		if (!put_user_u64(dst + i, *(const u64 *)((const char *)src + i)))
			return false;
	return i == len || put_user_u32(dst + i, *(const u32 *)((const char *)src + i));
}

#endif
