#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build and run test_xlutil.c: the configuration language and the device strings, under ASan and UBSan.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/include"
idl "$out/include"
flags="-std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined
	-fno-sanitize-recover=all -I$top/libxl/include -I$out/include -I$top/libxl/util"
# shellcheck disable=SC2086
${CC:-gcc} $flags -o "$out/test" "$top/tests/unit/test_xlutil.c" "$top"/libxl/util/*.c -lxenlight -lcmocka
"$out/test"
# shellcheck disable=SC2086
${CC:-gcc} $flags -o "$out/specs" "$top/tests/unit/xlutil_specs.c" "$top"/libxl/util/*.c -lxenlight
"$out/specs" <"$top/tests/unit/xlutil_specs.in" >"$out/specs.out" 2>"$out/specs.err"
diff -u "$top/tests/unit/xlutil_specs.out" "$out/specs.out"
# Each refusal says why, in one line.
[ "$(grep -c '^rc=' "$out/specs.out")" = "$(wc -l <"$out/specs.err")" ] || { echo "refusals without a reason"; exit 1; }
echo "$(wc -l <"$out/specs.out") device strings as expected"
