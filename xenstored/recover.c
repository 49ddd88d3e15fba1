// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conn.h"
#include "daemon/log.h"
#include "daemon/xen.h"
#include "domain.h"
#include "domain_priv.h"
#include "image.h"
#include "journal.h"
#include "keeper.h"
#include "live_update.h"
#include "options.h"
#include "sock.h"

/* A request that killed the daemon so often is answered with an error, not tried again. */
#define ATTEMPTS 3u

static struct store *the_store;

/* --- one entry each: what came in, and what was done. False: that cannot have been. */

static bool replay_open(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	return !c && e->len == 1 && sock_replay_open(the_store, e->conn, data[0]);
}

static bool replay_close(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	return sock_replay_close(e->conn);
}

static bool replay_input(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	return c && conn_replay_input(c, data, e->len);
}

static bool replay_serve(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	return c && conn_replay_serve(c);
}

static bool replay_sent(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	int32_t n;

	if (!c || e->len != sizeof(n))
		return false;
	memcpy(&n, data, sizeof(n));
	return conn_replay_sent(c, n);
}

static bool replay_bad(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	if (c)
		c->ignored = true;
	return c;
}

static bool replay_restart(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	struct domain *d = c ? domain_find(the_store, c->client.dom->domid) : NULL;

	if (!d || &d->conn != c)
		return false;
	domain_restart(d);
	return true;
}

static bool replay_answer(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	if (!c || !c->client.waits || !e->len || data[e->len - 1])
		return false;
	store_answer(the_store, &c->client, (const char *)data);
	return true;
}

static bool replay_census(struct conn *c, const struct journal_entry *e, const uint8_t *data)
{
	/* Entries lie on 8 bytes, so that they can be used in place. */
	domain_census(the_store, (const struct census_entry *)data, e->len / sizeof(struct census_entry));
	return true;
}

static bool replay_entry(const struct journal_entry *e, const void *data)
{
	static bool (*const replays[JOURNAL_TYPES])(struct conn *c, const struct journal_entry *e, const uint8_t *data) = {
		[JOURNAL_OPEN] = replay_open,	  [JOURNAL_CLOSE] = replay_close,   [JOURNAL_INPUT] = replay_input,
		[JOURNAL_SERVE] = replay_serve,	  [JOURNAL_SENT] = replay_sent,	    [JOURNAL_BAD] = replay_bad,
		[JOURNAL_RESTART] = replay_restart, [JOURNAL_ANSWER] = replay_answer,
		[JOURNAL_CENSUS] = replay_census,
	};

	return e->type < JOURNAL_TYPES && replays[e->type] && replays[e->type](conn_by_id(e->conn), e, data);
}

/* What it began, and came to no effect of, each time that it was begun. */
static const struct journal_entry *find_poison(const struct journal_old *old)
{
	const struct journal_entry *e = old->attempts >= ATTEMPTS ? journal_last() : NULL;

	return e && e->type == JOURNAL_SERVE ? e : NULL;
}

static bool replay_all(const struct journal_old *old)
{
	const struct journal_entry *poison = find_poison(old), *e;
	unsigned int n = 0;
	const void *data;

	while ((e = journal_next(&data)) != NULL) {
		struct conn *c = conn_by_id(e->conn);
		bool ok;

		if (e == poison && c) {
			log_line("domain %u: the request that xenstored died of is refused", c->client.dom->domid);
			ok = conn_replay_refuse(c);
		} else {
			ok = replay_entry(e, data);
		}
		if (!ok || journal_mismatch())
			break;
		n++;
	}
	if (!e && !journal_mismatch())
		return true;
	log_line("the journal makes no sense after %u entries", n);
	return false;
}

static bool load(struct store *s, const struct journal_old *old)
{
	struct state_load l;

	if (image_load(&l, s, IMAGE_RECOVER, old->state, old->state_len))
		return true;
	log_line("the journal's picture of the store cannot be read: %s", l.in.why);
	return false;
}

enum recovered recover(struct store *s, int fd)
{
	struct journal_old old;
	char why[200];

	the_store = s;
	if (!journal_open(fd, image_save, &old, why)) {
		if (!why[0])
			return RECOVER_NOTHING;
		log_line("the journal cannot be read: %s", why);
		return RECOVER_FAILED;
	}
	if (!load(s, &old) || !xen_open() || !replay_all(&old))
		return RECOVER_FAILED;
	journal_recovered();
	if (!sock_reconnect(s) || !domain_reconnect(s))
		return RECOVER_FAILED;
	journal_round_end(true);
	live_update_recovered();
	return RECOVERED;
}

/* --- where it is */

static int file_in(const char *dir, int *was_there)
{
	char path[4096];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/journal", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fstat(fd, &st)) {
		log_line("%s cannot be opened, and the state is not kept: %s", path, strerror(errno));
		return -1;
	}
	*was_there = st.st_size > 0;
	return fd;
}

int recover_file(const struct options *o, int *was_there)
{
	int fd;

	*was_there = 0;
	if (o->state_dir)
		return file_in(o->state_dir, was_there);
	if (!keeper_there())
		return -1;
	fd = keeper_find(KEPT_JOURNAL, 0);
	*was_there = fd >= 0;
	if (fd < 0) {
		fd = memfd_create("xenstored", MFD_CLOEXEC);
		if (fd >= 0)
			keeper_keep(fd, KEPT_JOURNAL, 0);
	}
	return fd;
}
