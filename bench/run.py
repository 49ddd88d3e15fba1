#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""run.py: measures both platforms in turn and writes OUT.json, OUT.txt and OUT.html; or ours alone, against bench/ceilings (see
bench/run); or shows where the instructions of one row go (see bench/profile)."""
import argparse
import datetime
import fnmatch
import json
import os
import platform as host
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../tests/lib")]
import ceilings  # noqa: E402
import functions  # noqa: E402
import platforms  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
from symbols import Symbols  # noqa: E402

SIDES = ("ours", "original")
REPEATS = 2         # of an exact variant in a full run: all must agree
MOST_MIB = 6144     # of a machine, with what its emulator takes


def arguments():
    p = argparse.ArgumentParser()
    for side in ("ours", "original"):
        for what in ("", "-version", "-ramdisk"):
            p.add_argument(f"--{side}{what}", required=True)
    for name in ("--guest", "--sched", "--firmware", "--counter", "--packed", "--kernel", "--work", "--logs", "--out"):
        p.add_argument(name, required=True)
    p.add_argument("--full", action="store_true")
    p.add_argument("--only", action="append", metavar="PATTERN")
    p.add_argument("--ceilings", choices=("check", "lower"))
    p.add_argument("--profile", metavar="ROW")
    p.add_argument("--side", choices=SIDES, default="ours")
    p.add_argument("--symbols", action="append", default=[], metavar="FILE")
    p.add_argument("--top", type=int, default=40)
    return p.parse_args()


def chosen(args):
    groups = [g for g in rows.GROUPS if (g.kept if args.ceilings else args.only or args.full or g.quick)]
    if args.only:
        groups = [g for g in groups if any(fnmatch.fnmatch(g.name, o) for o in args.only)]
    if not groups:
        sys.exit(f"bench/run: no group is called {' or '.join(args.only)}; there are: " +
                 ", ".join(g.name for g in rows.GROUPS))
    return groups


def measure_exact(group, context, platform, variant, repeats):
    """An exact figure is the same each time, or it is none."""
    first = group.measure(context, platform, variant)
    for _ in range(repeats - 1):
        again = group.measure(context, platform, variant)
        if again != first:
            differ = [f"{k} ({f.value} and {again[k].value if k in again else 'none'})" for k, f in first.items() if again.get(k) != f]
            sys.exit(f"bench/run: {group.name}, {variant}, {platform.name}: not the same twice: {', '.join(differ)}")
    return first


def at_once():
    """How many machines are measured at once: what is exact knows nothing of the others, if each has a CPU and memory."""
    with open("/proc/meminfo", encoding="ascii") as f:
        mib = next(int(line.split()[1]) // 1024 for line in f if line.startswith("MemAvailable"))
    return max(1, min(len(SIDES), len(os.sched_getaffinity(0)), mib // MOST_MIB))


def result(group, variant, row, got):
    """A row as it stands in the JSON file."""
    for side in SIDES:
        if row not in got[side]:
            sys.exit(f"bench/run: {group.name}: {side} has no row {row}")
    values = {side: got[side][row].value if group.wall else [got[side][row].value] for side in SIDES}
    return {"group": group.name, "text": group.text, "row": row, "variant": variant, "kind": "wall" if group.wall else "exact",
            "unit": got["ours"][row].unit, "curve": group.curve or group.name, "target": group.targets.get(row, group.target),
            "mean_target": group.mean, "most": group.most,
            **values, "more": {side: got[side][row].more for side in SIDES}}


def measure_all(groups, context, sides, repeats):
    begun = time.monotonic()
    pool = ThreadPoolExecutor(at_once())
    for n, group in enumerate(groups):
        for variant in group.variants:
            print(f"[{n + 1}/{len(groups)}] {group.name} {variant} ({time.monotonic() - begun:.0f} s)", flush=True)
            if group.wall:
                got = group.measure(context, sides, variant)
            else:
                # Side by side, or turn about.
                jobs = {p.name: pool.submit(measure_exact, group, context, p, variant, repeats) for p in sides[::1 if n % 2 == 0 else -1]}
                got = {name: job.result() for name, job in jobs.items()}
            yield from (result(group, variant, row, got) for row in got["ours"])


def profile(args, context, platform):
    """Prints where the instructions of one row go, by function."""
    group = chosen(args)[0]
    context.profile = context.log(platform, "profile")
    if os.path.exists(context.profile):
        os.remove(context.profile)
    group.measure(context, platform, group.variants[0])
    if not os.path.exists(context.profile):
        sys.exit(f"bench/profile: the rows of {group.name} are not counted in a whole machine")
    with open(context.profile, encoding="utf-8") as f:
        found = [line.rstrip("\n").split("\t") for line in f]
    names = [row for row, _ in found]
    if args.profile not in names:
        sys.exit(f"bench/profile: {group.name} counts no {args.profile}, but: {', '.join(names)}")
    n = names.index(args.profile)
    by = functions.read(f"{context.profile}.{n}", Symbols(*args.symbols), int(found[n][1]))
    print(f"{args.profile}, {platform.name}: {sum(by.values()):,.1f} instructions")
    for (who, name), count in by.most_common(args.top):
        print(f"  {who:12} {name:44} {count:14,.1f}")


def main():
    args = arguments()
    sides = [platforms.Platform("ours", args.ours, args.ours_version, args.ours_ramdisk),
                 platforms.Platform("original", args.original, args.original_version, args.original_ramdisk)]
    context = platforms.Context(args.guest, args.sched, args.firmware, args.counter, args.packed, args.kernel, args.work, args.logs)
    if args.profile:
        profile(args, context, next(p for p in sides if p.name == args.side))
        return
    if args.ceilings:
        figures = {(g.name, v): g.measure(context, sides[0], v) for g in chosen(args) for v in g.variants}
        sys.exit(ceilings.lower(figures) if args.ceilings == "lower" else ceilings.check(figures, whole=not args.only))
    results = list(measure_all(chosen(args), context, sides, REPEATS if args.full else 1))
    qemu = subprocess.run(["qemu-system-x86_64", "--version"], check=True, capture_output=True, text=True).stdout
    document = {"measured": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                "emulator": qemu.splitlines()[0], "host": host.processor() or host.machine(),
                "ours": args.ours_version, "original": args.original_version, "rows": results}
    with open(args.out + ".json", "w", encoding="utf-8") as f:
        json.dump(document, f, indent=1)
    with open(args.out + ".html", "w", encoding="utf-8") as f:
        f.write(report.html(document))
    text = report.text(document)
    with open(args.out + ".txt", "w", encoding="utf-8") as f:
        f.write(text)
    print(text, end="")
    print(f"{args.out}.json, .txt and .html")


if __name__ == "__main__":
    main()
