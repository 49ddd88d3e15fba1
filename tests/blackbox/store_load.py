# SPDX-License-Identifier: GPL-2.0-only
"""A client of the store that asks without end and notices whatever is lost, doubled or out of order."""
import os
import random
import threading
import time

from xsclient import EVENT, HDR, OP, ok


class Load(threading.Thread):
    """One client that never pauses, or for so long between its steps: its answers come once and in order, as do the events
    of its own changes."""

    def __init__(self, c, name, where, pause=0.0):
        super().__init__()
        self.c, self.who, self.where, self.pause = c, name.encode(), where, pause
        self.n, self.seen, self.end, self.wrong = 0, 0, False, None

    def path(self, n):
        return b"%s/%s/%d" % (self.where, self.who, n)

    def ask(self, op, body, tx=0):
        self.n += 1
        m = self.c.request(op, body, tx, self.n)
        assert m is not None, f"hung up, or not heard: {self.c}"
        assert m[:3] == (OP[op] if m[0] != OP["ERROR"] else m[0], self.n, tx), (op, self.n, m)
        return m

    def ask_together(self, op, bodies):
        """Requests that are sent at once; all are answered, in order, whatever comes between."""
        self.c.put(b"".join(HDR.pack(OP[op], self.n + i, 0, len(b)) + b for i, b in enumerate(bodies)))
        for i in range(len(bodies)):
            while (m := self.c.message()) and m[0] == EVENT:
                self.c.events.append(m[3])
            assert m and m[1] == self.n + i and m[3] == b"OK\0", m
        self.n += len(bodies)

    def changed(self, path):
        """Exactly one event for each change, in order."""
        while not self.c.events:
            m = self.c.message()
            assert m is not None and m[0] == EVENT, m
            self.c.events.append(m[3])
        event = self.c.events.pop(0)
        assert event == path + b"\0w\0", (event, path)
        self.seen += 1

    def step(self):
        path = self.path(self.n)
        value = os.urandom(random.randrange(200))
        assert self.ask("WRITE", path + b"\0" + value)[3] == b"OK\0"
        self.changed(path)
        assert self.ask("READ", path + b"\0")[3] == value
        tx = int(self.ask("TRANSACTION_START", b"\0")[3][:-1])
        ok(self.ask("RM", path + b"\0", tx))
        ok(self.ask("WRITE", path + b"x\0" + value, tx))
        assert self.ask("READ", path + b"x\0", tx)[3] == value
        end = self.ask("TRANSACTION_END", b"T\0", tx)
        if end[3] == b"OK\0":
            self.changed(path)
            self.changed(path + b"x")
            ok(self.ask("RM", path + b"x\0"))
            self.changed(path + b"x")
        else:
            assert end[3] == b"EAGAIN\0", end
            ok(self.ask("RM", path + b"\0"))
            self.changed(path)

    def step_together(self):
        paths = [self.path(self.n) + b"%d" % i for i in range(random.randrange(2, 20))]
        self.ask_together("WRITE", [p + b"\0value" for p in paths])
        for p in paths:
            self.changed(p)
        self.ask_together("RM", [p + b"\0" for p in paths])
        for p in paths:
            self.changed(p)

    def run(self):
        try:
            ok(self.ask("MKDIR", b"%s/%s\0" % (self.where, self.who)))
            ok(self.ask("WATCH", b"%s/%s\0w\0" % (self.where, self.who)))
            self.changed(b"%s/%s" % (self.where, self.who))
            while not self.end:
                self.step()
                self.step_together()
                time.sleep(self.pause)
        except BaseException as e:
            self.wrong = e
