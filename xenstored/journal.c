// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/log.h"
#include "journal_priv.h"
#include "state/stream.h"

#define SPARE ((size_t)2 << 20)
#define LEAST ((size_t)1 << 20) /* of entries before a new picture */

struct journal journal = { .file = -1 };

/* In the file, as in what is mapped of it. */
static size_t region_at(uint32_t which)
{
	return JOURNAL_PAGE + which * JOURNAL_REGION;
}

uint8_t *journal_region(uint32_t which)
{
	return (uint8_t *)journal.head + region_at(which);
}

uint64_t journal_end(void)
{
	return region_at(journal.head->which) + journal_now()->end;
}

uint64_t journal_sum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0x9ae16a3b2f90404full, word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0xd6e8feb86659fd93ull;
		h ^= h >> 32;
	}
	word = 0;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)p[i] << 8 * i;
	h = (h ^ word ^ len) * 0xd6e8feb86659fd93ull;
	return h ^ h >> 32;
}

/* The present end becomes visible to whoever comes after us, with all that was written before it. */
static void move_end(struct journal_region *r, uint64_t end)
{
	__atomic_store_n(&r->end, end, __ATOMIC_RELEASE);
}

/* Better no journal than a wrong one: whoever recovered from it would say what is not true. */
void journal_give_up(const char *what)
{
	if (!journal.head)
		return;
	log_line("the state is not kept any more, and a restart will find none: %s: %s", what, strerror(errno));
	memset(journal.head->ident, 0, sizeof(journal.head->ident));
	munmap(journal.head, JOURNAL_SIZE);
	journal.head = NULL;
}

/* Pages for the region up to need, which it has not; a page that cannot be had would else be a fault when it is written. */
static bool make_room(uint32_t which, size_t need)
{
	size_t have = journal.room[which], want = (need + JOURNAL_CHUNK - 1) / JOURNAL_CHUNK * JOURNAL_CHUNK;

	errno = EFBIG;
	if (want > JOURNAL_REGION || fallocate(journal.file, 0, (off_t)(region_at(which) + have), (off_t)(want - have)))
		return false;
	journal.room[which] = want;
	return true;
}

/* Those of a region that is not in use go back, but for some that spare the next entries a fault for each page. */
static void give_back(uint32_t which)
{
	if (journal.room[which] <= SPARE)
		return;
	if (!fallocate(journal.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		       (off_t)(region_at(which) + SPARE), (off_t)(journal.room[which] - SPARE)))
		journal.room[which] = SPARE;
}

/* --- entries */

struct journal_entry *journal_tail(size_t len)
{
	const uint32_t which = journal.head->which;
	size_t end = journal.head->region[which].end, need = end + sizeof(struct journal_entry) + journal_padded(len);

	if (need <= journal.room[which] || make_room(which, need))
		return (struct journal_entry *)(journal_region(which) + end);
	journal_give_up("no room for an entry");
	return NULL;
}

void journal_finish(struct journal_entry *e, enum journal_type type, uint32_t conn, size_t len)
{
	e->type = type;
	e->conn = conn;
	e->len = (uint32_t)len;
	e->sum = (uint32_t)journal_sum(e + 1, len);
	move_end(journal_now(), journal_now()->end + sizeof(*e) + journal_padded(len));
}

void journal_note(enum journal_type type, uint32_t conn, const void *data, size_t len)
{
	struct journal_entry *e;

	if (!journal.head || journal.mismatch || (journal.replaying && !journal_at_old_end()))
		return;
	e = journal_tail(len);
	if (!e)
		return;
	if (len)
		memcpy(e + 1, data, len);
	journal_finish(e, type, conn, len);
	if (journal.replaying)
		journal.replay_at = journal_now()->end;
}

static void call_begins(enum journal_type type, uint32_t conn, struct iovec *v, int n)
{
	journal.head->call = (struct mmsghdr){ .msg_hdr = { .msg_iov = v, .msg_iovlen = (size_t)n } };
	journal.head->conn = conn;
	journal.head->type = type;
	__atomic_store_n(&journal.head->at, journal_end(), __ATOMIC_RELEASE);
}

/* From here on a stale number of bytes is nobody's. */
static void call_ended(void)
{
	__atomic_store_n(&journal.head->at, 0, __ATOMIC_RELEASE);
}

static long would_block(void)
{
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static long plain_recv(int fd, void *buf, size_t len)
{
	ssize_t n = recv(fd, buf, len, MSG_DONTWAIT);

	return n > 0 ? n : n < 0 ? would_block() : -1;
}

long journal_recv(uint32_t conn, int fd, void *buf, size_t len)
{
	struct journal_entry *e = journal.head && len <= JOURNAL_INPUT_MAX ? journal_tail(len) : NULL;
	struct iovec v = { e ? e + 1 : NULL, len };
	long n;

	if (!e)
		return plain_recv(fd, buf, len);
	call_begins(JOURNAL_INPUT, conn, &v, 1);
	if (recvmmsg(fd, &journal.head->call, 1, MSG_DONTWAIT, NULL) != 1)
		n = would_block();
	else
		n = journal.head->call.msg_len ? (long)journal.head->call.msg_len : -1;
	if (n > 0) {
		journal_finish(e, JOURNAL_INPUT, conn, (size_t)n);
		memcpy(buf, e + 1, (size_t)n);
	}
	call_ended();
	return n;
}

static long plain_send(int fd, const struct iovec *v, int n)
{
	struct msghdr m = { .msg_iov = (struct iovec *)v, .msg_iovlen = (size_t)n };
	ssize_t sent = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent >= 0 ? sent : would_block();
}

long journal_send(uint32_t conn, int fd, const struct iovec *v, int n)
{
	int32_t sent;

	if (!journal.head || !journal_tail(sizeof(sent)))
		return plain_send(fd, v, n);
	call_begins(JOURNAL_SENT, conn, (struct iovec *)v, n);
	if (sendmmsg(fd, &journal.head->call, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		sent = (int32_t)journal.head->call.msg_len;
	else
		sent = (int32_t)would_block();
	journal_note(JOURNAL_SENT, conn, &sent, sizeof(sent));
	if (journal.head)
		call_ended();
	return sent;
}

/* --- pictures */

/* The store as it is now, into the region that is not in use, which then is. */
bool journal_picture(void)
{
	uint32_t other = !journal.head->which;
	struct state_out o = { 0 };
	size_t len;
	struct journal_region *r;

	journal.save(&o);
	len = journal_padded(o.len);
	errno = ENOMEM;
	if (o.no_memory || (len > journal.room[other] && !make_room(other, len))) {
		state_out_free(&o);
		return false;
	}
	memcpy(journal_region(other), o.buf, o.len);
	r = &journal.head->region[other];
	*r = (struct journal_region){ .state_len = o.len, .state_sum = journal_sum(o.buf, o.len), .end = len };
	state_out_free(&o);
	__atomic_store_n(&journal.head->which, other, __ATOMIC_RELEASE);
	give_back(!other);
	return true;
}

void journal_round_end(bool must)
{
	size_t entries;

	if (!journal.head)
		return;
	/* What had to be done again did not kill us. */
	journal.head->attempts = 0;
	entries = journal_now()->end - journal_padded(journal_now()->state_len);
	if (!must && (entries < LEAST || entries < 2 * journal_now()->state_len))
		return;
	if (!journal_picture())
		journal_give_up("no room for a picture of the store");
}

bool journal_map(int fd)
{
	void *p = mmap(NULL, JOURNAL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (p == MAP_FAILED)
		return false;
	/*
	 * The kernel gives up writing the length of a call into a page that is not there, when a kill is waiting.
	 * Where memory cannot be locked it is there all the same unless it was swapped out.
	 */
	mlock(p, JOURNAL_PAGE);
	journal.file = fd;
	journal.head = p;
	return true;
}

static bool first_picture(int fd)
{
	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)JOURNAL_SIZE) || fallocate(fd, 0, 0, JOURNAL_PAGE) || !journal_map(fd))
		return false;
	journal.head->which = 1;
	boot_id(journal.head->boot);
	return journal_picture();
}

bool journal_start(int fd, void (*save)(struct state_out *o))
{
	journal.save = save;
	if (!first_picture(fd)) {
		log_line("the state cannot be kept over a restart: %s", strerror(errno));
		journal.head = NULL;
		return false;
	}
	memcpy(journal.head->ident, JOURNAL_IDENT, sizeof(journal.head->ident));
	return true;
}

int journal_fd(void)
{
	return journal.head ? journal.file : -1;
}
