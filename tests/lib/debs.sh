# SPDX-License-Identifier: GPL-2.0-only
# Our packages, made in a Debian root that has the build dependencies of debian/control. Sourced after debroot.sh, with a
# folder $work and a function fail.
unset CC # the build root has the compilers that debian/control names

# quiet FILE COMMAND...: its output where something goes wrong
quiet() {
	local log=$work/$1
	shift
	"$@" >"$log" 2>&1 </dev/null || { tail -40 "$log"; fail "failed: $*"; }
}

needs() { sed -n '/^Build-Depends:/,/^[A-Z#]*$/p' "$top/debian/control" | sed 's/^Build-Depends://; s/([^)]*)//g; s/debhelper-compat/debhelper/' | tr -d ' \n'; }

# tree_tar OPTION...: the files of this tree that are, or may become, git's
tree_tar() { (cd "$top" && git ls-files -z --cached --others --exclude-standard | tar --null "$@" -T - -cf -); }

# deb_root DIR: a fresh root to build in
deb_root() { debroot "$1" package-build "build-essential,$(needs)"; }

# deb_built ROOT DIR COMMANDS: this tree is in DIR/tree of the build root, where the commands end with make deb
deb_built() {
	mkdir -p "$1$2/tree"
	tree_tar | tar -C "$1$2/tree" -xf - || fail "the tree cannot be copied"
	quiet make-deb.log inside "$1" sh -ec "cd $2/tree; $3"
	! grep -nE '(^|[^-])warning: ' "$work/make-deb.log" | grep -vE 'dh_|setuptools|byte-compiling|pybuild' || fail "the build warns"
}

# debs DIR: the names of the packages there
debs() { (cd "$1" && find . -maxdepth 1 -name '*.deb' ! -name '*-dbgsym_*' | sort | sed 's|^\./||'); }

# two_versions DIR: packages of this tree in $build/packages/first, made as README.md says it by the build root DIR, and a
# later version of them in second. What was made of just this tree before is taken; tests and figures are in no package.
two_versions() {
	local out=$build/packages made=$1/one/tree/deb now
	now=$(tree_tar --mtime=@0 --exclude='tests/*/*' --exclude='bench/*' | sha256sum)
	[ "$(cat "$out/tree" 2>/dev/null)" = "$now" ] && return
	rm -rf "$out"
	mkdir -p "$out/first" "$out/second"
	[ -d "$1" ] || deb_root "$1"
	deb_built "$1" /one "$(python3 "$top/tests/lib/readme.py" 0)"
	mv "$made"/*.deb "$made"/*.changes "$made"/*.buildinfo "$out/first"
	sed '1s/(\(.*\))/(\1+later)/' "$top/debian/changelog" | cat - "$top/debian/changelog" >"$made/xenolith/debian/changelog"
	quiet later.log inside "$1" sh -c "cd ${made#"$1"}/xenolith && dpkg-buildpackage --no-pre-clean --build=binary --no-sign"
	mv "$made"/*.deb "$out/second"
	echo "$now" >"$out/tree"
}
