#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What the matrix does in a cell beside the story: every answer of the tools is written down, as JSON.

scenarios.py [--quick] [--only GROUP,...] HYPERVISOR KERNEL RAMDISK LOG OUT CONFIGS ROOT TOOLS GUESTS SCRATCH
"""
import argparse
import json
import os
import re
import shlex
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import corefile  # noqa: E402
from machine import Machine, run_steps  # noqa: E402
from story import ALPHA, LIB, Story  # noqa: E402

CFG = "/etc/xen/demo/alpha.cfg"
# No address is waited for, nothing is written to its disk, its kernel is unpacked and its clock read without a trap: quick
# to create and to boot. Debian's kernel takes no sysrq that crashes it unless told so.
SMALL = (f"{CFG} 'kernel=\"/srv/xen/vmlinux\"' 'disk=[]' 'vif=[]' 'memory=128' 'vcpus=1' 'tsc_mode=\"native\"' "
         "'extra=\"console=hvc0 quiet sysrq_always_enabled mitigations=off\"' 'uuid=\"5ebd9e4e-0000-4000-8000-000000000002\"'")
FIRST_ID = 600      # of the guests: what is compared tells numbers of domains from counts
MARKER = "core-marker-" + "x" * 4 + "0123456789"
QUICK_CONFIGS = 4
PAUSE = 1           # second between questions by xl, each of which takes a CPU from what is waited for

HOST = """xl info;xl info -n;xl list;xl list -v;xl list -n;xl list -Z;xl list -c;xl list -l;xl list -l Domain-0;xl vm-list
xl vcpu-list;xl claims;xl cpupool-list;xl cpupool-list -c;xl uptime;xl sched-credit2
xl sched-credit2 -s;xl sched-credit2 -s -r 500;xl sched-credit2 -s -r 1000;xl domname 0;xl domid Domain-0
xl debug-keys h;xl dmesg | grep -c . >/dev/null;xl dmesg -c >/dev/null && xl dmesg | wc -l;xl help | head -3
xenstore-ls -p /local/domain/0/control
cat /proc/xen/capabilities /sys/hypervisor/type /sys/hypervisor/version/m*;xen-init-dom0;xenstore-ls -p /local/domain/0
xenstore-read domid;xenstore-list /local;xenstore-exists /nonexistent;xenstore-read /nonexistent;xenstore-ls /nonexistent
xenstore-write /tool/a b && xenstore-ls -fp /tool;xenstore-chmod /tool/a n0 r1 && xenstore-ls -fp /tool;xenstore-rm /tool/a"""

GUEST = """xl list alpha;xl list;xl list -l alpha;xl list -l;xl list -v alpha;xl list -n alpha;xl list -c alpha;xl vm-list
xl vcpu-list alpha;xl vcpu-pin alpha 0 1 && xl vcpu-list alpha;xl vcpu-pin alpha 1 all 0 && xl vcpu-list alpha
xl vcpu-pin alpha all all all && xl vcpu-list alpha;xl sched-credit2 -d alpha -w 512 -c 50 && xl sched-credit2 -d alpha
xl sched-credit2 -d alpha -w 256 -c 0;xl network-list alpha;xl block-list alpha;xl channel-list alpha;xl uptime alpha
xl uptime -s alpha;xl domname $(xl domid alpha);xl claims;xl config-update alpha /etc/xen/demo/alpha.cfg 'on_crash="preserve"'
xl list -l alpha;xl rename alpha beta && xl domid alpha;xl domname $(xl domid beta);xl rename beta alpha;xentop -b -i 1;xentop -b -i 1 -n -x -v
/usr/lib/xenolith-test/statprint;xl pause alpha && xl list alpha;/usr/lib/xenolith-test/statprint;xl unpause alpha
xl trigger alpha s3resume;/usr/lib/xenolith-test/domain-store alpha
xl block-attach alpha /root/extra.img,raw,xvdd,w;xl block-list alpha;xl block-detach alpha xvdd
xl network-attach alpha bridge=xenbr0 mac=00:16:3e:00:00:22;xl network-list alpha;xl network-detach alpha 1"""

REFUSED = f"""xl create /nonexistent.cfg;xl create {CFG};xl pause nosuch;xl unpause nosuch;xl destroy nosuch;xl destroy 0
xl console nosuch;xl list nosuch;xl list -l nosuch;xl vcpu-list nosuch;xl save nosuch /root/x;xl restore /nonexistent
xl restore /etc/passwd;xl save alpha /nonexistent/x;xl mem-set alpha;xl mem-set alpha 99999999;xl mem-set alpha x
xl mem-max alpha 12q;xl vcpu-set alpha 99;xl vcpu-pin alpha 9 0;xl vcpu-pin alpha 0 9;xl block-detach alpha xvdz
xl network-detach alpha 7;xl block-attach alpha /nonexistent,raw,xvdf,w;xl network-attach alpha bridge=nosuch
xl rename alpha Domain-0;xl rename alpha;xl sched-credit2 -d alpha -w 70000;xl sched-credit2 -d nosuch;xl reboot nosuch
xl shutdown nosuch;xl shutdown;xl debug-keys;xl sysrq alpha;xl sysrq alpha xx;xl sysrq nosuch h;xl domname 999;xl domid nosuch
xl dump-core nosuch /root/x;xl dump-core alpha /nonexistent/x;xl create -n /dev/null;xl cd-eject alpha xvda
xl cd-insert alpha xvda /root/x;xl trigger alpha nosuch;xl trigger nosuch nmi;xl nosuchcommand;xl help nosuch;xl pause
xl config-update alpha /nonexistent;xl uptime nosuch;xl cpupool-destroy nosuch;xl cpupool-migrate alpha nosuch
xl cpupool-create;xl network-list nosuch;xl block-list nosuch;xl create -x;xl -x list;xl --help;xl create --help"""

# What becomes of a guest that crashes, powers off, reboots by itself; the one that is marked comes in the quick run too.
ENDS = [
    ("on_crash", "c", "destroy preserve rename-restart restart coredump-destroy coredump-restart"),
    ("on_poweroff", "o", "destroy preserve restart rename-restart"),
    ("on_reboot", "b", "destroy restart* preserve rename-restart"),
]


def commands(text):
    return [c for line in text.splitlines() for c in line.split(";")]


class Scenarios(Story):
    def __init__(self, m, configs, scratch, quick):
        super().__init__(m)
        self.configs = configs
        self.scratch = scratch
        self.quick = quick
        self.answers = {}

    def note(self, name, cmd, timeout=180):
        """What a command writes to its output is compared word by word; what it complains of, only that it does."""
        start = time.monotonic()
        rc, out = self.m.sh(f". {LIB}/answer {shlex.quote(cmd)}", timeout, False)
        out, _, complaint = out.partition("@@complaint\n")
        self.answers[name] = {"command": cmd, "exit": rc, "output": out.rstrip("\n"), "complaint": complaint,
                              "seconds": round(time.monotonic() - start, 1)}
        return out

    def ask(self, text, about=""):
        for cmd in commands(text):
            n = 2
            name = about + cmd
            while name in self.answers:
                name = f"{about}{cmd} ({n})"
                n += 1
            self.note(name, cmd)
            if "-attach alpha" in cmd and not self.answers[name]["exit"]:
                self.until("! xenstore-ls /local/domain/$(xl domid alpha)/device | grep 'state = ' | grep -qv '\"4\"'",
                           "the guest's end of a new device")

    def gone(self, name):
        self.until(f"! xl list {name}", f"the end of {name}", pause=PAUSE)

    def recover(self):
        """The other groups are still worth their answers."""
        self.m.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done", 120, False)

    def boot(self):
        super().boot()
        self.sh(f"{LIB}/skipids {FIRST_ID}", 300)

    # ---- what the host says ----

    def host(self):
        self.ask(HOST)

    # ---- a guest ----

    def alpha(self):
        self.note("create alpha", f"xl create -q {CFG} 'uuid=\"5ebd9e4e-0000-4000-8000-000000000001\"'", 300)
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network")

    def guest_views(self):
        self.alpha()
        self.sh("truncate -s 8M /root/extra.img")
        self.ask(GUEST, "alpha: ")
        log = "/var/log/xen/console/guest-alpha.log"
        self.note("xl sysrq", "xl sysrq alpha h")
        self.until(f"grep -q 'sysrq: HELP' {log}", "the guest's answer to sysrq")
        self.memory()
        self.note("after mem-set", "xl list alpha")
        for n in (1, 2):
            self.set_vcpus(n)
            self.note(f"with {n} vCPUs", "xl vcpu-list alpha")
        self.note("xl mem-max", "xl mem-max alpha 200; xl list -l alpha")

    def core(self):
        self.guest("alpha", "echo core-marker-$(echo xxxx)0123456789 >/marker; sync")
        self.note("xl dump-core", f"xl dump-core alpha /root/core && {LIB}/elf-sections /root/core", 300)
        copy = corefile.carry(self, "/root/core", self.scratch)
        self.answers["xl dump-core: readelf"] = {"command": "readelf -h -S -W core", "exit": 0, "complaint": "",
                                                 "output": corefile.readelf(copy)}
        assert corefile.holds(copy, MARKER), "the guest's memory is not in its core"
        os.unlink(copy)

    def refusals(self):
        if "create alpha" not in self.answers:
            self.alpha()
        self.ask(REFUSED, "refused: ")
        self.until("xl list alpha | tail -1 | awk '{print $5}' | grep -v p", "alpha, which runs")
        self.sh("xl destroy alpha")
        self.gone("alpha")
        self.until("! losetup -a | grep -q data.img", "the data disk's release")

    # ---- ends of guests ----

    def ends(self):
        for key, sysrq, actions in ENDS:
            for action in actions.split():
                if action.endswith("*") or not self.quick:
                    self.end(key, action.rstrip("*"), sysrq)

    def end(self, key, action, sysrq):
        self.sh("rm -rf /var/lib/xen/dump; mkdir -p /var/lib/xen/dump; echo >/var/log/xen/console/guest-alpha.log")
        self.sh(f"xl create -q {SMALL} '{key}=\"{action}\"'", 300)
        self.until("grep -q GUEST-READY /var/log/xen/console/guest-alpha.log", "the guest's greeting")
        old = self.domid("alpha")
        self.sh(f"xl sysrq alpha {sysrq}")
        if action.endswith("restart"):
            self.until(f"d=$(xl domid alpha) && [ $d -ne {old} ]", "the next life", pause=PAUSE)
            self.until("! xl list alpha | tail -1 | awk '{print $5}' | grep -q p", "the next life's start")
        elif action == "preserve":
            self.until(f"xl list {old} | tail -1 | awk '{{print $5}}' | grep -q 's'", "the shut down guest", pause=PAUSE)
        else:
            self.gone(str(old))
        self.note(f"{key}={action}: list", "xl list")
        self.note(f"{key}={action}: dumps", "ls /var/lib/xen/dump | sed 's/[0-9][0-9]*/N/g'")
        self.sh("for d in $(xl list | awk 'NR > 1 && $2 {print $2}'); do xl destroy $d; done; rm -rf /var/lib/xen/dump")
        self.until("[ $(xl list | wc -l) -eq 2 ]", "an empty list")

    # ---- services ----

    def services(self):
        self.sh(f"rm -rf /var/lib/xen/save /etc/xen/auto; mkdir -p /var/lib/xen/save /etc/xen/auto; "
                f"sed '/^disk\\|^vif/d; s/^memory.*/memory = 128/' {CFG} >/etc/xen/auto/alpha.cfg")
        greeting = "grep -q GUEST-READY /var/log/xen/console/guest-alpha.log"
        self.sh("echo >/var/log/xen/console/guest-alpha.log")
        self.service("start")
        self.until(greeting, "the greeting of a guest that started with the host")
        self.note("xendomains start: list", "xl list")
        self.service("status")
        self.service("stop")
        self.note("xendomains stop: list", "xl list; ls /var/lib/xen/save | wc -l")
        self.service("start again")
        self.note("xendomains start again: list", "xl list; ls /var/lib/xen/save | wc -l")
        self.guest("alpha", "cat /counter")
        self.sh("rm /etc/xen/auto/alpha.cfg; xl destroy alpha")
        # Debian's comes back before its daemon has written that.
        self.note("xl devd", "xl devd -p /root/devd.pid; until [ -s /root/devd.pid ]; do sleep 0.1; done; cmp -s /proc/$(cat /root/devd.pid)/comm - <<<xl && echo runs")
        self.sh("kill $(cat /root/devd.pid); rm /root/devd.pid; ip link set xenbr0 up")

    def service(self, verb):
        self.note(f"xendomains {verb}", f"xendomains {verb.split()[0]} >/dev/null", 400)

    # ---- configurations ----

    def dry_runs(self):
        for name in sorted(os.listdir(self.configs)):
            self.note(f"config {name}: -n", f"cd /etc/xen/configs; xl create -n {name}")

    def creations(self):
        made = [n for n in sorted(os.listdir(self.configs)) if self.says(n, "# made:")]
        if self.quick:
            made = made[:QUICK_CONFIGS]
        self.sh("cd /etc/xen/configs; /usr/lib/xenolith-test/host-of-configs " + " ".join(made))
        for name in made:
            self.creation(name)

    def says(self, name, pattern):
        with open(os.path.join(self.configs, name), newline="") as f:
            return re.search(pattern, f.read())

    def creation(self, name):
        """Paused, for what is compared is what the tools make of it."""
        file = f"/etc/xen/configs/{name}"
        self.note(f"config {name}: create", f"xl create -q -p {file}", 300)
        which = f"$(sed -n \"s/^[ \\t]*name[ \\t]*=[ \\t]*['\\\"]\\([^'\\\"]*\\).*/\\1/p\" {file})"
        self.note(f"config {name}: list", f"xl list -l {which}")
        self.note(f"config {name}: store", f"{LIB}/domain-store {which}")
        if self.says(name, r"(?m)^cpus"):
            self.note(f"config {name}: vcpus", f"xl vcpu-list {which}")
        self.note(f"config {name}: destroy", f"xl destroy {which}")


GROUPS = [
    ("what the host says", Scenarios.host),
    ("what a guest looks like, and its memory down and up", Scenarios.guest_views),
    ("its core, by readelf and by content", Scenarios.core),
    ("what is refused", Scenarios.refusals),
    ("crash, power-off, reboot and their actions", Scenarios.ends),
    ("guests that start and stop with the host, xl devd", Scenarios.services),
    ("configurations of real hosts, as xl understands them", Scenarios.dry_runs),
    ("configurations of real hosts, created", Scenarios.creations),
]
QUICK = (Scenarios.host, Scenarios.ends, Scenarios.creations)


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--quick", action="store_true", help="a part of it, for every day")
    p.add_argument("--only", default="", help="these groups, by the names of their functions")
    for name in ("hypervisor", "kernel", "ramdisk", "log", "out", "configs", "root", "tools", "guests", "scratch"):
        p.add_argument(name)
    return p.parse_args()


def main():
    a = arguments()
    groups = [g for g in GROUPS if g[1] in QUICK] if a.quick else GROUPS
    chosen = [g for g in groups if not a.only or g[1].__name__ in a.only.split(",")]
    # What Domain 0's kernel says between the lines is not the tools' answer.
    with Machine(a.hypervisor, a.kernel, a.ramdisk, [a.root, a.tools, a.guests], smp=2, mem=3072, log=a.log,
                 k_args="loglevel=1",
                 qemu_args=["-drive", f"file={a.scratch},if=virtio,format=raw"]) as m:
        s = Scenarios(m, a.configs, a.scratch, a.quick)
        try:
            failed = run_steps(m, s, [("Domain 0 boots", Scenarios.boot), *chosen], Scenarios.recover)
        finally:
            with open(a.out, "w") as f:
                json.dump(s.answers, f, indent=1)
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
