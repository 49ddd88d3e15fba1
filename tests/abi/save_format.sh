#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The golden saved guest of guest-stream, which our writer writes and our reader reads, before the verifier that
# Debian ships: it knows each record of the published format, and refuses what is out of place.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
. "$top/tests/lib/debian.sh"
debian_programs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
verify() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$debian/usr/lib/xen-4.17/lib/python "$debian/usr/lib/xen-4.17/bin/verify-stream-v2" -v -i "$1"; }
python3 "$top/tests/unit/stream_golden.py" "$work/golden" || exit 1
verify "$work/golden" || exit 1
# It is no rubber stamp: a byte of the header changed, and the last record cut off.
LC_ALL=C sed 's/XENF/XENG/' "$work/golden" >"$work/spoilt"
! verify "$work/spoilt" >/dev/null 2>&1 || { echo "the verifier takes a wrong header"; exit 1; }
head -c -8 "$work/golden" >"$work/cut"
! verify "$work/cut" >/dev/null 2>&1 || { echo "the verifier takes a cut stream"; exit 1; }
