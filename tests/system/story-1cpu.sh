#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# One CPU, one vCPU in Domain 0 and in each guest.
exec "$(dirname "$0")/story.sh" --unguarded --smp 1 --guest-vcpus 1
