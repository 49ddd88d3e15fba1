# SPDX-License-Identifier: GPL-2.0-only
"""Rows of the papers' programs, from Debian's packages, in guests (bench/inside/papers, bench/inside/servers)."""
import os
import re

import counted
from platforms import Figure, scenario

WORKS = {"build": "build of a Debian package", "files": "a megabyte of dbench", "database": "a transaction of pgbench",
         "web": "a page of apache2 by wrk"}
SERVERS = {"web": "web servers", "database": "databases"}
NATIVE_MIB = 2048           # with the disk, as an archive and unpacked; a guest's is Domain 0's
SCALE = 10000
DATABASE_SECONDS = 1000     # whatever time they were asked for: their answers are told for so many


def costs(figures):
    """Work -> ns for one of it."""
    got = {}
    for name, (value, _) in figures.items():
        if m := re.fullmatch(r"time, (\w+)(?: / (\d+))?", name):
            got[m[1]] = value / int(m[2] or 1)
    for what in [w for w in got if f"requests, {w}" in figures]:
        got[what] /= figures[f"requests, {what}"][0]
    got.update({name.split(",")[0]: value for name, (value, _) in figures.items() if name.endswith(", a megabyte")})
    return got


def over_native(figures, native):
    """What each work takes as a multiple of what it takes without a hypervisor."""
    ours, alone = costs(figures), costs(native)
    return {f"{WORKS[what]}, over native": Figure(round(ours[what] / alone[what], 4), "times", {"ns": ours[what], "native ns": alone[what]})
            for what in ours}


def papers(context, platform, variant):
    with context.once:
        if variant not in context.native:
            context.carrying(platform, "papers")
            words = "bench=guest-papers bench.args=" + "+".join(variant.split()[1:])
            _, context.native[variant] = counted.native(context.packed, os.path.join(context.logs, "bench-papers-native.cpio"), None,
                                                        f"{context.logs}/bench-papers-native", 3600, words, NATIVE_MIB)
    _, figures = scenario(context, platform, f"papers {variant}", 3400, 2048, kind="papers", count=False)
    return over_native(figures, context.native[variant])


def served(kind, seconds, figures):
    """What an answer takes with so many at once; for weighted ones, how far the furthest is from its weight's share."""
    answers = {}
    for name, (value, _) in figures.items():
        if m := re.fullmatch(rf"{kind}, (\w+), \d+", name):
            answers.setdefault(m[1], []).append(value)
    rows = {}
    for what, each in answers.items():
        name = f"{what} {SERVERS[kind]}" if what != "weighted" else f"{len(each)} {SERVERS[kind]}, weighted"
        rows[f"{name}: an answer of any"] = Figure(round(seconds * 1e9 / sum(each)), "ns")
        if what == "weighted":
            weights = range(1, len(each) + 1)
            off = max(abs(a / sum(each) - w / sum(weights)) for a, w in zip(each, weights))
            rows[f"{name}: furthest from its share"] = Figure(round(SCALE * off), f"1/{SCALE}")
    return rows


def servers(kind, context, platform, variant):
    guests = max(int(n) for n in variant.split()[1:] if n.isdigit())
    dom0 = 2048 + (64 * guests if kind == "database" else 0)
    _, figures = scenario(context, platform, f"servers {kind} {variant}", dom0 + 170 * guests + 900, dom0, kind="papers", count=False)
    return served(kind, DATABASE_SECONDS if kind == "database" else int(variant.split()[0]), figures)


def web_servers(context, platform, variant):
    return servers("web", context, platform, variant)


def databases(context, platform, variant):
    return servers("database", context, platform, variant)
