#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The note of a creation: gone when all is well or all is undone, left when the undoing failed too.
. "$(dirname "$0")/private.sh"
printf 'lockfile="%s/lock"\n' "$work" >"$work/xl.conf"
export XL_CONF=$work/xl.conf FAKEXEN_CAPABLE=1 XEN_KERNEL_CACHE=
uuid=90909090-9090-9090-9090-909090909090	# as the fake hypervisor gives it to the domain that it makes
sh "$top/tests/guests/build.sh" tiny "$work/tiny" || exit 1
printf '%s\n' 'name="new"' "kernel=\"$work/tiny\"" 'memory=8' "uuid='$uuid'" >"$work/new.cfg"

# notes WHAT FAILING LEFT: how many notes are left by a creation in which these calls of the hypervisor fail
notes() {
	local left
	FAKEXEN_FAIL=$2 fxl create -q -e "$work/new.cfg" >"$work/out" 2>&1 </dev/null
	left=$(find /run/xen/notes -type f | wc -l)
	[ "$left" = "$3" ] || fail "$1: $left notes instead of $3: $(cat "$work/out")"
	find /run/xen/notes -type f -delete
}

notes "a creation" "" 0
notes "a creation that fails and is undone" "max_mem=ENOMEM" 0
notes "a creation whose undoing fails too" "max_mem=ENOMEM,destroydomain=EBUSY" 1
echo "$failures failures"
[ "$failures" = 0 ]
