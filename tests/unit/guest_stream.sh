#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Save and restore over a fake hypervisor, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
g=$top/libxl/guest
${CC:-cc} -fsanitize=address,undefined -fno-sanitize-recover=all -std=gnu11 -D_GNU_SOURCE -g -O1 -Wall -Wextra \
	-Wno-unused-parameter -Wl,--wrap=malloc,--wrap=calloc -I"$top/libxl/include" -I"$top/libxl/toolcore" -I"$top/libxl/ctrl" -I"$g" \
	"$top/tests/unit/test_guest_stream.c" "$g/save.c" "$g/restore.c" "$g/restore_mem.c" \
	"$g/restore_vcpu.c" "$g/stream.c" "$g/meminfo.c" "$g/dump.c" "$g/bzimage.c" -o "$out/test" -lcmocka
python3 "$top/tests/unit/stream_golden.py" "$out/golden"
STREAM_GOLDEN=$out/golden "$out/test"
