#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares what two sets of tools answered in the matrix, field by field; writes docs/compatibility.md's table.

matrix_compare.py MEANT THEIRS.json OURS.json

MEANT lists the differences that are meant: lines of `answer | regular expression | reason`. A difference is a
line of either output; it is meant when the expression matches it. Exit codes may only differ by `exit`.
"""
import difflib
import json
import re
import sys

# What is never the same twice: masked on both sides before they are compared.
VOLATILE = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"\b\d+ days?, +\d+:\d+:\d+|\b\d+:\d\d:\d\d\b", "TIME"),
    (r"-\d{8}T\d{4}Z", "-STAMP"),
    (r"/dev/pts/\d+", "PTS"),
    (r"\b\d+\.\d+\b", "N.N"),
    (r"(?<![\w.-])\d{3,}(?![\w-])", "NNN"),
    (r"/dev/loop\d+", "LOOP"),
    (r"\b[rb-][-b](?=[p-][s-][c-][d-]\b)", "--"),
]
ORDERED = re.compile(r"^(store|info$)")


def fields(name, text):
    lines = []
    for line in text.splitlines():
        for rx, to in VOLATILE:
            line = re.sub(rx, to, line)
        lines.append(" ".join(line.split()))
    return sorted(lines) if ORDERED.match(name) else lines


def load_meant(path):
    rows = []
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, rx, reason = (x.strip() for x in line.split(" | "))
                rows.append({"name": re.compile(name + r"\Z"), "rx": re.compile(rx), "reason": reason, "used": False})
    return rows


def meant(rows, name, line):
    for r in rows:
        if r["name"].match(name) and r["rx"].search(line):
            r["used"] = True
            return True
    return False


def compare(rows, theirs, ours):
    bad = []
    for name in sorted(set(theirs) | set(ours)):
        if name not in theirs or name not in ours:
            bad.append((name, "only one side was asked"))
            continue
        a, b = theirs[name], ours[name]
        if a["exit"] != b["exit"] and not meant(rows, name, f"exit {a['exit']} {b['exit']}"):
            bad.append((name, f"exit {a['exit']} became {b['exit']}"))
        for line in difflib.ndiff(fields(name, a["output"]), fields(name, b["output"])):
            if line[0] in "+-" and not meant(rows, name, line):
                bad.append((name, line))
    return bad


def main():
    rows = load_meant(sys.argv[1])
    with open(sys.argv[2]) as f:
        theirs = json.load(f)
    with open(sys.argv[3]) as f:
        ours = json.load(f)
    bad = compare(rows, theirs, ours)
    for name, what in bad:
        print(f"{name}: {what}")
    print(f"{len(theirs)} answers compared, {len(bad)} differences that are not meant")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
