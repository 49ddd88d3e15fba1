#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A Debian host with a guest moves from Xen to Xenolith and back by the README's commands, started by GRUB from its disk.

move_over.py [--boot N] LOG DISK PACKAGES

PACKAGES is a disk with first/deb and later/deb; LOG gets the number of the boot behind it. --boot: only that one, on a disk
on which those before it have been.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import machine  # noqa: E402
from machine import FOR_LIBVIRT, Machine, run_steps  # noqa: E402
from readme import blocks  # noqa: E402
from story import Story  # noqa: E402

# The console of Debian's hypervisor keeps 128 bytes of input for Domain 0 and drops what comes before they are read.
machine.INPUT_ROOM = 120
_, INSTALL, UPDATE, BACK = blocks()
OURS = "xenstored xenconsoled xen-init-dom0 xendomains"
KEPT = "/root/kept"         # what one boot tells the next
# What a host writes while it runs.
WRITTEN = ("/proc /sys /dev /run /tmp /mnt /var/log /var/cache /var/tmp /var/lib/apt /var/lib/dpkg /var/lib/systemd /var/lib/xen "
           f"/var/lib/libvirt /var/lib/logrotate {KEPT}").split()
TREE = f"find / {' '.join(f'-path {d} -prune -o' for d in WRITTEN)} -name __pycache__ -prune -o -print | sort"
PACKAGES = "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n'"


class Host(Story):
    def boots(self, hypervisor):
        """By GRUB's default entry; systemd is done, and found no fault."""
        self.m.expect(rf"Loading Xen {re.escape(hypervisor)} \.\.\.", 120)
        self.m.expect(r"Loading Linux 6\.1\.", 60)
        self.m.boot(600)
        _, state = self.m.sh("systemctl is-system-running --wait", 900, False)
        assert state == "running", f"systemd is {state}:\n{self.sh('systemctl --failed --no-pager; journalctl -b -p 4 --no-pager')}"
        self.sh(f"mkdir -p {KEPT}; mount /dev/vdb /mnt")

    def reboots(self):
        self.m.send("reboot\n")
        self.m.wait_exit(900)

    def kept(self, name):
        return self.sh(f"cat {KEPT}/{name}")

    def same(self, name, command):
        """What the command says is what it said on the boot before this."""
        rc, out = self.m.sh(f"{command} >/tmp/now; diff {KEPT}/{name} /tmp/now", 300, False)
        assert rc == 0, f"{name} changed:\n{out}"

    def consistent(self):
        assert self.sh("apt-get check >/dev/null; dpkg --audit", 300) == ""

    # ---- the guest ----

    def asked(self, command, answer):
        return re.search(rf"(?m)^\s*({answer})\s*$", self.guest("alpha", command)).group(1)

    def counter(self):
        return int(self.asked("until [ -s /counter ]; do :; done; cat /counter", r"\d+"))

    def boot_id(self):
        return self.asked("cat /proc/sys/kernel/random/boot_id", "[0-9a-f]{8}-[0-9a-f-]{27}")

    def guest_started(self):
        self.guest("alpha", "mount /dev/xvdb /mnt && echo first >>/mnt/file && sync", 300)
        self.sh(f"echo {self.boot_id()} >{KEPT}/boot-id; echo {self.counter()} >{KEPT}/counter")

    def guest_went_on(self, line):
        """It is the one that was started once, with its memory and its disk; it writes one more line."""
        assert self.sh("xl list | awk 'NR > 2 { print $1 }'") == "alpha"
        assert self.boot_id() == self.kept("boot-id"), "the guest started anew"
        now, before = self.counter(), int(self.kept("counter"))
        assert now >= before, f"the guest counted to {before}, then to {now}"
        self.in_guest("alpha", f"[ $(cat /counter) -gt {now} ]")
        self.sh(f"echo {now} >{KEPT}/counter")
        self.guest("alpha", f"echo {line} >>/mnt/file && sync")

    # ---- Debian's Xen ----

    def stock(self):
        self.boots("4.17-amd64")
        assert "xenolith" not in self.sh("xl info")
        self.guest_started()
        self.libvirt()
        self.sh(f"{PACKAGES} >{KEPT}/packages; {TREE} >{KEPT}/tree; cp /boot/grub/grub.cfg {KEPT}/", 300)

    def libvirt(self):
        """Debian's, by hand: its unit excludes xendomains."""
        self.sh("libvirtd -d -f /root/libvirtd.conf -p /run/libvirtd.pid", 300)
        self.until("virsh -q -c xen:///system uri", "libvirtd's answer", 300)
        assert re.search(r"(?m)^ 0 +Domain-0 +running", self.sh("virsh -c xen:///system list")), "libvirt does not list Domain 0"
        assert "Running hypervisor: Xen 4.17" in self.sh("virsh -c xen:///system version")
        self.sh("pid=$(cat /run/libvirtd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.2; done; rm -f /run/libvirtd.pid")

    def install(self):
        assert INSTALL[-1] == "reboot", INSTALL
        for command in INSTALL[:-1]:
            self.sh(f"cd /mnt/first && {command}", 1800)
        self.consistent()
        # The guest runs on, and ours will save it.
        assert self.sh("xl list | awk 'NR > 2 { print $1 }'") == "alpha"
        assert "/usr/lib/xen-4.17/bin/xendomains stop" in self.sh("systemctl show -P ExecStop xendomains.service")

    # ---- ours ----

    def ours(self):
        self.boots("4.17-xenolith")
        assert re.search(r"(?m)^xen_extra +: .*-xenolith$", self.sh("xl info")), self.sh("xl info")
        for unit in OURS.split():
            assert self.sh(f"systemctl is-active {unit}") == "active", unit
        for daemon in ("xenstored", "xenconsoled"):
            status = self.sh(f"cat /proc/$(systemctl show -P MainPID {daemon})/status")
            assert re.search(r"(?m)^CapEff:\s*0+$", status) and re.search(r"(?m)^Seccomp:\s*2$", status), status
        said = self.sh("journalctl -b -q -p warning --no-pager " + " ".join(f"-u {u}" for u in OURS.split()))
        assert said == "", f"the units complain: {said}"

    def later(self):
        ids = f"systemctl show -P InvocationID -P MainPID {OURS}; xl domid alpha"
        before = self.sh(ids)
        for command in INSTALL[:-1]:
            self.sh(f"cd /mnt/later && {command}", 1800)
        self.consistent()
        versions = self.sh("dpkg-query -W -f '${Version}\\n' '*xenolith*'").split()
        assert len(versions) == 4 and all(v.endswith("+later") for v in versions), versions
        assert self.sh(ids) == before, "something was started anew"
        self.guest_went_on("later")

    def programs(self):
        """What the daemons run."""
        return [self.sh(f"readlink /proc/$(systemctl show -P MainPID {daemon})/exe") for daemon in ("xenstored", "xenconsoled")]

    def update(self):
        assert all(p.endswith(" (deleted)") for p in self.programs()), self.programs()
        store = self.sh("xenstore-ls -p /local/domain/$(xl domid alpha)")
        for command in UPDATE:
            self.sh(command, 300)
        assert not any(p.endswith(" (deleted)") for p in self.programs()), self.programs()
        assert self.sh("xenstore-ls -p /local/domain/$(xl domid alpha)") == store
        self.guest_went_on("updated")
        assert self.sh("systemctl is-system-running") == "running"

    def back(self):
        assert BACK[-1] == "reboot", BACK
        for command in BACK[:-1]:
            self.sh(command, 1800)
        self.consistent()
        self.sh("[ -s /var/lib/xen/save/alpha ]")

    # ---- Debian's Xen again ----

    def stock_again(self):
        self.boots("4.17-amd64")
        assert "xenolith" not in self.sh("xl info")
        self.guest_went_on("back")
        lines = re.findall(r"(?m)^\s*(\w+)\s*$", self.guest("alpha", "cat /mnt/file"))
        assert lines == ["first", "ours", "later", "updated", "back"], lines
        self.libvirt()

    def nothing_left(self):
        self.same("packages", PACKAGES)
        self.same("tree", TREE)
        self.same("grub.cfg", "cat /boot/grub/grub.cfg")
        differ = self.sh(r"dpkg -V xen-utils-4.17 xen-utils-common libxenmisc4.17 | grep -v '^missing .*/usr/share/\(doc\|man\)/'; true", 300)
        assert differ == "", differ
        assert self.sh("ls /var/lib/xen/save") == ""


BOOTS = (
    (("Debian's Xen: systemd starts it and the guest, libvirt answers", Host.stock),
     ("our packages are installed under the guest", Host.install),
     ("the host reboots", Host.reboots)),
    (("GRUB's default is ours, and all units are active", Host.ours),
     ("the guest goes on", lambda host: host.guest_went_on("ours")),
     ("Debian's libvirt answers", Host.libvirt),
     ("a later version leaves all running", Host.later),
     ("the later daemons take over under the guest", Host.update),
     ("back to Debian's packages, which saves the guest", Host.back),
     ("the host reboots", Host.reboots)),
    (("Debian's Xen again, and the guest goes on", Host.stock_again),
     ("nothing of ours is left", Host.nothing_left),
     ("the host stops", lambda host: host.m.power_off())))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--boot", type=int, choices=range(1, len(BOOTS) + 1))
    parser.add_argument("log")
    parser.add_argument("disk")
    parser.add_argument("packages")
    args = parser.parse_args()
    drives = ("-drive", f"file={args.disk},if=virtio,format=qcow2,cache=unsafe",
              "-drive", f"file={args.packages},if=virtio,format=raw,snapshot=on")
    for number, steps in enumerate(BOOTS, 1):
        if args.boot in (None, number):
            with Machine(None, None, None, [], mem=3072, cpu=FOR_LIBVIRT["cpu"], log=f"{args.log}-{number}.log", qemu_args=drives) as m:
                if run_steps(m, Host(m), steps):
                    sys.exit(1)


if __name__ == "__main__":
    main()
