#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_evtchn.c evtchn/bind.c evtchn/core.c evtchn/fifo.c \
	evtchn/port.c evtchn/twolevel.c evtchn/virq.c lib/bitmap.c tests/unit/fake/fake.c tests/unit/fake/guest.c
