#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Boots of a micro-guest as Domain 0: options, consoles, panics, reboot and power-off."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
import monitor  # noqa: E402
from machine import SLOW, Machine, Timeout  # noqa: E402

HV, WORK = os.environ["HV"], os.environ["WORK"]
PROBE = WORK + "/probe"
DEFAULT = "console=com1 dom0_mem=64M noreboot loglvl=all guest_loglvl=all"
PROBE_LINE = r"BOOT-PROBE vcpus=(\d+) pages=(\d+) limit=(\d+)"
MIB = 256     # pages
CRASH_SECONDS = 5       # from the end of a crash's report to the restart


def boot(hv_args, then="poweroff", kernel=PROBE, qemu=(), mem=512, smp=1):
    module = f"{kernel} then={then}" if kernel else None
    return Machine(HV, module, None, [], smp=smp, mem=mem, cpu="qemu64", hv_args=hv_args, kernel_only=True,
                   accel="tcg", qemu_args=qemu)


def log_of(hv_args, **kw):
    """The serial log of a boot that ends by itself."""
    with boot(hv_args, **kw) as m:
        m.wait_exit(60)
        return m.all.decode(errors="replace")


def probe(hv_args, **kw):
    log = log_of(hv_args, **kw)
    found = re.search(PROBE_LINE, log)
    assert found, f"{hv_args}: no guest\n{log}"
    return [int(x) for x in found.groups()], log


def test_memory():
    """Sizes count from what is free, so the fractions have a little room."""
    for option, low, high, limit in (
            ("64M", 64, 64, None), ("65536", 64, 64, None), ("64M,max:96M", 64, 64, 96),
            ("min:80M,64M", 80, 80, None), ("max:48M", 48, 48, 48), ("min:128M,50%,max:1G", 200, 256, 1024),
            ("25%", 100, 128, None), ("25%+16M", 116, 144, None), ("-300M", 100, 212, None),
            ("64M,max:32M", 32, 32, 32)):
        (_, pages, most), log = probe(f"console=com1 dom0_mem={option}")
        assert low * MIB <= pages <= high * MIB, f"dom0_mem={option} gave {pages / MIB:.1f} MiB\n{log}"
        assert limit is None or most == limit * MIB, f"dom0_mem={option}: at most {most / MIB:.1f} MiB\n{log}"


def test_vcpus():
    for option, want in (("", 4), ("dom0_max_vcpus=3", 3), ("dom0_max_vcpus=1-2", 2), ("dom0_max_vcpus=6-8", 6),
                         ("dom0_max_vcpus=9", 9), ("maxcpus=2", 2), ("nosmp", 1)):
        (vcpus, _, _), log = probe(f"{DEFAULT} {option}", smp=4)
        assert vcpus == want, f"{option or 'no option'}: {vcpus} vCPUs instead of {want}\n{log}"


def test_words():
    """What is not understood is named, what changes nothing says so, and the boot goes on."""
    _, log = probe(f"{DEFAULT} cpufreq=dom0-kernel no-such-option another=1 sched=credit com1=38400,8n1 "
                   "loglvl=loud conring_size=64k 'vga=text-80x25' dom0_max_vcpus=many no-x2apic no-watchdog")
    for want in (r"'cpufreq' changes nothing: \w+", r"'conring_size' changes nothing: \w+", "'no-such-option' is unknown", "'another' is unknown",
                 "sched=credit: no such scheduler", "'loglvl' does not take the value 'loud'",
                 "'dom0_max_vcpus' does not take the value 'many'", r"Using scheduler: .*credit2"):
        assert re.search(want, log), f"no {want!r}\n{log}"
    assert "sched=" not in probe(f"{DEFAULT} sched=credit2")[1].split("Memory map", 1)[1]
    for silent in ("vga", "x2apic", "com1", "dom0_mem"):
        assert f"'{silent}'" not in log, f"a word about {silent}\n{log}"
    with open(os.path.dirname(os.path.abspath(__file__)) + "/../../hypervisor/core/cmdline.c", encoding="utf-8") as f:
        idle = re.findall(r'^\t{ "(\w+)", "(.+)" },$', f.read(), re.M)
    log = probe(f"{DEFAULT} placeholder " + " ".join(f"{name}=1" for name, _ in idle))[1]
    for name, why in idle:
        assert log.count(f"Option '{name}' changes nothing: {why}\n") == 1, f"{name}:\n{log}"
    assert len(idle) > 20 and "unknown" not in log and "placeholder" not in log.split("Command line", 1)[1].split("\n", 1)[1]


def test_clocks():
    """Each clock measures the same TSC; one that is not there, not fit or not known gives way to the next, aloud."""
    rates = {}
    for options, machine, clock, hz, said in (
            ("", (), "HPET", 100000000, None), ("clocksource=hpet", (), "HPET", 100000000, None),
            ("clocksource=acpi", (), "ACPI PM timer", 3579545, None),
            ("clocksource=pit", (), "PIT", 1193182, "The PIT wraps too soon to be followed"),
            ("", ("-machine", "hpet=off"), "ACPI PM timer", 3579545, None),
            ("clocksource=hpet", ("-machine", "hpet=off"), "ACPI PM timer", 3579545,
             "clocksource=hpet: this machine has none that counts, using the ACPI PM timer"),
            ("clocksource=tsc", (), "HPET", 100000000, "clocksource=tsc: the TSC of this CPU may change its rate"),
            ("clocksource=pti", (), "HPET", 100000000, "clocksource=pti: the clocks are hpet, acpi, pit and tsc")):
        log = probe(f"{DEFAULT} {options}", qemu=machine)[1]
        found = re.search(r"Clock: (.*) at (\d+) Hz, TSC (\d+\.\d+) MHz", log)
        assert found and found.group(1) == clock and int(found.group(2)) == hz, f"{options} {machine}:\n{log}"
        assert (said is None or said in log) and log.count("clocksource") == (said or "").count("clocksource") + \
            (2 if "pti" in options else 1 if options else 0), f"{options}:\n{log}"
        rates[options] = float(found.group(3))
    assert max(rates.values()) / min(rates.values()) < 1.03, rates


def test_levels():
    quiet, chatty = (log_of(f"console=com1 dom0_mem=64M {o}") for o in ("loglvl=none guest_loglvl=none", "loglvl=all"))
    assert "Using scheduler" not in quiet and "BOOT-PROBE" in quiet, quiet
    assert "Using scheduler" in chatty and len(chatty) > len(quiet), chatty
    assert "(XEN)" not in quiet and "Messages: loglvl=all/all" in chatty, quiet + chatty


MONITOR = WORK + "/monitor"


class Screen:
    """The text on the VGA screen, read through QEMU's monitor."""

    def __init__(self):
        self.qemu = monitor.Monitor(MONITOR)

    def text(self):
        self.qemu.call("pmemsave", val=0xb8000, size=4000, filename=WORK + "/screen")
        with open(WORK + "/screen", "rb") as f:
            cells = f.read()
        return "\n".join(cells[i:i + 160:2].decode("latin-1").rstrip() for i in range(0, 4000, 160))

    def expect(self, pattern, seconds):
        end = time.monotonic() + seconds * SLOW
        while not re.search(pattern, self.text()):
            if time.monotonic() > end:
                raise Timeout(f"no {pattern!r} on the screen:\n{self.text()}")
        return self.text()


def test_consoles():
    # A panic keeps the screen; a serial line that was not named stays silent, but for what QEMU's BIOS says.
    with boot("console=vga noreboot loglvl=all", kernel=None, qemu=monitor.options(MONITOR)) as m:
        text = Screen().expect(r"Halted, as noreboot asks", 60)
        assert "(XEN) Panic on CPU 0:" in text and "No kernel for Domain 0" in text, text
        assert b"XEN" not in m.all, m.all
    with boot(f"{DEFAULT} console=com1,vga vga=keep", then="spin", qemu=monitor.options(MONITOR)) as m:
        m.expect(PROBE_LINE, 60)
        text = Screen().expect(PROBE_LINE, 60)
        assert "(XEN)" in text, text
    # com2 with its port and speed given.
    with boot("console=com2 com2=115200,8n1,0x2f8,3 dom0_mem=64M", qemu=("-serial", f"file:{WORK}/com2")) as m:
        m.wait_exit(60)
        assert b"XEN" not in m.all, m.all
    with open(WORK + "/com2", errors="replace") as f:
        assert re.search(PROBE_LINE, f.read())


def keys(m, text):
    """Input to the hypervisor: three times Ctrl-A, and back."""
    m.send("\x01\x01\x01" + text)


def expect_panic(m, *wants):
    """Registers and who ran; then it stops, once."""
    m.expect(r"Panic on CPU", 60)
    m.expect(r"Halted, as noreboot asks", 60)
    log = m.all.decode(errors="replace")
    for want in (*wants, r"rip [0-9a-f]{4}:[0-9a-f]{16} rflags", r"cr0 [0-9a-f]{16} cr3 [0-9a-f]{16}",
                 r"Running: d0v0\n\(XEN\) CPU 0, guest"):
        assert re.search(want, log), f"no {want!r}\n{log}"
    assert log.count("Panic on CPU") == 1, log


def test_crash_key():
    """Without a crash kernel it is no crash, as with the original."""
    with boot(DEFAULT, then="spin") as m:
        m.expect(PROBE_LINE, 60)
        keys(m, "CC")
        for _ in range(2):
            m.expect(r"No crash kernel is loaded\n", 60)


class Button:
    """A machine whose Domain 0 waits for NMIs, which pulls that line of all CPUs."""

    def __init__(self, options):
        self.machine = boot(options, then="spin", smp=2, qemu=monitor.options(MONITOR))

    def __enter__(self):
        self.machine.expect(r"BOOT-PROBE callback 0\n", 60)
        self.qemu = monitor.Monitor(MONITOR)
        return self.machine, lambda: self.qemu.call("inject-nmi")

    def __exit__(self, *exc):
        self.machine.close()


def test_nmi():
    """One for all CPUs, of which QEMU's port B gives no reason: Domain 0's, nobody's, or the end."""
    for option in ("", "nmi=dom0"):
        with Button(f"{DEFAULT} {option}") as (m, press):
            for n in (1, 2):
                press()
                m.expect(rf"BOOT-PROBE NMI {n} reason=4\n", 60)
            assert m.all.count(b"(XEN) NMI: reason unknown\n") == 2, m.tail()
    with Button(f"{DEFAULT} nmi=ignore") as (m, press):
        press()
        m.expect(r"NMI: reason unknown\n", 60)
        try:                    # Domain 0 tells of one within milliseconds, and of none never
            m.expect(r"BOOT-PROBE NMI", 1)
        except Timeout:
            pass
        assert b"BOOT-PROBE NMI" not in m.all, m.tail()
    with Button(f"{DEFAULT} nmi=fatal") as (m, press):
        press()
        # The call trace has symbols too.
        expect_panic(m, r"Panic on CPU 0:\n\(XEN\) NMI of the machine", r"Call trace:(\n.*)*nmi_handle\+0x")


def test_ring():
    """What Domain 0 writes to its console is among the messages if that was asked for."""
    for option, has in (("", "nothing"), ("console_to_ring", "the text"), ("console_to_ring=off", "nothing"),
                        ("console_to_ring=maybe", "nothing")):
        log = log_of(f"{DEFAULT} {option}", then="ring")
        assert "BOOT-PROBE ring begins well\n" in log and f"BOOT-PROBE ring has {has}\n" in log, f"{option}:\n{log}"
        assert ("'console_to_ring' does not take the value 'maybe'" in log) == ("maybe" in option), log


def test_ends():
    again = ("-action", "reboot=reset")
    with boot("console=com1 dom0_mem=64M", then="reboot", qemu=again) as m:
        for _ in range(3):      # a machine that was reset by us boots again
            m.expect(PROBE_LINE, 60)
    with boot("console=com1 dom0_mem=64M", then="spin", qemu=again) as m:
        m.expect(PROBE_LINE, 60)
        keys(m, "R")
        m.expect(PROBE_LINE, 60)
    with boot("console=com1 dom0_mem=64M", then="crash", qemu=again) as m:
        m.expect(r"Domain 0 crashed(.*\n)*.*The machine restarts in 5 seconds", 60)
        m.expect(PROBE_LINE, 60)
    with boot(DEFAULT, then="crash", qemu=again) as m:
        m.expect(r"Domain 0 crashed(.*\n)*.*Halted, as noreboot asks", 60)
    log_of(DEFAULT, then="poweroff", qemu=again)
    # Not crashes: neither noreboot nor the wait after one is for them.
    for then, why in (("watchdog", r"watchdog 1, kick 0\n(.*\n)*BOOT-PROBE outlived\n\(XEN\) d0: watchdog not kicked in time.*\n.*"
                       "Domain 0's watchdog fired"), ("soft_reset", "Domain 0 asked for a soft reset")):
        with boot(f"{DEFAULT} guest_loglvl=none", then=then) as m:
            m.expect(why, 60)
            begun = time.monotonic()
            m.wait_exit(60)
            assert time.monotonic() - begun < CRASH_SECONDS, m.tail()


if __name__ == "__main__":
    bad = 0
    for name, fn in [(n, f) for n, f in globals().items() if n.startswith("test_")]:
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        try:
            fn()
            print(f"ok {name}", flush=True)
        except Exception as e:      # the next ones tell more
            bad += 1
            print(f"FAILED {name}: {type(e).__name__}: {e}", flush=True)
    sys.exit(bad != 0)
