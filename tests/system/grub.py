#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""grub.py FIRMWARE DISK LOG: the firmware boots the disk, GRUB's menu its default, the Xen entry, unedited."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
from machine import Machine, Timeout  # noqa: E402

FIRMWARE = {"seabios": (), "ovmf": ("-bios", "/usr/share/ovmf/OVMF.fd")}


def check(m, firmware):
    m.expect(r"Loading Xen 4\.17-xenolith \.\.\.", 120)
    m.expect(r"Loading Linux 6\.", 60)
    m.boot(300)
    info = dict(re.findall(r"(?m)^(\w+) *: (.*)$", m.sh("xl info")[1]))
    assert (info["xen_major"], info["xen_minor"]) == ("4", "17"), info
    assert info["nr_cpus"] == "2", info["nr_cpus"]
    assert info["xen_commandline"].startswith("console=com1 com1=115200,8n1"), info["xen_commandline"]
    assert m.sh("cat /sys/hypervisor/type")[1] == "xen"
    assert m.sh("cat /sys/hypervisor/version/major /sys/hypervisor/version/minor")[1].split() == ["4", "17"]
    assert re.search(r"(?m)^Domain-0 +0 +\d+ +2 +r", m.sh("xl list")[1]), m.sh("xl list")[1]
    assert m.sh("xl dmesg | grep -c 'by GRUB .*, Multiboot 2:'")[1] == "1"
    m.power_off(60)


def main():
    firmware, disk, log = sys.argv[1:4]
    start = time.monotonic()
    with Machine(None, None, None, [disk], smp=2, log=log, qemu_args=FIRMWARE[firmware]) as m:
        try:
            check(m, firmware)
        except (AssertionError, Timeout, KeyError) as e:
            sys.exit(f"{firmware}: {e!r}\n--- the end of the serial log ({log}):\n{m.tail(60)}")
    print(f"{firmware}: {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
