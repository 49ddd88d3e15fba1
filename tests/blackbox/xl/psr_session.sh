#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# psr_session.sh XL: what XL prints on stdout and ends with, line by line of psr_session.txt, on a pretended host
# (fakepsr.c, fakeflask.c) that remembers what is set. A line "= WORDS" begins a new host that has these.
here=$(cd "$(dirname "$0")" && pwd)
xl=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
printf '\x8c\xff\x7c\xf9policy' >policy
printf 'bad' >bad
while IFS= read -r line; do
	case $line in
	'#'*|'') continue ;;
	'= '*)
		rm -f psr
		printf 1 >flask
		export FAKEXEN_PSR=$dir/psr FAKEXEN_PSR_HAS=${line#= } FAKEXEN_FLASK=$dir/flask
		echo "$line"
		continue ;;
	esac
	echo "\$ $line"
	# shellcheck disable=SC2086
	"$xl" $line </dev/null 2>/dev/null
	echo "(exit $?)"
done <"$here/psr_session.txt"
