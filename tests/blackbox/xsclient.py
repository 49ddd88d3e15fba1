# SPDX-License-Identifier: GPL-2.0-only
"""A client of the store's wire protocol, over its socket and over a guest's ring, for tests.

Runs a daemon (Debian's or ours) without a hypervisor: fakexen.so stands in for the libraries.
"""
import mmap
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

NAMES = ["CONTROL", "DIRECTORY", "READ", "GET_PERMS", "WATCH", "UNWATCH", "TRANSACTION_START",
         "TRANSACTION_END", "INTRODUCE", "RELEASE", "GET_DOMAIN_PATH", "WRITE", "MKDIR", "RM",
         "SET_PERMS", "WATCH_EVENT", "ERROR", "IS_DOMAIN_INTRODUCED", "RESUME", "SET_TARGET",
         "RESTRICT", "RESET_WATCHES", "DIRECTORY_PART"]
OP = {n: i for i, n in enumerate(NAMES)}
HDR = struct.Struct("<IIII")
EVENT = OP["WATCH_EVENT"]
RING = 1024
# struct xenstore_domain_interface: two rings, then four indices and three words
REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD, FEATURES, CONNECTION, ERROR = range(2048, 2048 + 28, 4)


def until(what, fn, seconds=60, pause=0.01):
    """What fn says at last; what it waits for may be told by a function."""
    end = time.monotonic() + seconds
    while True:
        v = fn()
        if v:
            return v
        if time.monotonic() > end:
            raise AssertionError("did not happen: " + (what() if callable(what) else what))
        time.sleep(pause)


class Stream:
    """Messages over some byte stream; a subclass moves the bytes."""

    def __init__(self):
        self.buf = b""
        self.events = []

    def request(self, op, body=b"", tx=0, req=1):
        if isinstance(op, str):
            op = OP[op]
        self.put(HDR.pack(op, req, tx, len(body)) + body)
        while True:
            m = self.message()
            if m is None:
                return None
            if m[0] == EVENT:
                self.events.append(m[3])
                continue
            return m

    def message(self, timeout=60.0):
        """One whole message (type, req, tx, body), or None when the peer hung up or is silent."""
        end = time.monotonic() + timeout
        while True:
            if len(self.buf) >= 16:
                t, r, x, n = HDR.unpack(self.buf[:16])
                if len(self.buf) >= 16 + n:
                    body, self.buf = self.buf[16:16 + n], self.buf[16 + n:]
                    return t, r, x, body
            more = self.get(max(0.0, end - time.monotonic()))
            if not more:
                return None
            self.buf += more

    def drain(self, sync=True):
        """All events so far: a request that is answered last puts a bound on them."""
        if sync:
            self.request("GET_DOMAIN_PATH", b"0\0")
        got, self.events = self.events, []
        return got


class SocketClient(Stream):
    def __init__(self, path):
        super().__init__()
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.s.connect(path)

    def put(self, data):
        self.s.sendall(data)

    def get(self, timeout):
        if not select.select([self.s], [], [], timeout)[0]:
            return b""
        try:
            return self.s.recv(65536)
        except ConnectionResetError:
            return b""

    def close(self):
        self.s.close()


class RingClient(Stream):
    """The guest's end of a shared ring: a file that fakexen.so maps as grant 1 of the domain."""

    def __init__(self, where, domid, state=b"r"):
        super().__init__()
        self.dir, self.domid = where, domid
        page = f"{where}/grant-{domid}-1" if domid else f"{where}/xsd_kva"
        if domid:
            with open(f"{where}/dom-{domid}", "wb") as f:
                f.write(state)
            with open(page, "wb") as f:
                f.write(bytes(4096))
        self.f = open(page, "r+b")
        self.m = mmap.mmap(self.f.fileno(), 4096)
        self.words = memoryview(self.m).cast("I")
        self.ev = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"{where}/port-{1000 + domid}"
        if os.path.exists(name):
            os.unlink(name)
        self.ev.bind(name)

    def __str__(self):
        words = ("REQ_CONS", "REQ_PROD", "RSP_CONS", "RSP_PROD", "FEATURES", "CONNECTION", "ERROR")
        return f"ring of domain {self.domid}: " + " ".join(f"{w}={self.word(globals()[w])}" for w in words)

    def word(self, off):
        return self.words[off // 4]

    def set_word(self, off, v):
        # One store: struct.pack_into() makes the word 0 first, which the daemon may see.
        self.words[off // 4] = v & 0xffffffff

    def kick(self):
        fire(self.dir, 1000 + self.domid)

    def put(self, data):
        while data:
            cons, prod = self.word(REQ_CONS), self.word(REQ_PROD)
            room = RING - ((prod - cons) & 0xffffffff)
            if not room:
                if not self.wait(60.0):
                    raise TimeoutError("ring stays full")
                continue
            n = min(room, len(data), RING - prod % RING)
            self.m[prod % RING:prod % RING + n] = data[:n]
            self.set_word(REQ_PROD, prod + n)
            data = data[n:]
            self.kick()

    def wait(self, timeout):
        if not select.select([self.ev], [], [], timeout)[0]:
            return False
        self.ev.recv(16)
        return True

    def get(self, timeout):
        end = time.monotonic() + timeout
        while True:
            cons, prod = self.word(RSP_CONS), self.word(RSP_PROD)
            n = (prod - cons) & 0xffffffff
            if n:
                n = min(n, RING - cons % RING)
                data = bytes(self.m[RING + cons % RING:RING + cons % RING + n])
                self.set_word(RSP_CONS, cons + n)
                self.kick()
                return data
            if not self.wait(max(0.0, end - time.monotonic())):
                return b""

    def close(self):
        self.ev.close()
        self.words.release()
        self.m.close()
        self.f.close()


def fire(where, port, name="evtchn"):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        s.sendto(struct.pack("<I", port), f"{where}/{name}")
    except (ConnectionRefusedError, FileNotFoundError):
        pass  # a port that nobody has bound: the event is lost
    s.close()


class Daemon:
    """A daemon in a directory of its own, stopped and cleaned up on exit from `with`."""

    def __init__(self, binary, shim, args=(), env=None):
        self.dir = tempfile.mkdtemp(prefix="xs")
        self.env = dict(os.environ, FAKEXEN_DIR=self.dir, XENSTORED_RUNDIR=self.dir)
        self.env.pop("XENSTORED_PATH", None)
        self.env.update(env or {})
        with open(self.dir + "/xsd_port", "w") as f:
            f.write("5")
        with open(self.dir + "/xsd_kva", "wb") as f:
            f.write(bytes(4096))
        self.log = open(self.dir + "/stderr", "wb")
        # env sets the preload for the daemon only: with ASan its run-time must come first
        pre = [p for p in (self.env.get("ASAN_RUNTIME"), shim) if p]
        self.argv = ["/usr/bin/env", "LD_PRELOAD=" + ":".join(pre), binary, "-N", *args]
        self.path = self.dir + "/socket"
        self.start()

    def start(self):
        self.p = subprocess.Popen(self.argv, env=self.env, stdout=self.log, stderr=self.log)
        end = time.monotonic() + 20
        while not self.ready():
            if self.p.poll() is not None or time.monotonic() > end:
                raise RuntimeError("daemon did not start: " + self.stderr())
            time.sleep(0.01)

    def kill(self):
        """As a crash does: what it knew is gone."""
        self.p.kill()
        self.p.wait(60)

    def ready(self):
        try:
            SocketClient(self.path).close()
            return True
        except OSError:
            return False

    def stderr(self):
        with open(self.dir + "/stderr", "r", errors="replace") as f:
            return f.read()

    def client(self):
        return SocketClient(self.path)

    def guest(self, domid, admin, port=7, mfn=1):
        g = RingClient(self.dir, domid)
        r = admin.request("INTRODUCE", b"%d\0%d\0%d\0" % (domid, mfn, port))
        if r[0] == OP["ERROR"]:
            raise RuntimeError(f"introduce: {r}")
        return g

    def set_state(self, domid, state):
        """r, s or d; None: the domain is gone. The daemon then hears VIRQ_DOM_EXC (virq 3)."""
        p = f"{self.dir}/dom-{domid}"
        if state is None:
            os.unlink(p)
        else:
            with open(p, "w") as f:
                f.write(state)
        fire(self.dir, 1 + 3)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.p.pid}/fd"))

    def alive(self):
        return self.p.poll() is None

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.p.terminate()
        try:
            self.p.wait(10)
        except subprocess.TimeoutExpired:
            self.p.kill()
            self.p.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        return False


class Keeper:
    """What systemd is to a service: it keeps what it is sent, and starts the next process with all that."""

    def __init__(self):
        self.kept = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.path = tempfile.mktemp(prefix="notify")
        self.socket.bind(self.path)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.lock, self.over = threading.Lock(), False
        self.reader = threading.Thread(target=self._read_on)
        self.reader.start()

    def _read_on(self):
        while not self.over:
            if select.select([self.socket], [], [], 0.05)[0]:
                self.collect()

    def _remove(self, name):
        for n, fd in self.kept:
            if n == name:
                os.close(fd)
        self.kept = [(n, fd) for n, fd in self.kept if n != name]

    def collect(self):
        with self.lock:
            while select.select([self.socket], [], [], 0)[0]:
                text, fds, _, _ = socket.recv_fds(self.socket, 4096, 8)
                lines = dict(line.split("=", 1) for line in text.decode().split("\n") if "=" in line)
                for fd in fds:
                    assert lines.get("FDSTORE") == "1", lines
                    self.kept.append((lines["FDNAME"], fd))
                if lines.get("FDSTOREREMOVE") == "1":
                    self._remove(lines["FDNAME"])

    def _let_go(self):
        """Of what was hung up, as systemd does; an end that nobody listens to would never be."""
        poll = select.poll()
        for _, fd in self.kept:
            poll.register(fd, 0)
        gone = {fd for fd, what in poll.poll(0) if what & (select.POLLHUP | select.POLLERR)}
        for fd in gone:
            os.close(fd)
        self.kept = [(n, fd) for n, fd in self.kept if fd not in gone]

    def spawn(self, argv, env, log):
        self.collect()
        self._let_go()
        pid = os.fork()
        if not pid:
            self._exec(argv, dict(env, NOTIFY_SOCKET=self.path), log)
        return Child(pid)

    def _exec(self, argv, env, log):
        try:
            high = [os.dup2(fd, 1000 + i, inheritable=False) for i, (_, fd) in enumerate(self.kept)]
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
            for i, fd in enumerate(high):
                os.dup2(fd, 3 + i)
            os.closerange(3 + len(high), 1000)
            if high:
                env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)),
                           LISTEN_FDNAMES=":".join(n for n, _ in self.kept))
            os.execve(argv[0], argv, env)
        finally:
            os._exit(126)

    def close(self):
        self.over = True
        self.reader.join()
        for _, fd in self.kept:
            os.close(fd)
        self.socket.close()
        os.unlink(self.path)


class Child:
    """As much of a Popen as who minds a daemon needs."""

    def __init__(self, pid):
        self.pid, self.rc = pid, None

    def _wait(self, flags):
        if self.rc is None:
            pid, status = os.waitpid(self.pid, flags)
            if pid:
                self.rc = os.waitstatus_to_exitcode(status)
        return self.rc

    def poll(self):
        return self._wait(os.WNOHANG)

    def wait(self, timeout=None):
        end = time.monotonic() + (timeout or 1e9)
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("the daemon", timeout)
            time.sleep(0.001)
        return self.rc

    def _signal(self, n):
        if self.poll() is None:
            os.kill(self.pid, n)

    def kill(self):
        self._signal(9)

    def terminate(self):
        self._signal(15)


def ok(m):
    assert m is not None and m[0] != OP["ERROR"], m
    return m[3]


def begin(c):
    return int(ok(c.request("TRANSACTION_START", b"\0"))[:-1])


def home(a, domid):
    """The folder that the tools make for a guest."""
    a.request("MKDIR", b"/local/domain/%d\0" % domid)
    a.request("SET_PERMS", b"/local/domain/%d\0n%d\0" % (domid, domid))


def run_tests(tests, daemon, what):
    """Each test_ function of a module's globals (those named as arguments, if any are) with a daemon of its own."""
    tests = [(n, f) for n, f in tests.items() if n.startswith("test_") and (len(sys.argv) < 2 or n in sys.argv)]
    for name, fn in tests:
        with daemon() as d:
            try:
                fn(d, d.client())
                assert d.alive()
            except BaseException:
                print(name, d.stderr())
                raise
            d.p.terminate()
            rc = d.p.wait(60)
            err = d.stderr()
            assert rc == 0 and "Sanitizer" not in err and "runtime error" not in err, (rc, err)
        print("ok", name)
    print(f"{len(tests)} tests of {what} passed")
