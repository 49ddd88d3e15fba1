#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The function-like macros of our public headers give what those of libxen-dev give.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -e /usr/include/xen/xen.h ] || { echo "needs libxen-dev"; exit 77; }
for cc in gcc clang; do
	$cc -D__XEN_TOOLS__ -std=gnu11 -Wall -Wextra -Werror -I"$top/libxl/include" -o "$work/ours" "$top/tests/abi/public_macros.c"
	$cc -D__XEN_TOOLS__ -std=gnu11 -w -o "$work/theirs" "$top/tests/abi/public_macros.c"
	"$work/ours" >"$work/ours.txt"
	"$work/theirs" >"$work/theirs.txt"
	diff "$work/theirs.txt" "$work/ours.txt"
done
echo "$(wc -l <"$work/ours.txt") values agree"
