#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Forms of Domain 0's kernel: the stock one taken apart and packed again (kernel_forms.sh); arguments: only these."""
import gzip
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)) + "/../lib")
from bzimage import PACKERS, BzImage  # noqa: E402
from machine import Machine  # noqa: E402

HV, WORK, KERNEL = os.environ["HV"], os.environ["WORK"], os.environ["KERNEL"]


def machine(image, form):
    path = f"{WORK}/kernel"
    with open(path, "wb") as f:
        f.write(image)
    return Machine(HV, path, f"{WORK}/ird.gz", [], smp=1, mem=1024, dom0_mem=256, k_args=f"form={form}", accel="tcg")


def boots(image, form):
    with machine(image, form) as m:
        m.expect(rf"INIT-UP \S+ {form}\n", 120)
        m.wait_exit(60)


def refused(image, form, reason):
    """One panic with its reason and what to do, then rest."""
    with machine(image, form) as m:
        m.expect(r"Panic on CPU", 120)
        m.expect(r"Halted, as noreboot asks", 20)
        log = m.all.decode(errors="replace")
        assert log.count("Panic on CPU") == 1, log
        assert reason in log, f"no {reason!r}:\n{log}"
        assert "boot loader's first module must be" in log or "too small" in log, log


def overwritten(image, at):
    """64 KiB of ones. LZ4 has no checksum here: lengths must be hit, and the middle of the kernel is literal bytes."""
    out = bytearray(image)
    out[at:at + 0x10000] = b"\xff" * 0x10000
    return bytes(out)


def without_notes(vmlinux):
    """The name of every Xen note changed."""
    return vmlinux.replace(b"Xen\0", b"Nix\0")


def wanted(name):
    return name in sys.argv[1:] or len(sys.argv) == 1


def main():
    with open(KERNEL, "rb") as f:
        stock = f.read()
    bz = BzImage(stock)
    vmlinux = bz.vmlinux()
    forms = {form: bz.packed(form, vmlinux) for form in PACKERS}
    forms["elf"] = vmlinux
    forms["gzelf"] = gzip.compress(vmlinux, 1)
    forms["elfbz"] = bz.with_payload(vmlinux)
    for form, image in forms.items():
        if not wanted(form):
            continue
        boots(image, form)
        print(f"ok {form}, {len(image) >> 10} KiB", flush=True)
    huge = bytearray(stock)
    struct.pack_into("<I", huge, bz.start + bz.length - 4, 0xfffffff0)
    damaged = {
        "truncated": (stock[:len(stock) * 2 // 3], "payload lies outside the file"),
        "header": (overwritten(stock, bz.start), "payload is in no known compression format"),
        "huge": (bytes(huge), "no memory to unpack it to 4095 MiB"),
        "elfcut": (vmlinux[:len(vmlinux) // 2], "lies outside the image"),
        "nonotes": (without_notes(vmlinux), "it has no Xen notes"),
        "text": (b"This is no kernel.\n" * 200, "not an ELF64 image"),
    }
    for form in PACKERS:
        damaged["spoilt" + form] = overwritten(forms[form], bz.start + len(forms[form]) // 3), f"{form} payload: "
    for form, (image, reason) in damaged.items():
        if not wanted(form):
            continue
        refused(image, form, reason)
        print(f"ok {form} is refused: {reason}", flush=True)


if __name__ == "__main__":
    main()
