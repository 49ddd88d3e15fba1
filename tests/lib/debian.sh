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

# Debian's libvirt in $cache/libvirt/root.
libvirt_unpacked() {
	unpacked libvirt libvirt-daemon libvirt-daemon-driver-xen libvirt-clients virtinst
	# For other hypervisors, and with a user of its own that the package's installation makes.
	rm -f "$cache"/libvirt/root/usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so
}

# kernel_symbols KERNELDIR: sets VMLINUX, the kernel of kernel_fetch with all its symbols; else it skips.
kernel_symbols() {
	local v
	v=$(cat "$1/version")
	VMLINUX=$1/vmlinux-$v
	[ -e "$VMLINUX" ] && return
	mkdir -p "$1/symbols"
	(cd "$1/symbols" && apt-get download -qq "linux-image-$v-dbg") >"$cache/symbols.log" 2>&1 ||
		{ cat "$cache/symbols.log"; echo "skipped: the symbols of Debian's kernel cannot be downloaded"; exit 77; }
	# One file of gigabytes of them.
	dpkg --fsys-tarfile "$1"/symbols/*.deb 2>/dev/null | tar -xO --occurrence=1 "./usr/lib/debug/boot/vmlinux-$v" >"$VMLINUX.tmp" &&
		mv "$VMLINUX.tmp" "$VMLINUX" || exit 1
	rm -r "$1/symbols"
}

# source_package NAME: sets $source, its unpacked source with Debian's patches; else it skips.
source_package() {
	local folder=$cache/source-$1 p opts
	source=$folder/tree
	[ -e "$folder/done" ] && return
	rm -rf "$folder"
	mkdir -p "$folder/lists/partial" "$source"
	# The lists of binary packages name no sources: these have lists of their own, from the same archives.
	apt-get indextargets --format 'deb-src $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		grep debian | sort -u >"$folder/sources.list"
	opts=(-o Dir::Etc::SourceList="$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
		-o Dir::State::Lists="$folder/lists" -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
	(cd "$folder" && apt-get "${opts[@]}" update -qq && apt-get "${opts[@]}" source -qq --download-only "$1") \
		>"$folder/log" 2>&1 || { cat "$folder/log"; echo "skipped: Debian's sources cannot be downloaded"; exit 77; }
	tar -xf "$folder/$1"_*.orig.tar.?z -C "$source" --strip-components=1 &&
		tar -xf "$folder/$1"_*.debian.tar.xz -C "$source" || exit 1
	for p in $(grep -v '^#' "$source/debian/patches/series"); do
		patch -s -p1 -d "$source" <"$source/debian/patches/$p" || exit 1
	done
	rm -rf "$folder/lists"
	touch "$folder/done"
}
