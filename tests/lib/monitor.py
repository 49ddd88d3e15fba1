# SPDX-License-Identifier: GPL-2.0-only
"""QEMU's machine protocol, for tests and benchmarks that look at a machine from outside."""
import json
import socket
import time

from machine import SLOW

CONNECT_SECONDS = 20


def options(path):
    """QEMU's command line for a monitor at this path."""
    return ["-qmp", f"unix:{path},server=on,wait=off"]


class Monitor:
    def __init__(self, path):
        end = time.monotonic() + CONNECT_SECONDS * SLOW
        while True:         # QEMU makes the socket a little after it was started
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                self.socket.close()
                time.sleep(0.01)
        self.answers = self.socket.makefile()
        self.answers.readline()
        self.call("qmp_capabilities")

    def call(self, command, **arguments):
        self.socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode())
        while True:         # events come in between
            answer = json.loads(self.answers.readline())
            assert "error" not in answer, answer
            if "return" in answer:
                return answer["return"]

    def human(self, line, cpu=None):
        """A command of the monitor for people, of one CPU if given; what it prints."""
        of_cpu = {} if cpu is None else {"cpu-index": cpu}
        return self.call("human-monitor-command", **{"command-line": line}, **of_cpu)
