#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Four CPUs, four vCPUs in Domain 0 and in the bigger guest.
exec "$(dirname "$0")/story.sh" --unguarded --smp 4 --guest-vcpus 4
