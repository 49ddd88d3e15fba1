#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Domain 0 of kernel 6.1 on one CPU, guests of 6.12 with four vCPUs.
GUEST_KERNEL=6.12 exec "$(dirname "$0")/story.sh" --unguarded --smp 1 --guest-vcpus 4
