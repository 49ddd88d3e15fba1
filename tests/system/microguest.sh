#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# microguest.sh GUEST [CPUS [SECONDS]]: builds tests/guests/GUEST.c, boots it as Domain 0 on our hypervisor in
# QEMU (GUEST_CPU= its CPU model, GUEST_QEMU= more options), and passes when it says so, the hypervisor did not panic, and the machine powered off.
set -e
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
guest=$1 cpus=${2:-2} limit=${3:-120}
hv=${XENOLITH_BUILD:-$top/build}/hypervisor/xenolith
command -v qemu-system-x86_64 >/dev/null || { echo "skip: qemu-system-x86_64 is not installed"; exit 77; }
[ -f "$hv" ] || { echo "no hypervisor at $hv: build first, or set XENOLITH_BUILD"; exit 1; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$top/tests/guests/build.sh" "$guest" "$out/guest.elf"
# shellcheck disable=SC2086
qemu-system-x86_64 -display none -serial "file:$out/log" -smp "$cpus" -m 512 -no-reboot \
	-qmp "unix:$out/monitor,server=on,wait=off" -cpu "${GUEST_CPU:-qemu64}" ${GUEST_QEMU-} \
	-kernel "$hv" -initrd "$out/guest.elf ${GUEST_ARGS-}" \
	-append "console=com1 com1=115200 loglvl=all dom0_mem=64M dom0_max_vcpus=$cpus ${HV_ARGS-}" &
qemu=$!
python3 "$here/stuck.py" "$out/monitor" "$limit" "$hv" "$out/guest.elf" || kill "$qemu" 2>/dev/null || true
wait "$qemu" || true
tr -d '\r' < "$out/log" | grep -E '^(ATTACK|BENCH|  |GUEST-RESULT)' || true
if grep -qa "Panic on CPU" "$out/log" || ! grep -qa "GUEST-RESULT PASS" "$out/log"; then
	tail -40 "$out/log"
	echo "$guest on $cpus CPUs: failed"
	exit 1
fi
