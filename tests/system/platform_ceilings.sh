#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What whole platforms of ours take, by bench/run: no row may be more than 2 % above bench/ceilings (bench/ceilings.py names what
# is measured less finely).
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/ceilings.sh"
exec "$top/bench/run" --ceilings check
