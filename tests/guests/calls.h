/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls made from Domain 0 that must succeed: a function for each operation that hypervisor/hypercalls.tsv says is
 * implemented.  It looks at the effect where there is one to see.
 */
#ifndef CALLS_H
#define CALLS_H

/* The headers of control operations are for tools only, at the latest version. */
#undef __XEN_INTERFACE_VERSION__
#define __XEN_TOOLS__ 1
#include "attack.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include <xen/platform.h>
#include <xen/physdev.h>

struct call { const char *group, *name; bool (*fn)(void); };
struct call_list { const struct call *calls; unsigned int n; };
#define CALL_LIST(id, table) const struct call_list id##_calls = { table, ARRAY_SIZE(table) }

/* A domctl's argument, clean but for its head; there is one of each at a time. */
struct xen_domctl *domctl_op(u32 cmd, domid_t dom);
struct xen_sysctl *sysctl_op(u32 cmd);
static inline long domctl(struct xen_domctl *op) { return H1(domctl, op); }
static inline long sysctl(struct xen_sysctl *op) { return H1(sysctl, op); }

/* Reads the hypervisor's messages up to now, and says whether either text is among those that were not read before. */
bool log_says(const char *ours, const char *the_originals);

/* Sleeps; other vCPUs and domains run. */
void nap(u64 ns);

/* A frame of another domain in the place of one of our pages; and our own back. */
long map_foreign(void *page, domid_t dom, u64 frame);
bool unmap_foreign(void *page);

/* ---- the child: a domain that makes whatever hypercall Domain 0 puts into its mailbox ---- */

#define CHILD_CODE 0x400000UL
#define CHILD_MAIL 0x401000UL
#define CHILD_SCRATCH 0x402000UL
enum { CHILD_L4, CHILD_L3, CHILD_L2, CHILD_L1, CHILD_CODE_FRAME, CHILD_MAIL_FRAME, CHILD_SCRATCH_FRAME, CHILD_SPARE_FRAME,
       CHILD_FRAMES };

/* Without vCPUs' contexts and memory. */
domid_t new_domain(void);
bool destroy_domain(domid_t dom);
domid_t child(void);
u64 child_frame(unsigned int n);
/* Its scratch page as we see it; the same page is at CHILD_SCRATCH for it. */
extern u8 child_scratch[PAGE_SIZE];
/* It counts as long as it runs. */
u64 child_turns(void);
bool child_runs(void);
long child_call(u64 nr, u64 a1, u64 a2, u64 a3);

#endif
