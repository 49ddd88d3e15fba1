#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/guests/machine.c on one socket with two cores of two threads, on two nodes; options given again count.
GUEST_CPU=Nehalem GUEST_QEMU="-smp 4,sockets=1,cores=2,threads=2 -object memory-backend-ram,id=m0,size=256M -object memory-backend-ram,id=m1,size=256M
	-numa node,memdev=m0,cpus=0-1 -numa node,memdev=m1,cpus=2-3" HV_ARGS=dom0_max_vcpus=40 \
	exec sh "$(dirname "$0")/microguest.sh" machine 4
