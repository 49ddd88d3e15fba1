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

# unpacked FOLDER PACKAGE...: these, and what they need and this system lacks, in $cache/FOLDER/root; else it skips.
unpacked() {
	local folder=$cache/$1 p
	shift
	[ -e "$folder/done" ] && return
	rm -rf "$folder"
	mkdir -p "$folder/pkg/partial" "$folder/root"
	apt-get install -y -qq --download-only --no-install-recommends -o Debug::NoLocking=1 -o APT::Sandbox::User=root \
		-o Dir::Cache::archives="$folder/pkg" "$@" >"$folder/log" 2>&1 ||
		{ cat "$folder/log"; echo "skipped: Debian's packages cannot be downloaded"; exit 77; }
	for p in "$folder"/pkg/*.deb; do dpkg -x "$p" "$folder/root" || exit 1; done
	rm -r "$folder/pkg"
	touch "$folder/done"
}
