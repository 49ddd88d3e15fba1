#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The story on a build by clang.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/build/lib.sh"
configured "$top" "$work/build" clang
built "$work/build"
XENOLITH_BUILD=$work/build "$top/tests/system/story.sh" --unguarded
