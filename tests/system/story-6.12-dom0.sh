#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Domain 0 of kernel 6.12, guests of 6.1, one of them with more vCPUs than there are CPUs.
KERNEL=6.12 exec "$(dirname "$0")/story.sh" --unguarded --smp 2 --guest-vcpus 4
