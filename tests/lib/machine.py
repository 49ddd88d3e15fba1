# SPDX-License-Identifier: GPL-2.0-only
"""A machine in QEMU that boots a hypervisor and Domain 0, driven over its serial console. Without a
hypervisor the firmware boots the first disk.

Everything waits for an event with a deadline; nothing sleeps for a fixed time. When something does not come,
Timeout carries the tail of the serial log.
"""
import os
import re
import selectors
import shlex
import subprocess
import sys
import time

SLOW = float(os.environ.get("XENOLITH_SLOW", "1"))
# How much input the hypervisor keeps for Domain 0 before it drops some: 0 is as much as anybody sends.
INPUT_ROOM = int(os.environ.get("XENOLITH_INPUT_ROOM", "0"))
# An argument of QEMU's -icount (shift=1,sleep=on): the machine's time passes by its instructions, and limits of programs
# in it hold however busy the host is. Its CPUs take turns, not always fair ones (tests/matrix).
ICOUNT = os.environ.get("XENOLITH_ICOUNT", "")
PANIC = b"Panic on CPU"
PANIC_SECONDS = 2       # how long its registers and backtrace may take

# What Domain 0 knows when a step has failed: guests, ends of logs, tasks that hang in its kernel.
POST_MORTEM = ("xl list; for f in /var/log/xen/xl-*.log /var/log/xen/console/*.log; do echo \"== $f\"; tail -n 60 $f; done; "
               "for p in /proc/[0-9]*; do grep -q '^State:.D' $p/status && { echo \"== $(cat $p/comm) hangs\"; cat $p/stack; }; "
               "done")
# libvirt knows no model of AMD's without vme, which QEMU cannot emulate, and sep, which Xen takes from them.
FOR_LIBVIRT = {"cpu": "kvm64", "hv_args": "xpti=no"}
# What a step raises when things are not as it wants them.
UNMET = (AssertionError, ValueError, AttributeError, IndexError, KeyError, subprocess.CalledProcessError)


class Timeout(Exception):
    pass


class Serial:
    """What is typed to a process (by the file `stdin`) and what it answers (by the file `stdout`)."""
    def __init__(self, proc, stdin, stdout, log=None):
        self.proc = proc
        self.stdin = stdin
        self.stdout = stdout
        self.log_path = log
        self.log = open(log, "wb") if log else None
        self.buf = b""
        self.all = b""
        self.sel = selectors.DefaultSelector()
        self.sel.register(stdout, selectors.EVENT_READ)

    def tail(self, lines=40):
        return "\n".join(self.all.decode(errors="replace").splitlines()[-lines:])

    def _read(self, wait):
        if not self.sel.select(max(0, wait)):
            return True
        try:
            data = os.read(self.stdout.fileno(), 65536)
        except OSError:         # a terminal that nobody has open any more
            data = b""
        if not data:
            return False
        data = data.replace(b"\r", b"")
        self.buf += data
        self.all += data
        if self.log:
            self.log.write(data)
            self.log.flush()
        return True

    def _panicked(self, doing):
        """A hypervisor that panicked says nothing more: no use in waiting for the deadline."""
        if PANIC not in self.buf:
            return
        end = time.monotonic() + PANIC_SECONDS
        while time.monotonic() < end and self._read(end - time.monotonic()):
            pass
        raise Timeout(f"the hypervisor panicked while {doing}; the log ends:\n{self.tail()}")

    def expect(self, pattern, timeout):
        """Waits for a regular expression; returns the match. What was read before it is dropped."""
        rx = re.compile(pattern.encode(), re.M)
        end = time.monotonic() + timeout * SLOW
        while True:
            m = rx.search(self.buf)
            if m:
                self.buf = self.buf[m.end():]
                return m
            left = end - time.monotonic()
            if left <= 0:
                raise Timeout(f"no {pattern!r} within {timeout * SLOW:.0f} s; the log ends:\n{self.tail()}")
            if not self._read(left):
                raise Timeout(f"the machine stopped while waiting for {pattern!r}; the log ends:\n{self.tail()}")
            if not rx.search(self.buf):
                self._panicked(f"waiting for {pattern!r}")

    def send(self, text):
        self.stdin.write(text.encode())
        self.stdin.flush()

    def wait_exit(self, timeout=60):
        end = time.monotonic() + timeout * SLOW
        while self.proc.poll() is None:
            if time.monotonic() > end:
                raise Timeout(f"the machine did not stop; the log ends:\n{self.tail()}")
            self._read(0.5)
        return self.proc.returncode

    def close(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()
        if self.log:
            self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


class Machine(Serial):
    def __init__(self, hypervisor, kernel, ramdisk, disks, smp=2, mem=2048, dom0_mem=768, cpu="qemu64,+svm,+npt",
                 hv_args="", k_args="", log=None, qemu_args=(), kernel_only=False,
                 accel="tcg,thread=multi", guarded=False):
        """guarded: with mitigations of speculative execution at their defaults in hypervisor and Domain 0. They make
        QEMU's translator slow: a thunk in place of an indirect branch, and its return, cannot be chained."""
        self.seq = 0
        if not guarded and not kernel_only:
            hv_args += " spec-ctrl=no"
            k_args += " mitigations=off"
        if ICOUNT:
            accel = "tcg,thread=single"
            qemu_args = [*qemu_args, "-icount", ICOUNT]
        # A test that is killed takes its machine along.
        args = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", "-accel", accel,
                "-cpu", cpu, "-m", str(mem), "-smp", str(smp), "-display", "none", "-serial", "stdio", "-monitor", "none", "-no-reboot", "-nic", "none"]
        if kernel_only:
            args += ["-kernel", hypervisor, "-append", hv_args]
            if kernel:
                args += ["-initrd", kernel]
        elif hypervisor:
            args += ["-kernel", hypervisor,
                     "-initrd", f"{kernel} console=hvc0 panic=-1 quiet {k_args},{ramdisk}",
                     "-append", f"console=com1 com1=115200,8n1 dom0_mem={dom0_mem}M,max:{dom0_mem}M noreboot "
                                f"loglvl=info guest_loglvl=info {hv_args}"]
        for d in disks:
            args += ["-drive", f"file={d},if=virtio,format=raw,snapshot=on"]
        args += list(qemu_args)
        proc = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        super().__init__(proc, proc.stdin, proc.stdout, log)

    def boot(self, timeout=300):
        self.expect(r"DOM0-READY \S+\n", timeout)
        return self

    def _type(self, command):
        """Types a command into a file, each piece after the answer to the one before; what then runs it."""
        to = ">"
        while command:
            n = INPUT_ROOM
            while len(line := f"printf %s {shlex.quote(command[:n])} {to}/tmp/typed; echo \"@@\"\"P@\"\n") > INPUT_ROOM:
                n -= 1
            self.send(line)
            self.expect("@@P@", 60)
            command, to = command[n:], ">>"
        return ". /tmp/typed"

    def sh(self, command, timeout=120, check=True):
        """Runs a command in Domain 0's shell: (exit code, output without hypervisor lines)."""
        if INPUT_ROOM:
            command = self._type(command)
        self.seq += 1
        mark = f"@@{self.seq}@@"
        self.buf = b""
        # The mark is sent split, so that an echo of the line is not taken for the answer. In a shell of its own, for
        # the end of the shell that reads these lines is the end of the machine.
        self.send(f"echo \"@@\"\"S{self.seq}@\"; ( {command}\n) </dev/null 2>&1; r=$?; echo; echo \"@@\"\"{self.seq}@@$r;\"\n")
        rx = re.compile(re.escape(mark).encode() + rb"(\d+);")
        start = time.monotonic()
        end = start + timeout * SLOW
        while not rx.search(self.buf):
            left = end - time.monotonic()
            if left <= 0 or not self._read(left):
                raise Timeout(f"Domain 0 did not finish: {command}\nthe log ends:\n{self.tail()}")
            self._panicked(f"running: {command}")
        m = rx.search(self.buf)
        text = self.buf[:m.start()].decode(errors="replace").split(f"@@S{self.seq}@\n", 1)[-1]
        self.buf = self.buf[m.end():]
        text = "\n".join(x for x in text.splitlines() if not x.startswith("(XEN)")).strip("\n")
        rc = int(m.group(1))
        if self.log:
            self.log.write(f"\n@@ {time.monotonic() - start:.1f} s, exit {rc}: {command[:200]}\n".encode())
        if check and rc != 0:
            raise AssertionError(f"exit {rc} from: {command}\n{text}")
        return rc, text

    def post_mortem(self):
        """Into the serial log, whose end is shown after a failure."""
        try:
            self.sh(POST_MORTEM, 60, False)
        except Timeout:
            pass

    def power_off(self, timeout=120):
        """By Domain 0, at once; waits until QEMU has ended."""
        self.send("sync; echo o >/proc/sysrq-trigger\n")
        self.wait_exit(timeout)


def emulators_fault(text):
    """What to say of an oops whose flags no CPU can have, or nothing. QEMU (7.2 at least) takes the flags that
    CMPXCHG16B leaves alone from what an instruction shortly before it computed with, if an interrupt returned between the
    two: then TF, DF, NT, IOPL and reserved bits come out of a pointer, and stay when another interrupt follows at once. A
    kernel that goes on with DF clears memory backwards. It happens without a hypervisor, too: 8 times in 5 million rounds
    of a program that looks, at a thousand signals a second."""
    for flags in re.findall(r"EFLAGS: ([0-9a-f]{8,16})\b", text):
        if int(flags, 16) & ~0x3f7fd7:
            return f"EFLAGS {flags} is no CPU's: QEMU's CMPXCHG16B took it from a pointer (emulators_fault in machine.py)"
    return ""


def run_steps(m, subject, steps, recover=None, lines=80):
    """Calls each (text, function) with the subject and prints a line for it; how many failed. The first failure ends
    it, unless recover(subject) makes the next step possible; nothing follows where the machine no longer answers."""
    failed = 0
    for text, fn in steps:
        start = time.monotonic()
        try:
            fn(subject)
            print(f"ok {text} ({time.monotonic() - start:.0f} s)", flush=True)
            continue
        except UNMET as e:
            m.post_mortem()
            what, go_on = f"{type(e).__name__} {e}", recover
        except Timeout as e:
            what, go_on = e, None
        failed += 1
        hint = emulators_fault(m.all.decode(errors="replace"))
        print(f"FAILED {text}: {what}\n--- the end of the serial log ({m.log_path}):\n{m.tail(lines)}\n{hint}", flush=True)
        if not go_on:
            break
        go_on(subject)
    return failed


def main_for_libvirt(kind, steps):
    """HYPERVISOR KERNEL RAMDISK LOG DISK... -- [STEP...]: a machine that libvirt may run on goes through the steps of this
    kind of Story: all, or the first and those whose functions are named."""
    split = sys.argv.index("--")
    hypervisor, kernel, ramdisk, log, *disks = sys.argv[1:split]
    only = sys.argv[split + 1:]
    steps = [s for i, s in enumerate(steps) if not only or i == 0 or s[1].__name__ in only]
    start = time.monotonic()
    with Machine(hypervisor, kernel, ramdisk, disks, mem=3072, dom0_mem=1024, log=log, **FOR_LIBVIRT) as m:
        if run_steps(m, kind(m), steps, kind.recover):
            sys.exit(1)
        m.power_off()
    print(f"all steps took {time.monotonic() - start:.0f} s")
