// SPDX-License-Identifier: GPL-2.0-only
/* memory_op: memory maps, and where the machine-to-physical table is. */
#include <hv/boot.h>
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/rangeset.h>
#include <x86/current.h>
#include <x86/pgtable.h>
#include "memory.h"

/* The firmware's layout: entries of 20 bytes. */
struct e820_wire { u64 addr, size; u32 type; } packed_struct;
_Static_assert(sizeof(struct e820_wire) == 20, "ACPI 15.1");

#define MAX_WIRE_ENTRIES 1024U

struct map_out { unsigned long buf; unsigned int max, n; };

/* False when the guest's buffer is bad; a full one only ends the list. */
static bool emit(struct map_out *o, u64 addr, u64 size, u32 type)
{
	struct e820_wire w = { addr, size, type };

	if (o->n >= o->max)
		return true;
	return copy_to_guest_raw(o->buf + o->n++ * sizeof(w), &w, sizeof(w));
}

/* Device memory that Domain 0 must keep off (local APIC, IO-APIC...): holes in what it may map, shown reserved. */
static bool emit_forbidden(struct map_out *o, u64 from, u64 to)
{
	struct rangeset *caps = current->domain->iomem_caps;
	u64 s, e;

	while (from < to && o->n < o->max) {
		if (!caps || !rangeset_next(caps, from, &s, &e))
			return true;
		if (s > to)
			s = to;
		if (s > from && !emit(o, from << PAGE_SHIFT, (s - from) << PAGE_SHIFT, E820_RESERVED))
			return false;
		from = e + 1;
	}
	return true;
}

long memop_machine_memory_map(unsigned long arg)
{
	struct xen_memory_map m;
	struct map_out o;
	u64 at = 0;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (!arg_read(&m, arg))
		return -EFAULT;
	o = (struct map_out){ (unsigned long)m.buffer.p, m.nr_entries, 0 };
	for (u32 i = 0; i < machine_e820.nr; i++) {
		const struct e820_entry *e = &machine_e820.e[i];

		if (!emit_forbidden(&o, at, e->addr >> PAGE_SHIFT) || !emit(&o, e->addr, e->size, e->type))
			return -EFAULT;
		at = max(at, (e->addr + e->size + PAGE_SIZE - 1) >> PAGE_SHIFT);
	}
	if (!emit_forbidden(&o, at, BIT64(32 - PAGE_SHIFT)))
		return -EFAULT;
	m.nr_entries = o.n;
	return arg_write(arg, &m) ? 0 : -EFAULT;
}

long memop_memory_map(unsigned long arg)
{
	struct domain *d = current->domain;
	struct xen_memory_map m;
	unsigned int nr;
	void *copy = NULL;
	bool ok;

	if (!arg_read(&m, arg))
		return -EFAULT;
	spin_lock(&d->arch.e820_lock);
	nr = min(m.nr_entries, d->arch.nr_e820);
	if (d->arch.nr_e820) {
		copy = hv_zalloc(max(nr, 1U) * sizeof(struct e820_wire));
		if (copy)
			memcpy(copy, d->arch.e820, nr * sizeof(struct e820_wire));
	}
	ok = d->arch.nr_e820;
	spin_unlock(&d->arch.e820_lock);
	if (!ok)
		return -ENOSYS;
	if (!copy)
		return -ENOMEM;
	m.nr_entries = nr;
	ok = copy_to_guest_raw((unsigned long)m.buffer.p, copy, nr * sizeof(struct e820_wire)) && arg_write(arg, &m);
	hv_free(copy);
	return ok ? 0 : -EFAULT;
}

long memop_set_memory_map(unsigned long arg)
{
	struct xen_foreign_memory_map f;
	struct domain *d;
	void *new = NULL, *old;
	int rc;

	if (!arg_read(&f, arg))
		return -EFAULT;
	if (f.map.nr_entries > MAX_WIRE_ENTRIES)
		return -EINVAL;
	d = memop_domain(f.domid, &rc);
	if (!d)
		return rc;
	rc = 0;
	if (f.map.nr_entries) {
		size_t len = f.map.nr_entries * sizeof(struct e820_wire);

		new = hv_zalloc(len);
		if (!new)
			rc = -ENOMEM;
		else if (!copy_from_guest_raw(new, (unsigned long)f.map.buffer.p, len))
			rc = -EFAULT;
	}
	if (!rc) {
		spin_lock(&d->arch.e820_lock);
		old = d->arch.e820;
		d->arch.e820 = new;
		d->arch.nr_e820 = f.map.nr_entries;
		spin_unlock(&d->arch.e820_lock);
		new = old;
	}
	hv_free(new);
	domain_put(d);
	return rc;
}

/* One frame for each 2 MiB of the table; holes repeat the frame before. */
long memop_machphys_mfn_list(unsigned long arg)
{
	struct xen_machphys_mfn_list l;
	u64 last = 0;
	unsigned int i;

	if (!arg_read(&l, arg))
		return -EFAULT;
	for (i = 0; i < l.max_extents && (u64)i << FRAME_CHUNK_SHIFT < m2p_frames; i++) {
		mfn_t m = m2p_chunk_mfn(i);

		if (!mfn_eq(m, INVALID_MFN))
			last = m.m;
		if (!copy_to_guest_raw((unsigned long)(l.extent_start.p + i), &last, sizeof(last)))
			return -EFAULT;
	}
	l.nr_extents = i;
	return arg_write(arg, &l) ? 0 : -EFAULT;
}

long memop_machphys_mapping(unsigned long arg)
{
	struct xen_machphys_mapping m = {
		.v_start = MACH2PHYS_VIRT_START, .v_end = MACH2PHYS_VIRT_END,
		.max_mfn = MACH2PHYS_NR_ENTRIES - 1,
	};

	if (current->domain->is_hardware)
		m.max_mfn = max_page - 1;
	return arg_write(arg, &m) ? 0 : -EFAULT;
}
