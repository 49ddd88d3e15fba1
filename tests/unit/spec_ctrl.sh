#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
set -e
here=$(cd "$(dirname "$0")" && pwd)
[ ! -e hypervisor/xenolith ] || python3 "$here/alternatives.py" hypervisor/xenolith
exec sh "$here/hvtest.sh" test_spec_ctrl.c x86/spec_choose.c x86/alternative.c x86/thunk_sites.c lib/parse.c lib/string.c
