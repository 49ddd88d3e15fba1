#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# --timeout: what waits ends in time, with exit code 124 and a message, and leaves the host as it was.
. "$(dirname "$0")/private.sh"
cd "$work" || exit 1
printf 'lockfile="%s/lock"\n' "$work" >xl.conf
mkdir -p sys/sys/bus/xen-backend/drivers/{vbd,vif}
printf '#!/bin/sh\nexit 0\n' >script; chmod +x script
cat "$here/texts.store" >store
cat >>store <<X
/local/domain/7/vm /vm/07070707-0707-0707-0707-070707070707
/local/domain/0/backend/vif/7/0/state 4
/local/domain/0/backend/vif/7/0/online 1
/libxl/7/device/vif/0/online 1
/local/domain/0/backend/vbd/7/51712/online 1
/libxl/7/device/vbd/51712/online 1
/local/domain/7/control/platform-feature-xs_reset_watches 1
X
export XL_CONF=$work/xl.conf FAKEXEN_SYS=$work/sys FAKEXEN_STORE=$work/store FAKEXEN_CAPABLE=1 XEN_KERNEL_CACHE=
sh "$top/tests/guests/build.sh" tiny tiny || exit 1
printf 'name="guest"\nkernel="k"\n' >guest.cfg
printf '%s\n' 'name="new"' "kernel=\"$work/tiny\"" 'memory=8' >new.cfg
FAKEXEN_DUMP=$work/before fxl domid guest >/dev/null || fail "domid"

# late PATTERN [VARIABLE=VALUE...] COMMAND...: ends in time, with 124
late() {
	local pattern=$1 settings=() start=$SECONDS rc
	shift
	while [[ $1 =~ ^FAKEXEN_[A-Z_]*= ]]; do settings+=("$1"); shift; done
	env "${settings[@]}" FAKEXEN_DUMP="$work/after" LD_PRELOAD="$work/fakexen.so" "$XL" "$1" --timeout=1 "${@:2}" >out 2>&1 </dev/null
	rc=$?
	[ $rc = 124 ] || fail "xl $*: exit $rc: $(cat out)"
	# A limit of libxl's own would be at 10 s.
	[ $((SECONDS - start)) -lt 8 ] || [ -n "${XENOLITH_SLOW:-}" ] || fail "xl $* took $((SECONDS - start)) s"
	grep -q -- "$pattern: it took longer than the 1 s of --timeout" out || fail "xl $*: no \"$pattern\" in: $(cat out)"
	# What a guest was asked for stays with it.
	grep -vxF -f before after | grep -v '^/local/domain/7/control/shutdown ' >left
	if [ -s left ]; then fail "xl $* leaves behind: $(cat left)"; fi
	grep -vxF -f after before >gone
	if [ -s gone ]; then fail "xl $* takes away: $(cat gone)"; fi
}

late "domain 7 could not be asked to shut down" shutdown guest
late "domain 7 could not be asked to reboot" reboot -w guest
late "1 domain has not ended; .xl why DOMAIN' says what one waits for, .xl destroy' ends it" FAKEXEN_GUEST_ANSWERS=1 shutdown -w guest
late "domain .guest' could not be saved to guest.save" save guest guest.save guest.cfg
[ ! -e guest.save ] && [ ! -e guest.save.part ] || fail "save leaves its file"
late "disk x could not be attached as xvdb" FAKEXEN_BACKEND=silent block-attach guest vdev=xvdb,script="$work/script",target=x
late "disk xvda could not be detached, the guest may still use it" FAKEXEN_GUEST_HOLDS=1 block-detach guest xvda
late "an interface could not be attached" FAKEXEN_BACKEND=silent network-attach guest script="$work/script"
late "interface 0 could not be detached" FAKEXEN_GUEST_HOLDS=1 network-detach guest 0
late "domain .new' could not be created" FAKEXEN_BACKEND=silent create -q new.cfg "disk=['vdev=xvda,script=$work/script,target=x']"
python3 - lock <<'X' & locker=$!
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(fd, fcntl.LOCK_EX)
open("locked", "w").close()
time.sleep(1000)
X
until [ -e locked ]; do kill -0 $locker || break; done
late "the lock $work/lock is held by another creation; .xl why' names it" create -q new.cfg
kill $locker
wait $locker 2>/dev/null

# What comes in time is not told from no limit.
FAKEXEN_GUEST_ANSWERS=1 fxl shutdown --timeout=60 guest >out 2>&1 || fail "shutdown in time: $(cat out)"
fxl create -q -e --timeout=60 new.cfg >out 2>&1 || fail "create in time: $(cat out)"
fxl block-detach --timeout=60 guest xvda >out 2>&1 || fail "block-detach in time: $(cat out)"
for value in 0 -1 x "" 999999999; do
	fxl shutdown --timeout="$value" guest >out 2>&1
	[ $? = 2 ] || fail "--timeout=$value: $(cat out)"
done
echo "$failures failures"
[ "$failures" = 0 ]
