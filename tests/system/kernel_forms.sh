#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The stock kernel as Domain 0 in every form that a boot loader may hand over, and damaged ones.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/images.sh"
mkdir -p "$cache"
kdir=$(kernel_fetch "${KERNEL:-6.1}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/init" <<'I'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
echo "INIT-UP $(uname -r) $(sed -n 's/.*\bform=\([a-z0-9]*\).*/\1/p' /proc/cmdline)"
poweroff -f
I
initrd_make "$work/ird.gz" "$kdir" "$work/init"
KERNEL=$kdir/boot/vmlinuz-$(cat "$kdir/version") HV=${HV:-$build/hypervisor/xenolith} WORK=$work \
	python3 "$top/tests/system/kernel_forms.py" "$@"
