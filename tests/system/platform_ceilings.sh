#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What whole platforms of ours take, by bench/run: no row may be more than 2 % above bench/ceilings.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
version=$(grep -ao 'gcc [0-9][0-9.]*' hypervisor/xenolith | head -1)
[ "$version" = "gcc 12.2.0" ] || { echo "the ceilings are those of gcc 12.2.0, this build is of ${version:-another compiler}"; exit 77; }
exec "$top/bench/run" --ceilings check
