#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# people.sh [ours|debian] [--only GROUP,...]: programs of other people with our libraries in the place of theirs, the
# Python package and the examples, in one Domain 0 on our hypervisor or on Debian's.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/bench/lib.sh"
mkdir -p "$cache"
hypervisor=${1:-ours}
[ $# = 0 ] || shift

# Debian's tools, libraries and all. Sets R1.
people_root() {
	debian_root people-root "$DOM0_PACKAGES,xen-utils-4.17,collectd-core,python3-cffi-backend,nftables"
	R1=$cache/people-6.1.ext4
	dom0_disk "$R1" people-root "$(kernel_fetch 6.1)"
}

# Our tools, with the libraries where Debian has its own, the package for Python, examples and their programs. Sets T1.
people_tools() {
	local d=$build/people-root p
	T1=$build/people.tar
	rm -rf "$d"
	make -C "$build" install DESTDIR="$d" libdir=/usr/lib/x86_64-linux-gnu >"$build/install.log" 2>&1 ||
		{ tail -20 "$build/install.log"; die "make install failed"; }
	test_files "$d"
	mkdir -p "$d/usr/share/doc/xenolith"
	cp -r "$top/examples" "$d/usr/share/doc/xenolith/"
	cp "$top/tests/system/python_flow.py" "$d/usr/lib/xenolith-test/"
	sh "$top/tests/guests/build.sh" tiny "$d/usr/lib/xenolith-test/tiny" || die "the unikernel could not be built"
	for p in create_guest watch_events; do
		${CC:-gcc} -O2 -Wall -Wextra -I"$top/libxl/include" -I"$build/libxl/include" -o "$d/usr/lib/xenolith-test/$p" \
			"$top/examples/$p.c" -L"$build/libxl" -lxenlight -lxentoollog -Wl,-rpath-link,"$build/libxl" ||
			die "could not build $p"
	done
	# pip builds in the folder that it is given.
	mkdir "$work/tree"
	cp -r "$top/bindings" "$top/libxl" "$work/tree/"
	rm -rf "$work/tree/bindings/python/build"
	LIBRARY_PATH=$build/libxl /usr/bin/python3 -m pip install -q --no-build-isolation --no-index --no-deps --root-user-action=ignore \
		--target "$d/usr/lib/python3/dist-packages" "$work/tree/bindings/python" >"$work/pip.log" 2>&1 ||
		{ cat "$work/pip.log"; die "the Python package could not be installed"; }
	tar -C "$d" --owner=0 --group=0 -cf "$T1" .
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dom0_images 6.1 && guest_images 6.1 && people_root && people_tools || exit 1
case $hypervisor in
ours) hv=$build/hypervisor/xenolith ;;
debian)
	original_prepare
	hv=$original/xen
	# Its console keeps 128 bytes of input for Domain 0 and drops what comes before they are read.
	export XENOLITH_INPUT_ROOM=120
	;;
esac
python3 "$top/tests/system/people.py" "$@" "$hv" "$K0" "$I0" "$build/people-$hypervisor.log" "$R1" "$T1" "$G0"
