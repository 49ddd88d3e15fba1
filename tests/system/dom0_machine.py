#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Domain 0 drives the machine's devices: shared INTx, MSI, MSI-X, with interrupts that move while there is traffic.
What a kind of CPU brings with it is looked at in Domain 0 and in a guest: 32-bit system calls, AVX.

dom0_machine.py q35|pc CPUS, with the images' names in the environment (dom0_machine.sh).
"""
import os
import re
import sys
import time

E = os.environ
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from machine import SLOW, Machine, run_steps  # noqa: E402
from story import ALPHA, LIB, Story  # noqa: E402

TRAFFIC = "/root/dom0_traffic"
CPUS = int(sys.argv[2])
KINDS = {
    # -cpu and how its 32-bit programs call the kernel, disks beside the virtio ones, network pairs by driver, -machine
    # and its devices
    "q35": ("max", "syscall", ["/dev/sda", "/dev/nvme0n1"], [("e1000e", "virtio_net"), ("e1000", "e1000")], [
        "-machine", "q35", "-object", "memory-backend-ram,id=m0,size=1280M",
        "-object", "memory-backend-ram,id=m1,size=1280M",
        "-numa", f"node,nodeid=0,cpus=0-{CPUS // 2 - 1},memdev=m0",
        "-numa", f"node,nodeid=1,cpus={CPUS // 2}-{CPUS - 1},memdev=m1",
        "-device", "ide-hd,drive=a,bus=ide.0", "-device", "nvme,drive=b,serial=xt",
        "-netdev", "hubport,id=h0,hubid=0", "-device", "e1000e,netdev=h0,mac=52:54:00:00:00:10",
        "-netdev", "hubport,id=h1,hubid=0", "-device", "virtio-net-pci,netdev=h1,mac=52:54:00:00:00:11",
        # Two slots that are equal modulo 4 have their INTA on one line.
        "-netdev", "hubport,id=h2,hubid=1", "-device", "e1000,netdev=h2,mac=52:54:00:00:00:12,addr=0x10",
        "-netdev", "hubport,id=h3,hubid=1", "-device", "e1000,netdev=h3,mac=52:54:00:00:00:13,addr=0x14",
    ]),
    "pc": ("qemu64,vendor=GenuineIntel", "sysenter", ["/dev/sda", "/dev/vde"], [("e1000", "e1000")], [
        "-machine", "pc", "-device", "ide-hd,drive=a,bus=ide.0", "-device", "virtio-blk-pci,drive=b,addr=0x1c",
        "-netdev", "hubport,id=h2,hubid=1", "-device", "e1000,netdev=h2,mac=52:54:00:00:00:12,addr=0x10",
        "-netdev", "hubport,id=h3,hubid=1", "-device", "e1000,netdev=h3,mac=52:54:00:00:00:13,addr=0x14",
    ]),
}


class Test(Story):
    def __init__(self, m, kind):
        super().__init__(m, CPUS, 2)
        self.kind = kind
        self.clock = []

    # ---- clocks ----

    def read_clocks(self):
        """Domain 0's time by two clocks, between two moments of the host's."""
        before = time.time()
        wall, up = self.sh("date +%s.%N; cut -d' ' -f1 /proc/uptime").split()
        self.clock.append((before, time.time(), float(wall), float(up)))

    def clocks(self):
        """As they went since the first of the steps."""
        self.read_clocks()
        (b0, a0, wall0, up0), (b1, a1, wall1, up1) = self.clock[0], self.clock[-1]
        shortest, longest = b1 - a0, a1 - b0
        slack = 0.02 + 1e-4 * longest
        for name, passed in (("wall clock", wall1 - wall0), ("uptime", up1 - up0)):
            assert shortest - slack <= passed <= longest + slack, \
                f"Domain 0's {name} went {passed:.3f} s while the host's went {shortest:.3f} to {longest:.3f} s"
        assert b1 - 2 <= wall1 <= a1 + 2, f"Domain 0 says {wall1:.1f}, the host {a1:.1f}"
        print(f"   over {longest:.0f} s (deadlines stretched {SLOW:.0f} times)")

    # ---- interrupts ----

    def counts(self, pattern):
        """Per line of /proc/interrupts that matches: IRQ -> the count of each CPU."""
        lines = [x.split() for x in self.sh("cat /proc/interrupts").splitlines() if re.search(pattern, x)]
        return {x[0]: [int(n) for n in x[1:CPUS + 1]] for x in lines}

    def hv_irqs(self):
        """The hypervisor's table: IRQ -> (CPU, controller, count)."""
        self.sh("xl dmesg -c >/dev/null; xl debug-keys i")
        self.until("xl dmesg | grep -q ': guests, by '", "the hypervisor's table of interrupts")
        rows = re.findall(r"(\d+): guests, by (\S+), vector \w+ on CPU (\d+), came (\d+) times",
                          self.sh("xl dmesg | sed 's/^(XEN) //'"))
        return {int(irq): (int(cpu), hw, int(n)) for irq, hw, cpu, n in rows}

    def busiest(self, command):
        """The IRQ that comes most while a command runs, and where it is in the end."""
        before = self.hv_irqs()
        self.sh(command)
        after = self.hv_irqs()
        irq = max(after, key=lambda i: after[i][2] - before.get(i, (0, "", 0))[2])
        return irq, after[irq]

    # ---- steps ----

    def devices(self):
        self.sh("tar -C /root -xf /dev/vdd; modprobe -a ata_piix e1000 e1000e virtio_net 2>/dev/null; true")
        for dev in KINDS[self.kind][2]:
            self.until(f"[ -b {dev} ]", f"the disk {dev}")
        controllers = {hw for _, hw, _ in self.hv_irqs().values()}
        assert "PCI-MSI" in controllers, controllers

    def interfaces(self, driver):
        out = self.sh(f"for d in /sys/class/net/*; do [ \"$(basename $(readlink $d/device/driver) 2>/dev/null)\" = {driver} ] "
                      "&& basename $d; done; true")
        return out.split()

    def traffic(self):
        _, _, disks, pairs, _ = KINDS[self.kind]
        free = {d: self.interfaces(d) for pair in pairs for d in pair}
        lines, jobs = [], []
        for n, pair in enumerate(pairs, 1):
            a, b = (free[d].pop(0) for d in pair)
            lines += [a, b]
            jobs.append(f"net {a} {b} {n} 3")
        jobs += [f"disk {d} 4" for d in disks]
        roaming = "ahci|ata_piix|" + "|".join(lines)
        self.sh(f"touch /tmp/roam; {TRAFFIC} roam /tmp/roam '{roaming}' >/tmp/roam.out 2>&1 & true")
        before = self.counts(roaming)
        run = "; ".join(f"{TRAFFIC} {j} >/tmp/job{i} 2>&1 & p{i}=$!" for i, j in enumerate(jobs)).replace("&;", "&")
        wait = " && ".join(f"wait $p{i}" for i in range(len(jobs)))
        rc, out = self.m.sh(f"{run}; {wait} || {{ head -3 /tmp/job*; false; }}", 600, False)
        assert rc == 0, f"traffic failed: {out}"
        after = self.counts(roaming)
        self.sh("rm /tmp/roam")
        assert not self.sh("cat /tmp/roam.out"), self.sh("cat /tmp/roam.out")
        table = self.sh("cat /proc/interrupts")
        assert len(after) >= len(pairs) + 1, table
        for irq, new in after.items():
            # A network interface has its IRQ from the moment it is up.
            came = [b - a for a, b in zip(before.get(irq, [0] * CPUS), new)]
            assert sum(came) < 40 or sum(n > 0 for n in came) > 1, f"an interrupt did not move: {came}\n{table}"
        shared = [x for x in table.splitlines() if sum(name in x for name in lines) > 1 and "ioapic-level" in x]
        assert shared, "no two devices share a line:\n" + table

    def follows(self):
        """The interrupt of a disk comes to the CPU on which the vCPU that takes it runs."""
        # Its line in /proc/interrupts, and all of Domain 0's IRQs that may roam, on vCPU 1.
        irq = self.sh("grep -E 'ahci|ata_piix' /proc/interrupts | head -1 | cut -d: -f1").strip()
        self.sh(f"echo 2 >/proc/irq/{irq}/smp_affinity")
        read = "dd if=/dev/sda of=/dev/null bs=4k count=200 iflag=direct 2>/dev/null"
        seen = {}
        for cpu in (CPUS - 1, 0):
            self.sh(f"xl vcpu-pin 0 1 {cpu}")
            nr, (at, hw, _) = self.busiest(read)
            seen[cpu] = (nr, at, hw)
        self.sh("xl vcpu-pin 0 1 all")
        assert all(cpu == at for cpu, (_, at, _) in seen.items()), f"vCPU's CPU: (IRQ, its CPU, controller): {seen}"

    def extended_config(self):
        """Registers past 255 are reached by MMCONFIG alone: AER's severity is one that QEMU lets be written."""
        dev = self.sh("basename $(readlink -f /sys/bus/pci/drivers/e1000e/0000:*)")
        out = self.sh(f"""python3 -c '
import os, struct
f = os.open("/sys/bus/pci/devices/{dev}/config", os.O_RDWR)
cap = struct.unpack("<I", os.pread(f, 4, 0x100))[0] & 0xffff
old = struct.unpack("<I", os.pread(f, 4, 0x10c))[0]
os.pwrite(f, struct.pack("<I", old ^ 0x10), 0x10c)
new = struct.unpack("<I", os.pread(f, 4, 0x10c))[0]
print(cap, old ^ new)'""")
        assert out.split() == ["1", str(0x10)], f"capability and changed bits: {out}"

    def topology(self):
        out = self.sh("xl info -n")
        assert re.search(r"nr_nodes +: 2$", out, re.M), out
        nodes = re.findall(r"^ +(\d+): +(\d+) +\d+ +(\d+,\d+)$", out, re.M)
        assert [n[0] for n in nodes] == ["0", "1"] and all(1100 < int(n[1]) < 3600 for n in nodes), out
        cpus = re.findall(r"^ +(\d+): +\d+ +\d+ +(\d+)$", out, re.M)
        assert [node for _, node in cpus] == ["0"] * (CPUS // 2) + ["1"] * (CPUS // 2), out

    def create_guest(self):
        self.sh("xl create -q /etc/xen/demo/alpha.cfg 'disk=[\"/dev/vdd,raw,xvdc,r\"]'", 300)
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network")
        self.guest("alpha", "tar -xf /dev/xvdc")

    def destroy_guest(self):
        self.sh("xl destroy alpha")

    def compat32(self):
        """Processes of 32 bits in both, at once: more than CPUs."""
        run = f"compat32 {KINDS[self.kind][1]}"
        self.sh(f"({LIB}/guest-run alpha './{run}' 200; echo rc=$?) >/tmp/g.32 2>&1 & true")
        assert self.sh(f"/root/{run}", 300) == "COMPAT32-OK"
        self.until("grep -q rc= /tmp/g.32", "the guest's result")
        out = self.sh("cat /tmp/g.32")
        assert "COMPAT32-OK" in out, out

    def avx(self):
        """More processes than vCPUs in Domain 0, while a guest does the same on the same CPUs."""
        self.sh(f"({LIB}/guest-run alpha './avx_state 12 5' 200; echo rc=$?) >/tmp/g.avx 2>&1 & true")
        assert "AVX-KEPT" in self.sh("/root/avx_state 12 9", 300)
        self.until("grep -q rc= /tmp/g.avx", "the guest's result")
        out = self.sh("cat /tmp/g.avx")
        assert "AVX-KEPT" in out, out

    def guest_clock(self):
        """The guest's and Domain 0's uptime go the same way."""
        def sample():
            up = 'cut -d" " -f1 /proc/uptime'
            before = float(self.sh(up))
            guest = float(re.findall(r"(?m)^(\d+\.\d+)\s*$", self.guest("alpha", up))[0])
            return before, guest, float(self.sh(up))
        b0, g0, a0 = sample()
        self.until(f"[ $(cut -d. -f1 /proc/uptime) -gt {int(a0) + 20} ]", "20 seconds")
        b1, g1, a1 = sample()
        assert b1 - a0 - 0.05 <= g1 - g0 <= a1 - b0 + 0.05, (b0, g0, a0, b1, g1, a1)

    def hotplug(self):
        self.sh(f"xl vcpu-set 0 {CPUS // 2}")
        self.until(f"[ $(nproc) -eq {CPUS // 2} ]", "fewer vCPUs in Domain 0")
        self.sh(f"xl vcpu-set 0 {CPUS}")
        up = "for f in /sys/devices/system/cpu/cpu*/online; do echo 1 >$f; done 2>/dev/null"
        self.until(f"{{ {up}; [ $(nproc) -eq {CPUS} ]; }}", "all vCPUs in Domain 0")
        for value, left in ((0, CPUS - 1), (1, CPUS)):
            self.sh(f"echo {value} >/sys/devices/system/cpu/cpu1/online")
            assert int(self.sh("nproc")) == left
        # The CPU that was away takes interrupts and runs programs again.
        self.sh("taskset -c 1 true")

    def clean_log(self):
        log = self.m.all.decode(errors="replace")
        for bad in ("that no one waits for", "Panic on CPU", "nobody cared", "lockup", "Call Trace", "soft reset"):
            assert bad not in log, f"the log says '{bad}':\n{log[max(0, log.find(bad) - 500):log.find(bad) + 500]}"


def main():
    kind = sys.argv[1]
    cpu, _, _, _, qemu = KINDS[kind]
    drives = [x for i in "ab" for x in ("-drive", f"if=none,id={i},file={E['WORK']}/{i}.img,format=raw,snapshot=on")]
    steps = [Test.read_clocks, Test.devices, Test.traffic, Test.follows, Test.create_guest, Test.compat32]
    if kind == "q35":
        steps += [Test.extended_config, Test.topology, Test.avx, Test.guest_clock]
    steps += [Test.destroy_guest, Test.hotplug, Test.clean_log, Test.clocks]
    with Machine(E["HV"], E["K0"], E["I0"], [E["R0"], E["T0"], E["G0"], f"{E['WORK']}/payload.tar"], smp=CPUS,
                 mem=2560, cpu=cpu, log=E["LOG"], hv_args="numa=on", qemu_args=drives + qemu) as m:
        m.boot(600)
        if run_steps(m, Test(m, kind), [(s.__name__, s) for s in steps]):
            sys.exit(1)
        m.power_off()


if __name__ == "__main__":
    main()
