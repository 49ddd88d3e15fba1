// SPDX-License-Identifier: GPL-2.0-only
/* What the store asks about domains, and tells of them; what the hypervisor answers is in the journal. */
#include <errno.h>
#include <stdlib.h>

#include "daemon/log.h"
#include "daemon/xen.h"
#include "domain.h"
#include "domain_priv.h"
#include "journal.h"

static bool exists_now(uint32_t domid)
{
	enum dom_state st = xen_dom_state(domid);

	return st == DOM_ALIVE || st == DOM_SHUTDOWN;
}

bool domain_exists(struct store *s, uint32_t domid)
{
	uint8_t yes;

	if (!journal_recall(JOURNAL_KNOWN, domid, &yes, sizeof(yes))) {
		yes = exists_now(domid);
		journal_note(JOURNAL_KNOWN, domid, &yes, sizeof(yes));
	}
	return yes;
}

static int connect_new(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port)
{
	struct domain *d;
	int err;

	if (!exists_now(domid))
		return EINVAL;
	d = domain_new(s, domid);
	if (!d)
		return ENOMEM;
	err = domain_map(d, gfn) ? domain_bind(d, port) : EINVAL;
	if (err) {
		log_line("domain %u: cannot be introduced: %s", domid,
			 d->ring ? "its event channel cannot be bound" :
				   "its ring cannot be mapped, by grant or by frame");
		domain_free(d);
		return err;
	}
	d->conn.client.dom->link = d;
	domain_ring_begin(d);
	return 0;
}

/* Its page could not be had when we took over; now it is introduced again. */
static bool ring_remap(struct domain *d, uint64_t gfn)
{
	struct xenstore_domain_interface *stand_in = d->ring;

	if (!domain_map(d, gfn)) {
		d->ring = stand_in;
		d->kind = RING_LOST;
		return false;
	}
	free(stand_in);
	return true;
}

static int introduce_now(struct store *s, struct domain *d, uint32_t domid, uint64_t gfn, uint32_t port)
{
	int err;

	if (!d)
		return connect_new(s, domid, gfn, port);
	if (d->kind == RING_LOST && !ring_remap(d, gfn))
		return EINVAL;
	/* Its last process died of this very request, or while it was at it. */
	if (!d->ring && !domain_map_again(d))
		return ENOMEM;
	/* A domain that was restored, or asks for another channel, begins with an empty ring. */
	domain_unbind(d);
	err = domain_bind(d, port);
	if (!err && &d->conn != conn_served)
		domain_restart(d);
	return err;
}

/* What came of it. */
struct introduced {
	int32_t err;
	uint32_t foreign; /* its page is mapped by its frame */
	uint32_t conn;	  /* id of its connection */
	uint32_t req_cons, rsp_prod;
};

/* As it came then; page and channel follow when all is done again. */
static int introduce_replayed(struct store *s, struct domain *d, uint32_t domid, uint64_t gfn, uint32_t port,
			      const struct introduced *r)
{
	if (r->err)
		return r->err;
	if (!d) {
		d = domain_new(s, domid);
		if (!d)
			return ENOMEM;
		d->conn.client.dom->link = d;
		conn_set_id(&d->conn, r->conn);
		conn_ids_from(r->conn);
		d->gfn = gfn;
		d->kind = r->foreign ? RING_FOREIGN : RING_GRANT;
	} else if (&d->conn != conn_served) {
		domain_restart(d);
	}
	d->remote = port;
	d->conn.taken = r->req_cons;
	d->conn.put = r->rsp_prod;
	return 0;
}

int domain_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port, bool *is_new)
{
	struct domain *d = domain_find(s, domid);
	struct introduced r = { 0 };

	*is_new = !d;
	if (journal_recall(JOURNAL_INTRODUCED, domid, &r, sizeof(r)))
		return introduce_replayed(s, d, domid, gfn, port, &r);
	r.err = introduce_now(s, d, domid, gfn, port);
	d = domain_find(s, domid);
	if (d)
		r = (struct introduced){ r.err, d->kind == RING_FOREIGN, d->conn.id, d->conn.taken, d->conn.put };
	journal_note(JOURNAL_INTRODUCED, domid, &r, sizeof(r));
	return r.err;
}

static int find_guest(struct store *s, uint32_t domid, struct dom **out)
{
	if (!domid)
		return EINVAL;
	*out = dom_find(s, domid);
	return *out && (*out)->link ? 0 : ENOENT;
}

int domain_release(struct store *s, uint32_t domid)
{
	struct dom *dom;
	int err = find_guest(s, domid, &dom);

	if (err)
		return err;
	/* A domain with Domain 0's rights cannot saw off the branch that it sits on. */
	if (&((struct domain *)dom->link)->conn == conn_served)
		return EBUSY;
	domain_drop(s, dom);
	return 0;
}

int domain_resume(struct store *s, uint32_t domid)
{
	struct dom *dom;
	int err = find_guest(s, domid, &dom);

	if (!err)
		((struct domain *)dom->link)->shutdown = false;
	return err;
}

int domain_set_target(struct store *s, uint32_t domid, uint32_t target)
{
	struct dom *dom = dom_find(s, domid), *to = dom_find(s, target);

	if (!dom || !dom->link || !to || !to->link)
		return ENOENT;
	((struct domain *)dom->link)->conn.client.target = to;
	return 0;
}

bool domain_introduced(struct store *s, uint32_t domid)
{
	return domain_find(s, domid) != NULL;
}
