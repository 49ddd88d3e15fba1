#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The story of ./demo --batch as a test: our hypervisor, stock Domain 0, our tools, two stock guests.
# KERNEL= and GUEST_KERNEL= take another series than 6.1; further arguments go to story.py.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
dom0_images "${KERNEL:-6.1}" && guest_images "${GUEST_KERNEL:-6.1}" && tools_tar || exit 1
exec python3 "$top/tests/lib/story.py" "$@" "$build/hypervisor/xenolith" "$K0" "$I0" "$build/story.log" "$R0" "$T0" "$G0"
