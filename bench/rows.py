# SPDX-License-Identifier: GPL-2.0-only
"""What bench/run measures: groups of rows. A group's function gives the figures of one platform.

A row of a result: group, row, variant, kind (exact: guest instructions or bytes, the same each time; wall: seconds),
unit, values (one an exact row, several a wall one), and the target for ours over the original's.
"""
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "../tests/lib"))
import exact  # noqa: E402
from machine import Machine  # noqa: E402

AMD, INTEL = "qemu64,+svm,+npt", "Skylake-Server-v1"
ICOUNT = ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]
DOM0_MIB = 128
MIX_ROW = "a guest's boot, per call"
START_ROW = "until Domain 0 begins"


@dataclass
class Platform:
    """ours or original: what to boot."""
    name: str
    hypervisor: str
    version: str


@dataclass
class Context:
    guest: str          # the micro-guest bench.c
    firmware: str       # the Multiboot image of bench/firmware.S
    logs: str
    before: dict = field(default_factory=dict)     # memory -> instructions of the firmware


@dataclass
class Group:
    name: str
    text: str
    variants: list
    quick: bool         # part of --quick
    measure: object     # (context, platform, variant) -> {row: (value, unit)}
    target: float = None        # of each row: at most that share of the original's; None: there is none
    mean: float = None          # of all its rows, in geometric mean
    targets: dict = field(default_factory=dict)         # of single rows


def boot(context, platform, memory, cpu, mitigations, row=""):
    """The micro-guest's lines, from a machine of one CPU whose TSC counts instructions."""
    with Machine(platform.hypervisor, context.guest + (f" row={row}" if row else ""), None, [], smp=1, mem=memory,
                 log=f"{context.logs}/bench-{platform.name}.log", kernel_only=True, accel="tcg", cpu=cpu,
                 hv_args=f"console=com1 dom0_mem={DOM0_MIB}M {mitigations} noreboot", qemu_args=ICOUNT) as m:
        m.expect(r"GUEST-RESULT PASS", 900)
        return m.all.decode(errors="replace")


def calls(context, platform, variant):
    cpu, mitigations = variant.split(" ", 1)
    text = boot(context, platform, 1024, cpu, exact.NO_MITIGATIONS if mitigations == "off" else "")
    rows = {k: int(n) for k, n in re.findall(r"BENCH (\S+) (\d+)", text)}
    weights = {k: n for k, (n,) in exact.read_rows(exact.MIX).items()}
    mix = sum(n * rows[k] for k, n in weights.items()) / sum(weights.values())
    return {**{k: (n, "instructions") for k, n in rows.items()}, MIX_ROW: (round(mix, 2), "instructions")}


def firmware(context, memory):
    """Instructions until a machine's hypervisor begins."""
    if memory not in context.before:
        with Machine(context.firmware, None, None, [], smp=1, mem=memory, kernel_only=True, accel="tcg", cpu=AMD,
                     qemu_args=ICOUNT) as m:
            context.before[memory] = int(m.expect(r"\b([0-9a-f]{16})\n", 60).group(1), 16)
    return context.before[memory]


def figures(text):
    return {k: int(n) for k, n in re.findall(r"BOOT (\w+) (\d+)", text)}


def start(context, platform, variant):
    memory = int(variant.split()[0]) * 1024
    got = figures(boot(context, platform, memory, AMD, "", row="null"))
    taken = memory * 256 - DOM0_MIB * 256 - got["free_pages"]
    return {START_ROW: (got["began"] - firmware(context, memory), "instructions"),
            "memory that is neither free nor Domain 0's": (taken * 4096, "bytes")}


def image(context, platform, variant):
    """What of the file is loaded: its program headers' sum."""
    text = subprocess.run(["readelf", "-lW", platform.hypervisor], check=True, capture_output=True, text=True).stdout
    sizes = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^\s+LOAD(?:\s+0x\w+){3}\s+(0x\w+)\s+(0x\w+)", text, re.M)]
    return {"image in the file": (sum(f for f, _ in sizes), "bytes"), "image in memory": (sum(m for _, m in sizes), "bytes")}


GROUPS = [
    Group("calls", "hypercalls and traps of a PV guest, mitigations off", [f"{AMD} off"], True, calls, 0.5, 0.34,
          {MIX_ROW: 0.34}),
    # What mitigations may add is in bench/additions.
    Group("calls at defaults", "the same with mitigations at their defaults", [f"{AMD} defaults", f"{INTEL} defaults"],
          True, calls),
    # Of memory, 32 bytes a frame are the machine-to-phys table, which is the ABI's, and a frame table of 24 bytes.
    Group("start", "from power-on to Domain 0, and what is left of memory", ["1 GiB", "4 GiB", "16 GiB"], True, start,
          targets={START_ROW: 0.25}),
    Group("image", "the hypervisor's image", [""], True, image, 0.5),
]
