/* SPDX-License-Identifier: GPL-2.0-only */
/* Grant tables (gnttab/): shared entries v1 and v2, active entries, maptrack. */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <hv/types.h>

struct domain;
struct grant_table;

int grant_table_init(struct domain *d, int max_grant_frames, int max_maptrack_frames, unsigned int options);
int grant_table_relinquish(struct domain *d);		/* 0 or -ERESTART */
void grant_table_destroy(struct domain *d);
long do_grant_table_op(unsigned int cmd, unsigned long arg, unsigned int count);
/* XENMEM_acquire_resource and add_to_physmap: frame @idx of the shared or status table, grown on demand */
u64 gnttab_resource_frames(struct domain *d, u32 id);	/* size of a resource in frames; 0: no such */
int gnttab_get_shared_frame(struct domain *d, unsigned long idx, mfn_t *m);
int gnttab_get_status_frame(struct domain *d, unsigned long idx, mfn_t *m);
/* Who has pins on @d's grants, and how many: at most @max of them. How many there are in @list. */
struct grant_holder { u32 domid, pins; };
unsigned int grant_holders(struct domain *d, struct grant_holder *list, unsigned int max);
/* PV: a page-table entry that was a grant mapping is being overwritten (GNTMAP_host_map); nothing to do but checks */
void gnttab_dump(struct domain *d);
void gnttab_keys_init(void);		/* debug key g */

#endif
