#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_rangeset.c core/rangeset.c tests/unit/fake/fake.c
