#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# xl why: each thing that a domain or the host may wait for, in text and as JSON that fits the schema.
. "$(dirname "$0")/private.sh"
cd "$work" || exit 1
printf 'lockfile="%s/lock"\n' "$work" >xl.conf
export XL_CONF=$work/xl.conf FAKEXEN_CAPABLE=1 FAKEXEN_STORE=$work/store
grep -v '^/local/domain/0/backend/vif' "$here/texts.store" >whole
echo '/local/domain/0/backend/vif/7/0/state 4' >>whole
cp whole store

# why ARGUMENT...: into out, and as JSON into json
why() {
	fxl why "$@" >out 2>err || fail "xl why $*: $(cat err)"
	fxl why --json "$@" >json 2>err || fail "xl why --json $*: $(cat err)"
	[ -s err ] && fail "xl why $* complains: $(cat err)"
	python3 "$here/schema.py" "$top/docs/schema/xl.json" why <json >err 2>&1 || fail "xl why --json $*: $(tail -3 err)"
}
says() { grep -qF -- "$1" out || fail "no \"$1\" in: $(cat out)"; }
says_not() { grep -qF -- "$1" out && fail "\"$1\" in: $(cat out)"; }
# finding KIND EXPRESSION: there is one of this kind, of which (as f) this holds
finding() {
	python3 -c "import json; j = json.load(open('json')); f = [f for f in j['findings'] if f['kind'] == '$1'][0]
assert $2, f" 2>err || fail "$1: $2: $(tail -1 err)"
}

# Domain 0 waits for nothing.
why 0
[ "$(cat out)" = "Domain 0 (Domain-0), running: nothing is known that it waits for" ] || fail "Domain 0: $(cat out)"
why guest
says "it is paused"
says_not device

# devices: line of the store, what is said
device() {
	{ grep -v "^${1%% *} " whole; printf '%s\n' "$@" | sed '$d'; } >store
	why guest
	says "${!#}"
}
vbd=/local/domain/0/backend/vbd/7/51712 front=/local/domain/7/device/vbd/51712
device "$vbd/state 5" "(backend closing, guest connected): the backend closes, the guest has not let go of it"
finding device 'f["device"] == "vbd" and f["devid"] == "51712" and f["waits_for"] == "guest" and f["backend_state"] == "closing"'
device "$front/state 1" "the backend is ready, the guest's driver has not connected"
device "$front/state 6" "the guest has closed it, the backend has not"
finding device 'f["waits_for"] == "backend"'
device "$vbd/state 1" "/local/domain/0/error/backend/vbd/7/51712/error 2 creating vbd structure" \
	"nothing in the backend's domain has taken it up; its backend said: 2 creating vbd structure"
finding device 'f["error"] == "2 creating vbd structure"'
device "$vbd/state 6" "the backend has given it up, the guest has not"
device "$vbd/state 99" "(backend of no meaning, guest connected)"
{ sed "s,^$vbd/state .*,$vbd/state 2,; s,^$front/state .*,$front/state 3," whole; } >store
why guest; says "the guest's driver is ready, the backend has not connected"
echo "$vbd/script /etc/xen/scripts/block-x" >>store
why guest; says "its hotplug script has not said that it is done"
finding device 'f["waits_for"] == "hotplug"'
# left behind by a removal, unknown to the toolstack
{ grep -v '^/libxl/7/device/vbd' whole; echo "$vbd/state 5"; } >store
why guest; says "device vbd 51712 (backend closing"

# served by QEMU: the backend is of another kind
sed 's,backend/vbd/7/51712,backend/qdisk/7/51712,' whole >store
why guest; says_not device
sed -i 's,^/local/domain/0/backend/qdisk/7/51712/state .*,/local/domain/0/backend/qdisk/7/51712/state 1,' store
why guest; says "no program in the backend's domain has taken it up"; says "start the one that serves such devices"

# what was asked of it, memory
{ cat whole; echo /local/domain/7/control/shutdown reboot; echo /local/domain/7/memory/target 65536; } >store
why guest
says "it was asked for \`reboot' and has not answered"
finding request 'f["request"] == "reboot"'
{ cat whole; printf '/local/domain/7/control/shutdown \033[31m\177\302\233red\n'; } >store
why guest
says "it was asked for \`?[31m???red' and"
finding request 'f["request"] == "\x1b[31m\x7f\x9bred"'
{ cat whole; echo /local/domain/7/memory/target 65536; } >store
why guest
says "it has 65536 KiB more than its target of 65536 KiB"
finding balloon 'f["over_target_kib"] == 65536 and f["target_kib"] == 65536'
cp whole store

# operations: a mark of a save by a living process, a note of a creation that is locked
uuid=07070707-0707-0707-0707-070707070707
sleep 1000 & sleeper=$!
until [ "$(cat /proc/$sleeper/comm)" = sleep ]; do :; done
printf '%s %s\0' $sleeper $(($(date +%s) - 100)) >/var/lib/xen/userdata-d.7.$uuid.xl-save
why guest
says "it is being saved by sleep (process $sleeper) for 10"
finding save "f['pid'] == $sleeper and 100 <= f['for_seconds'] < 1000"
rm /var/lib/xen/userdata-d.7.$uuid.xl-save
mkdir -p /run/xen/notes
python3 - /run/xen/notes/$uuid lock <<'X' & locker=$!
import fcntl, os, struct, sys, time
for path, text in (sys.argv[1], "4294967295 guest"), (sys.argv[2], ""):
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.write(fd, text.encode())
    fcntl.lockf(fd, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(1000)
X
until [ -e locked ]; do kill -0 $locker || break; done
why guest
says "it is being created by python3 (process $locker) for "
why
says "domain \`guest' is being created by python3 (process $locker)"
says "the lock of creations that ask domain 0 for memory, $work/lock, is held by python3 (process $locker)"
finding lock "f['pid'] == $locker"
kill $sleeper $locker
wait $sleeper $locker 2>/dev/null
rm -r /run/xen/notes

# ends: crashed and watched, or not
why 9
says "it has shut down (crash), and no xl watches it"
finding unwatched 'f["shutdown_reason"] == "crash"'
sleep 1000 & sleeper=$!
printf '%s 1\0' $sleeper >/var/lib/xen/userdata-d.9.09090909-0909-0909-0909-090909090909.xl-watch
why 9
says "and process $sleeper does what its configuration says"
kill $sleeper
wait $sleeper 2>/dev/null

# zombies: a hypervisor that tells nothing; one that does; a backend that stays; a program that maps
why 300
says "it is gone but for 3 pages (12 KiB) that others still have"
says "this hypervisor tells programs nothing about who holds the pages"
export FAKEXEN_DYING='/dying/300 state=dead references=1 pages=3 shared=1 granted=0:1,7:1'
why 300
says "domain 0 (\`Domain-0') has 1 of its grants mapped"
finding grants 'f["holder_domid"] == 0 and f["grants"] == 1'
finding pages 'f["pages"] == 3 and f["shared_pages"] == 1 and f["references"] == 1'
says "domain 7 (\`guest') has 1 of its grants mapped"
says "at least 1 pages are mapped by a program of a control domain"
says_not "this hypervisor tells programs nothing"
FAKEXEN_DYING='/dying/300 state=dead references=1 pages=0 shared=2 granted=' why 300
says "its grant table or shared page is mapped"
FAKEXEN_DYING='/dying/300 state=dying references=1 pages=9 shared=2 granted=' why 300
says "its memory is being given back"
FAKEXEN_DYING='/dying/7 state=dying references=1 pages=9 shared=2 granted=' why guest
says "its memory is being given back"
FAKEXEN_DYING='/dying/300 nonsense' why 300
says "this hypervisor tells programs nothing"
echo /local/domain/0/backend/vbd/300/51712/state 5 >>store
why 300
says "the domain is gone, its backend is not"
mkdir xen
truncate -s 8192 xen/gntdev
python3 -c 'import mmap, time
f = open("xen/gntdev", "r+b")
m = mmap.mmap(f.fileno(), 8192)
open("mapped", "w").close()
time.sleep(1000)' & mapper=$!
until [ -e mapped ]; do kill -0 $mapper || break; done
why 300
says "8 KiB of other domains are mapped by python3 (process $mapper)"
finding program "f['pid'] == $mapper and f['mapped_kib'] == 8"
kill $mapper
wait $mapper 2>/dev/null
unset FAKEXEN_DYING

# the host
why -m 1g
says "Wanted: 1026 MiB with overhead, which fit"
FAKEXEN_FREE_MIB=500 why -m 1g
says "which are 538"
finding memory 'f["missing_kib"] == j["missing_kib"] == j["need_kib"] - 500 * 1024'
finding zombie 'f["domid"] == 300 and f["memory_kib"] == 12'
python3 -c "import json; d = json.load(open('json'))['domains']
assert d[0]['can_give_kib'] == 896 << 10 and 'by itself' in d[0]['how'], d[0]
assert d[1]['can_give_kib'] == 0 and d[2]['how'] == 'xl destroy', d" || fail "the shares"
printf 'autoballoon="off"\n' >>xl.conf
why
says "for xl.conf or dom0_mem= forbid it"

# wrong
fxl why nosuch >out 2>&1 && fail "xl why nosuch"
says "nosuch is an invalid domain identifier"
fxl why -m 1g guest >out 2>&1; [ $? = 2 ] || fail "xl why -m 1g guest"
fxl why -m 1x >out 2>&1 && fail "xl why -m 1x"
# without xenstored there is no context at all; without its nodes there is still what the hypervisor knows
FAKEXEN_STORE=/dev/null why 9
says "it has shut down"
echo "$failures failures"
[ "$failures" = 0 ]
