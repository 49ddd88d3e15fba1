# SPDX-License-Identifier: GPL-2.0-only
# Debian roots to work in by chroot, for tests of packages. Sourced after images.sh, in a mount and a process namespace of
# its own (debroot_enter, first of all), which take mounts and processes away with them.

# debroot_enter SCRIPT
debroot_enter() {
	[ -n "${DEBROOT_INSIDE:-}" ] && return
	export DEBROOT_INSIDE=1
	exec unshare --mount --propagation private --pid --fork --mount-proc --kill-child bash "$1"
}

# debroot DIR NAME PACKAGES: DIR is a fresh root with these, unpacked from the cache, which can reach the network.
debroot() {
	debian_root "$2" "$3"
	mkdir -p "$1"
	tar -C "$1" -xf "$cache/$2.tar" || die "$cache/$2.tar cannot be unpacked"
	# Manual pages and documents that were left out of the root are wanted from packages that come.
	rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
	cp /etc/resolv.conf "$1/etc/"
	mount -t proc proc "$1/proc"
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod +x "$1/usr/sbin/policy-rc.d"
}

# inside DIR COMMAND...
inside() {
	local dir=$1
	shift
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$dir" "$@"
}

# debroot_gone DIR
debroot_gone() {
	umount -l "$1/proc" 2>/dev/null
	rm -rf --one-file-system "$1"
}

# debroot_boot DIR LOG: starts the systemd of that root as a container, with machine COMMAND... to run something in it.
debroot_boot() {
	local n=0
	unshare --mount --pid --fork --ipc --uts --net --cgroup --kill-child "$here/debroot-init" "$1" >"$2" 2>&1 </dev/null &
	container=$!
	until init=$(cat "/proc/$container/task/$container/children") && [ "$(cat "/proc/${init% }/comm" 2>/dev/null)" = systemd ] &&
	      machine systemctl is-system-running --wait >/dev/null 2>&1 || [ "$(machine systemctl is-system-running 2>&1)" = degraded ]; do
		kill -0 $container 2>/dev/null && [ $n -lt 600 ] || { cat "$2"; die "systemd does not start in a container"; }
		sleep 0.1
		n=$((n + 1))
	done
}

machine() { nsenter -t "${init% }" -m -p -i -u -n -C env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

debroot_halt() {
	kill -KILL $container
	wait $container 2>/dev/null
}
