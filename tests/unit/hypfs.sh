#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
HVTEST_CFLAGS='-DXENOLITH_VERSION="4.17.9"' exec sh "$(dirname "$0")/hvtest.sh" test_hypfs.c hypercall/hypfs.c lib/parse.c \
	tests/unit/fake/fake.c tests/unit/fake/guest.c
