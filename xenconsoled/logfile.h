/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that console output is appended to, each line with its time if wanted. */
#ifndef XENCONSOLED_LOGFILE_H
#define XENCONSOLED_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a log is: which file it was, its size, and whether its last line has yet to end. */
struct log_place {
	uint64_t ino, size;
	bool in_line;
};

struct logfile {
	int fd; /* -1: not open */
	bool stamps, no_escapes;
	struct log_place place;
};

/*
 * Makes the directory too. Logged when it fails; lf->fd is -1 then. With a place at which an earlier process was, it goes
 * on there if it is the same file: what is behind it is taken away.
 */
void logfile_open(struct logfile *lf, const char *dir, const char *name, bool stamps,
		  bool no_escapes, const struct log_place *at);
void logfile_close(struct logfile *lf);
void logfile_write(struct logfile *lf, const char *data, size_t len);

#endif
