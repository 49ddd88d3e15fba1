#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The other compiler and the debug build in one: no warnings, and a micro-guest boots on its hypervisor.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/build/lib.sh"
configured "$top" "$work/build" clang --enable-debug
built "$work/build"
XENOLITH_BUILD=$work/build sh "$top/tests/system/microguest.sh" hello
