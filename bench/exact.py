#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""exact.py OURS [ORIGINAL] GUEST LOGDIR: runs the micro-guest bench.c as Domain 0 and prints the costs it measured.

Under -icount shift=0 the TSC counts guest instructions, so the figures repeat to the digit.
"""
import math
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/lib"))
from machine import Machine  # noqa: E402


def measure(hypervisor, guest, log):
    args = ["-icount", "shift=0,sleep=off", "-rtc", "clock=vm"]
    with Machine(hypervisor, guest, None, [], smp=1, mem=1024, log=log, kernel_only=True, accel="tcg",
                 hv_args="console=com1 dom0_mem=128M spec-ctrl=no xpti=no noreboot", qemu_args=args) as m:
        m.expect(r"GUEST-RESULT PASS", 600)
        return {k.decode(): int(v) for k, v in re.findall(rb"BENCH (\S+) (\d+)", m.all)}


def main():
    ours, original, guest, logs = sys.argv[1:5]
    a = measure(original, guest, f"{logs}/bench-original.log")
    b = measure(ours, guest, f"{logs}/bench-ours.log")
    print(f"{'call':26} {'original':>10} {'ours':>10} {'ratio':>6}")
    for k in a:
        print(f"{k:26} {a[k]:10} {b[k]:10} {b[k] / a[k]:6.2f}")
    mean = math.exp(sum(math.log(b[k] / a[k]) for k in a) / len(a))
    print(f"{'geometric mean':26} {'':10} {'':10} {mean:6.2f}")


if __name__ == "__main__":
    main()
