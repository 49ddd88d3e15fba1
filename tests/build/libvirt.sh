#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The libxl driver of Debian's libvirt, from its source package, is compiled against our headers and pkg-config files:
# without a warning, and needing nothing of the libraries that they lack. In the place of Debian's driver, with our
# libraries, it then leads to what Debian's own leads to with Debian's (tests/blackbox/libvirt).
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/debian.sh"
[ -e "$build/libxl/libxenlight.so.4.17" ] || { echo "$build is not built"; exit 1; }
unshare -mpf true 2>/dev/null || { echo "skipped: no namespaces here"; exit 77; }
unpacked libvirt-build meson ninja-build libglib2.0-dev libgnutls28-dev libxml2-dev libtirpc-dev libnl-3-dev \
	libnl-route-3-dev libxml2-utils xsltproc gettext
libvirt_unpacked
source_package libvirt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -C "$build" install DESTDIR="$work/ours" prefix=/usr >"$work/log" 2>&1 || { tail "$work/log"; exit 1; }
# Named by -I, and not found as the system's, whose warnings compilers keep to themselves.
mkdir "$work/pc"
for f in "$work"/ours/usr/lib/pkgconfig/*.pc; do
	sed "s|=/usr|=$work/ours/usr|" "$f" >"$work/pc/${f##*/}"
done
export work cache source PKG_CONFIG_PATH=$work/pc PATH=/usr/sbin:/usr/bin:/sbin:/bin
cat >"$work/compile" <<'X'
mount -t overlay none -o "lowerdir=$cache/libvirt-build/root/usr:/usr" /usr || exit 1
meson setup "$work/b" "$source" -Dauto_features=disabled -Dsystem=true -Drunstatedir=/run -Ddriver_libxl=enabled \
	-Ddriver_libvirtd=enabled -Ddriver_remote=enabled -Ddocs=disabled -Dtests=disabled || exit 1
target=$(ninja -C "$work/b" -t targets all | grep -oE '^[^:]*libxl_impl\.a' | head -1)
ninja -C "$work/b" "$target" && echo "$work/b/$target" >"$work/driver" || exit 1
libvirt=$cache/libvirt/root/usr/lib/x86_64-linux-gnu
gcc -shared -o "$work/driver.so" -Wl,--no-undefined -Wl,--whole-archive "$work/b/$target" -Wl,--no-whole-archive \
	-Wl,-rpath-link,"$libvirt" "$libvirt/libvirt.so.0" $(pkg-config --libs xenlight xlutil xenstore xentoollog glib-2.0 libxml-2.0)
X
unshare -m -p -f --kill-child --mount-proc --propagation private bash "$work/compile" >"$work/said" 2>&1 ||
	{ tail -30 "$work/said"; exit 1; }
if grep -A5 -E ':[0-9]+: warning:' "$work/said"; then echo "FAILED: warnings"; exit 1; fi
grep -q "$work/ours/usr/include" "$work/b/build.ninja" || { echo "FAILED: it did not see our headers"; exit 1; }
for lib in "$build"/libxl/*.so.*; do nm -D --defined-only "$lib"; done |
	awk '{ sub("@.*", "", $3); print $3 }' | sort -u >"$work/ours.txt"
nm -u "$(cat "$work/driver")" | awk '$2 ~ /^(libxl|xlu|xs|xtl|xc)_/ { print $2 }' | sort -u >"$work/used.txt"
lacking=$(comm -23 "$work/used.txt" "$work/ours.txt")
[ -z "$lacking" ] || { echo "FAILED: not in our libraries:" "$lacking"; exit 1; }
[ "$(wc -l <"$work/used.txt")" -ge 100 ] || { echo "FAILED: only these are used:"; cat "$work/used.txt"; exit 1; }
echo "$(wc -l <"$work/used.txt") symbols, no warning"
DRIVER=$work/driver.so "$top/tests/blackbox/libvirt/run.sh"
