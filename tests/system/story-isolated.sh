#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# On a CPU that is open to Meltdown, with all that the hypervisor does about it by itself: page-table isolation,
# the branch history, the FPU loaded early.
exec "$(dirname "$0")/story.sh" --cpu Skylake-Server-v1
