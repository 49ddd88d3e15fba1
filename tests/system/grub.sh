#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make install, update-grub, reboot: GRUB's own menu entry boots the platform, under SeaBIOS and under OVMF.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/tests/lib/bootable.sh"
mkdir -p "$cache"
grub_disk || exit 1
for firmware in ${FIRMWARE:-seabios ovmf}; do
	python3 "$top/tests/system/grub.py" "$firmware" "$B0" "$build/grub-$firmware.log" || exit 1
done
rm -f "$B0"
