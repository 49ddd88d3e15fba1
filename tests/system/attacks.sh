#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Each attack of tests/guests/attacks.table by an unprivileged domain of its own, in one boot, under a domain that
# watches.  WHEN=full runs those too that are for ./check --full; names as arguments run just those.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
dom0_images 6.1 && tools_tar || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lib=$work/usr/lib/xenolith-test
mkdir -p "$lib"
for g in attack watcher; do sh "$top/tests/guests/build.sh" "$g" "$lib/$g.elf" || exit 1; done
dom0_program "$lib/attack_runner" "$top/tests/system/attack_runner.c" libxenctrl.so.4.17
cp "$T0" "$work/tools.tar"
tar -C "$work" --owner=0 --group=0 -rf "$work/tools.tar" ./usr
export HV=$build/hypervisor/xenolith KERNEL=$K0 RAMDISK=$I0 ROOT=$R0 TOOLS=$work/tools.tar LOG=$build/attacks.log
exec python3 "$top/tests/system/attacks.py" "${WHEN:-plain}" "$@"
