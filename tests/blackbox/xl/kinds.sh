#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# xl -E: an exit code for each kind of failure; without -E the codes of 4.17. The manual page has them all.
# Progress: on a terminal and with -t, and nowhere else.
. "$(dirname "$0")/private.sh"
cd "$work" || exit 1
printf 'lockfile="%s/lock"\n' "$work" >xl.conf
export XL_CONF=$work/xl.conf FAKEXEN_CAPABLE=1 XEN_KERNEL_CACHE=
sh "$top/tests/guests/build.sh" tiny tiny || exit 1
uuid=90909090-9090-9090-9090-909090909090
printf '%s\n' 'name="new"' "kernel=\"$work/tiny\"" 'memory=8' "uuid='$uuid'" >new.cfg
printf 'name="new"\nmemory="x"\n' >bad.cfg

# kind EXACT USUAL [VARIABLE=VALUE...] COMMAND...
kind() {
	local exact=$1 usual=$2 settings=() rc
	shift 2
	while [[ $1 =~ ^FAKEXEN_[A-Z_]*= ]]; do settings+=("$1"); shift; done
	env "${settings[@]}" LD_PRELOAD="$work/fakexen.so" "$XL" -E "$@" >out 2>&1 </dev/null
	rc=$?
	[ $rc = "$exact" ] || fail "xl -E $*: exit $rc, not $exact: $(cat out)"
	env "${settings[@]}" LD_PRELOAD="$work/fakexen.so" "$XL" "$@" >out 2>&1 </dev/null
	rc=$?
	[ $rc = "$usual" ] || fail "xl $*: exit $rc, not $usual: $(cat out)"
	grep -qE "^\.It $exact( |$)" "$top/docs/man/xl.1" || fail "xl(1) has no exit code $exact"
}

kind 0 0 list
kind 2 2 list -Q
kind 1 1 mem-set guest 12q
kind 10 1 pause nosuch
kind 10 1 domid nosuch
kind 10 1 domname 5
kind 10 1 list 99
kind 10 1 why nosuch
kind 11 1 FAKEXEN_FAIL=open=ENOENT list
kind 11 1 FAKEXEN_FAIL=xs_open=ENOENT domid guest
kind 12 3 FAKEXEN_FREE_MIB=1 create -q -e new.cfg
kind 13 3 create -q -e new.cfg 'name="guest"'
kind 15 1 migrate guest elsewhere
kind 18 253 vkb-detach guest 5
kind 18 1 vtpm-detach guest 5
kind 16 1 create -q -n bad.cfg
kind 3 3 create -q /nonexistent.cfg
kind 6 6 create
kind 18 1 block-detach guest xvdz
kind 18 1 network-detach guest 9
kind 18 1 sched-credit2 -p nosuch
kind 18 1 cpupool-list nosuch
kind 18 1 restore /nonexistent
kind 124 124 shutdown --timeout=1 guest
mkdir -p /run/xen/notes
python3 - /run/xen/notes/$uuid <<'X' & locker=$!
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(fd, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(1000)
X
until [ -e locked ]; do kill -0 $locker || break; done
kind 17 3 create -q -e new.cfg
kill $locker
wait $locker 2>/dev/null
grep -qE '^\.It 14$' "$top/docs/man/xl.1" && grep -qE '^\.It 19$' "$top/docs/man/xl.1" || fail "xl(1) lacks an exit code"

# near names
fxl domid gust >out 2>&1 && fail "domid gust"
grep -qF "maybe this domain does not exist; did you mean \`guest'?" out || fail "domid gust: $(cat out)"
fxl why gust 2>&1 | grep -qF "did you mean \`guest'?" || fail "why gust"

# progress: of a guest that is not populated by one call
LD_PRELOAD=$work/fakexen.so python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))' "$XL" create -q -e new.cfg memory=9 \
	>out 2>&1 </dev/null || fail "create on a terminal: $(cat out)"
grep -q "progress: Memory: 2048/2304   88%" out || fail "no progress on a terminal: $(cat out)"
fxl create -q -e new.cfg memory=9 >out 2>&1 || fail "create: $(cat out)"
grep -q progress out && fail "progress in a file: $(cat out)"
fxl -t create -q -e new.cfg memory=9 >out 2>&1 || fail "-t create: $(cat out)"
grep -q "progress: Memory: 2048/2304   88%" out || fail "no progress with -t: $(cat out)"

echo "$failures failures"
[ "$failures" = 0 ]
