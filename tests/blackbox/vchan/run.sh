#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# libxenvchan: two processes that stand for two domains move bytes both ways, ours at either end with Debian's at the
# other, over rings of all kinds; what our library does with grants, events and xenstore is what Debian's does.
set -u
top=$(cd "$(dirname "$0")/../../.." && pwd)
here=$top/tests/blackbox/vchan
build=${XENOLITH_BUILD:-$top/build}
theirs=/usr/lib/x86_64-linux-gnu
[ -e "$build/libxl/libxenvchan.so.4.17" ] || { echo "$build/libxl is not built"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; cat "$work"/*.err 2>/dev/null; exit 1; }
cc="${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -g -O1 -I$top/libxl/include"
$cc -shared -fPIC -o "$work/fake.so" "$here/fakevchan.c" || exit 1
$cc -o "$work/peer" "$here/peer.c" -L"$build/libxl" -lxenvchan -Wl,-rpath-link,"$build/libxl" || exit 1
# Ours once more, with its sources under the sanitizers.
$cc -fsanitize=address,undefined -fno-sanitize-recover=all -rdynamic -o "$work/peer-asan" "$here/peer.c" \
	"$here/fakevchan.c" "$top"/libxl/vchan/*.c || exit 1

# peer WHOSE ROLE...: runs one end, with the library of this side.
peer() {
	local whose=$1
	shift
	export FAKE_DIR=$work/run FAKE_TRACE=$work/$1.trace
	case $whose in
	ours) LD_LIBRARY_PATH=$build/libxl LD_PRELOAD=$work/fake.so timeout 60 "$work/peer" "$@" ;;
	theirs) LD_LIBRARY_PATH=$theirs LD_PRELOAD=$work/fake.so timeout 60 "$work/peer" "$@" ;;
	asan) timeout 60 "$work/peer-asan" "$@" ;;
	esac >"$work/$1.out" 2>"$work/$1.err"
}

# fresh: nobody has offered anything
fresh() {
	rm -rf "$work/run"
	mkdir -p "$work/run/store"
	echo 1 >"$work/run/store/domid"
	rm -f "$work"/*.trace "$work"/*.out
}

# alone WHOSE READ WRITE: what a side asks of the other when it could not do all.
alone() {
	fresh
	peer "$1" alone "$2" "$3" || fail "$*: alone"
	cp "$work/alone.out" "$work/alone-$1"
}

# pair SERVER CLIENT READ WRITE: bytes go both ways; what each did and said is kept.
pair() {
	fresh
	peer "$1" server "$3" "$4" &
	local server=$! i
	for ((i = 0; i < 1000; i++)); do
		grep -q "^open before" "$work/server.out" 2>/dev/null && break
		kill -0 $server 2>/dev/null || break
		sleep 0.01
	done
	peer "$2" client 300000 || fail "$*: the client"
	wait $server || fail "$*: the server"
	find "$work/run/store" -name 'data*' -printf 'left: %f\n' >"$work/left"
	cat "$work"/server.{trace,out} "$work"/client.{trace,out} "$work/left" >"$work/$1-$2-$3-$4"
}

pairs=0
for rooms in "0 0" "1024 1024" "0 2048" "2048 0" "2000 2000" "5000 100" "100 9000" "65536 4096" "1048576 1048576"; do
	for ends in "theirs theirs" "ours ours" "ours theirs" "theirs ours" "asan theirs" "theirs asan"; do
		# shellcheck disable=SC2086
		pair $ends $rooms
		cmp -s "$work/theirs-theirs-${rooms/ /-}" "$work/${ends/ /-}-${rooms/ /-}" ||
			{ diff "$work/theirs-theirs-${rooms/ /-}" "$work/${ends/ /-}-${rooms/ /-}"; fail "$ends, $rooms: differs from Debian's"; }
		pairs=$((pairs + 1))
	done
	for whose in theirs ours asan; do
		# shellcheck disable=SC2086
		alone $whose $rooms
		cmp -s "$work/alone-theirs" "$work/alone-$whose" ||
			{ diff "$work/alone-theirs" "$work/alone-$whose"; fail "$whose alone, $rooms: differs from Debian's"; }
	done
done
echo "$pairs pairs agree"
