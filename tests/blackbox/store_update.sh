#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xenstored replaces its own image, under ASan and UBSan, while clients and guests stay connected.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
build_control
XENSTORED=$work/xenstored XENSTORE_CONTROL=$work/xenstore-control SHIM=$work/fakexen.so python3 "$here/store_update.py"
