/* SPDX-License-Identifier: LGPL-2.1-only */
/* The memory of a running PV guest as it sees it: its P2M, and where that lies. */
#ifndef GUEST_MEMINFO_H
#define GUEST_MEMINFO_H

#include "guest_internal.h"

struct pv_p2m {
	uint64_t max_pfn;   /* highest entry */
	uint64_t nr_frames; /* frames that hold the list */
	xen_pfn_t *frames;  /* machine frames of the list, in order */
	xen_pfn_t *map;     /* the list, mapped read-only: nr_frames pages */
};

/*
 * Find and map the list of a 64-bit guest from its shared info: linear under page tables of the
 * guest (p2m_cr3), or as a tree of frames. Its length is bounded by the domain's memory, so that a
 * guest cannot make its save endless. 0, or -1 with errno and a logged reason.
 */
int pv_p2m_map(xc_interface *xch, const xc_domaininfo_t *info, const shared_info_t *shared,
	       struct pv_p2m *p2m);
void pv_p2m_unmap(xc_interface *xch, struct pv_p2m *p2m);

/* Size of what xc_map_m2p maps. */
size_t m2p_bytes(unsigned long max_mfn);

#define P2M_PER_PAGE (XC_PAGE_SIZE / sizeof(xen_pfn_t))

#endif
