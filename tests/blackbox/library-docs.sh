#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Manual pages of the libraries: made from the headers without a loss, and well formed. Runs in the build folder.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
command -v mandoc >/dev/null || { echo "skip: mandoc is not installed"; exit 77; }
bad=0
fail() { echo "$*"; bad=1; }
words() { grep -o '[A-Za-z_][A-Za-z_0-9]*' | sort -u; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

n=0
for page in libxl/*[a-z].3; do
	lib=$(basename "$page" .3)
	mandoc -Tlint -W warning "$page" || fail "$page is not well formed"
	headers=$(sed -n "s|^\.In \(.*\)|$top/libxl/include/\1|p" "$page")
	# shellcheck disable=SC2086
	cat $headers | ${CC:-gcc} -fpreprocessed -dD -E -P - 2>/dev/null | words >"$work/declared"
	nm -D --defined-only "libxl/$lib.so."*[0-9] | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u |
		comm -12 - "$work/declared" >"$work/public"
	sed -n '/^\.Bd -literal/,/^\.Ed/p' "$page" | sed 's/\\e/\\/g; s/\\-/-/g' | words >"$work/shown"
	for symbol in $(comm -23 "$work/public" "$work/shown"); do
		fail "$lib(3) lacks $symbol, which its headers declare"
	done
	n=$((n + $(wc -l <"$work/public")))
done
[ "$n" -gt 800 ] || fail "only $n symbols were looked up"
[ $bad = 0 ] && echo "$n symbols of $(ls libxl/*[a-z].3 | wc -l) libraries stand in their pages"
exit $bad
