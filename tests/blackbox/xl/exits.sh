#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Exit codes of command lines, right and wrong, beside those of xl of Xen 4.17 (exits.txt, made by goldens.sh).
# The differences that are meant stand in exits_meant.txt, each with our code and a reason.
. "$(dirname "$0")/lib.sh"
count=0
while read -r rc line; do
	eval "fxl $line" </dev/null >"$work/out" 2>&1
	got=$?
	count=$((count + 1))
	[ $got = "$rc" ] && continue
	grep -qxF -- "$got $line" <(sed 's/ *#.*//' "$here/exits_meant.txt") && continue
	fail "xl $line: exit $got, 4.17's is $rc: $(head -3 "$work/out")"
done <"$here/exits.txt"
# A wrong command line shows its usage on stdout, as scripts expect.
fxl pause 2>/dev/null | grep -q "^Usage: xl .* pause <Domain>" || fail "xl pause without a domain shows no usage"
echo "$count command lines, $failures failures"
[ "$failures" = 0 ]
