/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The daemon's memory beyond its death: a file that is mapped, never synced, and outlives the process but not the
 * machine (whose domains do not outlive it either). It holds the store as it was at some time, as records (state/),
 * and behind it what has come in and gone out since: bytes that were read, requests that were begun, bytes that were
 * sent. The store does the same when it is asked the same (core/ knows no clock, no chance and no pointers' order), so
 * a daemon that was killed is made again by asking again (recover.c). What the hypervisor answered is noted beside it.
 *
 * A kill may come between any two instructions. An entry is written behind the end, then the end is moved by one
 * store; so it is there or not. It is there before its effect leaves the process: a request before its answer is sent,
 * bytes before the guest is told that they were taken. System calls on sockets are the one place where an effect comes
 * first; there the kernel itself writes down, before it would look at a signal, how many bytes it has moved: recvmmsg()
 * and sendmmsg() put that into their vector, which lies in the file.
 *
 * Appending takes no system call: a request costs 450 instructions more, and one and a quarter for each byte that it
 * brings. When the entries are more than the store twice over, a new picture of it is put beside them and replaces both,
 * again by one store.
 */
#ifndef XENSTORED_JOURNAL_H
#define XENSTORED_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct state_out;

enum journal_type {
	JOURNAL_NONE,
	JOURNAL_OPEN,	    /* a socket was accepted; byte: it is read-only */
	JOURNAL_CLOSE,	    /* the connection went */
	JOURNAL_INPUT,	    /* bytes that were read */
	JOURNAL_SERVE,	    /* the first message that was read is answered */
	JOURNAL_SENT,	    /* int32_t: bytes that could be sent, -1 for a peer that is gone */
	JOURNAL_BAD,	    /* the ring makes no sense */
	JOURNAL_RESTART,    /* the guest begins anew */
	JOURNAL_ANSWER,	    /* string: the answer that the connection waited for */
	JOURNAL_CENSUS,	    /* struct census_entry each: what became of domains */
	JOURNAL_KNOWN,	    /* byte: whether the domain exists */
	JOURNAL_INTRODUCED, /* struct introduced: what came of mapping and binding */
	JOURNAL_CONTROLLED, /* int32_t: errno, and the text of an operator's command */
	JOURNAL_TYPES,
};

/* No more is read at once. */
#define JOURNAL_INPUT_MAX 16384u

/* What is written into it; conn is a connection's id, a domain's number for what concerns one. */
struct journal_entry {
	uint32_t type, conn;
	uint32_t len, sum;
};

/* Begins on an empty file, with a first picture by save(). False: said; then nothing is kept. */
bool journal_start(int fd, void (*save)(struct state_out *o));
/* -1: there is none. */
int journal_fd(void);
/* Appends; does nothing without a journal, and while old entries are gone through. */
void journal_note(enum journal_type type, uint32_t conn, const void *data, size_t len);
/* recv() and sendmsg(), noted. Bytes, 0: later, -1: the peer is gone. */
long journal_recv(uint32_t conn, int fd, void *buf, size_t len);
long journal_send(uint32_t conn, int fd, const struct iovec *v, int n);
/* At the end of a round: a new picture if it is time, or must be now. */
void journal_round_end(bool now);

/* --- for recover.c */

struct journal_old {
	const uint8_t *state;
	size_t state_len;
	unsigned int attempts; /* to recover from it, this one included */
};

/*
 * Takes what a dead daemon left. False: why says what is wrong with it; nothing, if there is no state in it, or one
 * from before the machine was started.
 */
bool journal_open(int fd, void (*save)(struct state_out *o), struct journal_old *old, char why[200]);
/* Of an earlier image of this process, whose work goes on: a new picture, and no replay. False: said. */
bool journal_adopt(int fd, void (*save)(struct state_out *o));
/* The last one; NULL: there is none, or it is damaged. */
const struct journal_entry *journal_last(void);
/* The next entry and its bytes; NULL at the end, or when it makes no sense. */
const struct journal_entry *journal_next(const void **data);
/* The recovery is over: entries are noted again. */
void journal_recovered(void);
bool journal_replaying(void);
/*
 * While old entries are gone through: what was noted when the present one was done. False: we are not, or the daemon
 * died before it came to that, so that it has to be done now (and noted).
 */
bool journal_recall(enum journal_type type, uint32_t conn, void *data, size_t len);
/* Whether the next one is such a one. */
bool journal_next_is(enum journal_type type, uint32_t conn);
/* The same for entries of any length up to len: returns it, -1 for false. */
long journal_recall_some(enum journal_type type, uint32_t conn, void *data, size_t len);
/* Something else stood there than what was done now: the journal is of no use. */
bool journal_mismatch(void);

#endif
