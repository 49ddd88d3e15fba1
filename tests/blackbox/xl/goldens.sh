#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# goldens.sh XL CORPUS OUT: runs XL create -n on each configuration of the corpus and keeps what it
# prints. Run it in Domain 0 of Xen 4.17 with that release's xl to make the corpus's *.json.
set -eu
for cfg in "$2"/*.cfg; do
	name=$(basename "$cfg" .cfg)
	"$1" create -q -n "$cfg" >"$3/$name.json" 2>"$3/$name.err" || echo "$name: refused"
	[ -s "$3/$name.err" ] || rm "$3/$name.err"
done
