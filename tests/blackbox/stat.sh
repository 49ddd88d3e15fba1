#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# libxenstat gives the same figures of the pretended host as Debian's, and the same kind of answer of a broken one.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${XENOLITH_BUILD:-$top/build}
theirs=/usr/lib/x86_64-linux-gnu
[ -e "$theirs/libxenstat.so" ] || { echo "skipped: libxen-dev is not installed"; exit 77; }
[ -e "$build/libxl/libxenstat.so.4.17" ] || { echo "$build/libxl is not built"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc="${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -D__XEN_TOOLS__ -Wall -Wextra -Wno-unused-parameter -I$top/libxl/include"
$cc -shared -fPIC -o "$work/fakexen.so" "$top"/tests/blackbox/xl/fake*.c &&
	$cc -o "$work/figures" "$top/tests/blackbox/stat_figures.c" -L"$build/libxl" -lxenstat \
		-Wl,-rpath-link,"$build/libxl" || exit 1
figures() { LD_LIBRARY_PATH=$1 LD_PRELOAD=$work/fakexen.so "$work/figures" 2>/dev/null; echo "exit $?"; }
for broken in "" sysctl=EPERM domctl=ENOMEM domctl=EINVAL xs_open=ENOENT open=EACCES; do
	export FAKEXEN_FAIL=$broken
	figures "$theirs" >"$work/theirs"
	figures "$build/libxl" >"$work/ours"
	diff "$work/theirs" "$work/ours" || { echo "FAILED: other figures than Debian's (broken: $broken)"; exit 1; }
	[ -n "$broken" ] || grep -q "^exit 0" "$work/ours" || { cat "$work/ours"; exit 1; }
done
FAKEXEN_FAIL='' figures "$build/libxl" | grep -c . | sed 's/$/ lines agree/'
