# SPDX-License-Identifier: GPL-2.0-only
"""Rows of guests with networks and disks, with programs from Debian's packages (bench/guests): see rows.py."""
import re

from platforms import Figure, figure_of, scenario


def one_more(counts, figures):
    """Of what ran with N and then with 2 N: what each of the N more that arrived took, of time and of the hypervisor."""
    times = {m[1]: (int(m[2]), value) for name, (value, _) in figures.items() if (m := re.match(r"time, (.*) / (\d+)$", name))}
    rows = {}
    for name in [n.removesuffix(" once") for n in counts if n.endswith(" once")]:
        (n, begun), (_, ended) = times[name + " once"], times[name + " twice"]
        lost = [figures.get(f"lost, {name} {which}", (0, ""))[0] for which in ("once", "twice")]
        arrived = 1 - (lost[1] - lost[0]) / n
        once, twice = (figure_of(counts[f"{name} {which}"]).more for which in ("once", "twice"))
        more = {what: round((twice[what] - once[what]) / arrived, 1) for what in once}
        rows[f"{name}: time"] = Figure(round((ended - begun) / n / arrived, 1), "ns", more)
        rows[f"{name}: hypervisor"] = Figure(more["hypervisor"])
    return rows


def network(context, platform, variant):
    return one_more(*scenario(context, platform, f"network {variant}", 1400, 640, kind="network"))


def block(context, platform, variant):
    counts, figures = scenario(context, platform, f"block {variant}", 1600, 1024, kind="block")
    rows = one_more(counts, figures)
    for name, (latency, _) in figures.items():
        if m := re.match(r"latency, (.* (\d+) at once)", name):
            rows[f"{m[1]}: time"].value = round(latency / int(m[2]), 1)
    return rows
