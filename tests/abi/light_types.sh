#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sizes, offsets and enum values of every libxl type, ours against libxen-dev's, and the lists that xen_list.h makes.
# The same programs are compiled against both sets of headers.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/idl.sh"
[ -e /usr/include/_libxl_types.h ] || { echo "skip: libxen-dev is not installed"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
idl "$out" abi:abi.c
cc=${CC:-gcc}
mkdir "$out/inc"
mv "$out"/_libxl*.h "$out/inc"
$cc -w -I"$top/libxl/include" -I"$out/inc" -o "$out/ours" "$out/abi.c"
$cc -w -o "$out/theirs" "$out/abi.c"
"$out/ours" >"$out/ours.txt"
"$out/theirs" >"$out/theirs.txt"
diff "$out/theirs.txt" "$out/ours.txt"

# Lists of those types work alike.
$cc -w -I"$top/libxl/include" -o "$out/ours" "$top/tests/abi/list_walks.c"
$cc -w -o "$out/theirs" "$top/tests/abi/list_walks.c"
"$out/ours" >"$out/ours.lists"
"$out/theirs" >"$out/theirs.lists"
cmp "$out/theirs.lists" "$out/ours.lists"
echo "$(wc -l <"$out/ours.txt") facts agree"
