#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every command of xl on our hypervisor, against a guest that runs: output and effect.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
dom0_images 6.1 && guest_images 6.1 && tools_tar || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree/usr/lib/xenolith-test"
${CC:-gcc} -O2 -Wall -shared -fPIC -o "$work/tree/usr/lib/xenolith-test/watchsleep.so" "$top/tests/lib/watchsleep.c" || exit 1
${CC:-gcc} -O2 -Wall -I"$build/libxl/include" -I"$top/libxl/include" -o "$work/tree/usr/lib/xenolith-test/sidebyside" \
	"$top/tests/lib/sidebyside.c" -L"$build/libxl" -Wl,-rpath-link,"$build/libxl" "$build/libxl/libxenlight.so.4.17" || exit 1
tar -C "$work/tree" --owner=0 --group=0 -rf "$T0" .
truncate -s 256M "$work/scratch.img" # the core travels on it
python3 "$top/tests/system/xl_commands.py" "$build/hypervisor/xenolith" "$K0" "$I0" "$build/xl-commands.log" \
	"$R0" "$T0" "$G0" "$work/scratch.img" "$@"
