#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The xenstore commands, over our library, against the record of Debian's output.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
mkdir "$work/bin"
lib="$top/libxl/toolcore/handlereg.c -I$top/libxl/toolcore"
# shellcheck disable=SC2086
$CC $flags -D_GNU_SOURCE $san -o "$work/bin/xenstore" "$top"/xenstored/client/xenstore.c \
	"$top/xenstored/client/modes.c" "$top/xenstored/client/ls.c" "$top/xenstored/client/escape.c" \
	"$top"/libxl/store/*.c $lib
build_control
mv "$work/xenstore-control" "$work/bin"
for m in read write ls list rm chmod exists watch; do ln -s xenstore "$work/bin/xenstore-$m"; done
XENSTORED=$work/xenstored SHIM=$work/fakexen.so python3 "$here/store_cli.py" "$work/bin"
