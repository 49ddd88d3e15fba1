/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of Domain 0's programs over Unix sockets. */
#ifndef XENSTORED_SOCK_H
#define XENSTORED_SOCK_H

#include <stdbool.h>

struct store;

/* Makes the directory and both sockets. False, logged. */
bool sock_listen(struct store *s);
void sock_unlisten(void);

#endif
