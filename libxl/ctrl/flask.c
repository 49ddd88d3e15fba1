// SPDX-License-Identifier: LGPL-2.1-only
/* Security labels; -ENOSYS from hypervisors without XSM. */
#include <stdio.h>

#include "ctrl_internal.h"

/* An operation on text of a given size, which goes in, out or both. */
static int text_op(xc_interface *xch, xen_flask_op_t *op, char *text, size_t size, int dir)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(text, size, dir);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	switch (op->cmd) {
	case FLASK_LOAD:
		set_handle(op->u.load.buffer, b);
		break;
	case FLASK_GETBOOL:
	case FLASK_SETBOOL:
		set_handle(op->u.boolean.name, b);
		break;
	default:
		set_handle(op->u.sid_context.context, b);
		break;
	}
	rc = xc_flask_op(xch, op);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_flask_load(xc_interface *xch, char *buf, uint32_t size)
{
	xen_flask_op_t op = { .cmd = FLASK_LOAD, .u.load.size = size };

	return text_op(xch, &op, buf, size, XC_BOUNCE_IN);
}

int xc_flask_context_to_sid(xc_interface *xch, char *buf, uint32_t size, uint32_t *sid)
{
	xen_flask_op_t op = { .cmd = FLASK_CONTEXT_TO_SID, .u.sid_context.size = size };
	int rc = text_op(xch, &op, buf, size, XC_BOUNCE_IN);

	if (!rc)
		*sid = op.u.sid_context.sid;
	return rc;
}

int xc_flask_sid_to_context(xc_interface *xch, int sid, char *buf, uint32_t size)
{
	xen_flask_op_t op = {
		.cmd = FLASK_SID_TO_CONTEXT, .u.sid_context = { .sid = (uint32_t)sid, .size = size },
	};

	return text_op(xch, &op, buf, size, XC_BOUNCE_OUT);
}

int xc_flask_getenforce(xc_interface *xch)
{
	xen_flask_op_t op = { .cmd = FLASK_GETENFORCE };

	return xc_flask_op(xch, &op);
}

int xc_flask_setenforce(xc_interface *xch, int mode)
{
	xen_flask_op_t op = { .cmd = FLASK_SETENFORCE, .u.enforce.enforcing = (uint32_t)mode };

	return xc_flask_op(xch, &op);
}

static void bool_out(const xen_flask_op_t *op, int *curr, int *pend)
{
	if (curr)
		*curr = op->u.boolean.enforcing;
	if (pend)
		*pend = op->u.boolean.pending;
}

int xc_flask_getbool_byid(xc_interface *xch, int id, char *name, uint32_t size, int *curr, int *pend)
{
	xen_flask_op_t op = { .cmd = FLASK_GETBOOL, .u.boolean = { .bool_id = (uint32_t)id, .size = size } };
	int rc = text_op(xch, &op, name, size, XC_BOUNCE_OUT);

	if (!rc)
		bool_out(&op, curr, pend);
	return rc;
}

int xc_flask_getbool_byname(xc_interface *xch, char *name, int *curr, int *pend)
{
	const size_t size = strlen(name);
	xen_flask_op_t op = { .cmd = FLASK_GETBOOL, .u.boolean = { .bool_id = ~0U, .size = (uint32_t)size } };
	int rc = text_op(xch, &op, name, size, XC_BOUNCE_IN);

	if (!rc)
		bool_out(&op, curr, pend);
	return rc;
}

int xc_flask_setbool(xc_interface *xch, char *name, int value, int commit)
{
	const size_t size = strlen(name);
	xen_flask_op_t op = {
		.cmd = FLASK_SETBOOL,
		.u.boolean = { .bool_id = ~0U, .new_value = !!value, .commit = !!commit, .size = (uint32_t)size },
	};

	return text_op(xch, &op, name, size, XC_BOUNCE_IN);
}

/* Kinds of objects that have a label by number: in the policy's order. */
enum { OCON_PIRQ = 1, OCON_IOPORT = 2, OCON_IOMEM = 3, OCON_DEVICE = 4 };

static int ocontext(xc_interface *xch, uint32_t cmd, uint32_t ocon, uint64_t low, uint64_t high,
		    char *scontext)
{
	xen_flask_op_t op = { .cmd = cmd, .u.ocontext = { .ocon = ocon, .low = low, .high = high } };
	uint32_t sid = 0;

	if (scontext && xc_flask_context_to_sid(xch, scontext, (uint32_t)strlen(scontext), &sid))
		return -1;
	op.u.ocontext.sid = sid;
	return xc_flask_op(xch, &op);
}

int xc_flask_add_pirq(xc_interface *xch, unsigned int pirq, char *scontext)
{
	return ocontext(xch, FLASK_ADD_OCONTEXT, OCON_PIRQ, pirq, pirq, scontext);
}

int xc_flask_add_ioport(xc_interface *xch, unsigned long low, unsigned long high, char *scontext)
{
	return ocontext(xch, FLASK_ADD_OCONTEXT, OCON_IOPORT, low, high, scontext);
}

int xc_flask_add_iomem(xc_interface *xch, unsigned long low, unsigned long high, char *scontext)
{
	return ocontext(xch, FLASK_ADD_OCONTEXT, OCON_IOMEM, low, high, scontext);
}

int xc_flask_add_device(xc_interface *xch, unsigned long device, char *scontext)
{
	return ocontext(xch, FLASK_ADD_OCONTEXT, OCON_DEVICE, device, device, scontext);
}

int xc_flask_del_pirq(xc_interface *xch, unsigned int pirq)
{
	return ocontext(xch, FLASK_DEL_OCONTEXT, OCON_PIRQ, pirq, pirq, NULL);
}

int xc_flask_del_ioport(xc_interface *xch, unsigned long low, unsigned long high)
{
	return ocontext(xch, FLASK_DEL_OCONTEXT, OCON_IOPORT, low, high, NULL);
}

int xc_flask_del_iomem(xc_interface *xch, unsigned long low, unsigned long high)
{
	return ocontext(xch, FLASK_DEL_OCONTEXT, OCON_IOMEM, low, high, NULL);
}

int xc_flask_del_device(xc_interface *xch, unsigned long device)
{
	return ocontext(xch, FLASK_DEL_OCONTEXT, OCON_DEVICE, device, device, NULL);
}

int xc_flask_access(xc_interface *xch, const char *scon, const char *tcon, uint16_t tclass, uint32_t req,
		    uint32_t *allowed, uint32_t *decided, uint32_t *auditallow, uint32_t *auditdeny,
		    uint32_t *seqno)
{
	xen_flask_op_t op = { .cmd = FLASK_ACCESS };

	if (xc_flask_context_to_sid(xch, (char *)(uintptr_t)scon, (uint32_t)strlen(scon), &op.u.access.ssid) ||
	    xc_flask_context_to_sid(xch, (char *)(uintptr_t)tcon, (uint32_t)strlen(tcon), &op.u.access.tsid))
		return -1;
	op.u.access.tclass = tclass;
	op.u.access.req = req;
	if (xc_flask_op(xch, &op))
		return -1;
	if (allowed)
		*allowed = op.u.access.allowed;
	if (decided)
		*decided = 0xffffffff;
	if (auditallow)
		*auditallow = op.u.access.audit_allow;
	if (auditdeny)
		*auditdeny = op.u.access.audit_deny;
	if (seqno)
		*seqno = op.u.access.seqno;
	if ((op.u.access.allowed & req) == req)
		return 0;
	errno = EPERM;
	return -1;
}

int xc_flask_policyvers(xc_interface *xch)
{
	xen_flask_op_t op = { .cmd = FLASK_POLICYVERS };

	return xc_flask_op(xch, &op);
}

int xc_flask_getavc_threshold(xc_interface *xch)
{
	xen_flask_op_t op = { .cmd = FLASK_GETAVC_THRESHOLD };

	return xc_flask_op(xch, &op);
}

int xc_flask_setavc_threshold(xc_interface *xch, int threshold)
{
	xen_flask_op_t op = { .cmd = FLASK_SETAVC_THRESHOLD, .u.setavc_threshold.threshold = (uint32_t)threshold };

	return xc_flask_op(xch, &op);
}

int xc_flask_relabel_domain(xc_interface *xch, uint32_t domid, uint32_t sid)
{
	xen_flask_op_t op = { .cmd = FLASK_RELABEL_DOMAIN, .u.relabel = { .domid = domid, .sid = sid } };

	return xc_flask_op(xch, &op);
}

/* --- statistics as text, one table for each call */

int xc_flask_avc_cachestats(xc_interface *xch, char *buf, int size)
{
	int at = snprintf(buf, (size_t)size, "lookups hits misses allocations reclaims frees\n");

	/* One line per CPU, until there is none: -ENOENT. */
	for (uint32_t cpu = 0; at > 0 && at < size; cpu++) {
		xen_flask_op_t op = { .cmd = FLASK_AVC_CACHESTATS, .u.cache_stats.cpu = cpu };
		const xen_flask_cache_stats_t *c = &op.u.cache_stats;

		if (xc_flask_op(xch, &op))
			return errno == ENOENT && cpu ? 0 : -1;
		at += snprintf(buf + at, (size_t)(size - at), "%u %u %u %u %u %u\n", c->lookups, c->hits, c->misses,
			       c->allocations, c->reclaims, c->frees);
	}
	errno = ENOSPC;
	return -1;
}

int xc_flask_avc_hashstats(xc_interface *xch, char *buf, int size)
{
	xen_flask_op_t op = { .cmd = FLASK_AVC_HASHSTATS };
	const xen_flask_hash_stats_t *h = &op.u.hash_stats;
	int rc = xc_flask_op(xch, &op);

	if (rc)
		return rc;
	snprintf(buf, (size_t)size, "entries: %u\nbuckets used: %u/%u\nlongest chain: %u\n", h->entries,
		 h->buckets_used, h->buckets_total, h->max_chain_len);
	return 0;
}
