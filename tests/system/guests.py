#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Debian guests as administrators make them: by the scripts of examples/ and by Debian's xen-tools, started by xl, by pygrub,
by libvirt, and set up by cloud-init.

guests.py HYPERVISOR KERNEL RAMDISK LOG ROOT TOOLS GUESTS -- [STEP...]

ROOT has Debian's tools and their friends, TOOLS our libraries in the place of theirs, GUESTS the disks.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from machine import main_for_libvirt  # noqa: E402
from story import LIB, Story  # noqa: E402

X = "/usr/share/doc/xenolith/examples/guests"
ADDRESS = {"debian": "10.0.0.31", "cloud": "10.0.0.32", "tools": "10.0.0.33"}
LEASES = " ".join(f"--dhcp-host=00:16:3e:00:00:{a[-2:]},{a}" for a in ADDRESS.values())
CARD = "00:16:3e:00:00:33"
# Retpolines make QEMU's translator slow.
FAST = "quiet mitigations=off"


class Guests(Story):
    def boot(self):
        super().boot()
        self.sh("rmdir /srv/guests 2>/dev/null; ln -sfn /srv/xen /srv/guests; mkdir -p /srv/tools; "
                "dnsmasq --port=0 --interface=xenbr0 --bind-interfaces --dhcp-range=10.0.0.100,10.0.0.200 "
                f"--leasefile-ro {LEASES}")

    def recover(self):
        self.m.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done", 300, False)

    def create(self, command, name):
        self.sh(f"rm -f /var/log/xen/console/guest-{name}.log; {command}", 300)

    def login(self, name, user="root", password=""):
        self.sh(f"{LIB}/guest-login {name} {user} '{password}' 900", 1000)

    def answers(self, name):
        self.until(f"ping -c 1 -W 1 {ADDRESS[name]}", f"{name}'s network", 300)

    def is_debian(self, name):
        out = self.guest(name, "grep ^ID= /etc/os-release; hostname; cat /proc/cmdline; uname -r", 300)
        assert re.search(r"^ID=debian\s*$", out, re.M) and re.search(rf"^{name}\s*$", out, re.M), out
        return out

    def end(self, name, command="xl shutdown -w"):
        self.sh(f"{command} {name}", 600)
        self.until(f"! xl domid {name}", f"{name}'s end", 400)

    # ---- steps ----

    def by_xl(self):
        self.create(f"xl create -q {X}/debian.cfg 'extra=\"console=hvc0 {FAST}\"'", "debian")
        self.login("debian")
        assert f"root=/dev/xvda ro console=hvc0 {FAST}" in self.is_debian("debian")
        self.answers("debian")
        self.guest("debian", "apt-get --version && ping -c 1 -W 10 10.0.0.1", 300)
        self.guest("debian", "echo kept >/root/note; sync")
        self.end("debian")

    def by_pygrub(self):
        """Kernel and ramdisk are read from the guest's own disk, arguments from its menu."""
        self.sh(r"sed '/^\(kernel\|ramdisk\|root\|extra\) /d; s/^# \(bootloader\)/\1/' " f"{X}/debian.cfg >/root/pygrub.cfg; "
                "grep bootloader /root/pygrub.cfg; mv /srv/guests/debian.vmlinuz /srv/guests/debian.initrd /root/")
        self.sh("mkdir /run/d && mount -o loop /srv/guests/debian.img /run/d && cat /run/d/root/note && "
                "sed -i 's/console=hvc0/& by=pygrub/' /run/d/boot/grub/grub.cfg && umount /run/d")
        self.create("xl create -q /root/pygrub.cfg", "debian")
        assert self.sh("ls /run/xen | grep bootloader || echo none") == "none"
        log = "/var/log/xen/console/guest-debian.log"
        self.until(f"grep -q 'EXT4-fs (xvda): mounted' {log}", "its ramdisk mounting its disk", 600, 5)
        self.sh(f"grep 'Kernel command line: root=/dev/xvda ro console=hvc0 by=pygrub' {log}")
        self.sh("xl destroy debian; mv /root/debian.vmlinuz /root/debian.initrd /srv/guests/")

    def virsh(self, command, timeout=300):
        return self.sh(f"virsh -q -c xen:///system {command}", timeout)

    def by_libvirt(self):
        # As libvirt-daemon-system makes it.
        self.sh("groupadd -g 64055 libvirt-qemu && useradd -M -u 64055 -g libvirt-qemu libvirt-qemu")
        self.sh("libvirtd -d -f /etc/xen/demo/libvirtd.conf -p /run/libvirtd.pid", 300)
        self.until("virsh -q -c xen:///system uri", "libvirtd's answer", 300)
        self.sh(f"sed 's/console=hvc0/& {FAST}/' {X}/debian.xml >/root/debian.xml")
        self.create("virsh -q -c xen:///system create /root/debian.xml", "debian")
        self.login("debian")
        assert f"root=/dev/xvda ro console=hvc0 {FAST}" in self.is_debian("debian")
        self.answers("debian")
        assert re.search("debian +running", self.virsh("list"))
        self.end("debian", "virsh -q -c xen:///system shutdown")
        self.until("[ -z \"$(virsh -q -c xen:///system list --all | grep debian)\" ]", "libvirt's knowing it")
        self.sh("kill $(cat /run/libvirtd.pid)")

    def cloud(self):
        self.create(f"xl create -q {X}/cloud.cfg 'extra=\"console=hvc0 {FAST}\"'", "cloud")
        self.until("grep -aq 'Cloud-init .* finished at' /var/log/xen/console/guest-cloud.log", "cloud-init's work", 1200,
                   5)
        self.sh("grep -a 'The seed was read: cloud' /var/log/xen/console/guest-cloud.log")
        self.login("cloud", "ann", "change-me")
        out = self.guest("cloud", "id; cat /etc/guest-note; hostname", 300)
        assert re.search(r"uid=\d+\(ann\)", out) and "Written by cloud-init." in out, out
        assert re.search(r"^cloud\s*$", out, re.M), out
        self.answers("cloud")
        self.end("cloud")

    def xen_tools(self):
        """xen-create-image with what /etc/xen-tools/xen-tools.conf says but for sizes, and the guest that it configures."""
        self.sh("xen-create-image --hostname=tools --dir=/srv/tools --ip=10.0.0.33 --netmask=255.255.255.0 "
                f"--gateway=10.0.0.1 --bridge=xenbr0 --mac={CARD} --dist=bookworm --size=700M --swap=64M "
                "--install-method=tar --install-source=/srv/guests/guests-tools.tar --password=sesame >/root/made.out 2>&1 || "
                "{ tail -n 30 /root/made.out; tail -n 30 /var/log/xen-tools/tools.log; exit 1; }", 1200)
        assert "All done" in self.sh("cat /root/made.out")
        out = self.sh("xen-list-images")
        assert "Name: tools" in out and "IP: 10.0.0.33" in out and "Config: /etc/xen/tools.cfg" in out, out
        # By pygrub, which puts root= and extra= behind the arguments of the guest's menu. xen-tools calls the interface
        # eth0, the names_xen of Debian 12's udev would call it enX0.
        self.create(f"xl create -q /etc/xen/tools.cfg 'extra=\"net.ifnames=0 {FAST}\"'", "tools")
        self.login("tools", "root", "sesame")
        assert f"root=/dev/xvda2 ro elevator=noop root=/dev/xvda2 ro net.ifnames=0 {FAST}" in self.is_debian("tools")
        self.guest("tools", "swapon --show | grep xvda1 && findmnt -n -o SOURCE / | grep xvda2", 300)
        self.answers("tools")
        assert "appears to be running" in self.sh("xen-delete-image --dir=/srv/tools --hostname=tools")
        self.end("tools")
        self.sh("xen-delete-image --dir=/srv/tools --hostname=tools; [ ! -e /etc/xen/tools.cfg ] && "
                "[ ! -e /srv/tools/domains/tools ]")
        assert "tools" not in self.sh("xen-list-images")


STEPS = [
    ("Domain 0 boots", Guests.boot),
    ("xen-create-image, its guest, xen-list-images, xen-delete-image", Guests.xen_tools),
    ("a Debian guest made by make-debian, started by xl", Guests.by_xl),
    ("its own kernel, read from its disk by pygrub", Guests.by_pygrub),
    ("the same guest by libvirt", Guests.by_libvirt),
    ("a guest that cloud-init sets up by a seed", Guests.cloud),
]


if __name__ == "__main__":
    main_for_libvirt(Guests, STEPS)
