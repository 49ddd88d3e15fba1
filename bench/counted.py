# SPDX-License-Identifier: GPL-2.0-only
"""Whole machines whose instructions bench/counter.c counts: Domain 0 runs a scenario of bench/inside from its ramdisk."""
import os
import re
import sys
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/lib"))
from machine import Machine  # noqa: E402

QUIET = "loglvl=error guest_loglvl=error"
CPU = "qemu64,+svm,+npt"
WHO = ("hypervisor", "kernel", "user")
WHAT = ("instructions", "accesses", "flushes", "serializing")


def icount(shift=0):
    """QEMU's options: nothing from outside, nothing of the day. A run is like the one before to the last instruction."""
    return ["-icount", f"shift={shift},sleep=off", "-rtc", "base=2026-01-01,clock=vm"]


@dataclass
class Count:
    """What ran between two marks: by the hypervisor, by kernels and by programs."""
    hypervisor: dict
    kernel: dict
    user: dict

    def all(self, what="instructions"):
        return sum(getattr(self, who)[what] for who in WHO)

    def divided(self, by):
        return self if by == 1 else Count(*({what: round(n / by, 2) for what, n in getattr(self, who).items()} for who in WHO))


def plugin(path, out, profile=None):
    """QEMU's options for the counter. No path: nothing is counted, which takes half as long."""
    return [] if not path else ["-plugin", f"{path},out={out}" + (f",profile={profile}" if profile else "")]


def read_counts(path):
    counts = []
    with open(path, encoding="ascii") as f:
        for line in f:
            n = [int(x) for x in line.split()]
            counts.append(Count(*(dict(zip(WHAT, n[i * len(WHAT):])) for i in range(len(WHO)))))
    return counts


def counted_rows(text):
    """(row, rounds or "") of each that was counted, in order."""
    return re.findall(r"COUNTED (.*?)(?: / (\d+))?\n", text)


def results(name, out, text, counter=True):
    """{row: Count} of what the counter counted, {row: (value, unit)} of what the machine told itself."""
    errors = re.findall(r"BENCH-ERROR .*", text)
    if errors:
        raise RuntimeError(f"{name}: {'; '.join(errors)} (whole log: {out}.log)")
    rows = counted_rows(text) if counter else []
    counts = read_counts(out + ".counts") if counter else []
    if len(counts) != len(rows):
        raise RuntimeError(f"{name}: {len(rows)} rows were counted, {len(counts)} times (whole log: {out}.log)")
    figures = {k: (int(n), unit) for k, n, unit in re.findall(r"FIGURE (.*) = (-?\d+) (.*)\n", text)}
    return {row: count.divided(int(by or 1)) for (row, by), count in zip(rows, counts)}, figures


def run(hypervisor, kernel, ramdisk, counter, scenario, out, mem, dom0_mem, hv_args="", seconds=3600, store="", profile=None):
    """A scenario ("NAME ARGUMENT...") of bench/inside. With a profile, PROFILE.n is of the nth row that was counted, and PROFILE
    tells their names."""
    # Where programs lie is the same in each run of each build: what Linux maps of their files depends on it.
    name, *args = scenario.split()
    words = f"norandmaps rdinit=/init bench={name} bench.args={'+'.join(args)}" + (f" bench.store={store}" if store else "")
    with Machine(hypervisor, kernel, ramdisk, [], smp=1, mem=mem, dom0_mem=dom0_mem, cpu=CPU, accel="tcg", log=out + ".log",
                 guarded=True, hv_args=f"{QUIET} {hv_args}", k_args=words,
                 qemu_args=[*icount(), *plugin(counter, out + ".counts", profile)]) as m:
        m.expect(r"BENCH-END", seconds)
        m.wait_exit()
        text = m.all.decode(errors="replace")
        if profile:
            with open(profile, "w", encoding="utf-8") as f:
                f.writelines(f"{row}\t{rounds or 1}\n" for row, rounds in counted_rows(text))
        return results(scenario, out, text, counter)


def native(kernel, ramdisk, counter, out, seconds=600, words="", mem=512):
    """The same on a machine without a hypervisor: bench/inside/work.c, or what the words name to a guest of bench/guests."""
    with Machine(kernel, None, None, [], smp=1, mem=mem, kernel_only=True, cpu=CPU, accel="tcg", log=out + ".log",
                 hv_args=f"console=ttyS0 quiet panic=-1 {words}",
                 qemu_args=["-initrd", ramdisk, *icount(), *plugin(counter, out + ".counts")]) as m:
        m.expect(r"BENCH-END", seconds)
        return results("native", out, m.all.decode(errors="replace"), counter)
