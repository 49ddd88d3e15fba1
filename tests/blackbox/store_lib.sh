# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the store's black-box tests: builds what they run into $work, of this source tree.
set -e
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$top/tests/lib/daemons.sh"
command -v python3 >/dev/null || { echo "skip: python3 is not installed"; exit 77; }
CC=${CC:-gcc}
flags="-std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -g -O1 -I$top/libxl/include"
san="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
xen="-Wl,--allow-shlib-undefined"
# The hypervisor's libraries are found at run time in the shim: their place is taken by it.
$CC -O1 -shared -fPIC -w -o "$work/fakexen.so" -I"$top/libxl/include" "$here/fakexen.c"
# shellcheck disable=SC2086
over_fakexen xenstored "$work/xenstored" $san $xen "$work/fakexen.so"
export ASAN_OPTIONS=detect_leaks=1:verify_asan_link_order=0
build_xenconsoled() {
	# shellcheck disable=SC2086
	over_fakexen xenconsoled "$work/xenconsoled" $san $xen "$work/fakexen.so"
}
build_control() {
	# shellcheck disable=SC2086
	$CC $flags -D_GNU_SOURCE $san -o "$work/xenstore-control" "$top/xenstored/client/control.c" \
		"$top"/libxl/store/*.c "$top/libxl/toolcore/handlereg.c" -I"$top/libxl/toolcore"
}
