#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The story with Debian's kernel 6.12 (zstd) as Domain 0, on four CPUs, and as both guests.
KERNEL=6.12 GUEST_KERNEL=6.12 exec "$(dirname "$0")/story.sh" --smp 4 --guest-vcpus 2
