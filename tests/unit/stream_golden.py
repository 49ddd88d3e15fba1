#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The saved form of a small PV guest, byte by byte as the published specification of the stream (libxc-migration-stream,
format 3) and the public headers lay it out: the guest that test_guest_stream.c makes with 32 pages.

stream_golden.py OUT
"""
import struct
import sys

PAGES, HOLE, VCPUS = 32, 30, 2
P2M, L4, L3, L2, L1, GDT, START_INFO, STORE, CONSOLE = 10, 20, 21, 22, 23, 24, 25, 26, 27
(END, PAGE_DATA, PV_INFO, PV_P2M_FRAMES, VCPU_BASIC, VCPU_EXTENDED, VCPU_XSAVE, SHARED_INFO, TSC_INFO) = range(9)
VCPU_MSRS, STATIC_DATA_END, CPUID_POLICY, MSR_POLICY = 12, 16, 17, 18
# Types of pages, from bit 60 on: levels of page tables, pinned, and no page at all.
PINNED, XTAB = 8, 15
TYPES = {L4: 4 | PINNED, L3: 3, L2: 2, L1: 1, HOLE: XTAB}


def machine_frame(pfn):
    """Where the guest's pages lay when it was saved: seen in what the guest keeps for itself alone."""
    return 100 + PAGES - pfn


def record(kind, body):
    return struct.pack("<II", kind, len(body)) + body + bytes(-len(body) % 8)


def headers():
    """The image header is big-endian, whatever follows it."""
    yield struct.pack(">QIIHHI", 0xffffffffffffffff, 0x58454e46, 3, 0, 0, 0)
    yield struct.pack("<IHHII", 1, 12, 0, 4, 17)


def words(*pairs):
    page = bytearray(4096)
    for i, v in pairs:
        struct.pack_into("<Q", page, i * 8, v)
    return bytes(page)


def contents(pfn):
    """Page tables hold the guest's own frame numbers; the slots of the hypervisor are empty."""
    if pfn == P2M:
        own = [(i, machine_frame(i) if i != HOLE else 2 ** 64 - 1) for i in range(PAGES)]
        return words(*own, *((i, P2M * 1000 + i) for i in range(PAGES, 512)))
    if pfn == L4:
        return words((1, L3 << 12 | 7))
    if pfn == L3:
        return words((0, L2 << 12 | 7))
    if pfn == L2:
        return words((0, L1 << 12 | 7))
    if pfn == L1:
        return words((0, P2M << 12 | 7), (1, (P2M + 1) << 12 | 7), (2, (PAGES - 1) << 12 | 0x8000000000000005))
    if pfn == START_INFO:
        page = bytearray(4096)
        struct.pack_into("<Q", page, 56, STORE)
        struct.pack_into("<Q", page, 72, CONSOLE)
        return bytes(page)
    return words(*((i, pfn * 1000 + i) for i in range(512)))


def page_data():
    body = struct.pack("<II", PAGES, 0)
    body += b"".join(struct.pack("<Q", pfn | TYPES.get(pfn, 0) << 60) for pfn in range(PAGES))
    return body + b"".join(contents(pfn) for pfn in range(PAGES) if pfn != HOLE)


def shared_info():
    page = bytearray(4096)
    struct.pack_into("<Q", page, 64 + 16, 77)                       # the second vCPU's CR2
    struct.pack_into("<Q", page, 2048 + 3 * 8, 5)                   # pending events
    struct.pack_into("<Q", page, 3088, PAGES)                       # max_pfn
    struct.pack_into("<QQ", page, 3112, machine_frame(L4) << 12, 0x8000000000)
    return bytes(page)


def vcpu(number):
    """What is a frame number in it is the guest's: RDX of the first vCPU, the GDT's frames, CR3, and CR1, where bit 0
    says that there is one."""
    c = bytearray(5168)
    struct.pack_into("<Q", c, 520 + 96, START_INFO if number == 0 else machine_frame(START_INFO))
    struct.pack_into("<Q", c, 520 + 128, 0x1000 + number)
    struct.pack_into("<Q", c, 4832, GDT)
    struct.pack_into("<Q", c, 4960, 32)
    struct.pack_into("<QQQ", c, 4984 + 8, L4 << 12 | 1 if number == 0 else 0, 0, L4 << 12)
    head = struct.pack("<II", number, 0)
    yield record(VCPU_BASIC, head + c)
    yield record(VCPU_EXTENDED, head + struct.pack("<II", number, 64) + bytes(56))
    yield record(VCPU_XSAVE, head + bytes([0x40 + number]) * 576)
    yield record(VCPU_MSRS, head + bytes(16))


def stream():
    yield from headers()
    yield record(PV_INFO, struct.pack("<BBHI", 8, 4, 0, 0))
    yield record(CPUID_POLICY, bytes(24) + struct.pack("<6I", 7, 0, 0, 0, 0, 0))
    yield record(MSR_POLICY, struct.pack("<IIQ", 0xce, 0, 0))
    yield record(STATIC_DATA_END, b"")
    yield record(PV_P2M_FRAMES, struct.pack("<IIQ", 0, PAGES - 1, P2M))
    yield record(PAGE_DATA, page_data())
    yield record(TSC_INFO, struct.pack("<IIQII", 1, 1234, 5, 0, 0))
    yield record(SHARED_INFO, shared_info())
    for number in range(VCPUS):
        yield from vcpu(number)
    yield record(END, b"")


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as out:
        out.write(b"".join(stream()))
