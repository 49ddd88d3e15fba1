#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ./demo --batch with a Domain 0 kernel of the user's: the stock one, unpacked to the ELF file that it holds.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
kdir=$(kernel_fetch 6.1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$here/bzimage.py" "$kdir/boot/vmlinuz-$(cat "$kdir/version")" "$work/vmlinux"
refused() {
	local out
	if out=$("$top/demo" --batch --kernel "$1" 2>&1) || [[ $out != *"$2"* ]]; then
		echo "--kernel $1: no refusal with \"$2\" but: $out"
		exit 1
	fi
}
refused "$work/none" "there is no kernel $work/none"
echo "no kernel" >"$work/text"
refused "$work/text" "neither a bzImage nor an ELF kernel"
"$top/demo" --batch --kernel "$work/vmlinux" | tee "$work/out"
[ "$(tail -1 "$work/out")" = "demo: ok" ]
