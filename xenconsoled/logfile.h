/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that console output is appended to, each line with its time if wanted. */
#ifndef XENCONSOLED_LOGFILE_H
#define XENCONSOLED_LOGFILE_H

#include <stdbool.h>
#include <stddef.h>

struct logfile {
	int fd; /* -1: not open */
	bool stamps, no_escapes;
	bool in_line;
};

/* Makes the directory too. Logged when it fails; lf->fd is -1 then. */
void logfile_open(struct logfile *lf, const char *dir, const char *name, bool stamps,
		  bool no_escapes);
void logfile_close(struct logfile *lf);
void logfile_write(struct logfile *lf, const char *data, size_t len);

#endif
