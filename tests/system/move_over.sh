#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# README's "From Xen to Xenolith and back" by its own commands: a Debian host that GRUB starts from its disk, with Debian's
# Xen and a guest, takes our packages, a later version of them, and Debian's again, without a network.
set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/tests/lib/bootable.sh"
. "$top/tests/lib/debroot.sh"
debroot_enter "$0"
mkdir -p "$cache"
work=$(mktemp -d)
fail() { echo "$*"; exit 1; }
. "$top/tests/lib/debs.sh"
trap 'debroot_gone "$work/build"; rm -rf "$work"' EXIT
two_versions "$work/build"
host_disk || exit 1

packages=$build/move-over-packages.img disk=$build/move-over.qcow2
mkdir -p "$work"/packages/{first,later}/deb
cp "$build"/packages/first/*.deb "$work/packages/first/deb"
cp "$build"/packages/second/*.deb "$work/packages/later/deb"
ext4_from "$work/packages" "$packages" 64M
qemu-img create -q -f qcow2 -F raw -b "$H0" "$disk" || fail "no disk"
python3 "$top/tests/system/move_over.py" "$build/move-over" "$disk" "$packages" || exit 1
rm -f "$disk" "$packages"
