# SPDX-License-Identifier: GPL-2.0-only
"""Stands for the guests of the pretended host and for the backends of its kernel, by the store and console daemons.

A guest takes up its devices, talks on its console, and does what it is asked for by the store.
"""
import ctypes
import mmap
import os
import re
import select
import shutil
import socket
import subprocess
import threading

from xsclient import OP, SocketClient, begin, fire

IN_CONS, IN_PROD, OUT_CONS, OUT_PROD = range(3072, 3088, 4)
POWEROFF, REBOOT, SUSPEND, CRASH = range(4)
PAUSED = 8                      # XEN_DOMINF_paused
ASKED = {"poweroff": POWEROFF, "halt": POWEROFF, "reboot": REBOOT, "suspend": SUSPEND}
UNUSED = ("vdispl", "vsnd", "vtpm")     # no guest here has a driver for them
STATISTICS = ("ds_req", "f_req", "oo_req", "rd_req", "rd_sect", "wr_req", "wr_sect")
BACKEND = re.compile(r"/local/domain/0/backend/(\w+)/(\d+)/(\d+)/(state|online)$")
GUEST = re.compile(r"/local/domain/([1-9]\d*)/(control/shutdown|memory/target|console/ring-ref)$")


class Store:
    def __init__(self, path):
        self.s = SocketClient(path)

    def read(self, path):
        r = self.s.request("READ", path.encode() + b"\0")
        return None if r[0] == OP["ERROR"] else r[3].decode()

    def write(self, path, value):
        return self.s.request("WRITE", path.encode() + b"\0" + str(value).encode())[0] != OP["ERROR"]

    def switch(self, device, state):
        """As kernels do: only of a device that is still there."""
        path = device.encode() + b"/state\0"
        done = False
        while not done:
            tx = begin(self.s)
            there = self.s.request("READ", path, tx)[0] != OP["ERROR"]
            if there:
                self.s.request("WRITE", path + b"%d" % state, tx)
            done = self.s.request("TRANSACTION_END", b"T\0" if there else b"F\0", tx)[0] != OP["ERROR"]

    def domid(self, name):
        """Of a running domain."""
        return int(next(n for n in self.list("/local/domain") if self.read(f"/local/domain/{n}/name") == name))

    def list(self, path):
        r = self.s.request("DIRECTORY", path.encode() + b"\0")
        return [] if r[0] == OP["ERROR"] else [n for n in r[3].decode().split("\0") if n]


class Console:
    """The guest's end of the ring: it says what it is, then repeats what is typed."""

    def __init__(self, life, events, domid):
        self.life, self.events, self.domid = life, events, domid
        with open(f"{life}/grant-{domid}-0", "r+b") as f:
            self.m = mmap.mmap(f.fileno(), 4096)
        self.words = memoryview(self.m).cast("I")
        self.port = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"{life}/port-{1000 + domid}"
        if os.path.exists(name):
            os.unlink(name)
        self.port.bind(name)
        self.say(b"pretended guest\r\n")

    def word(self, off):
        return self.words[off // 4]

    def say(self, data):
        prod = self.word(OUT_PROD)
        for i, c in enumerate(data):
            self.m[1024 + (prod + i) % 2048] = c
        self.words[OUT_PROD // 4] = prod + len(data)
        try:
            fire(self.life, 1000 + self.domid, self.events)
        except OSError:
            pass

    def heard(self):
        self.port.recv(16)
        cons, prod = self.word(IN_CONS), self.word(IN_PROD)
        typed = bytes(self.m[i % 1024] for i in range(cons, prod))
        self.words[IN_CONS // 4] = prod
        if typed:
            self.say(b"heard " + typed)

    def close(self):
        self.port.close()
        self.words.release()
        self.m.close()


class Guests(threading.Thread):
    def __init__(self, socket_path, life, events, sysfs):
        super().__init__(daemon=True)
        self.path, self.life, self.events, self.sys = socket_path, life, events, sysfs
        self.store = Store(socket_path)
        self.xc = ctypes.CDLL("libxenctrl.so.4.17", use_errno=True)
        self.xc.xc_interface_open.restype = ctypes.c_void_p
        self.h = ctypes.c_void_p(self.xc.xc_interface_open(None, None, 0))
        self.consoles = {}
        self.waiting = {}            # home of a backend: its domain
        self.start()

    def lives(self, domid):
        return os.path.exists(f"{self.life}/dom-{domid}")

    def info(self, domid):
        """xc_domaininfo_t by words: number and flags, pages, ..."""
        info = (ctypes.c_uint64 * 32)()
        self.xc.xc_domain_getinfolist(self.h, domid, 1, info)
        return info if info[0] & 0xffff == domid else [PAUSED << 32, 0]

    def balloon(self, domid, pages):
        """Gives back what it has above its target; which of its frames is not asked."""
        more = self.info(domid)[1] - pages
        if more > 0:
            frames = (ctypes.c_uint64 * more)()
            self.xc.xc_domain_decrease_reservation_exact(self.h, domid, ctypes.c_ulong(more), 0, frames)

    def end(self, domid, reason):
        """The guest ends by itself."""
        assert self.xc.xc_domain_shutdown(self.h, domid, reason) == 0

    def run(self):
        self.store.s.request("WATCH", b"/local/domain\0all\0")
        self.store.s.request("WATCH", b"@releaseDomain\0gone\0")
        while True:
            for body in self.store.s.drain(sync=False):
                self.changed(body.split(b"\0")[0].decode())
            for home, domid in list(self.waiting.items()):
                self.connect(home, domid)
            if not self.store.s.events:      # those that came with an answer
                self.wait()

    def wait(self):
        ports = {c.port: c for c in self.consoles.values()}
        ready = [self.store.s.s] if self.store.s.buf else \
            select.select([self.store.s.s, *ports], [], [], 0.02 if self.waiting else None)[0]
        for port in ready:
            if port in ports:
                ports[port].heard()
                continue
            m = self.store.s.message(0 if self.store.s.buf else 60)
            if m:
                self.store.s.events.append(m[3])

    def changed(self, path):
        m = BACKEND.match(path)
        if m:
            self.backend(path[:path.rindex("/")], m[1], int(m[2]), int(m[3]))
        m = GUEST.match(path)
        if m:
            self.asked(int(m[1]), m[2], self.store.read(path))
        if path == "@releaseDomain":
            for domid in [d for d in self.consoles if not self.lives(d)]:
                self.consoles.pop(domid).close()

    def backend(self, home, kind, domid, devid):
        state, front = self.store.read(home + "/state"), self.store.read(home + "/frontend")
        if not front:                        # removed meanwhile
            return
        device = f"{self.sys}/sys/bus/xen-backend/devices/{kind}-{domid}-{devid}"
        if state == "1":
            os.makedirs(device + "/statistics", exist_ok=True)
            for i, name in enumerate(STATISTICS):
                with open(f"{device}/statistics/{name}", "w") as f:
                    f.write(f"{(i + 1) * 10}\n")
            if kind == "vif":
                self.link(f"vif{domid}.{devid}")
            self.store.switch(home, 2)
        elif state == "2" and kind not in UNUSED:
            self.waiting[home] = domid
        elif state == "5":
            self.store.switch(front, 6)
            self.store.switch(home, 6)
        elif state == "6" and os.path.exists(device):
            shutil.rmtree(device)
            subprocess.run(["ip", "link", "del", f"vif{domid}.{devid}"], stderr=subprocess.DEVNULL)

    def connect(self, home, domid):
        """As kernels do: when the guest runs, and the toolstack has said what stands behind the device."""
        needed = {"vif": "hotplug-status", "vbd": "physical-device"}.get(home.split("/")[5])
        front = self.store.read(home + "/frontend")
        if not front or self.store.read(home + "/state") != "2" or not self.lives(domid):
            del self.waiting[home]
        elif not self.info(domid)[0] >> 32 & PAUSED and (not needed or self.store.read(f"{home}/{needed}")):
            del self.waiting[home]
            self.store.switch(front, 4)
            self.store.switch(home, 4)

    @staticmethod
    def link(name):
        subprocess.run(["ip", "link", "add", name, "type", "veth", "peer", "name", name + "p"], check=True)

    def asked(self, domid, what, value):
        if what == "console/ring-ref" and domid not in self.consoles and self.lives(domid):
            try:
                self.consoles[domid] = Console(self.life, self.events, domid)
            except FileNotFoundError:        # it lives no more
                pass
        elif what == "control/shutdown" and value in ASKED:
            self.store.write(f"/local/domain/{domid}/control/shutdown", "")
            self.xc.xc_domain_shutdown(self.h, domid, ASKED[value])
        elif what == "memory/target" and value:
            self.balloon(domid, int(value) // 4)
