#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A stock kernel taken apart and packed again.

bzimage.py BZIMAGE OUT    writes the ELF kernel that is packed in a bzImage
"""
import gzip
import lzma
import struct
import subprocess
import sys

# Offsets of the boot protocol (Linux Documentation/x86/boot.rst).
SETUP_SECTS, PAYLOAD_OFFSET, PAYLOAD_LENGTH = 0x1f1, 0x248, 0x24c


def filtered(*command):
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       check=True).stdout


PACKERS = {      # as Linux's build calls them, less their effort
    "gzip": lambda data: gzip.compress(data, 1),
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32, filters=[
        {"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 32 << 20}]),
    "zstd": filtered("zstd", "-3", "-c"),
    "lz4": filtered("lz4", "-l", "-1", "-c"),
}
UNPACKERS = {b"\xfd7zXZ": lzma.decompress, b"\x28\xb5\x2f\xfd": filtered("zstd", "-dc"), b"\x1f\x8b": gzip.decompress}


class BzImage:
    def __init__(self, data):
        self.data = data
        sects = data[SETUP_SECTS] or 4
        self.start = (sects + 1) * 512 + struct.unpack_from("<I", data, PAYLOAD_OFFSET)[0]
        self.length = struct.unpack_from("<I", data, PAYLOAD_LENGTH)[0]

    def vmlinux(self):
        payload = self.data[self.start:self.start + self.length]
        unpack = next(f for magic, f in UNPACKERS.items() if payload.startswith(magic))
        return unpack(payload if unpack is gzip.decompress else payload[:-4])

    def with_payload(self, payload):
        out = bytearray(self.data[:self.start] + payload)
        struct.pack_into("<I", out, PAYLOAD_LENGTH, len(payload))
        return bytes(out)

    def packed(self, form, vmlinux):
        payload = PACKERS[form](vmlinux)
        return self.with_payload(payload + (b"" if form == "gzip" else struct.pack("<I", len(vmlinux))))


def main():
    with open(sys.argv[1], "rb") as f:
        vmlinux = BzImage(f.read()).vmlinux()
    with open(sys.argv[2], "wb") as f:
        f.write(vmlinux)


if __name__ == "__main__":
    main()
