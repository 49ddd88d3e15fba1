#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Programs of other people, the Python package and the examples in one Domain 0, on the hypervisor that is named.

people.py [--only GROUP,...] HYPERVISOR KERNEL RAMDISK LOG ROOT TOOLS GUESTS

ROOT has Debian's tools and their friends, TOOLS our libraries in the place of theirs.
"""
import argparse
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from machine import Machine, run_steps  # noqa: E402
from story import LIB, Story  # noqa: E402

X = "/usr/share/doc/xenolith/examples"
BIN = "/usr/lib/xen-4.17/bin"
OUTSIDE = "10.0.0.254"      # beyond Domain 0's network card
RAMDISK = "10.0.0.20"
TEXT = range(0xffffffff80000000, 0xffffffffc0000000)    # where Linux's code is


class People(Story):
    def boot(self):
        super().boot()
        self.sh("mkdir -p /srv/guests && ln -sf /srv/xen/vmlinuz /vmlinuz")
        self.sh(f"{X}/guests/make-ramdisk /run/ramdisk.gz && mv /run/ramdisk.gz /srv/guests/")
        out = self.sh("ldd " + " ".join(f"{BIN}/{p}" for p in ("xenctx", "test-resource", "vchan-socket-proxy", "xenpm")))
        assert "not found" not in out, out

    def recover(self):
        self.m.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done", 300, False)

    def says(self, name, pattern, seconds=300):
        self.until(f"grep -qE '{pattern}' /var/log/xen/console/guest-{name}.log", f"{name} saying {pattern!r}", seconds)

    def create(self, config, name, *settings, says="The guest is up"):
        """By a configuration of examples/; its number."""
        self.sh(f"rm -f /var/log/xen/console/guest-{name}.log; xl create -q {X}/{config} "
                + " ".join(f"'{s}'" for s in settings), 300)
        if says:
            self.says(name, says)
        return self.domid(name)

    def destroy(self, name):
        self.sh(f"xl destroy {name}")
        self.until(f"! xl domid {name}", f"the end of {name}")

    # ---- networks and the guests on them ----

    def network_card(self):
        """What stands for the network outside: its own stack, at the other end of a pair of interfaces."""
        self.sh("ip link del xenbr0; ip netns add outside; ip link add card0 type veth peer name out0 netns outside; "
                "ip netns exec outside ip link set out0 up; ip link set card0 up; ip addr add 10.0.0.1/24 dev card0; "
                f"ip netns exec outside ip addr add {OUTSIDE}/24 dev out0; ip route add default via {OUTSIDE} && "
                f"ping -c 1 -W 10 {OUTSIDE}")

    def bridge(self):
        self.network_card()
        self.sh(f"{X}/network/bridge up card0 xenbr0 && ping -c 1 -W 10 {OUTSIDE}")
        assert "10.0.0.1/24" in self.sh("ip -4 -o addr show dev xenbr0") and not self.sh("ip -4 -o addr show dev card0")
        assert "dev xenbr0" in self.sh("ip route show default")
        self.create("guests/ramdisk.cfg", "ramdisk")
        self.until(f"ping -c 1 -W 1 {RAMDISK}", "the guest's network")
        self.guest("ramdisk", f"ping -c 2 -W 10 {OUTSIDE}")
        self.sh(f"ip netns exec outside ping -c 2 -W 10 {RAMDISK}")

    def bridge_down(self):
        self.sh(f"{X}/network/bridge down card0 xenbr0 && ping -c 1 -W 10 {OUTSIDE}")
        assert "10.0.0.1/24" in self.sh("ip -4 -o addr show dev card0")
        assert "dev card0" in self.sh("ip route show default")
        assert "xenbr0" not in self.sh("ip link")

    def nat(self):
        self.sh(f"{X}/network/nat up")
        self.create("guests/ramdisk.cfg", "inner", 'name="inner"', 'vif=["bridge=xennat"]',
                    'extra="console=hvc0 address=10.1.0.20/24,10.1.0.1"')
        self.until("ping -c 1 -W 1 10.1.0.20", "the guest behind the host")
        # Nobody outside knows the way to it, so it is the host's address that is answered.
        self.guest("inner", f"ping -c 2 -W 10 {OUTSIDE}")
        self.sh("ip netns exec outside ip route add 10.1.0.0/24 via 10.0.0.1; "
                "! ip netns exec outside ping -c 2 -W 2 10.1.0.20")
        self.destroy("inner")
        self.sh(f"{X}/network/nat down")
        assert "xennat" not in self.sh("ip link; nft list ruleset")

    def unikernel(self):
        self.sh("cp /usr/lib/xenolith-test/tiny /srv/guests/unikernel")
        self.create("guests/unikernel.cfg", "unikernel", says=None)
        assert self.state("unikernel")[1] == "b"
        self.destroy("unikernel")
        self.sh(f"xl create -q {X}/guests/unikernel.cfg 'extra=\"end=crash\"'")
        self.until("xl list unikernel | tail -1 | awk '{ print $5 }' | grep -q c", "its crash")
        self.sh(f"{BIN}/xenctx -C $(xl domid unikernel) | grep -q rip")
        self.destroy("unikernel")

    # ---- Debian's programs of xen-utils ----

    def look_into(self):
        number = self.domid("ramdisk")
        out = self.sh(f"{BIN}/xenctx -C {number}")
        assert "vcpu0:" in out and int(re.search(r"rip: (?:\w+:)?([0-9a-f]{16})", out).group(1), 16) in TEXT, out
        assert re.search(r"cs: e033", out) and "Call Trace:" in out, out
        out = self.sh(f"{BIN}/lsevtchn {number}")
        assert re.search(r"VCPU 0: Interdomain \(Connected\) - Remote Domain 0, Port \d+", out), out
        assert re.search(r"VCPU 0: Virtual IRQ 0", out), out
        assert re.search(r"Physical IRQ \d+", self.sh(f"{BIN}/lsevtchn 0"))

    def frames(self):
        number = self.domid("ramdisk")
        p2m = dict(re.findall(r"pfn=0x(\w+) ==> mfn=0x(\w+) ", self.sh(f"{BIN}/xen-mfndump dump-p2m {number} | head -3000")))
        assert len(p2m) > 2000
        mfn = p2m["100"]
        self.sh(f"{BIN}/xen-mfndump dump-m2p | grep -q 'mfn=0x{mfn} ==> pfn=0x100$'")
        out = self.sh(f"{BIN}/xen-mfndump memcmp-mfns {number} 0x{mfn} {number} 0x{mfn}")
        assert "Comparing" in out, out
        # It ends with 1, whatever it found.
        _, out = self.m.sh(f"{BIN}/xen-mfndump lookup-pte {number} 0x{mfn}", 120, False)
        table = re.search(r"<-- \[0x(\w+)\]", out).group(1)
        out = self.sh(f"{BIN}/xen-mfndump dump-ptes {number} 0x{table}")
        assert f"{mfn}" in out and "L1 table" in out, out

    def self_tests(self):
        out = self.sh(f"{BIN}/test-resource")
        assert "Test x86 PV" in out and "Created d" in out and "Fail" not in out, out
        out = self.sh(f"{BIN}/test-cpu-policy")
        assert "Fail" not in out and "Done: all ok" in out, out
        out = self.sh(f"{BIN}/test-xenstore -i 3", 300)
        assert "failed" not in out and "ns" in out, out
        self.sh(f"{BIN}/test-xenstore -r 5", 300)

    def cpu_policy(self):
        out = self.sh(f"{BIN}/xen-cpuid -p")
        assert "PV Max policy" in out and "Host policy" in out and re.search(r"(?m)^ +00000000:", out), out
        assert "Static sets" in self.sh(f"{BIN}/xen-cpuid -d")

    def stream(self):
        self.sh("xl save -c ramdisk /root/saved", 300)
        out = self.sh(f"PYTHONPATH=/usr/lib/xen-4.17/lib/python {BIN}/verify-stream-v2 -f xl -v -i /root/saved", 300)
        assert "x86 PV info" in out and out.splitlines()[-1].startswith("Libxl Record: End"), out
        self.sh("rm /root/saved")

    def collectd(self):
        """Two readings of the CPUs, in CSV."""
        self.sh("cat >/root/collectd.conf <<'X'\nHostname \"dom0\"\nInterval 1\nLoadPlugin xencpu\nLoadPlugin csv\n"
                "<Plugin csv>\nDataDir \"/root/csv\"\n</Plugin>\nX")
        self.m.sh("collectd -f -C /root/collectd.conf >/root/collectd.log 2>&1 & echo $! >/root/collectd.pid")
        self.until("[ $(cat /root/csv/dom0/xencpu-*/* | grep -vc epoch) -ge 4 ]", "collectd's readings")
        self.sh("kill $(cat /root/collectd.pid)")
        out = self.sh("ls /root/csv/dom0; cat /root/csv/dom0/*/*")
        loads = [float(x) for x in re.findall(r"(?m)^[\d.]+,([\d.]+)$", out)]
        assert loads and all(0 <= x <= 110 for x in loads) and any(loads), out

    # ---- Python and C ----

    def python(self):
        out = self.sh(f"cp /usr/lib/xenolith-test/tiny /srv/guests/unikernel; python3 {LIB}/python_flow.py "
                      f"{X}/guests/unikernel.cfg", 600)
        assert re.search(r"^OK$", out, re.M), out

    def fleet(self):
        out = self.sh(f"python3 {X}/fleet.py -n 4 --together 2 --stop-after 5 {X}/fleet.cfg 2>/tmp/fleet.err || "
                      "cat /tmp/fleet.err", 600)
        guests = json.loads(out)
        assert [(g["name"], g["ended"]) for g in guests] == [(f"fleet-{i}", "poweroff") for i in range(4)], out

    def c_programs(self):
        number = int(self.sh(f"{LIB}/create_guest one 96 /vmlinuz /srv/guests/ramdisk.gz console=hvc0"))
        self.m.sh(f"{LIB}/watch_events {number} >/tmp/watched 2>&1 &")
        self.says("one", "The guest is up")
        self.sh("xl shutdown -w one", 300)
        self.until("[ -s /tmp/watched ]", "what watch_events says")
        assert f"{number} shut down: poweroff" in self.sh("cat /tmp/watched")


STEPS = [
    ("networks", "a bridge with the host's card, and a guest in a ramdisk on it", People.bridge),
    ("programs", "xenctx and lsevtchn look into a guest", People.look_into),
    ("programs", "xen-mfndump knows its frames", People.frames),
    ("programs", "test-resource, test-cpu-policy, test-xenstore", People.self_tests),
    ("programs", "xen-cpuid", People.cpu_policy),
    ("programs", "verify-stream-v2 reads what xl saved", People.stream),
    ("programs", "collectd's xencpu", People.collectd),
    ("networks", "a network behind the host", People.nat),
    ("examples", "a unikernel, and what is left after a crash", People.unikernel),
    ("python", "the Python package", People.python),
    ("python", "the fleet", People.fleet),
    ("examples", "guests made and watched by C programs", People.c_programs),
    ("networks", "the bridge gives the card back", People.bridge_down),
]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--only", default="")
    for name in ("hypervisor", "kernel", "ramdisk", "log"):
        p.add_argument(name)
    p.add_argument("disks", nargs="*")
    a = p.parse_args()
    steps = [(text, fn) for group, text, fn in STEPS if not a.only or group in a.only.split(",")]
    with Machine(a.hypervisor, a.kernel, a.ramdisk, a.disks, smp=2, mem=3072, dom0_mem=1024, log=a.log) as m:
        failed = run_steps(m, People(m), [("Domain 0 boots", People.boot), *steps], People.recover)
        if not failed:
            m.power_off()
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
