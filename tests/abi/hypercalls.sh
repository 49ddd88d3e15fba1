#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hypervisor/hypercalls.tsv has a row for each hypercall and sub-operation of libxen-dev's headers, with the right
# number. An implemented one is called by the test that the row names; a refused one has its reason, and the errno
# that was recorded. What stock parts are known to call is implemented, or is an exception with a reason.
# That the calls succeed, and fail with that errno, tests/system/hypercall_calls.sh sees on a machine.
top=$(cd "$(dirname "$0")/../.." && pwd)
[ -e /usr/include/xen/domctl.h ] || { echo "skip: libxen-dev is not installed"; exit 77; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tsv=$top/hypervisor/hypercalls.tsv
sh "$top/tests/abi/hypercall_subops.sh" >"$tmp/want" || exit 1
grep -v '^#' "$tsv" | awk -F'\t' '{ print $1, $2, $3 }' | sort >"$tmp/have"
if ! diff "$tmp/want" "$tmp/have"; then
	echo "hypercalls.tsv and the published headers differ (< headers, > hypercalls.tsv)"
	exit 1
fi

# What the named test calls: "group name", each a row of its tables.
awk '!/^#/ { print $1 }' "$top/tests/list" >"$tmp/tests"
sed -n 's/^	{ "\([a-z_.0-9]*\)", "\([A-Za-z_0-9]*\)", [a-z_0-9]* },$/hypercall-calls \1 \2/p' \
	"$top"/tests/guests/calls_*.c >"$tmp/called"
sed -n 's/^	{ "\([a-z_.0-9]*\)", "\([A-Za-z_0-9]*\)", [a-z_0-9]* },$/guest-kexec \1 \2/p' "$top/tests/guests/kexec.c" >>"$tmp/called"
# The groups of which it knows how to call what is refused.
sed -n 's/^	{ "\([a-z_.0-9]*\)", [a-z_0-9]* },$/\1/p' "$top/tests/guests/calls_refused.c" >"$tmp/groups"
awk -F'\t' -v dir="$tmp/" -v errnos="$top/tests/abi/errnos" '
	function wrong(text) { print $1 " " $2 ": " text; bad = 1 }
	BEGIN {
		while ((getline t <(dir "tests")) > 0) listed[t] = 1
		while ((getline t <(dir "called")) > 0) { called[t] = 1; split(t, f, " "); sub(/\..*/, "", f[2]); in_group[f[1] " " f[2]] = 1 }
		while ((getline t <(dir "groups")) > 0) group[t] = 1
		while ((getline t <errnos) > 0) if (split(t, f, " ") == 2) errno[f[1]] = 1
		in_group["hypercall-calls arch_0"] = in_group["hypercall-calls mca"]
	}
	/^#/ { next }
	$4 == "implemented" {
		n = $2
		sub(/^__HYPERVISOR_/, "", n)
		if (!($5 in listed)) wrong("no test named \"" $5 "\" in tests/list")
		else if (!(($5 " " $1 " " $2) in called) && !($1 == "hypercall" && ($5 " " n) in in_group)) wrong($5 " does not call it")
		next
	}
	$4 == "refused" {
		if (!($5 in errno)) wrong("refused with \"" $5 "\", which is not in tests/abi/errnos")
		if ($6 == "") wrong("refused without a reason")
		if (!($1 in group)) wrong("nothing calls it to see that")
		next
	}
	{ wrong("state is \"" $4 "\"") }
	END { exit bad }' "$tsv" || exit 1

# The sweep's answers are to empty arguments: what is refused for another reason first is named here, by its answer.
cat >"$tmp/other" <<'E2'
get_cpu_featureset 3 0
get_cpu_featureset 5 0
hypfs_op 2 -22
E2
awk -F'\t' '!/^#/ && $4 == "refused" { sub(/^.*\./, "", $1); print $1, $3, $5 }' "$tsv" >"$tmp/refused"
awk -v dir="$tmp/" -v errnos="$top/tests/abi/errnos" '
	BEGIN {
		while ((getline t <errnos) > 0) if (split(t, f, " ") == 2 && f[1] !~ /^#/) number[f[1]] = -f[2]
		while ((getline t <(dir "refused")) > 0) { split(t, f, " "); want[f[1] " " f[2]] = number[f[3]] }
		while ((getline t <(dir "other")) > 0) { split(t, f, " "); want[f[1] " " f[2]] = f[3] }
	}
	/^#/ || ($3 != "zero" && $3 != "vcpu") { next }
	{ k = $1 " " $2 }
	k in want { n++; if ($5 != want[k]) { print k ": refused with " want[k] " by the table, the recorded answer is " $5; bad = 1 } }
	END { if (!n) { print "no recorded answers"; bad = 1 } exit bad }' "$top/tests/abi/hypercall_answers.txt" || exit 1

# Traces of stock parts are a floor.
awk -F'\t' '
	FNR == NR { if (!/^#/) state[$2] = $4; next }
	/^#/ { next }
	!($3 in state) { print $3 ": traced, but not in hypercalls.tsv"; bad = 1; next }
	state[$3] == "implemented" && $4 != "" { print $3 ": an exception that is implemented"; bad = 1 }
	state[$3] != "implemented" && $4 == "" { print $3 ": " $1 " calls it, and it is refused"; bad = 1 }
	{ n++ }
	END { if (n < 100) { print "only " n + 0 " traced calls"; bad = 1 } exit bad }' "$tsv" "$top/tests/abi/traced_calls.tsv" || exit 1
echo "$(wc -l <"$tmp/have") rows, $(wc -l <"$tmp/called") calls"
