#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make deb in a Debian root that has the build dependencies of debian/control and nothing of Xen; the packages are the same
# when they are built again elsewhere. In another root they take the place of Debian's packages of Xen, beside libvirt and
# QEMU; are upgraded; and give it back to Debian's.
set -u
export LC_ALL=C
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/tests/lib/debroot.sh"
debroot_enter "$0"
. "$top/tests/build/lib.sh"
. "$top/tests/lib/daemons.sh"
. "$top/tests/build/units.sh"
. "$top/tests/lib/debs.sh"
b=$work/b i=$work/i
trap 'umount -l "$work"/container/root "$work/container" 2>/dev/null; debroot_gone "$b"; debroot_gone "$i"; rm -rf "$work"' EXIT
step() { echo "--- $1 ($SECONDS s)"; }
PACKAGES="libxenolith-dev libxenolith4.17 python3-xenolith xenolith xenolith-hypervisor xenolith-utils"

step "built from what debian/control names"
two_versions "$b"
first=$build/packages/first second=$build/packages/second
[ "$(debs "$first" | sed 's/_.*//' | sort | tr '\n' ' ')" = "$PACKAGES " ] || fail "other packages: $(debs "$first")"
for f in "$first"/*.deb; do
	dpkg-deb -c "$f" | awk '$2 != "root/root" { print; bad = 1 } END { exit !bad }' && fail "$f has files of somebody else's"
done

step "the same packages in a folder apart, at another time zone and umask"
[ -d "$b" ] || deb_root "$b"
(umask 077; export TZ=Pacific/Chatham; deb_built "$b" /another "mkdir ../folder; ./bootstrap; cd ../folder; ../tree/configure; make deb")
for f in $(debs "$first"); do
	cmp "$first/$f" "$b/another/folder/deb/$f" || fail "$f is not reproducible"
done
debroot_gone "$b"

step "Debian's Xen, libvirt and QEMU are there"
debroot "$i" package-install "systemd,systemd-sysv,lintian,libvirt-daemon-system,libvirt-daemon-driver-xen,libvirt-clients,\
qemu-system-xen,xen-system-amd64,logrotate,grub2-common,bash-completion,kmod,udev,python3-cffi-backend,man-db,procps"
quiet update.log inside "$i" apt-get update
cp -r "$first" "$i/first"
cp -r "$second" "$i/second"

# What other users of the libraries are installed, in which version.
others() { inside "$i" dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n' 'libvirt*' 'qemu*' 'xen-hypervisor*' 'xen-system*' | grep '^i'; }
tree_of() { (cd "$i" && find . -xdev \( -path ./proc -o -path ./run -o -path ./tmp -o -path ./first -o -path ./second -o -path ./var/log \
	-o -path ./var/cache -o -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/lib/ucf -o -name '__pycache__' \) -prune -o -print | sort); }
healthy() {
	inside "$i" apt-get check >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "$1: apt-get check"; }
	[ -z "$(inside "$i" dpkg --audit)" ] || fail "$1: dpkg --audit: $(inside "$i" dpkg --audit)"
	[ "$(others)" = "$others" ] || { diff <(echo "$others") <(others); fail "$1: other packages changed"; }
}
# verified PACKAGE...: every file is there as it was packed, but for settings of an operator's
verified() {
	local differ
	differ=$(inside "$i" dpkg -V "$@" | grep -v ' c /etc/default/xendomains$')
	[ -z "$differ" ] || fail "$* differ: $differ"
}
# all FOLDER: apt's names for all packages of it
all() { debs "$i$1" | sed "s|^|$1/|"; }
others=$(others)
tree_of >"$work/before"
healthy "at first"

step "lintian"
inside "$i" lintian --allow-root --fail-on error,warning "/first/$(basename "$first"/*.changes)" || fail "lintian"

step "guests of a host that runs are ours to save"
# shellcheck disable=SC2046
units_moved $(all /first)

step "ours take the place of Debian's"
# shellcheck disable=SC2046
quiet install.log inside "$i" apt-get install -y --no-install-recommends $(all /first)
healthy "installed"
removed=$(sed -n '/will be REMOVED/,/^The foll/p' "$work/install.log" | grep '^  ' | tr -s ' ' '\n' | sort | tr '\n' ' ')
[ "$removed" = " libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenmisc4.17 libxenstore4 libxentoolcore1 libxentoollog1 xen-utils-4.17 xen-utils-common xenstore-utils " ] ||
	fail "these were removed:$removed"
# shellcheck disable=SC2086
verified $PACKAGES
grep -q xenolith-hypervisor "$i/var/lib/dpkg/info/xenolith-hypervisor.list" || fail "no list of files"

step "programs of Debian's find our libraries"
users="/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_libxl.so $(inside "$i" dpkg -L qemu-system-xen | grep -E 'bin/.|libexec/')"
n=0
for f in $users; do
	[ -f "$i$f" ] && [ ! -L "$i$f" ] || continue
	inside "$i" ldd -r "$f" >"$work/ldd" 2>&1
	! grep 'not found' "$work/ldd" || fail "$f lacks libraries"
	! grep -E 'undefined symbol: (xc_|xs_|xen|libxl|xlu|xtl)' "$work/ldd" || fail "$f lacks symbols"
	for lib in $(sed -n 's/.*=> \(.*lib\(xen\|xlutil\)[^ ]*\) .*/\1/p' "$work/ldd"); do
		inside "$i" dpkg -S "/usr${lib#/usr}" | grep -q '^libxenolith4.17:' || fail "$f is linked with $lib, which is not ours"
		n=$((n + 1))
	done
done
[ "$n" -ge 20 ] || fail "only $n libraries were looked at"
inside "$i" /usr/libexec/xen-qemu-system-i386 --version >/dev/null || fail "QEMU does not run"
inside "$i" python3 -c 'import xenolith, sys; sys.exit(not xenolith.__file__.startswith("/usr/lib/python3"))' || fail "python3-xenolith"
inside "$i" xl help >/dev/null || fail "xl does not run"

step "units, folders, logs, menu"
units="xenstored.service xenconsoled.service xen-init-dom0.service"
for u in $units xendomains.service; do
	[ "$(inside "$i" systemctl is-enabled "$u")" = enabled ] || fail "$u is not enabled"
done
# shellcheck disable=SC2086
said=$(inside "$i" systemd-analyze verify --man=yes $units xendomains.service proc-xen.mount xencommons.service xen.service 2>&1)
[ -z "$said" ] || fail "systemd-analyze verify: $said"
# What may be left open is little: below 2 of 10. xendomains has none, and says why.
for u in $units; do
	inside "$i" systemd-analyze security --offline=yes --threshold=20 "$u" >"$work/security" 2>&1 || { cat "$work/security"; fail "$u is open"; }
	tail -1 "$work/security"
done
mkdir "$i/tmp/gen"
inside "$i" /lib/systemd/system-generators/systemd-sysv-generator /tmp/gen /tmp/gen /tmp/gen 2>/dev/null
[ -z "$(find "$i/tmp/gen" -name '*xen*')" ] || fail "Debian's scripts make units as well: $(find "$i/tmp/gen" -name '*xen*')"
inside "$i" logrotate -d /etc/logrotate.d/xenstored /etc/logrotate.d/xenconsoled >"$work/logrotate" 2>&1 || fail "logrotate"
! grep -i error "$work/logrotate" || fail "logrotate finds fault"
[ "$(stat -c '%a %U %G' "$i/var/log/xen/console")" = "2750 root adm" ] || fail "/var/log/xen/console is open to others"
# The disks of this root are nobody's: what GRUB asks about them is answered by a stand-in.
mkdir -p "$i/boot/grub"
for f in vmlinuz initrd.img; do echo $f >"$i/boot/$f-6.1.0-0-amd64"; done
echo CONFIG_XEN_DOM0=y >"$i/boot/config-6.1.0-0-amd64"
mv "$i/usr/sbin/grub-probe" "$i/usr/sbin/grub-probe.real"
cat >"$i/usr/sbin/grub-probe" <<'X'
#!/bin/sh
case " $* " in
*=fs_uuid*) echo 11111111-2222-3333-4444-555555555555 ;; *=fs*) echo ext2 ;; *=device*) echo /dev/vda1 ;; *=partmap*) echo gpt ;;
*=abstraction*|*hints*) ;; *) echo hd0,gpt1 ;;
esac
X
chmod +x "$i/usr/sbin/grub-probe"
quiet reinstall.log inside "$i" dpkg -i "$(all /first | grep hypervisor)"
entry=$(grep -E 'multiboot2?[[:space:]]+/boot/xen-' "$i/boot/grub/grub.cfg" | head -1)
case $entry in *"/boot/xen-4.17-xenolith.gz "*) ;; *) fail "the first entry of the menu for Xen is not ours: $entry" ;; esac
grep -q 'multiboot2*[[:space:]]*/boot/xen-4.17-amd64.gz ' "$i/boot/grub/grub.cfg" || fail "Debian's hypervisor is not in the menu any more"

step "systemd runs the units, on a pretended hypervisor"
units_run

step "leftovers of Debian's packages are purged, ours stay"
quiet purge.log inside "$i" dpkg --purge xen-utils-common
healthy "purged"
# shellcheck disable=SC2086
verified $PACKAGES

step "upgraded"
echo 'XENDOMAINS_PARALLEL=2' >>"$i/etc/default/xendomains"
# shellcheck disable=SC2046
quiet upgrade.log inside "$i" apt-get install -y --no-install-recommends $(all /second)
healthy "upgraded"
# shellcheck disable=SC2086
for p in $PACKAGES; do
	case $(inside "$i" dpkg-query -W -f '${Version}' $p) in *+later) ;; *) fail "$p was not upgraded" ;; esac
done
tail -1 "$i/etc/default/xendomains" | grep -qx 'XENDOMAINS_PARALLEL=2' || fail "the upgrade lost an operator's setting"

step "and back to Debian's"
printf '%s\n' 'APT::Get::Assume-Yes "true";' 'APT::Install-Recommends "false";' \
	'Dpkg::Options:: "--force-confold";' >"$i/etc/apt/apt.conf.d/90test"
quiet back.log inside "$i" sh -ec "$(python3 "$top/tests/lib/readme.py" 3 | grep -vx reboot)"
rm "$i/etc/apt/apt.conf.d/90test"
healthy "back"
tail -1 "$i/etc/default/xendomains" | grep -qx 'XENDOMAINS_PARALLEL=2' || fail "the way back lost an operator's setting"
! grep -q multiboot.*xenolith "$i/boot/grub/grub.cfg" || fail "our entry is still in the menu"
rm -rf "$i/boot/grub" "$i"/boot/*-6.1.0-0-amd64
mv "$i/usr/sbin/grub-probe.real" "$i/usr/sbin/grub-probe"
verified xen-utils-4.17 xen-utils-common libxenmisc4.17
tree_of >"$work/after"
left=$(comm -13 "$work/before" "$work/after")
gone=$(comm -23 "$work/before" "$work/after" | grep -vE '^\./usr/share/(doc|man|locale)')
[ -z "$(inside "$i" dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' '*xenolith*' 2>/dev/null | grep -v ' un ')" ] || fail "a package of ours is known yet"
# Documents of Debian's packages, which the root was made without, have come with them; so has what dpkg offers in
# place of the operator's settings.
left=$(echo "$left" | grep -vE '^\./usr/share/(doc|man|lintian)|^\./etc/default/xendomains.dpkg-dist$' | grep .)
[ -z "$left$gone" ] || fail "left behind: $left; gone: $gone"
echo "6 packages built, installed, upgraded, removed ($SECONDS s)"
