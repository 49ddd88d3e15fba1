#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every option that a command of xl of 4.17 takes (options.txt, made by goldens.sh) ours takes as well, with a value or
# without as there; help has what ours takes, and the manual page has what help has (docs.sh).
. "$(dirname "$0")/lib.sh"
"$here/spy_options.sh" "$XL" "$work/fakexen.so" >"$work/ours"
[ -s "$work/ours" ] || fail "no options were found"
# Answered before the command is asked.
answered=' (-h|--help)$'
# It has a value, which 4.17 forgets in its short form alone.
meant='^sched-rtds -c$'
unbuilt=$(fxl help | sed -n 's/^ \([a-z-]*\) .*(not built)$/\1/p')
missing=$(grep -vE "$answered|$meant" "$here/options.txt" | grep -vE "^($(echo $unbuilt | tr ' ' '|')) " |
	grep -vxFf "$work/ours")
[ -z "$missing" ] || fail "options that ours does not take:
$missing"
while read -r command option _; do
	[ "$option" = -h ] || fxl help "$command" | grep -qE -- "(^|[ ,])$option( |,|=|\$)" || fail "xl help $command has no $option"
done <"$work/ours"
echo "$(wc -l <"$here/options.txt") options of 4.17, $(wc -l <"$work/ours") of ours, $failures failures"
[ "$failures" = 0 ]
