#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Fuzzes the store's message parser and core; FUZZ_SECONDS says how long.
set -e
command -v clang >/dev/null || { echo "skip: clang is not installed"; exit 77; }
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
clang -std=gnu11 -w -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	-I"$top/libxl/include" -I"$top/xenstored" -o "$out/fuzz" "$top/tests/unit/fuzz_store.c" \
	"$top"/xenstored/core/*.c
mkdir "$out/corpus"
# A few whole messages to begin with: who, type, transaction, length, body.
printf '\000\013\000\007\000/a/b\000v\000\002\000\005\000/a/b\000' | cat >"$out/corpus/write"
printf '\001\006\000\001\000\000\001\013\001\005\000x/y\000v\001\007\001\002\000T\000' >"$out/corpus/transaction"
printf '\001\004\000\005\000/a\000t\000\000\013\000\004\000/a\000v\000\015\000\003\000/a\000' >"$out/corpus/watch"
printf '\000\016\000\006\000/a\000n1\000\001\001\000\003\000/a\000' >"$out/corpus/perms"
cd "$out"
./fuzz -seed="${FUZZ_SEED:-1}" -max_len=2048 -max_total_time="${FUZZ_SECONDS:-20}" -print_final_stats=1 corpus >log 2>&1 || { tail -60 log; exit 1; }
grep -E 'number_of_executed_units|DONE' log | tail -2
