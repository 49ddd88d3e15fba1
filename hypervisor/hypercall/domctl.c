// SPDX-License-Identifier: GPL-2.0-only
/*
 * domctl: one row per sub-operation.  A row without a handler refuses with the errno that the original
 * gives for a PV guest in Debian's build; reasons stand in hypercalls.tsv.
 */
#include <hv/control.h>
#include <hv/hypercall.h>
#include <x86/current.h>

struct domctl_row {
	domctl_fn *fn;
	s16 err;		/* without a handler */
	bool no_domain;		/* runs whether or not the domain exists */
	bool not_self;		/* -EINVAL on the caller itself */
};

#define DO(name) [XEN_DOMCTL_##name] = { .fn = domctl_##name }
#define DO_OTHER(name) [XEN_DOMCTL_##name] = { .fn = domctl_##name, .not_self = true }
#define DO_ANY(name) [XEN_DOMCTL_##name] = { .fn = domctl_##name, .no_domain = true }
#define REFUSE(name, e) [XEN_DOMCTL_##name] = { .err = e }

static const struct domctl_row rows[] = {
	DO_ANY(createdomain),
	DO_OTHER(destroydomain),
	DO_OTHER(pausedomain),
	DO(unpausedomain),
	DO_ANY(getdomaininfo),
	DO(setvcpuaffinity),
	DO(shadow_op),
	DO(max_mem),
	DO_OTHER(setvcpucontext),
	DO_OTHER(getvcpucontext),
	DO(getvcpuinfo),
	DO_OTHER(max_vcpus),
	DO(scheduler_op),
	DO(setdomainhandle),
	DO_OTHER(setdebugging),
	DO(irq_permission),
	DO(iomem_permission),
	DO(ioport_permission),
	DO(hypercall_init),
	REFUSE(soft_reset_cont, EINVAL),
	DO(settimeoffset),
	DO(getvcpuaffinity),
	REFUSE(real_mode_area, ENOSYS),
	DO_OTHER(resumedomain),
	DO(sendtrigger),
	DO(subscribe),
	REFUSE(gethvmcontext, EINVAL),
	REFUSE(sethvmcontext, EINVAL),
	DO(set_address_size),
	DO(get_address_size),
	REFUSE(assign_device, EOPNOTSUPP),
	REFUSE(bind_pt_irq, EINVAL),
	DO(memory_mapping),
	REFUSE(ioport_mapping, EOPNOTSUPP),
	DO_OTHER(set_ext_vcpucontext),
	DO(get_ext_vcpucontext),
	REFUSE(set_opt_feature, ENOSYS),
	REFUSE(test_assign_device, EOPNOTSUPP),
	REFUSE(set_target, EOPNOTSUPP),
	REFUSE(deassign_device, EOPNOTSUPP),
	REFUSE(unbind_pt_irq, EINVAL),
	REFUSE(get_device_group, EOPNOTSUPP),
	REFUSE(debug_op, EINVAL),
	REFUSE(gethvmcontext_partial, EINVAL),
	REFUSE(vm_event_op, EOPNOTSUPP),
	REFUSE(mem_sharing_op, ENOSYS),
	DO_OTHER(gettscinfo),
	DO_OTHER(settscinfo),
	DO(getpageframeinfo3),
	DO_OTHER(setvcpuextstate),
	DO_OTHER(getvcpuextstate),
	DO(set_access_required),
	REFUSE(audit_p2m, ENOSYS),
	DO(set_virq_handler),
	REFUSE(set_broken_page_p2m, EINVAL),
	DO(setnodeaffinity),
	DO(getnodeaffinity),
	REFUSE(cacheflush, ENOSYS),
	DO_OTHER(get_vcpu_msrs),
	DO_OTHER(set_vcpu_msrs),
	REFUSE(setvnumainfo, EINVAL),
	REFUSE(psr_cmt_op, ENODEV),
	DO(monitor_op),
	REFUSE(psr_alloc, ENODEV),
	REFUSE(soft_reset, EINVAL),
	REFUSE(vuart_op, ENOSYS),
	DO(get_cpu_policy),
	DO_OTHER(set_cpu_policy),
	REFUSE(vmtrace_op, EINVAL),
	REFUSE(get_paging_mempool_size, EOPNOTSUPP),
	REFUSE(set_paging_mempool_size, EOPNOTSUPP),
};

/* Serialises all control calls; whoever does not get it tries again, so that its CPU stays free for others. */
static spinlock_t domctl_lock = SPINLOCK_INIT(LOCK_DOMCTL);

static long run_row(const struct domctl_row *row, struct domctl_call *c)
{
	if (!c->d && !row->no_domain)
		return -ESRCH;
	if (!row->fn)
		return row->err ? -row->err : -ENOSYS;
	if (row->not_self && c->d == current->domain)
		return -EINVAL;
	return row->fn(c);
}

long do_domctl(unsigned long arg)
{
	static const struct domctl_row unknown;
	struct xen_domctl op;
	struct domctl_call c = { .op = &op };
	const struct domctl_row *row = &unknown;
	long rc;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (op.cmd < ARRAY_SIZE(rows))
		row = &rows[op.cmd];
	if (!spin_trylock(&domctl_lock))
		return hypercall_continue(1, arg);
	if (op.cmd != XEN_DOMCTL_createdomain)
		c.d = domain_get(op.domain);
	rc = run_row(row, &c);
	spin_unlock(&domctl_lock);
	if (c.d)
		domain_put(c.d);
	if (c.copy_back && !arg_write(arg, &op))
		rc = -EFAULT;
	return rc == -ERESTART ? hypercall_continue(1, arg) : rc;
}

long bitmap_from_control(unsigned long *bits, unsigned int nr, const struct xenctl_bitmap *map)
{
	u32 n = min(map->nr_bits, nr);

	memset(bits, 0, BITS_TO_LONGS(nr) * sizeof(*bits));
	if (!n)
		return 0;
	if (!guest_read_n((u8 *)bits, map->bitmap, 0, DIV_ROUND_UP(n, 8)))
		return -EFAULT;
	for (u32 i = n; i < ROUND_UP(n, 8U) && i < nr; i++)
		__clear_bit(i, bits);
	return 0;
}

long bitmap_to_control(struct xenctl_bitmap *map, const unsigned long *bits, unsigned int nr)
{
	u32 have = DIV_ROUND_UP(nr, 8), want = (u32)DIV_ROUND_UP((u64)map->nr_bits, 8), n = min(have, want);
	u8 last;

	if (!map->nr_bits)
		return 0;
	if (n && !guest_write_n(map->bitmap, 0, (const u8 *)bits, n))
		return -EFAULT;
	if (want > n && !clear_guest_raw((unsigned long)(map->bitmap.p + n), want - n))
		return -EFAULT;
	/* Bits past nr_bits in the last byte. */
	if (want == n && map->nr_bits & 7) {
		last = ((const u8 *)bits)[n - 1] & (u8)((1U << (map->nr_bits & 7)) - 1);
		if (!guest_write_n(map->bitmap, n - 1, &last, 1))
			return -EFAULT;
	}
	return 0;
}
