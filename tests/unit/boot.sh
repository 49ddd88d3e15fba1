#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
HVTEST_CFLAGS=-Wno-format-truncation exec sh "$(dirname "$0")/hvtest.sh" test_boot.c boot/e820.c core/cmdline.c lib/parse.c x86/acpi_tables.c tests/unit/fake/fake.c
