#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_xl.c with all of xl but its main, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${XENOLITH_BUILD:-$top/build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/include"
for f in header:_libxl_types.h json:_libxl_types_json.h; do
	python3 "$top/libxl/light/idl/gen.py" "$top/libxl/light/idl/types.idl" "${f%%:*}" "$out/include/${f##*:}"
done
# shellcheck disable=SC2046
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -D_GNU_SOURCE -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all -I"$top/libxl/include" -I"$out/include" \
	-I"$top/libxl/util" -I"$top/libxl" -I"$top/xl" -o "$out/test" "$top/tests/unit/test_xl.c" \
	$(grep -L "^int main(" "$top"/xl/*.c) "$top"/libxl/util/*.c \
	-L"$build/libxl" -Wl,-rpath,"$build/libxl" -lxenlight -lxentoollog -lcmocka
"$out/test"
