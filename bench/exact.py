#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exact.py: runs the micro-guest bench.c as Domain 0 and prints, checks or lowers the costs it measures.

    exact.py --ours HV --guest GUEST --logs DIR --original HV    both, with ratios
    exact.py --ours HV --guest GUEST --logs DIR --original HV --defaults CPU
                                                                what mitigations at their defaults add on that model
    exact.py --ours HV --guest GUEST --logs DIR --check          fails on a row that is worse than bench/table or
                                                                bench/additions allows
    exact.py --ours HV --guest GUEST --logs DIR --lower          rewrites bench/table with what is better now

Under -icount shift=0 the TSC counts guest instructions, so the figures repeat to the digit.
"""
import argparse
import math
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../tests/lib")]
from counted import icount  # noqa: E402
from machine import Machine  # noqa: E402

TABLE = os.path.join(HERE, "table")
ADDITIONS = os.path.join(HERE, "additions")
ADDITIONS_CPU = "Skylake-Server-v1"
MIX = os.path.join(HERE, "mix")
TOLERANCE = 1.02            # of a row of ours over what stands in the table
MOST = 0.5                  # of the original's, in any row
MOST_IN_ALL = 1 / 3         # geometric mean


NO_MITIGATIONS = "spec-ctrl=no xpti=no"
CPU = "qemu64,+svm,+npt"
DOM0_MIB = 128


def boot(hypervisor, guest, log, memory=1024, cpu=CPU, mitigations=NO_MITIGATIONS, qemu_args=(), cpus=1, shift=0,
         verdict="PASS"):
    """What the micro-guest says, on a machine whose TSC counts instructions (with a shift, 2 to its power for each)."""
    with Machine(hypervisor, guest, None, [], smp=cpus, mem=memory, log=log, kernel_only=True, accel="tcg", cpu=cpu,
                 hv_args=f"console=com1 dom0_mem={DOM0_MIB}M dom0_max_vcpus={cpus} {mitigations} noreboot",
                 qemu_args=[*icount(shift), *qemu_args]) as m:
        m.expect(rf"GUEST-RESULT ({verdict})\b", 900)
        return m.all.decode(errors="replace")


def costs(text):
    """Row -> instructions."""
    return {k: int(n) for k, n in re.findall(r"BENCH (\S+) (\d+)", text)}


def measure(hypervisor, guest, log, cpu=CPU, mitigations=NO_MITIGATIONS):
    return costs(boot(hypervisor, guest, log, cpu=cpu, mitigations=mitigations))


def read_rows(path):
    """A file of lines "row number..."; # begins a comment. The numbers of each row."""
    with open(path) as f:
        lines = [line.split("#")[0].split() for line in f]
    return {p[0]: [int(n) for n in p[1:]] for p in lines if p}


def geometric_mean(ours, original):
    return math.exp(sum(math.log(ours[k] / original[k]) for k in original) / len(original))


def mix_cost(rows):
    """What a call costs in the mean of a stock guest's boot."""
    counts = {k: n for k, (n,) in read_rows(MIX).items()}
    return sum(n * rows[k] for k, n in counts.items()) / sum(counts.values())


def print_table(ours, original):
    print(f"{'call':26} {'original':>10} {'ours':>10} {'ratio':>6}")
    for k in original:
        print(f"{k:26} {original[k]:10} {ours[k]:10} {ours[k] / original[k]:6.2f}")
    print(f"{'geometric mean':26} {'':10} {'':10} {geometric_mean(ours, original):6.2f}")
    print(f"{'a guest boot (bench/mix)':26} {'':10} {'':10} {mix_cost(ours) / mix_cost(original):6.2f}")


def additions(hypervisor, guest, log, cpu):
    """Row -> instructions that mitigations at their defaults add to it."""
    without = measure(hypervisor, guest, log, cpu)
    at_defaults = measure(hypervisor, guest, log, cpu, "")
    return {k: at_defaults[k] - n for k, n in without.items()}


def print_additions(ours, original):
    print(f"{'added by mitigations':26} {'original':>10} {'ours':>10}")
    for k in original:
        print(f"{k:26} {original[k]:10} {ours[k]:10}{'  more' if ours[k] > original[k] else ''}")


def check(ours):
    table = read_rows(TABLE)
    if set(table) != set(ours):
        print(f"bench/table and the micro-guest differ in rows: {' '.join(set(table) ^ set(ours))}")
        return False
    bad = [f"{k} takes {ours[k]} instructions, {c} are allowed (bench/table)"
           for k, (_, c) in table.items() if ours[k] > c * TOLERANCE]
    bad += [f"{k} takes {ours[k]} instructions, over half of the original's {o}"
            for k, (o, _) in table.items() if ours[k] > o * MOST]
    mean = geometric_mean(ours, {k: o for k, (o, _) in table.items()})
    if mean > MOST_IN_ALL:
        bad += [f"the geometric mean is {mean:.3f} of the original's, over a third"]
    better = [k for k, (_, c) in table.items() if ours[k] < c]
    if better:
        print(f"better than bench/table says (bench/exact --lower writes it): {' '.join(better)}")
    print("\n".join(bad) if bad else f"{len(ours)} rows as in bench/table or better, {mean:.3f} of the original's")
    return not bad


def check_additions(ours):
    table = read_rows(ADDITIONS)
    bad = [f"mitigations add {ours.get(k)} instructions to {k} on {ADDITIONS_CPU}, {c} are allowed (bench/additions)"
           for k, (_, c) in table.items() if ours.get(k, c + 1) > c]
    bad += [f"bench/additions has no row {k}" for k in ours if k not in table]
    print("\n".join(bad) if bad else f"{len(ours)} rows as in bench/additions or better")
    return not bad


def lower(ours):
    with open(TABLE) as f:
        head = [line for line in f if line.startswith("#")]
    table = read_rows(TABLE)
    with open(TABLE, "w") as f:
        f.writelines(head)
        for k, (original, old) in table.items():
            f.write(f"{k:26} {original:7} {min(ours[k], old):7}\n")


def main():
    p = argparse.ArgumentParser()
    for name in ("--ours", "--guest", "--logs"):
        p.add_argument(name, required=True)
    what = p.add_mutually_exclusive_group(required=True)
    what.add_argument("--original")
    what.add_argument("--check", action="store_true")
    what.add_argument("--lower", action="store_true")
    p.add_argument("--defaults", metavar="CPU")
    args = p.parse_args()
    if args.defaults:
        print_additions(*(additions(hv, args.guest, f"{args.logs}/bench-{side}.log", args.defaults)
                          for hv, side in ((args.ours, "ours"), (args.original, "original"))))
        return
    ours = measure(args.ours, args.guest, f"{args.logs}/bench-ours.log")
    if args.check:
        fine = check(ours)
        added = additions(args.ours, args.guest, f"{args.logs}/bench-ours.log", ADDITIONS_CPU)
        sys.exit(not check_additions(added) or not fine)
    if args.lower:
        lower(ours)
    else:
        original = measure(args.original, args.guest, f"{args.logs}/bench-original.log")
        print_table(ours, original)
        told = {k: o for k, (o, _) in read_rows(TABLE).items()}
        if told != original:
            sys.exit("bench/table says otherwise of the original: " +
                     " ".join(f"{k} {told.get(k)}" for k in original if told.get(k) != original[k]))


if __name__ == "__main__":
    main()
