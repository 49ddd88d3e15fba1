// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "state/stream.h"

#define IDENT	"XLSTORE1"
#define PAGE	4096u
#define REGION	((size_t)256 << 20) /* of address space and of a file with holes; what is used is a fraction */
#define FILE_SIZE (PAGE + 2 * REGION)
#define CHUNK	((size_t)256 << 10) /* by which the file gets its pages */
#define LEAST	((size_t)1 << 20) /* of entries before a new picture */
#define ALIGN	8u

struct region {
	uint64_t state_len, state_sum;
	uint64_t end; /* of what is valid in it */
};

/* The first page. */
struct head {
	char ident[8];
	uint32_t attempts;
	uint32_t which; /* region */
	struct region region[2];
	/* The system call under way: the kernel fills in call.msg_len. */
	uint64_t at; /* where its entry goes, in the file */
	uint32_t conn, type;
	struct mmsghdr call;
};

_Static_assert(sizeof(struct head) <= PAGE, "one page");

static int file = -1;
static struct head *head;
static size_t room; /* of the region, up to which the file has pages */
static void (*save_state)(struct state_out *o);
static bool replaying, mismatch;
static size_t replay_at;

static uint8_t *region_base(uint32_t which)
{
	return (uint8_t *)head + PAGE + which * REGION;
}

static struct region *now(void)
{
	return &head->region[head->which];
}

static uint64_t sum_of(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0x9ae16a3b2f90404full, word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0xd6e8feb86659fd93ull;
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, p, len);
	h = (h ^ word ^ len) * 0xd6e8feb86659fd93ull;
	return h ^ h >> 32;
}

static size_t padded(size_t len)
{
	return (len + ALIGN - 1) / ALIGN * ALIGN;
}

/* The present end becomes visible to whoever comes after us, with all that was written before it. */
static void move_end(struct region *r, uint64_t end)
{
	__atomic_store_n(&r->end, end, __ATOMIC_RELEASE);
}

/* Better no journal than a wrong one: whoever recovered from it would say what is not true. */
static void give_up(const char *what)
{
	if (!head)
		return;
	log_line("the state is not kept any more, and a restart will find none: %s: %s", what, strerror(errno));
	memset(head->ident, 0, sizeof(head->ident));
	munmap(head, FILE_SIZE);
	head = NULL;
}

/* Pages for the region up to need; a page that cannot be had would else be a fault when it is written. */
static bool make_room(uint32_t which, size_t *have, size_t need)
{
	size_t want = (need + CHUNK - 1) / CHUNK * CHUNK;

	if (need <= *have)
		return true;
	errno = EFBIG;
	if (want > REGION || fallocate(file, 0, (off_t)(PAGE + which * REGION + *have), (off_t)(want - *have)))
		return false;
	*have = want;
	return true;
}

/* --- entries */

/* Where the next entry goes, with room for so many bytes. NULL: the journal is given up. */
static struct journal_entry *tail(size_t len)
{
	size_t end = now()->end;

	if (make_room(head->which, &room, end + sizeof(struct journal_entry) + padded(len)))
		return (struct journal_entry *)(region_base(head->which) + end);
	give_up("no room for an entry");
	return NULL;
}

static void finish(struct journal_entry *e, enum journal_type type, uint32_t conn, size_t len)
{
	e->type = type;
	e->conn = conn;
	e->len = (uint32_t)len;
	e->sum = (uint32_t)sum_of(e + 1, len);
	move_end(now(), now()->end + sizeof(*e) + padded(len));
}

static bool at_old_end(void)
{
	return replay_at >= now()->end;
}

void journal_note(enum journal_type type, uint32_t conn, const void *data, size_t len)
{
	struct journal_entry *e;

	if (!head || mismatch || (replaying && !at_old_end()))
		return;
	e = tail(len);
	if (!e)
		return;
	if (len)
		memcpy(e + 1, data, len);
	finish(e, type, conn, len);
	if (replaying)
		replay_at = now()->end;
}

static void call_begins(enum journal_type type, uint32_t conn, struct iovec *v, int n)
{
	head->at = 0;
	head->call = (struct mmsghdr){ .msg_hdr = { .msg_iov = v, .msg_iovlen = (size_t)n } };
	head->conn = conn;
	head->type = type;
	__atomic_store_n(&head->at, (uint64_t)(region_base(head->which) - (uint8_t *)head) + now()->end,
			 __ATOMIC_RELEASE);
}

/* From here on a stale number of bytes is nobody's. */
static void call_ended(void)
{
	head->at = 0;
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
	struct journal_entry *e = head && len <= JOURNAL_INPUT_MAX ? tail(len) : NULL;
	struct iovec v = { e ? e + 1 : NULL, len };
	long n;

	if (!e)
		return plain_recv(fd, buf, len);
	call_begins(JOURNAL_INPUT, conn, &v, 1);
	if (recvmmsg(fd, &head->call, 1, MSG_DONTWAIT, NULL) != 1)
		n = would_block();
	else
		n = head->call.msg_len ? (long)head->call.msg_len : -1;
	if (n > 0) {
		finish(e, JOURNAL_INPUT, conn, (size_t)n);
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

	if (!head || !tail(sizeof(sent)))
		return plain_send(fd, v, n);
	call_begins(JOURNAL_SENT, conn, (struct iovec *)v, n);
	if (sendmmsg(fd, &head->call, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		sent = (int32_t)head->call.msg_len;
	else
		sent = (int32_t)would_block();
	journal_note(JOURNAL_SENT, conn, &sent, sizeof(sent));
	if (head)
		call_ended();
	return sent;
}

/* --- pictures */

/* The store as it is now, into the region that is not in use, which then is. */
static bool picture(void)
{
	uint32_t other = !head->which;
	struct state_out o = { 0 };
	size_t have = 0, len;
	struct region *r;

	save_state(&o);
	len = padded(o.len);
	errno = ENOMEM;
	if (o.no_memory || !make_room(other, &have, len)) {
		state_out_free(&o);
		return false;
	}
	memcpy(region_base(other), o.buf, o.len);
	r = &head->region[other];
	*r = (struct region){ .state_len = o.len, .state_sum = sum_of(o.buf, o.len), .end = len };
	state_out_free(&o);
	__atomic_store_n(&head->which, other, __ATOMIC_RELEASE);
	fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(PAGE + !other * REGION), (off_t)REGION);
	room = have;
	return true;
}

void journal_round_end(bool must)
{
	size_t entries;

	if (!head)
		return;
	/* What had to be done again did not kill us. */
	head->attempts = 0;
	entries = now()->end - padded(now()->state_len);
	if (!must && (entries < LEAST || entries < 2 * now()->state_len))
		return;
	if (!picture())
		give_up("no room for a picture of the store");
}

static bool map(int fd)
{
	void *p = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	if (p == MAP_FAILED)
		return false;
	/*
	 * The kernel gives up writing the length of a call into a page that is not there, when a kill is waiting.
	 * Where memory cannot be locked it is there all the same unless it was swapped out.
	 */
	mlock(p, PAGE);
	file = fd;
	head = p;
	return true;
}

static bool first_picture(int fd)
{
	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)FILE_SIZE) || fallocate(fd, 0, 0, PAGE) || !map(fd))
		return false;
	head->which = 1;
	return picture();
}

bool journal_start(int fd, void (*save)(struct state_out *o))
{
	save_state = save;
	if (!first_picture(fd)) {
		log_line("the state cannot be kept over a restart: %s", strerror(errno));
		head = NULL;
		return false;
	}
	memcpy(head->ident, IDENT, sizeof(head->ident));
	return true;
}

int journal_fd(void)
{
	return head ? file : -1;
}

/* --- what a dead daemon left */

static bool wrong(char why[200], const char *what)
{
	snprintf(why, 200, "%s", what);
	if (head)
		munmap(head, FILE_SIZE);
	head = NULL;
	return false;
}

static const char *check_head(void)
{
	const struct region *r;

	if (memcmp(head->ident, IDENT, sizeof(head->ident)))
		return "it does not begin as a journal of this xenstored does";
	if (head->which > 1)
		return "its head is damaged";
	r = now();
	if (r->end > REGION || r->end % ALIGN || r->state_len > r->end)
		return "its head is damaged";
	if (sum_of(region_base(head->which), r->state_len) != r->state_sum)
		return "its picture of the store is damaged";
	return NULL;
}

/* The call during which the daemon died: what it did is written down now. */
static void finish_call(void)
{
	uint64_t end = (uint64_t)(region_base(head->which) - (uint8_t *)head) + now()->end;
	int32_t sent = (int32_t)head->call.msg_len;
	struct journal_entry *e;

	if (head->at != end || !sent)
		return;
	e = tail(JOURNAL_INPUT_MAX);
	if (e && head->type == JOURNAL_INPUT && sent > 0 && sent <= (int32_t)JOURNAL_INPUT_MAX) {
		finish(e, JOURNAL_INPUT, head->conn, (size_t)sent);
	} else if (e && head->type == JOURNAL_SENT) {
		memcpy(e + 1, &sent, sizeof(sent));
		finish(e, JOURNAL_SENT, head->conn, sizeof(sent));
	}
}

bool journal_open(int fd, void (*save)(struct state_out *o), struct journal_old *old, char why[200])
{
	const char *what;
	struct stat st;

	if (fstat(fd, &st) || st.st_size != (off_t)FILE_SIZE)
		return wrong(why, "its size is not that of a journal");
	if (!map(fd))
		return wrong(why, strerror(errno));
	/* The dead one gave it up, or died before it was one. */
	if (!head->ident[0])
		return wrong(why, "");
	what = check_head();
	if (what)
		return wrong(why, what);
	save_state = save;
	room = now()->end / CHUNK * CHUNK;
	finish_call();
	if (!head)
		return wrong(why, "there is no room in it");
	replaying = true;
	replay_at = padded(now()->state_len);
	*old = (struct journal_old){ region_base(head->which), now()->state_len, ++head->attempts };
	return true;
}

/* The entry there; NULL: damaged. */
static const struct journal_entry *entry_at(size_t at)
{
	const struct journal_entry *e = (const void *)(region_base(head->which) + at);
	size_t left = now()->end - at;

	if (left < sizeof(*e) || e->len > left - sizeof(*e) || e->sum != (uint32_t)sum_of(e + 1, e->len))
		return NULL;
	return e;
}

static const struct journal_entry *peek(void)
{
	const struct journal_entry *e;

	if (!head || !replaying || mismatch || at_old_end())
		return NULL;
	e = entry_at(replay_at);
	mismatch = !e;
	return e;
}

const struct journal_entry *journal_last(void)
{
	const struct journal_entry *last = NULL;

	for (size_t at = replay_at; at < now()->end; at += sizeof(*last) + padded(last->len)) {
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
	replay_at += sizeof(*e) + padded(e->len);
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
	const void *from;

	if (!e)
		return -1;
	if (e->type != type || e->conn != conn || e->len > len) {
		mismatch = true;
		return -1;
	}
	journal_next(&from);
	memcpy(data, from, e->len);
	return (long)e->len;
}

bool journal_recall(enum journal_type type, uint32_t conn, void *data, size_t len)
{
	return journal_recall_some(type, conn, data, len) == (long)len;
}

bool journal_mismatch(void)
{
	return mismatch;
}

bool journal_replaying(void)
{
	return replaying;
}

void journal_recovered(void)
{
	replaying = false;
}

bool journal_adopt(int fd, void (*save)(struct state_out *o))
{
	save_state = save;
	if (!map(fd) || check_head() || !picture()) {
		give_up("the journal of the last image cannot be used");
		head = NULL;
		return false;
	}
	return true;
}
