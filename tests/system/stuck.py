#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""stuck.py MONITOR SECONDS FILE...: waits until the machine behind the monitor ends.

If it does not, prints three times where each CPU is, by the symbols of the files (hypervisor, guest) and with the
code addresses on its stack, ends it, and exits 1.
"""
import os
import re
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import monitor  # noqa: E402
from symbols import Symbols  # noqa: E402

LOOKS, APART_SECONDS, STACK_WORDS = 3, 1, 256


def look(machine, symbols, cpu):
    registers = machine.human("info registers", cpu)
    value = {name: int(v, 16) for name, v in re.findall(r"\b([A-Z0-9]{2,3}) *= *([0-9a-f]{16})", registers)}
    print(f"CPU {cpu}: {symbols.at(value['RIP'])}")
    print("\n".join("  " + line.strip() for line in registers.splitlines() if re.match(r"R|CS|CR|EFER", line)))
    words = re.findall(r"0x([0-9a-f]{16})", machine.human(f"x/{STACK_WORDS}gx {value['RSP']:#x}", cpu))
    print("  stack:", " ".join(s for s in (symbols.at(int(w, 16)) for w in words) if s))


def main():
    path, seconds, files = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    try:
        machine = monitor.Monitor(path)
    except (OSError, ValueError):       # it ended before we came
        return 0
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if select.select([machine.socket], [], [], left)[0] and not machine.socket.recv(1 << 16):
            return 0
    symbols = Symbols(*files)
    print(f"The machine has not ended after {seconds:.0f} s.")
    try:
        for _ in range(LOOKS):
            machine.call("stop")
            for cpu in machine.call("query-cpus-fast"):
                look(machine, symbols, cpu["cpu-index"])
            machine.call("cont")
            time.sleep(APART_SECONDS)
        machine.socket.sendall(b'{"execute":"quit"}')
    except (OSError, ValueError):
        print("It ended while we looked.")
    return 1


sys.exit(main())
