#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_light_async.c with all of libxenlight, under ASan and UBSan, and under TSan. $ROUNDS: how many
# random interleavings; $FIRST: the first one's seed.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
light=$top/libxl/light
out=$(mktemp -d)
trap 'pkill -KILL -f "^$out/test" || true; rm -rf "$out"' EXIT
idl "$out" tables:types.c
mkdir "$out/lib" "$out/run" "$out/log" "$out/scripts"
build() {
	${CC:-gcc} -std=gnu11 -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -D__XEN_TOOLS__ -g -O1 -fno-omit-frame-pointer \
		-fsanitize="$1" -fno-sanitize-recover=all -I"$top/libxl/include" -I"$top/libxl/toolcore" -I"$out" -I"$light" \
		-DXEN_LIB_DIR="\"$out/lib\"" -DXEN_RUN_DIR="\"$out/run\"" -DXEN_LOG_DIR="\"$out/log\"" \
		-DXEN_SCRIPT_DIR="\"$out/scripts\"" -o "$out/test" \
		"$top/tests/unit/test_light_async.c" "$top"/tests/unit/light/*.c "$top/tests/blackbox/xl/fakestore.c" \
		"$light"/*.c "$out/types.c" "$top"/libxl/toollog/*.c "$top/libxl/ctrl/bits.c" \
		-Wl,--wrap=fork -lcmocka -lyajl -lmnl -lpthread
	TSAN_OPTIONS=die_after_fork=0 "$out/test"
}
build address,undefined
build thread
