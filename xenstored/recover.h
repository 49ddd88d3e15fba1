/* SPDX-License-Identifier: GPL-2.0-only */
/* A store as it was when the last daemon died, made again from its journal (journal.h). */
#ifndef XENSTORED_RECOVER_H
#define XENSTORED_RECOVER_H

struct options;
struct store;

enum recovered {
	RECOVERED,
	RECOVER_NOTHING, /* there is nothing to recover from */
	RECOVER_FAILED,	 /* there is, and it is of no use: said */
};

/* What this daemon's state is to be kept in: the descriptor, -1 for nothing. was_there: a daemon had it before. */
int recover_file(const struct options *o, int *was_there);
enum recovered recover(struct store *s, int fd);

#endif
