# SPDX-License-Identifier: GPL-2.0-only
"""Tests that leave nothing behind: the story's tools plus a state of everything to compare with."""
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from machine import SLOW, Machine, run_steps  # noqa: E402
from story import LIB, Story  # noqa: E402

TINY = f"{LIB}/tiny"


class Robust(Story):
    """steps is a list of (text, method); the machine boots, each step runs, the first failure ends it."""
    steps = []

    def take(self, name="state"):
        # xenconsoled keeps a dead guest's terminal until its last words are read, or for some seconds.
        self.until("[ $(ls -l /proc/$(pidof xenconsoled)/fd | grep -c ptmx) -le $(($(xl list | wc -l) - 2)) ]",
                   "the end of dead guests' terminals")
        self.sh(f"mkdir -p /run/test-state; {LIB}/dom0-state take /run/test-state/{name}")

    def same(self, what, name="state", seconds=30, ignore=""):
        rc, out = self.m.sh(f"{LIB}/dom0-state check /run/test-state/{name} {seconds * SLOW} '{ignore}'",
                            seconds + 60, False)
        assert rc == 0, f"after {what}, not as before (- gone, + left behind):\n{out}"

    def write(self, path, text):
        self.sh(f"cat >{path} <<'@EOF@'\n{text}\n@EOF@")

    def config(self, name, **keys):
        """A config file of a tiny guest, changed by keys; None leaves a key out."""
        all_keys = {"name": f'"{name}"', "kernel": f'"{TINY}"', "memory": "8", "vcpus": "1", **keys}
        path = f"/tmp/test-{name}.cfg"
        self.write(path, "\n".join(f"{k} = {v}" for k, v in all_keys.items() if v is not None))
        return path

    @classmethod
    def main(cls):
        hv, kernel, ramdisk, log = sys.argv[1:5]
        with Machine(hv, kernel, ramdisk, sys.argv[5:], smp=2, mem=3072, log=log) as m:
            sys.exit(run_steps(m, cls(m), [("Domain 0 boots", cls.boot), *cls.steps]) != 0)
