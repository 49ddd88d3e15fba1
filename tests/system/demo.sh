#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The interactive ./demo on a terminal: progress, two guests, and every command of its page of hints.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/lib/common.sh"
exec python3 "$top/tests/system/demo.py" "$top/demo" "$build/demo-hints.log"
