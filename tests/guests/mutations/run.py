#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Takes each check of table.py away in a build of its own, and demands that the attack on it is noticed.

run.py [NAME...]; --match only looks whether each edit still finds its text.  XENOLITH_SLOW stretches deadlines.
"""
import concurrent.futures
import glob
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(HERE + "/../../..")
sys.path[:0] = [HERE, TOP + "/tests/lib"]
from bochs import DEADLINE as BOCHS_DEADLINE, run_bochs  # noqa: E402
from ends import began, ended_as, expected_ends  # noqa: E402
from table import BASE, FLOODS, IN_BOCHS, MUTATIONS, WITHOUT  # noqa: E402

SLOW = float(os.environ.get("XENOLITH_SLOW", "1"))
DEADLINE = 60 * SLOW
# A hypervisor that lacks a check may hang: seconds, and times what an attack takes with it.
GRACE, PATIENCE = 10, 3
SIDE_BY_SIDE = os.cpu_count() if SLOW == 1 else 1      # others use a slow machine too
NEIGHBOUR = 1           # the domain that BASE adds
HV_ARGS = "console=com1 com1=115200,8n1 dom0_mem=64M,max:64M dom0_max_vcpus=2"
ALL_LEVELS = " loglvl=all guest_loglvl=all"
MOST_LINES = 60         # of a guest that floods the console


class OutOfDate(Exception):
    pass


def edited(root, name, old, new):
    with open(f"{root}/hypervisor/{name}", encoding="utf-8") as f:
        text = f.read()
    if text.count(old) != 1:
        raise OutOfDate(f"hypervisor/{name} has {text.count(old)} times, not once:\n{old}")
    return text.replace(old, new)


def names_in_sources():
    names = set()
    for path in glob.glob(TOP + "/tests/guests/attack_*.c"):
        with open(path, encoding="ascii") as f:
            names |= set(re.findall(r'^\t{ "([a-z0-9-]+)", \w+ },$', f.read(), re.M))
    return names


def uncovered(ends):
    """How many attacks neither have a check to take away nor say why there is none, or both."""
    bad = 0
    for name in sorted(set(ends) ^ {m[0] for m in MUTATIONS} ^ set(WITHOUT)):
        bad += 1
        print(f"FAILED {name}: table.py has to name it in either MUTATIONS or WITHOUT")
    return bad


def match():
    """The quick half of the test: the tables fit the sources, and name the attacks that there are."""
    ends = expected_ends()
    differ = names_in_sources() ^ set(ends)
    bad = len(differ)
    if differ:
        print(f"FAILED: only in attacks.table, or only in the guest: {' '.join(sorted(differ))}")
    for attack, edits in [("every build", BASE)] + MUTATIONS:
        try:
            for edit in edits:
                edited(TOP, *edit)
            if edits is not BASE and attack not in ends:
                raise OutOfDate("there is no such attack")
        except (OutOfDate, OSError) as e:
            print(f"FAILED {attack}: {e}")
            bad += 1
    bad += uncovered(ends)
    print(f"{len(MUTATIONS)} edits, {len(WITHOUT)} attacks without one, {bad} wrong")
    return bad != 0


class Tree:
    """A copy of the hypervisor's sources, unprivileged as BASE makes it, with a build in it."""

    def __init__(self, where):
        self.root = where
        self.copy_sources()
        for edit in BASE:
            self.edit(*edit)
        os.mkdir(self.root + "/build")
        self.sh(["../configure"] + self.compiler())
        self.make(f"-j{os.cpu_count()}")

    @staticmethod
    def compiler():
        return ["CC=ccache gcc"] if shutil.which("ccache") else []

    def sh(self, argv):
        p = subprocess.run(argv, cwd=self.root + "/build", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if p.returncode:
            raise RuntimeError(f"{' '.join(argv)} failed:\n{p.stdout.decode(errors='replace')[-3000:]}")

    def make(self, *more):
        self.sh(["make", "-C", "hypervisor", *more])

    def copy_sources(self):
        os.mkdir(self.root)
        keep = shutil.ignore_patterns("*.o", "*.a", ".deps", "build*", "cache")
        shutil.copytree(TOP + "/hypervisor", self.root + "/hypervisor", ignore=keep)
        shutil.copytree(TOP + "/docs/man", self.root + "/docs/man")
        for name in os.listdir(TOP):
            path = os.path.join(TOP, name)
            if os.path.isfile(path):
                shutil.copy2(path, self.root)
            elif os.path.exists(path + "/Makefile.in") and name != "hypervisor":
                os.mkdir(os.path.join(self.root, name))
                for part in ("Makefile.in", "Makefile.am"):
                    shutil.copy2(os.path.join(path, part), os.path.join(self.root, name))

    def edit(self, name, old, new):
        text = edited(self.root, name, old, new)
        with open(f"{self.root}/hypervisor/{name}", "w", encoding="utf-8") as f:
            f.write(text)

    def hypervisor(self):
        return self.root + "/build/hypervisor/xenolith"


class Copy(Tree):
    """A place for one mutated build after the other: what an edit changes is compiled, the rest is there."""

    def __init__(self, tree, where):  # pylint: disable=super-init-not-called
        self.root, self.pristine = where, tree.root

    def mutated(self, edits):
        """The hypervisor with these edits alone."""
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cp", "-a", self.pristine, self.root], check=True)
        for edit in edits:
            self.edit(*edit)
        self.make("WARN_CFLAGS=-std=gnu11")
        return self.hypervisor()


def run_qemu(hypervisor, guest, attack, limit):
    argv = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-m", "512", "-smp", "2", "-display",
            "none", "-serial", "stdio", "-monitor", "none", "-no-reboot", "-nic", "none", "-kernel", hypervisor,
            "-initrd", f"{guest} attack={attack} peer={NEIGHBOUR}", "-append", HV_ARGS + ("" if attack in FLOODS else ALL_LEVELS)]
    log, late = "", threading.Event()
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as p:

        def stop():
            late.set()
            p.kill()

        timer = threading.Timer(limit, stop)
        timer.start()
        for line in p.stdout:
            log += line.decode(errors="replace")
            if re.search(r"Panic on CPU.*\n.+\n", log):
                break           # the machine restarts only after some seconds
        timer.cancel()
        p.kill()
    return log, late.is_set()


class Run:
    """All rows that are wanted, as many at a time as there are CPUs."""

    def __init__(self, where):
        self.guest = where + "/attack.elf"
        subprocess.run(["sh", TOP + "/tests/guests/build.sh", "attack", self.guest], check=True)
        self.ends = expected_ends()
        self.tree = Tree(where + "/tree")
        self.places = queue.Queue()
        for i in range(SIDE_BY_SIDE):
            self.places.put(Copy(self.tree, f"{where}/copy{i}"))
        self.took = {}

    def end_of(self, hypervisor, attack, limit):
        """Whether the attack was tried, and what is wrong with how it ended."""
        if attack in IN_BOCHS:
            log, late = run_bochs(hypervisor, self.guest, attack, limit)
        else:
            log, late = run_qemu(hypervisor, self.guest, attack, limit)
        if attack in FLOODS and len(re.findall(r"^\(XEN\) (\(d0\)|d0)", log, re.M)) > MOST_LINES:
            return True, "the console is flooded"
        return began(log), ended_as(self.ends[attack], log, late)

    def unchanged(self, attack):
        """Whether it fails."""
        start = time.monotonic()
        _, why = self.end_of(self.tree.hypervisor(), attack, BOCHS_DEADLINE if attack in IN_BOCHS else DEADLINE)
        self.took[attack] = time.monotonic() - start
        if why:
            print(f"FAILED {attack} on the unchanged hypervisor: {why}", flush=True)
        return bool(why)

    def without(self, row):
        """Whether it goes unnoticed that the check is gone."""
        attack, edits = row
        place = self.places.get()
        try:
            start = time.monotonic()
            tried, why = self.end_of(place.mutated(edits), attack, GRACE + PATIENCE * self.took[attack])
            took = time.monotonic() - start
        except RuntimeError as e:
            tried, why, took = False, str(e), 0
        finally:
            self.places.put(place)
        if tried and why:
            print(f"ok {attack} without {edits[0][0]}'s check: {why} ({took:.1f} s)", flush=True)
            return False
        print(f"FAILED {attack} without {edits[0][0]}'s check: {why or 'it is not noticed'}", flush=True)
        return True


def main():
    if sys.argv[1:] == ["--match"]:
        sys.exit(match())
    wanted = set(sys.argv[1:])
    rows = [m for m in MUTATIONS if not wanted or m[0] in wanted]
    with tempfile.TemporaryDirectory() as where, concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        run = Run(where)
        failed = sum(pool.map(run.unchanged, sorted({m[0] for m in rows})))
        failed += sum(pool.map(run.without, rows))
    print(f"{len(rows)} checks taken away, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
