/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of Domain 0's programs over Unix sockets. */
#ifndef XENSTORED_SOCK_H
#define XENSTORED_SOCK_H

#include <stdbool.h>
#include <stdint.h>

struct client;
struct conn;
struct state_conn;
struct state_load;
struct state_out;
struct store;

/* The directory of the sockets. */
const char *sock_dir(void);
/* Makes the directory and both sockets. False, logged. */
bool sock_listen(struct store *s);
void sock_unlisten(void);

/* A connection that is one over a socket, and not dead. NULL: none. */
struct conn *sock_by_id(uint32_t id);

/* For a new image of the daemon: the listening sockets, all descriptors, and the connections as records. */
void sock_fds(int *rw, int *ro);
void sock_each_fd(void (*fn)(int fd, bool arg), bool arg);
void sock_save(struct state_out *o);
/* -1: none, a new one is made, unless we only look whether all is well. */
bool sock_adopt(struct state_load *l, int rw, int ro, bool only_look);
/* Has connections kept that are not yet, so that they survive us; with the listening sockets. */
void sock_keep(void);
void sock_keep_all(void);
/* With its descriptor, or without. */
struct client *sock_load(struct state_load *l, const struct state_conn *from, bool connect);

/* For recover.c: a connection whose descriptor comes later, if it comes. */
bool sock_replay_open(struct store *s, uint32_t id, bool read_only);
bool sock_replay_close(uint32_t id);
/* The listening sockets, and each connection's, as they were kept for us. False: said. */
bool sock_reconnect(struct store *s);

#endif
