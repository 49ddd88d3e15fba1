#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Many lives of mixed guests, two at a time; afterwards everything is exactly as before.

cycles.py HYPERVISOR KERNEL RAMDISK LOG DISK...   with CYCLES= guests in all
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from robust import LIB, Robust  # noqa: E402

KINDS = ["tiny", "crash", "debian", "reboot", "devices", "spin", "early", "poweroff", "saved", "hotplug"]
FIRST = [("devices", "saved"), ("debian", "early"), ("crash", "poweroff"), ("reboot", "spin"), ("tiny", "hotplug")]
# Domain 0's kernel, of a guest that is destroyed as its devices connect: its nodes are gone when they are read.
LEFT_WHILE_CONNECTING = re.compile(r"\[ *[\d.]+\] (vif|vbd) \S+: 22? reading /local/domain/\d+/device/\S+")
CYCLES = int(os.environ.get("CYCLES", "50"))


class Cycles(Robust):
    def round(self, first, second, number):
        """Two lives at once."""
        out = self.sh(f". {LIB}/lives.sh; life a{number} {first} & life b{number} {second} & wait", 600)
        out = LEFT_WHILE_CONNECTING.sub("", out)
        assert not out.strip(), out

    def warm_up(self):
        """Each kind, in pairs: Domain 0's tables may grow once to what two guests need; nothing else is left even then."""
        self.sh(f". {LIB}/lives.sh; life first tiny", 300)
        self.take()
        for i, (first, second) in enumerate(FIRST):
            self.round(first, second, f"w{i}")
        self.same("a life of each kind", ignore="^hypervisor: free")
        self.take()

    def cycles(self):
        for i in range(CYCLES // 2):
            self.round(KINDS[2 * i % len(KINDS)], KINDS[(2 * i + 1 + 2 * i // len(KINDS)) % len(KINDS)], i)

    def after(self):
        self.same(f"{CYCLES} lives")


Cycles.steps = [
    ("a life of each kind", Cycles.warm_up),
    (f"{CYCLES} lives in parallel pairs", Cycles.cycles),
    ("pages, ports, grants, store, descriptors, devices, processes and files as before", Cycles.after),
]

if __name__ == "__main__":
    Cycles.main()
