#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every allocation of the hypervisor that the creation of a guest causes fails once: an error, and no leak.

noalloc.py HYPERVISOR KERNEL RAMDISK LOG DISK...     the hypervisor is a debug build
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from robust import LIB, Robust  # noqa: E402

MOST, BATCH = 2000, 25


class NoAlloc(Robust):
    def judge(self, line):
        """(the creation was stopped, the failure happened) of one attempt."""
        m = re.match(r"(\d+) (\d+) (\d+) (.*)", line)
        assert m, line
        n, rc, left, words = int(m.group(1)), int(m.group(2)), int(m.group(3)), m.group(4)
        if rc:
            assert not left, f"allocation {n}: it failed with none failing: {words}"
            assert re.search(r"domain `?victim", words), f"allocation {n}: no name in: {words}"
            assert re.search(r"(?i)memory|allocate", words), f"allocation {n}: no cause in: {words}"
        return rc != 0, not left

    def loop(self):
        self.config("victim")
        self.sh("xl create -q /tmp/test-victim.cfg && xl destroy victim")
        self.take()
        stopped, happened = [], [True]
        while all(happened):
            first = len(stopped) + 1
            assert first < MOST, f"still failing after {MOST} allocations"
            out = self.sh(f". {LIB}/noalloc.sh; attempts /tmp/test-victim.cfg {first} {first + BATCH - 1}", 600)
            results = [self.judge(x) for x in out.splitlines() if x]
            stopped += [x for x, _ in results]
            happened = [x for _, x in results]
            self.same(f"allocations up to {len(stopped)}")
        assert sum(stopped) >= 20, f"only {sum(stopped)} of {len(stopped)} failures stopped the creation"
        print(f"   {len(stopped) - 1} allocations; {sum(stopped)} of the failures stopped the creation", flush=True)


NoAlloc.steps = [("each allocation of a creation fails in turn", NoAlloc.loop)]

if __name__ == "__main__":
    NoAlloc.main()
