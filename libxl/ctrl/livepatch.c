// SPDX-License-Identifier: LGPL-2.1-only
/* Patches of the running hypervisor. */
#include "ctrl_internal.h"

/* Names travel with their end, by a buffer of their own. */
static int with_name(xc_interface *xch, struct xen_sysctl *s, char *name, struct xen_livepatch_name *where)
{
	const size_t size = strlen(name) + 1;
	xc_hypercall_buffer_t b = XC_BOUNCE(name, size, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (size > XEN_LIVEPATCH_NAME_SIZE) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	where->size = (uint16_t)size;
	set_handle(where->name, b);
	rc = xc_do_sysctl(xch, s);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_livepatch_upload(xc_interface *xch, char *name, unsigned char *payload, uint32_t size)
{
	SYSCTL(s, livepatch_op);
	xc_hypercall_buffer_t b = XC_BOUNCE(payload, size, XC_BOUNCE_IN);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (!name || !payload) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, 1))
		return -1;
	s.u.livepatch.cmd = XEN_SYSCTL_LIVEPATCH_UPLOAD;
	s.u.livepatch.u.upload.size = size;
	set_handle(s.u.livepatch.u.upload.payload, b);
	rc = with_name(xch, &s, name, &s.u.livepatch.u.upload.name);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_livepatch_get(xc_interface *xch, char *name, xen_livepatch_status_t *status)
{
	SYSCTL(s, livepatch_op);
	int rc;

	s.u.livepatch.cmd = XEN_SYSCTL_LIVEPATCH_GET;
	rc = with_name(xch, &s, name, &s.u.livepatch.u.get.name);
	*status = s.u.livepatch.u.get.status;
	return rc;
}

int xc_livepatch_list_get_sizes(xc_interface *xch, unsigned int *nr, uint32_t *name_total_size,
				uint32_t *metadata_total_size)
{
	SYSCTL(s, livepatch_op);
	int rc;

	if (!nr || !name_total_size || !metadata_total_size) {
		errno = EINVAL;
		return -1;
	}
	s.u.livepatch.cmd = XEN_SYSCTL_LIVEPATCH_LIST;
	rc = xc_do_sysctl(xch, &s);
	if (rc)
		return rc;
	*nr = s.u.livepatch.u.list.nr;
	*name_total_size = s.u.livepatch.u.list.name_total_size;
	*metadata_total_size = s.u.livepatch.u.list.metadata_total_size;
	return 0;
}

/* Sizes come from get_sizes; a change in between (version) means to ask again. */
int xc_livepatch_list(xc_interface *xch, const unsigned int max, const unsigned int start,
		      struct xen_livepatch_status *info, char *name, uint32_t *len,
		      const uint32_t name_total_size, char *metadata, uint32_t *metadata_len,
		      const uint32_t metadata_total_size, unsigned int *done, unsigned int *left)
{
	SYSCTL(s, livepatch_op);
	struct xen_sysctl_livepatch_list *l = &s.u.livepatch.u.list;
	xc_hypercall_buffer_t bi = XC_BOUNCE(info, max * sizeof(*info), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bn = XC_BOUNCE(name, name_total_size, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bl = XC_BOUNCE(len, max * sizeof(*len), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bm = XC_BOUNCE(metadata, metadata_total_size, XC_BOUNCE_OUT);
	xc_hypercall_buffer_t bk = XC_BOUNCE(metadata_len, max * sizeof(*metadata_len), XC_BOUNCE_OUT);
	xc_hypercall_buffer_t *const all[] = { &bi, &bn, &bl, &bm, &bk };
	int rc;

	if (!max || !info || !name || !len || !metadata || !metadata_len || !done || !left) {
		errno = EINVAL;
		return -1;
	}
	if (xc_bounce_all(xch, all, ARRAY_SIZE(all)))
		return -1;
	s.u.livepatch.cmd = XEN_SYSCTL_LIVEPATCH_LIST;
	l->idx = start;
	l->nr = max;
	l->name_total_size = name_total_size;
	l->metadata_total_size = metadata_total_size;
	set_handle(l->status, bi);
	set_handle(l->name, bn);
	set_handle(l->len, bl);
	set_handle(l->metadata, bm);
	set_handle(l->metadata_len, bk);
	rc = xc_do_sysctl(xch, &s);
	xc_unbounce_all(xch, all, ARRAY_SIZE(all));
	*done = rc < 0 ? 0 : (unsigned int)rc;
	*left = rc < 0 ? 0 : l->nr;
	return rc < 0 ? rc : 0;
}

static int action(xc_interface *xch, char *name, uint32_t cmd, uint32_t timeout, uint32_t flags)
{
	SYSCTL(s, livepatch_op);

	s.u.livepatch.cmd = XEN_SYSCTL_LIVEPATCH_ACTION;
	s.u.livepatch.u.action.cmd = cmd;
	s.u.livepatch.u.action.timeout = timeout;
	s.u.livepatch.u.action.flags = flags;
	return with_name(xch, &s, name, &s.u.livepatch.u.action.name);
}

int xc_livepatch_apply(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags)
{
	return action(xch, name, LIVEPATCH_ACTION_APPLY, timeout, flags);
}

int xc_livepatch_revert(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags)
{
	return action(xch, name, LIVEPATCH_ACTION_REVERT, timeout, flags);
}

int xc_livepatch_unload(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags)
{
	return action(xch, name, LIVEPATCH_ACTION_UNLOAD, timeout, flags);
}

int xc_livepatch_replace(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags)
{
	return action(xch, name, LIVEPATCH_ACTION_REPLACE, timeout, flags);
}
