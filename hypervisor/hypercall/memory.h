/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the files of memory_op. */
#ifndef HYPERCALL_MEMORY_H
#define HYPERCALL_MEMORY_H

#include <hv/domain.h>
#include <public/memory.h>

#define MEMOP_EXTENT_SHIFT	6		/* progress of a continuation, in cmd */
#define MEMOP_CMD_MASK		63UL

/* Domain @id of a caller that may act on it, with a reference; else NULL and *rc -ESRCH or -EPERM. */
struct domain *memop_domain(domid_t id, int *rc);
/* Largest extent that the caller may ask for at once. */
unsigned int memop_max_order(const struct domain *caller);
/* MEMF_* of mem_flags; false: no such width. */
bool memop_flags(const struct xen_memory_reservation *r, const struct domain *d, unsigned int *memflags);

long memop_reservation(unsigned int op, unsigned long start, unsigned long arg);
long memop_exchange(unsigned long arg);
long memop_acquire_resource(unsigned long start, unsigned long arg);
long memop_machine_memory_map(unsigned long arg);
long memop_memory_map(unsigned long arg);
long memop_set_memory_map(unsigned long arg);
long memop_machphys_mfn_list(unsigned long arg);
long memop_machphys_mapping(unsigned long arg);

#endif
