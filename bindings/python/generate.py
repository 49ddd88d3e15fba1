#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Write what the Python package takes from libxl: its types, its prototypes, and the blocking twin of its context.

generate.py OUT    OUT/types.py, OUT/_context.py, OUT/libxl.cdef, and the header that libxl.h includes

Types come from libxl's IDL by the parser of libxl's own generator. Prototypes come from libxl's headers: those of the
functions that the package's sources name. The blocking context is the asyncio one without its "async" and "await".
"""
import io
import os
import re
import sys
import tokenize

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, 'src', 'xenolith')
LIBXL = os.path.normpath(os.path.join(HERE, '..', '..', 'libxl'))
IDL = os.path.join(LIBXL, 'light', 'idl', 'types.idl')
sys.path.insert(0, os.path.dirname(IDL))
import gen  # noqa: E402

BANNER = '# SPDX-License-Identifier: LGPL-2.1-only\n# Written by bindings/python/generate.py; change %s.\n'

# IDL name: (annotation, codec of _record.py)
LEAVES = {
    'string': ('str | None', 'plain(None)'), 'bool': ('bool', 'plain(False)'), 'defbool': ('bool | None', 'DEFBOOL'),
    'uuid': ('UUID', 'UUIDS'), 'mac': ('str', "plain('00:00:00:00:00:00')"), 'bitmap': ('set[int]', 'BITMAP'),
    'cpuid_policy_list': ('dict[str, list[dict[str, int | str]]]', 'PAIRS'), 'string_list': ('list[str]', 'LIST'),
    'key_value_list': ('dict[str, str | None]', 'PAIRS'), 'hwcap': ('list[int]', 'HWCAP'),
    'ms_vm_genid': ('bytes', 'GENID'),
}
NUMBERS = {'int': None, 'devid': None, 'u8': 8, 'u16': 16, 'u32': 32, 'domid': 32, 'u64': 64, 'memkb': 64}


def camel(name):
    return ''.join(word[:1].upper() + word[1:] for word in name.split('_'))


# --- types.py

def number_default(out, field):
    """A Python expression; names are constants of libxl.h, of which the compiler knows the value."""
    value = gen.default_of(out, field)
    name = re.fullmatch(r'LIBXL_\w+', value)
    if name:
        return 'lib.' + value
    bits = NUMBERS[field.type]
    return str(int(value) % (1 << bits) if bits else int(value))


def enum_codec(out, field):
    enum, cls = out.enums[field.type], camel(field.type)
    default = next((v for v, n in enum.values if (v == enum.default if enum.default else n == 0)), None)
    if default is None:
        return cls + ' | None', 'enum(%s, None)' % cls
    return cls, 'enum(%s, %s.%s)' % (cls, cls, default.upper())


def codec_of(out, field):
    """(annotation, codec) of one value of the field's type."""
    if field.type in LEAVES:
        return LEAVES[field.type]
    if field.type in NUMBERS:
        return 'int', 'plain(%s)' % number_default(out, field)
    if field.type in out.enums:
        return enum_codec(out, field)
    return camel(field.type), 'record(%s)' % camel(field.type)


def class_lines(out, name, title, fields, above, tail=()):
    """The classes of groups and arms first, which go to above, then the one of these fields."""
    lines = ['@dataclass(kw_only=True)', 'class %s(Record):' % name, '    """%s"""' % title] + list(tail)
    for f in fields:
        if f.kind == 'private':
            continue
        if f.kind == 'group':
            inner = name + camel(f.name)
            class_lines(out, inner, '%s of %s.' % (f.name, name), f.fields, above)
            lines.append('    %s: %s = slot(record(%s))' % (f.name, inner, inner))
        elif f.kind == 'switch':
            lines += switch_lines(out, name, f, above)
        else:
            note, codec = codec_of(out, f)
            if f.count:
                note, codec = 'list[%s]' % note, 'array(%s)' % codec
            lines.append('    %s: %s = slot(%s)' % (f.name, note, codec))
    above.append('\n'.join(lines) + '\n\n')


def switch_lines(out, name, f, above):
    arms = [(c.name, name + camel(c.name)) for c in f.fields]
    for case, (_, cls) in zip(f.fields, arms):
        class_lines(out, cls, '%s where %s is %s.' % (name, f.name, case.name.upper()), case.fields, above)
    note, codec = enum_codec(out, f)
    keys = ', '.join('%s.%s: %s' % (camel(f.type), arm.upper(), cls) for arm, cls in arms)
    return ['    %s: %s = slot(%s, switch=True)' % (f.name, note, codec),
            '    %s: %s | None = slot(arms(%r, {%s}))' % (
                f.union, ' | '.join(cls for _, cls in arms), f.name, keys)]


def gen_types(out):
    out(BANNER % 'libxl/light/idl/types.idl')
    out('"""The types of libxl. Each has its name in camel case; a struct is a dataclass, a union is the one of its')
    out('arms that its key chooses, or None. A string or a yes-or-no that was not said is None."""')
    out('from __future__ import annotations\n')
    out('from dataclasses import dataclass\nfrom enum import IntEnum\nfrom uuid import UUID\n')
    out('from ._libxl import lib')
    out('from ._record import (BITMAP, DEFBOOL, GENID, HWCAP, LIST, PAIRS, UUIDS, Record, arms, array, enum, plain,')
    out('                      record, slot)\n\n')
    for d in out.decls:
        if isinstance(d, gen.Enum):
            out('class %s(IntEnum):\n    """libxl_%s"""' % (camel(d.name), d.name))
            for value, number in d.values:
                out('    %s = %d' % (value.upper(), number))
            out('\n')
            continue
        classes = []
        class_lines(out, camel(d.name), 'libxl_%s' % d.name, d.fields, classes, ['    LIBXL = %r' % d.name])
        for text in classes:
            out(text)
    out('__all__ = [')
    for name in re.findall(r'(?m)^class (\w+)', '\n'.join(out.lines)):
        out('    %r,' % name)
    out(']')


# --- libxl.cdef

def sources():
    for name in sorted(os.listdir(SOURCE)):
        if name.endswith('.py'):
            with open(os.path.join(SOURCE, name)) as f:
                yield f.read()


def prototypes(header):
    """Name and text of each function that a header declares."""
    text = re.sub(r'/\*.*?\*/', ' ', header, flags=re.S)
    text = re.sub(r'(?m)^#.*(?:\\\n.*)*$', '', text)
    for m in re.finditer(r'(?:^|(?<=[;}]))\s*((?:const )?\w[\w ]*?[ *]+?(libxl_\w+)\(([^(){}]*)\));', text):
        yield m[2], ' '.join(m[1].split())


def gen_cdef(out):
    wanted = set()
    for text in sources():
        wanted.update(re.findall(r'\blib\.(libxl_\w+)', text))
    for d in out.decls:
        out('typedef %s libxl_%s;' % ('int...' if isinstance(d, gen.Enum) else 'struct { ...; }', d.name))
    for s in out.structs.values():
        wanted.update('libxl_%s_%s' % (s.name, f) for f in ('init', 'to_json', 'from_json'))
        if not s.plain:
            wanted.add('libxl_%s_dispose' % s.name)
    with open(os.path.join(SOURCE, 'libxl.cdef')) as f:
        out(f.read())
    known = {}
    types = gen.Output(out.decls)
    gen.gen_header(types)
    for name in ('libxl.h', 'libxl_event.h', 'libxl_utils.h'):
        with open(os.path.join(LIBXL, 'include', name)) as f:
            known.update(prototypes(f.read()))
    known.update(prototypes('\n'.join(types.lines)))
    for name in sorted(wanted):
        if name not in known:
            raise SystemExit('no header of libxl declares %s' % name)
        out(known[name] + ';')


# --- _context.py

BLOCKING = {'__aenter__': '__enter__', '__aexit__': '__exit__', '__aiter__': '__iter__', '__anext__': '__next__',
            'AsyncContext': 'Context', 'AsyncLoop': 'BlockingLoop',
            'AsyncEvents': 'Events', 'aclose': 'close', 'AsyncIterator': 'Iterator'}


def blocking(text):
    """The same program without async and await, other names in their places."""
    words = []
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for t in tokens:
        if t.type == tokenize.NAME and t.string in ('async', 'await'):
            words.append((t.start, t.end, None))
        elif t.type == tokenize.NAME and t.string in BLOCKING:
            words.append((t.start, t.end, BLOCKING[t.string]))
        elif t.type == tokenize.STRING:
            new = re.sub(r'\bawait (?=\w)|\basync (?=\w)', '', t.string)
            for old, name in BLOCKING.items():
                new = re.sub(r'\b%s\b' % old, name, new)
            if new != t.string:
                words.append((t.start, t.end, new))
    lines = text.splitlines(keepends=True)
    for (row, col), (end_row, end_col), new in reversed(words):
        last = lines[end_row - 1][end_col:]
        lines[row - 1:end_row] = [lines[row - 1][:col] + (last.lstrip(' ') if new is None else new + last)]
    return ''.join(lines)


def gen_blocking(out):
    with open(os.path.join(SOURCE, '_aio.py')) as f:
        f.readline()
        out(BANNER % 'src/xenolith/_aio.py' + blocking(f.read()))


def main(folder):
    """Everything into one folder."""
    decls = gen.parse(IDL)
    os.makedirs(folder, exist_ok=True)
    for name, write in (('types.py', gen_types), ('libxl.cdef', gen_cdef), ('_context.py', gen_blocking),
                        ('_libxl_types.h', gen.gen_header), ('_libxl_types_json.h', gen.gen_json)):
        out = gen.Output(decls)
        write(out)
        out.write(os.path.join(folder, name))


if __name__ == '__main__':
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
