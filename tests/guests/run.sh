#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh GUEST: builds the micro-guest and boots it as Domain 0 on the hypervisor of the build folder that we
# are in (HV= another one); 0 when it says PASS, 77 when SKIP.  SECONDS_MAX= its time, QEMU_ARGS= more options.
set -e
here=$(cd "$(dirname "$0")" && pwd)
hv=${HV:-hypervisor/xenolith}
[ -f "$hv" ] || { echo "no $hv here: build first, and run from the build folder"; exit 1; }
command -v qemu-system-x86_64 >/dev/null || { echo "needs qemu-system-x86"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$here/build.sh" "$1" "$out/guest"
# shellcheck disable=SC2086
timeout "${SECONDS_MAX:-120}" qemu-system-x86_64 -accel tcg -cpu qemu64 -m 512 -smp 1 -nographic -no-reboot \
	-nic none -kernel "$hv" -initrd "$out/guest" \
	-append "console=com1 com1=115200,8n1 dom0_mem=64M noreboot loglvl=all guest_loglvl=all" \
	${QEMU_ARGS-} >"$out/log" 2>&1 </dev/null || true
cat "$out/log"
grep -q "^GUEST-RESULT SKIP" "$out/log" && exit 77
grep -q "^GUEST-RESULT PASS" "$out/log"
