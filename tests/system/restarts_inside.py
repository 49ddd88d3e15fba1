#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Run in Domain 0 by restarts.py: kills daemons at random moments under load, while clients of the store, consoles of guests
and commands go on, and each of them looks for what is lost, doubled or wrong.

restarts_inside.py SEED KILLS GUEST...
"""
import os
import random
import re
import select
import signal
import subprocess
import sys
import threading
import time
import traceback

from store_load import Load
from xsclient import SocketClient, begin, ok
from xsclient import until as until_within

SLOW = float(os.environ.get("SLOW", "1"))
SECONDS = 120 * SLOW        # for anything that is waited for
STORE = "/run/xenstored/socket"
LOGS = "/var/log/xen/console"
ADDRESSES = ("10.0.0.2", "10.0.0.5")
# Kinds of death, and their shares.
KINDS = {"xenstored": 18, "update": 8, "update and kill": 4, "xenconsoled": 17, "libvirtd": 3}
DIED = "xenstored died, and has begun again as it was"

# Numbered lines, with the last word that was typed, what is on the disk that comes and goes, and what was written to the
# disk that QEMU serves and read again. No byte of them can be lost or doubled without being noticed. They are slow to fill
# the console's ring: a kernel whose ring is full spins until somebody reads it, and takes a CPU from who should.
LINE_END = "=" * 24
GUEST = ("stty -echo; dmesg -n 1; echo - >/w; (i=0; d=-; q=-; while :; do "
         "if [ -b /dev/xvdd ]; then [ $d != - ] || d=$(dd if=/dev/xvdd bs=512 count=1 iflag=direct 2>/dev/null | head -n 1); "
         "d=${d:--}; else d=-; fi; "
         "if [ -b /dev/xvdc ]; then echo $i | dd of=/dev/xvdc bs=512 conv=fsync,sync 2>/dev/null; "
         "q=$(dd if=/dev/xvdc bs=512 count=1 iflag=direct 2>/dev/null | head -n 1); fi; "
         "read w </w; n=0; while [ $n -lt 2 ]; do n=$((n+1)); i=$((i+1)); "
         f"echo $i $w $d $q {LINE_END}; done; usleep 500000; done) & "
         "while read w; do echo $w >/v; mv /v /w; done")
LINE = re.compile(rb"(\d+) (\S+) (\S+) (\S+) ={24}\r\n")


def until(what, fn):
    """Often enough, and not so often that the machine is busy with it."""
    return until_within(what, fn, SECONDS, 0.05)


class Daemon:
    """A service's main process."""
    def __init__(self, name):
        self.name = name
        self.cgroup = f"/sys/fs/cgroup/system.slice/{name}.service/cgroup.procs"

    def pid(self):
        """None while there is none."""
        try:
            with open(self.cgroup, encoding="ascii") as f:
                for pid in f.read().split():
                    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as g:
                        status = g.read()
                    if status.startswith(f"Name:\t{self.name}\n") and "\nPPid:\t1\n" in status:
                        return int(pid)
        except OSError:     # it went meanwhile
            pass
        return None

    def kill(self):
        """Returns the time of its death."""
        pid = until(f"a process of {self.name}", self.pid)
        now = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        return now


def said(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def sockets_of(pid):
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            m = re.match(r"socket:\[(\d+)\]$", os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:
            continue
        if m:
            yield m.group(1)


class Console:
    """A guest's console: `xl console` on a terminal, and the log, which must have each byte once."""
    def __init__(self, name):
        self.name = name
        self.terminal, other = os.openpty()
        self.program = subprocess.Popen(["xl", "console", name], stdin=other, stdout=other, stderr=other, close_fds=True)
        os.close(other)
        self.log = open(f"{LOGS}/guest-{name}.log", "rb")
        self.shown, self.logged = b"", b""
        self.lock = threading.Lock()        # of what follows
        self.seen = self.last = 0           # number of the last line shown, logged
        self.words = ("-", "-", "-")        # of the last line logged

    def type(self, text):
        os.write(self.terminal, text.encode() + b"\n")

    def show(self):
        """Reads what the terminal has."""
        while select.select([self.terminal], [], [], 0)[0]:
            self.shown = (self.shown + os.read(self.terminal, 65536))[-65536:]
        found = LINE.findall(self.shown)
        self.seen = int(found[-1][0]) if found else 0

    def begin(self):
        def prompt():
            self.type("")
            time.sleep(0.2)
            self.show()
            return b"# " in self.shown
        until(f"{self.name}'s prompt", prompt)
        self.type(GUEST)
        until(f"lines of {self.name}", self.first)
        self.check()

    def first(self):
        """Finds the first line in the log, from which on there is nothing else."""
        self.logged += self.log.read()
        m = re.search(rb"(?<!\d)1 \S+ \S+ \S+ =+\r\n2 ", self.logged)
        if m:
            self.logged = self.logged[m.start():]
        return m

    def check(self):
        with self.lock:
            self._check()

    def _check(self):
        self.logged += self.log.read()
        at = 0
        while m := LINE.match(self.logged, at):
            n, at = int(m.group(1)), m.end()
            assert n == self.last + 1, f"{self.name}'s log has line {n} behind line {self.last}"
            self.last, self.words = n, tuple(m.group(i).decode() for i in (2, 3, 4))
        self.logged = self.logged[at:]
        assert len(self.logged) < 200 and b"\n" not in self.logged, \
            f"{self.name}'s log has this behind line {self.last}: {self.logged[:300]}"

    def ask(self, word):
        """Types a word; tells whether it has come back, and was shown."""
        self.check()
        wanted = self.last + 1
        self.type(word)
        return lambda: self.words[0] == word and self.seen >= wanted

    def says(self, which, word):
        def said_so():
            self.check()
            return self.words[which] == word
        until(lambda: f"{word} in {self.name}'s lines, which have {self.words}", said_so)


class Worker(threading.Thread):
    """Does the same again and again until told to end."""
    def __init__(self, name):
        super().__init__(name=name)
        self.n, self.end, self.wrong, self.doing = 0, False, None, ""

    def run(self):
        try:
            while not self.end:
                self.once()
        except BaseException as e:
            self.wrong = (e, traceback.format_exc())

    def command(self, *argv):
        """A device's end has a limit of libxl's own, which passes where the store is away for so long on a busy host: that
        is asked for again."""
        self.doing = " ".join(argv)
        while True:
            start = time.monotonic()
            p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=2 * SECONDS)
            if p.returncode and "not released within 10 s" in p.stdout and Outage.longest_since(start) > 5:
                print(f"again: {self.doing}", flush=True)
                continue
            break
        assert p.returncode == 0, f"exit {p.returncode} from: {self.doing}\n{p.stdout}"
        self.n += 1
        time.sleep(0.3)
        return p.stdout


class Outage:
    """How long the store was away, and until when."""
    all = []

    @classmethod
    def longest_since(cls, start):
        return max((long for long, end in cls.all if end > start), default=0)


class Commands(Worker):
    """A toolstack's commands for one guest, with a disk that comes and goes."""
    def __init__(self, name, console, image):
        super().__init__(name)
        self.console, self.image = console, image
        self.domid = said("xl", "domid", console.name).strip()
        self.disks = 0      # that have come and gone
        with open(image, "wb") as f:
            f.write(b"disk-of-%s\n" % name.encode())
            f.truncate(8 << 20)

    def once(self):
        self.look()
        self.attach()
        self.console.says(1, f"disk-of-{self.name}")
        self.look()
        self.detach()
        self.console.says(1, "-")
        self.disks += 1


class Xl(Commands):
    def look(self):
        rows = [line.split() for line in self.command("xl", "list").splitlines()[1:]]
        assert [(r[0], len(r)) for r in rows] == [("Domain-0", 6), ("alpha", 6), ("beta", 6)], rows
        assert rows[2][1] == self.domid and all(re.match(r"[r-][b-]----$", r[4]) for r in rows), rows

    def disks_are(self, n):
        rows = self.command("xl", "block-list", "beta").splitlines()
        assert len(rows) == 1 + n, rows

    def attach(self):
        self.command("xl", "block-attach", "beta", f"{self.image},raw,xvdd,w")
        self.disks_are(1)

    def detach(self):
        self.command("xl", "block-detach", "beta", "xvdd")
        self.disks_are(0)


class Virsh(Commands):
    """Who has libvirtd killed under a question asks again; while a disk comes or goes it is left alone, since it writes
    down only afterwards that it has."""
    def __init__(self, *args):
        self.busy, self.killed = threading.Lock(), 0.0
        super().__init__(*args)

    def virsh(self, *words):
        end = time.monotonic() + SECONDS
        while True:
            start = time.monotonic()
            try:
                return self.command("virsh", "-q", "-c", "xen:///system", *words)
            except AssertionError:
                if self.killed < start or time.monotonic() > end:
                    raise

    def look(self):
        rows = sorted(line.split() for line in self.virsh("list", "--all").splitlines())
        assert rows == [["0", "Domain-0", "running"], [self.domid, "alpha", "running"]], rows

    def attach(self):
        with self.busy:
            self.virsh("attach-disk", "alpha", self.image, "xvdd", "--driver", "phy", "--type", "disk")
        assert "xvdd" in self.virsh("domblklist", "alpha")

    def detach(self):
        with self.busy:
            self.virsh("detach-disk", "alpha", "xvdd")
        assert "xvdd" not in self.virsh("domblklist", "alpha")


class Told(Load):
    """Keeps what it was told, to be compared with what `xenstore-watch` was."""
    def __init__(self, c, name, where, pause):
        self.told = []
        super().__init__(c, name, where, pause)

    def changed(self, path):
        super().changed(path)
        self.told.append(path)


class Watch:
    """`xenstore-watch` on what a Told changes."""
    def __init__(self, told):
        self.told, self.heard, self.matched = told, b"", 1    # the first event is the watch's own
        self.program = subprocess.Popen(["xenstore-watch", "/load/told"], stdout=subprocess.PIPE)
        assert self.program.stdout.readline() == b"/load/told\n"

    def read(self):
        """Compares what there is."""
        while select.select([self.program.stdout], [], [], 0)[0]:
            more = os.read(self.program.stdout.fileno(), 65536)
            assert more, f"xenstore-watch ended: {self.program.wait()}"
            self.heard += more
        *lines, self.heard = self.heard.split(b"\n")
        for line in lines:
            expected = until("the event in the other client", lambda: self.told.told[self.matched:][:1])[0]
            assert line == expected, f"xenstore-watch heard of {line}, not of {expected}"
            self.matched += 1


class Host:
    def __init__(self, chance):
        self.chance = chance
        self.store, self.consoled, self.libvirtd = Daemon("xenstored"), Daemon("xenconsoled"), Daemon("libvirtd")
        self.asker = SocketClient(STORE)
        self.consoles = {name: Console(name) for name in ("alpha", "beta")}
        for c in self.consoles.values():
            c.begin()
        for path in (b"/load", b"/load/told", b"/restarts"):
            ok(self.asker.request("MKDIR", path + b"\0"))
        self.transaction()
        self.told = Told(SocketClient(STORE), "told", b"/load", 0.1)
        self.watch = Watch(self.told)
        self.other = Load(SocketClient(STORE), "other", b"/load", 0.1)
        self.loads = [self.told, self.other]
        for t in self.loads:
            t.name = f"client {t.who.decode()} of the store"
        self.xl = Xl("xl", self.consoles["beta"], "/root/beta-extra.img")
        self.virsh = Virsh("virsh", self.consoles["alpha"], "/root/alpha-extra.img")
        self.commands = [self.xl, self.virsh]
        self.qemu = said("pgrep", "-f", "xen-domid").split()
        assert len(self.qemu) == 1, self.qemu
        self.remember()
        for t in self.loads + self.commands:
            t.start()
        self.words = 0

    def remember(self):
        """By which sockets QEMU and libvirtd are connected with the store. xenconsoled, in a network namespace of its own, has
        none that could be seen here; it says when it loses one."""
        def sockets_to_store(pid):
            peers = {line.split()[7] for line in said("ss", "-xHn").splitlines() if line.split()[4] == STORE}
            return peers & set(sockets_of(pid))
        self.sockets = {name: until(f"{name}'s connection with the store", lambda pid=pid: sockets_to_store(pid))
                        for name, pid in (("QEMU", self.qemu[0]), ("libvirtd", self.libvirtd.pid()))}

    def same_sockets(self):
        before = dict(self.sockets)
        self.remember()
        for name, sockets in before.items():
            assert sockets <= self.sockets[name], f"{name} had to connect anew: {sockets}, {self.sockets[name]}"

    def transaction(self):
        self.tx, self.tx_value = begin(self.asker), b"%d" % self.chance.randrange(1000000)
        ok(self.asker.request("WRITE", b"/restarts/x\0" + self.tx_value, self.tx))

    def transaction_goes_on(self):
        assert ok(self.asker.request("READ", b"/restarts/x\0", self.tx)) == self.tx_value
        if self.chance.random() < 0.3:
            assert ok(self.asker.request("TRANSACTION_END", b"T\0", self.tx)) == b"OK\0"
            assert ok(self.asker.request("READ", b"/restarts/x\0")) == self.tx_value
            self.transaction()

    def kill_xenstored(self):
        return self.store.kill()

    def kill_update(self, then_kill=False):
        start = time.monotonic()
        p = subprocess.Popen(["xenstore-control", "live-update", "/usr/sbin/xenstored"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        if then_kill:
            time.sleep(self.chance.random() * 0.5)
            start = self.store.kill()
        out = p.communicate(timeout=SECONDS)[0]
        assert p.returncode == 0 or (then_kill and DIED in out), f"live-update: exit {p.returncode}: {out}"
        return start

    def kill_update_and_kill(self):
        return self.kill_update(True)

    def kill_xenconsoled(self):
        return self.consoled.kill()

    def kill_libvirtd(self):
        with self.virsh.busy:
            self.same_sockets()
            self.virsh.killed = time.monotonic()
            start = self.libvirtd.kill()
        until("libvirtd", self.libvirtd.pid)
        return start

    def healthy(self):
        for t in self.loads + self.commands:
            if t.wrong:
                raise AssertionError(f"{t}: {t.wrong}")

    def wait(self, wanted):
        """For all of {what: whether it is so}, while the consoles go on."""
        def on():
            self.healthy()
            for c in self.consoles.values():
                c.check()
                c.show()
            self.watch.read()
            for what in [k for k, fn in wanted.items() if fn()]:
                del wanted[what]
            return not wanted
        until(lambda: f"{', '.join(wanted)}; consoles: {[(c.last, c.seen, c.words) for c in self.consoles.values()]}; "
              f"commands: {[t.doing for t in self.commands]}; events: {self.watch.matched} of {len(self.told.told)}", on)

    def all_well(self):
        """Everybody goes on."""
        self.words += 1
        wanted = {f"{c.name}'s console": c.ask(f"w{self.words}") for c in self.consoles.values()}
        for t, n in ((self.told, 20), (self.other, 20), (self.xl, 1), (self.virsh, 1)):
            wanted[t.name] = lambda t=t, n=t.n + n: t.n >= n
        wanted["xenstore-watch"] = lambda n=len(self.told.told): self.watch.matched >= n
        for address in ADDRESSES:
            ping = subprocess.Popen(["ping", "-q", "-c", "1", "-W", f"{SECONDS:.0f}", address], stdout=subprocess.DEVNULL)
            wanted[f"ping {address}"] = lambda p=ping: p.poll() == 0
        self.wait(wanted)

    def one(self, i, kind):
        time.sleep(self.chance.random())
        self.healthy()
        at = getattr(self, "kill_" + kind.replace(" ", "_"))()
        self.transaction_goes_on()
        back = time.monotonic() - at
        Outage.all.append((back, at + back))
        self.all_well()
        if kind == "libvirtd":
            self.remember()
        print(f"{i + 1} {kind}: the store answered after {back:.2f} s, all after {time.monotonic() - at:.2f} s; "
              f"disks {self.xl.disks} {self.virsh.disks}", flush=True)

    def finish(self):
        for t in self.loads + self.commands:
            t.end = True
        self.wait({f"the end of {t.name}": lambda t=t: not t.is_alive() for t in self.loads + self.commands})
        self.wait({"xenstore-watch": lambda: self.watch.matched >= len(self.told.told)})
        self.same_sockets()
        self.words += 1
        self.wait({f"{c.name}'s console": c.ask(f"w{self.words}") for c in self.consoles.values()})
        for program in (self.watch, *self.consoles.values()):
            program.program.kill()
        assert ok(self.asker.request("TRANSACTION_END", b"F\0", self.tx)) == b"OK\0"
        for path in (b"/load", b"/restarts"):
            ok(self.asker.request("RM", path + b"\0"))
        assert ok(self.asker.request("CONTROL", b"check\0")) == b"OK\0"


def plan(chance, kills):
    """So many of each kind, in any order."""
    all_of = [k for k, n in KINDS.items() for _ in range(n)]
    chance.shuffle(all_of)
    return [all_of[i % len(all_of)] for i in range(kills)]


def main():
    seed, kills = int(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    host = Host(chance)
    try:
        start = time.monotonic()
        for i, kind in enumerate(plan(chance, kills)):
            host.one(i, kind)
        print(f"{kills} kills took {time.monotonic() - start:.0f} s; {host.xl.disks} and {host.virsh.disks} disks came and went; "
              f"lines: {[c.last for c in host.consoles.values()]}; commands: {[t.n for t in host.commands]}; "
              f"store: {[t.n for t in host.loads]}")
        host.finish()
    except BaseException:
        traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)         # whatever its threads wait for


if __name__ == "__main__":
    main()
