#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the matrix does in a cell beside the story: every answer of the tools is written down, as JSON.

scenarios.py HYPERVISOR KERNEL RAMDISK LOG OUT DISK...
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from machine import Machine, run_steps  # noqa: E402
from story import ALPHA, LIB, Story  # noqa: E402

CFG = "/etc/xen/demo/alpha.cfg"
# No address is waited for and nothing is written to its disk: quick to create. Debian's kernel takes no sysrq that
# crashes it unless told so.
SMALL = (f"{CFG} 'disk=[]' 'vif=[]' 'memory=128' 'vcpus=1' 'extra=\"console=hvc0 quiet sysrq_always_enabled\"' "
         "'uuid=\"5ebd9e4e-0000-4000-8000-000000000002\"'")


class Scenarios(Story):
    def __init__(self, m):
        super().__init__(m)
        self.answers = {}

    def note(self, name, cmd, timeout=180):
        rc, out = self.m.sh(cmd, timeout, False)
        self.answers[name] = {"command": cmd, "exit": rc, "output": out}
        return out

    def gone(self, name):
        self.until(f"! xl list {name}", f"the end of {name}")

    def recover(self):
        """The other groups are still worth their answers."""

    # ---- what the host says ----

    def host(self):
        for name, cmd in {
            "info": "xl info", "info -n": "xl info -n", "list": "xl list", "list -v": "xl list -v",
            "list -l Domain-0": "xl list -l Domain-0", "vcpu-list": "xl vcpu-list", "claims": "xl claims",
            "cpupool-list": "xl cpupool-list", "cpupool-list -c": "xl cpupool-list -c", "uptime": "xl uptime",
            "sched-credit2": "xl sched-credit2", "sched-credit2 -s": "xl sched-credit2 -s",
            "debug-keys": "xl debug-keys h", "domname 0": "xl domname 0", "domid Domain-0": "xl domid Domain-0",
            "cpupool-numa-split": "xl cpupool-numa-split", "freecell": "xl info -n | grep -A3 ^numa_info",
        }.items():
            self.note(name, cmd)
        self.note("dmesg", "xl dmesg | grep -c . >/dev/null && echo some")
        self.note("dmesg -c", "xl dmesg -c >/dev/null; xl dmesg | wc -l")

    # ---- a guest ----

    def guest_views(self):
        self.note("create", f"xl create -q {CFG} 'uuid=\"5ebd9e4e-0000-4000-8000-000000000001\"'", 300)
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network")
        for name, cmd in {
            "list alpha": "xl list alpha", "list -l alpha": "xl list -l alpha", "list -v alpha": "xl list -v alpha",
            "vcpu-list alpha": "xl vcpu-list alpha", "vcpu-pin": "xl vcpu-pin alpha 0 1 && xl vcpu-list alpha",
            "vcpu-pin soft": "xl vcpu-pin alpha 1 all 0 && xl vcpu-list alpha",
            "sched-credit2 -d": "xl sched-credit2 -d alpha -w 512 -c 50 && xl sched-credit2 -d alpha",
            "network-list": "xl network-list alpha", "block-list": "xl block-list alpha",
            "uptime alpha": "xl uptime alpha", "domname": "xl domname $(xl domid alpha)",
            "mem-max": "xl mem-max alpha 200; xl list -l alpha | grep memkb",
            "config-update": "xl config-update alpha 'on_crash=\"preserve\"'; xl list -l alpha | grep on_crash",
            "rename": "xl rename alpha beta && xl domid alpha; xl domname $(xl domid beta)",
            "rename back": "xl rename beta alpha",
            "xentop": "xentop -b -i 1", "xentop -x": "xentop -b -i 1 -n -x -v",
            "sysrq": "xl sysrq alpha h", "trigger": "xl trigger alpha nmi", "trigger s3": "xl trigger alpha s3resume",
            "store guest": "xenstore-ls -p /local/domain/$(xl domid alpha)",
            "store backend": "xenstore-ls /local/domain/0/backend",
            "store libxl": "xenstore-ls /libxl/$(xl domid alpha)", "store vm": "xenstore-ls /vm",
        }.items():
            self.note(name, cmd)
        self.until("xenstore-read /local/domain/$(xl domid alpha)/control/sysrq | grep -q '^$'", "the guest's sysrq")
        self.note("dump-core", f"xl dump-core alpha /root/core && {LIB}/elf-sections /root/core", 300)
        self.sh("rm -f /root/core")

    def refusals(self):
        for cmd in ["xl create /nonexistent.cfg", f"xl create {CFG}", "xl pause nosuch", "xl destroy nosuch",
                    "xl console nosuch", "xl list nosuch", "xl save nosuch /root/x", "xl restore /nonexistent",
                    "xl mem-set alpha", "xl mem-set alpha 99999999", "xl vcpu-set alpha 99", "xl vcpu-pin alpha 9 0",
                    "xl block-detach alpha xvdz", "xl network-detach alpha 7", "xl nosuchcommand",
                    "xl block-attach alpha /nonexistent,raw,xvdf,w", "xl rename alpha Domain-0",
                    "xl destroy 0", "xl sched-credit2 -d alpha -w 70000", "xl unpause nosuch", "xl reboot nosuch",
                    "xl debug-keys", "xl sysrq alpha", "xl domname 999", "xl dump-core nosuch /root/x",
                    "xl list -l nosuch", "xl vcpu-list nosuch", "xl create -n /dev/null", "xl cd-eject alpha xvda"]:
            self.note("refused: " + cmd, cmd)

    def ends(self):
        """What becomes of a guest that crashes, powers off, reboots by itself."""
        self.sh("xl destroy alpha")
        self.gone("alpha")
        self.until("! losetup -a | grep -q data.img", "the data disk's release")
        for action in ["destroy", "preserve", "rename-restart", "restart", "coredump-destroy"]:
            self.end("on_crash", action, "c")
        self.end("on_poweroff", "preserve", "o")
        self.end("on_poweroff", "destroy", "o")
        self.end("on_reboot", "destroy", "b")
        self.end("on_reboot", "restart", "b")

    def end(self, key, action, sysrq):
        self.sh("rm -rf /var/lib/xen/dump; mkdir -p /var/lib/xen/dump; echo >/var/log/xen/console/guest-alpha.log")
        self.sh(f"xl create -q {SMALL} '{key}=\"{action}\"'", 300)
        self.until("grep -q GUEST-READY /var/log/xen/console/guest-alpha.log", "the guest's greeting")
        old = self.domid("alpha")
        self.sh(f"xl sysrq alpha {sysrq}")
        if action in ("restart", "rename-restart"):
            self.until(f"d=$(xl domid alpha) && [ $d -ne {old} ]", "the next life")
            self.until("! xl list alpha | tail -1 | awk '{print $5}' | grep -q p", "the next life's start")
        elif action == "preserve":
            self.until(f"xl list {old} | tail -1 | awk '{{print $5}}' | grep -q 's'", "the shut down guest")
        else:
            self.gone(str(old))
        self.note(f"{key}={action}: list", "xl list | awk 'NR > 1 {print $1, $5}' | sed 's/ [rb]-/ --/; s/ -b/ --/'")
        self.note(f"{key}={action}: dumps", "ls /var/lib/xen/dump | sed 's/[0-9][0-9]*/N/g'")
        self.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done; rm -rf /var/lib/xen/dump")
        self.until("[ $(xl list | wc -l) -eq 2 ]", "an empty list")


STEPS_BESIDE = [
    ("what the host says", Scenarios.host),
    ("what a guest looks like", Scenarios.guest_views),
    ("what is refused", Scenarios.refusals),
    ("crash, power-off, reboot and their actions", Scenarios.ends),
]


def main():
    hv, kernel, ramdisk, log, out = sys.argv[1:6]
    with Machine(hv, kernel, ramdisk, sys.argv[6:], smp=2, mem=3072, log=log) as m:
        s = Scenarios(m)
        try:
            failed = run_steps(m, s, [("Domain 0 boots", Scenarios.boot), *STEPS_BESIDE], Scenarios.recover)
        finally:
            with open(out, "w") as f:
                json.dump(s.answers, f, indent=1)
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
