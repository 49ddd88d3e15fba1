#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_dom0.c pv/dom0_mem.c pv/dom0_layout.c pv/hypercall_page.c lib/parse.c
