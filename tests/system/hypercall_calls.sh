#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots tests/guests/calls.c as Domain 0, which makes every hypercall, and holds what came of each against
# hypervisor/hypercalls.tsv: a row that names this test must have been called with success, a refused one must have
# given its errno.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
hv=${HV:-${XENOLITH_BUILD:-$top/build}/hypervisor/xenolith}
command -v qemu-system-x86_64 >/dev/null || { echo "skip: qemu-system-x86_64 is not installed"; exit 77; }
[ -f "$hv" ] || { echo "no hypervisor at $hv: build first, or set XENOLITH_BUILD"; exit 1; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
tsv=$top/hypervisor/hypercalls.tsv
awk -F'\t' '!/^#/ && $4 == "refused" { printf "{ \"%s\", \"%s\", %s },\n", $1, $2, $3 }' "$tsv" >"$out/refused.h"
sh "$top/tests/guests/build.sh" calls "$out/guest" -I"$out"
# Two CPUs and the devices that calls_device.c knows of.
timeout "${SECONDS_MAX:-150}" qemu-system-x86_64 -M q35 -cpu max -smp 2 -m 512 -display none -serial "file:$out/log" \
	-no-reboot -nic none -device virtio-rng-pci,addr=10 -kernel "$hv" -initrd "$out/guest" \
	-append "console=com1 com1=115200 loglvl=all dom0_mem=64M dom0_max_vcpus=2" || true
tr -d '\r' <"$out/log" >"$out/text"
if grep -qa "Panic on CPU" "$out/text" || ! grep -qa "GUEST-RESULT PASS" "$out/text"; then
	tail -40 "$out/text"
	echo "the guest did not come to its end"
	exit 1
fi
# The last call is answered by the machine: it is off.
{
	grep -a '^CALL ' "$out/text"
	grep -qa "Domain 0 powers the machine off" "$out/text" && echo "CALL platform_op XENPF_enter_acpi_sleep ok"
} >"$out/calls"
awk -F'\t' -v errnos="$top/tests/abi/errnos" -v calls="$out/calls" '
	BEGIN {
		while ((getline line <errnos) > 0)
			if (split(line, f, " ") == 2 && f[1] !~ /^#/) number[f[1]] = -f[2]
		while ((getline line <calls) > 0) {
			split(line, f, " ")
			k = f[2] " " f[3]
			if (k in got && got[k] != f[4]) f[4] = "FAIL"
			got[k] = f[4]
			if (f[4] == "ok") { sub(/\..*/, "", f[2]); reached[f[2]] = 1 }
		}
		close(calls)
		reached["arch_0"] = reached["mca"]
	}
	/^#/ { next }
	{ k = $1 " " $2; want = "" }
	$4 == "refused" { want = number[$5] }
	$4 == "implemented" && $5 == "hypercall-calls" { want = "ok" }
	# A hypercall with operations works when one of those does.
	$1 == "hypercall" && want == "ok" && !(k in got) { n = $2; sub(/^__HYPERVISOR_/, "", n); got[k] = n in reached ? "ok" : "never called" }
	{ known[k] = 1; rows++ }
	want != "" && got[k] != want { print k ": should be " want ", was " (k in got ? got[k] : "never called"); bad++ }
	END {
		for (k in got) if (!(k in known)) { print k ": called, but not in the table"; bad++ }
		print rows " rows, " bad + 0 " wrong"
		exit bad != 0
	}' "$tsv" || { grep -a -B3 '^CALL .*FAIL' "$out/text" || true; exit 1; }
