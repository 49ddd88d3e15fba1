#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# xenconsoled with guests that are files: output, input, logs, hostile rings, dead guests.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
build_xenconsoled
XENSTORED=$work/xenstored XENCONSOLED=$work/xenconsoled SHIM=$work/fakexen.so python3 "$here/console_test.py"
