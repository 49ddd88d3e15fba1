# SPDX-License-Identifier: GPL-2.0-only
# Shared by the programs in bench/: the build, the micro-guest, the original. Sourced after tests/lib/common.sh.
original=$cache/original

bench_prepare() {
	require_system
	mkdir -p "$cache" "$build"
	install_deps
	build_all
	sh "$top/tests/guests/build.sh" bench "$build/bench.elf"
}

# Unpacks one of the original's packages, once; nothing of it is installed on this system.
original_package() {
	[ -e "$original/$1.done" ] && return 0
	mkdir -p "$original"
	(cd "$original" && apt-get download -qq "$1" && dpkg -x "$1"_*.deb root) >"$original/$1.log" 2>&1 ||
		{ cat "$original/$1.log"; die "cannot fetch $1"; }
	touch "$original/$1.done"
}

original_prepare() {
	original_package xen-hypervisor-4.17-amd64
	[ -e "$original/xen" ] || zcat "$original"/root/boot/xen-4.17-amd64.gz >"$original/xen"
	[ "${1:-}" = --symbols ] || return 0
	original_package xen-hypervisor-4.17-amd64-dbg
	ln -sf root/usr/lib/debug/boot/xen-syms-4.17-amd64 "$original/symbols"
}
