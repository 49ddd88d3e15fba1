#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# With the real x86/processor.h before the stand-in: selectors and bits of registers are in it.
HVTEST_CFLAGS="-include $(cd "$(dirname "$0")/../../hypervisor/include" && pwd)/x86/processor.h" \
	exec sh "$(dirname "$0")/hvtest.sh" test_pv_tables.c pv/callback.c pv/descriptor.c \
	tests/unit/fake/fake.c tests/unit/fake/guest.c
