#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""isolation.py HYPERVISOR GUEST: what the page tables show that a CPU runs on while a guest does.

The guest never leaves its loop but for interrupts. QEMU's monitor stops it there and walks the tables.
"""
import contextlib
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../lib"))
import monitor  # noqa: E402
from machine import Machine, Timeout  # noqa: E402

CPUS, MEMORY = 2, 512       # MiB
WINDOW, WINDOW_SIZE = 0xffff80a000000000, 1 << 21       # x86/layout.h
M2P = 0xffff800000000000


class Cpu(monitor.Monitor):
    """The first one, which the guest's only vCPU is pinned to."""

    def stop_in_guest(self):
        for _ in range(1000):
            self.call("stop")
            if re.search(r"CPL=3", self.human("info registers")):
                return
            self.call("cont")
        raise AssertionError("the guest does not run")

    def frame(self, address):
        """The machine address behind one of the page tables in use; None: not mapped."""
        found = re.search(r"gpa: (\S+)", self.human(f"gva2gpa {address:#x}"))
        return int(found.group(1), 16) if found else None

    def mapped(self, address):
        return self.frame(address) is not None


def symbols(image):
    lines = subprocess.run(["nm", image], check=True, capture_output=True, text=True).stdout.splitlines()
    return {x[2]: int(x[0], 16) for x in (line.split() for line in lines)}


def secrets(s):
    """Addresses of the hypervisor that no guest needs."""
    return {
        "direct map": 0xffff828000000000, "direct map at 2 MiB": 0xffff828000200000,
        "frame table": 0xffff818000000000, "machine-to-phys table, writable": 0xffff810000000000,
        "C code": s["do_mmu_update"], "data": s["data_start"], "per-CPU variables": s["percpu_start"],
        "boot CPU's stack": s["cpu0_stack"] + 7 * 4096, "read-only data": s["rodata_start"],
        "the other CPU's window": WINDOW + WINDOW_SIZE + 14 * 4096,
    }


def needs(s):
    return {
        "system call entry": s["syscall_stubs"], "entry data": s["syscall_cpu"], "IDT": s["idt"],
        "descriptors and TSS": WINDOW + 14 * 4096, "NMI stack": WINDOW + 33 * 4096, "vCPU": WINDOW + 36 * 4096,
        "machine-to-phys table": M2P,
    }


@contextlib.contextmanager
def spinning(hypervisor, guest, option, cpu="qemu64"):
    """The first CPU of a machine whose guest does not leave its loop."""
    with tempfile.TemporaryDirectory() as work, \
         Machine(hypervisor, f"{guest} end=spin", None, [], smp=CPUS, mem=MEMORY, cpu=cpu, kernel_only=True,
                 hv_args=f"console=com1 dom0_mem=64M dom0_max_vcpus=1 dom0_vcpus_pin noreboot {option}",
                 qemu_args=monitor.options(work + "/qmp")) as m:
        m.expect(r"tiny: spin", 60)
        yield Cpu(work + "/qmp")


def look(hypervisor, guest, option, isolated):
    s = symbols(hypervisor)
    with spinning(hypervisor, guest, option) as q:
        for _ in range(20):
            q.stop_in_guest()
            seen = {name: q.mapped(at) for name, at in secrets(s).items()}
            assert set(seen.values()) == {not isolated}, f"{option}: mapped: {seen}"
            seen = {name: q.frame(at) for name, at in needs(s).items() if isolated}
            assert all(x is not None and x < MEMORY << 20 for x in seen.values()), f"{option}: not mapped: {seen}"
            q.call("cont")
    print(f"ok {option}: {'nothing of' if isolated else 'all of'} the hypervisor is mapped while the guest runs")


def look_at_cr4(hypervisor, guest, cpu, option, pages):
    """Whether the CPU has global pages while a guest runs."""
    with spinning(hypervisor, guest, f"xpti=no {option}", cpu) as q:
        q.stop_in_guest()
        cr4 = int(re.search(r"CR4=(\w+)", q.human("info registers")).group(1), 16)
    assert bool(cr4 & 0x80) == pages, f"{cpu} {option}: CR4 is {cr4:#x}"
    print(f"ok {cpu} {option}: {'' if pages else 'no '}global pages")


def main():
    hypervisor, guest = sys.argv[1:3]
    try:
        look_at_cr4(hypervisor, guest, "qemu64", "", False)
        look_at_cr4(hypervisor, guest, "qemu64,-hypervisor", "", True)
        look_at_cr4(hypervisor, guest, "qemu64", "global-pages=yes", True)
        look_at_cr4(hypervisor, guest, "qemu64,vendor=GenuineIntel", "", True)
        look_at_cr4(hypervisor, guest, "qemu64,vendor=GenuineIntel", "no-global-pages", False)
        look(hypervisor, guest, "xpti=yes", True)
        look(hypervisor, guest, "xpti=dom0=no,domu=yes", False)
        look(hypervisor, guest, "xpti=no", False)
    except (AssertionError, Timeout) as e:
        sys.exit(f"FAILED: {e}")


if __name__ == "__main__":
    main()
