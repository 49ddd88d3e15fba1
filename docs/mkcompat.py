#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes docs/compatibility.md out of what the matrix found, what is meant to differ, and xl's table of commands.

mkcompat.py ROOT

Inputs: tests/matrix-results (RESULTS=tests/matrix-results tests/matrix), tests/matrix-meant, xl/commands.c,
tests/lib/configs.
"""
import os
import re
import sys

CELLS = ("debian-debian", "ours-debian", "debian-ours", "ours-ours")
# What the commands that are not built wait for, by their names.
NEEDS = [(r"pci-|usb", "passing devices through"), (r"migrate|remus", "migration"),
         (r"cd-|button-", "hardware virtualization")]
HEAD = """<!-- SPDX-License-Identifier: GPL-2.0-only -->
<!-- Written by docs/mkcompat.py: change its inputs, not this file. -->
# Compatibility with Xen 4.17

`tests/matrix` runs one list of scenarios in four cells, {Debian's hypervisor, ours} x {Debian's tools 4.17, ours}, with
the same stock kernel 6.1 and the same configurations, and compares what each cell answers with what Debian's tools answer
on Debian's hypervisor: exit codes, every word of the output, whether there was a complaint. What follows is what its last
run found.

"""


def read(root, path):
    with open(os.path.join(root, path)) as f:
        return f.read()


def results(root):
    steps, answers = [], []
    for line in read(root, "tests/matrix-results").splitlines():
        kind, *rest = line.split("\t")
        if kind == "step":
            steps.append(rest)
        elif kind == "answer":
            answers.append(rest)
    return steps, answers


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows]) + "\n"


def steps_table(steps):
    found = {}
    for cell, part, end, text in steps:
        found.setdefault((part, text), {})[cell] = end
    head = ("part", "step", *(c.replace("-", " hypervisor, ", 1) + " tools" for c in CELLS))
    return table(head, [(part, text, *(ends.get(c, "not run") for c in CELLS)) for (part, text), ends in found.items()])


def code(text):
    return "`" + text.replace("|", "\\|") + "`"


def configs_table(answers, folder):
    rows = []
    exits = {a[-1]: a[:4] for a in answers}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), newline="") as f:
            about = re.search(r"# (?:made|dry): (.*)", f.read()).group(1).strip()
        row = [code(name), about]
        for what in ("-n", "create"):
            codes = exits.get(f"config {name}: {what}", ())
            known = sorted(set(codes) - {"-"})
            row.append("" if not known else known[0] if len(known) == 1 else "/".join(codes))
        rows.append(row)
    return table(("configuration", "what it is", "exit of `create -n`", "exit of `create`"), rows)


def meant(root):
    rows = []
    for line in read(root, "tests/matrix-meant").splitlines():
        if line.strip() and not line.startswith("#"):
            name, rx, reason = (x.strip() for x in line.split(" | "))
            rows.append((code(name), code(rx), reason))
    return table(("answers", "lines that differ", "why"), rows)


def missing(root):
    found = re.findall(r'MISSING\("([a-z-]+)",\s*"([^"]*)"', read(root, "xl/commands.c"))
    needs = {n: next((what for rx, what in NEEDS if re.match(rx, n)), "") for n, _ in found}
    return table(("command", "what it would do", "what it needs"),
                 [(code("xl " + n), text, needs[n]) for n, text in sorted(found)])


def elsewhere(answers):
    """What is compared with a reference from another cell."""
    n = sum(a[0] == "-" for a in answers)
    return n and (f" {n} of them were not asked of Debian's tools on Debian's hypervisor: they are compared with what "
                  "Debian's tools answered on ours.") or ""


def main():
    root = sys.argv[1]
    steps, answers = results(root)
    count = {how: sum(a[4] == how for a in answers) for how in ("same", "meant", "differs")}
    print(HEAD + f"{len(answers)} answers: {count['same']} are the same word by word, {count['meant']} differ only as is "
          f"meant (below), {count['differs']} differ otherwise.{elsewhere(answers)}\n\n"
          "## Steps\n\n" + steps_table(steps) +
          "\n## Configurations of real hosts\n\nOne exit code where all cells agree.\n\n" +
          configs_table(answers, os.path.join(root, "tests/lib/configs")) +
          "\n## Differences that are meant\n\nRegular expressions, from `tests/matrix-meant`; with `-` a line of Debian's "
          "tools, with `+` one of ours.\n\n" + meant(root) +
          "\n## Commands that are not built\n\nEach says so in one sentence and exits with 1.\n\n" + missing(root), end="")


if __name__ == "__main__":
    main()
