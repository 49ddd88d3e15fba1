# SPDX-License-Identifier: LGPL-2.1-only
"""A context of libxl: its life, its messages, calls with their errors, operations that go on, events."""
from __future__ import annotations

import itertools
import json
import logging
import re
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from ._libxl import ffi, lib
from ._record import Record
from .types import Error, Event

R = TypeVar('R', bound=Record)

#: What libxl says goes to this logger as well.
logger = logging.getLogger('xenolith')
logger.addHandler(logging.NullHandler())

# xentoollog's levels as those of logging.
LEVELS = {4: logging.INFO, 5: logging.INFO, 6: logging.INFO, 7: logging.WARNING, 8: logging.ERROR,
          9: logging.CRITICAL}
MESSAGES_KEPT = 64

# The domain that a message is about: "domain 5: ", "Domain 5:", "web: Domain 5: ".
ABOUT = re.compile(r'\b[Dd]omain (\S+?):')

_numbers = itertools.count(1)
_cores: dict[int, Core] = {}


class LibxlError(Exception):
    """A call of libxl failed: what was tried, libxl's code, and what it said about the cause."""

    def __init__(self, what: str, code: int, messages: Sequence[str] = ()) -> None:
        #: What was tried.
        self.what = what
        #: libxl's code, ERROR_DOMAIN_NOTFOUND and so on; an int where libxl has no name for it.
        self.code: Error | int = Error(code) if code in list(Error) else code
        #: The errors that libxl logged meanwhile, in their order, but for those about other domains.
        self.messages = tuple(messages)
        name = self.code.name.lower() if isinstance(self.code, Error) else str(code)
        super().__init__(f'cannot {what}: {"; ".join(messages) or name}')

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.what, int(self.code), self.messages)


class Signal(Protocol):
    """What a loop waits for."""

    def set(self) -> None: ...

    def clear(self) -> None: ...

    def is_set(self) -> bool: ...


class Loop(Protocol):
    """Where a context waits."""

    def attach(self, core: Core) -> None: ...

    def detach(self) -> None: ...

    def signal(self) -> Signal: ...


class Operation:
    """A call of libxl that goes on after it returned, until its signal is set. The function takes an asyncop_how last."""

    def __init__(self, core: Core, what: str, domain: int | str | None, function: Any, *args: Any) -> None:
        self.core, self.what, self.domain = core, what, domain
        self.signal = core.loop.signal()
        self.rc: int | None = None
        self._mark = core.messages_told
        self._function, self._args = function, args
        self._number = next(_numbers)
        self._c = ffi.new('struct xenolith_operation *')
        self._how = lib.xenolith_how(self._c, core.box, self._number)

    def start(self) -> None:
        self.core.operations[self._number] = self
        rc = self.core.call(self._function, *self._args, self._how)
        if rc:
            self.end(rc)

    def end(self, rc: int) -> None:
        self.core.operations.pop(self._number, None)
        self.rc = rc
        self.signal.set()

    def abort(self) -> None:
        """Ask for its end, which comes as any other. What libxl does not know was interrupted before it began."""
        self.core.take()
        if self.rc is None and self.core.call(lib.libxl_ao_abort, self._how) == Error.NOTFOUND:
            self.end(Error.ABORTED)

    def check(self) -> None:
        if self.rc:
            error = self.core.error(self.what, self.rc, self._mark)
            own = [text for text in error.messages if self._concerns(text)]
            raise LibxlError(self.what, self.rc, own or error.messages)

    def _concerns(self, text: str) -> bool:
        """Other operations may have gone on meanwhile."""
        about = ABOUT.search(text)
        return not about or about.group(1) == str(self.domain)


class Queue:
    """Events of one watcher."""

    def __init__(self, core: Core, signal: Signal) -> None:
        self.core, self.signal = core, signal
        self.number = next(_numbers)
        self.items: deque[Event | LibxlError] = deque()
        core.queues[self.number] = self

    def put(self, item: Event | LibxlError) -> None:
        self.items.append(item)
        self.signal.set()

    def take(self) -> Event:
        item = self.items.popleft()
        if not self.items:
            self.signal.clear()
        if isinstance(item, LibxlError):
            raise item
        return item


class Core:
    """What both kinds of context stand on."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.number = next(_numbers)
        self.messages: deque[tuple[int, str]] = deque(maxlen=MESSAGES_KEPT)
        self.messages_told = 0
        self.operations: dict[int, Operation] = {}
        self.queues: dict[int, Queue] = {}
        self._box: Any = None
        rc = ffi.new('int *')
        box = lib.xenolith_open(rc)
        if not box:
            raise MemoryError
        self._box = box
        if rc[0]:
            self.take()
            self._free()
            raise self.error('open a context of libxl', rc[0], 0)
        _cores[self.number] = self
        loop.attach(self)

    @property
    def box(self) -> Any:
        if self._box is None:
            raise ValueError('this context is closed')
        return self._box

    @property
    def closed(self) -> bool:
        return self._box is None

    def _free(self) -> None:
        box, self._box = self._box, None
        lib.xenolith_close(box)

    def close(self) -> None:
        """Let go of everything. No operation may be going on."""
        if self._box is None:
            return
        self.loop.detach()
        self._free()
        del _cores[self.number]

    # --- calls

    def call(self, function: Any, *args: Any) -> Any:
        """Call a function of libxl, and take what it told meanwhile."""
        box = self.box
        try:
            return function(lib.xenolith_ctx(box), *args)
        finally:
            self.take()

    def take(self) -> None:
        """What is interrupted here is taken again the next time."""
        box = self._box
        while box and (item := lib.xenolith_first(box)):
            if item.kind == lib.TOLD_MESSAGE:
                self._said(item.number, self._text(item))
            elif item.kind == lib.TOLD_EVENT:
                self._happened(item.event)
            elif item.kind == lib.TOLD_DISASTER:
                self._disaster(self._text(item))
            elif item.user in self.operations:
                self.operations[item.user].end(item.number)
            lib.xenolith_drop(box)

    @staticmethod
    def _text(item: Any) -> str:
        text: bytes = ffi.string(item.text) if item.text else b''
        return text.decode(errors='replace')

    # --- errors

    def error(self, what: str, rc: int, mark: int) -> LibxlError:
        return LibxlError(what, rc, [text for n, text in self.messages if n >= mark])

    def check(self, what: str, function: Any, *args: Any) -> int:
        """Call a function that answers with a number, of which the negative ones are errors."""
        mark = self.messages_told
        rc: int = self.call(function, *args)
        if rc < 0:
            raise self.error(what, rc, mark)
        return rc

    def _said(self, level: int, text: str) -> None:
        if level >= 8:
            self.messages.append((self.messages_told, text))
            self.messages_told += 1
        logger.log(LEVELS.get(level, logging.DEBUG), '%s', text)

    # --- values

    def new(self, cls: type[Record]) -> Any:
        """An initialised struct of C, which is disposed of when Python forgets it."""
        p = ffi.new(f'libxl_{cls.LIBXL} *')
        getattr(lib, f'libxl_{cls.LIBXL}_init')(p)
        dispose = getattr(lib, f'libxl_{cls.LIBXL}_dispose', None)
        return ffi.gc(p, dispose) if dispose else p

    def to_c(self, value: Record) -> Any:
        p = self.new(type(value))
        text = json.dumps(value.to_dict()).encode()
        self.check(f'use this {type(value).__name__}', getattr(lib, f'libxl_{value.LIBXL}_from_json'), p, text)
        return p

    def from_c(self, cls: type[R], p: Any) -> R:
        mark = self.messages_told
        text = self.call(getattr(lib, f'libxl_{cls.LIBXL}_to_json'), p)
        if not text:
            raise self.error(f'read a {cls.__name__}', Error.FAIL, mark)
        return cls.from_json(self.take_string(text))

    @staticmethod
    def take_string(p: Any) -> str:
        """A string that is the caller's to free."""
        text: bytes = ffi.string(p)
        lib.free(p)
        return text.decode(errors='replace')

    def one(self, cls: type[R], what: str, function: Any, *args: Any) -> R:
        """What the function fills in as its first argument."""
        p = self.new(cls)
        self.check(what, function, p, *args)
        return self.from_c(cls, p)

    def several(self, cls: type[R], what: str, function: Any, free: Any, *args: Any) -> list[R]:
        """What the function returns as a list, its length in its last argument."""
        n, mark = ffi.new('int *'), self.messages_told
        found = self.call(function, *args, n)
        if not found:
            if self.messages_told > mark:
                raise self.error(what, Error.FAIL, mark)
            return []
        try:
            return [self.from_c(cls, found + i) for i in range(n[0])]
        finally:
            free(found, n[0])

    # --- events

    def _happened(self, pointer: Any) -> None:
        text = lib.libxl_event_to_json(lib.xenolith_ctx(self.box), pointer)
        event = Event.from_json(self.take_string(text))
        queue = self.queues.get(event.for_user)
        if queue:
            queue.put(event)

    def _disaster(self, text: str) -> None:
        logger.critical('%s', text)
        for queue in self.queues.values():
            queue.put(LibxlError('go on with events', Error.FAIL, [text]))


def core_of(number: int) -> Core:
    return _cores[number]
