#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Debian's libvirt and QEMU in Domain 0, driven as an administrator does, with stock guests.

libvirt.py HYPERVISOR KERNEL RAMDISK LOG DISK... -- [STEP...]
"""
import os
import re
import sys

top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(top, "lib"))
from machine import main_for_libvirt  # noqa: E402
from story import ALPHA, LIB, Story  # noqa: E402

XML = "/etc/xen/demo/virt.xml"
UUID = "11111111-2222-3333-4444-555555555555"
LIVE = "/run/alpha-now.xml"
BETA, GAMMA = "10.0.0.5", "10.0.0.4"
WHITE = "ffffff on (9[0-9]|100)%"      # the kernel's cursor is on it
# What remains of guests that are gone: nothing, but for the empty folder device-model that Debian's libxl leaves. (It has
# such a file of Domain 0's, too.)
LEFT = ("xenstore-ls -p / | grep -nE '^ *(vbd|vif|qdisk|vfb|vkbd) = '; xenstore-ls /local/domain/0/device-model 2>/dev/null; "
        "losetup -a; "
        "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -a -- '-xen-domid'; done; "
        "ls /sys/class/net | grep vif; ls /var/lib/xen | grep 'userdata-.\\.[1-9]'; true")
VIRTINST = f"""
import sys
sys.path[:0] = ["/usr/share/virt-manager"]
from virtinst import cli
conn = cli.getConnection("xen:///system")
assert conn.is_xen() and [g.os_type for g in conn.caps.guests] == ["xen"], conn.caps.get_xml()
print(sorted((dom.name, dom.vcpus) for dom in conn.fetch_all_domains()))
"""


class Libvirt(Story):
    def __init__(self, m):
        super().__init__(m)
        self.heard = 0

    # ---- helpers ----

    def virsh(self, command, timeout=180):
        return self.sh(f"virsh -q -c xen:///system {command}", timeout)

    def refused(self, command, pattern):
        rc, out = self.m.sh(f"virsh -q -c xen:///system {command}", 180, False)
        assert rc and re.search(pattern, out), f"virsh {command}: exit {rc}: {out}"

    def has(self, pattern, command, timeout=180):
        out = self.virsh(command, timeout)
        assert re.search(pattern, out, re.M), f"virsh {command}: no {pattern!r} in:\n{out}"
        return out

    def until_state(self, name, state, timeout=240):
        self.until(f"[ \"$(virsh -q -c xen:///system domstate --reason {name})\" = '{state}' ]",
                   f"{name} {state}", timeout)

    def until_off(self, how):
        """libvirt says the state first and destroys the domain then; virsh starts nothing that has an id still."""
        self.until_state("alpha", f"shut off ({how})")
        self.until("[ \"$(virsh -q -c xen:///system domid alpha)\" = - ]", "the end of alpha's domain")

    def listen(self):
        """virsh does not say when it has begun to listen: another domain is defined until an event tells of it."""
        self.sh("virsh -c xen:///system event --all --loop >/run/events 2>&1 & "
                f"sed 's/>alpha</>listened</; /uuid/d' {XML} >/run/listened.xml", 60)
        self.until("virsh -q -c xen:///system define /run/listened.xml; virsh -q -c xen:///system undefine listened; "
                   "grep -q \"for domain 'listened'\" /run/events", "the first event")
        self.heard = 0

    def event(self, text, name="alpha", timeout=240):
        """Waits for an event that has not been waited for; what came before it is passed over."""
        found = f"tail -n +{self.heard + 1} /run/events | grep -n \"event 'lifecycle' for domain '{name}': {text}\""
        self.until(found, f"the event {text} of {name}", timeout)
        self.heard += int(self.sh(f"{found} | head -1 | cut -d: -f1"))

    def alpha_answers(self):
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network", 400)

    def daemon(self):
        # A session of its own, since a guest's QEMU must not end with it.
        self.sh("libvirtd -d -f /etc/xen/demo/libvirtd.conf -p /run/libvirtd.pid", 300)
        self.until("virsh -q -c xen:///system uri", "libvirtd's answer", 300)

    def end_daemon(self, how="TERM"):
        self.sh(f"pid=$(cat /run/libvirtd.pid); kill -{how} $pid; "
                "while kill -0 $pid 2>/dev/null; do sleep 0.2; done; rm -f /run/libvirtd.pid")

    def recover(self):
        """After a step that failed, without what it left behind."""
        for name in ("alpha", "beta", "gamma"):
            self.m.sh(f"virsh -q -c xen:///system destroy {name}; xl destroy {name}", 180, False)
        self.m.sh("virsh -q -c xen:///system managedsave-remove alpha; "
                  f"virsh -q -c xen:///system define {XML}", 180, False)
        self.m.sh("virsh -q -c xen:///system start alpha", 300, False)
        self.m.sh(f"ping -c 1 -w 60 {ALPHA}", 120, False)

    # ---- steps ----

    def boots(self):
        self.boot()
        self.sh("for n in alpha beta gamma; do qemu-img create -q -f qcow2 /root/$n.qcow2 64M || exit 1; done; "
                "truncate -s 8M /root/extra.img")
        # As libvirt-daemon-system makes it.
        self.sh("groupadd -g 64055 libvirt-qemu && useradd -M -u 64055 -g libvirt-qemu libvirt-qemu")
        self.daemon()
        self.at_first = self.free_pages()

    def facts(self):
        self.has("Running hypervisor: Xen 4.17", "version")
        self.has("<machine>xenpv</machine>", "capabilities")
        self.has(r"CPU\(s\): +2", "nodeinfo")
        self.has(r"^Total: [1-9]\d+ KiB", "freecell")
        self.has(r"0: +[1-9]\d+ KiB", "freecell --all")
        self.has("<domain>xen</domain>", "domcapabilities --machine xenpv")
        self.has(r"0 +Domain-0 +running", "list --all")
        self.virsh("maxvcpus")

    def defines(self):
        self.virsh(f"define {XML}")
        self.listen()
        self.has(r"alpha +shut off", "list --all")
        self.sh("virsh -q -c xen:///system domxml-to-native xen-xl --domain alpha >/root/alpha-native.cfg")
        native = self.sh("cat /root/alpha-native.cfg")
        assert re.search("^kernel = ", native, re.M) and "qcow2" in native and "vfb" in native, native
        self.has(f"<uuid>{UUID}</uuid>", "domxml-from-native xen-xl /root/alpha-native.cfg")
        self.has("^disk = ", f"domxml-to-native xen-xl --xml {XML}")

    def starts(self):
        self.virsh("start alpha", 300)
        self.event("Started Booted")
        self.alpha_answers()
        self.until("grep -q GUEST-READY /var/log/xen/console/guest-alpha.log", "alpha's greeting in the console log")
        self.has(r"alpha +running", "list")
        self.has("Max memory: +262144 KiB", "dominfo alpha")
        self.has("^actual [1-9]", "dommemstat alpha")
        assert self.virsh("dommemstat alpha").split()[1] == "196608"
        self.has("CPU1:", "cpu-stats alpha")
        self.has(r"<target dev='vif\d+\.0'/>", "dumpxml alpha")
        self.has("^VCPU: +1", "vcpuinfo alpha")
        assert int(self.virsh("domid alpha")) == self.domid("alpha")
        self.until_state("alpha", "running (booted)")

    def console_by_virsh(self):
        assert self.virsh("ttyconsole alpha").startswith("/dev/pts/")
        out = self.sh(f"GUEST_CONSOLE='virsh -q -c xen:///system console --force' {LIB}/guest-run alpha "
                      "'echo $((6 * 7))' 120", 180)
        assert re.search(r"^42\s*$", out, re.M), out

    def virtual_cpus(self):
        self.virsh("vcpupin alpha 1 1")
        self.has(r"^ 1 +1$", "vcpupin alpha")
        self.virsh("setvcpus alpha 1")
        self.until("[ $(xl vcpu-list alpha | tail -n +2 | grep -c -v -- ' --p ') -le 1 ]", "alpha with a vCPU less")
        assert self.online_vcpus() == 1
        self.virsh("setvcpus alpha 2")
        self.guest("alpha", "f=/sys/devices/system/cpu/cpu1/online; n=0; until [ $(cat $f) = 1 ] || echo 1 >$f; do "
                            "n=$((n+1)); [ $n -lt 100 ] || break; usleep 200000; done 2>/dev/null")
        assert self.online_vcpus() == 2
        self.has("current +live +2", "vcpucount alpha")
        self.has("weight +: 256", "schedinfo alpha")
        self.has("weight +: 300", "schedinfo alpha --set weight=300")

    def memories(self):
        before = self.guest_kb("alpha")
        self.virsh("setmem alpha 160M")
        self.until("[ $(xl list alpha | tail -1 | awk '{print $3}') -le 160 ]", "alpha's smaller memory")
        self.has("^actual 163840", "dommemstat alpha")
        assert self.guest_kb("alpha") < before
        self.virsh("setmem alpha 192M")
        self.until("[ $(xl list alpha | tail -1 | awk '{print $3}') -ge 190 ]", "alpha's memory back")
        self.virsh("setmaxmem alpha 224M")
        assert self.sh(f"xenstore-read /local/domain/{self.domid('alpha')}/memory/static-max") == "229376"

    def pauses(self):
        self.virsh("suspend alpha")
        self.event("Suspended Paused")
        self.until_state("alpha", "paused (user)")
        rc, _ = self.m.sh(f"ping -c 1 -W 1 {ALPHA}", 60, False)
        assert rc, "a paused guest answered"
        self.virsh("resume alpha")
        self.event("Resumed Unpaused")
        self.alpha_answers()

    def devices(self):
        self.virsh("attach-disk alpha /root/extra.img xvdd --driver phy --type disk")
        self.refused("attach-disk alpha /root/extra.img xvdd --driver phy", "xvdd")
        self.has(r"xvdd +.*extra\.img", "domblklist alpha")
        self.in_guest("alpha", "[ -b /dev/xvdd ]")
        self.guest("alpha", "echo attached-data | dd of=/dev/xvdd conv=fsync 2>/dev/null")
        self.virsh("detach-disk alpha xvdd")
        assert "xvdd" not in self.virsh("domblklist alpha")
        assert self.sh("head -c 13 /root/extra.img") == "attached-data"
        self.virsh("attach-interface alpha bridge xenbr0 --mac 00:16:3e:00:00:22")
        self.has("00:16:3e:00:00:22", "domiflist alpha")
        self.in_guest("alpha", "[ -e /sys/class/net/eth1 ]")
        self.virsh("detach-interface alpha bridge --mac 00:16:3e:00:00:22")
        self.in_guest("alpha", "[ ! -e /sys/class/net/eth1 ]")
        assert "00:16:3e:00:00:22" not in self.virsh("domiflist alpha")

    def statistics(self):
        self.guest("alpha", "dd if=/dev/xvdb of=/dev/null bs=64k count=16 2>/dev/null")
        read = int(re.search(r"rd_bytes (\d+)", self.virsh("domblkstat alpha xvdb")).group(1))
        assert read >= 16 << 16, read
        vif = re.search(r"vif\d+\.0", self.virsh("domiflist alpha")).group()
        before = int(re.search(r"rx_bytes (\d+)", self.virsh(f"domifstat alpha {vif}")).group(1))
        self.sh(f"ping -c 3 -s 1000 {ALPHA}")
        assert int(re.search(r"rx_bytes (\d+)", self.virsh(f"domifstat alpha {vif}")).group(1)) >= before + 3000

    def qemu_disk(self):
        """What the guest writes is in the image, which QEMU wrote."""
        assert self.sh("xl block-list alpha | grep -c /backend/qdisk/") == "1"
        self.guest("alpha", "echo by-way-of-qemu | dd of=/dev/xvdc bs=512 seek=2048 conv=fsync,sync 2>/dev/null")
        assert "by-way-of-qemu" in self.guest("alpha", "dd if=/dev/xvdc bs=512 skip=2048 count=1 iflag=direct "
                                                       "2>/dev/null | head -c 14; echo")

    def screen(self, name, port):
        self.in_guest(name, "[ -c /dev/fb0 ]")
        self.guest(name, "head -c 1920000 /dev/zero | tr \"\\000\" \"\\377\" >/dev/fb0")
        self.until(f"{LIB}/rfb.py {port} | grep -qE '^800x600 {WHITE}'", f"{name}'s white screen")

    def qemu_screen(self):
        display = self.virsh("vncdisplay alpha")
        assert re.match(r"127\.0\.0\.1:\d+$", display), display
        self.screen("alpha", 5900 + int(display.split(":")[1]))

    def dumps(self):
        for how in ("", "--live"):
            self.virsh(f"dump alpha /root/core {how}", 400)
            assert ".xen_pages" in self.sh(f"{LIB}/elf-sections /root/core")
            self.sh("rm /root/core")
        self.alpha_answers()

    def saves(self):
        before = self.number("alpha", "cat /counter")
        self.virsh("save alpha /root/alpha.save", 600)
        self.event("Stopped Saved")
        self.virsh("restore /root/alpha.save", 600)
        self.event("Started Restored")
        self.alpha_answers()
        assert self.number("alpha", "cat /counter") >= before
        self.virsh("managedsave alpha", 600)
        self.event("Stopped Saved")
        self.has("Managed save: +yes", "dominfo alpha")
        self.virsh("start alpha", 600)
        self.event("Started Restored")
        self.has("Managed save: +no", "dominfo alpha")
        self.alpha_answers()
        assert self.number("alpha", "cat /counter") >= before
        assert "by-way-of-qemu" in self.guest("alpha", "dd if=/dev/xvdc bs=512 skip=2048 count=1 iflag=direct "
                                                       "2>/dev/null | head -c 14; echo")

    def next_life(self, how):
        old = self.domid("alpha")
        how()
        self.event("Started Booted")
        self.event("Stopped Shutdown")      # of the life before: libvirt tells of it last
        self.until(f"d=$(virsh -q -c xen:///system domid alpha) && [ \"$d\" != - ] && [ $d -gt {old} ]",
                   "alpha's next life", 400)
        self.alpha_answers()
        self.until_state("alpha", "running (booted)")

    def by_itself(self, command):
        """Typed, and not waited for."""
        self.m.sh(f"{LIB}/guest-run alpha '(sleep 1; {command}) >/dev/null 2>&1 & true' 60", 120, False)

    def endings(self):
        self.next_life(lambda: self.virsh("reboot alpha"))
        self.next_life(lambda: self.by_itself("reboot -f"))
        self.virsh("shutdown alpha")
        self.event("Stopped Shutdown")
        self.until_off("shutdown")
        for command, how in (("poweroff -f", "shutdown"), ("echo c >/proc/sysrq-trigger", "crashed")):
            self.virsh("start alpha", 300)
            self.event("Started Booted")
            self.alpha_answers()
            self.by_itself(command)
            self.event(f"Stopped {how.capitalize()}")
            self.until_off(how)
        self.virsh("start alpha", 300)
        self.alpha_answers()

    def daemon_restarts(self):
        domid = self.domid("alpha")
        for how in ("TERM", "KILL"):
            self.end_daemon(how)
            self.daemon()
            self.has(rf"{domid} +alpha +running", "list")
            self.alpha_answers()
        self.listen()
        self.virsh("suspend alpha")
        self.event("Suspended Paused")
        self.virsh("resume alpha")
        self.end_daemon()
        self.by_itself("poweroff -f")
        self.until("! ping -c 1 -W 1 10.0.0.2", "alpha's silence")
        self.daemon()
        if os.environ.get("TOOLS") == "debian":
            # Debian's libxl looks for guests that have ended when another ends, and once at first: when libvirt has told it of
            # Domain 0, and maybe not yet of alpha.
            self.sh("xl create -q -p /dev/null 'name=\"other\"' 'kernel=\"/srv/xen/vmlinuz\"' memory=128; xl destroy other", 120)
        self.until_off("shutdown")
        self.virsh("autostart alpha")
        self.has("Autostart: +enable", "dominfo alpha")
        self.end_daemon()
        self.sh("rm -f /run/libvirt/libxl/autostarted")     # as a boot of the host does
        self.daemon()
        self.until_state("alpha", "running (booted)", 300)
        self.virsh("autostart alpha --disable")

    def image_checked(self):
        """The images when their guests are gone: sound, and with what was written."""
        self.virsh("destroy alpha")
        self.virsh("undefine alpha")
        assert "alpha" not in self.virsh("list --all")
        self.sh("qemu-img check /root/alpha.qcow2")
        out = self.sh("qemu-io -r -f qcow2 -c 'read -v 1048576 16' /root/alpha.qcow2")
        assert "by.way.of.qemu" in out, out     # a dump has no other signs than letters

    def transient(self):
        self.virsh(f"create {XML}", 300)
        self.has(r"alpha +running", "list --all")
        self.virsh("destroy alpha")
        assert "alpha" not in self.virsh("list --all")

    def virtinst(self):
        boot = "kernel=/srv/xen/vmlinuz,initrd=/srv/xen/ramdisk.gz,kernel_args=console=hvc0 quiet guestip=10.0.0.5"
        self.sh("virt-install --connect xen:///system --paravirt --name beta --memory 192 --vcpus 2 --import "
                f"--boot '{boot}' --clock timer0.name=tsc,timer0.mode=native "
                "--disk path=/root/beta.qcow2,format=qcow2 --network bridge=xenbr0 --graphics vnc,listen=127.0.0.1 "
                "--osinfo linux2020 --noautoconsole", 600)
        self.has(r"beta +running", "list")
        self.until(f"ping -c 1 -W 1 {BETA}", "beta's network", 400)
        self.sh("virt-xml --connect xen:///system beta --edit --vcpus 1 --define", 300)
        self.sh("virt-xml --connect xen:///system beta --add-device --update --disk "
                "path=/root/extra.img,driver.name=phy,target.dev=xvdd", 300)
        self.in_guest("beta", "[ -b /dev/xvdd ]")
        self.sh("virt-xml --connect xen:///system beta --remove-device --disk target=xvdd --update", 300)
        assert "xvdd" not in self.virsh("domblklist beta")
        self.sh(f"cat >/root/virtinst.py <<'X'\n{VIRTINST}\nX\npython3 /root/virtinst.py | grep beta", 300)
        self.virsh("destroy beta")
        self.virsh("undefine beta")

    def by_xl(self):
        self.sh("xl create -q /etc/xen/demo/qemu.cfg", 300)
        self.until(f"ping -c 1 -W 1 {GAMMA}", "gamma's network", 400)
        self.guest("gamma", "echo through-xl | dd of=/dev/xvda bs=512 seek=4096 conv=fsync,sync 2>/dev/null")
        self.screen("gamma", int(self.sh("xenstore-read /local/domain/$(xl domid gamma)/console/vnc-port")))
        self.sh("xl save gamma /root/gamma.save", 600)
        self.sh("xl restore /root/gamma.save", 600)
        self.until(f"ping -c 1 -W 1 {GAMMA}", "gamma's network after restore", 400)
        assert "through-xl" in self.guest("gamma", "dd if=/dev/xvda bs=512 skip=4096 count=1 iflag=direct "
                                                   "2>/dev/null | head -c 10; echo")
        self.sh("xl shutdown -w gamma", 300)
        self.until("! xl domid gamma", "gamma's end")
        self.sh("qemu-img check /root/gamma.qcow2")
        out = self.sh("qemu-io -r -f qcow2 -c 'read -v 2097152 16' /root/gamma.qcow2")
        assert "through.xl" in out, out

    def clean(self):
        self.until(f"[ -z \"$({LEFT})\" ]", f"a clean host; left: {self.sh(LEFT)}", 60)
        self.end_daemon()
        after = self.free_pages()
        assert 0 <= self.at_first - after <= 64, f"free pages {self.at_first} became {after}"


STEPS = [
    ("Domain 0 boots, libvirtd starts", Libvirt.boots),
    ("version, capabilities, nodeinfo, freecell, list", Libvirt.facts),
    ("define, domxml-to-native, domxml-from-native", Libvirt.defines),
    ("start, list, dominfo, dommemstat, cpu-stats, dumpxml", Libvirt.starts),
    ("console", Libvirt.console_by_virsh),
    ("vcpupin, setvcpus, vcpucount, schedinfo", Libvirt.virtual_cpus),
    ("setmem, setmaxmem, seen by the guest", Libvirt.memories),
    ("suspend and resume", Libvirt.pauses),
    ("attach-disk, detach-disk, attach-interface, detach-interface", Libvirt.devices),
    ("domblkstat, domifstat", Libvirt.statistics),
    ("a qcow2 image that QEMU serves, written and read", Libvirt.qemu_disk),
    ("a screen that QEMU serves, seen by a client of VNC", Libvirt.qemu_screen),
    ("dump", Libvirt.dumps),
    ("save, restore, managedsave, start", Libvirt.saves),
    ("reboot, shutdown, and ends that the guest came to by itself", Libvirt.endings),
    ("libvirtd restarted, killed, away; autostart", Libvirt.daemon_restarts),
    ("destroy, undefine; the image holds what was written", Libvirt.image_checked),
    ("create", Libvirt.transient),
    ("virt-install, virt-xml, virtinst", Libvirt.virtinst),
    ("xl create with a qcow2 image and a screen, saved and restored", Libvirt.by_xl),
    ("nothing is left", Libvirt.clean),
]


if __name__ == "__main__":
    main_for_libvirt(Libvirt, STEPS)
