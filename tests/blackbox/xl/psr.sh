#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Monitoring and allocation of caches and bandwidth, and the security module: tables and exit codes beside those of xl
# of Xen 4.17 (psr.txt, made by goldens.sh), and what is said where there is nothing of it.
. "$(dirname "$0")/lib.sh"
LD_PRELOAD=$work/fakexen.so "$here/psr_session.sh" "$XL" >"$work/out" 2>&1
diff "$here/psr.txt" "$work/out" || fail "not what 4.17 prints (<)"

# a hypervisor that has none of it
expect 253 "L3 cache allocation (CAT) on socket 0: this hypervisor does not offer it" psr-hwinfo
expect 253 "memory bandwidth allocation (MBA) on socket 0: this hypervisor does not offer it" psr-mba-show
expect 253 "Domain 7: cache monitoring (CMT): this hypervisor does not offer it" psr-cmt-attach guest
expect 255 "cache monitoring (CMT) is off: .* psr=cmt" psr-cmt-show cache-occupancy
expect 255 "^Flask XSM Disabled" getenforce
expect 255 "this hypervisor has no security module" getenforce
expect 255 "could not be set: this hypervisor has no security module" setenforce 1
expect 255 "could not be loaded: this hypervisor has no security module" loadpolicy "$here/psr.sh"
expect 2 "is no mode" setenforce on

# one whose processor has none
FAKEXEN_PSR=$work/none FAKEXEN_PSR_HAS=nothing expect 253 "Xen wants psr=cat at boot" psr-cat-show
FAKEXEN_PSR=$work/none FAKEXEN_PSR_HAS=nothing expect 253 "Domain 7: cache monitoring (CMT): the processor lacks it" psr-cmt-attach guest

# one that has it, asked for what cannot be
export FAKEXEN_PSR=$work/psr FAKEXEN_FLASK=$work/flask
printf 0 >"$work/flask"
expect 1 "no sockets of this host" psr-cat-set -s 2 guest 3
expect 1 "no sockets of this host" psr-mba-set -s x guest 30
expect 1 "must be a number, as 0xff" psr-cat-set guest zz
expect 1 "must be a number, as 0xff" psr-mba-set guest 99999999999999999999999
expect 1 "in the range 2 to 3" psr-cat-show -l 4
expect 253 "L3 cache allocation (CAT) on socket 0 does not take this value: a mask is one run" psr-cat-set guest 5
expect 253 "goes up to what xl psr-hwinfo -b shows" psr-mba-set guest 95
expect 253 "code and data have one mask: boot Xen with psr=cdp" psr-cat-set -c guest 3
expect 0 "warning: -c and -d are of no effect at level 2" psr-cat-set -c -l 2 guest 3
expect 0 "domain .guest. is not monitored: begin with .xl psr-cmt-attach guest" psr-cmt-show cache-occupancy guest
expect 253 "it is not attached" psr-cmt-detach guest
expect 2 ".x. is not monitored" psr-cmt-show x
expect 255 "could not be loaded: Invalid argument" loadpolicy "$here/psr.sh"
# No cache is monitored: the size of the L3 caches is not known, their masks are.
FAKEXEN_PSR_HAS=l3 expect 0 "^L3 Cache        : unknown" psr-cat-show
# A failure of one value is one of the command, and leaves the rest.
FAKEXEN_PSR_HAS=l3 FAKEXEN_FAIL=psr_alloc=ENOMEM expect 253 "Cannot allocate memory" psr-cat-show guest

echo "$failures failures"
[ "$failures" = 0 ]
