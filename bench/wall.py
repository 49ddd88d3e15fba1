# SPDX-License-Identifier: GPL-2.0-only
"""Rows by wall clock: machines of both platforms are up at once, without -icount, and do a round of each row turn about."""
import contextlib
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/lib"))
import counted  # noqa: E402
import exact  # noqa: E402
from machine import Machine  # noqa: E402
from platforms import Figure  # noqa: E402

ROUNDS = 10         # that count; one more before them warms up
SECONDS = 600       # for anything that is waited for
# What is asked for (bench/inside/wall, bench/inside/guest-round) -> the row, and how many of it one round does.
PROGRAMS = {
    "fork": ("stress-ng: fork", 100), "switch": ("stress-ng: switch between two processes", 5000),
    "fault": ("stress-ng: page fault", 200), "pipe": ("stress-ng: write through a pipe", 2000),
    "cpu": ("sysbench: primes up to 10,000", 100), "memory": ("sysbench: MiB written", 200),
    "threads": ("sysbench: round of four threads and their locks", 100), "hackbench": ("rt-tests: hackbench, message", 5000),
    "cyclictest": ("rt-tests: cyclictest, mean latency", 200),
}
STORE = {"read": ("read", 1000), "write": ("write", 1000), "transaction": ("transaction", 300), "watch": ("watch", 500)}
# name -> (rows, memory, Domain 0's, kind of guest)
SCENARIOS = {"programs": (PROGRAMS, 1400, 640, "wall"), "store": (STORE, 2048, 1024, "")}


def machine(context, platform, scenario):
    name = scenario.split()[0]
    _, mem, dom0_mem, kind = SCENARIOS[name]
    ramdisk = context.carrying(platform, kind) if kind else platform.ramdisk
    return Machine(platform.hypervisor, context.kernel, ramdisk, [], smp=1, mem=mem, dom0_mem=dom0_mem, cpu=counted.CPU, accel="tcg",
                   log=context.log(platform, f"wall-{name}") + ".log", guarded=True, hv_args=f"{counted.QUIET} {exact.NO_MITIGATIONS}",
                   k_args=f"rdinit=/init bench=wall bench.args={scenario.replace(' ', '+')}")


def ask(m, what, rounds):
    """ns that one of it took, by the host's clock between the machine's two lines; or what it has measured itself."""
    m.send(f"{what} {rounds}\n")
    m.expect(r"^ROUND-BEGINS", SECONDS)
    begun = time.monotonic_ns()
    told = m.expect(r"^ROUND-ENDS ?(\d*)\n|^BENCH-ERROR .*", SECONDS)
    if told[0].startswith(b"BENCH-ERROR"):
        raise RuntimeError(f"{what}: {told[0].decode()}")
    return float(told[1]) if told[1] else round((time.monotonic_ns() - begun) / rounds, 1)


def wall(context, sides, scenario):
    rows = SCENARIOS[scenario.split()[0]][0]
    values = {p.name: {row: [] for row in rows} for p in sides}
    with contextlib.ExitStack() as machines:
        up = [(values[p.name], machines.enter_context(machine(context, p, scenario))) for p in sides]
        for _, m in up:
            m.expect("^BENCH-READY", SECONDS)
        for n in range(1 + ROUNDS):
            for what, (_, rounds) in rows.items():
                for of_side, m in up[::1 if n % 2 else -1]:
                    took = ask(m, what, rounds)
                    if n:
                        of_side[what].append(took)
        for _, m in up:
            m.send("end\n")
            m.wait_exit()
    return {side: {rows[what][0]: Figure(list_, "ns") for what, list_ in each.items()} for side, each in values.items()}
