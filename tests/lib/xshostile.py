#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""In Domain 0: clients of xenstored's socket that break the protocol. Prints ok when each was answered or cut off."""
import os
import socket
import struct

READ, WRITE, DIRECTORY, WATCH, START = 2, 11, 1, 4, 6


def message(kind, body, length=None, request=1, transaction=0):
    return struct.pack("<IIII", kind, request, transaction, len(body) if length is None else length) + body


BAD = {
    "half a header": b"\1\0\0\0\1",
    "a length of 4 gigabytes": message(READ, b"x", 0xffffffff),
    "a length over the limit": message(READ, b"x" * 4097),
    "less than it says": message(WRITE, b"/tool/a\0b", 4000),
    "an unknown type": message(0xdeadbeef, b"/\0"),
    "no end of the path": message(READ, b"/tool"),
    "a path of noise": message(READ, bytes(range(1, 256)) + b"\0"),
    "a path of slashes": message(READ, b"/" * 4000 + b"\0"),
    "an unknown transaction": message(READ, b"/tool\0", transaction=0x7fffffff),
    "no token": message(WATCH, b"/tool\0"),
    "nothing": message(DIRECTORY, b""),
    "noise": os.urandom(65536),
}


def talk(data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect("/run/xenstored/socket")
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
    except (BrokenPipeError, ConnectionResetError):
        pass			# cut off, which is an answer as well
    finally:
        s.close()


def main():
    for name, data in BAD.items():
        try:
            talk(data)
        except TimeoutError:
            print(f"neither answered nor cut off: {name}")
            return
    # Many at once, each with a transaction that it never ends.
    left = []
    for _ in range(50):
        s = socket.socket(socket.AF_UNIX)
        s.connect("/run/xenstored/socket")
        s.sendall(message(START, b"\0") * 3 + message(WATCH, b"/tool\0token\0"))
        left.append(s)
    for s in left:
        s.close()
    print("ok")


main()
