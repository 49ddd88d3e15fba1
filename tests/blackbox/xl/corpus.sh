#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# xl create -n on each configuration of the corpus prints exactly what xl of Xen 4.17 printed.
. "$(dirname "$0")/lib.sh"
count=0
for cfg in "$here"/corpus/*.cfg; do
	fxl create -q -n "$cfg" >"$work/out" 2>"$work/err" || fail "$cfg is refused: $(cat "$work/err")"
	cmp -s "$work/out" "${cfg%.cfg}.json" || { fail "$cfg"; diff -u "${cfg%.cfg}.json" "$work/out" | head -20; }
	count=$((count + 1))
done
echo "$count configurations, $failures differ"
[ "$failures" = 0 ]
