#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libxenguest's image parsers and page-table plan, under ASan and UBSan; with an argument, fuzz
# them by libFuzzer for that many seconds.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
g=$top/libxl/guest
set -- "$1" -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra -Wno-unused-parameter -I"$top/libxl/include" \
	-I"$top/libxl/toolcore" -I"$top/libxl/ctrl" -I"$g" "$top/tests/unit/test_guest_image.c" \
	"$g/bzimage.c" "$g/codec.c" "$g/unpack.c" "$g/elf.c" "$g/notes.c" "$g/pgplan.c" -o "$out/test"
seconds=$1
shift
libs="-lz -lbz2 -llzma -llz4 -lzstd -lcmocka"
if [ -n "$seconds" ]; then
	command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
	clang -DFUZZ -fsanitize=fuzzer,address,undefined "$@" $libs
	exec "$out/test" -max_total_time="$seconds" -max_len=300000
fi
${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all "$@" $libs
"$out/test"
