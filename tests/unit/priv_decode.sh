#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec "$(dirname "$0")/hvtest.sh" test_priv_decode.c pv/priv_decode.c
