#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The command line, the consoles, the ways in which the machine ends: many boots of a second each.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$top/tests/guests/build.sh" boot_probe "$out/probe"
WORK=$out HV=${XENOLITH_BUILD:-$top/build}/hypervisor/xenolith python3 "$top/tests/system/boot_options.py"
