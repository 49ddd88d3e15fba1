#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# On a CPU that calls itself Intel's: SYSENTER is invalid in 64-bit mode on AMD's.
GUEST_CPU=qemu64,vendor=GenuineIntel GUEST_ARGS=group=entry exec sh "$(dirname "$0")/microguest.sh" attack
