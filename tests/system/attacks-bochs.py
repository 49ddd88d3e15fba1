#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Attacks on return paths and stale TLB entries in Bochs, as Domain 0's kernel: QEMU's CPU forgives some of them."""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.abspath(__file__)) + "/../.."
sys.path[:0] = [TOP + "/tests/lib", TOP + "/tests/guests/mutations"]
from bochs import SLOW, run_bochs  # noqa: E402
from ends import ended_as, expected_ends  # noqa: E402

HYPERVISOR = os.environ.get("XENOLITH_BUILD", TOP + "/build") + "/hypervisor/xenolith"
SIDE_BY_SIDE = os.cpu_count() if SLOW == 1 else 1      # others use a slow machine too
PREFIXES = ("iret-", "sysret-", "stale-", "handler-", "stack-", "entry-", "cpu-debug-", "descriptor-ldt-")
OTHERS = {"grant-stale-unmap", "grant-double-unmap", "table-linear-readonly", "cpu-selectors", "cpu-segment-bases",
          "cpu-instructions", "cpu-user-instructions", "cpu-user-xsetbv"}


def main():
    for tool in ("bochs", "grub-mkrescue", "xorriso", "mformat"):
        if not shutil.which(tool):
            print(f"skip: {tool} is not installed")
            sys.exit(77)
    ends = expected_ends()
    names = sys.argv[1:] or [n for n in ends if n.startswith(PREFIXES) or n in OTHERS]
    with tempfile.TemporaryDirectory() as where, concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        guest = where + "/attack.elf"
        subprocess.run(["sh", TOP + "/tests/guests/build.sh", "attack", guest], check=True)

        def fails(name):
            log, late = run_bochs(HYPERVISOR, guest, name)
            why = ended_as(ends[name], log, late)
            if "Clock: TSC at" not in log:
                why = why or "clocksource=tsc was not followed"
            print(f"FAILED {name}: {why}\n{log[-1500:]}" if why else f"ok {name}", flush=True)
            return bool(why)

        failed = sum(pool.map(fails, names))
    print(f"{len(names)} attacks in Bochs, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
