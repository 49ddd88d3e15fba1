# SPDX-License-Identifier: GPL-2.0-only
# Images that the demo and the system tests boot, all from Debian packages and kept in $cache. Sourced
# after common.sh. Each function makes what is missing or older than what it is made of.
here=$top/tests/lib

DOM0_PACKAGES=kmod,iproute2,iputils-ping,procps,busybox-static,e2fsprogs,util-linux,udev,expect,python3-minimal
DOM0_PACKAGES=$DOM0_PACKAGES,libyajl2,libjson-c5,libmnl0,libnl-3-200,libnl-route-3-200,libncurses6,libtinfo6
DOM0_PACKAGES=$DOM0_PACKAGES,zlib1g,liblzma5,libbz2-1.0,libzstd1,liblz4-1,libuuid1,libsystemd0,less,ethtool

LIBVIRT_PACKAGES=libvirt-daemon,libvirt-daemon-driver-xen,libvirt-clients,virtinst,osinfo-db,qemu-system-xen,qemu-utils

# The version behind a kernel series: 6.1 is linux-image-amd64's; others are looked for in the archive.
kernel_version() {
	if [ "$1" = 6.1 ]; then
		apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: linux-image-\(6\.1[^ ]*\)$/\1/p' | head -1
	else
		apt-cache search --names-only "^linux-image-$1\\.[^ ]*-amd64\$" | grep -vE 'cloud|rt-|unsigned' |
			sed -n 's/^linux-image-\([^ ]*\) .*/\1/p' | sort -V | tail -1
	fi
}

# kernel_fetch SERIES: prints the folder that holds boot/vmlinuz-V and lib/modules/V.
kernel_fetch() {
	local v dir
	dir=$cache/kernel-$1
	if [ ! -e "$dir/version" ]; then
		v=$(kernel_version "$1")
		[ -n "$v" ] || { apt-get update -qq >/dev/null 2>&1; v=$(kernel_version "$1"); }
		[ -n "$v" ] || die "no Debian package with a kernel $1 found"
		rm -rf "$dir"
		mkdir -p "$dir/pkg"
		(cd "$dir/pkg" && apt-get download -qq "linux-image-$v") >"$cache/kernel.log" 2>&1 ||
			{ cat "$cache/kernel.log" >&2; die "could not download linux-image-$v"; }
		dpkg -x "$dir"/pkg/*.deb "$dir"
		depmod -b "$dir" "$v"
		echo "$v" >"$dir/version"
	fi
	echo "$dir"
}

# modules_into DIR KERNELDIR MODULE...: these of that kernel, and what they need.
modules_into() {
	local d=$1 kdir=$2 v m f
	shift 2
	v=$(cat "$kdir/version")
	mkdir -p "$d/lib/modules/$v"
	for m; do
		modprobe -d "$kdir" -S "$v" --show-depends "$m" 2>/dev/null | awk '$1 == "insmod" { print $2 }'
	done | sort -u | while read -r f; do
		mkdir -p "$d$(dirname "${f#"$kdir"}")"
		cp "$f" "$d${f#"$kdir"}"
	done
	cp "$kdir/lib/modules/$v"/modules.{order,builtin,builtin.modinfo} "$d/lib/modules/$v/"
	depmod -b "$d" "$v"
}

# initrd_make OUT KERNELDIR INIT MODULE...: a busybox ramdisk with these modules and what they need.
initrd_make() {
	local out=$1 kdir=$2 init=$3 d
	shift 3
	[ -e "$out" ] && [ "$out" -nt "$init" ] && [ "$out" -nt "$kdir/version" ] && return 0
	d=$(mktemp -d)
	mkdir -p "$d"/{bin,dev,proc,sys,root,mnt}
	cp /bin/busybox "$d/bin/"
	modules_into "$d" "$kdir" "$@"
	cp "$init" "$d/init"
	chmod +x "$d/init"
	(cd "$d" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >"$out.tmp"
	mv "$out.tmp" "$out"
	rm -rf "$d"
}

# debian_root NAME PACKAGES [PATTERN...]: cache/NAME.tar, a minimal Debian root without files of these patterns.
debian_root() {
	local name=$1 packages=$2 pattern without=()
	[ -e "$cache/$name.tar" ] && return 0
	shift 2
	for pattern in '/usr/share/man/*' '/usr/share/doc/*' '/usr/share/locale/*' "$@"; do
		without+=("--dpkgopt=path-exclude=$pattern")
	done
	mmdebstrap --quiet --format=tar --variant=minbase --include="$packages" "${without[@]}" bookworm "$cache/$name.tar.tmp" \
		>"$cache/$name.log" 2>&1 || { tail -20 "$cache/$name.log"; die "mmdebstrap could not make the root $name"; }
	mv "$cache/$name.tar.tmp" "$cache/$name.tar"
}

# ext4_from DIR OUT SIZE
ext4_from() {
	rm -f "$2.tmp"
	mke2fs -q -F -t ext4 -d "$1" "$2.tmp" "$3" >/dev/null 2>&1 || die "mke2fs could not fill $2"
	mv "$2.tmp" "$2"
}

# dom0_tree DIR ROOT KERNELDIR: unpacks the Debian root, with the kernel's modules that a Domain 0 in QEMU may want.
dom0_tree() {
	local d=$1 v mods
	v=$(cat "$3/version")
	mods=$d/lib/modules/$v/kernel
	tar -C "$d" -xf "$cache/$2.tar"
	mkdir -p "$d/lib/modules" "$d/srv/xen" "$d/var/lib/xen" "$d/var/log/xen"
	cp -a "$3/lib/modules/$v" "$d/lib/modules/"
	rm -rf "$mods/drivers/"{gpu,media,infiniband,iio,staging,usb,hwmon,scsi} "$mods/"{sound,net/wireless} \
		"$mods/drivers/net/"{wireless,ethernet}
	mkdir -p "$mods/drivers/net/ethernet/intel"
	cp -a "$3/lib/modules/$v/kernel/drivers/net/ethernet/intel/"{e1000,e1000e} \
		"$mods/drivers/net/ethernet/intel/" 2>/dev/null
	depmod -b "$d" "$v"
}

# dom0_disk OUT ROOT KERNELDIR: a disk of that.
dom0_disk() {
	local d
	[ -e "$1" ] && [ "$1" -nt "$cache/$2.tar" ] && return 0
	d=$(mktemp -d)
	dom0_tree "$d" "$2" "$3"
	ext4_from "$d" "$1" 3G
	rm -rf "$d"
}

# Domain 0: root disk (Debian), kernel, ramdisk. Sets K0 (kernel), I0 (ramdisk), R0 (root disk).
dom0_images() {
	local series=${1:-6.1} kdir
	kdir=$(kernel_fetch "$series") || exit 1
	K0=$kdir/boot/vmlinuz-$(cat "$kdir/version")
	I0=$cache/dom0-$series.cpio.gz
	R0=$cache/dom0-$series.ext4
	initrd_make "$I0" "$kdir" "$here/dom0-ramdisk-init" virtio_pci virtio_blk ahci sd_mod nvme crc32c_generic ext4
	debian_root dom0-root "$DOM0_PACKAGES"
	dom0_disk "$R0" dom0-root "$kdir"
}

# Domain 0's disk with Debian's tools on it. Sets RX0; kernel and ramdisk are those of dom0_images.
original_tools() {
	RX0=$cache/dom0-original-6.1.ext4
	debian_root dom0-original "$DOM0_PACKAGES,xen-utils-4.17,xenstore-utils"
	dom0_disk "$RX0" dom0-original "$(kernel_fetch 6.1)"
}

# without_xen DIR: takes the files of Debian's Xen packages out of that root, for ours to stand in their place.
without_xen() {
	sed -n 's/^Package: \(\(libxen\|xen\).*\)/\1/p' "$1/var/lib/dpkg/status" | while read -r p; do
		cat "$1/var/lib/dpkg/info/$p.list" "$1/var/lib/dpkg/info/$p:amd64.list" 2>/dev/null
	done | while read -r f; do
		[ -d "$1$f" ] && [ ! -L "$1$f" ] || rm -f "$1$f"
	done
}

# Domain 0's disk with Debian's libvirt and QEMU, once with Debian's Xen packages and once without.
# Sets RV0 and RVX0; all else is that of dom0_images.
libvirt_disks() {
	local d
	RV0=$cache/dom0-libvirt-6.1.ext4
	RVX0=$cache/dom0-libvirt-original-6.1.ext4
	debian_root dom0-libvirt "$DOM0_PACKAGES,xen-utils-4.17,xenstore-utils,$LIBVIRT_PACKAGES"
	dom0_disk "$RVX0" dom0-libvirt "$(kernel_fetch 6.1)"
	[ -e "$RV0" ] && [ "$RV0" -nt "$RVX0" ] && return 0
	d=$(mktemp -d)
	dom0_tree "$d" dom0-libvirt "$(kernel_fetch 6.1)"
	without_xen "$d"
	ext4_from "$d" "$RV0" 3G
	rm -rf "$d"
}

# The same as a host that systemd starts, with Debian's unit of libvirtd: tests/lib/dom0-systemd readies it at its boot.
# Sets RS0.
systemd_disk() {
	local d
	RS0=$cache/dom0-systemd-6.1.ext4
	debian_root dom0-systemd "$DOM0_PACKAGES,systemd-sysv,libvirt-daemon-system,xen-utils-4.17,xenstore-utils,$LIBVIRT_PACKAGES"
	[ -e "$RS0" ] && [ "$RS0" -nt "$cache/dom0-systemd.tar" ] && return 0
	d=$(mktemp -d)
	dom0_tree "$d" dom0-systemd "$(kernel_fetch 6.1)"
	without_xen "$d"
	ext4_from "$d" "$RS0" 3G
	rm -rf "$d"
}

# Guests: kernel and ramdisk guest, and a Debian root on a disk image. Sets G0, a disk with
# vmlinuz, vmlinux (the same unpacked, where a guest is wanted sooner), ramdisk.gz, boot.gz, debian.img, data.img.
guest_images() {
	local series=${1:-6.1} kdir v d
	kdir=$(kernel_fetch "$series") || exit 1
	v=$(cat "$kdir/version")
	initrd_make "$cache/guest-$series.cpio.gz" "$kdir" "$here/guest-ramdisk-init" xen-blkfront xen-netfront crc32c_generic ext4
	initrd_make "$cache/guestroot-$series.cpio.gz" "$kdir" "$here/guest-root-init" xen-blkfront xen-netfront crc32c_generic ext4
	debian_root guest-root systemd-sysv,iproute2,iputils-ping,procps,kmod,busybox-static
	if [ ! -e "$cache/debian.img" ] || [ "$cache/guest-root.tar" -nt "$cache/debian.img" ] ||
	   [ "$here/guest-demo.service" -nt "$cache/debian.img" ]; then
		d=$(mktemp -d)
		tar -C "$d" -xf "$cache/guest-root.tar"
		cp "$here/guest-demo.service" "$d/etc/systemd/system/demo.service"
		cp "$here/guest-demo" "$d/usr/local/sbin/guest-demo"
		chmod +x "$d/usr/local/sbin/guest-demo"
		ln -sf ../demo.service "$d/etc/systemd/system/multi-user.target.wants/demo.service"
		for u in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
			 fstrim.timer motd-news.timer e2scrub_reap.service systemd-pstore.service; do
			ln -sf /dev/null "$d/etc/systemd/system/$u"
		done
		echo debian >"$d/etc/hostname"
		chroot "$d" passwd -d root >/dev/null 2>&1
		ext4_from "$d" "$cache/debian.img" 600M
		rm -rf "$d"
	fi
	if [ ! -e "$cache/vmlinux-$series" ] || [ "$kdir/version" -nt "$cache/vmlinux-$series" ]; then
		python3 "$here/bzimage.py" "$kdir/boot/vmlinuz-$v" "$cache/vmlinux-$series" || die "could not unpack the kernel"
	fi
	if [ ! -e "$cache/guests-$series.tar" ] || [ "$cache/debian.img" -nt "$cache/guests-$series.tar" ] ||
	   [ "$cache/vmlinux-$series" -nt "$cache/guests-$series.tar" ] ||
	   [ "$cache/guest-$series.cpio.gz" -nt "$cache/guests-$series.tar" ] ||
	   [ "$cache/guestroot-$series.cpio.gz" -nt "$cache/guests-$series.tar" ]; then
		d=$(mktemp -d)
		cp "$kdir/boot/vmlinuz-$v" "$d/vmlinuz"
		cp "$cache/vmlinux-$series" "$d/vmlinux"
		cp "$cache/guest-$series.cpio.gz" "$d/ramdisk.gz"
		cp "$cache/guestroot-$series.cpio.gz" "$d/boot.gz"
		cp --sparse=always "$cache/debian.img" "$d/debian.img"
		truncate -s 32M "$d/data.img"
		mke2fs -q -F -t ext4 "$d/data.img"
		# A disk of its own: sparse files stay sparse and nothing is unpacked at boot.
		ext4_from "$d" "$cache/guests-$series.ext4" 1500M
		touch "$cache/guests-$series.tar"
		rm -rf "$d"
	fi
	G0=$cache/guests-$series.ext4
}

# dom0_program OUT SOURCE LIBRARY: a C program of the tests for Domain 0, with one of our libraries.
dom0_program() {
	${CC:-gcc} -O2 -Wall -Wextra -I"$top/libxl/include" -I"$build/tests/inc" -o "$1" "$2" -L"$build/libxl" \
		-Wl,-rpath-link,"$build/libxl" "$build/libxl/$3" || die "could not build ${2##*/}"
}

# test_files DIR: what the tests themselves need in Domain 0, beside the tools.
test_files() {
	mkdir -p "$build/tests/inc" "$1/usr/lib/xenolith-test" "$1/etc/xen/demo" "$1/etc/xen/configs"
	ln -sfn "$top/hypervisor/include/public" "$build/tests/inc/xen"
	cp "$here/dom0-init" "$1/usr/lib/xenolith-test/init"
	cp "$here/demo-guests" "$here/guest-run" "$here/elf-sections" "$here/rfb.py" "$here/domain-store" \
		"$here/host-of-configs" "$here/answer" "$1/usr/lib/xenolith-test/"
	cp "$here"/*.cfg "$here/virt.xml" "$here/libvirtd.conf" "$1/etc/xen/demo/"
	cp "$here"/configs/*.cfg "$1/etc/xen/configs/"
	chmod +x "$1/usr/lib/xenolith-test/"*
	dom0_program "$1/usr/lib/xenolith-test/freepages" "$here/freepages.c" libxenctrl.so.4.17
	dom0_program "$1/usr/lib/xenolith-test/skipids" "$here/skipids.c" libxenctrl.so.4.17
	dom0_program "$1/usr/lib/xenolith-test/statprint" "$here/statprint.c" libxenstat.so.4.17
}

# What Domain 0 unpacks over its root at boot. tools_tar: our tools as make install lays them out. Sets T0.
tools_tar() {
	T0=$build/tools.tar
	local d=$build/tools-root
	rm -rf "$d"
	make -C "$build" install DESTDIR="$d" >"$build/install.log" 2>&1 ||
		{ tail -20 "$build/install.log"; die "make install failed"; }
	test_files "$d"
	tar -C "$d" --owner=0 --group=0 -cf "$T0" .
}

# No tools, where the root has Debian's. Sets TX0.
original_tools_tar() {
	TX0=$build/original-tools.tar
	local d=$build/original-tools-root
	rm -rf "$d"
	test_files "$d"
	tar -C "$d" --owner=0 --group=0 -cf "$TX0" .
}
