// SPDX-License-Identifier: GPL-2.0-only
#include "image.h"

#include <fcntl.h>

#include "conn.h"
#include "daemon/xen.h"
#include "domain.h"
#include "journal.h"
#include "sock.h"

static struct store *the_store;
static enum image_mode mode;
static int kept_journal = -1;
static uint32_t last_id;

void image_init(struct store *s)
{
	the_store = s;
}

void image_save(struct state_out *o)
{
	struct rec_own_global own = { .deaths_port = domain_deaths_port(), .next_conn = conn_ids_last(),
				      .journal_fd = journal_fd() };
	struct rec_global g = { .evtchn_fd = xen_evtchn_fd() };
	int rw, ro;

	sock_fds(&rw, &ro);
	g.rw_fd = rw;
	own.ro_fd = ro;
	state_save_store(o, the_store, &g, &own);
	domain_save(the_store, o);
	sock_save(o);
	state_record(o, REC_END, NULL, 0);
}

static bool take_descriptors(struct state_load *l, const struct rec_global *g, const struct rec_own_global *own)
{
	if (!sock_adopt(l, g->rw_fd, own ? own->ro_fd : -1, mode == IMAGE_LOOK))
		return false;
	if (fcntl(g->evtchn_fd, F_SETFD, FD_CLOEXEC))
		return state_bad(&l->in, "descriptor %d of event channels is not open", g->evtchn_fd);
	if (own && own->journal_fd >= 0 && fcntl(own->journal_fd, F_SETFD, FD_CLOEXEC))
		return state_bad(&l->in, "descriptor %d of the journal is not open", own->journal_fd);
	return true;
}

static bool take_global(struct state_load *l, const struct rec_global *g, const struct rec_own_global *own)
{
	last_id = own ? own->next_conn : 0;
	kept_journal = own ? own->journal_fd : -1;
	if (mode == IMAGE_RECOVER)
		return true;
	if (!take_descriptors(l, g, own))
		return false;
	if (mode == IMAGE_LOOK)
		return true;
	if (!xen_open_with(g->evtchn_fd) || !domain_adopt(l->s, own ? own->deaths_port : -1))
		return state_bad(&l->in, "the event channels cannot be taken over");
	return true;
}

static struct client *take_conn(struct state_load *l, const struct state_conn *c)
{
	switch (c->fixed.type) {
	case REC_CONN_RING:
		return domain_load(l, c, mode == IMAGE_TAKE_OVER);
	case REC_CONN_SOCKET:
		return sock_load(l, c, mode != IMAGE_RECOVER);
	default:
		state_bad(&l->in, "type %u is not known here", c->fixed.type);
		return NULL;
	}
}

bool image_load(struct state_load *l, struct store *s, enum image_mode how, const void *data, size_t len)
{
	static const struct state_host host = {
		.global = take_global,
		.conn = take_conn,
	};

	bool ok;

	mode = how;
	ok = state_load(l, s, &host, data, len);
	/* Where the saved one was: making its connections has used up ids that nobody has seen. */
	if (last_id)
		conn_ids_from(last_id);
	return ok;
}

int image_journal(void)
{
	return kept_journal;
}
