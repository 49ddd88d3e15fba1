#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""grub_setup.py KERNEL RAMDISK DISK LOG: boots the stock kernel on the disk, which runs grub-setup there."""
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from machine import Machine, Timeout  # noqa: E402


def main():
    kernel, ramdisk, disk, log = sys.argv[1:5]
    cmdline = "console=ttyS0 quiet panic=-1 root=/dev/vda3 init=/usr/lib/xenolith-test/grub-setup"
    drive = ("-drive", f"file={disk},if=virtio,format=raw,cache=unsafe")
    try:
        with Machine(kernel, ramdisk, None, [], hv_args=cmdline, log=log, qemu_args=drive, kernel_only=True) as m:
            rc = m.expect(r"GRUB-SETUP exit=(\d+)", 300).group(1)
            assert rc == b"0", f"a step of grub-setup failed:\n{m.tail()}"
            m.expect(r"GRUB-SETUP done", 60)
            m.wait_exit()
    except (AssertionError, Timeout) as e:
        sys.exit(f"{e}")


if __name__ == "__main__":
    main()
