# SPDX-License-Identifier: LGPL-2.1-only
"""What the generated types are made of: dataclasses that convert to and from libxl's JSON.

Values cross between Python and libxl as the JSON that libxl itself writes and reads, so no layout of a struct is known
here. As there, a field at its default is left out.
"""
from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, ClassVar, TypeVar
from uuid import UUID

R = TypeVar('R', bound='Record')


@dataclass(frozen=True)
class Codec:
    """How values of one kind begin, and how they are read from and written to JSON."""

    default: Callable[[], Any]
    decode: Callable[[Any], Any] = lambda value: value
    encode: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Arms(Codec):
    """The arms of a union, by the value of the field that is their key."""

    key: str = ''
    classes: dict[IntEnum, type[Record]] = field(default_factory=dict)


def plain(default: Any) -> Codec:
    return Codec(lambda: default)


def enum(cls: type[IntEnum], default: IntEnum | None) -> Codec:
    return Codec(lambda: default, lambda name: cls[name.upper()], lambda value: cls(value).name.lower())


def record(cls: type[Record]) -> Codec:
    return Codec(cls, cls.from_dict, cls.to_dict)


def array(codec: Codec) -> Codec:
    return Codec(list, lambda values: [codec.decode(v) for v in values],
                 lambda values: [codec.encode(v) for v in values])


def arms(key: str, classes: dict[IntEnum, type[Record]]) -> Codec:
    return Arms(lambda: None, key=key, classes=classes)


def slot(codec: Codec, switch: bool = False) -> Any:
    """A field of a record. switch: it is the key of a union and is written with its arm."""
    return field(default_factory=codec.default, metadata={'codec': codec, 'switch': switch})


DEFBOOL = Codec(lambda: None, {'True': True, 'False': False, '<default>': None}.__getitem__,
                lambda value: str(bool(value)))
UUIDS = Codec(lambda: UUID(int=0), UUID, str)
BITMAP = Codec(set, set, sorted)
GENID = Codec(lambda: bytes(16), bytes, list)
LIST = Codec(list, list, list)
HWCAP = Codec(lambda: [0] * 4, list, list)  # as many as libxl writes
PAIRS = Codec(dict, dict, dict)


class Misfit(ValueError):
    """A value is not of the field's type."""


@dataclass
class Record:
    """A struct of libxl."""

    #: The name in libxl without "libxl_"; empty for a part of another struct.
    LIBXL: ClassVar[str] = ''

    @classmethod
    def from_dict(cls: type[R], tree: dict[str, Any]) -> R:
        """Read what libxl's JSON, parsed, says; what it leaves out is at its default."""
        new = cls()
        for f in fields(cls):
            codec = f.metadata['codec']
            if isinstance(codec, Arms):
                new._read_arm(f.name, codec, tree)
            elif not f.metadata['switch'] and tree.get(f.name) is not None:
                try:
                    setattr(new, f.name, codec.decode(tree[f.name]))
                except Misfit:
                    raise
                except (KeyError, ValueError, TypeError, AttributeError) as error:
                    raise Misfit(f'{cls.__name__}.{f.name} cannot be {tree[f.name]!r}') from error
        return new

    def to_dict(self) -> dict[str, Any]:
        """What libxl's JSON of this would be, parsed."""
        tree: dict[str, Any] = {}
        for f in fields(self):
            codec, value = f.metadata['codec'], getattr(self, f.name)
            if isinstance(codec, Arms):
                self._write_arm(value, codec, tree)
            elif not f.metadata['switch'] and value != codec.default():
                tree[f.name] = codec.encode(value)
        return tree

    @classmethod
    def from_json(cls: type[R], text: str | bytes) -> R:
        """Read libxl's JSON, as `xl list -l` shows it in "config"."""
        return cls.from_dict(json.loads(text))

    def to_json(self, indent: int | None = None) -> str:
        """Write libxl's JSON."""
        return json.dumps(self.to_dict(), indent=indent)

    def _key_codec(self, key: str) -> Codec:
        codec: Codec = next(f.metadata['codec'] for f in fields(self) if f.name == key)
        return codec

    def _read_arm(self, name: str, codec: Arms, tree: dict[str, Any]) -> None:
        for member, value in tree.items():
            key, dot, case = member.partition('.')
            if key != codec.key or not dot:
                continue
            chosen = self._key_codec(key).decode(case)
            setattr(self, key, chosen)
            if chosen in codec.classes:
                setattr(self, name, codec.classes[chosen].from_dict(value))

    def _write_arm(self, value: Record | None, codec: Arms, tree: dict[str, Any]) -> None:
        key = getattr(self, codec.key)
        if value is not None and type(value) is not codec.classes.get(key):
            raise ValueError(f'{type(self).__name__}.{codec.key} is {key!r}, which does not go with a '
                             f'{type(value).__name__}')
        if key is not None:
            tree[f'{codec.key}.{self._key_codec(codec.key).encode(key)}'] = value.to_dict() if value else {}
