#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# goldens.sh XL OUT: makes what the corpus and the command-line test compare with, by running XL, the xl of
# Xen 4.17: in its Domain 0, or anywhere with fakexen.so preloaded into it (lib.sh builds that).
#   OUT/NAME.json    what it prints for each configuration that it takes
#   OUT/refused.txt  its exit code for each configuration that is to be refused
#   OUT/names.txt    the commands that its help lists
#   OUT/texts/*      what it prints for the command lines that texts/ has
#   OUT/exits.txt    its exit code for each command line of commands.txt
#   OUT/options.txt  the options that each of its commands takes
#   OUT/psr.txt      what it prints in the session of psr_session.txt, on the pretended host
set -eu
here=$(cd "$(dirname "$0")" && pwd)
xl=$1 out=$2
for cfg in "$here"/corpus/*.cfg; do
	"$xl" create -q -n "$cfg" >"$out/$(basename "$cfg" .cfg).json" 2>/dev/null || echo "$cfg: refused"
done
for cfg in "$here"/corpus/*.refused; do
	rc=0
	"$xl" create -q -n "$cfg" >/dev/null 2>&1 || rc=$?
	echo "$(basename "$cfg" .refused) $rc"
done >"$out/refused.txt"
"$xl" help | awk '/^ [a-z]/ { print $1 }' >"$out/names.txt"
mkdir -p "$out/texts"
for f in "$here"/texts/*.txt; do
	# shellcheck disable=SC2046
	FAKEXEN_STORE=$here/texts.store "$xl" $(basename "$f" .txt | tr _ ' ') >"$out/texts/$(basename "$f")" 2>/dev/null || true
done
while IFS= read -r line; do
	case $line in '#'*|'') continue ;; esac
	rc=0
	eval "\"\$xl\" $line" </dev/null >/dev/null 2>&1 || rc=$?
	echo "$rc $line"
done <"$here/commands.txt" >"$out/exits.txt"
"$here/psr_session.sh" "$xl" >"$out/psr.txt"
"$here/spy_options.sh" "$xl" "${LD_PRELOAD:-}" >"$out/options.txt"
