/* SPDX-License-Identifier: GPL-2.0-only */
/* Between journal.c, which writes, and journal_old.c, which reads what a dead daemon wrote. */
#ifndef XENSTORED_JOURNAL_PRIV_H
#define XENSTORED_JOURNAL_PRIV_H

#ifndef _GNU_SOURCE
#error "struct mmsghdr wants _GNU_SOURCE"
#endif

#include <sys/socket.h>

#include "daemon/boot_id.h"
#include "journal.h"

#define JOURNAL_IDENT  "XLSTORE1"
#define JOURNAL_PAGE   4096u
#define JOURNAL_REGION ((size_t)256 << 20) /* of address space and of a file with holes; what is used is a fraction */
#define JOURNAL_SIZE   (JOURNAL_PAGE + 2 * JOURNAL_REGION)
#define JOURNAL_CHUNK  ((size_t)256 << 10) /* by which the file gets its pages */
#define JOURNAL_ALIGN  8u

struct journal_region {
	uint64_t state_len, state_sum;
	uint64_t end; /* of what is valid in it */
};

/* The first page. */
struct journal_head {
	char ident[8];
	uint32_t attempts;
	uint32_t which; /* region */
	char boot[BOOT_ID_SIZE]; /* the machine's start that it belongs to */
	struct journal_region region[2];
	/* The system call under way: the kernel fills in call.msg_len. */
	uint64_t at; /* where its entry goes, in the file */
	uint32_t conn, type;
	struct mmsghdr call;
};

_Static_assert(sizeof(struct journal_head) <= JOURNAL_PAGE, "one page");

struct journal {
	int file;
	struct journal_head *head; /* NULL: there is no journal */
	size_t room[2];		   /* of each region: up to where the file has pages */
	void (*save)(struct state_out *o);
	bool replaying, mismatch;
	size_t replay_at;
};

extern struct journal journal;

uint8_t *journal_region(uint32_t which);
/* The region in use. */
static inline struct journal_region *journal_now(void)
{
	return &journal.head->region[journal.head->which];
}

/* All that the dead daemon wrote was gone through. */
static inline bool journal_at_old_end(void)
{
	return journal.replay_at >= journal_now()->end;
}

/* Where the next entry goes, in the file. */
uint64_t journal_end(void);
uint64_t journal_sum(const void *data, size_t len);
static inline size_t journal_padded(size_t len)
{
	return (len + JOURNAL_ALIGN - 1) / JOURNAL_ALIGN * JOURNAL_ALIGN;
}

bool journal_map(int fd);
bool journal_picture(void);
void journal_give_up(const char *what);
/* Where the next entry goes, with room for so many bytes; then what makes it one. NULL: the journal is given up. */
struct journal_entry *journal_tail(size_t len);
void journal_finish(struct journal_entry *e, enum journal_type type, uint32_t conn, size_t len);

#endif
