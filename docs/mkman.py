#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mkman.py HEADER...: the manual page (section 3) of a library from its public headers, in mdoc.

A header is its own documentation: the comment at its top describes the library, one above declarations describes
them up to the next blank line or comment. The page has the same in the same order, and nothing else.
"""
import os
import re
import sys

TOKEN = re.compile(r"/\*.*?\*/|#(?:\\\n|[^\n])*|\n[ \t]*\n|\"(?:\\.|[^\"\\])*\"|[{}();]|[^\s]", re.S)
HIDDEN = re.compile(r"#\s*(if|ifn?def|else|elif|endif|include|error|undef)\b")


def comment_text(token):
    lines = token[2:-2].split("\n")
    return " ".join(line.strip().lstrip("*").strip() for line in lines).strip()


def pieces(source):
    """("comment", text), ("gap", ""), ("code", text) in order."""
    depth = 0
    start = None
    for m in TOKEN.finditer(source):
        t = m.group()
        if depth == 0 and start is None:
            if t.startswith("/*"):
                yield "comment", comment_text(t)
                continue
            if t.startswith("#"):
                if not HIDDEN.match(t):
                    yield "code", t
                continue
            if t.startswith("\n"):
                yield "gap", ""
                continue
            start = m.start()
        if t in "{(":
            depth += 1
        elif t in "})":
            depth -= 1
        elif t == ";" and depth == 0:
            yield "code", source[start:m.end()]
            start = None


def groups(source):
    """(comment or "", [declarations]), not both empty."""
    comment, code = "", []
    for kind, text in pieces(source):
        if kind == "code":
            if re.match(r"struct \w+;$|#define \w+_H_*$", text):      # for the sake of what follows, of the header
                continue
            code.append(text)
            continue
        if code or (kind == "comment" and comment):
            yield comment, code
            comment, code = "", []
        if kind == "comment":
            comment = text
    if comment or code:
        yield comment, code


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def sentences(text):
    """A line each, so that the formatter spaces them."""
    return roff(re.sub(r"(?<=[\w)'\"]\.) +(?=\S)", "\n", text))


def page(headers):
    with open(headers[0], encoding="utf-8") as f:
        top = re.search(r"\*/\s*/\*(.*?)\*/", f.read(), re.S).group(1)
    paragraphs = [" ".join(line.strip().lstrip("*").strip() for line in p.split("\n")).strip()
                  for p in re.split(r"\n \*\n", top)]
    name, what = re.match(r"(\w+): (.*)", paragraphs[0], re.S).groups()
    short, _, rest = what.partition(". ")
    out = [f'.\\" Made by docs/mkman.py from {" ".join(os.path.basename(h) for h in headers)}: change those.',
            ".Dd November 22, 2026", f".Dt {name.upper()} 3", ".Os Xenolith", ".Sh NAME", f".Nm {name}",
            f".Nd {roff(short.rstrip('.'))}", ".Sh LIBRARY", f"{name} (\\-l{name[3:]})",
            ".Sh SYNOPSIS"]
    out += [f".In {os.path.basename(h)}" for h in headers]
    out += [".Sh DESCRIPTION"]
    for p in [rest] * bool(rest) + paragraphs[1:]:
        out += [sentences(p), ".Pp"]
    if out[-1] == ".Pp":
        out.pop()
    for h in headers:
        with open(h, encoding="utf-8") as f:
            source = f.read()
        body = source[source.index("*/", source.index("/*", 4)) + 2:]
        out.append(f".Ss {os.path.basename(h)}")
        for comment, code in groups(body):
            if not code:
                out += [sentences(comment), ".Pp"]
                continue
            out += [".Bd -literal -compact", roff("\n".join(code)).replace("\t", "        "), ".Ed"]
            if comment:
                out += [".Bd -ragged -offset indent -compact", sentences(comment), ".Ed"]
            out.append(".Pp")
        if out[-1] == ".Pp":
            out.pop()
    out += [".Sh SEE ALSO", ".Xr xl 1 ,", ".Xr xenolith 8"]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1:]))
