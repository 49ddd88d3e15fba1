#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Page-table isolation: what a guest's page tables show of the hypervisor, with it and without; and the attacks on
# memory and entries on isolated vCPUs, and where pages are global.
set -e
here=$(cd "$(dirname "$0")" && pwd)
hv=${XENOLITH_BUILD:-$here/../../build}/hypervisor/xenolith
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$here/../guests/build.sh" tiny "$out/tiny"
python3 "$here/isolation.py" "$hv" "$out/tiny"
# The second way is that of CPUs where entries have nothing but isolation to see to (SPEC_LEAN), the third the same where
# indirect branches are left as they are; the fourth is for thunks of the other kind.
for HV_ARGS in xpti=yes "xpti=yes spec-ctrl=rsb=no" "xpti=yes spec-ctrl=rsb=no,bti-thunk=jmp" "spec-ctrl=bti-thunk=lfence" \
		"xpti=no global-pages=yes"; do
	export HV_ARGS
	GUEST_ARGS=group=memory sh "$here/microguest.sh" attack
	GUEST_CPU=qemu64,vendor=GenuineIntel GUEST_ARGS=group=entry sh "$here/microguest.sh" attack
done
