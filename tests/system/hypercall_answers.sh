#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Boots a stock kernel as Domain 0 with nothing but tests/abi/hypercall_sweep.c in it, and compares what each
# hypercall and sub-operation answers with tests/abi/hypercall_answers.txt.  "--record FILE" writes the answers;
# HV=FILE asks another hypervisor (a Multiboot ELF), for instance the original.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
kdir=$(kernel_fetch 6.1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O1 -w -static -o "$work/sweep" "$top/tests/abi/hypercall_sweep.c"
cat >"$work/init" <<'I'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
modprobe xen-privcmd
echo "DOM0-READY $(cut -d' ' -f1 /proc/uptime)"
/sweep
echo "SWEEP-DONE $?"
poweroff -f
I
initrd_make "$work/ird.gz" "$kdir" "$work/init" xen-privcmd
(cd "$work" && echo sweep | cpio -o -H newc 2>/dev/null | gzip -1) >>"$work/ird.gz"
export HV=${HV:-$build/hypervisor/xenolith} TOP=$top WORK=$work KERNEL=$kdir/boot/vmlinuz-$(cat "$kdir/version")
python3 - "$@" <<'P'
import os, re, sys
top, work = os.environ["TOP"], os.environ["WORK"]
sys.path.insert(0, top + "/tests/lib")
from machine import Machine
with Machine(os.environ["HV"], os.environ["KERNEL"], work + "/ird.gz", [], mem=1024, dom0_mem=512, guarded=True) as m:
    m.boot(300)
    m.expect(r"SWEEP-DONE 0", 300)
    text = m.all.decode(errors="replace")
rx = re.compile(r"^([a-z_]+ \d+ [a-z0-9-]+) = (-?\d+)$", re.M)
got = dict(rx.findall(text))
if len(sys.argv) > 2 and sys.argv[1] == "--record":
    with open(sys.argv[2], "w") as f:
        f.writelines(f"{k} = {v}\n" for k, v in got.items())
    sys.exit(0)
want, bad = {}, 0
for line in open(top + "/tests/abi/hypercall_answers.txt"):
    if not line.startswith("#"):
        m = re.match(r"([a-z_]+ \d+ [a-z0-9-]+) = (-?\d+)", line)
        want[m[1]] = m[2]
for k in sorted(set(want) | set(got)):
    if want.get(k) != got.get(k):
        print(f"{k}: answered {got.get(k)}, should be {want.get(k)}")
        bad += 1
print(f"{len(got)} answers, {bad} wrong")
sys.exit(bad != 0)
P
