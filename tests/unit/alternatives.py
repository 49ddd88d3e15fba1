#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""alternatives.py IMAGE: each record of code to be patched at boot names whole instructions of the entry code, and each
indirect branch of C code goes through a thunk that the image has a record of."""
import re
import struct
import subprocess
import sys

RECORD = struct.Struct("<iiHBB")
CALL, JUMP = 0xe8, 0xe9
OTHER_STACK = b"\x48\x8b\xa4\x24\x20\0\0\0"     # mov CI_entry_regs(%rsp), %rsp
LFENCE = b"\x0f\xae\xe8"
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
guards = {a for n, a in syms.items() if n.endswith(("_guard", "_by_thunk"))}
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
    if with_len and new[0] in (CALL, JUMP):
        assert with_len == 5, f"{where}: a jump and more"
        target = with_ + 5 + struct.unpack("<i", new[1:])[0]
        assert target in guards, f"{where}: leads to {target:#x}"
        seen.add(target)
    elif new.startswith(LFENCE):
        assert at(site, 1)[0] == CALL, f"{where}: not the start of a retpoline"
    elif with_len:
        assert new == OTHER_STACK and length == with_len, f"{where}: {length} bytes become {new.hex()}"
    else:
        assert at(site, 1) == b"\xe9" and length == 5, f"{where}: what goes away is no jump"
    va += RECORD.size
assert seen == guards, "a guard that nothing leads to"
print(f"{(end - syms['alternatives_start']) // RECORD.size} records, {len(guards)} guards")

thunks = {a: n for n, a in syms.items() if n.startswith("__x86_indirect_thunk_")}
order = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split()
assert all(a == syms["thunks_start"] + 32 * order.index(n.split("_")[-1]) for a, n in thunks.items()) and len(thunks) == 15
count, = struct.unpack("<I", at(syms["thunk_site_count"], 4))
table = {syms["image_start"] + x for x in struct.unpack(f"<{count}I", at(syms["thunk_sites"], 4 * count))}
to_thunk, indirect, where = set(), set(), None
for line in code.splitlines():
    label = re.match(r"^([0-9a-f]{16}) <(.*)>:", line)
    if label and int(label[1], 16) >= syms["alternatives_start"]:
        break
    where = label[2] if label else where
    m = re.match(r"^([0-9a-f]{16}):\t(?:bnd )?(\w+) +(\*?)([0-9a-f]*)", line)
    if not m or not re.match(r"call|j", m[2]):
        continue
    if m[3]:
        indirect.add(where)
    elif int(m[4] or "0", 16) in thunks:
        va = int(m[1], 16)
        to_thunk.add(va + (2 if at(va, 1)[0] == 0x0f else 1))
assert to_thunk == table, f"not in the table: {[hex(x) for x in to_thunk ^ table]}"
# before there are guests; behind the last; patched
allowed = {"start64", "kexec_enter", "syscall_guarded", "hypercall_full_frame"}
assert indirect == allowed, f"branches that go through no thunk: {sorted(indirect ^ allowed)}"
print(f"{count} branches to {len(thunks)} thunks")
