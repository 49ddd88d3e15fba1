#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""profile.py HYPERVISOR SYMBOLS GUEST LOGDIR ROW [--original] [--top N]: instructions per function and round.

QEMU runs one instruction per block (-singlestep) and logs each block's address for a short while. Time goes on by
instructions, as in the benchmark. A round is what most of the guest's instructions have run once in.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../tests/lib")]
import monitor  # noqa: E402
from counted import icount  # noqa: E402
from machine import Machine  # noqa: E402
from symbols import Symbols  # noqa: E402

GUEST_BASE = 0xffffffff80000000		# where the micro-guest is linked
CHILDREN_END = 1 << 32			# and the domains that it makes are below this
LOG_LIMIT = 30 << 20


def is_guest(pc):
    return pc >= GUEST_BASE or pc < CHILDREN_END


def trace(args, folder):
    """The addresses of the instructions executed during some rounds, in order."""
    log, sock = f"{folder}/exec.log", f"{folder}/qmp"
    with Machine(args.hypervisor, f"{args.guest} row={args.row} forever", None, [], smp=1, mem=1024,
                 log=f"{args.logdir}/profile-serial.log", kernel_only=True, accel="tcg", cpu=args.cpu,
                 hv_args=f"console=com1 dom0_mem=128M noreboot {args.hv_args}",
                 qemu_args=["-singlestep", *icount(), *monitor.options(sock)]) as m:
        if m.expect(r"FOREVER|GUEST-RESULT", 120)[0] != b"FOREVER":
            sys.exit(f"no row {args.row}: tests/guests/bench.c and sched_costs.c name them")
        qemu = monitor.Monitor(sock)
        qemu.call("stop")
        qemu.human(f"logfile {log}")
        qemu.human("log exec,nochain")
        qemu.call("cont")
        end = time.monotonic() + 60
        while (not os.path.exists(log) or os.path.getsize(log) < LOG_LIMIT) and time.monotonic() < end:
            time.sleep(0.05)
        qemu.call("stop")
        qemu.human("log none")
        qemu.call("quit")
    rx = re.compile(r"\[[0-9a-f]+/([0-9a-f]{16})/")
    with open(log, errors="replace") as f:
        return [int(x.group(1), 16) for x in map(rx.search, f) if x]


def print_listing(args, count, rounds):
    """One function's instructions with how often each ran in a round."""
    text = subprocess.check_output(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={args.listing}",
                                    args.symbols], text=True)
    for line in text.splitlines():
        m = re.match(r"\s*([0-9a-f]{16}):\s+(.*)", line)
        if m:
            n = count[int(m.group(1), 16)] / rounds
            print(f"{n:8.1f}" if n >= 0.05 else " " * 8, m.group(1)[-6:], m.group(2))


def main():
    p = argparse.ArgumentParser()
    for name in ("hypervisor", "symbols", "guest", "logdir", "row"):
        p.add_argument(name)
    p.add_argument("--original", action="store_true")
    p.add_argument("--top", type=int, default=30)
    p.add_argument("--cpu", default="qemu64")
    p.add_argument("--hv-args", default="spec-ctrl=no xpti=no")
    p.add_argument("--listing", metavar="FUNCTION", help="print the instructions of this function instead")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pcs = trace(args, folder)
    symbols = Symbols(args.symbols)
    loop = collections.Counter(pc for pc in pcs if is_guest(pc))
    if not loop:
        sys.exit(f"{args.row}: the guest's loop did not run while QEMU logged")
    rounds = collections.Counter(loop.values()).most_common(1)[0][0]
    print(f"{args.row}: {len(pcs) / rounds:.1f} instructions a round, {rounds} rounds")
    if args.listing:
        print_listing(args, collections.Counter(pcs), rounds)
        return
    count = collections.Counter("(guest)" if is_guest(pc) else symbols.name(pc) or "?" for pc in pcs)
    for name, n in count.most_common(args.top):
        if n / rounds >= 0.5:
            print(f"  {name:44} {n / rounds:8.1f}")


if __name__ == "__main__":
    main()
