#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The cache of unpacked kernels, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
	-Wno-unused-parameter -I"$top/libxl/guest" "$top/tests/unit/test_kernel_cache.c" \
	"$top/libxl/guest/cache.c" -o "$out/test" -lcmocka
"$out/test"
