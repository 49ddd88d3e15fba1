#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# robust.sh NAME: one of the tests of robustness, NAME.py of this folder, in one machine.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/tests/lib/robust.sh"
mkdir -p "$cache"
name=$1
hv=$build/hypervisor/xenolith
robust_images "$name"
if [ "$name" = noalloc ]; then	# its lever is there in debug builds only
	debug_hypervisor || die "the debug build failed (see $build/debug.log)"
	hv=$build/debug/hypervisor/xenolith
fi
exec python3 "$top/tests/system/$name.py" "$hv" "$K0" "$I0" "$build/$name${PART:+-$PART}.log" "$R0" "$T0" "$G0"
