#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Debian's libvirt and QEMU in Domain 0, over our libraries and on our hypervisor, with stock guests.
# TOOLS=debian: over Debian's libraries. HYPERVISOR=debian: on Debian's hypervisor. Further arguments are names of steps.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/bench/lib.sh"
mkdir -p "$cache"
dom0_images 6.1 && guest_images 6.1 && libvirt_disks && tools_tar && original_tools_tar || exit 1
hv=$build/hypervisor/xenolith
if [ "${HYPERVISOR:-ours}" = debian ]; then
	original_prepare
	hv=$original/xen
	# Its console keeps 128 bytes of input for Domain 0 and drops what comes before they are read.
	export XENOLITH_INPUT_ROOM=120
fi
[ "${TOOLS:-ours}" = ours ] || { RV0=$RVX0 T0=$TX0; }
log=$build/libvirt-${HYPERVISOR:-ours}-${TOOLS:-ours}.log
exec python3 "$top/tests/system/libvirt.py" "$hv" "$K0" "$I0" "$log" "$RV0" "$T0" "$G0" -- "$@"
