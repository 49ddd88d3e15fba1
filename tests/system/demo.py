#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""demo.py DEMO LOG: the interactive demo as its user meets it: on a terminal, each hint of its page typed."""
import os
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from machine import Serial, Timeout  # noqa: E402

PROMPT = r"dom0# "
PROGRESS = ("packages are there", "built", "Domain 0's image is there", "the guests' images are there", "tools packed")
PROGRAMS = ("xl", "xentop", "ping", "truncate", "xenstore-ls", "cat", "exit")


class Demo(Serial):
    def __init__(self, demo, log):
        here, there = os.openpty()
        proc = subprocess.Popen([demo], stdin=there, stdout=there, stderr=there, start_new_session=True)
        os.close(there)
        terminal = os.fdopen(here, "r+b", buffering=0)
        super().__init__(proc, terminal, terminal, log)

    def close(self):
        if self.proc.poll() is None:
            os.killpg(self.proc.pid, signal.SIGKILL)
        super().close()

    def start(self):
        for line in PROGRESS:
            self.expect(rf"^demo: {line} \(\d+ s\)$", 1200)
        self.expect(r"^demo: booting", 10)
        page = self.expect(r"(?s)This is Domain 0.*?ends the demo\n", 300).group(0).decode()
        self.expect(PROMPT, 60)
        return page

    def ok(self, command):
        """Types a command; it ends well."""
        self.send(f"{command}; echo exit-$?-\n")
        rc = int(self.expect(r"exit-(\d+)-", 300).group(1))
        self.expect(PROMPT, 30)
        assert rc == 0, f"{command}: exit {rc}\n{self.tail(12)}"

    def ping(self, command):
        self.send(f"{command}\n")
        self.expect(r"64 bytes from", 60)
        self.send("\x03")
        self.expect(PROMPT, 30)

    def console(self, command):
        self.send(f"{command}\n")
        self.send("\n")
        self.expect(r"^(~|/) # ", 60)
        self.send("cat /proc/sys/kernel/ostype\n")
        self.expect(r"^Linux$", 60)
        self.send("\x1d")
        self.expect(PROMPT, 60)

    def xentop(self, command):
        self.send(f"{command}\n")
        self.expect(r"(?s)alpha.*debian.*Domain-0", 60)
        self.send("q")
        self.expect(PROMPT, 60)

    def exit(self, command):
        self.send(f"{command}\n")
        self.wait_exit(120)

    def hint(self, command):
        special = {"ping": self.ping, "xl console": self.console, "xentop": self.xentop, "exit": self.exit}
        words = command.split()
        run = special.get(" ".join(words[:2])) or special.get(words[0]) or self.ok
        run(command)


def hints(page):
    """The commands of the page, in its order; two or more spaces stand between its columns."""
    columns = (c for line in page.splitlines()[1:] for c in re.split(r"  +", line.strip()))
    return [c for line in columns if line.split(" ")[0] in PROGRAMS for c in line.split("; ")]


def main():
    demo, log = sys.argv[1:3]
    with Demo(demo, log) as d:
        try:
            found = hints(d.start())
            assert {c.split()[0] for c in found} == set(PROGRAMS), found
            assert found[-1] == "exit", found
            for command in found:
                start = time.monotonic()
                d.hint(command)
                print(f"ok {command} ({time.monotonic() - start:.0f} s)", flush=True)
        except (AssertionError, Timeout) as e:
            sys.exit(f"FAILED: {e}\n--- the end of what was seen ({log}):\n{d.tail(40)}")


if __name__ == "__main__":
    main()
