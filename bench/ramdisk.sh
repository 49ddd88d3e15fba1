# SPDX-License-Identifier: GPL-2.0-only
# Ramdisks of machines that are measured: Domain 0 with the tools of either side and nothing else, all in memory.
# Sourced after tests/lib/images.sh and bench/lib.sh.

# What a Domain 0 needs of its root; both sides keep them at the same places of PATH.
BENCH_TOOLS="xl xenstored xenconsoled xen-init-dom0"
BENCH_MODULES="xenfs xen-evtchn xen-gntdev xen-gntalloc xen-privcmd brd crc32c_generic ext4"

# tool ROOT NAME: the program's path in that root.
tool() {
	local p
	for p in usr/lib/xen-4.17/bin usr/sbin usr/bin; do
		[ -f "$1/$p/$2" ] && { echo "$p/$2"; return; }
	done
	die "$1 has no program $2"
}

# with_libraries FROM TO PATH...: copies programs and what the loader wants for them, as the root FROM finds it.
with_libraries() {
	local from=$1 to=$2 f
	shift 2
	for f; do
		echo "/$f"
		chroot "$from" ldd "/$f" 2>/dev/null | grep -o '/[^ ]*'
	done | sort -u | while read -r f; do
		mkdir -p "$to/$(dirname "$(readlink -m "/$f")")"
		cp -L "$from/$f" "$to/$f"
	done
}

# bench_root SIDE: the unpacked Debian root with that side's tools. Sets $root.
bench_root() {
	root=$cache/bench-root-$1
	local tar=$cache/dom0-root.tar
	[ "$1" = ours ] || tar=$cache/dom0-original.tar
	if [ ! -e "$root.done" ] || [ "$tar" -nt "$root.done" ]; then
		rm -rf "$root"
		mkdir -p "$root"
		tar -C "$root" -xf "$tar"
		touch "$root.done"
	fi
	[ "$1" != ours ] || tar -C "$root" --keep-directory-symlink -xf "$T0"
	ldconfig -r "$root"
}

# bench_program OUT SOURCE: a program that needs no libraries.
bench_program() {
	mkdir -p "$build/tests/inc"
	ln -sfn "$top/hypervisor/include/public" "$build/tests/inc/xen"
	${CC:-gcc} -O2 -Wall -Wextra -static -I"$build/tests/inc" -o "$1" "$2" || die "could not build ${2##*/}"
}

# pack DIR OUT: the same bytes for the same content.
pack() {
	find "$1" -exec touch -hd @0 {} +
	(cd "$1" && find . | LC_ALL=C sort | cpio -o -H newc --reproducible 2>/dev/null) >"$2.tmp"
	mv "$2.tmp" "$2"
	rm -rf "$1"
}

# bench_work OUT: the ramdisk of bench/inside/work.c, for guests and for a machine without a hypervisor.
bench_work() {
	local d
	d=$(mktemp -d)
	mkdir -p "$d"/{dev,proc}
	mknod "$d/dev/console" c 5 1
	bench_program "$d/init" "$top/bench/inside/work.c"
	strip "$d/init"
	pack "$d" "$1"
}

# ramdisk_begin DIR ROOT: its folders, with links where that root has them, and busybox.
ramdisk_begin() {
	local f
	mkdir -p "$1"/{bin,sbin,dev,proc,sys,run,tmp,var,bench,etc} "$1"/usr/{bin,sbin,lib,lib64}
	for f in lib lib64; do [ ! -L "$2/$f" ] || ln -s "$(readlink "$2/$f")" "$1/$f"; done
	cp /bin/busybox "$1/bin/"
}

# bench_ramdisk SIDE OUT [MORE MODULE...]: the side's Domain 0 in a ramdisk, with the scenarios and guests of
# bench/inside; MORE DIR SIDE adds to it.
bench_ramdisk() {
	local side=$1 out=$2 more=${3:-} kdir d f root
	shift 2
	[ -z "$more" ] || shift
	kdir=$(kernel_fetch 6.1) || exit 1
	bench_root "$side"
	d=$(mktemp -d)
	ramdisk_begin "$d" "$root"
	mkdir -p "$d/etc/xen"
	# shellcheck disable=SC2046
	with_libraries "$root" "$d" $(for f in $BENCH_TOOLS; do tool "$root" "$f"; done)
	# What the original's tools start for a save, which ours have no program for, and its other store.
	[ "$side" = ours ] || with_libraries "$root" "$d" "$(tool "$root" libxl-save-helper)" "$(tool "$root" oxenstored)" etc/xen/oxenstored.conf
	# What xl leaves with a guest, and what it loads when it has a kernel to unpack.
	[ "$side" != ours ] || with_libraries "$root" "$d" "$(tool "$root" xl-watch)" usr/lib/libxenguest.so.4.17
	# A disk in memory, for what tools keep on one.
	with_libraries "$root" "$d" "$(tool "$root" mke2fs)"
	# The C library loads this one by itself, when a thread ends.
	cp -L "$root/lib/x86_64-linux-gnu/libgcc_s.so.1" "$d/lib/x86_64-linux-gnu/"
	: >"$d/etc/xen/xl.conf"
	# shellcheck disable=SC2086
	modules_into "$d" "$kdir" $BENCH_MODULES "$@"
	cp "$top"/bench/inside/{create,guest,kernel,save,store,wall,stock.cfg,tiny.cfg} "$d/bench/"
	cp "$kdir/boot/vmlinuz-$(cat "$kdir/version")" "$d/bench/vmlinuz"
	cp "$build/bench-work.cpio" "$d/bench/work.cpio"
	bench_program "$d/bin/count" "$top/bench/inside/count.c"
	bench_program "$d/bin/store-load" "$top/bench/inside/store.c"
	dom0_program "$d/bin/freepages" "$here/freepages.c" libxenctrl.so.4.17
	${CC:-gcc} -O2 -Wall -Wextra -o "$d/bin/decode" "$top/bench/inside/decode.c" -llzma || die "could not build decode.c"
	sh "$top/tests/guests/build.sh" tiny "$d/bench/tiny.elf"
	install -m 755 "$top/bench/inside/init" "$d/init"
	[ -z "$more" ] || "$more" "$d" "$side"
	ldconfig -r "$d"
	pack "$d" "$out"
}

# bench_kernel OUT: the stock kernel unpacked, so that no measured machine does that but where it is what is measured.
bench_kernel() {
	local kdir
	kdir=$(kernel_fetch 6.1) || exit 1
	[ "$1" -nt "$kdir/version" ] || python3 "$here/bzimage.py" "$kdir/boot/vmlinuz-$(cat "$kdir/version")" "$1" ||
		die "the kernel cannot be unpacked"
}

# All that whole machines are measured with.
bench_machines() {
	local side d
	bench_kernel "$build/bench-vmlinux"
	d=$(mktemp -d)
	mkdir "$d/bench"
	cp "$build/bench-vmlinux" "$d/bench/vmlinux"
	pack "$d" "$build/bench-vmlinux.cpio"
	dom0_images
	original_tools
	tools_tar
	bench_work "$build/bench-work.cpio"
	for side in ours original; do
		bench_ramdisk "$side" "$build/bench-$side.cpio"
		cat "$build/bench-$side.cpio" "$build/bench-vmlinux.cpio" >"$build/bench-$side-guest.cpio"
	done
	${CC:-gcc} -shared -fPIC -O2 -Wall -Wextra -Wshadow -fvisibility=hidden -o "$build/counter.so" "$top/bench/counter.c" ||
		die "could not build counter.c"
}
