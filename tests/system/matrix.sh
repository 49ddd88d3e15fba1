#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A part of the matrix's scenarios in the three cells that hold something of ours, compared with what Debian's tools
# answered on Debian's hypervisor.
LANES=2 QUICK=1 PART=scenarios exec "$(dirname "$0")/../matrix" ours-debian ours-ours debian-ours
