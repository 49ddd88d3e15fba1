#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fuzz xl's keys for FUZZ_SECONDS (20), from the corpus of configurations.
set -e
command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
build=${XENOLITH_BUILD:-$top/build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/include"
host=$top/tests/blackbox/xl
idl "$out/include"
# The pretended host must win over the libraries: -rdynamic shows its functions to them.
# shellcheck disable=SC2046
clang -std=gnu11 -D_GNU_SOURCE -D__XEN_TOOLS__ -g -O1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -rdynamic -I"$top/libxl/include" -I"$out/include" -I"$top/libxl/util" -I"$top/libxl" \
	-I"$top/xl" -o "$out/fuzz" "$top/tests/unit/fuzz_xl.c" "$host/fakexen.c" "$host/fakedomains.c" "$host/fakertds.c" "$host/fakepsr.c" "$host/fakeflask.c" \
	"$host/fakefiles.c" "$host/fakestore.c" \
	$(grep -L "^int main(" "$top"/xl/*.c) "$top"/libxl/util/*.c \
	-L"$build/libxl" -Wl,-rpath,"$build/libxl" -lxenlight -lxenstore -lxenhypfs -lxentoollog -lyajl
mkdir "$out/seeds"
cp "$top"/tests/blackbox/xl/corpus/*.cfg "$top"/tests/unit/fuzz_found/*.cfg "$out/seeds"
sed -n 's/^\t[A-Z_]*("\([a-z_0-9]*\)".*/"\1="/p' "$top/xl/keys.c" >"$out/dictionary"
cd "$out"
./fuzz -seed="${FUZZ_SEED:-1}" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=2048 -timeout=10 -dict=dictionary seeds >log 2>&1 ||
	{ grep -av '^fuzz:' log | tail -40; exit 1; }
tail -1 log
