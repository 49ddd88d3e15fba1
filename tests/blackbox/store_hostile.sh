#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guests and programs that break the store's protocol, or try to wear it out.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
XENSTORED=$work/xenstored SHIM=$work/fakexen.so python3 "$here/store_hostile.py"
