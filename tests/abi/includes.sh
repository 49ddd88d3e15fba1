#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Common code knows guests by the table of their kind only: what includes a kind's headers is listed here.
set -e
cd "$(dirname "$0")/../../hypervisor"
allowed='hypercall/memory.c hypercall/memory_reserve.c mm/page_type.c'	# page types that kinds validate, their pins
bad=
for f in $(grep -lE '^#include [<"](pv|hvm)/' lib/* core/* mm/* sched/* evtchn/* gnttab/* domain/* hypercall/* include/hv/*); do
	case " $allowed " in *" $f "*) ;; *) bad="$bad $f" ;; esac
done
[ -z "$bad" ] || { echo "common code includes a guest kind's headers:$bad"; exit 1; }
bad=$(grep -lE 'arch\.pv\b' lib/*.c core/*.c mm/*.c sched/*.c evtchn/*.c gnttab/*.c domain/*.c hypercall/*.c || true)
[ -z "$bad" ] || { echo "common code looks into the PV part of a vCPU: $bad"; exit 1; }
! grep -lE '^#include [<"]hvm/' pv/* || { echo "pv/ includes hvm/"; exit 1; }
echo "includes: ok"
