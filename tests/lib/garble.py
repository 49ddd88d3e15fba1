#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""garble.py OUT TINY VMLINUZ: damaged kernels, made from a micro-guest (ELF) and a stock bzImage."""
import os
import struct
import sys
import zlib

PT_LOAD, PT_NOTE = 1, 4


def patched(data, *patches):
    data = bytearray(data)
    for offset, fmt, value in patches:
        struct.pack_into(fmt, data, offset, value)
    return bytes(data)


def segments(elf, kind):
    """File offsets of the program headers of this type."""
    phoff, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    return [phoff + i * size for i in range(count) if struct.unpack_from("<I", elf, phoff + i * size)[0] == kind]


def elves(tiny):
    load = segments(tiny, PT_LOAD)[0]
    note = tiny.index(b"Xen\0") - 12	# its name size, descriptor size and type
    yield "empty", b""
    yield "one-byte", b"\x7f"
    yield "text", b"this is no kernel\n" * 300
    yield "elf-cut-in-header", tiny[:40]
    yield "elf-cut-in-table", tiny[:80]
    yield "elf-cut-in-half", tiny[:0x1800]
    yield "elf-32-bit", patched(tiny, (4, "<B", 1))
    yield "elf-of-arm", patched(tiny, (18, "<H", 183))
    yield "elf-headers-beyond-end", patched(tiny, (32, "<Q", 1 << 62))
    yield "elf-65535-headers", patched(tiny, (56, "<H", 0xffff))
    yield "elf-huge-segment", patched(tiny, (load + 40, "<Q", 1 << 45))
    yield "elf-segment-wraps", patched(tiny, (load + 40, "<Q", 0xfffffffffffff000))
    yield "elf-file-size-beyond-end", patched(tiny, (load + 32, "<Q", 1 << 40), (load + 40, "<Q", 1 << 40))
    yield "elf-file-over-memory-size", patched(tiny, (load + 40, "<Q", 1))
    yield "elf-offset-beyond-end", patched(tiny, (load + 8, "<Q", 1 << 63))
    yield "elf-entry-outside", patched(tiny, (24, "<Q", 0x1234), (tiny.index(struct.pack("<II", 8, 1), note - 4) + 12, "<Q", 0x1234))
    yield "no-xen-notes", tiny.replace(b"Xen\0", b"Xem\0")
    yield "note-of-4-gigabytes", patched(tiny, (note + 4, "<I", 0xfffffff0))
    yield "wrong-loader", tiny.replace(b"generic\0", b"chimera\0")
    yield "wrong-version", tiny.replace(b"xen-3.0\0", b"xen-9.9\0")
    yield "unknown-required-feature", tiny.replace(b"writable_page_tables\0", b"!auto_translated_phy\0")


def bzimages(vmlinuz):
    setup = (vmlinuz[0x1f1] or 4) * 512 + 512
    offset, length = struct.unpack_from("<II", vmlinuz, 0x248)
    payload = setup + offset
    start = vmlinuz[:payload + 4096]	# enough of it where only the head counts
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"".join([*(bomb.compress(bytes(1 << 20)) for _ in range(1024)), bomb.flush()]) + struct.pack("<I", 0)
    yield "bzimage-cut-in-setup", vmlinuz[:0x230]
    yield "bzimage-cut-in-half", vmlinuz[:len(vmlinuz) // 2]
    yield "bzimage-payload-of-4-gigabytes", patched(start, (0x24c, "<I", 0xffffffff))
    yield "bzimage-payload-beyond-end", patched(start, (0x248, "<I", 0xfffffff0))
    yield "bzimage-payload-empty", patched(start, (0x24c, "<I", 0))
    yield "bzimage-old-protocol", patched(start, (0x206, "<H", 0x204))
    yield "bzimage-damaged-payload", patched(vmlinuz, *((payload + length // 2 + i, "<B", 0x55) for i in range(64)))
    yield "bzimage-payload-cut", patched(vmlinuz, (0x24c, "<I", length // 2))
    yield "bzimage-unknown-compression", patched(start, *((payload + i, "<B", 0xee) for i in range(16)))
    yield "bzimage-bomb", patched(vmlinuz[:payload] + zeros, (0x24c, "<I", len(zeros)))


def main():
    out, tiny, vmlinuz = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    with open(tiny, "rb") as f, open(vmlinuz, "rb") as g:
        for name, data in (*elves(f.read()), *bzimages(g.read())):
            with open(os.path.join(out, name), "wb") as h:
                h.write(data)


main()
