#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# No row of bench/exact may cost more than 2 % above what bench/table says, or half of the original's, nor all of them
# a third; nor may mitigations add more than bench/additions says. Runs in the build folder.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/ceilings.sh"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
sh "$top/tests/guests/build.sh" bench "$out/bench.elf"
python3 "$top/bench/exact.py" --ours hypervisor/xenolith --guest "$out/bench.elf" --logs "$out" --check
