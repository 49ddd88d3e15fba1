# SPDX-License-Identifier: GPL-2.0-only
# Sourced by ../xl/private.sh: the host of xl's tests, the one of tests/unit/light, in which domains come and go, and
# the Python package in an environment of its own, installed by pip from a copy of the tree without any index.
. "$(dirname "$0")/../xl/lib.sh"
export LIBRARY_PATH=$build/libxl
cc_host() {
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -D__XEN_TOOLS__ -Wall -Wextra -Wno-unused-parameter -I"$top/libxl/include" \
		-I"$build/libxl/include" "$@"
}
cc_host -shared -fPIC -o "$work/livehost.so" "$top/tests/blackbox/python/start.c" "$top"/tests/unit/light/{host,rest,saved}.c \
	"$here/fakestore.c" -lpthread || exit 1
mkdir "$work/tree"
cp -r "$top/bindings" "$top/libxl" "$work/tree/"
rm -rf "$work/tree/bindings/python/build"
/usr/bin/python3 -m venv --system-site-packages "$work/venv" &&
	"$work/venv/bin/pip" install --no-build-isolation --no-index "$work/tree/bindings/python" >"$work/pip.log" 2>&1 ||
	{ cat "$work/pip.log"; exit 1; }
python=$work/venv/bin/python
# live COMMAND...: on a host in which domains come and go
live() { LD_PRELOAD=$work/livehost.so "$@"; }
