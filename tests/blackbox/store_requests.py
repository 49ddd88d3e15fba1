# SPDX-License-Identifier: GPL-2.0-only
"""The same requests for any store daemon, and a transcript of what it answers.

`record(daemon)` runs all of them and returns lines, one for each request: who asked what, what
came back, and which watch events came before the reply (<) or after it (>), on which connection.
Generation counts of DIRECTORY_PART are numbers of no meaning and are blanked.
"""
import hashlib

from xsclient import NAMES, OP, EVENT


def show(b):
    t = b.decode("latin-1")
    if len(t) > 120:
        return f"{ascii(t[:40])}...{len(t)} bytes, sha1 {hashlib.sha1(b).hexdigest()[:12]}"
    return ascii(t)


class Recorder:
    def __init__(self, daemon):
        self.d = daemon
        self.lines = []
        self.conns = {}
        self.count = 0

    def open(self, name):
        self.conns[name] = self.d.client()

    def guest(self, domid, port=7):
        from xsclient import RingClient
        g = RingClient(self.d.dir, domid)
        self.conns[f"d{domid}"] = g
        self.ask("A", "INTRODUCE", f"{domid}", "1", str(port))
        return g

    def forget(self, name):
        self.conns.pop(name).close()

    def events_of(self, name):
        got = self.conns[name].drain()
        return [f"{name} {show(e)}" for e in got]

    def ask(self, name, op, *args, tx=0, raw=None, req=7):
        """One request; strings get their NUL. raw is appended as it is."""
        c = self.conns[name]
        body = b"".join(a.encode("latin-1") + b"\0" for a in args) + (raw or b"")
        m = c.request(op, body, tx=tx, req=req)
        before = [f"{name} {show(e)}" for e in c.events]
        c.events.clear()
        after = []
        for n in self.conns:
            after += self.events_of(n)
        self.count += 1
        if m is None:
            answer = "hung up"
        else:
            text = m[3]
            if op == "DIRECTORY_PART" and m[0] == OP["DIRECTORY_PART"]:
                text = b"G" + text[text.index(b"\0"):]
            kind = NAMES[m[0]] if m[0] < len(NAMES) else str(m[0])
            answer = f"{kind} req={m[1]} tx={m[2]} {show(text)}"
        opname = op if isinstance(op, str) else f"type {op}"
        line = f"{self.count:03d} {name} {opname} tx={tx} {show(body)} -> {answer}"
        if before:
            line += " < " + "; ".join(before)
        if after:
            line += " > " + "; ".join(after)
        self.lines.append(line)
        return m[3] if m and m[0] != OP["ERROR"] else None

    def start(self, name):
        t = self.ask(name, "TRANSACTION_START", "")
        return int(t[:-1]) if t else 0

    def end(self, name, t, how="T"):
        self.ask(name, "TRANSACTION_END", how, tx=t)

    def note(self, text):
        self.lines.append("# " + text)


def basics(r):
    r.note("nodes, values, directories")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    for p in ("/", "/tool", "/tool/xenstored", "/nope", "/nope/deeper"):
        a("READ", p)
        a("DIRECTORY", p)
    a("WRITE", "/a/b/c", raw=b"value")
    a("READ", "/a/b/c")
    a("READ", "/a/b")
    a("WRITE", "/a/b/c", raw=b"")
    a("READ", "/a/b/c")
    a("WRITE", "/a/b/c", raw=bytes(range(256)))
    a("READ", "/a/b/c")
    for n in ("zebra", "apple", "m", "Z", "0", "-", "_", "x@y"):
        a("WRITE", f"/dir/{n}", raw=n.encode())
    a("DIRECTORY", "/dir")
    a("RM", "/dir/m")
    a("WRITE", "/dir/m", raw=b"again")
    a("DIRECTORY", "/dir")
    a("MKDIR", "/dir/sub/deep")
    a("MKDIR", "/dir/sub/deep")
    a("MKDIR", "/dir/m")
    a("READ", "/dir/m")
    a("RM", "/dir/sub")
    a("RM", "/dir/sub")
    a("RM", "/dir/none/such")
    a("RM", "/")
    a("DIRECTORY", "/dir")
    a("WRITE", "rel/node", raw=b"r")
    a("READ", "/local/domain/0/rel/node")
    a("READ", "rel/node")
    a("DIRECTORY", "rel")
    a("WRITE", "/", raw=b"root has a value")
    a("READ", "/")
    a("WRITE", "/", raw=b"")
    a("MKDIR", "/")


def paths(r):
    r.note("paths that are and are not paths")
    for p in ("", "//", "/a/", "/a//b", "a//b", "a/", "/a b", "/a.b", "/a:b", "/a\\b", "/\xe4", "/a\tb",
              "/a+b", "/a*", ".", "..", "/a/..", "@releaseDomain", "@", "/@", "/a@b", "/A-Z_0",
              "/" + "n" * 100, "/" + "n" * 2047, "/" + "n" * 2048, "/" + "n" * 3070,
              "/" + "n" * 3071, "/" + "n" * 3072, "r" * 2047, "r" * 2048, "r" * 3056,
              "/".join(["", *["x" * 200] * 15])):
        r.ask("A", "READ", p)
        r.ask("A", "WRITE", p, raw=b"v")
        r.ask("A", "RM", p)


def forms(r):
    r.note("bodies of the wrong form")
    for op in ("READ", "DIRECTORY", "GET_PERMS", "MKDIR", "RM", "GET_DOMAIN_PATH",
               "IS_DOMAIN_INTRODUCED", "RELEASE", "RESUME"):
        r.ask("A", op, raw=b"/tool")
        r.ask("A", op, "/tool", "more")
        r.ask("A", op, "/tool", raw=b"more")
    r.ask("A", "WRITE", raw=b"/tool")
    r.ask("A", "WRITE", "/form")
    r.ask("A", "READ", "/form")
    for body in (("9",), ("9", "9", "9")):
        r.ask("A", "SET_TARGET", *body)
    for op in ("WATCH", "UNWATCH", "DIRECTORY_PART", "SET_PERMS"):
        r.ask("A", op, "/tool")
        r.ask("A", op, "/tool", "a", "b")
        r.ask("A", op, "/tool", raw=b"open")
    for body in (("1",), ("1", "2"), ("1", "2", "3", "4"), ("1", "2", "0"), ("x", "y", "z")):
        r.ask("A", "INTRODUCE", *body)
    for how in ("T", "F", "X", "t", "TT"):
        r.ask("A", "TRANSACTION_END", how)
    r.ask("A", "TRANSACTION_END", raw=b"T")
    for op in (15, 16, 20, 23, 24, 100, 0xffff, 0xffffffff):
        r.ask("A", op, "/tool")
    for tx in (1, 99, 0xffffffff):
        for op in ("READ", "DIRECTORY", "WRITE", "RM", "GET_PERMS"):
            r.ask("A", op, "/tool", tx=tx)
        r.ask("A", "GET_DOMAIN_PATH", "1", tx=tx)
        r.ask("A", "IS_DOMAIN_INTRODUCED", "1", tx=tx)
        r.ask("A", "WATCH", "/txw", f"t{tx}", tx=tx)
        r.ask("A", "UNWATCH", "/txw", f"t{tx}", tx=tx)
        r.ask("A", "SET_PERMS", "/tool", "n0", tx=tx)
        r.ask("A", "CONTROL", "print", "x", tx=tx)
        r.ask("A", "RESET_WATCHES", "", tx=tx)
        r.ask("A", "TRANSACTION_START", "", tx=tx)
        r.ask("A", "TRANSACTION_END", "T", tx=tx)
        r.ask("A", "INTRODUCE", "9", "1", "1", tx=tx)
        r.ask("A", "RELEASE", "9", tx=tx)
        r.ask("A", "RESUME", "9", tx=tx)
        r.ask("A", "SET_TARGET", "9", "9", tx=tx)
        r.ask("A", 99, "9", tx=tx)


def numbers(r):
    r.note("domain numbers")
    for n in ("0", "1", "5", "32751", "32752", "65535", "-1", "x", "1x", "0x2", " 2", "+3",
              "4294967295", "4294967298", ""):
        r.ask("A", "GET_DOMAIN_PATH", n)
        r.ask("A", "IS_DOMAIN_INTRODUCED", n)
    for n in ("0", "5", "x", "-1", "70000"):
        r.ask("A", "RELEASE", n)
        r.ask("A", "RESUME", n)
        r.ask("A", "SET_TARGET", n, "1")
        r.ask("A", "INTRODUCE", n, "1", "1") if n != "0" else None


def watches(r):
    r.note("watches")
    r.open("B")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    for p, t in (("/w", "one"), ("/w/x", "two"), ("/", "root"), ("/w", "three"), ("/w/x/y", "deep"),
                 ("/w/none", "absent"), ("w", "relative")):
        a("WATCH", p, t)
    a("WATCH", "/w", "one")
    a("WATCH", "/local/domain/0/w", "relative")
    r.ask("B", "WATCH", "/w", "one")
    r.ask("B", "WATCH", "/w/x/y/z", "b-deep")
    a("WRITE", "/w", raw=b"1")
    a("WRITE", "/w/x/y/z", raw=b"1")
    a("WRITE", "/w/x/y/z", raw=b"2")
    a("MKDIR", "/w/x/y/z")
    a("MKDIR", "/w/x/m")
    a("WRITE", "/w2", raw=b"not below /w")
    a("WRITE", "w/r/s", raw=b"relative")
    a("WRITE", "/local/domain/0/w", raw=b"relative")
    r.ask("B", "WRITE", "/w/x/from-b", raw=b"b")
    a("SET_PERMS", "/w/x", "n0", "r1")
    a("RM", "/w/x/m")
    a("WRITE", "/w/x/y/z2", raw=b"3")
    a("WRITE", "/w/x/k/l", raw=b"4")
    for p in ("/w/x/k", "/w/x/k/l", "/w/x/y/z2", "/w/x/from-b"):
        r.ask("B", "WATCH", p, "sub")
    a("RM", "/w/x")
    a("RM", "/w/x")
    a("RM", "/w/none")
    a("UNWATCH", "/w", "one")
    a("UNWATCH", "/w", "one")
    a("UNWATCH", "/w", "never")
    a("UNWATCH", "/never", "one")
    a("UNWATCH", "/local/domain/0/w", "relative")
    a("WRITE", "/w", raw=b"5")
    a("WATCH", "/w", "")
    a("WATCH", "/w", "t" * 3000)
    a("WATCH", "/" + "p" * 3000, "t" * 1000)
    a("WRITE", "/w", raw=b"6")
    a("RESET_WATCHES", "")
    a("WRITE", "/w", raw=b"7")
    for p in ("@introduceDomain", "@releaseDomain", "@nothing", "@" + "x" * 2047, "@" + "x" * 2048):
        a("WATCH", p, "special")
    a("UNWATCH", "@nothing", "special")
    a("GET_PERMS", "@releaseDomain")
    a("READ", "@releaseDomain")
    a("WRITE", "@releaseDomain", raw=b"x")
    a("WATCH", "/bad path", "t")
    a("WATCH", "", "t")
    a("WATCH", "/w/", "t")


def transactions(r):
    r.note("transactions")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    b = lambda op, *x, **k: r.ask("B", op, *x, **k)
    b("RESET_WATCHES", "")
    b("WATCH", "/t", "seen")
    b("WATCH", "/t/gone/x", "inner")
    a("WRITE", "/t/one", raw=b"1")
    a("WRITE", "/t/two", raw=b"2")
    t = r.start("A")
    r.ask("A", "TRANSACTION_START", "", tx=t)
    a("READ", "/t/one", tx=t)
    a("WRITE", "/t/two", raw=b"22", tx=t)
    a("WRITE", "/t/three", raw=b"3", tx=t)
    a("DIRECTORY", "/t", tx=t)
    a("DIRECTORY", "/t")
    b("READ", "/t/two")
    b("READ", "/t/two", tx=t)
    a("WRITE", "/t/two", raw=b"222", tx=t)
    a("WATCH", "/t/w", "in-tx", tx=t)
    r.end("A", t)
    a("READ", "/t/two")
    a("DIRECTORY", "/t")
    r.end("A", t)
    r.note("an abort leaves no trace")
    t = r.start("A")
    a("WRITE", "/t/never/x", raw=b"1", tx=t)
    a("RM", "/t/one", tx=t)
    a("READ", "/t/one", tx=t)
    r.end("A", t, "F")
    a("DIRECTORY", "/t")
    r.note("order of events, and one for each path")
    a("WRITE", "/t/gone/x/y", raw=b"1")
    t = r.start("A")
    a("READ", "/t/three", tx=t)
    a("WRITE", "/t/two", raw=b"q", tx=t)
    a("WRITE", "/t/three", raw=b"q", tx=t)
    a("WRITE", "/t/two", raw=b"qq", tx=t)
    a("RM", "/t/gone", tx=t)
    a("WRITE", "/t/deep/er", raw=b"q", tx=t)
    a("SET_PERMS", "/t/one", "n0", "r0", tx=t)
    a("GET_PERMS", "/t/one", tx=t)
    a("GET_PERMS", "/t/one")
    r.end("A", t)
    r.note("removed and made again")
    t = r.start("A")
    a("RM", "/t/deep", tx=t)
    a("WRITE", "/t/deep/new", raw=b"n", tx=t)
    a("DIRECTORY", "/t/deep", tx=t)
    r.end("A", t)
    a("DIRECTORY", "/t/deep")
    a("DIRECTORY", "/t")
    r.note("conflicts")
    for mine, theirs in (("READ", "WRITE"), ("WRITE", "WRITE"), ("READ", "RM"), ("WRITE", "RM"),
                         ("READ", "SET_PERMS"), ("READ", "MKDIR-below"), ("DIRECTORY", "MKDIR-below"),
                         ("READ-absent", "WRITE"), ("READ-absent", "MKDIR-beside"),
                         ("READ-absent-deep", "MKDIR-beside"), ("READ-absent-deep", "make-parent"),
                         ("WRITE", "MKDIR-beside"), ("MKDIR-new", "MKDIR-beside"), ("RM", "WRITE"),
                         ("RM", "MKDIR-below"), ("READ", "WRITE-other"), ("WRITE", "WRITE-other"),
                         ("GET_PERMS", "WRITE"), ("SET_PERMS", "WRITE"), ("nothing", "WRITE")):
        a("RM", "/c")
        a("WRITE", "/c/n", raw=b"0")
        a("WRITE", "/c/n/k", raw=b"0")
        a("WRITE", "/c/o", raw=b"0")
        r.note(f"conflict: mine {mine}, theirs {theirs}")
        t = r.start("A")
        if mine in ("READ", "DIRECTORY", "GET_PERMS", "RM"):
            a(mine, "/c/n", tx=t)
        elif mine == "WRITE":
            a("WRITE", "/c/n", raw=b"m", tx=t)
        elif mine == "READ-absent":
            a("READ", "/c/z", tx=t)
        elif mine == "READ-absent-deep":
            a("READ", "/c/z/y/x", tx=t)
        elif mine == "MKDIR-new":
            a("MKDIR", "/c/mine", tx=t)
        elif mine == "SET_PERMS":
            a("SET_PERMS", "/c/n", "n0", tx=t)
        if theirs == "WRITE":
            b("WRITE", "/c/z" if "absent" in mine else "/c/n", raw=b"t")
        elif theirs == "RM":
            b("RM", "/c/n")
        elif theirs == "SET_PERMS":
            b("SET_PERMS", "/c/n", "n0", "r0")
        elif theirs == "MKDIR-below":
            b("MKDIR", "/c/n/new")
        elif theirs == "MKDIR-beside":
            b("MKDIR", "/c/beside")
        elif theirs == "make-parent":
            b("MKDIR", "/c/z/y")
        elif theirs == "WRITE-other":
            b("WRITE", "/c/o", raw=b"t")
        r.end("A", t)
    r.note("what a transaction sees of others before it looks")
    a("WRITE", "/c/n", raw=b"old")
    t = r.start("A")
    b("WRITE", "/c/n", raw=b"new")
    a("READ", "/c/n", tx=t)
    a("READ", "/c/n", tx=t)
    r.end("A", t)
    r.note("two at once, over the same and other nodes")
    t = r.start("A")
    u = r.start("A")
    a("WRITE", "/c/n", raw=b"t", tx=t)
    a("READ", "/c/n", tx=u)
    a("WRITE", "/c/o", raw=b"u", tx=u)
    r.end("A", t)
    r.end("A", u)
    t = r.start("A")
    u = r.start("A")
    a("WRITE", "/c/n", raw=b"t", tx=t)
    a("WRITE", "/c/o", raw=b"u", tx=u)
    r.end("A", u)
    r.end("A", t)
    a("READ", "/c/n")
    a("READ", "/c/o")


def big(r):
    r.note("big values, big directories")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    for n in (2048, 4000, 4090, 4091):
        a("WRITE", "/big", raw=b"v" * n)
        a("READ", "/big")
    for i in range(120):
        r.conns["A"].request("WRITE", b"/many/node-with-a-long-name-%04d-%s\0x" % (i, b"x" * 20))
        r.conns["A"].drain()
    r.conns["B"].drain()
    a("DIRECTORY", "/many")
    off = 0
    for _ in range(8):
        m = a("DIRECTORY_PART", "/many", str(off))
        part = m[m.index(b"\0") + 1:]
        if part.endswith(b"\0\0") or part == b"\0":
            break
        off += len(part)
    for o in ("0", "1", "7", "999999", "x", "-1", ""):
        a("DIRECTORY_PART", "/many", o)
        a("DIRECTORY_PART", "/tool", o)
    a("DIRECTORY_PART", "/nope", "0")
    a("DIRECTORY_PART", "/big", "0")
    a("RM", "/many")
    a("DIRECTORY", "/many")


def permissions(r):
    r.note("permissions, as Domain 0")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    a("WRITE", "/p/q", raw=b"v")
    for perms in (("n0",), ("r0",), ("w0",), ("b0",), ("n0", "r1", "w2", "b3", "n4"), ("n77",), ("n70000",),
                  ("n0", "r77"), ("z0",), ("n",), ("",), ("n0x",), ("n 0",), ("n-1",), ("N0",),
                  ("n0", "r1", "r2", "r3", "r4", "r5", "r6"), ("n0", "zz")):
        a("SET_PERMS", "/p/q", *perms)
        a("GET_PERMS", "/p/q")
    a("SET_PERMS", "/nope", "n0")
    a("SET_PERMS", "/nope", "zz")
    a("GET_PERMS", "/nope")
    a("SET_PERMS", "/p", "b0", "r1")
    a("WRITE", "/p/new/er", raw=b"v")
    a("GET_PERMS", "/p/new/er")
    for p in ("@releaseDomain", "@introduceDomain", "@nothing"):
        a("SET_PERMS", p, "n0", "r1")
        a("SET_PERMS", p, "n0")
        a("SET_PERMS", p, "n77")
        a("SET_PERMS", p, "zz")


def guests(r):
    r.note("a guest, and what it may do")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    g = lambda op, *x, **k: r.ask("d1", op, *x, **k)
    r.guest(1)
    a("IS_DOMAIN_INTRODUCED", "1")
    for op in ("READ", "DIRECTORY", "GET_PERMS", "MKDIR", "RM"):
        for p in ("/", "/tool", "/tool/none", "/nope", "own", "own/x"):
            g(op, p)
    g("WRITE", "own", raw=b"v")
    a("MKDIR", "/local/domain/1")
    a("SET_PERMS", "/local/domain/1", "n1")
    g("WRITE", "own", raw=b"v")
    g("GET_PERMS", "own")
    g("READ", "own")
    g("DIRECTORY", "/local/domain/1")
    g("MKDIR", "own/d/e")
    g("RM", "own/d")
    g("RM", "own/d")
    g("RM", "nothing/there")
    g("SET_PERMS", "own", "b1", "r0")
    g("SET_PERMS", "own", "n0")
    g("SET_PERMS", "own", "n1", "r2", "r3", "r4", "r5")
    g("SET_PERMS", "own", "n1", "r2", "r3", "r4", "r5", "r6")
    g("SET_PERMS", "own", "zz")
    g("SET_PERMS", "/tool", "n1")
    g("SET_PERMS", "@releaseDomain", "n1")
    g("SET_PERMS", "@releaseDomain", "zz")
    for op, *x in (("CONTROL", "help"), ("INTRODUCE", "3", "1", "1"), ("RELEASE", "1"), ("RESUME", "1"),
                   ("SET_TARGET", "1", "1"), ("GET_DOMAIN_PATH", "9"), ("IS_DOMAIN_INTRODUCED", "1")):
        g(op, *x)
    g("TRANSACTION_START", "", tx=77)
    g("READ", "/tool", tx=77)
    g(99, "x")
    r.note("read, write and both, by list and for all")
    for bits in "nrwb":
        for perms in ((f"{bits}0",), ("n0", f"{bits}1"), ("b0", f"{bits}1")):
            a("WRITE", "/acl", raw=b"v")
            a("SET_PERMS", "/acl", *perms)
            g("READ", "/acl")
            g("WRITE", "/acl", raw=b"w")
            g("READ", "/acl/absent")
            g("WRITE", "/acl/child", raw=b"w")
            g("GET_PERMS", "/acl/child")
            g("SET_PERMS", "/acl", "n1")
            g("RM", "/acl/child")
            g("RM", "/acl")
            a("RM", "/acl")
    r.note("what a guest hears")
    for owner, sub in (("n0", "n0"), ("r0", "n0"), ("n0", "r0"), ("n0", "b1"), ("w0", "w0")):
        a("WRITE", "/hear/sub/x", raw=b"0")
        a("SET_PERMS", "/hear", owner)
        a("SET_PERMS", "/hear/sub", sub)
        a("SET_PERMS", "/hear/sub/x", "n0")
        g("WATCH", "/hear", "h")
        a("WRITE", "/hear", raw=b"1")
        a("WRITE", "/hear/sub", raw=b"1")
        a("WRITE", "/hear/sub/x", raw=b"1")
        a("WRITE", "/hear/sub/new", raw=b"1")
        a("SET_PERMS", "/hear/sub", "n0")
        a("SET_PERMS", "/hear/sub", "r0")
        a("RM", "/hear/sub/x")
        a("RM", "/hear/sub")
        t = r.start("A")
        a("WRITE", "/hear/tx", raw=b"1", tx=t)
        a("SET_PERMS", "/hear/tx", "r0", tx=t)
        r.end("A", t)
        t = r.start("A")
        a("RM", "/hear/tx", tx=t)
        r.end("A", t)
        g("UNWATCH", "/hear", "h")
        a("RM", "/hear")
    g("WATCH", "own", "rel")
    g("WATCH", "/local/domain/1/own", "abs")
    g("WRITE", "own/z", raw=b"1")
    g("UNWATCH", "/local/domain/1/own", "rel")
    g("WRITE", "own/z", raw=b"2")
    g("WATCH", "@releaseDomain", "s")
    g("WATCH", "@introduceDomain", "s")


def quotas(r):
    r.note("quotas of a guest")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    g = lambda op, *x, **k: r.ask("d1", op, *x, **k)
    for n in (1, 2000, 2014, 2015, 2016, 2017, 2018, 2024, 2025, 2040, 2048, 2049, 3000):
        g("WRITE", "size", raw=b"s" * n)
    g("WRITE", "p" * 2048, raw=b"v")
    g("WRITE", "p" * 2049, raw=b"v")
    g("WRITE", "/local/domain/1/" + "p" * 2049, raw=b"v")
    g("READ", "/" + "p" * 2048)
    g("READ", "/" + "p" * 2047)
    g("READ", "/local/domain/99999/" + "p" * 2040)
    g("READ", "/local/domain/100000/" + "p" * 2040)
    g("READ", "/local/domain/x/" + "p" * 2040)
    a("CONTROL", "quota", "set", "watches", "5")
    for i in range(8):
        g("WATCH", f"q{i}", "t")
    a("CONTROL", "quota", "set", "transactions", "2")
    ts = [r.start("d1") for _ in range(5)]
    for t in ts:
        if t:
            r.end("d1", t, "F")
    g("RM", "own")
    a("CONTROL", "quota", "set", "nodes", "8")
    for i in range(8):
        g("WRITE", f"count{i}", raw=b"v")
    g("WRITE", "deep/er/still", raw=b"v")
    g("RM", "count0")
    g("WRITE", "count9", raw=b"v")
    g("RM", "count1")
    t = r.start("d1")
    for i in range(4):
        g("WRITE", f"tx{i}", raw=b"v", tx=t)
    g("RM", "count9", tx=t)
    g("WRITE", "tx9", raw=b"v", tx=t)
    r.end("d1", t)
    g("DIRECTORY", "/local/domain/1")
    for extra in (1, 2):
        t = r.start("d1")
        g("WRITE", "e/f/g", raw=b"v", tx=t)
        g("RM", "e/f", tx=t)
        for i in range(extra):
            g("WRITE", f"e{i}", raw=b"v", tx=t)
            g("RM", "count9", tx=t)
        r.end("d1", t)
    g("DIRECTORY", "/local/domain/1")
    g("RM", "e")
    g("RM", "e0")
    a("CONTROL", "quota", "set", "nodes", "1000")
    a("CONTROL", "quota", "set", "transaction-nodes", "3")
    t = r.start("d1")
    for i in range(6):
        g("READ", f"count{i}", tx=t)
    r.end("d1", t)
    a("CONTROL", "quota", "set", "transaction-nodes", "1024")
    a("CONTROL", "quota", "set", "bogus", "1")
    a("CONTROL", "quota", "set", "nodes", "x")
    a("CONTROL", "quota", "set", "nodes", "-1")
    a("CONTROL", "quota", "set", "nodes")
    a("CONTROL", "quota", "x")
    a("CONTROL", "quota", "9")
    for x in (("quota-soft",), ("quota-soft", "set", "memory", "1000000"), ("quota-soft", "set", "nodes", "1"),
              ("log", "on"), ("log", "off"), ("log", "x"), ("log",), ("print", "hello"), ("print",),
              ("check",), ("check", "x"), ("bogus",), ("",)):
        a("CONTROL", *x)
    r.ask("A", "CONTROL", raw=b"help")


def lifecycle(r):
    r.note("domains come and go")
    a = lambda op, *x, **k: r.ask("A", op, *x, **k)
    g = lambda op, *x, **k: r.ask("d1", op, *x, **k)
    r.note("introduced again: an empty ring, no watches, no transactions")
    t = r.start("d1")
    a("INTRODUCE", "1", "1", "7")
    r.conns["d1"].buf = b""
    g("READ", "count2", tx=t)
    g("WRITE", "count2", raw=b"x")
    g("UNWATCH", "q1", "t")
    a("SET_PERMS", "@releaseDomain", "n0", "r1")
    g("WATCH", "@releaseDomain", "allowed")
    g("WATCH", "@introduceDomain", "denied")
    r.guest(2)
    a("MKDIR", "/local/domain/2")
    a("SET_PERMS", "/local/domain/2", "n2", "r1")
    r.ask("d2", "WRITE", "x/y", raw=b"2")
    g("READ", "/local/domain/2/x/y")
    g("WATCH", "/local/domain/2", "peer")
    a("MKDIR", "/shared")
    a("SET_PERMS", "/shared", "b0")
    r.ask("d2", "WRITE", "/shared/two", raw=b"2")
    g("WRITE", "/shared/one", raw=b"1")
    a("WATCH", "/shared", "sh")
    a("WATCH", "/local/domain/2/x/y", "inner")
    r.note("shut down, resumed")
    r.d.set_state(2, "s")
    a("IS_DOMAIN_INTRODUCED", "2")
    a("RESUME", "2")
    a("IS_DOMAIN_INTRODUCED", "2")
    r.ask("d2", "READ", "x/y")
    r.d.set_state(2, "r")
    a("READ", "/shared/two")
    r.d.set_state(2, "s")
    a("READ", "/shared/two")
    r.note("dying, gone")
    r.conns["d2"].close()
    del r.conns["d2"]
    r.d.set_state(2, "d")
    a("IS_DOMAIN_INTRODUCED", "2")
    a("DIRECTORY", "/shared")
    a("DIRECTORY", "/local/domain")
    r.d.set_state(2, None)
    a("IS_DOMAIN_INTRODUCED", "2")
    a("GET_PERMS", "/shared")
    r.note("a domain of the same number is another domain")
    a("WRITE", "/again", raw=b"v")
    a("SET_PERMS", "/again", "n0", "r2")
    r.guest(2)
    r.ask("d2", "READ", "/again")
    a("SET_PERMS", "/again", "n0", "r2")
    r.ask("d2", "READ", "/again")
    r.note("released")
    r.forget("d1")
    a("RELEASE", "1")
    a("IS_DOMAIN_INTRODUCED", "1")
    a("DIRECTORY", "/shared")
    a("DIRECTORY", "/local/domain")
    a("RELEASE", "1")
    a("GET_PERMS", "/again")
    r.note("a stub domain and its target")
    r.guest(3)
    r.guest(4)
    s3 = lambda op, *x, **k: r.ask("d3", op, *x, **k)
    a("MKDIR", "/local/domain/4")
    a("SET_PERMS", "/local/domain/4", "n4")
    r.ask("d4", "WRITE", "x", raw=b"4")
    r.ask("d4", "WRITE", "/shared/four", raw=b"4")
    s3("READ", "/local/domain/4/x")
    a("SET_TARGET", "3", "4")
    a("SET_TARGET", "3", "9")
    a("SET_TARGET", "9", "3")
    s3("READ", "/local/domain/4/x")
    s3("WRITE", "/local/domain/4/stub", raw=b"s")
    s3("GET_PERMS", "/local/domain/4/stub")
    s3("SET_PERMS", "/local/domain/4/x", "n4", "r1")
    s3("SET_PERMS", "/local/domain/4/x", "n1")
    s3("RM", "/shared/four")
    r.forget("d3")
    a("RELEASE", "3")
    r.forget("d4")
    a("RELEASE", "4")
    a("DIRECTORY", "/local/domain")


def record(daemon):
    r = Recorder(daemon)
    r.open("A")
    for part in (basics, paths, forms, numbers, watches, transactions, big, permissions, guests, quotas,
                 lifecycle):
        part(r)
    r.note(f"{r.count} requests")
    return r.lines
