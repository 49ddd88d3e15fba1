// SPDX-License-Identifier: GPL-2.0-only
#include "ring.h"

#include <string.h>

#include <xen/io/xs_wire.h>

_Static_assert(sizeof(struct xenstore_domain_interface) == 2 * XENSTORE_RING_SIZE + 7 * 4,
	       "ring page");

static inline uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void store(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/*
 * A guest sends an event only when it sees all of its requests taken, or the ring full of replies. So after moving our
 * own index we look at its one again, and in this order: whoever is second sees what the first one did.
 */
static inline void see_peer(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void ring_reset(struct xenstore_domain_interface *ring)
{
	store(&ring->req_cons, 0);
	store(&ring->req_prod, 0);
	store(&ring->rsp_cons, 0);
	store(&ring->rsp_prod, 0);
}

void ring_start(struct xenstore_domain_interface *ring)
{
	store(&ring->error, XENSTORE_ERROR_NONE);
	store(&ring->server_features,
	      XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR);
	store(&ring->connection, XENSTORE_CONNECTED);
}

bool ring_wants_reconnect(const struct xenstore_domain_interface *ring)
{
	return load(&ring->connection) == XENSTORE_RECONNECT;
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

long ring_copy(const struct xenstore_domain_interface *ring, void *buf, size_t len)
{
	uint32_t cons = load(&ring->req_cons), prod = load(&ring->req_prod);
	size_t have = prod - cons, got = 0;

	if (have > XENSTORE_RING_SIZE)
		return -1;
	while (got < len && got < have) {
		uint32_t at = MASK_XENSTORE_IDX(cons + (uint32_t)got);
		size_t n = min3(have - got, len - got, XENSTORE_RING_SIZE - at);

		memcpy((char *)buf + got, ring->req + at, n);
		got += n;
	}
	return (long)got;
}

void ring_take(struct xenstore_domain_interface *ring, size_t len)
{
	store(&ring->req_cons, load(&ring->req_cons) + (uint32_t)len);
}

void ring_indices(const struct xenstore_domain_interface *ring, uint32_t *req_cons, uint32_t *rsp_prod)
{
	*req_cons = load(&ring->req_cons);
	*rsp_prod = load(&ring->rsp_prod);
}

void ring_set_taken(struct xenstore_domain_interface *ring, uint32_t req_cons)
{
	store(&ring->req_cons, req_cons);
}

static long write_some(struct xenstore_domain_interface *ring, const void *buf, size_t len)
{
	uint32_t cons = load(&ring->rsp_cons), prod = load(&ring->rsp_prod);
	size_t used = prod - cons, put = 0, room;

	if (used > XENSTORE_RING_SIZE)
		return -1;
	room = XENSTORE_RING_SIZE - used;
	while (put < len && put < room) {
		uint32_t at = MASK_XENSTORE_IDX(prod + (uint32_t)put);
		size_t n = min3(room - put, len - put, XENSTORE_RING_SIZE - at);

		memcpy(ring->rsp + at, (const char *)buf + put, n);
		put += n;
	}
	if (put)
		store(&ring->rsp_prod, prod + (uint32_t)put);
	return (long)put;
}

long ring_write(struct xenstore_domain_interface *ring, const void *buf, size_t len)
{
	size_t put = 0;
	long n;

	do {
		n = write_some(ring, (const char *)buf + put, len - put);
		if (n < 0)
			return -1;
		put += (size_t)n;
		see_peer();
	} while (n && put < len);
	return (long)put;
}

bool ring_has_input(const struct xenstore_domain_interface *ring)
{
	see_peer();
	return load(&ring->req_prod) != load(&ring->req_cons);
}

void ring_set_error(struct xenstore_domain_interface *ring, uint32_t why)
{
	store(&ring->error, why);
}
