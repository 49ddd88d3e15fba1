// SPDX-License-Identifier: GPL-2.0-only
/* sysctl: one row per sub-operation; rows without a handler refuse with the original's errno (Debian's build). */
#include <hv/console.h>
#include <hv/control.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/keyhandler.h>
#include <hv/sched.h>
#include <x86/current.h>

#include "sysctl.h"

struct sysctl_row { sysctl_fn *fn; s16 err; };

static long sysctl_readconsole(struct sysctl_call *c)
{
	struct xen_sysctl_readconsole *r = &c->op->u.readconsole;
	bool incremental = r->incremental;
	u32 done = 0, index = r->index;
	char *buf = alloc_hv_page();
	long rc = 0;

	if (!buf)
		return -ENOMEM;
	while (done < r->count) {
		size_t n = console_ring_read(buf, min(r->count - done, (u32)PAGE_SIZE), &index, incremental);

		if (!n)
			break;
		/* From the second piece on, go on where the first one ended. */
		incremental = true;
		if (!copy_to_guest_raw((unsigned long)r->buffer.p + done, buf, n)) {
			rc = -EFAULT;
			break;
		}
		done += (u32)n;
	}
	if (!rc && r->clear)
		console_ring_forget(index);
	free_hv_page(buf);
	r->count = done;
	r->index = index;
	c->copy_back = !rc;
	return rc;
}

/* There is no tracing: no buffers, masks of nothing, nothing to switch off. */
static long sysctl_tbuf_op(struct sysctl_call *c)
{
	switch (c->op->u.tbuf_op.cmd) {
	case XEN_SYSCTL_TBUFOP_get_info:
		c->op->u.tbuf_op.evt_mask = 0;
		c->op->u.tbuf_op.buffer_mfn = 0;
		c->op->u.tbuf_op.size = 0;
		c->copy_back = true;
		return 0;
	case XEN_SYSCTL_TBUFOP_set_cpu_mask:
	case XEN_SYSCTL_TBUFOP_set_evt_mask:
	case XEN_SYSCTL_TBUFOP_disable:
		return 0;
	default:
		return -EINVAL;
	}
}

static long sysctl_sched_id(struct sysctl_call *c)
{
	c->op->u.sched_id.sched_id = sched_id();
	c->copy_back = true;
	return 0;
}

static long sysctl_getdomaininfolist(struct sysctl_call *c)
{
	struct xen_sysctl_getdomaininfolist *l = &c->op->u.getdomaininfolist;
	struct xen_domctl_getdomaininfo info;
	u32 n = 0, from = l->first_domain;
	long rc = 0;

	for (; n < l->max_domains && from < DOMID_FIRST_RESERVED; n++) {
		struct domain *d = domain_get_from((domid_t)from);

		if (!d)
			break;
		domain_info(d, &info);
		from = d->id + 1U;
		domain_put(d);
		if (!guest_write_n(l->buffer, n, &info, 1)) {
			rc = -EFAULT;
			break;
		}
	}
	l->num_domains = n;
	c->copy_back = !rc;
	return rc;
}

#define MAX_KEYS 64

static long sysctl_debug_keys(struct sysctl_call *c)
{
	const struct xen_sysctl_debug_keys *k = &c->op->u.debug_keys;
	char keys[MAX_KEYS];

	if (k->nr_keys > MAX_KEYS)
		return -E2BIG;
	if (k->nr_keys && !copy_from_guest_raw(keys, (unsigned long)k->keys.p, k->nr_keys))
		return -EFAULT;
	for (u32 i = 0; i < k->nr_keys; i++)
		keyhandler_run((unsigned char)keys[i]);
	return 0;
}

static long sysctl_cpupool_op(struct sysctl_call *c)
{
	long rc = do_cpupool_op(&c->op->u.cpupool_op);

	c->copy_back = !rc;
	return rc;
}

static long sysctl_scheduler_op(struct sysctl_call *c)
{
	long rc = sched_adjust_pool(&c->op->u.scheduler_op);

	c->copy_back = !rc;
	return rc;
}

#define DO(name) [XEN_SYSCTL_##name] = { .fn = sysctl_##name }
#define REFUSE(name, e) [XEN_SYSCTL_##name] = { .err = e }

static const struct sysctl_row rows[] = {
	DO(readconsole),
	DO(tbuf_op),
	DO(physinfo),
	DO(sched_id),
	REFUSE(perfc_op, ENOSYS),
	DO(getdomaininfolist),
	DO(debug_keys),
	DO(getcpuinfo),
	DO(availheap),
	DO(get_pmstat),
	DO(cpu_hotplug),
	DO(pm_op),
	REFUSE(page_offline_op, EOPNOTSUPP),
	REFUSE(lockprof_op, ENOSYS),
	DO(cputopoinfo),
	DO(numainfo),
	DO(cpupool_op),
	DO(scheduler_op),
	REFUSE(coverage_op, EOPNOTSUPP),
	REFUSE(psr_cmt_op, ENODEV),
	DO(pcitopoinfo),
	REFUSE(psr_alloc, ENODEV),
	DO(get_cpu_levelling_caps),
	DO(get_cpu_featureset),
	REFUSE(livepatch_op, EOPNOTSUPP),
	DO(get_cpu_policy),
};

static spinlock_t sysctl_lock = SPINLOCK_INIT(LOCK_DOMCTL);

long do_sysctl(unsigned long arg)
{
	struct xen_sysctl op;
	struct sysctl_call c = { .op = &op };
	long rc = -ENOSYS;

	if (!current->domain->is_privileged)
		return -EPERM;
	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	if (!spin_trylock(&sysctl_lock))
		return hypercall_continue(1, arg);
	if (op.cmd < ARRAY_SIZE(rows) && rows[op.cmd].fn)
		rc = rows[op.cmd].fn(&c);
	else if (op.cmd < ARRAY_SIZE(rows) && rows[op.cmd].err)
		rc = -rows[op.cmd].err;
	spin_unlock(&sysctl_lock);
	if (c.copy_back && !arg_write(arg, &op))
		rc = -EFAULT;
	return rc == -ERESTART ? hypercall_continue(1, arg) : rc;
}
