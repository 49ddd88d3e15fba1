#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The stock kernel 6.12 as Domain 0 and as a guest with more vCPUs, in short.
KERNEL=6.12 GUEST_KERNEL=6.12 exec "$(dirname "$0")/story.sh" --short --guest-vcpus 4
