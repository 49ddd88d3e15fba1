#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Builds xenstored with ASan and UBSan and compares its answers with the record of Debian's.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
XENSTORED=$work/xenstored python3 "$here/store_compare.py"
