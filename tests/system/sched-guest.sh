#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/guests/sched.c in a time of 4 ns an instruction; and what two CPUs get when each has a queue of its own.
set -e
here=$(dirname "$0")
export GUEST_QEMU="-icount shift=2,sleep=off -rtc clock=vm"
sh "$here/microguest.sh" sched 2
GUEST_ARGS=only=two-cpus HV_ARGS=credit2_runqueue=cpu sh "$here/microguest.sh" sched 2
