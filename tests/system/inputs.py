#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Input that is wrong, cut off, damaged or huge, and hosts that lack what a guest wants: one clear error each, in
bounded time and memory, and nothing left behind.

inputs.py HYPERVISOR KERNEL RAMDISK LOG DISK...
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from robust import LIB, Robust  # noqa: E402

SAVE = "/tmp/test-good.save"
# Enough for any right guest here; what a bomb or an absurd length asks for is refused, not tried.
LIMITS = "ulimit -v 1500000; ulimit -f 300000; timeout 120"


class Inputs(Robust):
    def refused(self, command, *words, what=""):
        """The command fails by itself, with these words, none of them of a crash."""
        rc, out = self.m.sh(f"({LIMITS} {command})", 200, False)
        assert 0 < rc < 124, f"exit {rc} from {command} ({what}):\n{out}"
        for w in words:
            assert re.search(w, out), f"{command} does not say {w}:\n{out}"
        assert not re.search(r"\(null\)|Success|Segmentation|core dumped|Sanitizer|Undefined error", out), f"{command}:\n{out}"
        return out

    def create(self, name, *words, **keys):
        return self.refused(f"xl create -q {self.config(name, **keys)}", f"`{name}'|domain {name}\\b|test-{name}.cfg", *words,
                            what=str(keys))

    # ---- the host lacks something ----

    def host(self):
        self.sh("truncate -s 1M /tmp/test-disk.img; printf '#!/bin/sh\\nexit 3\\n' >/tmp/test-script; "
                "chmod +x /tmp/test-script; truncate -s 100 /tmp/test-short.img; : >/tmp/test-empty.img")
        self.write("/tmp/test-binary.cfg", "name = 'x\\001'\n\\377\\376")
        self.sh("head -c 65536 /dev/urandom >/tmp/test-noise.cfg; "
                "{ echo 'name=\"long\"'; yes 'x = 1' | head -c 3000000; } >/tmp/test-long.cfg; "
                "printf 'name=\"a\\0b\"\\nkernel=\"k\"\\n' >/tmp/test-nul.cfg")
        taken = self.config("taken", disk="['/tmp/test-disk.img,raw,xvda,w']")
        # Two guests at once, once: what the hypervisor keeps for that is no leak of what is refused below.
        other = self.config("other")
        self.sh(f"xl create -q {taken} && xl create -q {other} && xl destroy other")
        self.take()
        self.create("nobridge", "vif 0", "no bridge nonesuch", "ip link add nonesuch", vif="['bridge=nonesuch']")
        self.create("nodisk", "disk xvda", "/nonesuch", "No such file", disk="['/nonesuch,raw,xvda,w']")
        self.create("shortdisk", "disk xvda", "test-short.img|sector", disk="['/tmp/test-short.img,raw,xvda,w']")
        self.create("emptydisk", "disk xvda", "is empty", disk="['/tmp/test-empty.img,raw,xvda,w']")
        self.create("useddisk", "disk xvda", "/tmp/test-disk.img", "taken", disk="['/tmp/test-disk.img,raw,xvda,w']")
        self.create("mounted", "disk xvda", "/dev/vda", "mounted or in use", disk="['/dev/vda,raw,xvda,w']")
        self.create("taken", "exists already", "xl destroy")
        self.create("noscript", "nonesuch-script", vif="['bridge=xenbr0,script=/nonesuch-script']")
        self.create("badscript", "/tmp/test-script", vif="['bridge=xenbr0,script=/tmp/test-script']")
        self.create("baddisk", "/tmp/test-script", disk="['script=/tmp/test-script,vdev=xvda,target=thing']")
        self.create("huge", r"needs \d+ MiB", r"only \d+", "memory=|mem-set", memory="60000")
        self.create("small", "memory", memory="0")
        self.create("noramdisk", "ramdisk", "/nonesuch", "No such file", ramdisk="'/nonesuch'")
        self.create("folder", "kernel /tmp", "folder", kernel="'/tmp'")
        self.create("nokernel", "kernel", kernel=None)
        self.same("creates that the host could not serve")
        self.refused("xl block-attach taken /nonesuch,raw,xvdb,w", "xvdb", "/nonesuch")
        self.refused("xl block-attach taken /tmp/test-short.img,raw,xvda,w", "xvda")
        self.refused("xl network-attach taken bridge=nonesuch", "nonesuch")
        self.refused("xl network-attach taken bridge=xenbr0 script=/tmp/test-script", "/tmp/test-script")
        self.refused("xl block-detach taken xvdz", "xvdz")
        self.refused("xl network-detach taken 7", "7")
        self.refused("xl restore /nonesuch", "/nonesuch", "No such file")
        self.refused("xl save nonesuch /tmp/test-x.save", "nonesuch")
        self.refused("xl save taken /nonesuch/x", "/nonesuch/x", "No such file")
        self.refused("xl create /tmp/test-noise.cfg", "test-noise.cfg")
        self.refused("xl create /tmp/test-long.cfg", "test-long.cfg|not a known key|x")
        self.refused("xl create /tmp/test-nul.cfg", "test-nul.cfg")
        self.refused("xl create /tmp/test-binary.cfg", "test-binary.cfg")
        self.refused("xl create /dev/zero", "/dev/zero")
        self.same("commands that the host could not serve")
        self.sh("xl destroy taken")

    # ---- kernels and ramdisks ----

    def kernels(self):
        self.take()
        for name in self.sh(f"ls {LIB}/bad").split():
            path = f"{LIB}/bad/{name}"
            self.create("victim", re.escape(path), kernel=f"'{path}'", memory="128")
        # More than Domain 0 has itself, however big the guest.
        bomb = f"{LIB}/bad/bzimage-bomb"
        self.create("victim", re.escape(bomb), "Domain 0 has no memory", kernel=f"'{bomb}'", memory="1500")
        self.same("damaged kernels")
        # What a ramdisk holds is the guest's business; how big it is, ours.
        self.sh("truncate -s 2G /tmp/test-ramdisk")
        self.create("victim", "/tmp/test-ramdisk|ramdisk", ramdisk="'/tmp/test-ramdisk'")
        self.create("victim", "ramdisk", ramdisk=f"'{LIB}/bad/bzimage-damaged-payload'")
        self.sh("rm /tmp/test-ramdisk")
        self.same("huge ramdisks")

    # ---- save files ----

    def restore_of(self, what, source, *words):
        """A restore from a stream of bytes: a pipe, so that no copy of the file is made."""
        self.refused(f"bash -c 'xl restore -e <({source})'", *words)

    def saves(self):
        self.sh("sed -e s/alpha/victim/ -e s/192/128/ -e '/^disk/d' /etc/xen/demo/alpha.cfg >/tmp/test-good.cfg")
        self.take("before")
        self.sh("xl create -q /tmp/test-good.cfg", 300)
        self.until("ping -c 1 -W 1 10.0.0.2", "the guest")
        self.sh(f"xl save victim {SAVE}", 300)
        size = int(self.sh(f"stat -c %s {SAVE}"))
        head = int(self.sh(f"od -An -tu4 -j 44 -N 4 {SAVE}")) + 48	# config included
        self.take()
        for n in (0, 1, 47, 48, 51, head - 1, head, head + 8, head + 23, head + 24, head + 60, head + 100, head + 5000):
            self.restore_of("cut", f"head -c {n} {SAVE}", r"too early|cut|short|damaged|end")
        self.restore_of("cut", f"head -c {size - 1} {SAVE}", r"too early|cut|damaged")
        self.restore_of("cut", f"head -c {size // 2} {SAVE}", r"too early|cut|damaged")
        self.restore_of("noise", "head -c 300000 /dev/urandom", "no saved domain")
        self.restore_of("zeros", "head -c 300000 /dev/zero", "no saved domain")
        self.same("cut save files")
        for at in (0, 33, 36, 44, 48, 60, head, head + 8, head + 12, head + 16, head + 20, head + 24, head + 32, head + 36,
                   head + 48, head + 56, head + 60, head + 64, head + 68, head + 80, head + 84):
            self.restore_of("flipped", f"head -c {at} {SAVE}; printf '\\377\\376\\375\\374'; tail -c +{at + 5} {SAVE} | head -c 4000000")
        self.same("damaged save files")
        self.sh(f"xl restore {SAVE}", 300)
        self.until("ping -c 1 -W 1 10.0.0.2", "the guest after all of that")
        self.sh(f"xl destroy victim; rm {SAVE}")
        self.same("a restore at last", "before")

    # ---- xenstore ----

    def store(self):
        self.take()
        out = self.sh(f"python3 {LIB}/xshostile.py", 120)
        assert out == "ok", out
        self.sh("xenstore-write /tool/probe 1 && xenstore-rm /tool/probe")
        self.same("hostile xenstore clients", ignore="^store: /tool")


Inputs.steps = [
    ("what the host lacks is told and nothing is left", Inputs.host),
    ("damaged kernels and huge ramdisks", Inputs.kernels),
    ("damaged save files", Inputs.saves),
    ("hostile xenstore messages", Inputs.store),
]

if __name__ == "__main__":
    Inputs.main()
