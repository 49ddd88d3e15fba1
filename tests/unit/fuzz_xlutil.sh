#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fuzz the configuration language for FUZZ_SECONDS (20), from the corpus of configurations.
set -e
command -v clang >/dev/null || { echo "clang is not installed"; exit 77; }
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/include" "$out/seeds"
idl "$out/include"
clang -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-I"$top/libxl/include" -I"$out/include" -I"$top/libxl/util" -o "$out/fuzz" \
	"$top/tests/unit/fuzz_xlutil.c" "$top"/libxl/util/*.c -lxenlight
cp "$top"/tests/blackbox/xl/corpus/*.cfg "$out/seeds"
sed -n "s/^[a-z]* \(.*\)/x=['\1']/p" "$top/tests/unit/xlutil_specs.in" | split -l 20 - "$out/seeds/specs"
cd "$out"
./fuzz -seed="${FUZZ_SEED:-1}" -max_total_time="${FUZZ_SECONDS:-20}" -max_len=4096 -timeout=10 -print_final_stats=0 seeds >log 2>&1 ||
	{ tail -40 log; exit 1; }
tail -1 log
