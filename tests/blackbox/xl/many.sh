#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# No work for each guest there is: among none and among 60 others, a command asks the hypervisor and the store equally
# often. A list that is fetched counts for as much as it holds.
. "$(dirname "$0")/private.sh"
printf 'lockfile="%s/lock"\n' "$work" >"$work/xl.conf"
export XL_CONF=$work/xl.conf FAKEXEN_CAPABLE=1 XEN_KERNEL_CACHE=
sh "$top/tests/guests/build.sh" tiny "$work/tiny" || exit 1
printf '#!/bin/sh\nexit 0\n' >"$work/script"; chmod +x "$work/script"
mkdir -p "$work"/sys/sys/bus/xen-backend/drivers/{vbd,vif}
export FAKEXEN_SYS=$work/sys
printf '%s\n' 'name="new"' "kernel=\"$work/tiny\"" 'memory=8' "vif=['script=$work/script']" \
	"disk=['vdev=xvda,script=$work/script,target=x']" >"$work/new.cfg"

# asked GUESTS COMMAND...: how often
asked() {
	local guests=$1
	shift
	rm -f "$work/count"
	FAKEXEN_GUESTS=$guests FAKEXEN_COUNT=$work/count fxl "$@" >"$work/out" 2>&1 </dev/null ||
		fail "xl $* among $guests: exit $?: $(cat "$work/out")"
	cat "$work/count"
}

while read -r line; do
	# shellcheck disable=SC2086
	none=$(asked 0 $line) sixty=$(asked 60 $line)
	echo "xl $line: $none"
	[ "$none" = "$sixty" ] || fail "xl $line: $none among none, $sixty among 60"
done <<X
create -q -e $work/new.cfg
destroy guest
pause guest
domid guest
rename guest other
X
# What must grow shows that growth is seen.
[ "$(asked 0 list)" != "$(asked 60 list)" ] || fail "xl list asks no more among 60 guests"
echo "$failures failures"
[ "$failures" = 0 ]
