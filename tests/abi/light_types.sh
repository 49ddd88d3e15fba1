#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Sizes, offsets and enum values of every libxl type, ours against libxen-dev's, and the names that
# libxl's headers declare. The same generated program is compiled against both sets of headers.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
[ -e /usr/include/_libxl_types.h ] || { echo "skip: libxen-dev is not installed"; exit 77; }
light=$top/libxl/light
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for f in header:_libxl_types.h json:_libxl_types_json.h abi:abi.c; do
	python3 "$light/idl/gen.py" "$light/idl/types.idl" "${f%%:*}" "$out/${f##*:}"
done
cc=${CC:-gcc}
mkdir "$out/inc"
mv "$out"/_libxl*.h "$out/inc"
$cc -w -I"$top/libxl/include" -I"$out/inc" -o "$out/ours" "$out/abi.c"
$cc -w -o "$out/theirs" "$out/abi.c"
"$out/ours" >"$out/ours.txt"
"$out/theirs" >"$out/theirs.txt"
diff "$out/theirs.txt" "$out/ours.txt"

# Every function and feature macro that the published headers declare is declared by ours.
names() {
	printf '#include <libxl.h>\n#include <libxl_utils.h>\n#include <libxl_json.h>\n' |
		$cc -w "$@" -E -dD - | grep -oE '\blibxl_[a-z0-9_]+ *\(|#define LIBXL_[A-Z0-9_]+' | tr -d '( ' | sort -u
}
names >"$out/theirs.names"
names -I"$top/libxl/include" -I"$out/inc" >"$out/ours.names"
comm -23 "$out/theirs.names" "$out/ours.names" | grep -vE '_0x[0-9]+$' >"$out/missing" || :
if [ -s "$out/missing" ]; then
	echo "published but not declared by us:"
	cat "$out/missing"
	exit 1
fi
# Callers that ask for an older release compile.
printf '#include <libxl.h>\n#include <libxl_utils.h>\nint x;\n' >"$out/v.c"
for v in 0x040200 0x040300 0x040400 0x040500 0x040700 0x040800 0x041300 0x041400; do
	$cc -w -DLIBXL_API_VERSION=$v -I"$top/libxl/include" -I"$out/inc" -c -o /dev/null "$out/v.c"
done
echo "$(wc -l <"$out/ours.txt") facts agree"
