#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# spy_options.sh XL [PRELOADED]: the options that each command of names.txt takes in XL, into which spy_options.c is preloaded,
# before PRELOADED.
here=$(cd "$(dirname "$0")" && pwd)
spy=$(mktemp --suffix=.so)
trap 'rm -f "$spy"' EXIT
${CC:-gcc} -D_GNU_SOURCE -Wall -Wno-unused-parameter -shared -fPIC -o "$spy" "$here/spy_options.c" || exit 1
while read -r command; do
	# Words for those that look at them first.
	LD_PRELOAD="$spy ${2:-}" "$1" "$command" guest none.cfg x </dev/null 2>/dev/null | sed -n "s/^-/$command -/p"
done <"$here/names.txt" | sort -u
