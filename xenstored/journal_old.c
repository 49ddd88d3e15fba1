// SPDX-License-Identifier: GPL-2.0-only
/* A journal as a dead daemon left it: checked, and gone through. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "journal_priv.h"

static bool wrong(char why[200], const char *what)
{
	snprintf(why, 200, "%s", what);
	if (journal.head)
		munmap(journal.head, JOURNAL_SIZE);
	journal.head = NULL;
	return false;
}

static const char *check_head(void)
{
	const struct journal_region *r;

	if (memcmp(journal.head->ident, JOURNAL_IDENT, sizeof(journal.head->ident)))
		return "it does not begin as a journal of this xenstored does";
	if (journal.head->which > 1)
		return "its head is damaged";
	r = journal_now();
	if (r->end > JOURNAL_REGION || r->end % JOURNAL_ALIGN || r->state_len > r->end)
		return "its head is damaged";
	if (journal_sum(journal_region(journal.head->which), r->state_len) != r->state_sum)
		return "its picture of the store is damaged";
	return NULL;
}

/* The call during which the daemon died: what it did is written down now. */
static void finish_call(void)
{
	int32_t sent = (int32_t)journal.head->call.msg_len;
	struct journal_entry *e;

	if (journal.head->at != journal_end() || !sent)
		return;
	e = journal_tail(JOURNAL_INPUT_MAX);
	if (e && journal.head->type == JOURNAL_INPUT && sent > 0 && sent <= (int32_t)JOURNAL_INPUT_MAX) {
		journal_finish(e, JOURNAL_INPUT, journal.head->conn, (size_t)sent);
	} else if (e && journal.head->type == JOURNAL_SENT) {
		memcpy(e + 1, &sent, sizeof(sent));
		journal_finish(e, JOURNAL_SENT, journal.head->conn, sizeof(sent));
	}
}

bool journal_open(int fd, void (*save)(struct state_out *o), struct journal_old *old, char why[200])
{
	const char *what;
	struct stat st;
	char boot[BOOT_ID_SIZE];

	if (fstat(fd, &st) || (st.st_size && st.st_size != (off_t)JOURNAL_SIZE))
		return wrong(why, "its size is not that of a journal");
	if (st.st_size && !journal_map(fd))
		return wrong(why, strerror(errno));
	/* The dead one gave it up, or died before it was one. */
	if (!st.st_size || !journal.head->ident[0])
		return wrong(why, "");
	what = check_head();
	if (what)
		return wrong(why, what);
	boot_id(boot);
	if (memcmp(boot, journal.head->boot, sizeof(boot)))
		return wrong(why, "");
	journal.save = save;
	journal.room[journal.head->which] = journal_now()->end / JOURNAL_CHUNK * JOURNAL_CHUNK;
	finish_call();
	if (!journal.head)
		return wrong(why, "there is no room in it");
	journal.replaying = true;
	journal.replay_at = journal_padded(journal_now()->state_len);
	*old = (struct journal_old){ journal_region(journal.head->which), journal_now()->state_len, ++journal.head->attempts };
	return true;
}

/* The entry there; NULL: damaged. */
static const struct journal_entry *entry_at(size_t at)
{
	const struct journal_entry *e = (const void *)(journal_region(journal.head->which) + at);
	size_t left = journal_now()->end - at;

	if (left < sizeof(*e) || e->len > left - sizeof(*e) || e->sum != (uint32_t)journal_sum(e + 1, e->len))
		return NULL;
	return e;
}

static const struct journal_entry *peek(void)
{
	const struct journal_entry *e;

	if (!journal.head || !journal.replaying || journal.mismatch || journal_at_old_end())
		return NULL;
	e = entry_at(journal.replay_at);
	journal.mismatch = !e;
	return e;
}

const struct journal_entry *journal_last(void)
{
	const struct journal_entry *last = NULL;

	for (size_t at = journal.replay_at; at < journal_now()->end; at += sizeof(*last) + journal_padded(last->len)) {
		last = entry_at(at);
		if (!last)
			break;
	}
	return last;
}

const struct journal_entry *journal_next(const void **data)
{
	const struct journal_entry *e = peek();

	if (!e)
		return NULL;
	*data = e + 1;
	journal.replay_at += sizeof(*e) + journal_padded(e->len);
	return e;
}

bool journal_next_is(enum journal_type type, uint32_t conn)
{
	const struct journal_entry *e = peek();

	return e && e->type == type && e->conn == conn;
}

long journal_recall_some(enum journal_type type, uint32_t conn, void *data, size_t len)
{
	const struct journal_entry *e = peek();

	if (!e)
		return -1;
	if (e->type != type || e->conn != conn || e->len > len) {
		journal.mismatch = true;
		return -1;
	}
	journal.replay_at += sizeof(*e) + journal_padded(e->len);
	memcpy(data, e + 1, e->len);
	return (long)e->len;
}

bool journal_recall(enum journal_type type, uint32_t conn, void *data, size_t len)
{
	return journal_recall_some(type, conn, data, len) == (long)len;
}

bool journal_mismatch(void)
{
	return journal.mismatch;
}

bool journal_replaying(void)
{
	return journal.replaying;
}

void journal_recovered(void)
{
	journal.replaying = false;
}

bool journal_adopt(int fd, void (*save)(struct state_out *o))
{
	journal.save = save;
	if (!journal_map(fd) || check_head() || !journal_picture()) {
		journal_give_up("the journal of the last image cannot be used");
		journal.head = NULL;
		return false;
	}
	return true;
}
