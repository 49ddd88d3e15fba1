#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
exec sh "$(dirname "$0")/hvtest.sh" test_kexec.c boot/crashkernel.c boot/e820.c hypercall/kexec_check.c lib/parse.c tests/unit/fake/fake.c
