/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hypervisor says that it is (hypercall/version.c, the notes of a crash). */
#ifndef HV_VERSION_H
#define HV_VERSION_H

#include <hv/compiler.h>

#define ABI_MAJOR 4
#define ABI_MINOR 17
/* What follows "4.17". */
#define ABI_EXTRA_VERSION (&XENOLITH_VERSION "-xenolith"[4])
#define BUILT_BY (IS_ENABLED(__clang__) ? __VERSION__ : "gcc " __VERSION__)

#endif
