// SPDX-License-Identifier: LGPL-2.1-only
/* Trace buffers, performance counters, lock profiles, processor trace. */
#include <stdint.h>
#include <sys/mman.h>
#include <xen/trace.h>

#include "ctrl_internal.h"

static int tbuf_op(xc_interface *xch, struct xen_sysctl *s, uint32_t cmd)
{
	s->u.tbuf_op.cmd = cmd;
	return xc_do_sysctl(xch, s);
}

int xc_tbuf_set_size(xc_interface *xch, unsigned long size)
{
	SYSCTL(s, tbuf_op);

	s.u.tbuf_op.size = (uint32_t)size;
	return tbuf_op(xch, &s, XEN_SYSCTL_TBUFOP_set_size);
}

/* Pages of each CPU's buffer: said in the page that tells where the buffers are. */
int xc_tbuf_get_size(xc_interface *xch, unsigned long *size)
{
	SYSCTL(s, tbuf_op);
	const struct t_info *info;

	if (tbuf_op(xch, &s, XEN_SYSCTL_TBUFOP_get_info))
		return -1;
	info = xc_map_foreign_range(xch, DOMID_XEN, (int)s.u.tbuf_op.size, PROT_READ | PROT_WRITE,
				    (unsigned long)s.u.tbuf_op.buffer_mfn);
	if (!info)
		return -1;
	*size = info->tbuf_size;
	munmap((void *)(uintptr_t)info, s.u.tbuf_op.size);
	return *size ? 0 : -1;
}

int xc_tbuf_enable(xc_interface *xch, unsigned long pages, unsigned long *mfn, unsigned long *size)
{
	SYSCTL(on, tbuf_op);
	SYSCTL(info, tbuf_op);
	int rc;

	/* Fails if they exist already, which is fine: their size is kept. */
	xc_tbuf_set_size(xch, pages);
	if (tbuf_op(xch, &on, XEN_SYSCTL_TBUFOP_enable))
		return -1;
	rc = tbuf_op(xch, &info, XEN_SYSCTL_TBUFOP_get_info);
	if (!rc) {
		*size = info.u.tbuf_op.size;
		*mfn = info.u.tbuf_op.buffer_mfn;
	}
	return rc;
}

int xc_tbuf_disable(xc_interface *xch)
{
	SYSCTL(s, tbuf_op);

	return tbuf_op(xch, &s, XEN_SYSCTL_TBUFOP_disable);
}

int xc_tbuf_set_cpu_mask(xc_interface *xch, xc_cpumap_t mask)
{
	SYSCTL(s, tbuf_op);
	int cpus = xc_get_max_cpus(xch), rc;
	xc_hypercall_buffer_t b = XC_BOUNCE(mask, ((size_t)cpus + 7) / 8, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };

	if (cpus <= 0 || xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(s.u.tbuf_op.cpu_mask.bitmap, b);
	s.u.tbuf_op.cpu_mask.nr_bits = (uint32_t)cpus;
	rc = tbuf_op(xch, &s, XEN_SYSCTL_TBUFOP_set_cpu_mask);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_tbuf_set_evt_mask(xc_interface *xch, uint32_t mask)
{
	SYSCTL(s, tbuf_op);

	s.u.tbuf_op.evt_mask = mask;
	return tbuf_op(xch, &s, XEN_SYSCTL_TBUFOP_set_evt_mask);
}

/* --- counters */

int xc_perfc_reset(xc_interface *xch)
{
	SYSCTL(s, perfc_op);

	s.u.perfc_op.cmd = XEN_SYSCTL_PERFCOP_reset;
	return xc_do_sysctl(xch, &s);
}

int xc_perfc_query_number(xc_interface *xch, int *nbr_desc, int *nbr_val)
{
	SYSCTL(s, perfc_op);
	int rc;

	s.u.perfc_op.cmd = XEN_SYSCTL_PERFCOP_query;
	rc = xc_do_sysctl(xch, &s);
	if (nbr_desc)
		*nbr_desc = (int)s.u.perfc_op.nr_counters;
	if (nbr_val)
		*nbr_val = (int)s.u.perfc_op.nr_vals;
	return rc;
}

static xc_hypercall_buffer_t *real(xc_hypercall_buffer_t *b)
{
	return b->param_shadow ? b->param_shadow : b;
}

int xc_perfc_query(xc_interface *xch, xc_hypercall_buffer_t *desc, xc_hypercall_buffer_t *val)
{
	SYSCTL(s, perfc_op);

	s.u.perfc_op.cmd = XEN_SYSCTL_PERFCOP_query;
	set_handle(s.u.perfc_op.desc, *real(desc));
	set_handle(s.u.perfc_op.val, *real(val));
	return xc_do_sysctl(xch, &s);
}

int xc_lockprof_reset(xc_interface *xch)
{
	SYSCTL(s, lockprof_op);

	s.u.lockprof_op.cmd = XEN_SYSCTL_LOCKPROF_reset;
	return xc_do_sysctl(xch, &s);
}

int xc_lockprof_query_number(xc_interface *xch, uint32_t *n_elems)
{
	SYSCTL(s, lockprof_op);
	int rc;

	s.u.lockprof_op.cmd = XEN_SYSCTL_LOCKPROF_query;
	rc = xc_do_sysctl(xch, &s);
	*n_elems = s.u.lockprof_op.nr_elem;
	return rc;
}

int xc_lockprof_query(xc_interface *xch, uint32_t *n_elems, uint64_t *time, xc_hypercall_buffer_t *data)
{
	SYSCTL(s, lockprof_op);
	int rc;

	s.u.lockprof_op.cmd = XEN_SYSCTL_LOCKPROF_query;
	s.u.lockprof_op.max_elem = *n_elems;
	set_handle(s.u.lockprof_op.data, *real(data));
	rc = xc_do_sysctl(xch, &s);
	*n_elems = s.u.lockprof_op.nr_elem;
	if (time)
		*time = s.u.lockprof_op.time;
	return rc;
}

/* --- processor trace */

static int vmtrace_op(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint32_t cmd, uint64_t key,
		      uint64_t *value)
{
	DOMCTL(d, vmtrace_op, domid);
	int rc;

	d.u.vmtrace_op.cmd = cmd;
	d.u.vmtrace_op.vcpu = vcpu;
	d.u.vmtrace_op.key = key;
	d.u.vmtrace_op.value = value ? *value : 0;
	rc = xc_do_domctl(xch, &d);
	if (!rc && value)
		*value = d.u.vmtrace_op.value;
	return rc;
}

int xc_vmtrace_enable(xc_interface *xch, uint32_t domid, uint32_t vcpu)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_enable, 0, NULL);
}

int xc_vmtrace_disable(xc_interface *xch, uint32_t domid, uint32_t vcpu)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_disable, 0, NULL);
}

int xc_vmtrace_reset_and_enable(xc_interface *xch, uint32_t domid, uint32_t vcpu)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_reset_and_enable, 0, NULL);
}

int xc_vmtrace_output_position(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t *pos)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_output_position, 0, pos);
}

int xc_vmtrace_get_option(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t key, uint64_t *value)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_get_option, key, value);
}

int xc_vmtrace_set_option(xc_interface *xch, uint32_t domid, uint32_t vcpu, uint64_t key, uint64_t value)
{
	return vmtrace_op(xch, domid, vcpu, XEN_DOMCTL_vmtrace_set_option, key, &value);
}
