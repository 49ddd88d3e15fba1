# SPDX-License-Identifier: GPL-2.0-only
"""xenconsoled against guests whose console pages are files. Run by console.sh."""
import mmap
import os
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from xsclient import Daemon, Keeper, OP, fire, until

IN_CONS, IN_PROD, OUT_CONS, OUT_PROD = range(3072, 3088, 4)
SHIM = os.environ["SHIM"]


class Guest:
    """The guest's end: a page, a port."""

    def __init__(self, bench, domid, name, **nodes):
        self.b, self.domid = bench, domid
        for d in (bench.dir, bench.store.dir):
            with open(f"{d}/dom-{domid}", "w") as f:
                f.write("r")
        for d, ref in ((bench.dir, 0), (bench.store.dir, 1)):
            with open(f"{d}/grant-{domid}-{ref}", "wb") as f:
                f.write(bytes(4096))
        self.f = open(f"{bench.dir}/grant-{domid}-0", "r+b")
        self.m = mmap.mmap(self.f.fileno(), 4096)
        self.words = memoryview(self.m).cast("I")
        home = f"/local/domain/{domid}"
        # Not in a transaction, as tools do it: the type comes first, for the daemon may look at any moment.
        self.nodes = {"name": name, "console/type": "xenconsoled", "console/limit": "65536", "console/port": "2",
                      "console/ring-ref": "1234", **{f"console/{k}": v for k, v in nodes.items()}}
        self.introduce()
        self.fd = None

    def introduce(self):
        for k, v in self.nodes.items():
            self.b.write(f"/local/domain/{self.domid}/{k}", v)
        r = self.b.admin.request("INTRODUCE", b"%d\0001\0001\0" % self.domid)
        assert r[0] != OP["ERROR"], r

    def tty(self):
        if self.fd is None:
            name = until("a tty node", lambda: self.b.read(f"/local/domain/{self.domid}/console/tty"))
            self.fd = os.open(name, os.O_RDWR | os.O_NOCTTY)
        return self.fd

    def word(self, off):
        return self.words[off // 4]

    def set(self, off, v):
        # One store: struct.pack_into() makes the word 0 first, which the daemon may see.
        self.words[off // 4] = v & 0xffffffff

    def kick(self):
        fire(self.b.dir, 1000 + self.domid)

    def put(self, data):
        """Writes all of it, waiting for room as a guest does."""
        while data:
            prod = self.word(OUT_PROD)
            room = until("room in the ring", lambda: 2048 - ((prod - self.word(OUT_CONS)) & 0xffffffff))
            n = min(room, len(data), 2048 - prod % 2048)
            self.m[1024 + prod % 2048:1024 + prod % 2048 + n] = data[:n]
            self.set(OUT_PROD, prod + n)
            data = data[n:]
            self.kick()

    def expect(self, data):
        got = b""
        end = time.monotonic() + 60
        while len(got) < len(data) and time.monotonic() < end:
            if select.select([self.tty()], [], [], 1)[0]:
                got += os.read(self.tty(), 65536)
        assert got == data, (got[:200], data[:200])

    def typed(self, count):
        until("typed input", lambda: self.word(IN_PROD) - self.word(IN_CONS) >= count)
        cons = self.word(IN_CONS)
        data = bytes(self.m[(cons + i) % 1024] for i in range(count))
        self.set(IN_CONS, cons + count)
        self.kick()
        return data

    def gone(self):
        for d in (self.b.dir, self.b.store.dir):
            os.unlink(f"{d}/dom-{self.domid}")
        fire(self.b.store.dir, 1 + 3)


class Bench:
    def __init__(self, *args, keeper=None):
        self.keeper = keeper
        self.store = Daemon(os.environ["XENSTORED"], SHIM)
        self.dir = tempfile.mkdtemp(prefix="xc")
        self.admin = self.store.client()
        with open(self.dir + "/conring", "wb") as f:
            f.write(b"(XEN) first line\n")
        self.err = open(self.dir + "/stderr", "wb")
        self.argv = ["/usr/bin/env", "LD_PRELOAD=" + SHIM, os.environ["XENCONSOLED"], "-i",
                     f"--log-dir={self.dir}/log", f"--state-dir={self.dir}/state", *args]
        self.start()

    def start(self):
        env = dict(os.environ, FAKEXEN_DIR=self.dir, XENSTORED_PATH=self.store.path)
        if self.keeper:
            self.p = self.keeper.spawn(self.argv, env, self.err)
        else:
            self.p = subprocess.Popen(self.argv, env=env, stderr=self.err)
        until("the daemon", lambda: os.path.exists(self.dir + "/evtchn"))

    def killed(self):
        self.p.kill()
        self.p.wait(60)
        os.unlink(self.dir + "/evtchn")
        self.start()

    def write(self, path, value):
        r = self.admin.request("WRITE", path.encode() + b"\0" + value.encode())
        assert r[0] != OP["ERROR"], (path, r)

    def read(self, path):
        r = self.admin.request("READ", path.encode() + b"\0")
        return None if r[0] == OP["ERROR"] else r[3].decode()

    def log(self, name):
        try:
            with open(f"{self.dir}/log/{name}", "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.p.pid}/fd"))

    def stderr(self):
        with open(self.dir + "/stderr", "r", errors="replace") as f:
            return f.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, *exc):
        alive = self.p.poll() is None
        self.p.terminate()
        rc = self.p.wait(60)
        err = self.stderr()
        self.store.__exit__()
        shutil.rmtree(self.dir, ignore_errors=True)
        if kind is None:
            assert alive, "xenconsoled died: " + err
            assert "Sanitizer" not in err and "runtime error" not in err, err
            assert rc == 0, (rc, err)
        else:
            print(err)
        return False


def test_output_and_input():
    with Bench() as b:
        g = Guest(b, 5, "five")
        g.tty()
        g.put(b"hello\r\n\0\xff")
        g.expect(b"hello\r\n\0\xff")
        big = bytes(range(256)) * 40
        pid = os.fork()
        if not pid:
            g.put(big)
            os._exit(0)
        g.expect(big)
        os.waitpid(pid, 0)
        os.write(g.tty(), b"typed\x03\r")
        assert g.typed(7) == b"typed\x03\r"
        # more than the ring takes: the rest comes when the guest has read
        os.write(g.tty(), b"k" * 1500)
        assert g.typed(1024) == b"k" * 1024
        assert g.typed(476) == b"k" * 476
        # two guests do not meet
        h = Guest(b, 6, "six")
        h.put(b"six")
        g.put(b"five")
        h.expect(b"six")
        g.expect(b"five")


def test_foreign_types():
    with Bench() as b:
        Guest(b, 5, "qemu", type="ioemu")
        g = Guest(b, 6, "ours")
        g.put(b"x")
        g.expect(b"x")
        assert b.read("/local/domain/5/console/tty") is None


def test_logs():
    with Bench("--log=all", "--timestamp=guest", "--replace-escape") as b:
        until("the hypervisor's log", lambda: b.log("hypervisor.log") == b"(XEN) first line\n")
        g = Guest(b, 5, "web server")
        g.put(b"one\ntwo \x1b[1m part")
        until("the log", lambda: b.log("guest-web server.log").endswith(b"part"))
        lines = b.log("guest-web server.log").split(b"\n")
        assert lines[0].endswith(b"] Logfile Opened") and lines[0].startswith(b"[20"), lines
        assert lines[1].endswith(b"] one") and lines[2].endswith(b"] two .[1m part"), lines
        with open(b.dir + "/conring", "ab") as f:
            f.write(b"(XEN) more\n")
        fire(b.dir, 1 + 8)
        until("new lines of the hypervisor", lambda: b.log("hypervisor.log").endswith(b"(XEN) more\n"))
        os.rename(f"{b.dir}/log/guest-web server.log", f"{b.dir}/log/old")
        b.p.send_signal(signal.SIGHUP)
        until("a new log", lambda: b.log("guest-web server.log"))
        g.put(b" end\nthree\n")
        until("its lines", lambda: b.log("guest-web server.log").endswith(b"] three\n"))
        assert not b.log("old").endswith(b"three\n")


def test_overflow_discards_the_oldest():
    with Bench() as b:
        g = Guest(b, 5, "noisy", limit="8192")
        until("a tty", lambda: b.read("/local/domain/5/console/tty"))
        text = b"".join(b"line %06d\n" % i for i in range(4000))
        g.put(text)
        until("all is taken", lambda: g.word(OUT_CONS) == g.word(OUT_PROD))
        got = b""
        while select.select([g.tty()], [], [], 0.5)[0]:
            got += os.read(g.tty(), 65536)
        assert got.endswith(text[-8192:]), (len(got), got[-40:])
        assert len(got) < 8192 + 3 * 65536


def test_overflow_kept_makes_the_guest_wait():
    with Bench("--overflow-data=keep") as b:
        g = Guest(b, 5, "patient", limit="4096")
        until("a tty", lambda: b.read("/local/domain/5/console/tty"))
        text = b"".join(b"line %06d\n" % i for i in range(20000))
        pid = os.fork()
        if not pid:
            g.put(text)
            os._exit(0)
        time.sleep(0.3)
        assert os.waitpid(pid, os.WNOHANG) == (0, 0), "the guest was not held up"
        g.expect(text)
        os.waitpid(pid, 0)


def test_hostile_rings():
    with Bench("--log=guest") as b:
        good = Guest(b, 5, "good")
        for i, (word, v) in enumerate(((OUT_PROD, 2049), (OUT_PROD, 0xffffffff), (OUT_CONS, 1), (IN_PROD, 5000),
                                       (IN_CONS, 1))):
            g = Guest(b, 10 + i, f"bad{i}")
            g.tty()
            g.set(word, v)
            os.write(g.tty(), b"x")
            g.kick()
        until("two complaints", lambda: b.stderr().count("make no sense") >= 3)
        good.put(b"still here")
        good.expect(b"still here")
        # indices near the wrap are fine
        w = Guest(b, 30, "wrap")
        for o in (OUT_CONS, OUT_PROD, IN_CONS, IN_PROD):
            w.set(o, 0xfffffff0)
        w.tty()
        w.put(b"0123456789" * 10)
        w.expect(b"0123456789" * 10)
        # a name that would leave the directory
        e = Guest(b, 31, "../../escape")
        e.put(b"x")
        until("a log of a bad name", lambda: b.log("guest-31.log") == b"x")


def test_a_flood_of_events():
    with Bench() as b:
        g = Guest(b, 5, "flood")
        h = Guest(b, 6, "calm")
        g.tty()
        for _ in range(300):
            g.kick()
        h.put(b"calm")
        h.expect(b"calm")
        g.put(b"after the flood")
        g.expect(b"after the flood")


def test_events_are_served_at_a_rate():
    """A guest that sends an event as soon as it may: 30 of them in each 200 ms."""
    with Bench() as b, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unmasked:
        g = Guest(b, 5, "fast")
        unmasked.bind(f"{b.dir}/unmask-{1000 + g.domid}")
        unmasked.settimeout(60)
        g.tty()
        start = time.monotonic()
        for _ in range(300):
            g.kick()
            unmasked.recv(4)
        took = time.monotonic() - start
        assert took > 1.5, f"300 events were served in {took:.2f} s"


def test_last_words():
    with Bench() as b:
        g = Guest(b, 5, "brief")
        g.put(b"hello ")
        until("taken", lambda: g.word(OUT_CONS) == 6)
        # written without an event, then dead
        g.m[1024 + 6:1024 + 12] = b"panic\n"
        g.set(OUT_PROD, 12)
        g.gone()
        until("last words", lambda: b.log("guest-brief.last") == b"hello panic\n")
        g.expect(b"hello panic\n")
    with Bench("--log=guest") as b:
        g = Guest(b, 5, "logged")
        g.put(b"hello ")
        until("taken", lambda: g.word(OUT_CONS) == 6)
        g.m[1024 + 6:1024 + 12] = b"panic\n"
        g.set(OUT_PROD, 12)
        g.gone()
        until("log", lambda: b.log("guest-logged.log") == b"hello panic\n")
        assert b.log("guest-logged.last") == b""
        # the number comes back as another domain
        h = Guest(b, 5, "second")
        os.close(g.fd) if g.fd else None
        h.put(b"second")
        until("its log", lambda: b.log("guest-second.log") == b"second")


def test_moved_ring():
    with Bench() as b:
        g = Guest(b, 5, "restored")
        g.put(b"a")
        g.expect(b"a")
        fds = b.descriptors()
        for i in range(20):
            b.write("/local/domain/5/console/port", str(3 + i % 2))
            b.write("/local/domain/5/console/ring-ref", str(i))
        g.put(b"b")
        g.expect(b"b")
        assert b.descriptors() == fds


def test_the_store_comes_back():
    with Bench() as b:
        g = Guest(b, 5, "old")
        g.put(b"before")
        g.expect(b"before")
        fds = b.descriptors()
        name = os.ttyname(g.tty())
        b.store.kill()
        until("the loss is logged", lambda: "is lost" in b.stderr())
        # who is connected goes on without a store
        g.put(b"meanwhile")
        g.expect(b"meanwhile")
        os.write(g.tty(), b"typed")
        assert g.typed(5) == b"typed"
        b.store.start()
        b.admin = b.store.client()
        g.introduce()
        until("the same terminal is told again", lambda: b.read("/local/domain/5/console/tty") == name)
        g.put(b"after")
        g.expect(b"after")
        assert b.descriptors() == fds
        h = Guest(b, 6, "new")
        h.put(b"six")
        h.expect(b"six")


def written_on(g, text):
    """A guest that writes all of this, as fast as it is taken."""
    pid = os.fork()
    if not pid:
        try:
            g.put(text)
        finally:
            os._exit(0)
    return pid


def test_killed_at_any_time():
    """Each byte that a guest puts out is in its log once, as are the hypervisor's."""
    seed = int(os.environ.get("SEED", time.time_ns() % 100000))
    print("seed", seed)
    chance = random.Random(seed)
    for stamps in ("none", "all"):
        with Bench("--log=all", "--timestamp=" + stamps) as b:
            g = Guest(b, 5, "five")
            text = b"".join(b"line %06d %s\n" % (i, b"x" * (i % 90)) for i in range(60000))
            writer = written_on(g, text)
            kills = 0
            while os.waitpid(writer, os.WNOHANG) == (0, 0):
                with open(b.dir + "/conring", "ab") as f:
                    f.write(b"(XEN) kill %d\n" % kills)
                size = len(b.log("guest-five.log"))
                until("more output", lambda: len(b.log("guest-five.log")) > size + 2000 or
                      g.word(OUT_CONS) == g.word(OUT_PROD))
                time.sleep(chance.random() * 0.01)
                b.killed()
                kills += 1
            until("all is taken", lambda: g.word(OUT_CONS) == g.word(OUT_PROD))
            with open(b.dir + "/conring", "ab") as f:
                f.write(b"(XEN) end\n")
            fire(b.dir, 1 + 8)
            until("the hypervisor's end", lambda: b.log("hypervisor.log").endswith(b"(XEN) end\n"))
            logs = [b.log("guest-five.log"), b.log("hypervisor.log")]
            if stamps == "all":
                logs = [re.sub(rb"(?m)^\[[-0-9: ]{19}\] (Logfile Opened\n)?", b"", log) for log in logs]
            hv = b"(XEN) first line\n" + b"".join(b"(XEN) kill %d\n" % i for i in range(kills)) + b"(XEN) end\n"
            assert logs[0] == text, first_difference(logs[0], text)
            assert logs[1] == hv, first_difference(logs[1], hv)
            assert kills >= 10, kills
            print(f"   {kills} kills, {len(text)} bytes")


def first_difference(a, b):
    at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    return at, len(a), len(b), a[at - 40:at + 40], b[at - 40:at + 40]


def test_killed_and_rotated():
    """What is not the log in which it was is not cut."""
    with Bench("--log=guest") as b:
        g = Guest(b, 5, "five")
        g.put(b"one\n")
        until("a log", lambda: b.log("guest-five.log") == b"one\n")
        path = b.dir + "/log/guest-five.log"
        b.p.kill()
        os.rename(path, path + ".1")
        with open(path, "w") as f:
            f.write("somebody else's\n")
        b.killed()
        g.put(b"two\n")
        until("the next line", lambda: b.log("guest-five.log") == b"somebody else's\ntwo\n")
        # a ring of which another daemon has taken
        b.p.kill()
        b.p.wait(60)
        g.set(OUT_PROD, g.word(OUT_PROD) + 5)
        g.set(OUT_CONS, g.word(OUT_PROD))
        with open(path, "a") as f:
            f.write("more\n")
        b.killed()
        g.put(b"three\n")
        until("the last line", lambda: b.log("guest-five.log") == b"somebody else's\ntwo\nmore\nthree\n")


def test_terminals_are_kept():
    """Who has a terminal open goes on with it, until the guest ends."""
    keeper = Keeper()
    try:
        with Bench(keeper=keeper) as b:
            g, h = Guest(b, 5, "five"), Guest(b, 6, "six")
            for i in range(5):
                g.put(b"%d" % i)
                g.expect(b"%d" % i)
                os.write(g.tty(), b"typed")
                assert g.typed(5) == b"typed"
                h.tty()
                b.killed()
            b.p.kill()
            b.p.wait(60)
            os.unlink(f"{b.dir}/dom-6")
            b.killed()
            until("an end of the dead one's terminal", lambda: select.select([h.tty()], [], [], 0)[0])
            g.put(b"end")
            g.expect(b"end")
            g.gone()
            until("an end of the other one", lambda: select.select([g.tty()], [], [], 0)[0])
            until("nothing is kept", lambda: not [n for n, _ in keeper.kept if n.startswith(("master", "slave"))])
    finally:
        keeper.close()


def ready(s):
    """The process that says it is ready; what is given to be kept is not."""
    while True:
        data, anc, _, _ = s.recvmsg(4096, socket.CMSG_SPACE(12) + socket.CMSG_SPACE(4))
        pid, fds = None, []
        for _, kind, what in anc:
            if kind == socket.SCM_CREDENTIALS:
                pid = struct.unpack("iii", what)[0]
            else:
                fds += struct.unpack(f"{len(what) // 4}i", what)
        for fd in fds:
            os.close(fd)
        if data == b"READY=1":
            return pid
        assert b"FDSTORE" in data, data


def test_a_service_manager_is_told():
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(folder + "/notify")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        s.settimeout(60)
        os.environ["NOTIFY_SOCKET"] = folder + "/notify"
        try:
            with Bench() as b:
                assert [ready(s), ready(s)] == [b.store.p.pid, b.p.pid]
                g = Guest(b, 5, "five")
                g.put(b"hello")
                g.expect(b"hello")
                # what it logs from then on goes to syslog alone
                b.store.kill()
                b.store.start()
                assert ready(s) == b.store.p.pid
                b.admin = b.store.client()
                g.introduce()
                until("the terminal is told again", lambda: b.read("/local/domain/5/console/tty"))
                assert "is lost" not in b.stderr(), b.stderr()
        finally:
            del os.environ["NOTIFY_SOCKET"]


def main():
    tests = [(n, f) for n, f in globals().items() if n.startswith("test_")]
    for name, fn in tests:
        fn()
        print("ok", name)
    print(f"{len(tests)} console tests passed")


if __name__ == "__main__":
    sys.exit(main())
