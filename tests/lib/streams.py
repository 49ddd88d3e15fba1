#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A guest saved in one cell of the matrix goes on in another.

streams.py [--smp CPUS] HYPERVISOR KERNEL RAMDISK LOG CARRIED --save CELL | --restore CELL,... DISK...

CARRIED is a disk image (ext4) that goes from machine to machine, with the streams and the guest's own disk.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Machine, run_steps  # noqa: E402
from story import ALPHA, Story  # noqa: E402

AT = "/mnt/carried"
CLOCK_SECONDS = 30      # between a guest's clock and Domain 0's; commands take their time here
PATTERN = "dd if=/dev/urandom of=/pattern bs=1M count=40 2>/dev/null; sha256sum /pattern >/pattern.sum"
SAME = "sha256sum -c /pattern.sum"


class Streams(Story):
    def __init__(self, m, save):
        super().__init__(m)
        self.save_as = save

    def boot(self):
        super().boot()
        self.sh(f"mkdir -p {AT} && mount LABEL=carried {AT}")

    def save(self):
        """Memory filled, the disk mounted and a file in it open only in the guest's cache."""
        to = f"{AT}/{self.save_as}"
        self.sh(f"cp --sparse=always /srv/xen/data.img {to}.img && ln -sfn {to}.img /srv/xen/carried.img")
        self.sh("xl create -q /etc/xen/demo/alpha.cfg 'disk=[\"/srv/xen/carried.img,raw,xvdb,w\"]'", 300)
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network")
        self.guest("alpha", PATTERN + "; mount -t ext4 /dev/xvdb /mnt && echo of-the-first-life >/mnt/note", 300)
        self.sh(f"xl save alpha {to}.stream", 600)
        self.sh(f"sync; ls -l {to}.stream {to}.img")

    def restore(self, cell):
        of = f"{AT}/{cell}"
        # Each restore writes to a copy: the next machine finds what was saved.
        self.sh(f"cp --sparse=always {of}.img /root/here.img && ln -sfn /root/here.img /srv/xen/carried.img")
        self.sh(f"xl restore {of}.stream", 600)
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network after restore")
        self.goes_on()
        assert "OK" in self.guest("alpha", SAME, 300), "memory is not what it was"
        assert "of-the-first-life" in self.guest("alpha", "cat /mnt/note"), "the mounted disk's file"
        self.guest("alpha", "echo of-the-second-life >>/mnt/note && umount /mnt")
        apart = self.number("alpha", "date +%s") - int(self.sh("date +%s"))
        assert abs(apart) <= CLOCK_SECONDS, f"the guest's clock is {apart} s from Domain 0's"
        self.sh("xl destroy alpha")
        self.until("! losetup -a | grep -q here.img", "the disk's release")
        text = self.sh("mkdir -p /tmp/d && mount -o loop /root/here.img /tmp/d && cat /tmp/d/note; umount /tmp/d")
        assert re.sub(r"\s+", " ", text).strip() == "of-the-first-life of-the-second-life", text
        self.sh("rm /root/here.img")

    def recover(self):
        self.m.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done", 120, False)


def main():
    p = argparse.ArgumentParser()
    for name in ("hypervisor", "kernel", "ramdisk", "log", "carried"):
        p.add_argument(name)
    p.add_argument("--smp", type=int, default=2)
    p.add_argument("--save")
    p.add_argument("--restore", default="")
    p.add_argument("disks", nargs="*")
    a = p.parse_args()
    restored = [c for c in a.restore.split(",") if c]
    steps = [("Domain 0 boots", Streams.boot)]
    if a.save:
        steps.append((f"saved in {a.save}", Streams.save))
    steps += [(f"restored what was saved in {c}", lambda s, c=c: s.restore(c)) for c in restored]
    with Machine(a.hypervisor, a.kernel, a.ramdisk, a.disks, smp=a.smp, mem=3072, log=a.log,
                 qemu_args=["-drive", f"file={a.carried},if=virtio,format=raw"]) as m:
        failed = run_steps(m, Streams(m, a.save), steps, Streams.recover)
        m.sh(f"umount {AT}", 120, False)
        m.power_off()
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
