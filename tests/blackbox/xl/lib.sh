# SPDX-License-Identifier: GPL-2.0-only
# Sourced by the tests of xl: where xl is, and a machine that looks like a Xen host to it.
top=$(cd "$(dirname "$0")/../../.." && pwd)
here=$top/tests/blackbox/xl
build=${XENOLITH_BUILD:-$top/build}
XL=${XL:-$build/xl/xl}
[ -x "$XL" ] || { echo "$XL is not built"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XL_CONF=$work/none.conf
export LD_LIBRARY_PATH=$build/libxl${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
${CC:-gcc} -D_GNU_SOURCE -D__XEN_TOOLS__ -Wall -Wno-unused-parameter -shared -fPIC -o "$work/fakexen.so" "$here"/fake*.c
# xl on a host without a hypervisor, made to look like one
fxl() { LD_PRELOAD=$work/fakexen.so "$XL" "$@"; }
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
# expect CODE PATTERN ARGUMENTS...: exit code and a pattern in all output
expect() {
	local code=$1 pattern=$2 got
	shift 2
	fxl "$@" >"$work/out" 2>&1 </dev/null
	got=$?
	[ $got = "$code" ] || fail "xl $*: exit $got, not $code: $(head -3 "$work/out")"
	grep -q -- "$pattern" "$work/out" || fail "xl $*: no \"$pattern\" in: $(head -5 "$work/out")"
}
