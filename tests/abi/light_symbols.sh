#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every libxl_ name that Debian's libxenlight exports is exported by ours, under the same version and
# SONAME, so that programs linked against the one start with the other.
top=$(cd "$(dirname "$0")/../.." && pwd)
ours=${XENOLITH_BUILD:-$top/build}/libxl/libxenlight.so.4.17
theirs=/usr/lib/x86_64-linux-gnu/libxenlight.so.4.17
[ -e "$theirs" ] || theirs=/usr/lib/x86_64-linux-gnu/libxenlight.so
[ -e "$theirs" ] || { echo "skip: Debian's libxenlight is not installed"; exit 77; }
[ -e "$ours" ] || { echo "$ours is not built"; exit 1; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
names() { nm -D --defined-only "$1" | awk '$3 ~ /^libxl_[a-z]/ { print $3 }' | sed 's/@@/@/' | sort -u; }
names "$theirs" >"$out/theirs"
names "$ours" >"$out/ours"
comm -23 "$out/theirs" "$out/ours" >"$out/missing"
if [ -s "$out/missing" ]; then
	echo "exported by Debian's library and not by ours:"
	cat "$out/missing"
	exit 1
fi
readelf -d "$ours" | grep -q 'SONAME.*\[libxenlight.so.4.17\]' || { echo "wrong SONAME"; exit 1; }
echo "$(wc -l <"$out/theirs") names agree"
