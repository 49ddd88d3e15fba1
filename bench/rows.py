# SPDX-License-Identifier: GPL-2.0-only
"""What bench/run measures: groups of rows. A group's function gives the figures of one platform.

A row of a result: group, row, variant, kind (exact: guest instructions or bytes, the same each time; wall: time by the host's clock),
unit, values (one an exact row, several a wall one), what else was counted, and the target for ours over the original's.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../tests/lib")]
import counted  # noqa: E402
import devices  # noqa: E402
import exact  # noqa: E402
import neighbours  # noqa: E402
import papers  # noqa: E402
import wall  # noqa: E402
from machine import Machine  # noqa: E402
from platforms import Figure, Group, figure_of, scenario, told  # noqa: E402

AMD, INTEL = exact.CPU, "Skylake-Server-v1"
MIX_ROW = "a guest's boot, per call"
START_ROW = "until Domain 0 begins"
BESIDE_FRAMES = "of it neither frames' tables nor firmware's"
# Of the machine-to-phys table and the frame table, which is what memory taken grows by for each frame.
FRAME_BYTES = {"ours": 8 + 24, "original": 8 + 32}
NO_HYPERVISORS_PAGES = 256 + 32     # the first megabyte, which neither allocates, and the firmware's tables at the end
HV_MEMORY, DOM0_MEMORY, AT_REST = "hypervisor's memory per guest", "Domain 0's memory per guest", "tools' memory at rest"
FIRST_KERNEL, LATER_KERNEL = "xl create -p of a stock kernel, the first", "xl create -p of a stock kernel, later"
BESIDE_DECODER = FIRST_KERNEL + ", beside the decoder"


def boot(context, platform, memory=1024, cpu=AMD, mitigations="", row="", qemu_args=()):
    return exact.boot(platform.hypervisor, context.guest + (f" row={row}" if row else ""), context.log(platform, "guest") + ".log",
                      memory, cpu, mitigations, qemu_args)


# ---- calls ----

def a_round(once, twice, rounds):
    """What one more round adds to a count."""
    return {what: round((twice.all(what) - once.all(what)) / rounds, 2) for what in counted.WHAT}


def calls(context, platform, variant):
    cpu, mitigations = variant.split(" ", 1)
    path = context.log(platform, "guest") + ".counts"
    text = boot(context, platform, cpu=cpu, mitigations=exact.NO_MITIGATIONS if mitigations == "off" else "",
                qemu_args=counted.plugin(context.counter, path))
    costs = exact.costs(text)
    rounds = [int(n) for n in re.findall(r"BENCH \S+ \d+ of (\d+)", text)]
    counts = counted.read_counts(path)
    rows = {}
    for n, (name, cost) in enumerate(costs.items()):
        _warm_up, once, twice = counts[3 * n:3 * n + 3]
        more = a_round(once, twice, rounds[n])
        # Two ways to count: QEMU's clock, and what it executes, to which an instruction that faults belongs; rows have two at most.
        instructions = more.pop("instructions")
        if not 0 <= int(instructions) - cost <= 2:
            raise RuntimeError(f"{name}: {cost} instructions by the clock, {instructions} by the counter")
        rows[name] = Figure(cost, more=more)
    rows[MIX_ROW] = Figure(round(exact.mix_cost(costs), 2))
    return rows


# ---- scheduling ----

def costs(context, platform, what, options=""):
    """What the micro-guest sched tells of switches and wake-ups, of neighbours or of many guests: row -> number."""
    text = exact.boot(platform.hypervisor, f"{context.sched} {what}", context.log(platform, what) + ".log",
                      mitigations=f"{exact.NO_MITIGATIONS} {options}")
    return {name: int(n) for name, n in re.findall(r"COST (.*) = (\d+)", text)}


def switches(context, platform, _variant):
    return {name: Figure(n) for name, n in costs(context, platform, "costs").items()}


def many(context, platform, variant):
    """What nobody cuts short is the rate limit's here, which is as near to a slice of a fixed length as credit2 comes."""
    milliseconds = int(variant.split()[0])
    return {name: Figure(n, "ns") for name, n in costs(context, platform, "many", f"sched_ratelimit_us={milliseconds}000").items()}


def isolation(context, platform, _variant):
    return {name: Figure(n, "1/10000") for name, n in costs(context, platform, "isolation").items()}


def fairness(context, platform, variant):
    """How far from its due share the worst is, in parts of 10,000 of a CPU. The micro-guest's own verdict is for ours."""
    text = exact.boot(platform.hypervisor, f"{context.sched} only={variant}", context.log(platform, "fairness") + ".log",
                      cpus=2, shift=2, verdict="PASS|FAIL")
    weights = re.findall(r"weight \d+: (\d+) of (\d+)", text)
    caps = [(got, int(cap) * 100) for cap, got in re.findall(r"cap (\d+): (\d+)", text) if int(cap)]
    return {"furthest from what is due": Figure(max(abs(int(a) - int(b)) for a, b in weights + caps), "1/10000")}


# ---- start, image ----

def firmware(context, memory):
    """Instructions until a machine's hypervisor begins."""
    with context.once:
        if memory not in context.before:
            with Machine(context.firmware, None, None, [], smp=1, mem=memory, kernel_only=True, accel="tcg", cpu=AMD,
                         qemu_args=counted.icount()) as m:
                context.before[memory] = int(m.expect(r"\b([0-9a-f]{16})\n", 60).group(1), 16)
    return context.before[memory]


def start(context, platform, variant):
    memory = int(variant.split()[0]) * 1024
    text = boot(context, platform, memory, row="null")
    got = {k: int(n) for k, n in re.findall(r"BOOT (\w+) (\d+)", text)}
    taken = memory * 256 - exact.DOM0_MIB * 256 - got["free_pages"]
    beside = (taken - NO_HYPERVISORS_PAGES) * 4096 - memory * 256 * FRAME_BYTES[platform.name]
    return {START_ROW: Figure(got["began"] - firmware(context, memory)),
            "memory that is neither free nor Domain 0's": Figure(taken * 4096, "bytes"),
            BESIDE_FRAMES: Figure(beside, "bytes")}


def image(_context, platform, _variant):
    """What of the file is loaded: its program headers' sum."""
    text = subprocess.run(["readelf", "-lW", platform.hypervisor], check=True, capture_output=True, text=True).stdout
    sizes = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^\s+LOAD(?:\s+0x\w+){3}\s+(0x\w+)\s+(0x\w+)", text, re.M)]
    return {"image in the file": Figure(sum(f for f, _ in sizes), "bytes"),
            "image in memory": Figure(sum(m for _, m in sizes), "bytes")}


# ---- whole platforms ----

def create(context, platform, variant):
    mem = 6144 if variant.endswith(" 200") else 2048
    counts, figures = scenario(context, platform, "create " + variant.replace("guests ", ""), mem, 1024)
    return {**{name: figure_of(count) for name, count in counts.items()}, **told(figures)}


def store(context, platform, variant):
    options = variant if platform.name == "original" else ""
    counts, figures = scenario(context, platform, "store", 2048, 768, store=options)
    return {**{name: figure_of(count) for name, count in counts.items()}, **told(figures)}


def kernel(context, platform, _variant):
    counts, _ = scenario(context, platform, "kernel", 2048, 768)
    decoder = counts.pop("decoder").user["instructions"]
    rows = {name: figure_of(count) for name, count in counts.items()}
    rows[BESIDE_DECODER] = Figure(rows[FIRST_KERNEL].value - decoder)
    return rows


def save(context, platform, variant):
    mib = int(variant.split()[0])
    dom0 = max(640 + 3 * mib // 2, 512 + 2 * mib)      # the file is on its ramdisk, which takes half of that at most
    counts, figures = scenario(context, platform, f"save {mib}", 1536 + 3 * mib, dom0, True)
    return {**{name.split(",")[0]: figure_of(count) for name, count in counts.items()},
            **{name.split(",")[0]: figure for name, figure in told(figures).items()}}


def work(context, platform, _variant):
    """What a guest's kernel needs beyond the same kernel without a hypervisor."""
    with context.once:
        if "work" not in context.native:
            context.native["work"], _ = counted.native(context.packed, context.work, context.counter, f"{context.logs}/bench-native")
    counts, _ = scenario(context, platform, "guest", 2048, 768, True)
    rows = {}
    for name, count in counts.items():
        alone = context.native["work"][name].all()
        rows[name] = figure_of(count)
        rows[name].value = round(count.all() - alone, 2)
        rows[name].more["native"] = alone
    return rows


GROUPS = [
    Group("calls", "hypercalls and traps of a PV guest, mitigations off", [f"{AMD} off", f"{INTEL} off"], True, calls, 0.5, 0.34,
          targets={MIX_ROW: 0.34}),
    # What mitigations may add is in bench/additions.
    Group("calls at defaults", "the same with mitigations at their defaults", [f"{AMD} defaults", f"{INTEL} defaults"],
          True, calls),
    Group("switches", "switches and wake-ups of domains on one CPU, mitigations off", [""], True, switches, 0.4, kept=True),
    Group("fairness", "CPU time by weight and by cap", ["weights", "caps"], True, fairness),
    Group("isolation", "what a busy guest loses to a neighbour, of its due and of its work", [""], True, isolation, 1, most=400),
    Group("work", "the kernel's work in a stock guest, beyond native's", [""], True, work, 0.5, kept=True),
    Group("create", "creation of tiny guests, in the hypervisor and in Domain 0", ["guests 1 60"], True, create,
          targets={"xl create, guest 1": 0.30, "xl create, guest 60": 0.08, "read, 60 guests": 0.12, HV_MEMORY: 0.5,
                   DOM0_MEMORY: 0.5, AT_REST: 0.5}, kept=True),
    Group("create many", "the same with 200 of them", ["guests 1 200"], False, create,
          targets={"xl create, guest 1": 0.30, HV_MEMORY: 0.5, DOM0_MEMORY: 0.5}, curve="create"),
    Group("store", "a request to the store, its client and the kernel's part included", [""], True, store, kept=True),
    Group("store in OCaml", "the same beside Debian's other store", ["oxenstored"], False, store),
    Group("kernel", "creation of a guest with a stock kernel", [""], True, kernel,
          targets={BESIDE_DECODER: 0.3, LATER_KERNEL: 0.05}, kept=True),
    Group("save", "a guest saved and restored", ["128 MiB", "256 MiB"], True, save, targets={"save": 0.5, "restore": 0.5}, kept=True),
    Group("save 1 GiB", "the same with more memory", ["1024 MiB"], False, save, targets={"save": 0.5, "restore": 0.5}, curve="save"),
    Group("network", "a guest's network: streams, floods and round trips, by iperf3 and ping", ["512 2500 500"], True, devices.network, 1),
    Group("block", "a guest's disk with a backend that answers at once, by fio", ["2000 500"], True, devices.block, 1),
    Group("neighbours", "what a stock guest that works loses to one that does its worst, of its due and of its work", ["1000 ms"], False,
          neighbours.neighbours, 1, most=400),
    Group("many guests", "128 busy guests and one more that is idle, by the length of a slice", ["5 ms", "50 ms"], False, many, 1),
    Group("papers", "Debian's programs in a guest, over the same without a hypervisor", ["512 build files=3 database=400 web=2"], False,
          papers.papers, 1),
    Group("web servers", "guests that serve pages at once, by apache2 and wrk", ["2 1 2 4 8 16"], False,
          papers.web_servers, 1),
    Group("databases", "guests with databases at once, by PostgreSQL and pgbench", ["6 1 2 4 8 weighted"], False,
          papers.databases, 1),
    Group("wall clock", "Debian's programs in a guest, and the store beside 60 guests: the host's time, medians of 10 rounds turn about",
          ["programs", "store 60"], False, wall.wall, 1, wall=True, targets={"read": 0.2}),
    # Of memory, 32 bytes a frame are the machine-to-phys table, which is the ABI's, and a frame table of 24 bytes.
    Group("start", "from power-on to Domain 0, and what is left of memory", ["1 GiB", "4 GiB", "16 GiB"], True, start,
          targets={START_ROW: 0.25, BESIDE_FRAMES: 0.5}, kept=True),
    Group("image", "the hypervisor's image", [""], True, image, 0.5, kept=True),
]
