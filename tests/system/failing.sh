#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A story that fails names the step, shows the end of the serial log, and does not wait for a deadline when the
# hypervisor has panicked: here Domain 0's kernel is no kernel.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
t=$SECONDS
python3 "$top/tests/lib/story.py" "$build/hypervisor/xenolith" "$top/README.md" "$top/README.md" "$work/log" >"$work/out" &&
	{ echo "the story went well without a kernel"; exit 1; }
cat "$work/out"
grep -q '^FAILED Domain 0 boots' "$work/out" && grep -q 'the hypervisor panicked' "$work/out" &&
	grep -q '^(XEN) .*kernel' "$work/out" && [ $((SECONDS - t)) -lt 120 ] || exit 1
# Of flags that cannot be, and of nothing else, it says whose they are.
cd "$top/tests/lib" && python3 -c '
from machine import emulators_fault
assert "0444c66e" in emulators_fault("RSP: e02b:ffffc9004000bdb8 EFLAGS: 0444c66e")
assert not emulators_fault("RSP: e02b:ffffc9004000bdb8 EFLAGS: 00010246")
'
