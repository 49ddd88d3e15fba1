# SPDX-License-Identifier: GPL-2.0-only
"""What a hostile guest can do to xenstored: lose its own connection. Run by store_hostile.sh."""
import os
import signal
import socket
import time

from xsclient import (CONNECTION, Daemon, ERROR, FEATURES, HDR, OP, REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD,
                      SocketClient, fire, home, run_tests, until)

E_RINGIDX, E_PROTO = 2, 3


def answers(c):
    m = c.request("GET_DOMAIN_PATH", b"3\0")
    return m is not None and m[3] == b"/local/domain/3\0"


def test_bad_indices(d, a):
    for i, (word, v) in enumerate(((REQ_PROD, 1025), (REQ_PROD, 0xffffffff), (REQ_CONS, 1), (REQ_CONS, 5000))):
        g = d.guest(10 + i, a)
        g.set_word(word, v)
        g.kick()
        until("the error word", lambda: g.word(ERROR) == E_RINGIDX)
        assert f"domain {10 + i}: its ring is ignored" in d.stderr()
    g = d.guest(20, a)
    g.set_word(RSP_PROD, 5000)
    g.put(HDR.pack(OP["GET_DOMAIN_PATH"], 1, 0, 2) + b"3\0")
    until("the error word", lambda: g.word(ERROR) == E_RINGIDX)
    assert answers(a)
    # introduced again, it is served again
    r = a.request("INTRODUCE", b"20\0001\0007\0")
    assert r[3] == b"OK\0", r
    assert g.word(ERROR) == 0 and g.word(FEATURES) == 3
    assert answers(g)


def test_long_messages(d, a):
    for i, n in enumerate((4097, 0x7fffffff, 0xffffffff)):
        g = d.guest(30 + i, a)
        g.put(HDR.pack(OP["READ"], 1, 0, n))
        until("the error word", lambda: g.word(ERROR) == E_PROTO)
        s = d.client()
        s.put(HDR.pack(OP["READ"], 1, 0, n))
        assert s.message() is None
    assert answers(a)


def test_wrapped_indices(d, a):
    g = d.guest(40, a)
    for o in (REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD):
        g.set_word(o, 0xfffffff5)
    for _ in range(200):
        assert answers(g)


def test_reconnect(d, a):
    g = d.guest(41, a)
    home(a, 41)
    g.request("WATCH", b"w\0t\0")
    g.put(HDR.pack(OP["WRITE"], 1, 0, 100) + b"half a mess")
    for o in (REQ_CONS, REQ_PROD, RSP_CONS, RSP_PROD):
        g.set_word(o, 0)
    g.set_word(CONNECTION, 1)
    g.kick()
    until("the connection word", lambda: g.word(CONNECTION) == 0)
    g.buf, g.events = b"", []
    assert answers(g)
    assert g.request("UNWATCH", b"w\0t\0")[3] == b"ENOENT\0"


def test_replies_not_taken(d, a):
    """A guest that asks and never reads is not listened to for long; then it catches up."""
    g = d.guest(50, a)
    home(a, 50)
    g.request("WRITE", b"big\0" + b"x" * 900)
    msg = HDR.pack(OP["READ"], 1, 0, 4) + b"big\0"
    sent = 0
    while sent < 2000:
        if (g.word(REQ_PROD) - g.word(REQ_CONS)) & 0xffffffff > 1024 - len(msg):
            before = g.word(REQ_CONS)
            time.sleep(0.2)
            if g.word(REQ_CONS) == before:
                break
            continue
        g.put(msg)
        sent += 1
    assert sent < 1000, "the store takes requests without end"
    assert answers(a)
    got = 0
    while got < sent:
        m = g.message()
        assert m and m[3] == b"x" * 900, m
        got += 1
    assert answers(g)


def test_events_not_taken(d, a):
    """Events of one watch and path wait once; a reader that comes back finds the latest."""
    g = d.guest(51, a)
    home(a, 51)
    for i in range(20):
        g.request("WATCH", b"w%d\0%s\0" % (i, b"t" * 100))
    g.drain()
    for i in range(3000):
        a.request("WRITE", b"/local/domain/51/w%d\0%d" % (i % 20, i))
    m = a.request("CONTROL", b"quota\00051\0")[3].decode()
    memory = int(m.split("memory")[1].split(":")[1].split()[0])
    assert memory < 100000, m
    assert answers(a)
    assert 20 <= len(g.drain()) < 200


def test_socket_that_never_reads(d, a):
    s = d.client()
    a.request("WRITE", b"/big\0" + b"x" * 4000)
    s.s.setblocking(False)
    msg = HDR.pack(OP["READ"], 1, 0, 5) + b"/big\0"
    sent, end = 0, time.monotonic() + 2
    while time.monotonic() < end:
        try:
            sent += s.s.send(msg * 100)
        except BlockingIOError:
            time.sleep(0.01)
    assert sent < 1 << 20, f"requests are read without end: {sent} bytes"
    assert answers(a)
    s.close()
    assert answers(a)
    # who reads late gets all the same
    s = d.client()
    s.put(msg * 2000)
    assert answers(a)
    for i in range(2000):
        t, _, _, body = s.message()
        assert t == OP["READ"] and len(body) == 4000, (i, t, len(body))
    s.close()


def test_asked_together(d, a):
    """Requests that come together are answered in order, and others hear of each change."""
    a.request("WATCH", b"/local/domain/52/n\0tok\0")
    g = d.guest(52, a)
    home(a, 52)
    a.drain()
    for c, top, many in ((d.client(), b"/local/domain/52/", 500), (g, b"", 20)):
        kinds = [("WRITE", b"n/%d\0value"), ("READ", b"n/%d\0"), ("RM", b"n/%d\0"), ("READ", b"n/%d\0")]
        asked = [(OP[k], i, top + body % i) for i in range(many) for k, body in kinds]
        told = [m for i in range(many) for m in (b"OK\0", b"value", b"OK\0", b"ENOENT\0")]
        c.put(b"".join(HDR.pack(op, i, 0, len(body)) + body for op, i, body in asked))
        for (op, i, _), body in zip(asked, told):
            m = c.message()
            assert m == (OP["ERROR"] if body == b"ENOENT\0" else op, i, 0, body), (m, op, i, body)
        assert answers(c)
        assert set(a.drain()) == {b"/local/domain/52/n/%d\0tok\0" % i for i in range(many)}
    # the last one closes the rest in: what was asked before is done, and answered
    s = d.client()
    s.put((HDR.pack(OP["WRITE"], 1, 0, 4) + b"/q\0v") * 5 + HDR.pack(OP["READ"], 2, 0, 5000))
    assert [s.message() for _ in range(6)] == [(OP["WRITE"], 1, 0, b"OK\0")] * 5 + [None]
    assert a.request("READ", b"/q\0")[3] == b"v"


def test_quick_come_and_go(d, a):
    for i in range(200):
        s = d.client()
        s.put(HDR.pack(OP["WATCH"], 1, 0, 7) + b"/tool\0t")
        if i % 2:
            s.put(b"\0" + HDR.pack(OP["TRANSACTION_START"], 1, 0, 1) + b"\0")
        s.close()
    assert answers(a)
    until("closed descriptors", lambda: d.descriptors() < 40)
    m = a.request("CONTROL", b"quota\0000\0")[3].decode()
    assert int(m.split("transactions")[1].split(":")[1].split()[0]) == 0, m


def test_asked_while_away(d, a):
    """All that comes in while the daemon does not look is answered, whatever fits its buffer; and that somebody hung up
    behind it is seen."""
    read, longest = (OP["READ"], b"/tool\0"), (OP["WRITE"], b"/long\0" + b"x" * 4090)
    assert answers(a)
    before = d.descriptors()
    for asked in ([read], [longest] * 2, [longest] * 2 + [read], [read] * 5000, [longest] * 20):
        sent = b"".join(HDR.pack(op, 1, 0, len(body)) + body for op, body in asked)
        for end in (None, lambda s: s.shutdown(socket.SHUT_WR), lambda s: s.close()):
            c = d.client()
            assert answers(c)
            c.s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            os.kill(d.p.pid, signal.SIGSTOP)
            c.put(sent)
            if end:
                end(c.s)
            os.kill(d.p.pid, signal.SIGCONT)
            if c.s.fileno() >= 0:
                assert [c.message()[0] for _ in asked] == [op for op, _ in asked]
                assert end and c.message() is None or not end and answers(c)
                c.close()
    until("closed descriptors", lambda: d.descriptors() <= before)
    assert answers(a)


def test_read_only_socket(d, a):
    s = SocketClient(d.path + "_ro")
    assert s.request("READ", b"/tool\0")[0] == OP["READ"]
    assert s.request("WRITE", b"/tool\0x")[3] == b"EROFS\0"


def test_deaths(d, a):
    a.request("WATCH", b"@releaseDomain\0rel\0")
    a.drain()
    for i in range(100, 130):
        d.guest(i, a)
        home(a, i)
    for i in range(100, 130):
        os.unlink(f"{d.dir}/dom-{i}")
    fire(d.dir, 1 + 3)
    until("all are gone", lambda: a.request("DIRECTORY", b"/local/domain\0")[3].find(b"100\0") < 0)
    assert b"@releaseDomain\0rel\0" in a.drain()
    for i in range(100, 130):
        assert a.request("IS_DOMAIN_INTRODUCED", b"%d\0" % i)[3] == b"F\0"


if __name__ == "__main__":
    run_tests(globals(), lambda: Daemon(os.environ["XENSTORED"], os.environ["SHIM"]), "hostile guests and clients")
