# SPDX-License-Identifier: GPL-2.0-only
"""readme.py NUMBER: that block of commands in README.md's section about the way from Xen to Xenolith and back."""
import os
import re
import sys

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")
SECTION = "## From Xen to Xenolith and back\n"


def blocks():
    """A list of commands for each: make the packages, install them, take up new daemons, go back."""
    with open(README, encoding="utf-8") as f:
        section = f.read().split(SECTION, 1)[1].split("\n## ", 1)[0]
    found = [re.findall(r"(?m)^    (.*)$", b) for b in section.split("\n\n") if b.startswith("    ")]
    assert len(found) == 4, found
    return found


if __name__ == "__main__":
    print("\n".join(blocks()[int(sys.argv[1])]))
