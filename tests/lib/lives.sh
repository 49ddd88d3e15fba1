# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Lives of guests, one function each, called with the guest's name; sourced in Domain 0 by bash.
until_true() { n=0; until "$@" >/dev/null 2>&1; do n=$((n+1)); [ $n -lt 900 ] || return 1; sleep 0.1; done; }
gone() { ! xl domid $1; }
said() { grep -q "$2" /var/log/xen/console/guest-$1.log; }
tiny() { echo "name='$1'; kernel='/usr/lib/xenolith-test/tiny'; memory=8; extra='end=$2'; on_crash='destroy'"; }
debian() { echo "name='$1'; kernel='/srv/xen/vmlinuz'; ramdisk='/srv/xen/ramdisk.gz'; memory=128; extra='console=hvc0 quiet'"; }
destroyed() { xl destroy $1 && until_true gone $1; }
made() { rm -f /var/log/xen/console/guest-$1.log; $2 $1 $3 >/tmp/test-$1.cfg; xl create -q /tmp/test-$1.cfg; }

life_tiny() { made $1 tiny idle && destroyed $1; }
life_spin() { made $1 tiny spin && destroyed $1; }
life_crash() { made $1 tiny crash && until_true gone $1; }
life_poweroff() { made $1 tiny poweroff && until_true gone $1; }
twice() { [ "$(grep -c "tiny: reboot" /var/log/xen/console/guest-$1.log)" -ge 2 ]; }
# The process that makes the guest again: while it does so, it is called otherwise.
watched() { watcher=$(pgrep -f "xl-watch .*[0-9] $1 "); }
no_more() { xl destroy $1; gone $1 && [ ! -e /proc/$watcher ]; }
life_reboot() { made $1 tiny reboot && until_true watched $1 && until_true twice $1 && until_true no_more $1; }
life_debian() { made $1 debian && until_true said $1 GUEST-READY && destroyed $1; }
life_early() { made $1 debian && destroyed $1; }
devices() { debian $1; echo "disk=['/tmp/test-$1.img,raw,xvdb,w']; vif=['bridge=xenbr0']"; }
life_devices() {
	truncate -s 4M /tmp/test-$1.img
	made $1 devices && until_true said $1 GUEST-READY && destroyed $1
}
life_saved() {
	truncate -s 4M /tmp/test-$1.img
	made $1 devices && until_true said $1 GUEST-READY && xl save $1 /tmp/test-$1.save &&
		xl restore /tmp/test-$1.save && destroyed $1 && rm /tmp/test-$1.save
}
hotplug() { debian $1; echo "vcpus=2"; }
memory_is() { [ "$(xl list $1 | awk 'END { print $3 }')" $2 $3 ]; }
connected() { [ "$(xenstore-read /local/domain/$(xl domid $1)/device/$2/state)" = 4 ]; }
one_vcpu() { [ "$(xl vcpu-list $1 | tail -n +2 | grep -c -v -- ' --p ')" -eq 1 ]; }
life_hotplug() {
	truncate -s 4M /tmp/test-$1.img
	made $1 hotplug && until_true said $1 GUEST-READY &&
		xl block-attach $1 /tmp/test-$1.img,raw,xvdd,w && xl network-attach $1 bridge=xenbr0 &&
		until_true connected $1 vbd/51760 && until_true connected $1 vif/0 &&
		xl mem-set $1 112 && until_true memory_is $1 -le 112 && xl vcpu-set $1 1 && until_true one_vcpu $1 &&
		xl pause $1 && xl unpause $1 && xl block-detach $1 xvdd && xl network-detach $1 0 &&
		xl mem-set $1 128 && until_true memory_is $1 -ge 126 && destroyed $1
}
# life NAME KIND: prints nothing, or what went wrong. No backend is waited for in vain.
life() {
	life_$2 $1 >/tmp/test-$1.out 2>&1 </dev/null && ! grep -q "did not close" /tmp/test-$1.out && return
	echo "$1 ($2) failed:"
	cat /tmp/test-$1.out
}
