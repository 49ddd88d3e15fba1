#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The programs of examples/, built and run on pretended hosts.
. "$(dirname "$0")/../xl/private.sh"
cd "$work" || exit 1
examples=$top/examples
export PYTHONDONTWRITEBYTECODE=1 PATH=$build/xl:$PATH

for p in create_guest watch_events; do
	${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Werror -I"$top/libxl/include" -I"$build/libxl/include" \
		-o "$work/$p" "$top/examples/$p.c" -L"$build/libxl" -lxenlight -lxentoollog \
		-Wl,-rpath-link,"$build/libxl" || exit 1
done

# expect CODE PATTERN COMMAND...: exit code, and a pattern in all output
expect() {
	local code=$1 pattern=$2 got
	shift 2
	"$@" >"$work/out" 2>&1 </dev/null
	got=$?
	[ $got = "$code" ] || fail "$*: exit $got, not $code: $(head -5 "$work/out")"
	grep -q -- "$pattern" "$work/out" || fail "$*: no \"$pattern\" in: $(head -5 "$work/out")"
}

expect 0 '^1$' live "$work/create_guest" one 64 /dev/null
expect 0 '^1$' live "$work/create_guest" one 64 /dev/null /dev/null 'console=hvc0'
expect 1 'nonexistent' live "$work/create_guest" one 64 /dev/null '' '' /nonexistent
expect 2 '^usage' live "$work/create_guest" one
expect 0 'is gone' live env LIVEHOST_GUESTS=3 "$work/watch_events" 1 2 3 77
[ "$(sort "$work/out")" = "$(printf '%s\n' '1 shut down: poweroff' '2 shut down: poweroff' '3 shut down: poweroff' \
	'77 is gone')" ] || fail "watch_events says: $(cat "$work/out")"
[ "$(wc -l <"$examples/create_guest.c")" -lt 100 ] || fail "create_guest.c has 100 lines or more"

printf '%s\n' 'name="many"' 'kernel="/dev/null"' 'memory=64' >"$work/many.cfg"
expect 0 '"ended": "poweroff"' live "$python" "$examples/fleet.py" -n 12 --together 5 --stop-after 0.1 "$work/many.cfg"
"$python" - "$work/out" <<'P' || fail "fleet.py says: $(cat "$work/out")"
import json, sys
guests = json.load(open(sys.argv[1]))
assert [g['name'] for g in guests] == [f'many-{i}' for i in range(12)], guests
assert len({g['domid'] for g in guests}) == 12 and all(g['ended'] == 'poweroff' for g in guests), guests
P
expect 1 "there is no name=" live "$python" "$examples/fleet.py" /dev/null
# Each configuration is taken without a word; so is xl.conf with every default that it names.
sed 's/^#\([a-z]\)/\1/' "$examples/xen/xl.conf" >"$work/xl.conf"
for c in "$examples"/*.cfg "$examples"/*/*.cfg; do
	XL_CONF=$work/xl.conf expect 0 '"type.pv"' fxl create -q -n "$c"
	"$python" -m json.tool "$work/out" >/dev/null || fail "xl has a word to say to $c: $(head -5 "$work/out")"
done
mypy --python-executable "$python" --cache-dir "$work/mypy" --strict "$examples/fleet.py" || fail "types of fleet.py"
echo "$failures failures"
[ "$failures" = 0 ]
