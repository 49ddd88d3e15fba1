#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
HVTEST_CFLAGS=-pthread exec "$(dirname "$0")/hvtest.sh" mm/test_pagetable.c mm/heap.c mm/heap_core.c mm/page.c mm/page_type.c mm/pool.c \
	pv/pagetable.c pv/pte.c core/rangeset.c lib/bitmap.c tests/unit/mm/host_frames.c
