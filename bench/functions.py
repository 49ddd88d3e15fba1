# SPDX-License-Identifier: GPL-2.0-only
"""What bench/counter.c wrote of a row, by function."""
import collections

HYPERVISOR, KERNEL = 0xffff800000000000, 0xffff880000000000     # where they begin, as in bench/counter.c


def who_is_at(address):
    return "program" if address < HYPERVISOR else "hypervisor" if address < KERNEL else "kernel"


def read(path, symbols, rounds):
    """(who, function) -> instructions in a round; "?" where no function is known."""
    by = collections.Counter()
    with open(path, encoding="ascii") as f:
        for line in f:
            address, n = line.split()
            address = int(address, 16)
            who = who_is_at(address)
            by[who, "?" if who == "program" else symbols.name(address) or "?"] += int(n)
    return collections.Counter({key: n / rounds for key, n in by.items()})
