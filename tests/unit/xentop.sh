#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_xentop.c under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -D_GNU_SOURCE -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all -I"$top/libxl/include" -I"$top/xl/top" \
	-o "$out/test" "$top/tests/unit/test_xentop.c" "$top/xl/top/columns.c" -lcmocka
"$out/test"
