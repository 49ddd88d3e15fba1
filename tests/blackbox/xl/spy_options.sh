#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# spy_options.sh XL: the options that each command of names.txt takes in XL, into which spy_options.c is preloaded.
here=$(cd "$(dirname "$0")" && pwd)
while read -r command; do
	# Words for those that look at them first.
	"$1" "$command" guest none.cfg x </dev/null 2>/dev/null | sed -n "s/^-/$command -/p"
done <"$here/names.txt" | sort -u
