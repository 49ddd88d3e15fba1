#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Drives every command of xl in Domain 0, on our hypervisor, against a guest that runs.

xl_commands.py HYPERVISOR KERNEL RAMDISK LOG ROOT TOOLS GUESTS SCRATCH [GROUP...]
"""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import corefile  # noqa: E402
from machine import Machine, run_steps  # noqa: E402
from story import ALPHA, LIB, Story  # noqa: E402

CFG = "/etc/xen/demo/alpha.cfg"
MARKER = "core-marker-" + "x" * 4 + "0123456789"
# The keys of `xl info', in the order in which scripts have always found them.
INFO_KEYS = """host release version machine nr_cpus max_cpu_id nr_nodes cores_per_socket threads_per_core cpu_mhz hw_caps
virt_caps total_memory free_memory sharing_freed_memory sharing_used_memory outstanding_claims free_cpus xen_major
xen_minor xen_extra xen_version xen_caps xen_scheduler xen_pagesize platform_params xen_changeset xen_commandline
cc_compiler cc_compile_by cc_compile_domain cc_compile_date build_id xend_config_format""".split()
# As configurations were written twenty years ago.
OLD_CFG = """builder = 'linux'
name = "old"
memory = '128'
vcpus = '1'
kernel = "/srv/xen/vmlinuz"
ramdisk = "/srv/xen/ramdisk.gz"
root = "/dev/ram0 ro"
extra = "console=hvc0 quiet"
disk = [ 'file:/root/old1.img,xvda1,w', 'phy:@LOOP@,xvdb,r' ]
vif = [ '' ]
on_poweroff = 'destroy'
on_reboot   = 'restart'
on_crash    = 'restart'
"""


class Commands(Story):
    def __init__(self, m, scratch):
        super().__init__(m)
        self.scratch = scratch

    def fails(self, cmd, code, pattern):
        rc, out = self.m.sh(cmd, 120, False)
        assert rc == code and re.search(pattern, out), f"{cmd}: exit {rc}, not {code}, or no {pattern!r} in: {out}"
        return out

    def rows(self, cmd):
        return [x.split() for x in self.sh(cmd).splitlines()]

    def alpha(self):
        """alpha runs and answers on its network."""
        self.until(f"ping -c 1 -W 1 {ALPHA}", "alpha's network", 600)

    def gone(self, name):
        self.until(f"! xl domid {name}", f"the end of {name}")

    def recover(self):
        """After a failed step: only alpha, running."""
        self.m.sh("for d in $(xl list | awk 'NR > 1 && $2 > 0 { print $1 }'); do [ $d = alpha ] || xl destroy $d; done; "
                  f"xl unpause alpha 2>/dev/null || xl domid alpha >/dev/null 2>&1 || xl create -q {CFG}", 300, False)

    # ---- steps ----

    def help(self):
        out = self.sh("xl help").splitlines()
        names = [x.split()[0] for x in out[4:] if x.startswith(" ") and x[1] != " "]
        assert names[0] == "create" and "trigger" in names and len(names) == len(set(names)), names
        assert self.sh("xl help create").startswith("Usage: xl [-vtTfN] create")
        self.fails("xl create", 6, "Config file not specified")
        self.fails("xl pause", 2, r"requires at least 1 argument(.|\n)*Usage: xl")
        assert self.completed("xl sched-credit2 --we", 2) == ["--weight"]
        assert set(self.completed("xl ''", 1)) <= set(names)

    def completed(self, words, at):
        """What bash offers for the last of these words, by the completion that is installed."""
        return self.sh(f"bash -c '. /usr/share/bash-completion/completions/xl; COMP_WORDS=({words}); COMP_CWORD={at}; _xl; "
                       "echo ${COMPREPLY[*]}'").split()

    def dry_run(self):
        config = json.loads(self.sh(f"xl create -q -n {CFG} 'memory=96; name=\"other\"'"))
        assert config["c_info"]["name"] == "other" and config["b_info"]["target_memkb"] == 96 * 1024
        assert self.rows("xl list")[1:][0][0] == "Domain-0" and len(self.rows("xl list")) == 2
        out = self.sh(f"xl create -n -d {CFG} vcpus=1 2>&1")
        assert "Parsing config from" in out and '"max_vcpus": 1' in out
        out = self.sh("xl -N block-attach 0 /srv/xen/data.img,raw,xvdz,r")
        assert '"vdev": "xvdz"' in out, out

    def create(self):
        # In order: events only, no waits for time, no shell, no script.
        self.sh(f"WATCHSLEEP=/tmp/waits LD_PRELOAD={LIB}/watchsleep.so xl create {CFG} -q 'extra=\"console=hvc0 "
                f"guestip={ALPHA}\"'", 300)
        rc, waits = self.m.sh("[ ! -s /tmp/waits ] || { cat /tmp/waits; false; }", 60, False)
        assert rc == 0, f"create waited for time or started programs:\n{waits}"
        self.alpha()

    def create_options(self):
        small = "'memory=96; disk=[]; vif=[]'"
        out = self.sh(f"xl create -p -e -f {CFG} 'name=\"paused\"' {small} 2>&1")
        assert "Parsing config from" in out
        assert self.state("paused")[2] == "p"
        self.sh("! pgrep -f 'xl create -p -e'; ! pgrep -f 'xl-watch .*[0-9] paused '")
        self.fails(f"xl create -q {CFG} 'name=\"paused\"'", 3, "a domain called `paused' exists already")
        self.sh("xl destroy paused")
        self.gone("paused")
        # -F stays until the domain is gone
        self.m.sh(f"xl create -q -p -F {CFG} 'name=\"fore\"' {small} >/tmp/fore 2>&1 &", 60)
        self.until("grep -q 'Waiting for domain fore' /tmp/fore", "the domain of create -F")
        self.sh("xl destroy fore")
        self.until("grep -q 'has been destroyed' /tmp/fore", "the end of create -F")
        # -c: the console from the first byte on
        self.sh("cat >/tmp/c.exp <<'X'\n"
                "set timeout 300\n"
                f"spawn xl create -q -c {CFG} {{name=\"cons\"}} {{memory=128; disk=[]; vif=[]}}\n"
                "expect -re {GUEST-READY} {} timeout {exit 1} eof {exit 2}\n"
                "send \"\\035\"\n"
                "expect eof\nX")
        self.sh("expect -f /tmp/c.exp", 400)
        self.sh("xl destroy cons")
        self.gone("cons")

    def list(self):
        rows = self.rows("xl list")
        assert [r[0] for r in rows] == ["Name", "Domain-0", "alpha"] and all(len(r) == 6 for r in rows), rows
        assert all(re.fullmatch(r"[r-][b-][p-][s-][-cw][d-]", r[4]) for r in rows[1:]), rows
        assert len(self.rows("xl list alpha")) == 2
        number = self.domid("alpha")
        assert self.rows(f"xl list {number}") [1][0] == "alpha"
        self.fails("xl list nosuch", 1, "nosuch is an invalid domain identifier")
        long = json.loads(self.sh("xl list -l 2>/dev/null"))
        assert [d["domid"] for d in long] == [0, number]
        assert long[0]["config"]["b_info"]["max_memkb"] >= long[0]["config"]["b_info"]["target_memkb"] > 0, long[0]
        assert long[1]["config"]["c_info"]["name"] == "alpha" and len(long[1]["config"]["disks"]) == 1
        assert json.loads(self.sh("xl list --long alpha"))[0]["domid"] == number
        head, row = self.sh("xl list -v alpha").splitlines()
        assert "UUID" in head and re.search(r" [0-9a-f]{8}-[0-9a-f]{4}-", row), row
        assert self.sh("xl list -Z alpha").splitlines()[1].split()[-1] == "-"
        assert self.rows("xl list -c alpha")[1][-1] == "Pool-0"
        assert "NODE Affinity" in self.sh("xl list -n")
        assert json.loads(self.sh("xl list --json"))[1]["name"] == "alpha"
        # xendomains greps this indentation.
        assert self.sh("xl list -l 2>/dev/null").startswith('[\n    {\n        "domid": 0,\n        "config": {\n'), "indentation"
        rows = self.rows("xl claims")
        assert rows[0][-1] == "Claimed" and [r[-1] for r in rows[1:]] == ["0", "0"] and len(rows[1]) == 7, rows
        assert self.rows("xl vm-list")[-1][-1] == "alpha"

    def names(self):
        number = self.domid("alpha")
        assert self.sh(f"xl domname {number}") == "alpha"
        self.fails("xl domid nosuch", 1, "Can't get domid of domain name 'nosuch'")
        self.sh("xl rename alpha beta")
        assert self.domid("beta") == number and self.completed("xl pause be", 2) == ["beta"]
        self.fails("xl domid alpha", 1, "Can't get domid")
        self.fails("xl rename beta Domain-0", 1, "could not be renamed")
        self.sh(f"xl rename {number} alpha")
        assert json.loads(self.sh("xl list -l alpha"))[0]["config"]["c_info"]["name"] == "alpha"

    def host(self):
        lines = re.findall(r"(?m)^(\S+) *: (.*)$", self.sh("xl info"))
        assert [key for key, _ in lines] == INFO_KEYS, lines
        info = dict(lines)
        for key, value in (("nr_cpus", "2"), ("xen_major", "4"), ("xen_minor", "17"), ("xen_scheduler", "credit2"),
                           ("machine", "x86_64"), ("xend_config_format", "4")):
            assert info[key] == value, (key, info[key])
        assert 0 < int(info["free_memory"]) < int(info["total_memory"]) and "dom0_mem" in info["xen_commandline"]
        assert "numa_info" in self.sh("xl info -n") and "cpu_topology" in self.sh("xl info -n")
        self.sh("xl dmesg | grep -q 'Xen version 4.17'")
        up = self.sh("xl uptime")
        assert re.search(r"(?m)^alpha +\d+ +\d+:\d\d:\d\d$", up), up
        assert re.search(r"up .*alpha \(\d+\)", self.sh("xl uptime -s alpha"))
        self.sh("xl dmesg -c >/dev/null; xl debug-keys q")
        self.sh(f"xl dmesg | grep -qi 'd{self.domid('alpha')}\\b\\|domain {self.domid('alpha')}\\b'")
        self.sh("xl dmesg -c >/dev/null; [ $(xl dmesg | grep -c 'Xen version') = 0 ]")
        assert self.rows("xl cpupool-list")[1][0] == "Pool-0"
        assert "control_d" in self.sh("cat /proc/xen/capabilities")
        assert self.sh("cd /sys/hypervisor; cat type version/major version/minor properties/capabilities").split()[:4] == [
            "xen", "4", "17", "xen-3.0-x86_64"]
        self.sh("grep -q 'Waiting for domain alpha' /var/log/xen/xl-alpha.log; ls -d /etc/xen")

    def in_pool(self, name, pool, cpu):
        """It runs on that CPU alone, and answers."""
        assert re.search(rf"(?m)^{name} .* {pool}$", self.sh(f"xl list -c {name}")), pool
        self.until(f"xl vcpu-list {name} | awk 'NR > 1 && $4 != \"-\" && $4 != {cpu} {{ exit 1 }}'", f"{name} on CPU {cpu}")
        self.alpha()

    def pools(self):
        self.fails("xl cpupool-create 'name=\"second\"'", 1, "no CPU is free")
        self.sh("xl cpupool-cpu-remove Pool-0 1 && xl cpupool-create 'name=\"second\"' 'cpus=\"1\"'")
        assert [x[:2] for x in self.rows("xl cpupool-list -c")[1:]] == [["Pool-0", "0"], ["second", "1"]]
        self.sh("xl cpupool-migrate alpha second")
        self.in_pool("alpha", "second", 1)
        assert [x[4] for x in self.rows("xl cpupool-list")[1:]] == ["1", "1"]
        self.fails("xl cpupool-destroy second", 1, "still has domains")
        self.fails("xl cpupool-cpu-remove second 1", 1, "last one of a pool that has domains")
        self.fails("xl cpupool-migrate 0 second", 1, "Domain 0 stays where it is")
        self.sh("xl sched-credit2 -s -r 2000 -p second; xl sched-credit2 -s | grep -A1 second")
        self.sh("xl destroy alpha")
        self.gone("alpha")
        self.sh(f"xl create -q {CFG} 'pool=\"second\"'", 300)
        self.in_pool("alpha", "second", 1)
        self.sh("xl cpupool-rename second other")
        assert '"pool_name": "other"' in self.sh("xl list -l alpha")
        self.sh("xl cpupool-migrate alpha Pool-0")
        self.in_pool("alpha", "Pool-0", 0)
        self.sh("xl cpupool-destroy other && xl cpupool-cpu-add Pool-0 1 && xl cpupool-numa-split")
        assert [x[0] for x in self.rows("xl cpupool-list -c")[1:]] == ["Pool-node0"]
        self.sh("xl cpupool-rename Pool-node0 Pool-0")
        self.alpha()

    def top(self):
        lines = self.sh("xentop -b -i 2 -d 1").splitlines()
        rows = [x for x in lines if re.match(r" *alpha ", x)]
        assert len(rows) == 2, lines
        assert len(rows[0].replace("no limit", "no-limit").split()) == 19, rows
        # top wants a terminal of its own: on this one it would be stopped as a background program.
        self.sh("cat >/tmp/top.exp <<'X'\n"
                "set timeout 60\n"
                "spawn xl top\n"
                "expect -re {domains:.*alpha} {} timeout {exit 1} eof {exit 2}\n"
                "send q\n"
                "expect eof {} timeout {exit 3}\n"
                "exit [lindex [wait] 3]\nX")
        self.sh("TERM=linux expect -f /tmp/top.exp >/tmp/top.out", 200)

    def console(self):
        assert re.search(r"^42\s*$", self.guest(self.domid("alpha"), "echo $((6 * 7))"), re.M)
        self.sh("cat >/tmp/con.exp <<'X'\n"
                "set timeout 60\n"
                "spawn xl console -t pv -n 0 alpha\n"
                "send \"echo answer-\\$((6 * 7))\\r\"\n"
                "expect answer-42 {} timeout {exit 1} eof {exit 2}\n"
                "send \"\\035\"\n"
                "expect eof {} timeout {exit 3}\nX")
        self.sh("expect -f /tmp/con.exp", 200)
        self.fails("xl console nosuch", 1, "invalid domain identifier")
        self.fails("xl console -t nosuch alpha", 1, "pv, serial")

    def pause(self):
        self.sh("xl pause alpha")
        assert self.state("alpha")[2] == "p"
        assert "it is paused" in self.sh("xl why alpha")
        assert json.loads(self.sh("xl list --json"))[1]["run_state"] == "paused"
        self.sh("xl unpause alpha")
        assert self.state("alpha")[2] == "-"
        assert "it is paused" not in self.sh("xl why alpha")
        self.alpha()
        self.fails("xl pause nosuch", 1, "invalid domain identifier")

    def cpus(self):
        rows = self.rows("xl vcpu-list alpha")
        assert len(rows) == 3 and rows[1][:3] == ["alpha", str(self.domid("alpha")), "0"], rows
        self.sh("xl vcpu-pin alpha 1 0")
        assert self.rows("xl vcpu-list alpha")[2][6:] == ["0", "/", "all"]
        self.sh("xl vcpu-pin alpha all - 1")
        assert [r[6:] for r in self.rows("xl vcpu-list alpha")[1:]] == [["all", "/", "1"], ["0", "/", "1"]]
        self.sh("xl vcpu-pin alpha all all all")
        assert self.rows("xl vcpu-list alpha")[2][6:] == ["all", "/", "all"]
        assert self.sh("xl -N vcpu-pin alpha 0 0 1") == "cpumap: 0 1"
        self.fails("xl vcpu-pin alpha 0 9", 1, "Invalid pcpu range|no CPU of this host")
        self.sh("xl vcpu-set alpha 1")
        self.until("xl vcpu-list alpha | grep -q -- ' --p '", "alpha's second vCPU offline")
        self.sh("xl vcpu-set alpha 2")
        self.fails("xl vcpu-set alpha 9", 1, "host has 2 CPUs")
        self.sh("xl sched-credit2 -d alpha -w 512 -c 150")
        assert self.rows("xl sched-credit2 -d alpha")[1][2:] == ["512", "150"]
        self.sh("xl sched-credit2 -d alpha -w=256 -c=0")
        assert [r[2:] for r in self.rows("xl sched-credit2") if r[0] == "alpha"] == [["256", "0"]]
        assert "ratelimit=" in self.sh("xl sched-credit2 -s")
        old = re.search(r"ratelimit=(\d+)us", self.sh("xl sched-credit2 -s")).group(1)
        self.sh("xl sched-credit2 -s -r 500")
        assert "ratelimit=500us" in self.sh("xl sched-credit2 -s -p Pool-0")
        self.sh(f"xl sched-credit2 -s -r {old}")

    def memory(self):
        before = self.guest_kb("alpha")
        self.sh("xl mem-set alpha 160")
        self.until("[ $(xl list alpha | tail -1 | awk '{print $3}') -le 160 ]", "alpha's smaller memory")
        assert self.guest_kb("alpha") < before
        self.sh("xl mem-set alpha 196608k")
        self.until("[ $(xl list alpha | tail -1 | awk '{print $3}') -ge 192 ]", "alpha's memory back")
        self.fails("xl mem-set alpha 4g", 1, "above its limit")
        self.sh("xl mem-max alpha 192")
        assert json.loads(self.sh("xl list --json alpha"))[0]["max_memory_kib"] >= 192 * 1024
        self.fails("xl mem-max alpha 12q", 1, "invalid memory size")

    def devices(self):
        self.sh("truncate -s 8M /root/extra.img")
        self.sh("xl block-attach alpha /root/extra.img,raw,xvdd,w")
        rows = self.rows("xl block-list alpha")
        assert [r[0] for r in rows] == ["Vdev", "51728", "51760"] and len(rows[2]) == 7, rows
        self.until("xl block-list alpha | grep -q '^51760 .* 4  '", "the disk's connection")
        self.guest("alpha", "n=0; until [ -b /dev/xvdd ]; do n=$((n+1)); [ $n -lt 100 ] || break; usleep 200000; done; "
                            "echo attached | dd of=/dev/xvdd conv=fsync 2>/dev/null")
        self.fails("xl block-attach alpha /root/extra.img,raw,xvdd,w", 1, "in use")
        self.fails("xl block-attach alpha /root/extra.img,raw,xvde,w", 1, "disk xvde: /root/extra.img is written by domain alpha")
        self.fails("xl block-attach alpha /nonexistent,raw,xvde,w", 1, "disk xvde: cannot use /nonexistent: No such file")
        self.fails("xl block-attach alpha /root/extra.qcow2,qcow2,xvde,w", 1, "qcow2|format=raw")
        self.sh("xl block-detach alpha xvdd")
        assert len(self.rows("xl block-list alpha")) == 2
        assert self.sh("head -c 8 /root/extra.img") == "attached"
        self.fails("xl block-detach alpha xvdd", 1, "has no disk xvdd")
        self.sh("xl network-attach alpha bridge=xenbr0 mac=00:16:3e:00:00:22 rate=1MB/s vifname=extra0 script=vif-bridge")
        rows = self.rows("xl network-list alpha")
        assert [r[2] for r in rows[1:]] == ["00:16:3e:00:00:02", "00:16:3e:00:00:22"], rows
        self.sh("ip link show master xenbr0 | grep -q extra0")
        number = self.domid("alpha")
        assert self.sh(f"xenstore-read /local/domain/0/backend/vif/{number}/1/rate") == "50000,50000"
        self.guest("alpha", "n=0; until [ -e /sys/class/net/eth1 ]; do n=$((n+1)); [ $n -lt 100 ] || break; "
                            "usleep 200000; done; cat /sys/class/net/eth1/address")
        self.fails("xl network-attach alpha bridge=nosuch", 1, "there is no bridge nosuch")
        self.fails("xl network-attach alpha brige=xenbr0", 1, "did you mean `bridge'")
        self.sh("xl network-detach alpha 00:16:3e:00:00:22")
        assert len(self.rows("xl network-list alpha")) == 2
        self.fails("xl network-detach alpha 7", 1, "has no interface 7")
        # A script of the user's is run, for attach and for detach.
        self.sh("printf '#!/bin/sh\\necho \"$1 $vif $XENBUS_PATH\" >>/tmp/script.log\\n"
                "[ \"$1\" = online ] && xenstore-write $XENBUS_PATH/hotplug-status connected\\nexit 0\\n' >/root/vif-own; "
                "chmod +x /root/vif-own")
        self.sh("xl network-attach alpha script=/root/vif-own")
        self.sh("xl network-detach alpha 1")
        log = self.sh("cat /tmp/script.log")
        assert f"online vif{number}.1 backend/vif/{number}/1" in log and "offline" in log, log

    def signals(self):
        self.sh("xl sysrq alpha h")
        self.until("grep -q 'sysrq: HELP' /var/log/xen/console/guest-alpha.log", "the guest's answer to sysrq")
        self.fails("xl sysrq alpha xx", 1, "not a single letter")
        self.fails("xl trigger alpha power", 0, "PV guest.*xl shutdown")
        self.fails("xl trigger alpha nosuch", 1, "there is no trigger")

    def core(self):
        self.guest("alpha", "echo core-marker-$(echo xxxx)0123456789 >/marker; sync")
        self.sh("xl dump-core alpha /root/alpha.core", 300)
        assert self.state("alpha")[2] == "-", "alpha does not go on"
        self.check_core(corefile.carry(self, "/root/alpha.core", self.scratch))
        self.fails("xl dump-core alpha /nonexistent/core", 1, "/nonexistent/core")

    def check_core(self, core):
        out = corefile.readelf(core)
        assert re.search(r"Type: +CORE", out) and re.search(r"Machine: +Advanced Micro Devices X86-64", out), out
        for section in (".note.Xen", ".xen_prstatus", ".xen_shared_info", ".xen_pages", ".xen_p2m"):
            assert section in out, f"no section {section} in:\n{out}"
        pages = re.search(r"\.xen_pages +PROGBITS +\S+ +\S+ ([0-9a-f]+) ", out)
        assert int(pages.group(1), 16) >= 180 << 20, out
        assert corefile.holds(core, MARKER), "the guest's memory is not in its core"
        os.unlink(core)

    def config_update(self):
        """The new configuration holds from the next start on."""
        self.fails("xl config-update alpha /nonexistent.cfg", 253, "Failed to read config file")
        self.sh(f"cp {CFG} /root/new.cfg; echo 'maxvcpus=1' >>/root/new.cfg")
        self.sh("xl config-update alpha /root/new.cfg vcpus=1 'memory=160'")
        assert len(self.rows("xl vcpu-list alpha")) == 3
        old = self.domid("alpha")
        self.sh("xl reboot alpha")
        self.until(f"d=$(xl domid alpha) && [ $d -ne {old} ]", "alpha's next life", 600)
        self.alpha()
        assert len(self.rows("xl vcpu-list alpha")) == 2 and self.rows("xl list alpha")[1][2] == "160"
        self.sh(f"rm /root/new.cfg; xl destroy alpha && xl create -q {CFG}", 300)
        self.alpha()

    def old_spellings(self):
        loop = self.sh("truncate -s 4M /root/old1.img /root/old2.img; losetup -f --show /root/old2.img")
        self.sh("cat >/root/old.cfg <<'X'\n" + OLD_CFG.replace("@LOOP@", loop) + "X")
        self.sh("xl create -q /root/old.cfg", 300)
        self.until("grep -q GUEST-READY /var/log/xen/console/guest-old.log", "the guest's greeting", 600)
        assert "root=/dev/ram0 ro console=hvc0 quiet" in self.guest("old", "cat /proc/cmdline")
        out = self.guest("old", "cat /proc/partitions /sys/class/net/eth0/address")
        assert re.search(r"\b4096 xvda1\b", out) and re.search(r"\b4096 xvdb\b", out) and "00:16:3e" in out, out
        self.sh(f"xl destroy old; losetup -d {loop}; rm /root/old.cfg /root/old?.img")
        self.gone("old")

    def save(self):
        before = self.number("alpha", "cat /counter")
        self.sh("xl save alpha /root/a.save", 600)
        self.gone("alpha")
        self.fails("xl restore /etc/passwd", 1, "is no saved domain")
        self.sh("xl restore -p -e /root/a.save", 600)
        assert self.state("alpha")[2] == "p"
        self.sh("xl unpause alpha")
        self.alpha()
        assert self.number("alpha", "cat /counter") >= before
        self.sh("xl save -c alpha /root/a.save", 600)
        self.alpha()
        self.sh("xl save -p alpha /root/a.save", 600)
        assert self.state("alpha")[2] == "p"
        self.sh("xl unpause alpha; rm /root/a.save")
        self.fails("xl save alpha /nonexistent/a.save", 1, "cannot write /nonexistent/a.save")
        # Somebody who opens what is saved and reads none of it.
        self.sh("mkfifo /root/late.save; sleep 1000 </root/late.save >/dev/null 2>&1 & echo $! >/root/reader")
        self.fails("xl save --timeout=1 alpha /root/late.save", 124, "longer than the 1 s of --timeout")
        self.sh("kill $(cat /root/reader)")
        self.alpha()
        assert self.number("alpha", "cat /counter") >= before
        self.sh("rm /root/late.save /root/reader")

    def side_by_side(self):
        """Several creations in one process; lists answer meanwhile; one is aborted and leaves nothing."""
        print("   " + self.sh(f"{LIB}/sidebyside /srv/xen/vmlinuz /srv/xen/ramdisk.gz", 400))
        assert [r[0] for r in self.rows("xl list")[1:]] == ["Domain-0", "alpha"]

    def stop(self):
        old = self.domid("alpha")
        self.sh("xl destroy alpha")
        assert [r[0] for r in self.rows("xl list")[1:]] == ["Domain-0"], "destroy left something in the list"
        self.fails("xl destroy alpha", 1, "invalid domain identifier")
        self.fails("xl destroy 0", 1, "not destroying domain 0")
        self.sh(f"xl create -q {CFG}", 300)
        self.alpha()
        old = self.domid("alpha")
        out = self.sh("xl reboot -w alpha", 300)
        assert "Rebooting domain" in out and re.search(r"has been shut down, reason code 1|has been destroyed", out), out
        self.until(f"d=$(xl domid alpha) && [ $d -ne {old} ]", "alpha's next life", 600)
        self.alpha()
        out = self.sh("xl shutdown -w alpha", 300)
        assert "Shutting down domain" in out, out
        self.gone("alpha")
        self.sh(f"xl create -q {CFG}", 300)
        self.alpha()
        self.sh("xl shutdown -a -w -w", 300)
        assert len(self.rows("xl list")) == 2
        self.fails("xl shutdown", 1, "either -a or a domain id")


STEPS = [
    ("help, usage errors", Commands.help),
    ("create -n, -d, overrides, -N", Commands.dry_run),
    ("create, options after the file, by events alone", Commands.create),
    ("create -p, -e, -F, -c, -q", Commands.create_options),
    ("list in all its forms, claims, vm-list", Commands.list),
    ("domid, domname, rename", Commands.names),
    ("info, dmesg, uptime, debug-keys, cpupool-list", Commands.host),
    ("cpupool-create, -destroy, -rename, -cpu-add, -cpu-remove, -migrate, -numa-split", Commands.pools),
    ("xentop -b, top", Commands.top),
    ("console, by name and by id", Commands.console),
    ("pause, unpause", Commands.pause),
    ("vcpu-list, vcpu-pin, vcpu-set, sched-credit2", Commands.cpus),
    ("mem-set, mem-max", Commands.memory),
    ("block-attach, -list, -detach; network-attach, -list, -detach; script=", Commands.devices),
    ("sysrq, trigger", Commands.signals),
    ("dump-core, by readelf and by content", Commands.core),
    ("config-update and what it does at the next reboot", Commands.config_update),
    ("old spellings of configurations", Commands.old_spellings),
    ("save, restore, with -c and -p", Commands.save),
    ("creations side by side in one process, one aborted", Commands.side_by_side),
    ("destroy, reboot, shutdown, with -w and -a", Commands.stop),
]


def main():
    hv, kernel, ramdisk, log, root, tools, guests, scratch = sys.argv[1:9]
    groups = [s for s in STEPS if len(sys.argv) == 9 or s[1].__name__ in sys.argv[9:]]
    with Machine(hv, kernel, ramdisk, [root, tools, guests], smp=2, mem=3072, log=log,
                 qemu_args=["-drive", f"file={scratch},if=virtio,format=raw"]) as m:
        failed = run_steps(m, Commands(m, scratch), [("Domain 0 boots", Commands.boot), *groups], Commands.recover)
        if not failed:
            m.power_off()
    print(f"{len(groups)} groups of commands, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
