# SPDX-License-Identifier: GPL-2.0-only
"""Names of code addresses, from ELF files and from a kernel's System.map."""
import bisect
import subprocess

FURTHEST = 1 << 16      # a function reaches no further
LOWEST = 1 << 32        # nothing that is looked at here has code below


def rows(path):
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            f.seek(0)
            return f.read().decode().splitlines()
    return subprocess.run(["nm", path], check=True, capture_output=True, text=True).stdout.splitlines()


class Symbols:
    def __init__(self, *files):
        parts = [line.split() for path in files for line in rows(path)]
        self.known = sorted({(int(p[0], 16), p[2]) for p in parts if len(p) == 3 and p[1] in "tTwW"})
        self.starts = [address for address, _ in self.known]

    def _index(self, address):
        i = bisect.bisect_right(self.starts, address) - 1
        return i if i >= 0 and address >= LOWEST and address - self.starts[i] <= FURTHEST else None

    def name(self, address):
        """The function there; None where no code is known."""
        i = self._index(address)
        return None if i is None else self.known[i][1]

    def at(self, address):
        """NAME+OFFSET, or None."""
        i = self._index(address)
        return None if i is None else f"{self.known[i][1]}+{address - self.starts[i]:#x}"

    def range_of(self, name):
        """The function's first address and the one after its last, or None."""
        for i, (address, known) in enumerate(self.known):
            if known == name:
                return address, self.starts[i + 1] if i + 1 < len(self.starts) else address + FURTHEST
        return None
