/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls made from Domain 0 that must succeed: a function for each operation that hypervisor/hypercalls.tsv says is
 * implemented.  It looks at the effect where there is one to see.
 */
#ifndef CALLS_H
#define CALLS_H

#include "tools.h"
#include "attack.h"
#include <xen/platform.h>
#include <xen/physdev.h>

struct call { const char *group, *name; bool (*fn)(void); };
struct call_list { const struct call *calls; unsigned int n; };
#define CALL_LIST(id, table) const struct call_list id##_calls = { table, ARRAY_SIZE(table) }

/* Reads the hypervisor's messages up to now, and says whether either text is among those that were not read before. */
bool log_says(const char *ours, const char *the_originals);

/* ---- the child: a domain that makes whatever hypercall Domain 0 puts into its mailbox ---- */

#define CHILD_CODE 0x400000UL
#define CHILD_MAIL 0x401000UL
#define CHILD_SCRATCH 0x402000UL
enum { CHILD_L4, CHILD_L3, CHILD_L2, CHILD_L1, CHILD_CODE_FRAME, CHILD_MAIL_FRAME, CHILD_SCRATCH_FRAME, CHILD_SPARE_FRAME,
       CHILD_FRAMES };

domid_t child(void);
u64 child_frame(unsigned int n);
/* Its scratch page as we see it; the same page is at CHILD_SCRATCH for it. */
extern u8 child_scratch[PAGE_SIZE];
/* It counts as long as it runs. */
u64 child_turns(void);
bool child_runs(void);
long child_call(u64 nr, u64 a1, u64 a2, u64 a3);

#endif
