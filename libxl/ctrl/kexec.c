// SPDX-License-Identifier: LGPL-2.1-only
/* Load and run another kernel in place of the hypervisor. */
#include "ctrl_internal.h"

static int kexec_op(xc_interface *xch, unsigned long cmd, void *arg, size_t len)
{
	return xc_do_two(xch, __HYPERVISOR_kexec_op, cmd, arg, len);
}

int xc_kexec_exec(xc_interface *xch, int type)
{
	xen_kexec_exec_t arg = { .type = type };

	return kexec_op(xch, KEXEC_CMD_kexec, &arg, sizeof(arg));
}

int xc_kexec_get_range(xc_interface *xch, int range, int nr, uint64_t *size, uint64_t *start)
{
	xen_kexec_range_t arg = { .range = range, .nr = nr };
	int rc = kexec_op(xch, KEXEC_CMD_kexec_get_range, &arg, sizeof(arg));

	*size = arg.size;
	*start = arg.start;
	return rc;
}

int xc_kexec_load(xc_interface *xch, uint8_t type, uint16_t arch, uint64_t entry_maddr, uint32_t nr_segments,
		  xen_kexec_segment_t *segments)
{
	/* The segments' own handles are hypercall buffers of the caller. */
	xc_hypercall_buffer_t b = XC_BOUNCE(segments, nr_segments * sizeof(*segments), XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	xen_kexec_load_t arg = {
		.type = type, .arch = arch, .nr_segments = nr_segments, .entry_maddr = entry_maddr,
	};
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	set_handle(arg.segments.h, b);
	rc = kexec_op(xch, KEXEC_CMD_kexec_load, &arg, sizeof(arg));
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_kexec_unload(xc_interface *xch, int type)
{
	xen_kexec_unload_t arg = { .type = (uint8_t)type };

	return kexec_op(xch, KEXEC_CMD_kexec_unload, &arg, sizeof(arg));
}

int xc_kexec_status(xc_interface *xch, int type)
{
	xen_kexec_status_t arg = { .type = (uint8_t)type };

	return kexec_op(xch, KEXEC_CMD_kexec_status, &arg, sizeof(arg));
}
