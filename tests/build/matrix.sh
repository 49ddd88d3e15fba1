#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Every way to build: gcc and clang, release and debug, beside the source and in it. No warnings; a micro-guest boots
# on each hypervisor; install, uninstall, clean and distclean leave nothing.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/build/lib.sh"
git -C "$top" rev-parse >/dev/null 2>&1 || { echo "needs the git checkout for a clean copy of the source"; exit 77; }
src=$work/src
mkdir -p "$src"
(cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf -) | tar -C "$src" -xf -
(cd "$src" && ./bootstrap) >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "bootstrap failed"; }
tree "$src" >"$work/before"

# variant NAME BUILD COMPILER [OPTION...]
variant() {
	local name=$1 dir=$2 cc=$3
	shift 3
	configured "$src" "$dir" "$cc" "$@"
	built "$dir"
	XENOLITH_BUILD=$dir sh "$top/tests/system/microguest.sh" hello || fail "$name: no boot"
	install_uninstall "$dir"
	echo "$name: built without a warning, boots, installs"
}

# cleaned BUILD: after distclean only our own logs are there.
cleaned() {
	make -C "$1" clean >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "make clean failed"; }
	tree "$1" | grep -E '\.(o|a|so[.0-9]*|elf|gz|pc)$' && fail "make clean in $1 left these"
	make -C "$1" distclean >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "make distclean failed"; }
	rm -f "$1/configure.log" "$1/build.log"
}

for cc in gcc clang; do
	for debug in --disable-debug --enable-debug; do
		dir=$work/$cc$debug
		variant "$cc $debug" "$dir" $cc $debug
		cleaned "$dir"
		[ -z "$(tree "$dir")" ] || { tree "$dir" | head; fail "make distclean left these in $dir"; }
		rm -rf "$dir"
	done
done
variant "gcc in the source" "$src" gcc
cleaned "$src"
tree "$src" | diff "$work/before" - || fail "make distclean in the source left or lost these"
