# SPDX-License-Identifier: GPL-2.0-only
"""What whole platforms of ours may take, row by row: the file bench/ceilings, lines of group, variant, row and number."""
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ceilings")
TOLERANCE = 1.02
# Rows that are known no better, by so much. Until 6.2, Linux adds what a thread maps to its process in steps of 64 pages, so that
# the most that there ever was depends on where in a step it was. With a page of a file that is touched come those of its 64 KiB
# that are there: code that moves a little may bring one such piece more.
STEP = {"tools' memory": 64 * 4096, "tools' memory at rest": 65536}


def of_ours(figure):
    """What the hypervisor and programs ran; Debian's kernel is not ours to keep. Other figures as they are."""
    return round(figure.more["hypervisor"] + figure.more["user"], 2) if "hypervisor" in figure.more else figure.value


def load():
    with open(PATH, encoding="utf-8") as f:
        fields = [line.rstrip("\n").split("\t") for line in f if line.strip() and not line.startswith("#")]
    return {tuple(f[:3]): float(f[3]) for f in fields}


def flat(figures):
    return {(*where, row): of_ours(figure) for where, each in figures.items() for row, figure in each.items()}


def named(key):
    return ": ".join(k for k in key if k)


def worse(ours, table):
    return [f"{named(k)} takes {n:,.0f}, {table[k]:,.0f} are allowed (bench/ceilings)" for k, n in ours.items()
            if k in table and n > max(table[k] * TOLERANCE, table[k] + STEP.get(k[-1], 0))]


def check(figures, whole=True):
    """The exit code: 1 when a row is worse, or has no ceiling. whole: each ceiling has to have a row."""
    ours, table = flat(figures), load()
    bad = worse(ours, table)
    bad += [f"{named(k)} has no ceiling (bench/run --ceilings lower)" for k in ours if k not in table]
    bad += [f"{named(k)} was not measured" for k in table if whole and k not in ours]
    better = [named(k) for k, n in ours.items() if k in table and n * TOLERANCE < table[k]]
    if better:
        print("better than bench/ceilings says (bench/run --ceilings lower writes it): " + ", ".join(better))
    print("\n".join(bad) if bad else f"{len(ours)} rows as in bench/ceilings or better")
    return int(bool(bad))


def lower(figures):
    """Rows go down, and never up; those of groups that were measured come and go as their names do. The exit code: 1 when one
    would have to go up."""
    ours, table = flat(figures), load()
    kept = {k: n for k, n in table.items() if k[:2] not in figures}
    kept.update({k: min(n, table.get(k, n)) for k, n in ours.items()})
    with open(PATH, encoding="utf-8") as f:
        head = [line for line in f if line.startswith("#")]
    with open(PATH, "w", encoding="utf-8") as f:
        f.writelines(head)
        f.writelines("\t".join([*k, f"{n:.10g}"]) + "\n" for k, n in sorted(kept.items()))
    bad = worse(ours, table)
    if bad:
        print("\n".join(bad))
    return int(bool(bad))
