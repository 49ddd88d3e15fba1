/* SPDX-License-Identifier: GPL-2.0-only */
/* Included before everything else in each file of the hypervisor. */
#ifndef HV_CONFIG_H
#define HV_CONFIG_H

#ifndef __ASSEMBLY__
#ifdef __ASSEMBLER__
#define __ASSEMBLY__
#else
/* Declarations too are hidden, so that no access goes through a global offset table. */
#pragma GCC visibility push(hidden)
#endif
#endif

#endif
