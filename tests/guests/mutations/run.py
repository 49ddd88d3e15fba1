#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Takes each check of table.py away in a build of its own, and demands that the attack on it is noticed.

run.py [NAME...]; --match only looks whether each edit still finds its text.  XENOLITH_SLOW stretches deadlines.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.abspath(HERE + "/../../..")
sys.path[:0] = [HERE, TOP + "/tests/lib"]
from bochs import run_bochs  # noqa: E402
from ends import began, ended_as, expected_ends  # noqa: E402
from table import BASE, IN_BOCHS, MUTATIONS  # noqa: E402

SLOW = float(os.environ.get("XENOLITH_SLOW", "1"))
DEADLINE = 40 * SLOW
HV_ARGS = "console=com1 com1=115200,8n1 dom0_mem=64M,max:64M dom0_max_vcpus=2 loglvl=all guest_loglvl=all"


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
    print(f"{len(MUTATIONS)} edits, {bad} out of date")
    return bad != 0


class Tree:
    """A private copy of the hypervisor's sources with a build in it; back() makes both as they were."""

    def __init__(self, where):
        self.pristine, self.work = where + "/pristine", where + "/work"
        self.copy_sources()
        for edit in BASE:
            self.edit(self.pristine, *edit)
        build = self.pristine + "/build"
        os.mkdir(build)
        self.sh(["../configure"] + self.compiler(), build)
        self.sh(["make", "-C", "hypervisor", f"-j{os.cpu_count()}"], build)
        self.back()

    @staticmethod
    def compiler():
        return ["CC=ccache gcc"] if shutil.which("ccache") else []

    @staticmethod
    def sh(argv, cwd):
        p = subprocess.run(argv, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if p.returncode:
            sys.exit(f"{' '.join(argv)} failed:\n{p.stdout.decode(errors='replace')[-3000:]}")

    def copy_sources(self):
        os.mkdir(self.pristine)
        keep = shutil.ignore_patterns("*.o", "*.a", ".deps", "build*", "cache")
        shutil.copytree(TOP + "/hypervisor", self.pristine + "/hypervisor", ignore=keep)
        shutil.copytree(TOP + "/docs/man", self.pristine + "/docs/man")
        for name in os.listdir(TOP):
            path = os.path.join(TOP, name)
            if os.path.isfile(path):
                shutil.copy2(path, self.pristine)
            elif os.path.exists(path + "/Makefile.in") and name != "hypervisor":
                os.mkdir(os.path.join(self.pristine, name))
                for part in ("Makefile.in", "Makefile.am"):
                    shutil.copy2(os.path.join(path, part), os.path.join(self.pristine, name))

    @staticmethod
    def edit(root, name, old, new):
        text = edited(root, name, old, new)
        with open(f"{root}/hypervisor/{name}", "w", encoding="utf-8") as f:
            f.write(text)

    def back(self):
        shutil.rmtree(self.work, ignore_errors=True)
        subprocess.run(["cp", "-a", self.pristine, self.work], check=True)

    def mutated(self, edits):
        """The hypervisor with these edits."""
        for edit in edits:
            self.edit(self.work, *edit)
        self.sh(["make", "-C", "hypervisor", "WARN_CFLAGS=-std=gnu11"], self.work + "/build")
        return self.hypervisor()

    def hypervisor(self):
        return self.work + "/build/hypervisor/xenolith"


def run_qemu(hypervisor, guest, attack):
    argv = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "qemu64", "-m", "512", "-smp", "2", "-display",
            "none", "-serial", "stdio", "-monitor", "none", "-no-reboot", "-nic", "none", "-kernel", hypervisor,
            "-initrd", f"{guest} attack={attack}", "-append", HV_ARGS]
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           timeout=DEADLINE, check=False)
        return p.stdout.decode(errors="replace"), False
    except subprocess.TimeoutExpired as e:
        return (e.stdout or b"").decode(errors="replace"), True


def main():
    if sys.argv[1:] == ["--match"]:
        sys.exit(match())
    wanted = set(sys.argv[1:])
    rows = [m for m in MUTATIONS if not wanted or m[0] in wanted]
    ends, failed = expected_ends(), 0
    with tempfile.TemporaryDirectory() as where:
        guest = where + "/attack.elf"
        subprocess.run(["sh", TOP + "/tests/guests/build.sh", "attack", guest], check=True)
        tree = Tree(where)

        def end_of(hypervisor, attack):
            """Whether the attack was tried, and what is wrong with how it ended."""
            run = run_bochs if attack in IN_BOCHS else run_qemu
            log, late = run(hypervisor, guest, attack)
            return began(log), ended_as(ends[attack], log, late)

        for attack in sorted({m[0] for m in rows}):
            _, why = end_of(tree.hypervisor(), attack)
            if why:
                print(f"FAILED {attack} on the unchanged hypervisor: {why}", flush=True)
                failed += 1
        for attack, edits in rows:
            tried, why = end_of(tree.mutated(edits), attack)
            tree.back()
            if tried and why:
                print(f"ok {attack} without {edits[0][0]}'s check: {why}", flush=True)
                continue
            print(f"FAILED {attack} without {edits[0][0]}'s check: {why or 'it is not noticed'}", flush=True)
            failed += 1
    print(f"{len(rows)} checks taken away, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
