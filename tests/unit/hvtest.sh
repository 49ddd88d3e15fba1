#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hvtest.sh TEST.c FILE.c...: build a host test with files of the hypervisor (paths below hypervisor/, or
# below tests/ with a leading "tests/") under ASan and UBSan, and run it.
set -e
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
test=$1
shift
files=
for f; do
	case $f in
	tests/*) files="$files $top/$f" ;;
	*) files="$files $top/hypervisor/$f" ;;
	esac
done
# shellcheck disable=SC2086
${CC:-gcc} -std=gnu11 -Wall -Wextra -Wshadow -Wno-unused-parameter -g -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-strict-aliasing -fwrapv -DHV_HOST_TEST -D__XEN__ \
	-DTEST_SRCDIR="\"$top/tests\"" -DTEST_BUILDDIR="\"$out\"" ${HVTEST_CFLAGS-} \
	-I"$top/tests/unit/fake" -I"$top/hypervisor/include" -I"$top/hypervisor" \
	-o "$out/test" "$top/tests/unit/$test" $files -lcmocka
cd "$out" && ./test
