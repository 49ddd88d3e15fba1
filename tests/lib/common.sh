# SPDX-License-Identifier: GPL-2.0-only
# Shared by ./check and ./demo: what the machine must be, packages, the build. Sourced with $top set.
build=${XENOLITH_BUILD:-$top/build}
cache=${XENOLITH_CACHE:-$top/cache}
export XENOLITH_BUILD="$build" XENOLITH_CACHE="$cache"

die() { echo "$(basename "$0"): $*" >&2; exit 1; }

require_system() {
	. /etc/os-release 2>/dev/null || true
	[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] ||
		die "this needs Debian 12, whose packages it installs; this system is ${PRETTY_NAME:-unknown}"
	[ "$(uname -m)" = x86_64 ] || die "this needs an x86-64 machine; this one is $(uname -m)"
	[ "$(id -u)" = 0 ] || die "this installs packages and builds images: run it as root"
}

# Installs what packages.txt lists and the system lacks.
install_deps() {
	missing=
	have=$(dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 2>/dev/null | awk '$2 == "ii" { print $1 }')
	for p in $(sed 's/#.*//' "$top/packages.txt"); do
		echo "$have" | grep -qx "$p" || missing="$missing $p"
	done
	[ -z "$missing" ] && return 0
	echo "installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	apt-get install -y -qq --no-install-recommends $missing >"$cache/apt.log" 2>&1 || {
		apt-get update -qq >>"$cache/apt.log" 2>&1
		apt-get install -y -qq --no-install-recommends $missing >>"$cache/apt.log" 2>&1
	} || { tail -20 "$cache/apt.log"; die "apt-get could not install:$missing"; }
}

# What packages brought may have been taken away by hand.
require_qemu() {
	qemu-system-x86_64 --version >/dev/null 2>&1 ||
		die "qemu-system-x86_64 cannot be run: install the package qemu-system-x86 again"
}

# Builds everything out of the tree in $build; only what changed is built again.
build_all() {
	mkdir -p "$build"
	log=$build/build.log
	if [ ! -e "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
		(cd "$top" && ./bootstrap) >"$log" 2>&1 || { tail -30 "$log"; die "bootstrap failed"; }
	fi
	if [ ! -e "$build/Makefile" ] || [ "$top/configure" -nt "$build/Makefile" ]; then
		(cd "$build" && "$top/configure" --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
			${CONFIGURE_ARGS:-}) >>"$log" 2>&1 || { tail -30 "$log"; die "configure failed"; }
	fi
	make -C "$build" -j"$(nproc)" >>"$log" 2>&1 ||
		{ grep -nE 'error|Error|warning' "$log" | tail -30; tail -5 "$log"; die "the build failed (whole log: $log)"; }
}
