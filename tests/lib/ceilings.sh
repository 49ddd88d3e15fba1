# SPDX-License-Identifier: GPL-2.0-only
# Skips a test of ceilings in a build folder that they are not those of. Sourced there.
version=$(grep -ao 'gcc [0-9][0-9.]*' hypervisor/xenolith | head -1)
[ "$version" = "gcc 12.2.0" ] || { echo "skipped: the ceilings are those of gcc 12.2.0, this build is of ${version:-another compiler}"; exit 77; }
if grep -q '^[^#]*-DHV_DEBUG=1' hypervisor/Makefile; then
	echo "skipped: the ceilings are those of the release build"
	exit 77
fi
