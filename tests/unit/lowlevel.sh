#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The low-level libraries over fake devices, libxenhypfs over a fake hypervisor, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
l=$top/libxl
build() {
	${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
		-I"$l/include" -I"$l/toolcore" "$l"/toollog/*.c "$l"/toolcore/*.c "$@" -o "$out/test" -lcmocka -pthread
	"$out/test"
}
build -Wno-unused-parameter -Wl,--wrap=open,--wrap=close,--wrap=ioctl \
	"$top/tests/unit/test_lowlevel.c" "$l"/call/*.c "$l"/evtchn/*.c "$l"/gnttab/*.c "$l"/foreignmemory/*.c
build "$top/tests/unit/test_libhypfs.c" "$l"/hypfs/*.c -lz
