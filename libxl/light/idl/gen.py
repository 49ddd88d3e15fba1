#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only
"""Turn idl/types.idl into C.

gen.py types.idl header FILE   _libxl_types.h
gen.py types.idl json FILE     _libxl_types_json.h
gen.py types.idl tables FILE   descriptor tables and the public functions on top of them
gen.py types.idl abi FILE      a program that prints every size, offset and number (tests)
gen.py types.idl list FILE     an array of all descriptors (tests)

bindings/python/generate.py reads the IDL with the same parser.
"""
import re
import sys

# IDL name: (C type, descriptor kind)
LEAVES = {
    'string': ('char *', 'STRING'), 'bool': ('bool', 'BOOL'), 'int': ('int', 'INT'),
    'u8': ('uint8_t', 'U8'), 'u16': ('uint16_t', 'U16'), 'u32': ('uint32_t', 'U32'),
    'u64': ('uint64_t', 'U64'), 'memkb': ('uint64_t', 'U64'), 'domid': ('libxl_domid', 'U32'),
    'devid': ('libxl_devid', 'INT'), 'defbool': ('libxl_defbool', 'DEFBOOL'),
    'uuid': ('libxl_uuid', 'UUID'), 'mac': ('libxl_mac', 'MAC'), 'bitmap': ('libxl_bitmap', 'BITMAP'),
    'cpuid_policy_list': ('libxl_cpuid_policy_list', 'CPUID'),
    'string_list': ('libxl_string_list', 'STRINGS'),
    'key_value_list': ('libxl_key_value_list', 'PAIRS'), 'hwcap': ('libxl_hwcap', 'HWCAP'),
    'ms_vm_genid': ('libxl_ms_vm_genid', 'GENID'),
}
DEFAULTS = {'memkb': 'LIBXL_MEMKB_DEFAULT', 'devid': '-1'}


class Enum:
    def __init__(self, name, opts):
        self.name, self.prefix = name, opts.get('prefix', 'LIBXL_' + name.upper())
        self.default, self.values = opts.get('default'), []

    def const(self, value):
        return '%s_%s' % (self.prefix, value.upper())


class Field:
    def __init__(self, kind, **attrs):
        self.kind, self.count, self.default, self.moved = kind, None, None, None
        self.__dict__.update(attrs)


class Struct:
    def __init__(self, name, plain):
        self.name, self.plain, self.fields = name, plain, []

    def switch(self):
        return next((f for f in self.fields if f.kind == 'switch'), None)


def options(words):
    return dict(w.split('=', 1) for w in words if '=' in w)


def parse_field(line):
    m = re.fullmatch(r'private (\w+) (\w+)', line)
    if m:
        return Field('private', type=m[1], name=m[2])
    m = re.fullmatch(r'group (\w+)', line)
    if m:
        return Field('group', name=m[1], fields=[])
    m = re.fullmatch(r'switch (\w+) (\w+) in (\w+)', line)
    if m:
        return Field('switch', type=m[1], name=m[2], union=m[3], fields=[])
    m = re.fullmatch(r'case (\w+)', line)
    if m:
        return Field('case', name=m[1], fields=[])
    m = re.fullmatch(r'(\w+) (\w+)(?:\[(\w+)\])?(?: = (\S+))?(?: moved (\w+))?', line)
    if not m:
        raise SystemExit('types.idl: cannot read %r' % line)
    return Field('field', type=m[1], name=m[2], count=m[3], default=m[4], moved=m[5])


def parse(path):
    decls, stack = [], []
    with open(path) as f:
        for raw in f:
            line = raw.rstrip()
            if not line or line.startswith('#'):
                continue
            depth = len(line) - len(line.lstrip('\t'))
            words = line.split()
            if depth == 0:
                if words[0] == 'enum':
                    decls.append(Enum(words[1], options(words[2:])))
                else:
                    decls.append(Struct(words[1], 'plain' in words))
                stack = [decls[-1]]
            elif isinstance(decls[-1], Enum):
                decls[-1].values.append((words[0], int(words[1])))
            else:
                field = parse_field(line.strip())
                del stack[depth:]
                stack[-1].fields.append(field)
                stack.append(field)
    return decls


class Output:
    def __init__(self, decls):
        self.decls, self.lines = decls, []
        self.enums = {d.name: d for d in decls if isinstance(d, Enum)}
        self.structs = {d.name: d for d in decls if isinstance(d, Struct)}

    def __call__(self, text=''):
        self.lines.append(text)

    def write(self, path):
        with open(path, 'w') as f:
            f.write('\n'.join(self.lines) + '\n')

    def ctype(self, name):
        return LEAVES[name][0] if name in LEAVES else 'libxl_' + name

    def decl(self, ctype, name):
        return '%s%s%s' % (ctype, '' if ctype.endswith('*') else ' ', name)

    def key_function(self, s):
        """The init_KEY function exists only for a switch; named after its key."""
        sw = s.switch()
        return sw and ('libxl_%s_init_%s' % (s.name, sw.name), sw)


BANNER = '/* SPDX-License-Identifier: LGPL-2.1-only */\n/* Written by idl/gen.py from idl/types.idl; change those. */'


def header_fields(out, fields, depth):
    tab = '\t' * depth
    for f in fields:
        if f.kind == 'private':
            out(tab + ('const char *%s;' % f.name if f.type == 'const_char_ptr'
                       else '%s %s;' % (f.type, f.name)))
        elif f.kind in ('group', 'case'):
            out(tab + 'struct {')
            header_fields(out, f.fields, depth + 1)
            out(tab + '} %s;' % f.name)
        elif f.kind == 'switch':
            out(tab + 'libxl_%s %s;' % (f.type, f.name))
            out(tab + 'union {')
            header_fields(out, f.fields, depth + 1)
            out(tab + '} %s;' % f.union)
        elif f.count:
            out(tab + 'int %s;' % f.count)
            out(tab + '%s *%s;' % (out.ctype(f.type), f.name))
        else:
            out(tab + out.decl(out.ctype(f.type), f.name) + ';')


def gen_header(out):
    out(BANNER)
    out('#ifndef __LIBXL_TYPES_H\n#define __LIBXL_TYPES_H\n')
    for d in out.decls:
        n = d.name
        if isinstance(d, Enum):
            out('typedef enum libxl_%s {' % n)
            for value, number in d.values:
                out('\t%s = %d,' % (d.const(value), number))
            out('} libxl_%s;' % n)
            out('char *libxl_%s_to_json(libxl_ctx *ctx, libxl_%s p);' % (n, n))
            out('int libxl_%s_from_json(libxl_ctx *ctx, libxl_%s *p, const char *s);' % (n, n))
            out('const char *libxl_%s_to_string(libxl_%s p);' % (n, n))
            out('int libxl_%s_from_string(const char *s, libxl_%s *e);' % (n, n))
            out('extern libxl_enum_string_table libxl_%s_string_table[];\n' % n)
            continue
        out('typedef struct libxl_%s {' % n)
        header_fields(out, d.fields, 1)
        out('} libxl_%s;' % n)
        if not d.plain:
            out('void libxl_%s_dispose(libxl_%s *p);' % (n, n))
        if any_moved(d.fields):
            out('int libxl__%s_copy_deprecated(libxl_ctx *ctx, libxl_%s *p);' % (n, n))
        out('void libxl_%s_copy(libxl_ctx *ctx, libxl_%s *dst, const libxl_%s *src);' % (n, n, n))
        out('void libxl_%s_init(libxl_%s *p);' % (n, n))
        key = out.key_function(d)
        if key:
            out('void %s(libxl_%s *p, libxl_%s %s);' % (key[0], n, key[1].type, key[1].name))
        out('char *libxl_%s_to_json(libxl_ctx *ctx, libxl_%s *p);' % (n, n))
        out('int libxl_%s_from_json(libxl_ctx *ctx, libxl_%s *p, const char *s);\n' % (n, n))
    out('#endif')


def gen_json(out):
    out(BANNER)
    out('#ifndef __LIBXL_TYPES_JSON_H\n#define __LIBXL_TYPES_JSON_H\n')
    for d in out.decls:
        out('yajl_gen_status libxl_%s_gen_json(yajl_gen hand, libxl_%s *p);' % (d.name, d.name))
    out('\n#endif')


def any_moved(fields):
    return any(f.moved or (hasattr(f, 'fields') and any_moved(f.fields)) for f in fields)


def default_of(out, f):
    if f.default:
        return f.default
    if f.type in DEFAULTS:
        return DEFAULTS[f.type]
    if f.type in out.enums:
        e = out.enums[f.type]
        return e.const(e.default) if e.default else '0'
    return '0'


def kind_of(out, type_name):
    if type_name in LEAVES:
        return LEAVES[type_name][1], 'NULL'
    if type_name in out.enums:
        return 'ENUM', 'libxl_%s_string_table' % type_name
    return 'STRUCT', '&xl_type_%s' % type_name


def table_fields(out, s, path, fields, label):
    """Emit what the fields need first, then one descriptor row for each."""
    rows = []
    for f in fields:
        where = 'offsetof(libxl_%s, %s)' % (s.name, path + f.name)
        if f.kind == 'private':
            continue
        if f.kind == 'group':
            inner = table_fields(out, s, path + f.name + '.', f.fields, label + '_' + f.name)
            rows.append('{ .name = "%s", .kind = XL_GROUP, .sub = &%s }' % (f.name, inner))
        elif f.kind == 'switch':
            cases = []
            for c in f.fields:
                inner = table_fields(out, s, '%s%s.%s.' % (path, f.union, c.name), c.fields,
                                     '%s_%s' % (label, c.name))
                cases.append('\t{ %s, &%s },' % (out.enums[f.type].const(c.name), inner))
            out('static const struct xl_case %s_cases[] = {' % label)
            for c in cases:
                out(c)
            out('\t{ 0, NULL },\n};')
            out('static const struct xl_switch %s_switch = {' % label)
            out('\t.values = libxl_%s_string_table, .cases = %s_cases,' % (f.type, label))
            out('\t.offset = offsetof(libxl_%s, %s), .size = sizeof(((libxl_%s *)0)->%s),\n};'
                % (s.name, path + f.union, s.name, path + f.union))
            rows.append('{ .name = "%s", .kind = XL_SWITCH, .offset = %s, .sub = &%s_switch,\n'
                        '\t  .initial = (uint64_t)%s }' % (f.name, where, label, default_of(out, f)))
        else:
            kind, sub = kind_of(out, f.type)
            extra = ''
            if f.count:
                extra = ',\n\t  .array = true, .count = offsetof(libxl_%s, %s), .size = sizeof(%s)' % (
                    s.name, path + f.count, out.ctype(f.type))
            initial = default_of(out, f)
            if initial != '0':
                extra += ',\n\t  .initial = (uint64_t)%s' % initial
            rows.append('{ .name = "%s", .kind = XL_%s, .offset = %s, .sub = %s%s }'
                        % (f.name, kind, where, sub, extra))
    out('static const struct xl_field %s_fields[] = {' % label)
    for r in rows:
        out('\t%s,' % r)
    out('\t{ .name = NULL },\n};')
    static = '' if label == 'xl_type_' + s.name else 'static '
    out('%sconst struct xl_type %s = {\n\t.name = "libxl_%s", .size = sizeof(libxl_%s), .fields = %s_fields,\n};\n'
        % (static, label, s.name, s.name, label))
    return label


def moved_moves(fields, path):
    for f in fields:
        if f.kind == 'switch':
            for c in f.fields:
                yield from moved_moves(c.fields, '%s%s.%s.' % (path, f.union, c.name))
        elif f.moved:
            yield path, f


def gen_struct_functions(out, d):
    n, t = d.name, '&xl_type_%s' % d.name
    out('void libxl_%s_init(libxl_%s *p)\n{\n\txl_type_init(%s, p);\n}\n' % (n, n, t))
    if not d.plain:
        out('void libxl_%s_dispose(libxl_%s *p)\n{\n\txl_type_dispose(%s, p);\n}\n' % (n, n, t))
    out('void libxl_%s_copy(libxl_ctx *ctx, libxl_%s *dst, const libxl_%s *src)\n{\n'
        '\txl_type_copy(ctx, %s, dst, src);\n}\n' % (n, n, n, t))
    out('char *libxl_%s_to_json(libxl_ctx *ctx, libxl_%s *p)\n{\n'
        '\treturn xl_type_to_json(ctx, %s, p);\n}\n' % (n, n, t))
    out('int libxl_%s_from_json(libxl_ctx *ctx, libxl_%s *p, const char *s)\n{\n'
        '\treturn xl_type_from_json(ctx, %s, p, s);\n}\n' % (n, n, t))
    out('yajl_gen_status libxl_%s_gen_json(yajl_gen hand, libxl_%s *p)\n{\n'
        '\treturn xl_type_gen(hand, %s, p);\n}\n' % (n, n, t))
    key = out.key_function(d)
    if key:
        out('void %s(libxl_%s *p, libxl_%s %s)\n{\n\txl_type_init_switch(%s, p, %s);\n}\n'
            % (key[0], n, key[1].type, key[1].name, t, key[1].name))
    if any_moved(d.fields):
        gen_moves(out, d)


def gen_moves(out, d):
    n = d.name
    out('static const struct xl_move %s_moves[] = {' % n)
    sw = d.switch()
    for path, f in moved_moves(d.fields, ''):
        arm = path.rstrip('.').split('.')[-1]
        kind, _ = kind_of(out, f.type)
        out('\t{ .key = %s, .name = "%s", .kind = XL_%s, .initial = (uint64_t)%s,\n'
            '\t  .from = offsetof(libxl_%s, %s), .to = offsetof(libxl_%s, %s) },'
            % (out.enums[sw.type].const(arm), path + f.name, kind, default_of(out, f),
               n, path + f.name, n, f.moved))
    out('\t{ .name = NULL },\n};\n')
    out('int libxl__%s_copy_deprecated(libxl_ctx *ctx, libxl_%s *p)\n{\n'
        '\treturn xl_type_move(ctx, %s_moves, p->%s, p);\n}\n' % (n, n, n, sw.name))


def gen_tables(out):
    out(BANNER)
    out('#include <stddef.h>\n#include "typeinfo.h"\n')
    for e in out.enums.values():
        n = e.name
        out('libxl_enum_string_table libxl_%s_string_table[] = {' % n)
        for value, _ in e.values:
            out('\t{ .s = "%s", .v = %s },' % (value, e.const(value)))
        out('\t{ NULL, -1 },\n};\n')
        t = 'libxl_%s_string_table' % n
        out('const char *libxl_%s_to_string(libxl_%s p)\n{\n\treturn xl_enum_name(%s, p);\n}\n' % (n, n, t))
        out('int libxl_%s_from_string(const char *s, libxl_%s *e)\n{\n'
            '\tint v, rc = xl_enum_value(%s, s, &v);\n\n\tif (!rc)\n\t\t*e = v;\n\treturn rc;\n}\n' % (n, n, t))
        out('char *libxl_%s_to_json(libxl_ctx *ctx, libxl_%s p)\n{\n'
            '\treturn xl_enum_to_json(ctx, %s, p);\n}\n' % (n, n, t))
        out('int libxl_%s_from_json(libxl_ctx *ctx, libxl_%s *p, const char *s)\n{\n'
            '\tint v, rc = xl_enum_from_json(ctx, "libxl_%s", %s, &v, s);\n\n'
            '\tif (!rc)\n\t\t*p = v;\n\treturn rc;\n}\n' % (n, n, n, t))
        out('yajl_gen_status libxl_%s_gen_json(yajl_gen hand, libxl_%s *p)\n{\n'
            '\treturn xl_enum_gen(hand, %s, *p);\n}\n' % (n, n, t))
    for s in out.structs.values():
        out('extern const struct xl_type xl_type_%s;' % s.name)
    out()
    for s in out.structs.values():
        table_fields(out, s, '', s.fields, 'xl_type_' + s.name)
    for s in out.structs.values():
        gen_struct_functions(out, s)


def abi_fields(out, s, path, fields):
    for f in fields:
        if f.kind in ('group', 'case'):
            abi_fields(out, s, path + f.name + '.', f.fields)
            continue
        names = [f.count, f.name] if f.count else [f.name]
        for name in names:
            out('\tFIELD(libxl_%s, %s);' % (s.name, path + name))
        if f.kind == 'switch':
            abi_fields(out, s, path + f.union + '.', f.fields)


def gen_abi(out):
    out(BANNER)
    out('#include <stdio.h>\n#include <stddef.h>\n#include <libxl.h>\n')
    out('#define FIELD(t, f) printf("%s.%s %zu %zu\\n", #t, #f, offsetof(t, f), sizeof(((t *)0)->f))')
    out('#define SIZE(t) printf("%s %zu\\n", #t, sizeof(t))')
    out('#define VALUE(v) printf("%s %d\\n", #v, (int)v)\n')
    out('int main(void)\n{')
    for d in out.decls:
        out('\tSIZE(libxl_%s);' % d.name)
        if isinstance(d, Enum):
            for value, _ in d.values:
                out('\tVALUE(%s);' % d.const(value))
        else:
            abi_fields(out, d, '', d.fields)
    out('\treturn 0;\n}')


def gen_list(out):
    out(BANNER)
    out('#include <stddef.h>\n#include "typeinfo.h"\n')
    for s in out.structs.values():
        out('extern const struct xl_type xl_type_%s;' % s.name)
    out('extern const struct xl_type *const xl_all_types[];')
    out('const struct xl_type *const xl_all_types[] = {')
    for s in out.structs.values():
        out('\t&xl_type_%s,' % s.name)
    out('\tNULL,\n};')


def main():
    kinds = {'header': gen_header, 'json': gen_json, 'tables': gen_tables, 'abi': gen_abi, 'list': gen_list}
    if len(sys.argv) != 4 or sys.argv[2] not in kinds:
        raise SystemExit(__doc__)
    out = Output(parse(sys.argv[1]))
    kinds[sys.argv[2]](out)
    out.write(sys.argv[3])


if __name__ == '__main__':
    main()
