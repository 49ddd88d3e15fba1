# SPDX-License-Identifier: GPL-2.0-only
"""Rows of a guest that works beside guests that do their worst (bench/inside/neighbours): what it loses."""
import re
from dataclasses import dataclass, field

from platforms import Figure, scenario

ALONE = "alone"
# What bench/inside/neighbour.c calls it -> as a row does.
NEIGHBOURS = {"as-busy": "one as busy", "forks": "one that forks without end", "memory": "one that takes and frees all memory",
              "disk": "a flood of disk requests", "network": "a flood of packets", "calls": "a storm of calls",
              "events": "a storm of events"}
SCALE = 10000


@dataclass
class Share:
    """What the guest got in a while beside somebody, with the times that other domains had in it."""
    time: int = 0
    turns: int = 0
    ran: int = 0
    others: list = field(default_factory=list)


def shares_of(figures):
    shares = {}
    for name, (value, _) in figures.items():
        what, beside = re.fullmatch(r"(\w+)(?: \d+)?, (\S+)", name).groups()
        share = shares.setdefault(beside, Share())
        if what == "other":
            share.others.append(value)
        else:
            setattr(share, {"worker": "ran"}.get(what, what), value)
    return shares


def due(time, others):
    """What one who always wants the CPU is due beside these, all of one weight: as much as any of them, and what they
    leave."""
    left, sharing = time, len(others) + 1
    for ran in sorted(others):
        if ran * sharing >= left:
            break
        left, sharing = left - ran, sharing - 1
    return left / sharing


def lost(got, wanted):
    return max(0, round(SCALE * (wanted - got) / wanted))


def losses(figures):
    shares = shares_of(figures)
    alone = shares.pop(ALONE)
    rows = {}
    for beside, s in shares.items():
        if sum(s.others) < s.time / 3:
            raise RuntimeError(f"{beside}: the others ran for {sum(s.others)} of {s.time} ns, which is no storm")
        name = NEIGHBOURS[beside]
        more = {"time": s.time, "ran": s.ran, "others": sum(s.others), "turns": s.turns}
        rows[f"CPU time lost beside {name}"] = Figure(lost(s.ran, due(s.time, s.others)), f"1/{SCALE}", more)
        rows[f"work lost beside {name}"] = Figure(lost(s.turns / s.ran, alone.turns / alone.ran), f"1/{SCALE}")
    return rows


def neighbours(context, platform, variant):
    _, figures = scenario(context, platform, f"neighbours {variant.split()[0]} {' '.join(NEIGHBOURS)}", 1400, 640, kind="neighbours",
                          count=False)
    return losses(figures)
