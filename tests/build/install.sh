#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# make install: the list of files, SONAMEs, and a program against each of the libraries by its pkg-config file, also a
# static one where Debian has all archives for that (not of libyajl and libmnl, which xenlight needs).
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/build/lib.sh"

# pkg-config name, header, a function of the library.
LIBRARIES="
xentoollog xentoollog.h xtl_createlogger_stdiostream
xentoolcore xentoolcore.h xentoolcore_restrict_all
xencall xencall.h xencall_open
xenevtchn xenevtchn.h xenevtchn_open
xengnttab xengnttab.h xengnttab_open
xenforeignmemory xenforeignmemory.h xenforeignmemory_open
xendevicemodel xendevicemodel.h xendevicemodel_open
xenhypfs xenhypfs.h xenhypfs_open
xencontrol xenctrl.h xc_interface_open
xenguest xenguest.h xc_dom_allocate
xenstore xenstore.h xs_open
xenstat xenstat.h xenstat_init
xenvchan libxenvchan.h libxenvchan_server_init
xenlight libxl.h libxl_ctx_alloc
xlutil libxlutil.h xlu_cfg_init"

install_uninstall "$build"
root=$work/root
make -C "$build" install DESTDIR="$root" >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "make install failed"; }
# What no package takes would end make deb.
# shellcheck disable=SC2046
(cd "$root" && find $(sed '/^#/d; s|/\*/|/|; s|^lib/|usr/lib/|' "$top"/debian/*.install) ! -type d 2>/dev/null | sort -u) >"$work/packaged"
tree "$root" | diff - "$work/packaged" || fail "files of make install that no package has (debian/*.install)"
for f in "$root"/usr/lib/lib*.so.*; do
	[ -e "$f" ] || fail "$f leads nowhere"
	[ -L "$f" ] && continue
	soname=$(objdump -p "$f" | awk '$1 == "SONAME" { print $2 }')
	[ -e "$root/usr/lib/$soname" ] && [ "$(readlink -f "$root/usr/lib/$soname")" = "$(readlink -f "$f")" ] ||
		fail "${f##*/}: its SONAME $soname is not installed for it"
done

export PKG_CONFIG_LIBDIR=$root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
n=0
while read -r pc header function; do
	[ -n "$pc" ] || continue
	printf '#include <stdio.h>\n#include <stdlib.h>\n#include <stdbool.h>\n#include <%s>\n%s\n' "$header" \
		"void *volatile function = (void *)$function; int main(void) { return !function; }" >"$work/p.c"
	theirs=$(PKG_CONFIG_LIBDIR=/usr/lib/x86_64-linux-gnu/pkgconfig pkg-config --modversion "$pc")
	ours=$(pkg-config --modversion "$pc") || fail "$pc.pc is not there"
	[ "$ours" = "$theirs" ] || fail "$pc.pc says version $ours, published is $theirs"
	for cc in gcc clang; do
		# shellcheck disable=SC2046
		$cc -Wall -Wextra -Werror $(pkg-config --cflags "$pc") -o "$work/p" "$work/p.c" $(pkg-config --libs "$pc") \
			-Wl,-rpath-link,"$root/usr/lib" 2>"$work/err" || { head "$work/err"; fail "$cc: no program with $pc"; }
		LD_LIBRARY_PATH=$root/usr/lib "$work/p" || fail "$cc: the program with $pc does not run"
	done
	case $pc in xenlight|xlutil) ;; *)
		# shellcheck disable=SC2046
		gcc -static $(pkg-config --cflags "$pc") -o "$work/p" "$work/p.c" $(pkg-config --static --libs "$pc") \
			2>"$work/err" || { head "$work/err"; fail "no static program with $pc"; }
		"$work/p" || fail "the static program with $pc does not run" ;;
	esac
	n=$((n + 1))
done <<<"$LIBRARIES"
[ "$n" = "$(find "$root/usr/lib/pkgconfig" -name '*.pc' | wc -l)" ] || fail "not every pkg-config file was tried"
for p in "$root"/usr/bin/xenstore-ls "$root"/usr/lib/xen-4.17/bin/xenstored "$root"/usr/sbin/xenconsoled "$root"/usr/bin/xenconsole; do
	LD_LIBRARY_PATH=$root/usr/lib ldd "$p" | grep "not found" && fail "$p lacks a library"
done
bash -n "$root/usr/share/bash-completion/completions/xl" || fail "the bash completion is not a script"
echo "$(wc -l <"$top/tests/build/installed.txt") files, programs with $n libraries"
