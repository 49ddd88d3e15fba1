/* SPDX-License-Identifier: GPL-2.0-only */
/* All that this daemon is, as records: the store, its connections, and what it holds open. */
#ifndef XENSTORED_IMAGE_H
#define XENSTORED_IMAGE_H

#include "state/state.h"

/* Of whom the store is that is saved. */
void image_init(struct store *s);
void image_save(struct state_out *o);

enum image_mode {
	IMAGE_LOOK,	 /* whether all is there: touches nothing */
	IMAGE_TAKE_OVER, /* from this process's last image: descriptors and channels are ours */
	IMAGE_RECOVER,	 /* from a dead process: connections have neither socket nor page yet */
};

/* Into a bare store. False: l->in.why says why. */
bool image_load(struct state_load *l, struct store *s, enum image_mode mode, const void *data, size_t len);
/* The journal that came along, -1: none. */
int image_journal(void);

#endif
