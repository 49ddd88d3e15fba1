#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xenstored is killed, under ASan and UBSan, and started again by what stands in for systemd.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
XENSTORED=$work/xenstored XENSTORE_CONTROL=none SHIM=$work/fakexen.so python3 "$here/store_kill.py" "$@"
