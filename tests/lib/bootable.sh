# SPDX-License-Identifier: GPL-2.0-only
# Disks that firmware boots: GRUB itself and its menu are installed by Debian's own tools, in a machine that runs the stock
# kernel on the disk (grub-setup). Sourced after images.sh.

# bootable_disk OUT MIB DIR: GPT, a BIOS boot partition, an EFI system partition, and a root of what is in DIR.
bootable_disk() {
	local offset
	cp "$here/grub-setup" "$3/usr/lib/xenolith-test/"
	rm -f "$1.tmp"
	truncate -s "$2M" "$1.tmp"
	sfdisk -q "$1.tmp" <<-T || die "sfdisk could not partition $1"
		label: gpt
		size=1M, type=21686148-6449-6E6F-744E-656564454649
		size=64M, type=uefi
		type=linux
	T
	offset=$(sfdisk -d "$1.tmp" | sed -n 's/.*3 : start= *\([0-9]*\),.*/\1/p')
	mke2fs -q -F -t ext4 -E offset=$((offset * 512)) -d "$3" "$1.tmp" "$(($2 - 124))M" >/dev/null 2>&1 || die "mke2fs could not fill $1"
	python3 "$here/grub_setup.py" "$K0" "$I0" "$1.tmp" "$build/grub-setup.log" || die "GRUB could not be installed on $1"
	mv "$1.tmp" "$1"
}

# A Debian root with our build installed in it, for BIOS and UEFI. Sets B0 (the disk).
grub_disk() {
	local d
	dom0_images "${1:-6.1}"
	tools_tar
	debian_root grub-root "$DOM0_PACKAGES,grub2-common,grub-pc-bin,grub-efi-amd64-bin,dosfstools"
	B0=$build/grub-disk.img
	d=$(mktemp -d)
	dom0_tree "$d" grub-root "$(kernel_fetch "${1:-6.1}")"
	tar -C "$d" --keep-directory-symlink -xf "$T0"
	cp "${K0%/*}"/{vmlinuz,config}-"${K0##*/vmlinuz-}" "$d/boot/"
	cp "$I0" "$d/boot/initrd.img-${K0##*/vmlinuz-}"
	cp "$here/grub-default" "$d/etc/default/grub"
	ln -sf /usr/lib/xenolith-test/init "$d/sbin/init"
	bootable_disk "$B0" 1024 "$d"
	rm -rf "$d"
}

HOST_PACKAGES=systemd-sysv,dbus,udev,kmod,procps,iproute2,ifupdown,logrotate,e2fsprogs,less,busybox-static,expect
HOST_PACKAGES=$HOST_PACKAGES,linux-image-amd64,initramfs-tools,grub-pc,xen-system-amd64,qemu-system-xen
HOST_PACKAGES=$HOST_PACKAGES,libvirt-daemon,libvirt-daemon-driver-xen,libvirt-clients

# host_tree DIR: makes of a Debian root with Debian's Xen a host that boots without a network, with apt's packages of Xen in
# a folder of its own, a guest in /etc/xen/auto, and a shell for Machine on its console.
host_tree() {
	local d=$1 u
	inside "$d" sh -ec 'apt-get update; mkdir -p /srv/debian; cd /srv/debian
		for p in $(dpkg-query -W -f "\${source:Package} \${Package}=\${Version}\n" | sed -n "s/^xen //p"); do apt-get download "$p"; done' \
		>"$cache/host-debs.log" 2>&1 || { tail -20 "$cache/host-debs.log"; die "Debian has not the packages of Xen that $cache/host-root.tar has"; }
	(cd "$d/srv/debian" && dpkg-scanpackages --multiversion . >Packages 2>"$cache/host-debs.log") || die "no index of packages"
	echo 'deb [trusted=yes] file:/srv/debian ./' >"$d/etc/apt/sources.list"
	echo 'APT::Get::Assume-Yes "true";' >"$d/etc/apt/apt.conf.d/90test"
	printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/locale/*' \
		>"$d/etc/dpkg/dpkg.cfg.d/90test"
	sed -i 's/^MODULES=.*/MODULES=list/' "$d/etc/initramfs-tools/initramfs.conf"
	printf '%s\n' virtio_pci virtio_blk ext4 crc32c_generic >>"$d/etc/initramfs-tools/modules"
	inside "$d" sh -ec 'apt-get update; apt-get clean; update-initramfs -u' >"$cache/host-debs.log" 2>&1 ||
		{ tail -20 "$cache/host-debs.log"; die "no ramdisk"; }

	mkdir -p "$d/usr/lib/xenolith-test" "$d/etc/xen/auto" "$d/srv/xen" "$d/etc/systemd/system/serial-getty@hvc0.service.d"
	cp "$here/guest-run" "$here/host-shell" "$d/usr/lib/xenolith-test/"
	chmod +x "$d/usr/lib/xenolith-test/"*
	cp "$here/host-grub" "$d/etc/default/grub"
	cp "$here/host.cfg" "$d/etc/xen/auto/10-alpha.cfg"
	cp "$here/libvirtd.conf" "$d/root/"
	cp "$cache/vmlinux-6.1" "$d/srv/xen/vmlinux"
	cp "$cache/guest-6.1.cpio.gz" "$d/srv/xen/ramdisk.gz"
	truncate -s 8M "$d/srv/xen/data.img" && mke2fs -q -F -t ext4 "$d/srv/xen/data.img"
	printf '%s\n' '[Service]' Type=simple ExecStart= ExecStart=/usr/lib/xenolith-test/host-shell StandardInput=tty StandardOutput=tty \
		>"$d/etc/systemd/system/serial-getty@hvc0.service.d/test.conf"
	for u in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service; do
		ln -sf /dev/null "$d/etc/systemd/system/$u"
	done
	# As libvirt-daemon-system makes it, whose units exclude xendomains.
	inside "$d" sh -ec 'groupadd -g 64055 libvirt-qemu; useradd -M -u 64055 -g libvirt-qemu libvirt-qemu' || die "no user"
	echo '/dev/vda3 / ext4 noatime 0 1' >"$d/etc/fstab"
	echo host >"$d/etc/hostname"
	echo '127.0.0.1 localhost host' >"$d/etc/hosts"
	rm "$d/usr/sbin/policy-rc.d" "$d/etc/resolv.conf"
}

# A stock Debian host with Debian's Xen, libvirt and QEMU, that has nothing of ours but what tests type to. Sets H0 (the
# disk, which is to stay as it is). Wants debroot.sh, and that its debroot_enter was called.
host_disk() {
	local d
	dom0_images 6.1 && guest_images 6.1
	H0=$cache/host-disk.img
	[ -e "$H0" ] && [ "$H0" -nt "$here/bootable.sh" ] && [ "$H0" -nt "$here/host.cfg" ] && [ "$H0" -nt "$here/host-grub" ] &&
		[ "$H0" -nt "$here/host-shell" ] && [ "$H0" -nt "$cache/guests-6.1.tar" ] && return
	d=$build/host-root
	rm -rf --one-file-system "$d"
	debroot "$d" host-root "$HOST_PACKAGES"
	host_tree "$d"
	umount "$d/proc"
	bootable_disk "$H0" 2560 "$d"
	debroot_gone "$d"
}
