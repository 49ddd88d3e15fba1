#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares what the cells of the matrix answered with what Debian's tools answered on Debian's hypervisor, field by field.

matrix_compare.py [--results OUT] [--part] REFERENCE MEANT DIR

DIR has CELL.json of each cell that was run, and what its steps said in CELL-*.out. REFERENCE is what is compared of the
answers of debian-debian, written anew where that was run. MEANT lists the differences that are meant: lines of
`answer | line | reason`, two regular expressions. A difference is a line of either output (with - Debian's, with + the
cell's), or that only one side complained (`- complaint`, `+ complaint`); it is meant when the second expression matches
it. What command ends with what exit code is never another.
"""
import argparse
import difflib
import itertools
import json
import operator
import os
import re
import sys

SHOWN = 6       # lines of one answer
NAME = operator.itemgetter(0)
CELLS = ("debian-debian", "ours-debian", "debian-ours", "ours-ours")
# What is never the same twice: masked on both sides before they are compared.
VOLATILE = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"(?i)\b00:16:3e(:[0-9a-f]{2}){3}\b", "MAC"),
    (r"\b\d+ days?, +\d+:\d+:\d+|\b\d+:\d\d:\d\d\b", "TIME"),
    (r"-\d{8}T\d{4}Z", "-TIME"),
    (r"\bup +\d+:\d\d\b", "up TIME"),
    (r"/dev/pts/\d+", "PTS"),
    (r"/dev/loop\d+", "LOOP"),
    (r"\b7:[0-9a-f]{1,2}\b", "LOOP"),
    (r"\b\d+\.\d+\b", "N.N"),
    (r"\b6\d\d\b", "DOMID"),
]
# In the answers of these commands numbers move by themselves.
MOVING = [
    (r"xentop|statprint", r"(?<![\w.-])\d+(?![\w-])", "N"),
    (r"xentop", r"(?<![\w.-])\d+(?=(?:s|bytes|pkts|drop)\b)", "N"),
    (r"xentop", r"(?<= )[dsbcpr-]{6}(?= )", "STATE"),
    (r"vcpu-list", r"(?m)^(\S+ +\S+ +\S+ +)(?:\d+|-)( +)[r-][b-]", r"\1C\2--"),
    (r"xl list|xl claims", r"(?<= )[r-][b-](?=[p-][s-][c-][d-] )", "--"),
    (r"xl info", r"(?m)^((?:free_memory|cpu_mhz|cc_compile_date|xen_commandline|hw_caps) *: ).*", r"\1..."),
    (r"xl block-list|xl network-list", r"(?m)^(\d+ +\d+ +\S+ +(?:\d+ +)?\d+) +\S+ +\S+", r"\1 N N"),
    (r"xl info -n", r"(?m)^( *0: +\d+ +)\d+", r"\1N"),
    (r"store|xenstore-ls", r"((?:ring-ref|ring-page-ref|event-channel|port|tx-ring-ref|rx-ring-ref|start-time|meminfo"
                           r"|xend-store-ref|[\w-]*-ref)\"? = \")[^\"]*", r"\1N"),
    (r"list -l|create -n", r"(\"(?:tty|path)\": ).*", r"\1..."),
]


def fields(command, text):
    for rx, to in VOLATILE:
        text = re.sub(rx, to, text)
    for which, rx, to in MOVING:
        if re.search(which, command):
            text = re.sub(rx, to, text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return sorted(lines) if "store" in command else lines


def load_meant(path):
    rows = []
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, rx, reason = (x.strip() for x in line.split(" | "))
                rows.append((re.compile(name + r"\Z"), re.compile(rx), reason))
    return rows


def meant(rows, name, line):
    return any(r[0].match(name) and r[1].search(line) for r in rows)


def digest(answer):
    """What is compared of an answer."""
    return {"exit": answer["exit"], "complaint": (answer["complaint"].splitlines() or [""])[0],
            "lines": fields(answer["command"], answer["output"])}


def differing(theirs, ours):
    """The lines in which two digests differ."""
    for sign, a, b in (("-", theirs, ours), ("+", ours, theirs)):
        if a["complaint"] and not b["complaint"]:
            yield f"{sign} complaint {a['complaint']}"
    for line in difflib.ndiff(theirs["lines"], ours["lines"]):
        if line[0] in "+-":
            yield line


def compare(rows, theirs, ours, verdicts):
    """[(answer, what differs and is not meant)]; how each answer agrees goes into verdicts."""
    bad = []
    for name, answer in ours.items():
        if name not in theirs:
            bad.append((name, "Debian was not asked"))
            continue
        lines = list(differing(theirs[name], answer))
        wrong = [x for x in lines if not meant(rows, name, x)]
        if theirs[name]["exit"] != answer["exit"]:
            wrong.insert(0, f"exit {theirs[name]['exit']} became {answer['exit']}")
        bad += [(name, x) for x in wrong]
        how = "differs" if wrong else "meant" if lines else "same"
        verdicts[name] = max(how, verdicts.get(name, how), key=["same", "meant", "differs"].index)
    return bad


def steps(folder, cell):
    """(part, whether it went well, text) of each step that the cell's programs told of."""
    for part in ("story", "scenarios", "streams-save", "streams-restore"):
        path = os.path.join(folder, f"{cell}-{part}.out")
        if os.path.exists(path):
            with open(path) as f:
                for line in f:
                    m = re.match(r"(ok|FAILED) (.*?)(?: \(\d+ s\)$|: |$)", line)
                    if m:
                        yield part, m.group(1), m.group(2)


def write_results(path, folder, names, cells, verdicts):
    with open(path, "w") as f:
        f.write("# SPDX-License-Identifier: GPL-2.0-only\n# Written by tests/matrix. step: cell, part, end, text.\n"
                f"# answer: exit code in {', '.join(CELLS)}; how Debian's tools and ours agree; command's name.\n")
        for cell in CELLS:
            for part, end, text in steps(folder, cell):
                f.write(f"step\t{cell}\t{part}\t{end}\t{text}\n")
        for name in names:
            exits = "\t".join(str(cells[c][name]["exit"]) if c in cells and name in cells[c] else "-" for c in CELLS)
            f.write(f"answer\t{exits}\t{verdicts.get(name, '-')}\t{name}\n")


def load(path):
    with open(path) as f:
        return json.load(f)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--results", help="what docs/compatibility.md is made of")
    p.add_argument("--part", action="store_true", help="the cells were asked a part only")
    p.add_argument("reference")
    p.add_argument("meant")
    p.add_argument("folder")
    a = p.parse_args()
    rows = load_meant(a.meant)
    cells = {}
    for cell in CELLS:
        path = os.path.join(a.folder, f"{cell}.json")
        if os.path.exists(path):
            cells[cell] = {name: digest(answer) for name, answer in load(path).items()}
    reference = load(a.reference) if a.part and os.path.exists(a.reference) else {}
    if "debian-debian" in cells:
        reference.update(cells["debian-debian"])
        with open(a.reference, "w") as f:
            json.dump(reference, f, indent=0)
            f.write("\n")
    reference = reference or load(a.reference)
    verdicts, failed = {}, not cells
    for cell in CELLS[1:]:
        if cell not in cells:
            continue
        bad = compare(rows, reference, cells[cell], verdicts)
        if not a.part:
            bad += [(name, "was not asked") for name in reference.keys() - cells[cell].keys()]
        for name, group in itertools.groupby(sorted(bad, key=NAME), NAME):
            lines = [what for _, what in group]
            for what in lines[:SHOWN]:
                print(f"{cell}: {name}: {what}")
            if lines[SHOWN:]:
                print(f"{cell}: {name}: and {len(lines) - SHOWN} lines more")
        print(f"{cell}: {len(cells[cell])} answers, {len(bad)} differences that are not meant")
        failed |= bool(bad)
    if a.results:
        write_results(a.results, a.folder, reference, cells, verdicts)
    sys.exit(failed)


if __name__ == "__main__":
    main()
