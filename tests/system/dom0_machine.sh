#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dom0_machine.sh q35|pc CPUS: Domain 0 on a machine full of devices; what is looked at is in dom0_machine.py.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
dom0_images "${KERNEL:-6.1}" && guest_images "${KERNEL:-6.1}" && tools_tar || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
${CC:-gcc} -O1 -Wall -Wextra -static -mno-avx -o "$work/avx_state" "$top/tests/system/avx_state.c" || exit 1
${CC:-gcc} -m32 -O1 -Wall -Wextra -ffreestanding -nostdlib -static -fno-pic -no-pie -fno-stack-protector \
	-fcf-protection=none -mgeneral-regs-only -o "$work/compat32" "$top/tests/system/compat32.c" || exit 1
cp "$top/tests/system/dom0_traffic" "$work/"
tar -C "$work" -cf "$work/payload.tar" avx_state compat32 dom0_traffic
truncate -s 64M "$work/a.img" "$work/b.img"
export WORK=$work HV=$build/hypervisor/xenolith LOG=$build/machine-$1-$2.log K0 I0 R0 T0 G0
python3 "$top/tests/system/dom0_machine.py" "$@"
