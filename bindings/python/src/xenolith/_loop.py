# SPDX-License-Identifier: LGPL-2.1-only
"""Where a context waits: in asyncio's loop, of which libxl's descriptors and timers become a part, or in a poll of its
own. Neither makes a thread, and neither polls for what can be waited for."""
from __future__ import annotations

import asyncio
import itertools
import select
import time
from dataclasses import dataclass
from typing import Any

from ._core import Core, LibxlError, Operation, Signal, core_of
from ._libxl import ffi, lib


@dataclass
class Timer:
    """A timeout of libxl's, until it is reported to have passed."""

    ticket: Any
    handle: asyncio.TimerHandle | asyncio.Handle
    now: bool = False


class AsyncLoop:
    """The loop that runs when the context is made; the context belongs to its thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._tickets: dict[int, Any] = {}
        self._timers: dict[int, Timer] = {}
        self._ids = itertools.count(1)

    def attach(self, core: Core) -> None:
        self._core = core
        core.call(lib.xenolith_hooks, core.number)

    def detach(self) -> None:
        """Timers that libxl let go of are given back now, while it still takes them."""
        for number, timer in list(self._timers.items()):
            if timer.now:
                timer.handle.cancel()
                self._passed(number)

    def signal(self) -> Signal:
        return asyncio.Event()

    async def wait(self, signal: Signal, timeout: float | None) -> None:
        """Until it is set. TimeoutError when that takes longer."""
        assert isinstance(signal, asyncio.Event)
        async with asyncio.timeout(timeout):
            await signal.wait()

    async def carry_out(self, operation: Operation) -> None:
        """From its start to its end. Whoever is cancelled meanwhile aborts it, and waits for its end all the same:
        libxl uses what it was given until then."""
        assert isinstance(operation.signal, asyncio.Event)
        try:
            operation.start()
            await operation.signal.wait()
        except BaseException:
            operation.abort()
            while operation.rc is None:
                try:
                    await operation.signal.wait()
                except asyncio.CancelledError:
                    continue
            raise
        operation.check()

    # --- libxl's descriptors and timers

    def fd_register(self, fd: int, events: int, ticket: Any) -> None:
        if fd in self._tickets:
            raise LibxlError('wait for one descriptor twice', -3)
        self._tickets[fd] = ticket
        self.fd_modify(fd, events)

    def fd_modify(self, fd: int, events: int) -> None:
        for wanted, add, remove in ((select.POLLIN, self._loop.add_reader, self._loop.remove_reader),
                                    (select.POLLOUT, self._loop.add_writer, self._loop.remove_writer)):
            if events & wanted:
                add(fd, self._ready, fd, events, wanted)
            else:
                remove(fd)

    def fd_deregister(self, fd: int) -> None:
        if not self._loop.is_closed():
            self._loop.remove_reader(fd)
            self._loop.remove_writer(fd)
        del self._tickets[fd]

    def _ready(self, fd: int, events: int, happened: int) -> None:
        ticket = self._tickets.get(fd)
        if ticket is not None and not self._core.closed:
            self._core.call(lib.libxl_osevent_occurred_fd, ticket, fd, events, happened)

    def timeout_register(self, when: float, ticket: Any) -> int:
        number = next(self._ids)
        handle = self._loop.call_later(max(0.0, when - time.time()), self._passed, number)
        self._timers[number] = Timer(ticket, handle)
        return number

    def timeout_now(self, number: int) -> None:
        timer = self._timers[number]
        timer.handle.cancel()
        timer.now = True
        if not self._loop.is_closed():
            timer.handle = self._loop.call_soon(self._passed, number)

    def _passed(self, number: int) -> None:
        timer = self._timers.pop(number)
        if not self._core.closed:
            self._core.call(lib.libxl_osevent_occurred_timeout, timer.ticket)


class Flag:
    """A signal of a loop that is not shared."""

    def __init__(self) -> None:
        self._set = False

    def set(self) -> None:
        self._set = True

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set


class BlockingLoop:
    """Calls return when they are done."""

    def attach(self, core: Core) -> None:
        self._core = core

    def detach(self) -> None:
        pass

    def signal(self) -> Signal:
        return Flag()

    def _turn(self, seconds: float | None = None) -> None:
        self._core.check('wait', lib.xenolith_turn, -1 if seconds is None else int(seconds * 1000) + 1)

    def wait(self, signal: Signal, timeout: float | None) -> None:
        """Until it is set. TimeoutError when that takes longer."""
        end = None if timeout is None else time.monotonic() + timeout
        while not signal.is_set():
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            self._turn(left)

    def carry_out(self, operation: Operation) -> None:
        """From its start to its end. An exception meanwhile, of Control-C for one, aborts it, and goes on when it has
        ended all the same: libxl uses what it was given until then."""
        try:
            operation.start()
            while operation.rc is None:
                self._turn()
        except BaseException:
            operation.abort()
            while operation.rc is None:
                try:
                    self._turn()
                except KeyboardInterrupt:
                    continue
            raise
        operation.check()


def _hooks(user: int) -> AsyncLoop:
    loop = core_of(user).loop
    assert isinstance(loop, AsyncLoop)
    return loop


@ffi.def_extern(error=-1)  # type: ignore[misc]
def xenolith_fd_register(user: int, fd: int, events: int, ticket: Any) -> int:
    _hooks(user).fd_register(fd, events, ticket)
    return 0


@ffi.def_extern(error=-1)  # type: ignore[misc]
def xenolith_fd_modify(user: int, fd: int, events: int) -> int:
    _hooks(user).fd_modify(fd, events)
    return 0


@ffi.def_extern()  # type: ignore[misc]
def xenolith_fd_deregister(user: int, fd: int) -> None:
    _hooks(user).fd_deregister(fd)


@ffi.def_extern(error=-1)  # type: ignore[misc]
def xenolith_timeout_register(user: int, when: float, ticket: Any, number: Any) -> int:
    number[0] = _hooks(user).timeout_register(when, ticket)
    return 0


@ffi.def_extern(error=-1)  # type: ignore[misc]
def xenolith_timeout_now(user: int, number: int) -> int:
    _hooks(user).timeout_now(number)
    return 0
