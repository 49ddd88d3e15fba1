# SPDX-License-Identifier: GPL-2.0-only
"""What bench/run measures with: platforms, the images that they boot, figures, groups of rows."""
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../tests/lib")]
import counted  # noqa: E402
import exact  # noqa: E402


@dataclass
class Platform:
    """ours or original: what to boot."""
    name: str
    hypervisor: str
    version: str
    ramdisk: str        # of a Domain 0 with this side's tools; "-guest" before its end: with a guest's kernel, unpacked


@dataclass
class Context:
    guest: str          # the micro-guest bench.c
    sched: str          # the micro-guest sched.c
    firmware: str       # the Multiboot image of bench/firmware.S
    counter: str        # the plugin of bench/counter.c
    packed: str         # a stock kernel as it comes
    kernel: str         # and unpacked, which is Domain 0's
    work: str           # the ramdisk of bench/inside/work.c
    logs: str
    profile: str = None     # what a profile's files are called
    before: dict = field(default_factory=dict)     # memory -> instructions of the firmware
    native: dict = field(default_factory=dict)     # what was measured without a hypervisor
    kinds: set = field(default_factory=set)        # of guests with programs from Debian, whose ramdisks are made
    once: object = field(default_factory=threading.RLock)      # for what is measured or made for both sides

    def log(self, platform, name):
        return f"{self.logs}/bench-{platform.name}-{name}"

    def carrying(self, platform, kind):
        """A Domain 0's ramdisk that carries guests of that kind (bench/guests)."""
        with self.once:
            if kind not in self.kinds:
                subprocess.run([os.path.join(HERE, "guests"), kind], check=True)
                self.kinds.add(kind)
        whole = self.log(platform, "carrying.cpio")
        with open(whole, "wb") as out:
            for part in (self.log(platform, "devices.cpio"), f"{self.logs}/bench-vmlinux.cpio", f"{self.logs}/bench-{kind}-carried.cpio"):
                with open(part, "rb") as f:
                    shutil.copyfileobj(f, out)
        return whole


@dataclass
class Figure:
    value: object       # a number; of rows by wall clock, those of all rounds
    unit: str = "instructions"
    more: dict = field(default_factory=dict)       # what else was counted -> how much


@dataclass
class Group:
    name: str
    text: str
    variants: list
    quick: bool         # part of --quick
    measure: object     # (context, platform, variant) -> {row: Figure}; by wall clock (context, sides, variant) -> {side: that}
    target: float = None        # of each row: at most that share of the original's; None: there is none
    mean: float = None          # of all its rows, in geometric mean
    most: float = None          # of each row of ours, whatever the original's is
    wall: bool = False          # by wall clock: not exact, both platforms at once
    kept: bool = False          # its rows have ceilings
    targets: dict = field(default_factory=dict)         # of single rows
    curve: str = ""             # the group in whose curves its rows belong, if that is another one


def figure_of(count):
    """All that ran, with who ran it and what else it was."""
    more = {who: getattr(count, who)["instructions"] for who in counted.WHO}
    more.update({what: count.all(what) for what in counted.WHAT[1:]})
    return Figure(count.all(), more=more)


def scenario(context, platform, name, mem, dom0_mem, stock_guest=False, kind="", count=True, **options):
    """Counts and figures of a scenario of bench/inside; its arguments stand behind its name."""
    ramdisk = platform.ramdisk.replace(".cpio", "-guest.cpio") if stock_guest else platform.ramdisk
    if kind:
        ramdisk = context.carrying(platform, kind)
    return counted.run(platform.hypervisor, context.kernel, ramdisk, context.counter if count else None, name,
                       context.log(platform, name.split()[0]), mem, dom0_mem, hv_args=exact.NO_MITIGATIONS,
                       profile=context.profile if count else None, **options)


def told(figures):
    return {name: Figure(value, unit) for name, (value, unit) in figures.items()}
