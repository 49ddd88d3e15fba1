#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# With the real x86/processor.h before the stand-in: the MSRs' numbers are in it.
HVTEST_CFLAGS=-I$(cd "$(dirname "$0")/../../hypervisor/include" && pwd) \
	exec sh "$(dirname "$0")/hvtest.sh" test_platform_msr.c pv/platform_msr.c
