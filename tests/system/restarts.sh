#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Daemons killed and updated under guests and load, in a Domain 0 that systemd starts. SEED=, KILLS=.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
dom0_images 6.1 && guest_images 6.1 && systemd_disk && tools_tar || exit 1
lib=$build/tools-root/usr/lib/xenolith-test
cp "$here/dom0-systemd" "$lib/init"
cp "$here/dom0-shell" "$top"/tests/blackbox/{xsclient,store_load}.py "$top/tests/system/restarts_inside.py" "$lib/"
tar -C "$build/tools-root" --owner=0 --group=0 -cf "$build/restarts.tar" .
exec python3 "$top/tests/system/restarts.py" "$build/hypervisor/xenolith" "$K0" "$I0" "$build/restarts.log" \
	"$RS0" "$build/restarts.tar" "$G0"
