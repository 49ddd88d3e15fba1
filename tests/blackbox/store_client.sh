#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# libxenstore over a daemon of this tree, under ASan and again under the thread sanitizer.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/store_lib.sh"
for s in address,undefined thread; do
	# shellcheck disable=SC2086
	$CC $flags -D_GNU_SOURCE -fsanitize=$s -Wl,--wrap=malloc -o "$work/client" "$here/store_client.c" "$top"/libxl/store/*.c \
		"$top/libxl/toolcore/handlereg.c" -I"$top/libxl/toolcore" -pthread
	HERE=$here XENSTORED=$work/xenstored SHIM=$work/fakexen.so python3 - "$work/client" <<'P'
import os, subprocess, sys
sys.path.insert(0, os.environ["HERE"])
from xsclient import Daemon
with Daemon(os.environ["XENSTORED"], os.environ["SHIM"]) as d:
    sys.exit(subprocess.run(sys.argv[1:], env=dict(os.environ, XENSTORED_PATH=d.path), timeout=300).returncode)
P
done
