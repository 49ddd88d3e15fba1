#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The matrix's scenarios in the three cells that hold something of ours.
LANES=2 PART=scenarios exec "$(dirname "$0")/../matrix" ours-debian ours-ours debian-ours
