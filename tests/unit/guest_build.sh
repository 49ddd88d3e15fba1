#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The domain builder over a fake hypervisor, each of its calls failing in turn, under ASan and UBSan; what it
# moves is counted by wrappers around memcpy and memset, which -fno-builtin keeps calls.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
g=$top/libxl/guest
${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
	-Wno-unused-parameter -fno-builtin -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=memcpy,--wrap=memset,--wrap=munmap \
	-I"$top/libxl/include" -I"$top/libxl/toolcore" -I"$top/libxl/ctrl" -I"$g" \
	"$top/tests/unit/test_guest_build.c" "$g/build.c" "$g/dom.c" "$g/layout.c" "$g/map.c" "$g/pv64.c" \
	"$g/pgplan.c" "$g/gnttab_seed.c" "$g/bzimage.c" "$g/codec.c" "$g/unpack.c" "$g/elf.c" "$g/notes.c" "$g/cache.c" \
	-o "$out/test" -lz -lbz2 -llzma -llz4 -lzstd -lcmocka
"$out/test"
