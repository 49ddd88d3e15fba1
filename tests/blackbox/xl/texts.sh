#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Tables that scripts parse: on the same (pretended) host, byte for byte what xl of Xen 4.17 printed.
# A file's name is the command line, with "_" for blanks.
. "$(dirname "$0")/lib.sh"
export FAKEXEN_STORE=$here/texts.store # a disk and an interface of the domain "guest"
for f in "$here"/texts/*.txt; do
	command=$(basename "$f" .txt | tr _ ' ')
	# shellcheck disable=SC2086
	fxl $command >"$work/out" 2>"$work/err" || fail "xl $command: $(cat "$work/err")"
	cmp -s "$f" "$work/out" || { fail "xl $command"; diff "$f" "$work/out" | cat -A | head; }
done
ls "$here"/texts/*.txt | wc -l
# six fields under one header line
fxl list 2>/dev/null | awk 'NF != 6 { exit 1 }' || fail "xl list has lines that are not six fields"
fxl list -l 2>/dev/null | python3 -c 'import json, sys; json.load(sys.stdin)' || fail "xl list -l is not JSON"
echo "$failures failures"
[ "$failures" = 0 ]
