#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_light_types.c: the public types of libxenlight, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
light=$top/libxl/light
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
idl "$out" tables:types.c list:list.c
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-I"$top/libxl/include" -I"$out" -I"$light" -o "$out/test" "$top/tests/unit/test_light_types.c" \
	"$light/gc.c" "$light/lists.c" "$light/uuid.c" "$light/bitmap.c" "$light/cpuid.c" \
	"$light/typeinfo.c" "$light/typejson.c" "$light/typeleaf.c" "$out/types.c" "$out/list.c" -lcmocka -lyajl
"$out/test"
