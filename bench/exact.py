#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exact.py: runs the micro-guest bench.c as Domain 0 and prints, checks or lowers the costs it measures.

    exact.py --ours HV --guest GUEST --logs DIR --original HV    the table of docs/benchmarks.md
    exact.py --ours HV --guest GUEST --logs DIR --check          fails on a row that is worse than its ceiling
    exact.py --ours HV --guest GUEST --logs DIR --lower          rewrites the ceilings with what is better now

Under -icount shift=0 the TSC counts guest instructions, so the figures repeat to the digit.
"""
import argparse
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../tests/lib"))
from machine import Machine  # noqa: E402

CEILINGS = os.path.join(HERE, "ceilings")
MIX = os.path.join(HERE, "mix")
TOLERANCE = 1.02


def measure(hypervisor, guest, log):
    args = ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]
    with Machine(hypervisor, guest, None, [], smp=1, mem=1024, log=log, kernel_only=True, accel="tcg",
                 hv_args="console=com1 dom0_mem=128M spec-ctrl=no xpti=no noreboot", qemu_args=args) as m:
        m.expect(r"GUEST-RESULT PASS", 600)
        return {k.decode(): int(v) for k, v in re.findall(rb"BENCH (\S+) (\d+)", m.all)}


def read_rows(path):
    """A file of lines "row number"; # begins a comment."""
    with open(path) as f:
        lines = [line.split("#")[0].split() for line in f]
    return {p[0]: int(p[1]) for p in lines if p}


def mix_ratio(ours, original):
    counts = read_rows(MIX)
    return sum(n * ours[k] for k, n in counts.items()) / sum(n * original[k] for k, n in counts.items())


def print_table(ours, original):
    print(f"{'call':26} {'original':>10} {'ours':>10} {'ratio':>6}")
    for k in original:
        print(f"{k:26} {original[k]:10} {ours[k]:10} {ours[k] / original[k]:6.2f}")
    mean = math.exp(sum(math.log(ours[k] / original[k]) for k in original) / len(original))
    print(f"{'geometric mean':26} {'':10} {'':10} {mean:6.2f}")
    print(f"{'a guest boot (bench/mix)':26} {'':10} {'':10} {mix_ratio(ours, original):6.2f}")


def check(ours):
    ceilings = read_rows(CEILINGS)
    bad = [f"{k} takes {ours.get(k, 'no')} instructions, its ceiling is {c} (bench/ceilings)"
           for k, c in ceilings.items() if k not in ours or ours[k] > c * TOLERANCE]
    bad += [f"{k} has no ceiling: bench/exact --lower" for k in ours if k not in ceilings]
    better = [k for k, c in ceilings.items() if k in ours and ours[k] < c]
    if better:
        print(f"better than the ceiling (bench/exact --lower takes it down): {' '.join(better)}")
    print("\n".join(bad) if bad else f"{len(ours)} rows within their ceilings")
    return not bad


def lower(ours):
    old = read_rows(CEILINGS) if os.path.exists(CEILINGS) else {}
    with open(CEILINGS, "w") as f:
        f.write("# SPDX-License-Identifier: GPL-2.0-only\n"
                "# Exact costs in guest instructions, mitigations off, gcc release build: the test bench-ceilings\n"
                "# fails on a row that is more than 2 % above. Written by bench/exact --lower, which never raises one:\n"
                "# whoever has a reason to edits it here.\n")
        for k, n in ours.items():
            f.write(f"{k} {min(n, old.get(k, n))}\n")


def main():
    p = argparse.ArgumentParser()
    for name in ("--ours", "--guest", "--logs"):
        p.add_argument(name, required=True)
    what = p.add_mutually_exclusive_group(required=True)
    what.add_argument("--original")
    what.add_argument("--check", action="store_true")
    what.add_argument("--lower", action="store_true")
    args = p.parse_args()
    ours = measure(args.ours, args.guest, f"{args.logs}/bench-ours.log")
    if args.check:
        sys.exit(not check(ours))
    if args.lower:
        lower(ours)
    else:
        print_table(ours, measure(args.original, args.guest, f"{args.logs}/bench-original.log"))


if __name__ == "__main__":
    main()
