#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The story in the two cells where the other half is Debian's: all of ours has a test of its own.
LANES=2 PART=story exec "$(dirname "$0")/../matrix" ours-debian debian-ours
