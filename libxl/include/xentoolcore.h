/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxentoolcore: what concerns every open handle of this process.
 */
#ifndef XENTOOLCORE_H
#define XENTOOLCORE_H
#include <stdint.h>
#include <xen/xen.h>

/*
 * Give up the right to touch other domains than this one, on all open handles. 0, or -1 with
 * errno; after a failure some may be restricted.
 */
int xentoolcore_restrict_all(domid_t domid);
#endif
