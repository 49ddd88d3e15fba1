#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_timer.c core/pheap.c core/softirq.c core/timer.c lib/bitmap.c tests/unit/fake/fake.c
