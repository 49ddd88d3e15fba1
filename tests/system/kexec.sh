#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Debian's kexec-tools in a small Domain 0 loads a crash kernel, or another one, and the machine ends: kexec.py.
# TOOLS=debian: with Debian's libraries; HV=FILE: on another hypervisor (a Multiboot ELF), for instance the original.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
. "$top/tests/lib/debian.sh"
mkdir -p "$cache"
debian_programs
kdir=$(kernel_fetch 6.1)
kernel_symbols "$kdir"
unpacked crash crash
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
libs=$build/libxl
[ "${TOOLS:-ours}" = ours ] || libs=$debian/usr/lib/x86_64-linux-gnu

# Domain 0's init: a shell on the console.
cat >"$work/init" <<'I'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
modprobe xen-privcmd; modprobe xenfs
mount -t xenfs xenfs /proc/xen
exec setsid -c sh -c 'stty -echo; echo "DOM0-READY $(cut -d" " -f1 /proc/uptime)"; dd bs=4096 2>/dev/null | sh'
I
initrd_make "$work/dom0.gz" "$kdir" "$work/init" xen-privcmd xenfs
initrd_make "$work/crash.gz" "$kdir" "$here/crash-init" virtio_pci virtio_blk
root=$work/root
mkdir -p "$root/sbin" "$root/lib64" "$root/lib/x86_64-linux-gnu" "$root/tmp"
cp "$debian/sbin/kexec" "$root/sbin/"
cp /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
LD_LIBRARY_PATH=$libs ldd "$root/sbin/kexec" | awk '$2 == "=>" { print $3 }' | xargs cp -Lt "$root/lib/x86_64-linux-gnu" || exit 1
cp "$kdir/boot/vmlinuz-$(cat "$kdir/version")" "$root/vmlinuz"
cp "$work/crash.gz" "$root/initrd.gz"
(cd "$root" && find . | cpio -o -H newc 2>/dev/null | gzip -1) >>"$work/dom0.gz"
export VMLINUX CRASH=$cache/crash/root WORK=$work HV=${HV:-$build/hypervisor/xenolith} LOG=$build/kexec KERNEL=$root/vmlinuz
python3 "$top/tests/system/kexec.py" "$@"
