#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh GUEST OUT [gcc flags]: builds the micro-guest tests/guests/GUEST.c (with GUEST_*.c).
set -e
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
guest=$1 out=$2 more=$(ls "$here/${1}_"*.c 2>/dev/null || true)
shift 2
inc=$(mktemp -d)
trap 'rm -rf "$inc"' EXIT
ln -s "$top/hypervisor/include/public" "$inc/xen"
${CC:-gcc} -std=gnu11 -O2 -Wall -Wextra -ffreestanding -fno-pic -no-pie -mcmodel=kernel -mno-red-zone \
	-fno-stack-protector -fcf-protection=none -mgeneral-regs-only -fno-asynchronous-unwind-tables -nostdlib -static \
	-Wl,-z,max-page-size=4096 -Wl,--build-id=none -Wl,--no-warn-rwx-segments -Wl,-T,"$here/lib/guest.lds" \
	-D__XEN_INTERFACE_VERSION__=0x00040e00 -I"$inc" -I"$here/lib" "$@" \
	-o "$out" "$here/lib/head.S" "$here"/lib/*.c \
	"$here/$guest.c" $more
