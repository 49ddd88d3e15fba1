#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_multiboot.c boot/multiboot.c
