#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands for QEMU as the device model of a PV guest: keeps what it is told, answers at its control sockets."""
import json
import os
import re
import socket
import sys
import threading

sys.path[:0] = [os.environ["HERE"], os.path.dirname(os.environ["HERE"])]
from guests import Store  # noqa: E402

ANSWERS = {
    "query-status": {"status": "running", "running": True, "singlestep": False},
    "query-vnc": {"enabled": True, "host": "127.0.0.1", "service": "5907", "family": "ipv4", "auth": "none", "clients": []},
    "query-chardev": [],
    "human-monitor-command": "a pretended QEMU\r\n",
}


def serve(listener, heard):
    while True:
        s = listener.accept()[0]
        s.sendall(b'{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}\r\n')
        s.sendall(b'{"timestamp": {"seconds": 1, "microseconds": 0}, "event": "RESUME"}\r\n')
        decoder, text = json.JSONDecoder(), ""
        while data := s.recv(4096):
            text = (text + data.decode()).lstrip()
            try:
                asked, end = decoder.raw_decode(text)
            except ValueError:
                continue
            text = text[end:]
            print(asked["execute"], json.dumps(asked.get("arguments", {})), file=heard, flush=True)
            answer = {"return": ANSWERS.get(asked["execute"], {})}
            if "id" in asked:
                answer["id"] = asked["id"]
            s.sendall(json.dumps(answer).encode() + b"\r\n")


def main():
    work, words = os.environ["WORK"], " ".join(sys.argv[1:])
    domid = re.search(r"-xen-domid (\d+)", words)[1]
    heard = open(f"{work}/model-heard", "w")
    for i, path in enumerate(re.findall(r"path=([^,]+)", words)):
        if os.path.exists(path):
            os.unlink(path)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        threading.Thread(target=serve, args=(listener, heard if not i else sys.stdout), daemon=True).start()
    with open(f"{work}/model-told", "w") as f:
        f.write(words.replace("/var/run/", "/run/").replace(f"-{domid},", "-DOMID,"))
    Store(os.environ["XENSTORED_PATH"]).write(f"/local/domain/0/device-model/{domid}/state", "running")
    threading.Event().wait()


main()
