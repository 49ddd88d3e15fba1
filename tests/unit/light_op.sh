#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_light_op.c and test_light_parts.c: libxenlight's engine and pure pieces, under ASan and
# UBSan, and the engine under TSan as well.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
light=$top/libxl/light
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
idl "$out" tables:types.c
build() {
	name=$1 sanitize=$2
	shift 2
	${CC:-gcc} -std=gnu11 -Wall -Wextra -Wno-unused-parameter -D_GNU_SOURCE -g -O1 \
		-fsanitize="$sanitize" -fno-sanitize-recover=all \
		-I"$top/libxl/include" -I"$top/libxl/toolcore" -I"$out" -I"$light" -o "$out/$name" "$top/tests/unit/test_$name.c" "$@" \
		-lcmocka -lyajl -lpthread
	"$out/$name"
}
engine="$light/ctx.c $light/op.c $light/loop.c $light/wait.c $light/child.c $light/worker.c $light/event.c $light/death.c $light/gc.c $light/lists.c
	$light/uuid.c $light/bitmap.c $light/cpuid.c $light/typeinfo.c $light/typejson.c $light/typeleaf.c
	$out/types.c"
build light_op address,undefined $engine
build light_parts address,undefined "$light/vdev.c" "$light/stream.c"
# Callers such as libvirt use one context from several threads.
build light_op thread $engine
