/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains that are connected: their rings, and their coming and going. */
#ifndef XENSTORED_DOMAIN_H
#define XENSTORED_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct state_conn;
struct state_load;
struct state_out;
struct store;

/* Binds the interrupt that tells of deaths and, if own is set, connects Domain 0. */
bool domain_init(struct store *s, bool own);
/* For a new image of the daemon: the interrupt's port, and the domains as records. */
int domain_deaths_port(void);
void domain_save(struct store *s, struct state_out *o);
/* Takes over all that is bound; -1: any port that is no domain's stands for the interrupt. */
bool domain_adopt(struct store *s, int deaths_port);
/* With page and channel, or without. */
struct client *domain_load(struct state_load *l, const struct state_conn *from, bool connect);

/* After a recovery: pages and channels of all domains anew. False: said. */
bool domain_reconnect(struct store *s);

enum census_what {
	CENSUS_GONE = 1,
	CENSUS_SHUTDOWN,
};

struct census_entry {
	uint32_t domid, what; /* enum census_what */
};

/* What became of domains: acts on it. */
void domain_census(struct store *s, const struct census_entry *e, size_t n);

/* Sends the notifications that a round has earned. */
void domain_round_end(void);

/* The part of store_env that concerns domains. */
bool domain_exists(struct store *s, uint32_t domid);
int domain_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port,
		     bool *is_new);
int domain_release(struct store *s, uint32_t domid);
int domain_resume(struct store *s, uint32_t domid);
int domain_set_target(struct store *s, uint32_t domid, uint32_t target);
bool domain_introduced(struct store *s, uint32_t domid);

#endif
