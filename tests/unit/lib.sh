#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The names that the C library has too get a prefix, so that only the test's own calls reach ours.
c='-fno-builtin'
for f in memcpy memmove memset memcmp memchr strlen strnlen strcmp strncmp strchr strstr strlcpy snprintf vsnprintf; do
	c="$c -D$f=hv_$f"
done
HVTEST_CFLAGS="$c -Wno-format" exec sh "$(dirname "$0")/hvtest.sh" test_lib.c lib/bitmap.c lib/parse.c lib/printf.c lib/string.c
