#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_gnttab.c gnttab/copy.c gnttab/entry.c gnttab/map.c gnttab/op.c \
	gnttab/table.c gnttab/transfer.c core/softirq.c lib/bitmap.c tests/unit/fake/fake.c tests/unit/fake/guest.c
