# SPDX-License-Identifier: GPL-2.0-only
"""xenstored killed and started again by a service manager that keeps its descriptors: nobody notices. Without one, the
store and the guests are there again. Run by store_kill.sh."""
import os
import random
import shutil
import struct
import tempfile
import threading
import time

from store_load import Load
from store_update import XENSTORED, control, tree, update
from xsclient import Daemon, ERROR, EVENT, HDR, Keeper, OP, RSP_CONS, RSP_PROD, SocketClient, begin, home, ok, run_tests

XENSTORED = os.environ["XENSTORED"]
SHIM = os.environ["SHIM"]
KILLS = int(os.environ.get("KILLS", "50"))


class Manager(Daemon):
    """A daemon started anew with what it gave to be kept."""

    def __init__(self, args=()):
        self.keeper = Keeper()
        super().__init__(XENSTORED, SHIM, args, {"NOTIFY_SOCKET": self.keeper.path})

    @property
    def kept(self):
        return self.keeper.kept

    def start(self):
        self.p = self.keeper.spawn(self.argv, self.env, self.log)
        end = time.monotonic() + 60
        # its socket may be there, kept: it answers when it runs
        while not self.answers():
            if self.p.poll() is not None or time.monotonic() > end:
                raise RuntimeError("daemon did not start: " + self.stderr())

    def answers(self):
        try:
            c = SocketClient(self.path)
        except OSError:
            time.sleep(0.001)
            return False
        try:
            c.put(HDR.pack(OP["GET_DOMAIN_PATH"], 1, 0, 2) + b"3\0")
            return c.message(0.2) is not None
        except OSError:
            return False
        finally:
            c.close()

    def again(self):
        self.kill()
        self.start()

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.keeper.close()
        return False


def test_all_is_there(d, a):
    b, g = d.client(), d.guest(7, a)
    home(a, 7)
    for i in (3, 1, 2):
        ok(a.request("WRITE", b"/order/n%d\0v%d" % (i, i)))
    ok(g.request("WRITE", b"mine\0x"))
    ok(a.request("CONTROL", b"quota\0set\0nodes\00012345\0"))
    ok(b.request("WATCH", b"/w\0t\0"))
    ok(b.request("WATCH", b"@releaseDomain\0r\0"))
    ok(g.request("WATCH", b"mine\0rel\0"))
    b.drain(), g.drain()
    tx, lost = begin(b), begin(b)
    ok(b.request("WRITE", b"/w/tx\0in", tx))
    assert ok(b.request("READ", b"/order/n1\0", lost)) == b"v1"
    ok(a.request("WRITE", b"/order/n1\0new"))
    before, quota = tree(a), a.request("CONTROL", b"quota\0")[3]
    part = a.request("DIRECTORY_PART", b"/order\0000\0")[3]
    for _ in range(4):
        d.again()
        assert tree(a) == before
        assert a.request("CONTROL", b"quota\0")[3] == quota
        assert a.request("DIRECTORY_PART", b"/order\0000\0")[3] == part
        assert b.drain() == [] and g.drain() == []
        assert ok(b.request("READ", b"/w/tx\0", tx)) == b"in"
        assert ok(b.request("READ", b"/order/n1\0", lost)) == b"v1"
    ok(b.request("TRANSACTION_END", b"T\0", tx))
    ok(b.request("WRITE", b"/w/own\0x", lost))
    assert b.request("TRANSACTION_END", b"T\0", lost)[3] == b"EAGAIN\0"
    assert b.drain() == [b"/w/tx\0t\0"]
    ok(a.request("WRITE", b"/local/domain/7/mine\0y"))
    assert g.drain() == [b"mine\0rel\0"]
    # a domain that goes while nobody is there to see it
    d.kill()
    os.unlink(d.dir + "/dom-7")
    d.start()
    m = b.message()
    assert m[0] == EVENT and m[3] == b"@releaseDomain\0r\0", m
    assert a.request("READ", b"/local/domain/7/mine\0")[3] == b"ENOENT\0"
    assert ok(a.request("CONTROL", b"check\0")) == b"OK\0" and "corrected" not in d.stderr()


def test_half_said(d, a):
    s, g = d.client(), d.guest(7, a)
    home(a, 7)
    ok(a.request("WRITE", b"/big\0" + b"x" * 4000))
    ok(a.request("WRITE", b"/local/domain/7/big\0" + b"y" * 1500))
    read = HDR.pack(OP["READ"], 42, 0, 5) + b"/big\0"
    s.put(read * 300 + read[:9])
    g.put(HDR.pack(OP["READ"], 43, 0, 4) + b"big\0" + HDR.pack(OP["READ"], 44, 0, 4) + b"b")
    while (g.word(RSP_PROD) - g.word(RSP_CONS)) & 0xffffffff < 1024:
        pass
    ok(a.request("READ", b"/big\0"))
    d.again()
    s.put(read[9:])
    for i in range(301):
        m = s.message()
        assert m[:2] == (OP["READ"], 42) and m[3] == b"x" * 4000, (i, m)
        if i % 100 == 50:
            d.again()
    g.put(b"ig\0")
    for req in (43, 44):
        m = g.message()
        assert m[:2] == (OP["READ"], req) and m[3] == b"y" * 1500, m
        d.again()
    assert g.word(ERROR) == 0


def test_said_to_nobody(d, a):
    """What clients and guests ask while there is no daemon is answered by the next one."""
    b, g = d.client(), d.guest(7, a)
    home(a, 7)
    for i in range(5):
        d.kill()
        b.put(HDR.pack(OP["WRITE"], 5, 0, 4) + b"/k\0%d" % i)
        g.put(HDR.pack(OP["WRITE"], 6, 0, 3) + b"k\0%d" % i)
        late = SocketClient(d.path)
        late.put(HDR.pack(OP["GET_DOMAIN_PATH"], 9, 0, 2) + b"5\0")
        d.start()
        assert b.message()[1] == 5 and g.message()[1] == 6
        assert late.message()[3] == b"/local/domain/5\0"
        assert ok(a.request("READ", b"/k\0")) == b"%d" % i
        assert ok(a.request("READ", b"/local/domain/7/k\0")) == b"%d" % i
        late.close()


def test_orderly_restart(d, a):
    """A new package is installed: the daemon ends when told, and the next one goes on."""
    b, g = d.client(), d.guest(7, a)
    ok(b.request("WATCH", b"/w\0t\0"))
    b.drain()
    for i in range(3):
        d.p.terminate()
        assert d.p.wait(60) == 0, d.stderr()
        d.start()
        ok(g.request("GET_DOMAIN_PATH", b"1\0"))
        ok(a.request("WRITE", b"/w\0%d" % i))
        assert b.drain() == [b"/w\0t\0"]


def test_update_and_kill(d, a):
    b, g = d.client(), d.guest(7, a)
    ok(b.request("WATCH", b"/w\0t\0"))
    b.drain()
    tx = begin(b)
    ok(b.request("WRITE", b"/x\0in", tx))
    for i in range(3):
        assert update(a) == "OK"
        ok(a.request("WRITE", b"/w\0%d" % i))
        d.again()
        assert b.drain() == [b"/w\0t\0"]
        assert ok(b.request("READ", b"/x\0", tx)) == b"in"
        ok(g.request("GET_DOMAIN_PATH", b"1\0"))
        assert update(a, "/bin/false") != "OK"
    assert control(a, "-f", XENSTORED) == "OK"
    d.again()
    assert control(a, "-s") == "No live-update is under way: xenstored died, and has begun again as it was. Name the file first."
    assert update(a) == "OK"


class Comings(threading.Thread):
    """Clients that come, ask and go. One that was accepted in the instant before a kill may find itself hung up on,
    having heard nothing: it comes again, as after any refused connection."""

    def __init__(self, path):
        super().__init__()
        self.path, self.n, self.end, self.wrong = path, 0, False, None

    def once(self):
        c = SocketClient(self.path)
        try:
            c.put(HDR.pack(OP["READ"], 8, 0, 6) + b"/tool\0")
            m = c.message()
            if m is None:
                return
            assert m[:2] == (OP["READ"], 8), m
            self.n += 1
            for req in range(9, 12):
                m = c.request("READ", b"/tool\0", req=req)
                assert m is not None and m[1] == req, m
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            c.close()

    def run(self):
        try:
            while not self.end:
                self.once()
        except BaseException as e:
            self.wrong = e


def kills_under_load(d, a, kills, once):
    """Calls once(chance) so often, with clients of all kinds that must go on after each."""
    seed = int(os.environ.get("SEED", time.time_ns() % 100000))
    print("seed", seed)
    chance = random.Random(seed)
    ok(a.request("MKDIR", b"/load\0"))
    guests = []
    for i in (7, 8):
        guests.append(d.guest(i, a))
        home(a, i)
        ok(a.request("MKDIR", b"/local/domain/%d/load\0" % i))
        ok(a.request("SET_PERMS", b"/local/domain/%d/load\0n%d\0" % (i, i)))
    loads = [Load(d.client(), f"c{i}", b"/load") for i in range(4)]
    loads += [Load(g, "g", b"load") for g in guests]
    threads = loads + [Comings(d.path)]
    for t in threads:
        t.start()
    for _ in range(kills):
        before = [t.n for t in threads]
        # all of them go on after the last kill, then the next one comes at any time
        while any(t.n == n and not t.wrong for t, n in zip(threads, before)):
            time.sleep(0.001)
        once(chance)
        if any(t.wrong for t in threads):
            break
    for t in threads:
        t.end = True
    for t in threads:
        t.join()
        assert not t.wrong, (t.name, t.wrong, d.stderr()[-2000:])
    print(sum(t.n for t in loads), "requests and", sum(t.seen for t in loads), "events over", kills, "kills")
    assert ok(a.request("CONTROL", b"check\0")) == b"OK\0" and "corrected" not in d.stderr()
    usage = ok(a.request("CONTROL", b"quota\0000\0"))
    assert b"transactions    :        0" in usage, usage
    end = time.monotonic() + 60
    while d.descriptors() > 40:
        assert time.monotonic() < end, "descriptors are left open"


def test_kills_under_load(d, a):
    def once(chance):
        time.sleep(chance.random() * 0.05)
        d.again()
    kills_under_load(d, a, KILLS, once)


def test_kills_in_updates(d, a):
    """At any moment of an update, also right after it."""
    start = time.monotonic()
    assert update(a) == "OK"
    takes = time.monotonic() - start
    told = []

    def once(chance):
        assert control(a, "-f", XENSTORED) == "OK"
        a.put(HDR.pack(OP["CONTROL"], 5, 0, 15) + b"live-update\0-s\0")
        time.sleep(chance.random() * 2 * takes)
        d.again()
        m = a.message()
        assert m[:2] == (OP["CONTROL"], 5), m
        told.append(m[3][:-1])
        assert told[-1] == b"OK" or b"xenstored died, and has begun again as it was" in told[-1], told[-1]
    kills_under_load(d, a, KILLS, once)
    print(told.count(b"OK"), "of", KILLS, "updates were done")


def test_new_pictures(d, a):
    """The journal does not grow for ever, and a kill finds the same whichever half of it is in use."""
    value = b"v" * 1500
    for i in range(6000):
        a.put(HDR.pack(OP["WRITE"], i, 0, 4 + len(value)) + b"/k%d\0" % (i % 10) + value)
        assert a.message()[3] == b"OK\0"
        if i % 1500 == 700:
            d.again()
    size = os.stat(journal_of(d)).st_blocks * 512
    assert 0 < size < 8 << 20, size
    for i in range(10):
        assert ok(a.request("READ", b"/k%d\0" % i)) == value


def with_dir(fn):
    where = tempfile.mkdtemp(prefix="xsstate")
    try:
        with Daemon(XENSTORED, SHIM, ("--state-dir", where)) as d:
            fn(d, where)
    finally:
        shutil.rmtree(where)


def stop_and_fail(d, text):
    try:
        d.start()
    except RuntimeError as e:
        assert text in str(e), e
        return
    raise AssertionError("it started")


def folder_keeps_guests(d, where):
    a = d.client()
    g = d.guest(7, a)
    home(a, 7)
    ok(a.request("WRITE", b"/x\0y"))
    ok(g.request("WATCH", b"mine\0t\0"))
    g.drain()
    tx = begin(a)
    ok(a.request("WRITE", b"/x\0tx", tx))
    for how in (d.kill, lambda: (d.p.terminate(), d.p.wait(60))):
        how()
        assert os.path.exists(where + "/journal")
        d.start()
        # those who were connected by sockets are hung up on: nobody kept these
        assert a.message() is None
        a = d.client()
        assert ok(a.request("READ", b"/x\0")) == b"y"
        assert b"transactions    :        0" in ok(a.request("CONTROL", b"quota\0000\0"))
        ok(a.request("WRITE", b"/local/domain/7/mine\0x"))
        assert g.drain() == [b"mine\0t\0"]


def damaged(d, where):
    path = where + "/journal"
    a = d.client()
    ok(a.request("WRITE", b"/x\0y"))
    d.kill()
    with open(path, "rb") as f:
        good = f.read(1 << 16)
    size = os.path.getsize(path)

    def put(data, length=size):
        with open(path, "wb") as f:
            f.write(data)
            f.truncate(length)

    told = "start with --no-recovery to begin with an empty store"
    for data, length, text in ((good, 100, "its size is not that of a journal"),
                               (b"what is this?", size, "it does not begin as a journal of this xenstored does"),
                               (good[:4096], size, "its picture of the store is damaged"),
                               (good[:12] + b"\7" + good[13:], size, "its head is damaged")):
        put(data, length)
        stop_and_fail(d, text)
        assert told in d.stderr()
    # an entry that was changed
    at = good.rindex(b"/x\0y")
    put(good[:at] + b"/z" + good[at + 2:])
    stop_and_fail(d, "the journal makes no sense after")
    # any bytes changed: refused with words, or all is well
    rng = random.Random(1)
    for _ in range(40):
        data = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            data[rng.randrange(8192)] = rng.randrange(256)
        put(bytes(data))
        try:
            d.start()
            assert d.client().request("DIRECTORY", b"/\0") is not None
            d.kill()
        except RuntimeError:
            assert d.p.wait(60) == 1
    # of another start of the machine: nothing to go on with
    put(good[:20] + b"0000" + good[24:])
    d.start()
    assert d.client().request("READ", b"/x\0")[3] == b"ENOENT\0"
    d.kill()
    put(good)
    d.argv.append("--no-recovery")
    d.start()
    assert d.client().request("READ", b"/x\0")[3] == b"ENOENT\0"
    d.kill()
    d.argv.pop()
    d.start()
    assert "Sanitizer" not in d.stderr() and "runtime error" not in d.stderr()


def journal_of(d):
    return next(fd for name, fd in d.kept if name == "journal")


def test_deadly_request(d, a):
    """One of which the daemon died in each attempt, as its journal says, is refused by the next one."""
    b = d.client()
    ok(b.request("GET_DOMAIN_PATH", b"1\0"))
    b.put(HDR.pack(OP["WRITE"], 77, 0, 4) + b"/k\0v")
    assert b.message()[1] == 77
    # that one is answered, so the last one is done with
    ok(a.request("GET_DOMAIN_PATH", b"1\0"))
    d.kill()
    d.keeper.collect()
    # The head: who it is, attempts, region, start of the machine; of each region, length and sum of the picture, and
    # the end of the entries.
    fd = journal_of(d)
    which, = struct.unpack("<I", os.pread(fd, 4, 12))
    region, head = 4096 + which * (256 << 20), 56 + which * 24
    state_len, _, end = struct.unpack("<QQQ", os.pread(fd, 24, head))
    at, served = (state_len + 7) // 8 * 8, []
    while at < end:
        kind, _, length, _ = struct.unpack("<IIII", os.pread(fd, 16, region + at))
        at += 16 + (length + 7) // 8 * 8
        if kind == 4:
            served.append(at)
    os.pwrite(fd, struct.pack("<Q", served[-2]), head + 16)
    os.pwrite(fd, struct.pack("<I", 2), 8)
    d.start()
    m = b.message()
    assert m[0] == OP["ERROR"] and m[1] == 77 and m[3] == b"EIO\0", m
    assert "the request that xenstored died of is refused" in d.stderr()
    assert a.request("READ", b"/k\0")[3] == b"ENOENT\0"


class Talk(threading.Thread):
    """A talk of all kinds of messages, over a socket and a ring, that must go its way whoever dies meanwhile."""

    def __init__(self, loads):
        super().__init__()
        self.loads, self.wrong = loads, None

    def run(self):
        for t in self.loads:
            try:
                if not t.n:
                    ok(t.ask("WATCH", t.where + b"/t\0w\0"))
                    t.changed(t.where + b"/t")
                t.step()
            except BaseException as e:
                self.wrong = e


def test_each_call(d, a):
    """Death right before and right after each system call that moves a client's bytes, one after the other."""
    ok(a.request("MKDIR", b"/load\0"))
    g = d.guest(7, a)
    home(a, 7)
    deaths = 0
    loads = [Load(d.client(), "t", b"/load"), Load(g, "t", b"load")]
    talk = Talk(loads)
    talk.run()
    assert not talk.wrong, talk.wrong
    for n in range(1, 1000):
        died = False
        for when in ("before", "after"):
            with open(d.dir + "/dying", "w") as f:
                f.write(f"{when} {n}")
            os.rename(d.dir + "/dying", d.dir + "/die")
            talk = Talk(loads)
            talk.start()
            while talk.is_alive():
                if d.p.poll() is not None:
                    os.unlink(d.dir + "/die")
                    died = True
                    deaths += 1
                    d.start()
                time.sleep(0.001)
            talk.join()
            assert not talk.wrong, (when, n, talk.wrong)
        if not died:
            break
    print(deaths, "deaths at system calls")
    assert deaths > 40, deaths
    os.unlink(d.dir + "/die")
    d.again()


def test_folder(d, a):
    with_dir(folder_keeps_guests)
    with_dir(damaged)


def test_without_any(d, a):
    """Started by hand, a daemon keeps nothing, and costs nothing."""
    with Daemon(XENSTORED, SHIM) as plain:
        ok(plain.client().request("WRITE", b"/x\0y"))
        plain.kill()
        plain.start()
        assert plain.client().request("READ", b"/x\0")[3] == b"ENOENT\0"


if __name__ == "__main__":
    run_tests(globals(), Manager, "sudden death")
