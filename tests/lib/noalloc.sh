# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Sourced in Domain 0 on a debug hypervisor. attempts CONFIG FIRST LAST: creates the guest once for each of these
# allocations failing; prints "N EXIT LEFT" and what was said. Stops at a leak, and where the failure never came.
lib=/usr/lib/xenolith-test
free_pages() { $lib/hvcount | head -1; }
attempts() {
	local n rc left before
	before=$(free_pages)
	for ((n = $2; n <= $3; n++)); do
		$lib/allocfail $n
		out=$(xl create -q "$1" 2>&1)
		rc=$?
		left=$($lib/allocfail 2>/dev/null || echo 0)	# reading it may itself be what fails
		$lib/allocfail 0 2>/dev/null	# so may this
		echo "$n $rc $left" "$out" | tr '\n' ' '
		echo
		[ $rc -ne 0 ] || xl destroy victim
		for ((i = 0; i < 100; i++)); do
			[ "$(free_pages)" != "$before" ] || break
			sleep 0.1
		done
		[ "$(free_pages)" = "$before" ] || { echo "leak: $before became $(free_pages)"; return; }
		[ "$left" = 0 ] || return 0
	done
}
