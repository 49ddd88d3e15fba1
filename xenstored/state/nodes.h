/* SPDX-License-Identifier: GPL-2.0-only */
/* Nodes and permissions as records. */
#ifndef STATE_NODES_H
#define STATE_NODES_H

#include "state.h"

void nodes_save(struct state_out *o, const struct store *s);
/* Records of what makes of the tree at from the one at to. */
void nodes_save_diff(struct state_out *o, enum rec_type type, struct node *from, struct node *to);
void perms_put_own(struct state_out *o, const struct perms *p);

bool node_load(struct state_load *l, bool has_own);
bool node_load_diff(struct state_load *l, struct node **root);
/* All nodes are there: charges their owners. */
bool nodes_account(struct state_load *l);
/* From the body; NULL: bad, or no memory, said. */
struct perms *perms_take_own(struct state_load *l, uint32_t n);
/* An absolute path of len bytes with its NUL, which might be in a tree. NULL: said. */
const char *path_take(struct state_load *l, size_t len);

#endif
