#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The story on a debug build, with its lock-order checks.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/build/lib.sh"
configured "$top" "$work/build" gcc --enable-debug
built "$work/build"
XENOLITH_BUILD=$work/build "$top/tests/system/story.sh" --unguarded
