# SPDX-License-Identifier: GPL-2.0-only
"""xenstored's live-update: what is connected, watched, asked and half said goes on in the new image; and a new image
that cannot take over changes nothing. Run by store_update.sh."""
import os
import subprocess
import threading

from xsclient import Daemon, ERROR, EVENT, HDR, OP, RSP_CONS, RSP_PROD, SocketClient, begin, home, ok, run_tests

XENSTORED = os.environ["XENSTORED"]
CONTROL = os.environ["XENSTORE_CONTROL"]


def control(c, *words):
    m = c.request("CONTROL", b"".join(w.encode() + b"\0" for w in ("live-update",) + words))
    return m[3].rstrip(b"\0").decode()


def update(c, binary=XENSTORED, *start):
    """A whole session: the answer to its last step."""
    answer = control(c, "-f", binary)
    if answer != "OK":
        return answer
    answer = control(c, "-s", *start)
    if answer != "OK":
        assert control(c, "-a") == "OK"
    return answer


def tree(c, path=b"/"):
    """All of it as this client sees it, with values, permissions and the order of children."""
    got = [path, c.request("READ", path + b"\0")[3], c.request("GET_PERMS", path + b"\0")[3]]
    for name in c.request("DIRECTORY", path + b"\0")[3].split(b"\0")[:-1]:
        got += tree(c, path.rstrip(b"/") + b"/" + name)
    return got


def script(d, text):
    path = d.dir + "/image"
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text)
    os.chmod(path, 0o755)
    return path


def test_nodes(d, a):
    for i in (3, 1, 2):
        ok(a.request("WRITE", b"/order/n%d\0v%d" % (i, i)))
    g = d.guest(7, a)
    home(a, 7)
    ok(g.request("WRITE", b"device/vif/0/mac\0" + bytes(range(256))))
    ok(g.request("SET_PERMS", b"device\0n7\0r0\0b9\0"))
    ok(a.request("WRITE", b"/wide\0x"))
    ok(a.request("SET_PERMS", b"/wide\0n0\0r70000\0"))
    ok(a.request("CONTROL", b"quota\0set\0nodes\00012345\0"))
    quota, part = a.request("CONTROL", b"quota\0")[3], a.request("DIRECTORY_PART", b"/order\0000\0")[3]
    usage = a.request("CONTROL", b"quota\0007\0")[3]
    before = tree(a)
    assert b"/local/domain/7/device/vif/0/mac" in before
    for _ in range(3):
        assert update(a) == "OK"
        assert tree(a) == before
        assert a.request("CONTROL", b"quota\0")[3] == quota
        assert a.request("CONTROL", b"quota\0007\0")[3] == usage
        assert a.request("DIRECTORY_PART", b"/order\0000\0")[3] == part
        assert ok(a.request("CONTROL", b"check\0")) == b"OK\0"
    assert "corrected" not in d.stderr()
    assert ok(g.request("READ", b"device/vif/0/mac\0")) == bytes(range(256))
    assert d.p.poll() is None
    assert not os.path.exists(d.dir + "/state_dump")


def test_rights_and_targets(d, a):
    g, h = d.guest(7, a), d.guest(8, a)
    home(a, 7)
    ok(g.request("WRITE", b"mine\0x"))
    ok(a.request("SET_TARGET", b"8\0007\0"))
    ro = SocketClient(d.path + "_ro")
    assert update(a) == "OK"
    assert ok(h.request("READ", b"/local/domain/7/mine\0")) == b"x"
    assert ro.request("WRITE", b"/x\0y")[3] == b"EROFS\0"
    assert SocketClient(d.path + "_ro").request("WRITE", b"/x\0y")[3] == b"EROFS\0"
    assert g.request("WRITE", b"/local/domain/0\0x")[3] == b"EACCES\0"
    # a domain that comes again under the old number is not the one that had rights before
    ok(a.request("WRITE", b"/given\0x"))
    ok(a.request("SET_PERMS", b"/given\0n0\0b7\0"))
    d.set_state(7, None)
    a.request("WATCH", b"@releaseDomain\0r\0")
    while a.request("IS_DOMAIN_INTRODUCED", b"7\0")[3] != b"F\0":
        pass
    assert update(a) == "OK"
    g = d.guest(7, a)
    assert g.request("WRITE", b"/given\0y")[3] == b"EACCES\0"


def test_watches(d, a):
    b, g = d.client(), d.guest(7, a)
    home(a, 7)
    for path in (b"/w", b"@releaseDomain", b"/w/deep"):
        ok(b.request("WATCH", path + b"\0t\0"))
    ok(g.request("WATCH", b"mine\0rel\0"))
    assert len(b.drain()) == 3 and len(g.drain()) == 1
    assert update(a) == "OK"
    assert b.drain() == [] and g.drain() == []
    ok(a.request("WRITE", b"/w/deep\0x"))
    ok(a.request("WRITE", b"/local/domain/7/mine\0x"))
    assert b.drain() == [b"/w/deep\0t\0", b"/w/deep\0t\0"]
    assert g.drain() == [b"mine\0rel\0"]
    assert b.request("WATCH", b"/w\0t\0")[3] == b"EEXIST\0"
    ok(b.request("UNWATCH", b"/w\0t\0"))
    d.set_state(7, "s")
    m = b.message()
    assert m[0] == EVENT and m[3] == b"@releaseDomain\0t\0", m
    assert update(a) == "OK"
    # that it is shut down was told; that it goes is told now
    d.set_state(7, None)
    assert b.message()[3] == b"@releaseDomain\0t\0"
    assert b.drain() == []


def test_transactions(d, a):
    b, c = d.client(), d.client()
    for p in (b"/t/a", b"/t/b", b"/u"):
        ok(a.request("WRITE", p + b"\0old"))
    good, bad, fresh = begin(b), begin(c), begin(b)
    ok(b.request("WRITE", b"/t/new/deep\0made", good))
    ok(b.request("RM", b"/t/b\0", good))
    ok(b.request("SET_PERMS", b"/t/a\0n0\0r3\0", good))
    assert ok(c.request("READ", b"/u\0", bad)) == b"old"
    ok(c.request("WRITE", b"/v\0lost", bad))
    ok(a.request("WRITE", b"/u\0new"))
    ok(a.request("RM", b"/tool\0"))
    w = d.client()
    ok(w.request("WATCH", b"/t\0w\0"))
    w.drain()
    for _ in range(2):
        assert update(a) == "OK"
        # each sees its own, and the store as it was when it began
        assert ok(b.request("READ", b"/t/new/deep\0", good)) == b"made"
        assert b.request("READ", b"/t/b\0", good)[3] == b"ENOENT\0"
        assert ok(b.request("GET_PERMS", b"/t/a\0", good)) == b"n0\0r3\0"
        assert ok(c.request("READ", b"/u\0", bad)) == b"old"
        assert ok(c.request("READ", b"/v\0", bad)) == b"lost"
        assert ok(c.request("DIRECTORY", b"/tool\0", bad)) == b"xenstored\0"
        assert ok(a.request("READ", b"/t/b\0")) == b"old"
    assert w.drain() == []
    ok(b.request("TRANSACTION_END", b"T\0", good))
    assert c.request("TRANSACTION_END", b"T\0", bad)[3] == b"EAGAIN\0"
    assert ok(b.request("READ", b"/u\0", fresh)) == b"new"
    ok(b.request("TRANSACTION_END", b"T\0", fresh))
    assert sorted(w.drain()) == [b"/t/a\0w\0", b"/t/b\0w\0", b"/t/new/deep\0w\0"]
    assert ok(a.request("READ", b"/t/new/deep\0")) == b"made"
    assert a.request("READ", b"/v\0")[3] == b"ENOENT\0"
    assert begin(b) not in (good, fresh)
    assert b"transactions    :        1" in ok(a.request("CONTROL", b"quota\0000\0"))


def test_half_said(d, a):
    """Input and output that were under way, on sockets and in a ring."""
    s, g = d.client(), d.guest(7, a)
    home(a, 7)
    ok(a.request("WRITE", b"/big\0" + b"x" * 4000))
    ok(a.request("WRITE", b"/local/domain/7/big\0" + b"y" * 1500))
    read = HDR.pack(OP["READ"], 42, 0, 5) + b"/big\0"
    s.put(read * 300 + read[:9])
    g.put(HDR.pack(OP["READ"], 43, 0, 4) + b"big\0" + HDR.pack(OP["READ"], 44, 0, 4) + b"b")
    while (g.word(RSP_PROD) - g.word(RSP_CONS)) & 0xffffffff < 1024:
        pass
    assert update(a) == "OK"
    s.put(read[9:])
    for i in range(301):
        m = s.message()
        assert m[:2] == (OP["READ"], 42) and m[3] == b"x" * 4000, (i, m)
    g.put(b"ig\0")
    for req in (43, 44):
        m = g.message()
        assert m[:2] == (OP["READ"], req) and m[3] == b"y" * 1500, m
    assert g.word(ERROR) == 0


def test_events_wait(d, a):
    """Who does not read finds each event once, however often the image changed meanwhile."""
    g = d.guest(7, a)
    home(a, 7)
    for i in range(30):
        ok(g.request("WATCH", b"w%d\0%s\0" % (i, b"t" * 60)))
    g.drain()
    for i in range(30):
        for _ in range(2):
            ok(a.request("WRITE", b"/local/domain/7/w%d\0%d" % (i, i)))
        if i % 10 == 5:
            assert update(a) == "OK"
    got = g.drain()
    # what stood in the ring already when it changed again comes twice, as without an update
    assert sorted(set(got)) == sorted(b"w%d\0%s\0" % (i, b"t" * 60) for i in range(30))
    assert len(got) < 50, len(got)


def test_refused(d, a):
    """An image that cannot take over, in all ways: it is said, and nothing has changed."""
    b = d.client()
    ok(b.request("WATCH", b"/x\0t\0"))
    tx = begin(b)
    ok(b.request("WRITE", b"/x\0in", tx))
    b.drain()
    cases = [("/nonexistent", None, "That file cannot be reached."),
             ("/etc/passwd", None, "That file cannot be executed."),
             ("/bin/false", None, "/bin/false does not take over: it ends, and does not say why")]
    image = d.dir + "/image"
    cases += [(image, "echo no, not today >&2; exit 3", image + " does not take over: no, not today"),
              (image, "kill -9 $$", image + " does not take over: it ends, and does not say why"),
              (image, "rm $0", image + " cannot be executed: No such file or directory"),
              (image, "head -c 300 $XENSTORED_RUNDIR/state_dump >s && mv s $XENSTORED_RUNDIR/state_dump\n"
                      f"exec {XENSTORED} \"$@\"", None)]
    for binary, text, answer in cases:
        if text:
            script(d, text)
        got = update(a, binary)
        assert got == answer or (answer is None and "cannot be taken over: it breaks off in the" in got), got
        assert d.alive() and not os.path.exists(d.dir + "/state_dump")
        assert ok(b.request("READ", b"/x\0", tx)) == b"in"
    script(d, "sleep 1000 & exec sleep 1000")
    assert "did not say within 1 s" in update(a, image, "-t", "1")
    assert b.drain() == []
    ok(b.request("TRANSACTION_END", b"T\0", tx))
    assert b.drain() == [b"/x\0t\0"]
    assert update(a) == "OK"
    assert ok(b.request("READ", b"/x\0")) == b"in"


def test_session(d, a):
    b = d.client()
    assert control(a, "-s").startswith("No live-update is under way")
    assert control(a, "-a").startswith("No live-update is under way")
    assert control(a, "-c", "x").startswith("No live-update is under way")
    for words in ((), ("-z",), ("-f",), ("-s", "-t"), ("-s", "-q")):
        assert control(a, *words) == "EINVAL", words
    assert control(b, "-f", XENSTORED) == "OK"
    assert control(a, "-f", XENSTORED) == "Another live-update is under way."
    # who hangs up leaves nothing behind
    b.close()
    while control(a, "-f", XENSTORED) != "OK":
        pass
    assert control(a, "-c", "-N -D --quota=nodes=77") == "OK"
    assert control(a, "-s") == "OK"
    assert b"nodes            :       77 " in ok(a.request("CONTROL", b"quota\0"))
    g = d.guest(7, a)
    m = g.request("CONTROL", b"live-update\0-a\0")
    assert m[3] == b"EACCES\0", m


def test_command(d, a):
    def run(*args):
        p = subprocess.run([CONTROL, "live-update", *args], env=dict(d.env, XENSTORED_PATH=d.path),
                           capture_output=True, text=True, timeout=120)
        return p.returncode, p.stdout + p.stderr

    ok(a.request("WRITE", b"/x\0y"))
    assert run(XENSTORED) == (0, ""), run(XENSTORED)
    assert run("-c", "-N", "-F", "-t", "30", XENSTORED) == (0, "")
    assert ok(a.request("READ", b"/x\0")) == b"y"
    assert run() == (2, "Missing binary specification: use live-update [-c <cmdline>] [-F] [-t <seconds>] <file>\n")
    assert run("-t", "x", XENSTORED)[0] == 2
    assert run("/nonexistent") == (3, "Setting update binary failed:\nThat file cannot be reached.\n")
    rc, text = run("/bin/false")
    assert rc == 3 and text.startswith("Starting live update failed:\n/bin/false does not take over"), (rc, text)


class Load(threading.Thread):
    """One client that writes and reads back without a pause; what it finds wrong, it keeps."""

    def __init__(self, c, name, watched):
        super().__init__()
        self.c, self.name, self.watched = c, name, watched
        self.wrong, self.n, self.end = None, 0, False

    def step(self):
        path = b"%s/%s\0" % (self.watched, self.name.encode())
        self.n += 1
        assert self.c.request("WRITE", path + b"%d" % self.n, req=self.n)[1] == self.n
        m = self.c.request("READ", path, req=self.n + 1)
        assert m[1] == self.n + 1 and m[3] == b"%d" % self.n, m
        if self.n % 10:
            return
        tx = begin(self.c)
        ok(self.c.request("WRITE", path + b"tx", tx))
        assert ok(self.c.request("READ", path, tx)) == b"tx"
        ok(self.c.request("TRANSACTION_END", b"F\0", tx))

    def run(self):
        try:
            while not self.end:
                self.step()
        except BaseException as e:
            self.wrong = e


def test_load(d, a):
    """Many clients that never pause, over sockets and a ring, and a watcher that counts each change."""
    ok(a.request("MKDIR", b"/load\0"))
    g = d.guest(7, a)
    home(a, 7)
    watcher = d.client()
    ok(watcher.request("WATCH", b"/load\0w\0"))
    watcher.drain()
    loads = [Load(d.client(), f"c{i}", b"/load") for i in range(4)] + [Load(g, "g", b"mine")]
    for t in loads:
        t.start()
    for _ in range(10):
        before = [t.n for t in loads]
        while any(t.n - n < 20 and not t.wrong for t, n in zip(loads, before)):
            watcher.drain()
        assert update(a) == "OK"
    for t in loads:
        t.end = True
    for t in loads:
        t.join()
        assert not t.wrong, (t.name, t.wrong)
    ok(a.request("WRITE", b"/load\0end"))
    while b"/load\0w\0" not in watcher.drain():
        pass


def test_counted_events(d, a):
    """Each change makes one event, in order, across updates."""
    watcher = d.client()
    ok(watcher.request("WATCH", b"/n\0w\0"))
    watcher.drain()
    for i in range(200):
        ok(a.request("WRITE", b"/n/%d\0x" % i))
        if i % 20 == 10:
            assert update(a) == "OK"
    assert watcher.drain() == [b"/n/%d\0w\0" % i for i in range(200)]


if __name__ == "__main__":
    run_tests(globals(), lambda: Daemon(XENSTORED, os.environ["SHIM"]), "live-update")
