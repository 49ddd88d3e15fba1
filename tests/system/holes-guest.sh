#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/guests/holes.c on 5 GiB; nobody touches most of them, here neither.
GUEST_QEMU="-m 5G" exec sh "$(dirname "$0")/microguest.sh" holes 1
