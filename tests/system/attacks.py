#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Attacks by unprivileged domains under a domain that watches: attacks.py plain|full [NAME...], see attacks.sh."""
import os
import re
import sys

TOP = os.path.dirname(os.path.abspath(__file__)) + "/../.."
sys.path.insert(0, TOP + "/tests/lib")
from machine import Machine, Timeout  # noqa: E402

LIB = "/usr/lib/xenolith-test"
EVENT_CHANNELS = 8192   # more than the 2-level ABI has, and than one page of FIFO's words
MAPTRACK_FRAMES = 64    # few enough for a guest to take all handles
ROWS_AT_ONCE = 10       # no flow control on a serial line: a shell that reads slowly loses the end of more
# As the hypervisor has them without options: a guest's mistakes are told, but not without limit.
DEFAULT_LEVELS = "loglvl=warning guest_loglvl=none/warning"


def read_table():
    with open(TOP + "/tests/guests/attacks.table", encoding="ascii") as f:
        return [line.rstrip("\n").split(" | ") for line in f if not line.startswith("#")]


def create(m, name, memory, vcpus, extra):
    config = (f'name="{name}"\\nkernel="{LIB}/{extra}.elf"\\nmemory={memory}\\nvcpus={vcpus}\\n'
              f'max_event_channels={EVENT_CHANNELS}\\nmax_maptrack_frames={MAPTRACK_FRAMES}\\n')
    m.sh(f"printf '{config}' >/root/{name}.cfg")


def start_watcher(m):
    create(m, "watcher", 16, 1, "watcher")
    m.sh("xl create -e -q /root/watcher.cfg")
    log = "/var/log/xen/console/guest-watcher.log"
    ready = m.sh(f"n=0; until grep WATCH-READY {log} 2>/dev/null; do n=$((n+1)); [ $n -lt 300 ] || exit 1; "
                 "sleep 0.1; done")[1]
    domid = m.sh("xl domid watcher")[1]
    tty = m.sh(f"xenstore-read /local/domain/{domid}/console/tty")[1]
    return f"{domid} {re.search(r'mfn=([0-9a-f]+)', ready)[1]} {tty}"


def names_in_guest(m):
    """The attacks that the guest knows; its first life also makes what Domain 0 keeps after the first one."""
    m.sh("xl create -e -q /root/attacker.cfg 'extra=\"list\"'")
    log = "/var/log/xen/console/guest-attacker.log"
    text = m.sh(f"n=0; until grep -q GUEST-RESULT {log}; do n=$((n+1)); [ $n -lt 300 ] || exit 1; sleep 0.1; done; "
                f"xl destroy attacker; cat {log}", 120)[1]
    return set(re.findall(r"ATTACK-NAME (\S+)", text))


def run(m, watcher, rows):
    """Whether one of these rows failed."""
    m.sh("rm -f /root/list")
    for i in range(0, len(rows), ROWS_AT_ONCE):
        m.sh("cat >>/root/list <<'E'\n" + "\n".join(f"{r[0]} {r[1]}" for r in rows[i:i + ROWS_AT_ONCE]) + "\nE")
    text = m.sh(f"{LIB}/attack_runner {watcher} </root/list", 60 + 10 * len(rows), False)[1]
    print(text, flush=True)
    if len(re.findall(r"^ok ", text, re.M)) == len(rows):
        return 0
    return 1


def main():
    when, wanted = sys.argv[1], sys.argv[2:]
    table = read_table()
    rows = [r for r in table if (r[0] in wanted if wanted else when == "full" or r[2] == "plain")]
    with Machine(os.environ["HV"], os.environ["KERNEL"], os.environ["RAMDISK"],
                 [os.environ["ROOT"], os.environ["TOOLS"]], mem=1536, log=os.environ["LOG"],
                 hv_args=DEFAULT_LEVELS, guarded=True) as m:
        try:
            m.boot(600)
            create(m, "attacker", 16, 2, "attack")
            watcher = start_watcher(m)
            names = names_in_guest(m)
            assert names == {r[0] for r in table}, f"guest and table differ: {names ^ {r[0] for r in table}}"
            failed = run(m, watcher, rows)
            # Deaths once more, with every message of the hypervisor's about guests.
            m.sh("xl debug-keys G && for i in 1 2 3 4; do xl debug-keys +; done")
            deaths = [r for r in rows if r[1].startswith("death:")]
            failed += run(m, watcher, deaths) if deaths else 0
            assert not re.search(rb"Panic on CPU|ASSERT", m.all), "the hypervisor failed"
        except (AssertionError, Timeout) as e:
            print(f"FAILED: {e}\n--- the end of the serial log:\n{m.tail(60)}")
            failed = 1
    print(f"{len(rows)} attacks" + (", some ended otherwise than they should" if failed else " ended as they should"))
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
