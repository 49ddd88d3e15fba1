#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""xenstored killed and updated, xenconsoled and libvirtd killed, at random moments, under guests of xl's and of libvirt's,
open connections, watches and a transaction, and commands that come all the time. systemd starts them again.

restarts.py HYPERVISOR KERNEL RAMDISK LOG DISK...   with SEED=, KILLS=
"""
import os
import sys
import time

top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(top, "lib"))
from machine import FOR_LIBVIRT, SLOW, Machine, run_steps  # noqa: E402
from story import LIB, Story  # noqa: E402

SEED = int(os.environ.get("SEED", time.time_ns() % 100000))
KILLS = int(os.environ.get("KILLS", "50"))
UNITS = "xenstored xenconsoled xen-init-dom0 libvirtd"
BETA = """name    = "beta"
kernel  = "/srv/xen/vmlinuz"
ramdisk = "/srv/xen/ramdisk.gz"
extra   = "console=hvc0 quiet guestip=10.0.0.5"
memory  = 128
vcpus   = 1
vif     = [ "mac=00:16:3e:00:00:05,bridge=xenbr0" ]
"""
# All that guests, connections and kills could leave behind; not the folders in which guests come to be.
STATE = ("xenstore-ls -fp / | grep -vE '^/(vm|libxl|local/domain/0/backend) = \"\"'; systemctl show -P NFileDescriptorStore xenstored xenconsoled; losetup -a; ls /sys/class/net "
         "/var/lib/xen /run/xenstored; pgrep -f xen-domid; ls /sys/bus/xen-backend/devices")


class Restarts(Story):
    def virsh(self, command, timeout=180):
        return self.sh(f"virsh -q -c xen:///system {command}", timeout)

    # ---- steps ----

    def boots(self):
        self.boot()
        self.sh(f"systemctl is-active {UNITS}")
        failed = self.sh("systemctl --failed --no-legend --no-pager")
        assert not failed, failed
        self.sh("qemu-img create -q -f qcow2 /root/alpha.qcow2 64M")
        domains = self.virsh("list --all")
        assert domains.split() == ["0", "Domain-0", "running"], domains
        self.sh(f"({STATE}) >/run/state-before 2>&1")
        self.at_first = self.free_pages()

    def guests(self):
        self.virsh("define /etc/xen/demo/virt.xml")
        self.virsh("start alpha", 300)
        self.sh(f"cat >/root/beta.cfg <<'@EOF@'\n{BETA}@EOF@")
        self.sh("xl create -q /root/beta.cfg", 300)
        for address in ("10.0.0.2", "10.0.0.5"):
            self.until(f"ping -c 1 -W 1 {address}", f"the network of {address}", 400)

    def kills(self):
        print(f"SEED={SEED} KILLS={KILLS}", flush=True)
        out = self.sh(f"SLOW={SLOW} {LIB}/restarts_inside.py {SEED} {KILLS}", 120 + 60 * KILLS)
        print(out, flush=True)

    def journal(self):
        """What the daemons said of themselves."""
        said = self.sh("journalctl -b --no-pager -o cat -u xenstored -u xenconsoled")
        for bad in ("is lost", "cannot", "no sense", "Sanitizer"):
            assert bad not in said, said[-3000:]

    def ends(self):
        self.virsh("shutdown alpha")
        self.sh("xl shutdown -w beta", 300)
        self.until("[ \"$(virsh -q -c xen:///system domstate --reason alpha)\" = 'shut off (shutdown)' ]", "alpha's end")
        self.sh("qemu-img check /root/alpha.qcow2")
        self.virsh("undefine alpha")
        self.sh(f"end=$((SECONDS + {60 * SLOW:.0f})); until ({STATE}) >/run/state-after 2>&1; "
                "diff /run/state-before /run/state-after >/run/state-diff; do "
                "[ $SECONDS -lt $end ] || { cat /run/state-diff; exit 1; }; sleep 1; done", 120)
        after = self.free_pages()
        assert 0 <= self.at_first - after <= 64, f"free pages {self.at_first} became {after}"


STEPS = [
    ("systemd starts Domain 0, our daemons in their sandboxes, libvirtd", Restarts.boots),
    ("a guest by libvirt with a disk and a screen of QEMU's, one by xl", Restarts.guests),
    (f"{KILLS} kills under load", Restarts.kills),
    ("nobody had to connect anew, or complained", Restarts.journal),
    ("the guests end, nothing is left", Restarts.ends),
]


def main():
    start = time.monotonic()
    with Machine(*sys.argv[1:4], sys.argv[5:], mem=3072, dom0_mem=1024, log=sys.argv[4], **FOR_LIBVIRT) as m:
        if run_steps(m, Restarts(m), STEPS):
            sys.exit(1)
        m.power_off()
    print(f"all steps took {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
