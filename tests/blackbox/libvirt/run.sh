#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Debian's libvirt and virt-install on a pretended host, by our libraries and by Debian's: flow.py says what must
# happen, and what is told must be the same. DRIVER=FILE: by our libraries with this libxl driver of libvirt.
set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
here=$top/tests/blackbox/libvirt
. "$top/tests/lib/common.sh"
. "$top/tests/lib/debian.sh"
. "$top/tests/lib/daemons.sh"
[ -e "$build/libxl/libxenlight.so.4.17" ] || { echo "$build is not built"; exit 1; }
unshare -mnpf true 2>/dev/null || { echo "skipped: no namespaces here"; exit 77; }
python3 -c 'import ctypes, mmap' || { echo "skipped: python3 is not installed"; exit 77; }
debian_programs
libvirt_unpacked

work=$(mktemp -d)
release() {
	losetup -nlO NAME,BACK-FILE | awk '$2 ~ "^/run/flow/" { print $1 }' | xargs -r losetup -d
	rm -rf "$work"
}
trap release EXIT
cc="${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -D__XEN_TOOLS__ -Wall -Wextra -Wno-unused-parameter -I$top/libxl/include"
$cc -shared -fPIC -o "$work/live.so" "$here/live.c" "$top/tests/unit/light/saved.c" \
	"$top"/tests/blackbox/xl/fake{xen,domains,files,rtds,psr,flask}.c &&
	over_fakexen xenstored "$work/xenstored" "$top/tests/blackbox/fakexen.c" &&
	over_fakexen xenconsoled "$work/xenconsoled" "$top/tests/blackbox/fakexen.c" &&
	sh "$top/tests/guests/build.sh" tiny "$work/tiny" || exit 1
export build cache debian work top here

# flow OURS|THEIRS: in namespaces of its own, in which Debian's packages look installed
flow() {
	mkdir "$work/$1"
	unshare -m -n -p -f --kill-child --mount-proc --propagation private bash "$here/inside.sh" "$1" \
		>"$work/$1/said" 2>&1 ||
		{ echo "FAILED, by $1 libraries:"; tail -30 "$work/$1/said"; cat "$work/$1"/libxl/*.log; return 1; }
}
flow theirs &
flow ours
ours=$?
wait $! && [ $ours = 0 ] || exit 1
diff "$work/theirs/transcript" "$work/ours/transcript" ||
	{ echo "FAILED: not what Debian's libraries lead to (<)"; exit 1; }
# What our libraries say about a domain is in that domain's own log.
grep -q 'alpha: Domain [0-9]*: vif 1: cannot run the script /nonexistent' "$work/ours/libxl/alpha.log" ||
	{ echo "FAILED: the cause is not in alpha.log"; cat "$work/ours"/libxl/*.log; exit 1; }
echo "$(grep -c '^\$' "$work/ours/transcript") commands told the same"
