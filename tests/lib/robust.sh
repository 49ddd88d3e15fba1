# SPDX-License-Identifier: GPL-2.0-only
# What the tests of robustness boot: the demo's images, and tools of their own in Domain 0. Sourced after
# common.sh and images.sh; robust_images TEST. Sets what images.sh sets; T0 holds the tools too.

robust_images() {
	local d=$build/robust-root lib
	dom0_images 6.1 && guest_images 6.1 && tools_tar || exit 1
	lib=$d/usr/lib/xenolith-test
	rm -rf "$d"
	mkdir -p "$lib"
	cp "$here/dom0-state" "$here/lives.sh" "$here/noalloc.sh" "$here/xshostile.py" "$lib/"
	chmod +x "$lib/dom0-state"
	dom0_program "$lib/hvcount" "$here/hvcount.c" libxenctrl.so.4.17
	${CC:-gcc} -O2 -Wall -Wextra -shared -fPIC -o "$lib/killpoint.so" "$here/killpoint.c" || exit 1
	sh "$top/tests/guests/build.sh" tiny "$lib/tiny" || exit 1
	dom0_program "$lib/allocfail" "$here/allocfail.c" libxenhypfs.so.1.0
	[ "${1:-}" != inputs ] || python3 "$here/garble.py" "$lib/bad" "$lib/tiny" "$K0" || exit 1
	cp "$T0" "$build/robust.tar"
	tar -C "$d" --owner=0 --group=0 -rf "$build/robust.tar" .
	T0=$build/robust.tar
}

# The hypervisor with --enable-debug, in a folder of its own.
debug_hypervisor() {
	mkdir -p "$build/debug"
	(cd "$build/debug" && { [ -e Makefile ] || "$top/configure" --enable-debug CC="${CC:-gcc}"; } &&
		make -C hypervisor -j"$(nproc)") >"$build/debug.log" 2>&1
}
