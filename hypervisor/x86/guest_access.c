/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies to and from the running guest: PV by its own addresses, other kinds through their operations. */
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <x86/current.h>
#include <x86/uaccess.h>

/* Moves forward 8 bytes at a time, then the rest; what a fault leaves undone is counted in bytes. */
size_t raw_copy_guest(void *dst, const void *src, size_t len)
{
	size_t words = len / 8, rest = len % 8;

	__asm__ volatile("1: rep movsq\n"
			 "   movq %3, %%rcx\n"
			 "2: rep movsb\n"
			 "   jmp 4f\n"
			 "3: leaq (%3, %%rcx, 8), %%rcx\n"
			 "4:\n"
			 EXTABLE(1b, 3b) EXTABLE(2b, 4b)
			 : "+c"(words), "+D"(dst), "+S"(src) : "r"(rest) : "memory");
	return words;
}

static size_t raw_clear_guest(void *dst, size_t len)
{
	size_t words = len / 8, rest = len % 8;

	__asm__ volatile("1: rep stosq\n"
			 "   movq %2, %%rcx\n"
			 "2: rep stosb\n"
			 "   jmp 4f\n"
			 "3: leaq (%2, %%rcx, 8), %%rcx\n"
			 "4:\n"
			 EXTABLE(1b, 3b) EXTABLE(2b, 4b)
			 : "+c"(words), "+D"(dst) : "r"(rest), "a"(0L) : "memory");
	return words;
}

bool copy_from_guest_raw(void *dst, unsigned long src, size_t len)
{
	const struct domain *d = current->domain;

	if (likely(d->is_pv))
		return guest_va_ok(src, len) && !raw_copy_guest(dst, (const void *)src, len);
	return !d->kind->copy_from(dst, src, len);
}

bool copy_to_guest_raw(unsigned long dst, const void *src, size_t len)
{
	const struct domain *d = current->domain;

	if (likely(d->is_pv))
		return guest_va_ok(dst, len) && !raw_copy_guest((void *)dst, src, len);
	return !d->kind->copy_to(dst, src, len);
}

bool clear_guest_raw(unsigned long dst, size_t len)
{
	const struct domain *d = current->domain;

	if (likely(d->is_pv))
		return guest_va_ok(dst, len) && !raw_clear_guest((void *)dst, len);
	for (size_t n; len; dst += n, len -= n) {
		static const u8 zeros[256];

		n = min(len, sizeof(zeros));
		if (d->kind->copy_to(dst, zeros, n))
			return false;
	}
	return true;
}
