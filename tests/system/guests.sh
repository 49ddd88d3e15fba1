#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guests.sh [STEP...]: the Debian guests of examples/, made by its scripts, and those that Debian's xen-tools, pygrub and
# libvirt make, with our libraries in the place of theirs.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
examples=$top/examples/guests

# Domain 0's disk. Sets R2.
guests_root() {
	debian_root guests-dom0 "$DOM0_PACKAGES,xen-utils-4.17,xen-tools,dnsmasq-base,libvirt-daemon,libvirt-daemon-driver-xen,libvirt-clients"
	R2=$cache/guests-dom0-6.1.ext4
	dom0_disk "$R2" guests-dom0 "$(kernel_fetch 6.1)"
}

# The guests' disks and what they are made of, on a disk for Domain 0. Sets G2.
guests_disk() {
	local d=$cache/guests
	G2=$cache/guests-debian.ext4
	# What xen-tools would install, a kernel with the modules of a guest among it.
	debian_root guests-tools systemd-sysv,udev,dbus,ifupdown,iproute2,iputils-ping,openssh-server,locales,util-linux-locales,initramfs-tools,linux-image-amd64 \
		'/lib/modules/*/kernel/net/*' '/lib/modules/*/kernel/sound/*' '/lib/modules/*/kernel/drivers/[!bn]*' \
		'/lib/modules/*/kernel/drivers/net/[!x]*'
	mkdir -p "$d"
	export SIZE=1200M
	[ "$d/debian.img" -nt "$examples/make-debian" ] || "$examples/make-debian" "$d/debian" || die "make-debian failed"
	[ "$d/cloud.img" -nt "$examples/make-debian" ] || "$examples/make-debian" "$d/cloud" cloud-init || die "make-debian failed"
	[ "$d/cloud.seed" -nt "$examples/make-seed" ] && [ "$d/cloud.seed" -nt "$examples/user-data" ] ||
		"$examples/make-seed" "$d/cloud.seed" cloud "$examples/user-data" || die "make-seed failed"
	ln -f "$cache/guests-tools.tar" "$d/"
	[ -e "$G2" ] && [ -z "$(find "$d" -type f -newer "$G2")" ] || ext4_from "$d" "$G2" 4G
}

# Our tools, with the libraries where Debian has its own, and the examples. Sets T2.
guests_tools() {
	local d=$build/guests-root
	T2=$build/guests.tar
	rm -rf "$d"
	make -C "$build" install DESTDIR="$d" libdir=/usr/lib/x86_64-linux-gnu >"$build/install.log" 2>&1 ||
		{ tail -20 "$build/install.log"; die "make install failed"; }
	test_files "$d"
	cp "$here/guest-login" "$d/usr/lib/xenolith-test/"
	mkdir -p "$d/usr/share/doc/xenolith"
	cp -r "$top/examples" "$d/usr/share/doc/xenolith/"
	tar -C "$d" --owner=0 --group=0 -cf "$T2" .
}

dom0_images 6.1 && guests_root && guests_disk && guests_tools || exit 1
exec python3 "$top/tests/system/guests.py" "$build/hypervisor/xenolith" "$K0" "$I0" "$build/guests.log" "$R2" "$T2" "$G2" -- "$@"
