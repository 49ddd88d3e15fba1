#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a create says when the host lacks something, each before anything is built.
. "$(dirname "$0")/lib.sh"
printf 'lockfile="%s/lock"\n' "$work" >"$work/xl.conf"
export XL_CONF=$work/xl.conf
: >"$work/kernel"
: >"$work/empty"

# refused PATTERN SETTINGS
refused() {
	printf '%s\n' 'name="t"' "kernel=\"$work/kernel\"" 'memory=16' "$2" >"$work/t.cfg"
	fxl create "$work/t.cfg" >"$work/out" 2>&1 </dev/null
	[ $? = 3 ] || fail "$2: not exit 3"
	grep -q -- "$1" "$work/out" || fail "$2: no \"$1\" in: $(cat "$work/out")"
}

refused "domain .t': kernel /nonexistent cannot be read: No such file" 'kernel="/nonexistent"'
refused "domain .t': ramdisk / is a folder" 'ramdisk="/"'
refused "disk xvda: /nonexistent: No such file.*make it, or correct disk=" 'disk=["phy:/nonexistent,xvda,w"]'
refused "disk xvda: /dev/null is neither a file nor a block device" 'disk=["/dev/null,raw,xvda,w"]'
refused "disk xvdb: the file .*empty is empty; give it a size" "disk=['$work/empty,raw,xvdb,w']"
refused "vif 0: the host has no bridge nosuchbr; make it with .ip link add nosuchbr type bridge'" 'vif=["bridge=nosuchbr"]'
# Its log has it too, on a host where one can be made.
grep -q "log file" "$work/out" || grep -qs "the host has no bridge nosuchbr" /var/log/xen/xl-t.log* ||
	fail "no word of it in /var/log/xen/xl-t.log"
refused "is no name of a bridge" 'vif=["bridge=../x"]'
refused "a domain called .guest' exists already (number 7, paused)" 'name="guest"'
echo "$failures failures"
[ "$failures" = 0 ]
