#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""alternatives.py IMAGE: each record of code to be patched at boot names whole instructions of the entry code."""
import re
import struct
import subprocess
import sys

RECORD = struct.Struct("<iiHBB")
JUMP = 0xe9
OTHER_STACK = b"\x48\x8b\xa4\x24\x20\0\0\0"     # mov CI_entry_regs(%rsp), %rsp: the only code that takes a site's place
image = sys.argv[1]
with open(image, "rb") as f:
    data = f.read()
syms = {p[2]: int(p[0], 16) for p in (x.split() for x in subprocess.check_output(["nm", image], text=True).splitlines())
        if len(p) == 3}
# One segment: where it lies in the file and in memory.
phoff, = struct.unpack_from("<Q", data, 32)
offset, base = struct.unpack_from("<QQ", data, phoff + 8)


def at(va, n):
    return data[va - base + offset:va - base + offset + n]


code = subprocess.check_output(["objdump", "-d", "--no-show-raw-insn", image], text=True)
starts = {int(m, 16) for m in re.findall(r"^([0-9a-f]{16}):\t", code, re.M)}
guards = {a for n, a in syms.items() if n.endswith("_guard")}
seen = set()
va, end = syms["alternatives_start"], syms["alternatives_end"]
assert va < end and (end - va) % RECORD.size == 0, "no records, or not whole ones"
while va < end:
    site, with_, feature, length, with_len = RECORD.unpack(at(va, RECORD.size))
    site, with_ = va + site, va + 4 + with_
    where = f"record at {va:#x}, site {site:#x}"
    assert syms["text_start"] <= site < syms["text_end"], f"{where}: not in the text"
    assert site in starts and site + length in starts, f"{where}: not whole instructions"
    assert with_len <= length <= 32 and feature < 64, f"{where}: sizes {with_len}, {length}, feature {feature}"
    new = at(with_, with_len)
    if with_len and new[0] == JUMP:
        assert with_len == 5, f"{where}: a jump and more"
        target = with_ + 5 + struct.unpack("<i", new[1:])[0]
        assert target in guards, f"{where}: leads to {target:#x}"
        seen.add(target)
    elif with_len:
        assert new == OTHER_STACK and length == with_len, f"{where}: {length} bytes become {new.hex()}"
    else:
        assert at(site, 1) == b"\xe9" and length == 5, f"{where}: what goes away is no jump"
    va += RECORD.size
assert seen == guards, "a guard that nothing leads to"
print(f"{(end - syms['alternatives_start']) // RECORD.size} records, {len(guards)} guards")
