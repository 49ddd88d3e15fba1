#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_interrupts.c x86/ioapic.c x86/irq.c x86/irq_guest.c x86/msi.c \
	core/rangeset.c lib/bitmap.c tests/unit/fake/fake.c tests/unit/fake/guest.c
