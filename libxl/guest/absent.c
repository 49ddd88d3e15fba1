// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Published calls that this library does not do yet: they answer ENOSYS. As in ctrl/absent.c.
 */
#include <errno.h>

__attribute__((used)) static int absent_int(void)
{
	errno = ENOSYS;
	return -1;
}

#define ABSENT(name) int name(void) __attribute__((alias("absent_int")));

/* clang-format off */
ABSENT(xc_exchange_page)
ABSENT(xc_elf_set_logfile)
/* clang-format on */
