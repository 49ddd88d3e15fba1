# SPDX-License-Identifier: GPL-2.0-only
# The packages' units under systemd itself, in a container with a pretended hypervisor: their sandboxes, readiness, what
# waits for what. Sourced by packages.sh, with $i, the root that has the packages; what happens here leaves no trace there.

# What is changed in $c stays there, until container_gone.
container_made() {
	c=$work/container/root
	mkdir "$work/container"
	mount -t tmpfs tmpfs "$work/container"
	mkdir "$work"/container/{root,upper,work}
	mount -t overlay overlay -o "lowerdir=$i,upperdir=$work/container/upper,workdir=$work/container/work" "$c" || fail "no overlay"
}

container_gone() {
	debroot_halt
	umount -l "$c" "$work/container"
	rmdir "$work/container"
}

unit_is() {
	local state
	state=$(machine systemctl show -P ActiveState -P SubState "$1" | paste -sd' ')
	[ "$state" = "$2" ] || { machine journalctl -b --no-pager -u "$1" | tail -20; fail "$1 is $state, not $2"; }
}

# libvirtd and xendomains exclude each other, as libvirt has it: a host has guests started by one of them.
xendomains_started() {
	machine systemctl stop libvirtd.service libvirtd.socket libvirtd-ro.socket libvirtd-admin.socket 2>/dev/null
	machine systemctl start xendomains.service || fail "xendomains does not start"
	unit_is xendomains.service "active exited"
}

# units_moved PACKAGE...: on a host that runs with Debian's scripts, ours save the guests once they are installed.
units_moved() {
	local u
	container_made
	debroot_boot "$c" "$work/container.log"
	xendomains_started
	machine systemctl show -P ExecStop xendomains.service | grep -q /etc/init.d/xendomains || fail "xendomains is not Debian's"
	quiet moved.log machine apt-get install -y --no-install-recommends "$@"
	unit_is xendomains.service "active exited"
	machine systemctl show -P ExecStop xendomains.service | grep -q '/usr/lib/xen-4.17/bin/xendomains stop' ||
		fail "guests will not be saved at the next stop: $(machine systemctl show -P ExecStop xendomains.service)"
	for u in xenstored xenconsoled; do
		unit_is $u.service "inactive dead"
	done
	# What Debian's script xen started may count for the unit that has its name now: as active, in no certain order.
	for u in xenstored xenconsoled xen-init-dom0; do
		[ -z "$(machine journalctl -b --quiet --no-pager -u $u.service)" ] || fail "$u was started under guests that run"
	done
	container_gone
}

# What the pretended hypervisor's libraries need, in the daemons' sandboxes and out of them.
units_prepare() {
	local u
	container_made
	mkdir -p "$c/opt/fake" "$c/etc/xen/auto"
	over_fakexen xenstored "$c/usr/lib/xen-4.17/bin/xenstored" "$top/tests/blackbox/fakexen.c" &&
		over_fakexen xenconsoled "$c/usr/sbin/xenconsoled" "$top/tests/blackbox/fakexen.c" || fail "no daemons of a pretended hypervisor"
	gcc -D_GNU_SOURCE -D__XEN_TOOLS__ -w -shared -fPIC -I"$top/libxl/include" -o "$c/opt/fake/xl.so" \
			"$top"/tests/blackbox/xl/fake*.c || fail "no pretended hypervisor"
	head -c 4096 /dev/zero >"$c/opt/fake/xsd_kva"
	printf '%s\n' 'd /run/xenstored/fake' 'f /run/xenstored/fake/xsd_port - - - - 5' 'C /run/xenstored/fake/xsd_kva - - - - /opt/fake/xsd_kva' \
		'd /run/console-fake' 'f /run/console-fake/conring - - - - (XEN) a line' >"$c/etc/tmpfiles.d/fake.conf"
	for u in xenstored xenconsoled xen-init-dom0 xendomains; do
		mkdir -p "$c/etc/systemd/system/$u.service.d"
		printf '%s\n' '[Unit]' 'ConditionPathExists=' '[Service]' 'ExecCondition=' >"$c/etc/systemd/system/$u.service.d/fake.conf"
	done
	echo "Environment=FAKEXEN_DIR=/run/xenstored/fake" >>"$c/etc/systemd/system/xenstored.service.d/fake.conf"
	printf '%s\n' "Environment=FAKEXEN_DIR=/run/console-fake" "ReadWritePaths=/run/console-fake" \
		>>"$c/etc/systemd/system/xenconsoled.service.d/fake.conf"
	for u in xen-init-dom0 xendomains; do
		echo "Environment=LD_PRELOAD=/opt/fake/xl.so" >>"$c/etc/systemd/system/$u.service.d/fake.conf"
	done
	# The xl that xendomains runs notes that it was.
	printf '#!/bin/sh\necho "$@" >>/var/log/xl-calls\n[ "$1" != save ] || echo state >"$3"\n' >"$c/usr/local/sbin/xl"
	chmod +x "$c/usr/local/sbin/xl"
	printf 'name="web"\nmemory=8\n' >"$c/etc/xen/auto/10-web"
	echo 'XENCONSOLED_TRACE=hv' >"$c/etc/default/xen"
}

eventually() {
	local n=0
	until "$@"; do
		[ $n -lt 300 ] || fail "did not happen: $*"
		sleep 0.1
		n=$((n + 1))
	done
}

came_back() { [ "$(machine systemctl show -P NRestarts "$1")" = 1 ] && machine systemctl --quiet is-active "$1"; }

units_run() {
	local pid said others u
	units_prepare
	debroot_boot "$c" "$work/container.log"
	unit_is xenstored.service "active running"
	unit_is xenconsoled.service "active running"
	unit_is xen-init-dom0.service "active exited"
	unit_is xencommons.service "active exited"
	xendomains_started
	# Here is no Xen: its file system is passed over, and nobody minds.
	unit_is proc-xen.mount "inactive dead"
	said=$(machine journalctl -b --no-pager -p warning | grep -E 'xen(stored|consoled|domains|-init-dom0)')
	[ -z "$said" ] || fail "the units complain: $said"
	grep -qx 'create --quiet --defconfig=/etc/xen/auto/10-web' "$c/var/log/xl-calls" || fail "xendomains did not start a guest"

	machine xenstore write /a b && [ "$(machine xenstore read /a)" = b ] || fail "the store does not serve"
	eventually grep -q 'a line' "$c/var/log/xen/console/hypervisor.log"
	for u in xenstored xenconsoled; do
		pid=$(machine systemctl show -P MainPID $u.service)
		machine grep -qx "CapEff:	0000000000000000" "/proc/$pid/status" || fail "$u has capabilities"
		machine grep -qx "Seccomp:	2" "/proc/$pid/status" || fail "$u may make any system call"
		machine nsenter -t "$pid" -m touch /etc/x 2>/dev/null && fail "$u may write to /etc"
	done

	# A store that is updated or dies goes on with all that was in it, and nothing that waits for it starts anew.
	others=$(machine systemctl show -P InvocationID xenconsoled.service xen-init-dom0.service xendomains.service)
	machine xenstore-control live-update /usr/sbin/xenstored || fail "the store cannot be updated"
	machine sh -c 'kill -KILL "$(systemctl show -P MainPID xenstored.service)"'
	eventually came_back xenstored.service
	[ "$(machine xenstore read /a)" = b ] || fail "the store forgot: $(machine journalctl -b --no-pager -u xenstored | tail -5)"
	[ "$(machine systemctl show -P InvocationID xenconsoled.service xen-init-dom0.service xendomains.service)" = "$others" ] ||
		fail "units were started anew with the store"

	# A console daemon that dies comes back; one whose logs were rotated opens them anew.
	machine sh -c 'kill -KILL "$(systemctl show -P MainPID xenconsoled.service)"'
	eventually came_back xenconsoled.service
	machine logrotate --force /etc/logrotate.d/xenconsoled || fail "logrotate"
	[ -e "$c/var/log/xen/console/hypervisor.log.1" ] || fail "the log was not rotated"
	eventually test -e "$c/var/log/xen/console/hypervisor.log"
	# Debian's start script, which follows a removal of ours, finds the store that runs: it would begin another beside it.
	machine sh -c 'systemctl show -P MainPID xenstored.service >/run/xenstore.pid'
	machine start-stop-daemon --start --test --pidfile /run/xenstore.pid --exec /usr/lib/xen-4.17/bin/xenstored >/dev/null
	[ $? = 1 ] || fail "Debian's start script would start a second store"
	# Nobody stops the store by mistake, and guests are saved when their unit stops.
	machine systemctl stop xenstored.service 2>/dev/null && fail "the store can be stopped by hand"
	machine systemctl stop xendomains.service || fail "xendomains does not stop"
	grep -qE '^save 7 /var/lib/xen/save/.guest.part' "$c/var/log/xl-calls" || fail "guests were not saved: $(cat "$c/var/log/xl-calls")"
	[ "$(cat "$c/var/lib/xen/save/guest")" = state ] || fail "the guest's state is not in its place"
	container_gone
}
