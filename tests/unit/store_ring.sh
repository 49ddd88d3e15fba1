#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The store's side of a guest's ring, under ASan and UBSan; memcpy is wrapped to act in between.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
s=$top/xenstored
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-builtin-memcpy -Wl,--wrap=memcpy -I"$top/libxl/include" -I"$s" \
	-o "$out/test" "$top/tests/unit/test_store_ring.c" "$s"/core/*.c "$s"/state/*.c "$s"/domain*.c \
	"$s"/conn*.c "$s"/journal*.c "$s/ring.c" "$s/daemon/boot_id.c" -lcmocka -lpthread
"$out/test"
