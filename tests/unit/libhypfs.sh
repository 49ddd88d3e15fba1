#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libxenhypfs over a fake hypervisor, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
l=$top/libxl
${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
	-I"$l/include" -I"$l/toolcore" "$top/tests/unit/test_libhypfs.c" "$l"/hypfs/*.c "$l"/toollog/*.c "$l"/toolcore/*.c \
	-o "$out/test" -lcmocka -lz -pthread
"$out/test"
