#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""xl killed at many points of a create and of a save: the next xl cleans up or says how, and nothing is left.

killed.py HYPERVISOR KERNEL RAMDISK LOG DISK...   with PART=create, memory or save
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from robust import LIB, Robust  # noqa: E402

POINTS = int(os.environ.get("POINTS", "20"))
KILL, INT, TERM = 9, 2, 15
IMAGE = "/tmp/test-victim.img"
FILE = "/tmp/test-victim.save"
ADDRESS = "10.0.0.9"


class Killed(Robust):
    def dies(self, command, at, signal=KILL):
        """Runs an xl that is sent a signal before the at-th thing it does; its exit code and words."""
        return self.m.sh(f"KILL_AT={at} KILL_WITH={signal} LD_PRELOAD={LIB}/killpoint.so {command}", 300, False)

    def points(self, command, what="KILL"):
        """Points spread over all that the command does, but for the end, which not each run of it gets to:
        how often it waits, and so how much it does, differs a little."""
        self.sh(f"{what}_COUNT=/tmp/test-count LD_PRELOAD={LIB}/killpoint.so {command}", 300)
        count = int(self.sh("cat /tmp/test-count"))
        assert count > POINTS, count
        count -= count // 20
        return sorted({1 + i * (count - 1) // (POINTS - 1) for i in range(POINTS)})

    # ---- create ----

    def after_death(self, what):
        """What an administrator does: asks what there is, and removes a guest that runs."""
        rc, words = self.m.sh("xl list", 120, False)
        assert rc == 0, words
        for line in words.splitlines():
            if line.startswith("victim"):
                assert "half made" not in words and "--p---" not in line, f"{what}: kept: {words}"
                self.sh("xl destroy victim")
        self.same(what)
        return words

    def prepare(self):
        """A guest with devices, created once; the command that does it."""
        self.sh(f"truncate -s 1M {IMAGE}")
        self.config("victim", disk=f"['{IMAGE},raw,xvda,w']", vif="['bridge=xenbr0']")
        command = "xl create -q /tmp/test-victim.cfg"
        # xl keeps the file of the lock that it takes where Domain 0 must give memory.
        self.sh(f"touch /var/lock/xl; {command} && xl destroy victim")
        self.take()
        return command

    def create(self):
        command = self.prepare()
        points = self.points(command)
        self.sh("xl destroy victim")
        self.same("a create that was counted")
        cleaned = 0
        for at in points:
            rc, out = self.dies(command, at)
            assert rc == 137, f"point {at}: exit {rc}: {out}"
            cleaned += "half made" in self.after_death(f"kill -9 at point {at} of a create")
        assert cleaned >= POINTS // 2, f"only {cleaned} of the deaths left something, so the points are badly spread"
        for signal, at in ((INT, points[3]), (TERM, points[9]), (INT, points[14]), (TERM, points[16])):
            rc, out = self.dies(command, at, signal)
            assert rc not in (0, 137), f"signal {signal} at point {at}: exit {rc}: {out}"
            self.after_death(f"signal {signal} at point {at} of a create")
        # The next xl may also be one that creates: it does so as if nothing had been.
        self.dies(command, points[12])
        self.sh(f"{command} && xl destroy victim")
        self.same("a create after a killed one")

    def memory(self):
        """One of xl's own allocations fails: it may say so and go on, or give up; there is no third way."""
        command = self.prepare()
        points = self.points(command, "ALLOC")
        self.sh("xl destroy victim")
        for at in points:
            rc, out = self.m.sh(f"ALLOC_AT={at} LD_PRELOAD={LIB}/killpoint.so {command}", 300, False)
            # libxl, like the original, aborts when there is no memory to go on with.
            assert rc in (0, 1, 2, 3, 6, 134), f"allocation {at}: exit {rc}: {out}"
            assert rc == 0 or out, f"allocation {at}: not a word"
            self.after_death(f"a failure of allocation {at}")

    # ---- save ----

    def alive(self):
        self.until(f"ping -c 1 -W 1 {ADDRESS}", "the guest's answer", 120)

    def suspended(self):
        return self.sh("xl list victim 2>/dev/null | awk 'END { print substr($5, 4, 2) }'") == "ss"

    def settled(self):
        """The guest has answered a request that it got, if it got one, or is gone: the save was as good as done."""
        self.until('[ -z "$(xenstore-read /local/domain/$(xl domid victim)/control/shutdown)" ]', "the guest's answer")
        self.until("! xl domid victim || xl list victim | grep -qE 'b----|r-----|--ss'", "a state that lasts")

    def goes_on(self, what):
        self.settled()
        words = self.sh("xl list 2>&1")
        if self.suspended():
            m = re.search(r"`(xl (unpause|destroy) (\d+))'", words)
            assert m, f"{what}: xl list does not say what to do:\n{words}"
            self.sh(m.group(1))
            if m.group(2) == "destroy":
                self.sh(f"xl restore {FILE}", 300)
        elif "victim" not in words:
            self.sh(f"xl restore {FILE}", 300)
        self.alive()
        left = self.sh(f"ls {FILE}* 2>/dev/null; true").split()
        assert left in ([], [FILE]), f"{what}: left {left}"
        self.sh(f"rm -f {FILE}")

    def save(self):
        self.sh(f"truncate -s 1M {IMAGE}")
        self.sh("sed -e 's/alpha/victim/; s/10.0.0.2/10.0.0.9/; s/192/128/; s/00:02/00:09/' "
                f"-e 's,/srv/xen/data.img,{IMAGE},' /etc/xen/demo/alpha.cfg >/tmp/test-debian.cfg")
        # The first guest leaves folders in the store, and Domain 0's own tables grown.
        self.sh("xl create -q /tmp/test-debian.cfg", 300)
        self.alive()
        self.sh("xl destroy victim")
        self.take("save")
        self.sh("xl create -q /tmp/test-debian.cfg", 300)
        self.alive()
        command = f"xl save victim {FILE}"
        points = self.points(command)
        self.sh(f"xl restore {FILE} && rm {FILE}", 300)
        self.alive()
        self.take("running")
        for at in points:
            rc, out = self.dies(command, at)
            assert rc in (137, 0), f"point {at}: exit {rc}: {out}"
            self.goes_on(f"kill -9 at point {at} of a save")
        for signal, at in ((INT, points[5]), (TERM, points[15])):
            rc, out = self.dies(command, at, signal)
            assert rc != 0, f"signal {signal} at point {at}: exit {rc}: {out}"
            self.goes_on(f"signal {signal} at point {at} of a save")
        self.sh(f"{command} && xl restore {FILE} && rm {FILE}", 300)
        self.alive()
        self.sh("xl destroy victim")
        self.same("kills and saves", "save")


PARTS = {
    "create": [(f"xl killed at {POINTS} points of a create, interrupted at others", Killed.create)],
    "memory": [(f"xl short of memory at {POINTS} points of a create", Killed.memory)],
    "save": [(f"xl killed at {POINTS} points of a save, interrupted at others", Killed.save)],
}
Killed.steps = PARTS[os.environ["PART"]]

if __name__ == "__main__":
    Killed.main()
