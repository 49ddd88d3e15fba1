#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Page-table isolation: what a guest's page tables show of the hypervisor, with it and without; and the attacks on
# memory and entries on isolated vCPUs.
set -e
here=$(cd "$(dirname "$0")" && pwd)
hv=${XENOLITH_BUILD:-$here/../../build}/hypervisor/xenolith
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$here/../guests/build.sh" tiny "$out/tiny"
python3 "$here/isolation.py" "$hv" "$out/tiny"
export HV_ARGS=xpti=yes
GUEST_ARGS=group=memory sh "$here/microguest.sh" attack
GUEST_CPU=qemu64,vendor=GenuineIntel GUEST_ARGS=group=entry sh "$here/microguest.sh" attack
