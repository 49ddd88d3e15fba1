#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# hypervisor/hypercalls.tsv has a row for each hypercall and sub-operation of libxen-dev's headers, with the
# right number; a row claims a test that exists, or an errno with a reason.
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
awk '!/^#/ { print $1 }' "$top/tests/list" >"$tmp/tests"
awk -F'\t' -v tests="$tmp/tests" '
	BEGIN { while ((getline t <tests) > 0) known[t] = 1 }
	/^#/ { next }
	$4 == "implemented" { if (!($5 in known)) { print $2 ": no test named \"" $5 "\" in tests/list"; bad = 1 } next }
	$4 == "refused" { if ($5 !~ /^E[A-Z0-9]+$/ || $6 == "") { print $2 ": refused without errno or reason"; bad = 1 } next }
	{ print $2 ": state is \"" $4 "\""; bad = 1 }
	END { exit bad }' "$tsv" || exit 1
# What the sweep recorded as an answer must not contradict a refusal (the featuresets' size is told for any).
awk -F'\t' '!/^#/ && $4 == "refused" { print $1, $3, $5 }' "$tsv" | sort >"$tmp/refused"
awk 'BEGIN { e["EPERM"] = -1; e["EACCES"] = -13; e["EBUSY"] = -16; e["ENODEV"] = -19; e["EINVAL"] = -22;
		e["ENOSYS"] = -38; e["ENODATA"] = -61; e["EOPNOTSUPP"] = -95 }
	FNR == NR { sub(/^.*\./, "", $1); want[$1 " " $2] = e[$3]; next }
	/^#/ { next }
	{ k = $1 " " $2 }
	($3 == "zero" || $3 == "vcpu") && $1 != "get_cpu_featureset" && k in want && $5 == 0 { print k ": refused by the table, but the answer was 0"; bad = 1 }
	END { exit bad }' "$tmp/refused" "$top/tests/abi/hypercall_answers.txt" || exit 1
echo "$(wc -l <"$tmp/have") rows"
