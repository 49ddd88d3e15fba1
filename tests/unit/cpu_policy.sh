#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_cpu_policy.c x86/cpu_policy.c
