#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ./check itself, over a list of tests that do nothing: what it counts, what it says, what it exits with.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TEST_TIMEOUT
mkdir -p "$work/tests/lib" "$work/build"
cp "$top/check" "$work/"
cat >"$work/tests/lib/common.sh" <<'X'
build=$top/build cache=$top/build
die() { echo "$*" >&2; exit 1; }
require_system() { :; }
install_deps() { :; }
require_qemu() { :; }
build_all() { :; }
X
# a_test NAME KIND TEXT EXIT
a_test() {
	echo "$1 $2 tests/$1" >>"$work/tests/list"
	printf '#!/bin/sh\necho "%s"\nexit %s\n' "$3" "$4" >"$work/tests/$1"
	chmod +x "$work/tests/$1"
}
failures=0
# checked EXIT COUNTS PATTERN OPTION...
checked() {
	local rc=$1 counts=$2 pattern=$3
	shift 3
	"$work/check" "$@" >"$work/out" 2>&1
	if [ $? != "$rc" ] || [ "$(tail -1 "$work/out")" != "$counts" ] || ! grep -q -- "$pattern" "$work/out"; then
		echo "FAILED: ./check $*:"
		cat "$work/out"
		failures=$((failures + 1))
	fi
}

a_test good host fine 0
a_test tool abi "no such tool here" 77
a_test long full fine 0
a_test alone full-host fine 0
a_test piece part fine 0
checked 0 "2 passed, 0 failed, 1 skipped" "^skipped tool: no such tool here"
checked 1 "3 passed, 1 failed, 0 skipped" "^FAILED  tool (skipped" --full
checked 1 "0 passed, 0 failed, 1 skipped" "^skipped tool" tool
checked 0 "1 passed, 0 failed, 0 skipped" "^ok      long" long
checked 1 "no test is called other (./check --list names them)" "" other
# Each waits for the other: host tests run side by side.
if [ "$(nproc)" -gt 1 ]; then
	for n in left right; do
		a_test $n host "" 0
		other=$([ $n = left ] && echo right || echo left)
		cat >"$work/tests/$n" <<X
#!/bin/sh
: >"$work/$n.runs"
timeout 60 sh -c 'until [ -e "$work/$other.runs" ]; do :; done'
X
	done
	checked 0 "2 passed, 0 failed, 0 skipped" "^ok      left" left right
	sed -i '/^left \|^right /d' "$work/tests/list"
fi
a_test bad system "what went wrong" 3
checked 1 "2 passed, 1 failed, 1 skipped" "^    what went wrong"
checked 0 "1 passed, 0 failed, 1 skipped" "^ok      good" --quick
a_test good host twice 0
checked 1 "tests/list names twice: good" ""
echo "$failures failures"
[ "$failures" = 0 ]
