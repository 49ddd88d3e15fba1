#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A store as records, and back, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all -I"$top/libxl/include" -I"$top/xenstored" -o "$out/test" \
	"$top/tests/unit/test_store_state.c" "$top"/xenstored/core/*.c "$top"/xenstored/state/*.c -lcmocka
"$out/test"
