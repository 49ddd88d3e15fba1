#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The store daemon answers as Debian's does: the same requests, compared byte for byte.

  store_compare.py                  compares ours with the recorded answers
  store_compare.py --record DAEMON  records the answers of DAEMON (Debian's xenstored)

Wants: XENSTORED (the daemon under test) and a C compiler for the shim. With DEBIAN_XENSTORED set,
Debian's daemon is run beside, and the record is checked against it too.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile

import store_requests
from xsclient import Daemon

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
GOLDEN = os.path.join(HERE, "store_golden.txt")

# What is meant to differ: start of the request, our answer, why.
DIFFERENT = [
    ("A CONTROL tx=0 'quota\\x00x\\x00'", "EINVAL",
     "a domain that is no number is refused; the original takes it for Domain 0"),
]


def build_shim(where):
    shim = os.path.join(where, "fakexen.so")
    subprocess.run([*shlex.split(os.environ.get("CC", "gcc")), "-O1", "-shared", "-fPIC", "-w", "-o", shim,
                    "-I", os.path.join(TOP, "libxl/include"), os.path.join(HERE, "fakexen.c")], check=True)
    return shim


def transcript(daemon, shim):
    with Daemon(daemon, shim) as d:
        lines = store_requests.record(d)
        if not d.alive():
            raise RuntimeError("the daemon died: " + d.stderr())
        return lines, d.stderr()


def meant(theirs, ours):
    for start, answer, _ in DIFFERENT:
        if theirs.split(' ', 1)[1].startswith(start) and answer in ours:
            return True
    return False


def parts(line):
    """Of a line with a domain's end all that is said, in any order: it is told by an interrupt, before or after the answer to
    what is asked at the same time."""
    return sorted(re.split(r" [<>] |; ", line)) if "'@releaseDomain" in line else [line]


def compare(name, theirs, ours):
    bad = 0
    for t, o in zip(theirs, ours):
        if parts(t) != parts(o) and not meant(t, o):
            bad += 1
            if bad <= 20:
                print(f"differs from {name}:\n  - {t}\n  + {o}")
    if len(theirs) != len(ours):
        bad += 1
        print(f"{name}: {len(theirs)} lines, ours {len(ours)}")
    return bad


def main():
    with tempfile.TemporaryDirectory() as tmp:
        shim = build_shim(tmp)
        if len(sys.argv) == 3 and sys.argv[1] == "--record":
            lines, _ = transcript(sys.argv[2], shim)
            with open(GOLDEN, "w") as f:
                f.write("\n".join(lines) + "\n")
            print(lines[-1])
            return 0
        daemon = os.environ.get("XENSTORED")
        if not daemon:
            print("XENSTORED names no daemon")
            return 77
        with open(GOLDEN) as f:
            golden = f.read().splitlines()
        ours, err = transcript(daemon, shim)
        bad = compare("the record", golden, ours)
        if "AddressSanitizer" in err or "runtime error" in err:
            print(err)
            bad += 1
        other = os.environ.get("DEBIAN_XENSTORED")
        if other:
            bad += compare("Debian's daemon", transcript(other, shim)[0], ours)
        print(f"{ours[-1][2:]}, {bad} differ, {len(DIFFERENT)} meant to")
        return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
