#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_clock_track.c x86/clock_track.c x86/time_scale.c
