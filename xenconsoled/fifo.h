/* SPDX-License-Identifier: GPL-2.0-only */
/* Bytes that wait, up to a limit. */
#ifndef XENCONSOLED_FIFO_H
#define XENCONSOLED_FIFO_H

#include <stdbool.h>
#include <stddef.h>

struct fifo {
	char *data;
	size_t start, len, room;
	size_t limit;
};

void fifo_init(struct fifo *f, size_t limit);
void fifo_free(struct fifo *f);
/* Appends; beyond the limit the oldest bytes go. False: no memory, and the new bytes are lost. */
bool fifo_put(struct fifo *f, const char *data, size_t len);
void fifo_drop(struct fifo *f, size_t len);

static inline const char *fifo_data(const struct fifo *f)
{
	return f->data + f->start;
}

#endif
