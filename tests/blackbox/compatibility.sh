#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# docs/compatibility.md is what docs/mkcompat.py makes of its inputs, and the results that it is made of know every
# configuration and no more.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
bad=0
python3 "$top/docs/mkcompat.py" "$top" | diff "$top/docs/compatibility.md" - ||
	{ echo "docs/compatibility.md is not what its inputs say: docs/mkcompat.py . >docs/compatibility.md"; bad=1; }
sed -n 's/^answer\t.*\tconfig \(.*\): -n$/\1/p' "$top/tests/matrix-results" | sort |
	diff - <(cd "$top/tests/lib/configs" && printf '%s\n' *.cfg | sort) ||
	{ echo "tests/matrix-results has other configurations: RESULTS=tests/matrix-results tests/matrix"; bad=1; }
if grep -qP '^answer\t.*\tdiffers\t|^step\t.*\tFAILED\t' "$top/tests/matrix-results"; then
	echo "the matrix was not green when its results were kept"
	bad=1
fi
exit $bad
