#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec "$(dirname "$0")/hvtest.sh" mm/test_heap_nodes.c mm/heap.c mm/heap_core.c mm/page.c mm/pool.c lib/bitmap.c \
	tests/unit/mm/host_frames.c
