/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENSTORE_MODE_H
#define XENSTORE_MODE_H

#include <stdbool.h>
#include <xenstore.h>

/* What one invocation is to do, and what it prints if its transaction goes through. */
struct job {
	struct xs_handle *h;
	xs_transaction_t t;
	char *const *arg;
	int args;
	bool flat, prefix, recurse, tidy, upto, raw;
	int watch_count; /* -1: for ever */
	char *out;
	size_t out_len, out_room;
};

/* The exit code; a transaction that meets another is run again. */
typedef int (*mode_run)(struct job *j);

int mode_read(struct job *j);
int mode_write(struct job *j);
int mode_exists(struct job *j);
int mode_list(struct job *j);
int mode_ls(struct job *j);
int mode_rm(struct job *j);
int mode_chmod(struct job *j);
int mode_watch(struct job *j);

/* Appends to the job's output. */
void out_bytes(struct job *j, const void *data, size_t len);
void out_text(struct job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
