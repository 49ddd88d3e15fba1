#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# 1,000 random interleavings of what several threads do with several contexts, under ASan and under TSan.
ROUNDS=1000 exec "$(dirname "$0")/light_async.sh"
