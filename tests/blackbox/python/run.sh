#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The Python package: built by pip from a copy of the tree, its types checked, and its calls tried on pretended hosts.
. "$(dirname "$0")/../xl/private.sh"
cd "$work" || exit 1
tests=$top/tests/blackbox/python
export PYTHONDONTWRITEBYTECODE=1 XL FAKEXEN_STORE=$work/store
printf '%s\n' '/local/domain/7/console/tty /dev/pts/3' >"$FAKEXEN_STORE"

command -v mypy >/dev/null || { echo "mypy is not installed"; exit 1; }
mypy --python-executable "$python" --cache-dir "$work/mypy" --strict -p xenolith || fail "types of the package"
mypy --python-executable "$python" --cache-dir "$work/mypy" --strict "$tests"/test_*.py || fail "types of the tests"
FAKEXEN_CAPABLE=1 LD_PRELOAD=$work/fakexen.so timeout 300 "$python" -X dev "$tests/test_facts.py" || fail "facts"
# Debian's libxl in its place, which is the same to the package but for its sentences.
FAKEXEN_CAPABLE=1 LD_PRELOAD=$work/fakexen.so LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu timeout 300 "$python" -X dev \
	"$tests/test_facts.py" Types Facts || fail "facts by Debian's libxl"
live timeout 300 "$python" -X dev "$tests/test_life.py" || fail "life"
live timeout 600 "$python" "$tests/test_leaks.py" || fail "leaks"
echo "$failures failures"
[ "$failures" = 0 ]
