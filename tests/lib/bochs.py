# SPDX-License-Identifier: GPL-2.0-only
"""Boots the hypervisor with a micro-guest as Domain 0 in Bochs, whose CPU keeps to the manual where QEMU's does not."""
import os
import subprocess
import tempfile
import time

SLOW = float(os.environ.get("XENOLITH_SLOW", "1"))
DEADLINE = 300 * SLOW
CPUS = 2
# The one CPU among our tests' whose TSC says of itself that it is invariant.
HV_ARGS = f"console=com1 com1=115200,8n1 dom0_mem=64M,max:64M dom0_max_vcpus={CPUS} loglvl=all guest_loglvl=all " \
          "clocksource=tsc"

CONFIG = """\
config_interface: textconfig
display_library: rfb, options="timeout=0"
megs: 256
cpu: model=corei7_skylake_x, count={cpus}, ips=50000000, reset_on_triple_fault=0
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
log: {log}
panic: action=fatal
error: action=report
info: action=ignore
debug: action=ignore
"""

GRUB = """\
set timeout=0
menuentry x {{
	multiboot /xenolith {args}
	module /guest.elf /guest.elf attack={attack}
}}
"""


def make_iso(where, hypervisor, guest, attack):
    root = where + "/iso"
    os.makedirs(root + "/boot/grub")
    for path, name in ((hypervisor, "xenolith"), (guest, "guest.elf")):
        with open(path, "rb") as src, open(f"{root}/{name}", "wb") as dst:
            dst.write(src.read())
    with open(root + "/boot/grub/grub.cfg", "w", encoding="ascii") as f:
        f.write(GRUB.format(args=HV_ARGS, attack=attack))
    subprocess.run(["grub-mkrescue", "-o", where + "/boot.iso", root], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return where + "/boot.iso"


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read().replace("\r", "")
    except OSError:
        return ""


def finished(log):
    return any(x in log for x in ("GUEST-RESULT", "Panic on CPU", "Domain 0 crashed"))


def run_bochs(hypervisor, guest, attack, limit=DEADLINE):
    """What it wrote to its serial line, and whether it had to be stopped before anything was decided."""
    with tempfile.TemporaryDirectory() as where:
        serial, config, commands = where + "/serial", where + "/bochsrc", where + "/commands"
        iso = make_iso(where, hypervisor, guest, attack)
        with open(config, "w", encoding="ascii") as f:
            f.write(CONFIG.format(cpus=CPUS, iso=iso, serial=serial, log=where + "/log"))
        with open(commands, "w", encoding="ascii") as f:
            f.write("c\n")
        env = dict(os.environ, LTDL_LIBRARY_PATH="/usr/lib/x86_64-linux-gnu/bochs/plugins")
        with subprocess.Popen(["bochs", "-q", "-f", config, "-rc", commands], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            end = time.monotonic() + limit
            while p.poll() is None and time.monotonic() < end and not finished(read(serial)):
                try:
                    p.wait(0.5)
                except subprocess.TimeoutExpired:
                    pass
            p.kill()
        log = read(serial)
        return log, not finished(log)
