# SPDX-License-Identifier: GPL-2.0-only
# Shared by the tests of the build itself. Sourced with $top set; $work is a folder that goes away, $src the source.
work=$(mktemp -d) src=$top
trap 'rm -rf "$work"' EXIT

fail() { echo "$*"; exit 1; }

# configured SOURCE BUILD COMPILER [OPTION...]: configures in BUILD, warnings are errors.
configured() {
	local src=$1 dir=$2 cc=$3
	shift 3
	command -v ccache >/dev/null && cc="ccache $cc"
	mkdir -p "$dir"
	(cd "$dir" && "$src/configure" --prefix=/usr --sysconfdir=/etc --localstatedir=/var CC="$cc" \
		CFLAGS="-g -O2 -Werror" "$@") >"$dir/configure.log" 2>&1 || { tail -20 "$dir/configure.log"; fail "configure failed"; }
}

built() {
	make -C "$1" -j"$(nproc)" >"$1/build.log" 2>&1 ||
		{ grep -E 'error|warning' "$1/build.log" | head -20; fail "the build in $1 failed"; }
	! grep -n 'warning:' "$1/build.log" || fail "warnings in the build in $1"
}

# tree DIR: every file and link below it, sorted.
tree() { (cd "$1" && find . ! -type d | sed 's|^\./||' | sort); }

# install_uninstall BUILD: what make install lays out, make uninstall removes.
install_uninstall() {
	local root=$work/uninstall
	rm -rf "$root"
	make -C "$1" install DESTDIR="$root" >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "make install failed"; }
	installed_as_listed "$root"
	make -C "$1" uninstall DESTDIR="$root" >"$work/log" 2>&1 || { tail -20 "$work/log"; fail "make uninstall failed"; }
	[ -z "$(tree "$root")" ] || { tree "$root"; fail "make uninstall left these"; }
}

# Links are shown with their target, programs with a star; the public headers by their own list.
installed_as_listed() {
	(cd "$1" && find . -type l -printf '%P -> %l\n' -o -type f -perm /111 -printf '%P *\n' -o -type f -printf '%P\n') |
		grep -v '^usr/include/xen/' | LC_ALL=C sort >"$work/installed"
	diff "$src/tests/build/installed.txt" "$work/installed" || fail "make install lays out other files (tests/build/installed.txt)"
	diff -r "$src/hypervisor/include/public" "$1/usr/include/xen" || fail "the public headers are not installed as they are"
}
