#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tests/guests/kexec.c, once for each way in which another kernel is started.
set -e
for start in 64 32 crash key; do
	GUEST_ARGS="start=$start" HV_ARGS="crashkernel=32M noreboot dom0_vcpus_pin" sh "$(dirname "$0")/microguest.sh" kexec 2
done
