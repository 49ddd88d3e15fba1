#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every program and plugin of Debian that uses Xen's libraries finds in ours each symbol that it needs, under its
# version: libvirt's driver, QEMU, collectd, kexec, xl, the tools of xen-utils, Python's modules, Debian's libraries.
# QEMU is started with them.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/debian.sh"
# readnotes uses the ELF reader in Debian's libxenguest, whose structures no header declares (inner-symbols.txt).
without=readnotes

[ -e "$build/libxl/libxenlight.so.4.17" ] || { echo "$build/libxl is not built"; exit 1; }
debian_programs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for lib in "$build"/libxl/*.so.*; do nm -D --defined-only "$lib"; done | awk '{ sub("@@", "@"); print $3 }' |
	sort -u >"$work/ours"
while read -r f; do
	readelf -d "$f" 2>/dev/null | grep -qE 'NEEDED.*\[lib(xen[a-z]+|xlutil)\.so' || continue
	[ "${f##*/}" = $without ] && continue
	nm -D --undefined-only "$f" | awk -v f="${f#"$debian"}" '$2 ~ /@VERS_/ { print $2, f }'
done < <(find "$debian" -type f) | sort >"$work/used"
lacking=$(join -v 1 "$work/used" "$work/ours")
[ -z "$lacking" ] || { echo "not in our libraries:"; echo "$lacking"; exit 1; }
programs=$(cut -d' ' -f2 "$work/used" | sort -u | wc -l)
[ "$programs" -ge 50 ] || { echo "only $programs programs were found in $debian"; exit 1; }
# QEMU's loader is told to look for all of them at once, in our files.
qemu=$debian/usr/libexec/xen-qemu-system-i386
export LD_LIBRARY_PATH=$build/libxl LD_BIND_NOW=1
machines=$("$qemu" -M help 2>&1)
grep -q '^xenpv ' <<<"$machines" || { echo "QEMU says:"; echo "$machines"; exit 1; }
theirs=$(ldd "$qemu" | awk '/libxen/ { print $3 }' | grep -v "^$build/libxl/")
[ -z "$theirs" ] || { echo "QEMU took these instead of ours:"; echo "$theirs"; exit 1; }
echo "$programs programs, $(cut -d' ' -f1 "$work/used" | sort -u | wc -l) symbols"
