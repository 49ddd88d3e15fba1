# SPDX-License-Identifier: GPL-2.0-only
# Debian's programs around Xen, unpacked and not installed, for tests that compare with them. Sourced after common.sh.

# Sets $debian, the folder; where the packages cannot be had, the test is skipped.
debian_programs() {
	debian=$cache/library-users
	[ -e "$debian/done" ] && return
	rm -rf "$debian"
	mkdir -p "$debian/pkg"
	(cd "$debian/pkg" && apt-get download -qq collectd-core kexec-tools libvirt-daemon-driver-xen qemu-system-xen \
		xen-utils-4.17 xen-utils-common xenstore-utils libxenmisc4.17) >"$debian/log" 2>&1 ||
		{ cat "$debian/log"; echo "skipped: Debian's packages cannot be downloaded"; exit 77; }
	for p in "$debian"/pkg/*.deb; do dpkg -x "$p" "$debian" || exit 1; done
	rm -r "$debian/pkg"
	touch "$debian/done"
}
