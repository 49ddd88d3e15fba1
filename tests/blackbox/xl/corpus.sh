#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# xl create -n on each configuration of the corpus prints exactly what xl of Xen 4.17 printed; on each one that
# must be refused it names file, line and column, and says what corpus/refusals.txt has.
. "$(dirname "$0")/lib.sh"
count=0
for cfg in "$here"/corpus/*.cfg; do
	fxl create -q -n "$cfg" >"$work/out" 2>"$work/err" || fail "$cfg is refused: $(cat "$work/err")"
	cmp -s "$work/out" "${cfg%.cfg}.json" || { fail "$cfg"; diff -u "${cfg%.cfg}.json" "$work/out" | head -20; }
	count=$((count + 1))
done
for cfg in "$here"/corpus/*.refused; do
	name=$(basename "$cfg" .refused)
	fxl create -q -n "$cfg" >"$work/out" 2>"$work/err" && fail "$cfg is not refused"
	[ -s "$work/out" ] && fail "$cfg: something is printed"
	grep -qx "$name [1-9][0-9]*" "$here/corpus/refused.txt" || grep -q "^$name  *[^ ]" "$here/corpus/stricter.txt" ||
		fail "$cfg: 4.17 took it, and stricter.txt has no reason"
	head -1 "$work/err" | sed "s|^.*/corpus/$name.refused:\([0-9]*:[0-9]*\): |$name:\1: |" >>"$work/refusals"
	count=$((count + 1))
done
[ -n "${UPDATE:-}" ] && cp "$work/refusals" "$here/corpus/refusals.txt"
diff -u "$here/corpus/refusals.txt" "$work/refusals" || fail "refusals read differently"
echo "$count configurations, $failures differ"
[ "$failures" = 0 ]
