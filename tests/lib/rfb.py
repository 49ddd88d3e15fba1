#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A client of a VNC server, as RFC 6143 has it: asks for the whole screen, prints its size and commonest pixel.

rfb.py PORT
"""
import collections
import socket
import struct
import sys

NO_SECURITY, RAW = 1, 0


def receive(s, n):
    data = bytearray()
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            raise SystemExit("the server closed the connection")
        data += part
    return bytes(data)


def shake_hands(s):
    """Returns the size of the screen."""
    receive(s, 12)
    s.sendall(b"RFB 003.008\n")
    kinds = receive(s, receive(s, 1)[0])
    if NO_SECURITY not in kinds:
        raise SystemExit(f"the server wants security of the kinds {list(kinds)}")
    s.sendall(bytes([NO_SECURITY]))
    if receive(s, 4) != bytes(4):
        raise SystemExit("the server refuses the client")
    s.sendall(b"\1")            # others may look on
    width, height = struct.unpack(">HH", receive(s, 4))
    receive(s, 16)              # its pixels; ours are asked for
    receive(s, struct.unpack(">I", receive(s, 4))[0])
    s.sendall(struct.pack(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0))
    s.sendall(struct.pack(">BxHi", 2, 1, RAW))
    return width, height


def screen(s, width, height):
    """Each pixel's 24 bits of colour, as they come."""
    s.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, width, height))
    left = width * height
    while left > 0:
        if receive(s, 1) != b"\0":
            raise SystemExit("something else than an update came")
        for _ in range(struct.unpack(">xH", receive(s, 3))[0]):
            _, _, w, h, encoding = struct.unpack(">HHHHi", receive(s, 12))
            if encoding != RAW:
                raise SystemExit(f"an update of encoding {encoding} came")
            for (pixel,) in struct.iter_unpack("<I", receive(s, w * h * 4)):
                yield pixel & 0xffffff
            left -= w * h


def main():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 60) as s:
        width, height = shake_hands(s)
        colours = collections.Counter(screen(s, width, height))
    pixel, n = colours.most_common(1)[0]
    print(f"{width}x{height} {pixel:06x} on {100 * n // (width * height)}%")


if __name__ == "__main__":
    main()
