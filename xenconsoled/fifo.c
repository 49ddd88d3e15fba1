// SPDX-License-Identifier: GPL-2.0-only
#include "fifo.h"

#include <stdlib.h>
#include <string.h>

#define STEP 4096u

void fifo_init(struct fifo *f, size_t limit)
{
	memset(f, 0, sizeof(*f));
	f->limit = limit;
}

void fifo_free(struct fifo *f)
{
	free(f->data);
	fifo_init(f, f->limit);
}

void fifo_drop(struct fifo *f, size_t len)
{
	f->start += len;
	f->len -= len;
	if (!f->len)
		f->start = 0;
}

static bool make_room(struct fifo *f, size_t len)
{
	size_t want = (f->len + len + STEP - 1) / STEP * STEP;
	char *more;

	if (f->start + f->len + len <= f->room)
		return true;
	if (f->start) {
		memmove(f->data, f->data + f->start, f->len);
		f->start = 0;
	}
	if (want <= f->room)
		return true;
	if (want < f->room * 2)
		want = f->room * 2;
	more = realloc(f->data, want);
	if (!more)
		return false;
	f->data = more;
	f->room = want;
	return true;
}

bool fifo_put(struct fifo *f, const char *data, size_t len)
{
	if (len > f->limit) {
		data += len - f->limit;
		len = f->limit;
	}
	if (f->len + len > f->limit)
		fifo_drop(f, f->len + len - f->limit);
	if (!make_room(f, len))
		return false;
	if (len)
		memcpy(f->data + f->start + f->len, data, len);
	f->len += len;
	return true;
}
