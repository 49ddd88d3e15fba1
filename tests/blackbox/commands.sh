#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What ./check and ./demo say, and how fast, when something is wrong: before they install, build or boot anything.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
export XENOLITH_BUILD=$work/build XENOLITH_CACHE=$work/cache
bad=0
wrong() { echo "$*"; bad=$((bad + 1)); }

# says WHAT PATTERN COMMAND...: the command fails within a few seconds, with one line that has the pattern.
says() {
	local what=$1 pattern=$2 out rc t=$SECONDS
	shift 2
	out=$(timeout 60 "$@" 2>&1 </dev/null)
	rc=$?
	[ $rc != 0 ] || wrong "$what: exit 0"
	echo "$out" | grep -qE -- "$pattern" || wrong "$what: said: $out"
	[ "$(echo "$out" | wc -l)" = 1 ] || wrong "$what: more than one line: $out"
	[ $((SECONDS - t)) -le $((5 * ${XENOLITH_SLOW:-1})) ] || wrong "$what: took $((SECONDS - t)) s"
	[ ! -e "$work/build/Makefile" ] || wrong "$what: configured a build first"
}

# Copies, so that whoever may not enter the checkout's folder can still run them.
src=$work/src
mkdir -p "$src/tests"
cp -r "$top/check" "$top/demo" "$top/packages.txt" "$src/"
cp -r "$top/tests/lib" "$top/tests/list" "$src/tests/"
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
says "check without root" '^check: .*root' "${nobody[@]}" "$src/check"
says "demo without root" '^demo: .*root' "${nobody[@]}" "$src/demo" --batch
"${nobody[@]}" "$src/check" --list >"$work/list" || wrong "check --list without root"
[ "$(wc -l <"$work/list")" = "$(grep -cE '^[a-z]' "$top/tests/list")" ] || wrong "check --list does not list the tests"
for c in check demo; do
	"${nobody[@]}" "$src/$c" --help | grep -q -- --deps || wrong "$c --help"
	says "$c with a bad option" "^$c: unknown option --nonsense" "${nobody[@]}" "$src/$c" --nonsense
done
says "check of an unknown test" '^check: no test is called story-of-my-life' "${nobody[@]}" "$src/check" story-of-my-life
says "check of a pattern" '^check: no test is called s.ory' "${nobody[@]}" "$src/check" s.ory
says "demo --kernel alone" '^demo: --kernel wants a file' "$top/demo" --batch --kernel
says "demo without that kernel" "^demo: there is no kernel $work/vmlinuz" "$top/demo" --batch --kernel "$work/vmlinuz"
says "demo with a folder as kernel" "^demo: there is no kernel $work" "$top/demo" --batch --kernel "$work"
says "demo with a text as kernel" "^demo: .*README.md is neither" "$top/demo" --batch --kernel "$top/README.md"
says "demo without a terminal" '^demo: no terminal' "$top/demo"

printf 'ID=fedora\nVERSION_ID=40\nPRETTY_NAME="Some Other System"\n' >"$work/os-release"
if unshare -m true 2>/dev/null; then
	other=(unshare -m sh -c 'mount --bind "$0" "$1" && shift && exec "$@"')
	os=$(readlink -f /etc/os-release)
	says "check on another system" '^check: .*Debian 12.*Some Other System' "${other[@]}" "$work/os-release" "$os" "$top/check"
	says "demo on another system" '^demo: .*Debian 12.*Some Other System' "${other[@]}" "$work/os-release" "$os" "$top/demo" --batch
	: >"$work/empty"
	says "demo without QEMU" '^demo: .*qemu-system-x86' "${other[@]}" "$work/empty" /usr/bin/qemu-system-x86_64 sh -c \
		'"$0" --batch 2>&1 | grep -v "packages are there"; exit 1' "$top/demo"
fi

"$top/check" --deps >"$work/out" 2>&1 || wrong "check --deps: $(cat "$work/out")"
"$top/demo" --deps >"$work/out" 2>&1 || wrong "demo --deps: $(cat "$work/out")"
[ ! -e "$work/build/Makefile" ] || wrong "--deps configured a build"

# A compiler that finds an error in one file: the message is shown, and nothing is run.
printf '#!/bin/sh\ncase "$*" in *parse.c*) echo "parse.c:1:1: error: planted" >&2; exit 1 ;; esac\nexec gcc "$@"\n' >"$work/cc"
chmod +x "$work/cc"
CC=$work/cc "$top/check" heap >"$work/out" 2>&1 && wrong "check went on after a failed build"
grep -q 'error: planted' "$work/out" || wrong "the compiler's error is not shown: $(cat "$work/out")"
grep -q 'check: the build failed' "$work/out" || wrong "a failed build is not named: $(cat "$work/out")"
! grep -q passed "$work/out" || wrong "tests ran after a failed build"
echo "$bad complaints"
[ $bad = 0 ]
