# SPDX-License-Identifier: GPL-2.0-only
"""The xenstore commands print and return what Debian's do. Run by store_cli.sh.

  store_cli.py BINDIR            compares the commands in BINDIR with the record
  store_cli.py BINDIR --record   records those of BINDIR (Debian's) instead
XENSTORED and SHIM name the daemon and the shim, as for the other tests.
"""
import os
import subprocess
import sys

from xsclient import Daemon

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "store_cli_golden.txt")

CASES = r"""
xenstore
xenstore bogus
xenstore -h
xenstore read
xenstore read -h
xenstore-read
xenstore-read -h
xenstore-write -h
xenstore-ls -h
xenstore-list -h
xenstore-rm -h
xenstore-chmod -h
xenstore-exists -h
xenstore-watch -h
xenstore-read -z
xenstore-read /nope
xenstore-write /a/b v1
xenstore-write /a/c v2 /a/d v3
xenstore-write /a/c
xenstore-read /a/b
xenstore-read /a/b /a/c
xenstore-read -p /a/b /a/c
xenstore-read -s /a/b
xenstore read -p /a/b
xenstore-read /a/b /nope /a/c
xenstore-ls
xenstore-ls /a
xenstore-ls -f /a
xenstore-ls -f
xenstore-ls -p
xenstore-ls -fp /a
xenstore-ls -f -p /
xenstore-ls /nope
xenstore-ls /a /b
xenstore-list /a
xenstore-list -p /a
xenstore-list /nope
xenstore-list
xenstore-list /a /tool
xenstore-exists /a
xenstore-exists /nope
xenstore-exists /a /nope
xenstore-exists
xenstore-write -R /a/raw a\x00b\n\xff\\
xenstore-write /a/esc a\x00b\n\xff\\c\101\t\r
xenstore-read /a/raw
xenstore-read -R /a/raw
xenstore-read /a/esc
xenstore-read -R /a/esc
xenstore-ls /a
xenstore-write /a/bad a\q
xenstore-write /a/bad a\xzz
xenstore-write /a/bad a\
xenstore-write /a/tab a	b"c
xenstore-ls /a
xenstore-read /a/tab
xenstore-write /a/long 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
xenstore-ls /a
xenstore-ls -f -p /a
xenstore-chmod /a/b n0 r1
xenstore-chmod /a/b b5
xenstore-chmod /nope n0
xenstore-chmod /a/b
xenstore-chmod /a/b zz
xenstore-chmod /a/b r
xenstore-chmod -r /a n0 r0
xenstore-chmod -u /a/b/c n0
xenstore-chmod -r -u /a/b n0
xenstore-ls -p /
xenstore-rm /a/c
xenstore-rm /nope
xenstore-rm /nope/x
xenstore-rm -t /a/d
xenstore-ls /a
xenstore-write /x/y/z v
xenstore-rm -t /x/y/z
xenstore-ls /
xenstore-write /x/y v /x/y/z v
xenstore-rm -t /x/y/z
xenstore-ls /
xenstore-rm
xenstore-rm /a /nope/b
xenstore-ls
xenstore-watch -n 1 /a
xenstore watch -n 1 /a
xenstore-watch -n 2 /a /b
xenstore-write rel v
xenstore-ls /local
xenstore-read rel
xenstore-ls -s
xenstore ls -t
xenstore-rm -f /a
xenstore-write -p /a/b v
xenstore-control
xenstore-control help
xenstore-control quota
xenstore-control bogus
xenstore-control log on
xenstore-control log
xenstore-control print
xenstore-control print a b
xenstore-control check
xenstore-control quota set nodes 2000
xenstore-control quota 77
"""


def run(bindir, path):
    lines = []
    for line in CASES.strip("\n").split("\n"):
        argv = line.split(" ")
        p = subprocess.run([os.path.join(bindir, argv[0]), *argv[1:]], capture_output=True, timeout=120,
                           stdin=subprocess.DEVNULL, env=dict(os.environ, XENSTORED_PATH=path))
        err = p.stderr.replace(bindir.encode(), b"BIN")
        lines.append(f"$ {line}\t{p.returncode} {p.stdout!r} {err!r}")
    return lines


def main():
    bindir = sys.argv[1]
    with Daemon(os.environ["XENSTORED"], os.environ["SHIM"]) as d:
        lines = run(bindir, d.path)
    if "--record" in sys.argv:
        with open(GOLDEN, "w") as f:
            f.write("\n".join(lines) + "\n")
        return 0
    with open(GOLDEN) as f:
        golden = f.read().splitlines()
    bad = [(g, o) for g, o in zip(golden, lines) if g != o]
    for g, o in bad:
        print(f"- {g}\n+ {o}")
    print(f"{len(lines)} command lines, {len(bad)} differ")
    return 1 if bad or len(lines) != len(golden) else 0


if __name__ == "__main__":
    sys.exit(main())
