#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
GUEST_ARGS=group=memory exec sh "$(dirname "$0")/microguest.sh" attack
