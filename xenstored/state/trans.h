/* SPDX-License-Identifier: GPL-2.0-only */
/* Open transactions as records, with all that they have seen and done. */
#ifndef STATE_TRANS_H
#define STATE_TRANS_H

#include "state.h"

void trans_save(struct state_out *o, const struct store *s, const struct trans *t, uint32_t conn);

bool trans_load(struct state_load *l, struct client *c, uint32_t id);
/* What concerns the present transaction: the record's type says what. */
bool trans_load_part(struct state_load *l);

#endif
