#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A crash kernel, loaded by Debian's kexec-tools, after a panic of the hypervisor and after one of Domain 0: it comes up,
and the core that it finds is what readelf takes it for and holds the memory of before. Then another kernel by
`kexec -e`. Debian's crash, unpacked in CRASH=, opens the cores with VMLINUX=, the kernel and its symbols.

kexec.py [hypervisor|domain0|other ...]: only these.
"""
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import machine  # noqa: E402
import monitor  # noqa: E402
from machine import Machine, run_steps  # noqa: E402

HV, WORK, KERNEL, LOG, VMLINUX, CRASH = (os.environ[k] for k in ("HV", "WORK", "KERNEL", "LOG", "VMLINUX", "CRASH"))
ORIGINAL = not HV.endswith("xenolith")
LIBRARIES = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")
CPUS, MIB = 2, 1 << 20
MEMORY, AREA = 1024, 160        # MiB
APPEND = "console=ttyS0,115200 nr_cpus=1 irqpoll reset_devices quiet"
# In Domain 0's memory, in parts lest the words that ask for it are found.
MARK = b"kexec-test-" + b"mark-5ebd9e4e"
NT_PRSTATUS, CRASH_INFO, CRASH_REGS = 1, 0x1000001, 0x1000002
PRSTATUS_SIZE, REG_RIP, REG_CS = 336, 112 + 16 * 8, 112 + 17 * 8
GUEST_KERNEL_CS, HYPERVISOR_CS = 0xe033, 0xe008


class Core:
    """What an ELF core says, read without any help."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            head = f.read(64)
            assert head[:7] == b"\x7fELF\x02\x01\x01", "no ELF file"
            kind, self.cpu_type = struct.unpack_from("<HH", head, 16)
            offset, size, count = struct.unpack_from("<Q", head, 32)[0], *struct.unpack_from("<HH", head, 54)
            assert kind == 4 and self.cpu_type == 62 and size == 56, "no core of an x86-64"
            f.seek(offset)
            self.segments = [struct.unpack("<IIQQQQQQ", f.read(size)) for _ in range(count)]
            (note,) = [s for s in self.segments if s[0] == 4]
            f.seek(note[2])
            self.notes = list(self.parse(f.read(note[5])))

    @staticmethod
    def parse(data):
        at = 0
        while at + 12 <= len(data):
            name_size, size, kind = struct.unpack_from("<III", data, at)
            name = data[at + 12:at + 12 + name_size].rstrip(b"\0").decode()
            at += 12 + (name_size + 3 & ~3)
            yield name, kind, data[at:at + size]
            at += size + 3 & ~3

    def of(self, name, kind):
        return [d for n, k, d in self.notes if (n, k) == (name, kind)]

    def read(self, pa, size):
        for kind, _, offset, _, start, length, _, _ in self.segments:
            if kind == 1 and start <= pa < start + length:
                with open(self.path, "rb") as f:
                    f.seek(offset + pa - start)
                    return f.read(size)
        raise AssertionError(f"{pa:#x} is not in the core")

    def has(self, text):
        return subprocess.run(["grep", "-qaF", text, self.path], check=False).returncode == 0


class Kexec:
    def __init__(self, name):
        self.core = f"{WORK}/{name}.core"
        with open(self.core, "wb") as f:
            f.truncate(MEMORY * MIB * 5 // 4)
        self.monitor = f"{WORK}/{name}.monitor"
        self.m = Machine(HV, KERNEL, f"{WORK}/dom0.gz", [], smp=CPUS, mem=MEMORY, dom0_mem=512,
                         hv_args=f"crashkernel={AREA}M nmi=fatal", k_args="sysrq_always_enabled", log=f"{LOG}-{name}.log",
                         qemu_args=("-drive", f"file={self.core},if=virtio,format=raw", *monitor.options(self.monitor)))

    def sh(self, cmd, timeout=180):
        return self.m.sh(cmd, timeout)[1]

    def status(self, option, want):
        """Of kexec-tools 2.0.25: 1 and a word when it is loaded."""
        rc, out = self.m.sh(f"kexec {option} -S", 60, False)
        assert rc == want, f"kexec {option} -S: exit {rc}\n{out}"

    def boot(self):
        self.m.boot(300)

    def load(self, option="-p", more=""):
        self.sh(f"kexec {option} /vmlinuz --initrd=/initrd.gz --append='{APPEND} {more}'", 300)
        self.sh("x=kexec-test-; echo ${x}mark-5ebd9e4e >/tmp/mark")

    def load_crash(self):
        self.status("-p", 0)
        self.load()
        self.status("-p", 1)
        self.sh("kexec -p -u")
        self.status("-p", 0)
        self.load()
        assert int(self.sh("kexec --print-ckr-size")) == AREA * MIB

    def panic(self):
        monitor.Monitor(self.monitor).call("inject-nmi")
        self.m.expect("Panic on CPU 0", 60)

    def crash_by_sysrq(self):
        self.m.send("echo c >/proc/sysrq-trigger\n")

    def crash_kernel(self):
        up = self.m.expect(r"CRASH-KERNEL-UP \S+ (.*)\n", 300)
        assert b"elfcorehdr=" in up[1], up[1]
        size = int(self.m.expect(r"VMCORE-SAVED (\d+)\n", 300)[1])
        self.m.wait_exit(60)
        os.truncate(self.core, size)

    def core_is_right(self):
        out = subprocess.run(["readelf", "-h", "-l", "-n", self.core], capture_output=True, text=True, check=True)
        assert "Type:                              CORE (Core file)" in out.stdout, out.stdout
        assert out.stdout.count("NT_PRSTATUS") == CPUS and not out.stderr, out.stdout + out.stderr
        c = Core(self.core)
        area = [s for s in c.segments if s[0] == 1]
        total = sum(s[5] for s in area)
        assert 0 <= (MEMORY - AREA) * MIB - total < 2 * MIB, f"{total} bytes of memory in it"
        regs = c.of("CORE", NT_PRSTATUS)
        assert [len(x) for x in regs] == [PRSTATUS_SIZE] * CPUS
        for x in regs:
            rip, cs = struct.unpack_from("<QQ", x, REG_RIP)
            assert cs in (GUEST_KERNEL_CS, HYPERVISOR_CS, 0x33) and rip, f"{cs:#x}:{rip:#x}"
        crs = c.of("Xen", CRASH_REGS)
        assert len(crs) == CPUS and all(struct.unpack("<4Q", x)[0] & 0x80000001 == 0x80000001 for x in crs), crs
        (info,) = c.of("Xen", CRASH_INFO)
        info = struct.unpack("<10Q", info)
        assert info[:2] == (4, 17), info
        assert c.read(info[2], 2)[:1] == b".", "the version's text"
        # Domain 0's list of lists of its frames: what crash goes by.
        lists = struct.unpack("<2Q", c.read(info[9] << 12, 16))
        assert c.read(lists[0] << 12, 4096), "the first list"
        (text,) = c.of("VMCOREINFO_XEN", 0)
        assert b"PAGESIZE=4096\n" in text, text
        assert c.has(MARK), "Domain 0's file is not in the core"

    def dom0_panicked(self):
        """The CPU that went down was in Domain 0's kernel."""
        cs = [struct.unpack_from("<QQ", x, REG_RIP)[1] for x in Core(self.core).of("CORE", NT_PRSTATUS)]
        assert GUEST_KERNEL_CS in cs, cs
        assert Core(self.core).has(b"Kernel panic - not syncing: sysrq triggered crash"), "no panic in the core"

    def crash_opens(self):
        out = subprocess.run([f"{CRASH}/usr/bin/crash", "-s", VMLINUX, self.core],
                             input="set scroll off\nsys\np linux_banner\nmach\nquit\n", capture_output=True, text=True,
                             env={**os.environ, "LD_LIBRARY_PATH": ":".join(CRASH + x for x in LIBRARIES)}, timeout=600,
                             check=False)
        out = out.stdout + out.stderr
        for want in (r"PANIC:", rf"CPUS: {CPUS}", r'"Linux version 6\.1', r"HYPERVISOR: Xen"):
            assert re.search(want, out), f"no {want!r}\n{out}"

    def other_kernel(self):
        self.status("-l" if ORIGINAL else "", 0)
        self.load("-l", "xt.other")
        self.m.send("kexec -e\n")
        up = self.m.expect(r"CRASH-KERNEL-UP \S+ (.*)\n", 300)
        assert b"xt.other" in up[1] and b"elfcorehdr" not in up[1], up[1]
        self.m.expect("CRASH-KERNEL-DONE", 60)
        self.m.wait_exit(60)


CRASHED = [("the crash kernel comes up and writes the core", Kexec.crash_kernel),
           ("the core: program headers, notes of each CPU, memory", Kexec.core_is_right)]
BEGIN = ("Domain 0 boots", Kexec.boot)
LOAD = ("kexec -p, -p -u, -p -S, --print-ckr-size", Kexec.load_crash)
PARTS = {
    "hypervisor": [BEGIN, LOAD, ("the hypervisor panics", Kexec.panic), *CRASHED,
                   ("crash opens it", Kexec.crash_opens)],
    "domain0": [BEGIN, LOAD, ("Domain 0 panics", Kexec.crash_by_sysrq), *CRASHED,
                ("the core tells of that panic", Kexec.dom0_panicked), ("crash opens it", Kexec.crash_opens)],
    "other": [BEGIN, ("kexec -l, kexec -e: another kernel", Kexec.other_kernel)],
}


def main():
    machine.PANIC = b"\0"       # a panic is what is wanted
    if ORIGINAL:
        machine.INPUT_ROOM = 120
    failed = 0
    for name in sys.argv[1:] or PARTS:
        print(f"== {name}", flush=True)
        k = Kexec(name)
        with k.m:
            failed += run_steps(k.m, k, PARTS[name])
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
