# SPDX-License-Identifier: GPL-2.0-only
"""How an attack that ran as Domain 0's kernel ended, by the serial log, and how it should have."""
import os
import re

TABLE = os.path.dirname(os.path.abspath(__file__)) + "/../attacks.table"


def expected_ends():
    with open(TABLE, encoding="ascii") as f:
        rows = [line.split(" | ") for line in f if not line.startswith("#")]
    return {r[0]: r[1] for r in rows}


def began(log):
    """Whether the guest ran at all: a machine that stops before says nothing about the attack."""
    return "ATTACK-BEGINS" in log


def ended_as(end, log, late):
    """None, or in a few words what is wrong."""
    if not began(log):
        return "the guest is not started: " + log.strip()[-200:].replace("\n", " ")
    if "Panic on CPU" in log:
        return "the hypervisor panics: " + re.search(r"Panic on CPU.*?\n(.*\n){0,2}", log)[0].replace("\n", " ").strip()
    crashes = re.findall(r"d0 crashed: (.*)", log)
    if end.startswith("death:"):
        if len(crashes) == 1 and end[6:] in crashes[0]:
            return None
    elif "GUEST-RESULT PASS" in log and not crashes and not late:
        return None
    if crashes:
        return "the guest dies: " + crashes[0].strip()
    wrong = re.search(r"(.*)\n.*ATTACK \S+ FAIL", log)
    return "wrong answer: " + wrong[1].strip() if wrong else "hangs" if late else "the machine is gone"
