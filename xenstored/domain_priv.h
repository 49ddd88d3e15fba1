/* SPDX-License-Identifier: GPL-2.0-only */
/* Between domain.c and domain_state.c. */
#ifndef XENSTORED_DOMAIN_PRIV_H
#define XENSTORED_DOMAIN_PRIV_H

#include "conn.h"

struct domain {
	struct conn conn;
	struct xenstore_domain_interface *ring;
	enum {
		RING_GRANT,
		RING_FOREIGN,
		RING_OWN,  /* Domain 0's, from its kernel */
		RING_LOST, /* a page of ours stands in for it: the guest's could not be had any more */
	} kind;
	int port;	 /* ours, 0 when not bound */
	uint32_t remote; /* the guest's end of it */
	uint64_t gfn;	 /* of its page, as it was introduced */
	bool shutdown;
	bool notify; /* in the list of those to be told at the end of the round */
	struct domain *next_notify;
};

struct domain *domain_find(struct store *s, uint32_t domid);
uint32_t domid_of(const struct domain *d);
/* Not yet in reach of its struct dom. NULL: no memory. */
struct domain *domain_new(struct store *s, uint32_t domid);
void domain_free(struct domain *d);
bool domain_map(struct domain *d, uint64_t gfn);
/* Says that it is served: from where its indices are. */
void domain_ring_begin(struct domain *d);
/* The domain is no more, or no longer ours: everything that it had goes. */
void domain_drop(struct store *s, struct dom *dom);
void domain_take_census(struct store *s);
void domain_unbind(struct domain *d);
/* Gives an errno. */
int domain_bind(struct domain *d, uint32_t remote);
/* The page that it had, or one that stands in for it. False: no memory. */
bool domain_map_again(struct domain *d);
/* Page and channel of a domain whose last connection died with the last process. False: no memory. */
bool domain_connect_again(struct domain *d);
/* Its connection begins anew, with an empty ring. */
void domain_restart(struct domain *d);
/* An event for it at the end of the round. */
void domain_tell(struct domain *d);

#endif
