#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_xl.c with all of xl but its main, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
build=${XENOLITH_BUILD:-$top/build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/include"
idl "$out/include"
# shellcheck disable=SC2046
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -D_GNU_SOURCE -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all -I"$top/libxl/include" -I"$out/include" \
	-I"$top/libxl/util" -I"$top/libxl" -I"$top/xl" -o "$out/test" "$top/tests/unit/test_xl.c" \
	$(grep -L "^int main(" "$top"/xl/*.c) "$top"/libxl/util/*.c \
	-L"$build/libxl" -Wl,-rpath,"$build/libxl" -lxenlight -lxenstore -lxenhypfs -lxentoollog -lyajl -lcmocka
"$out/test"
