// SPDX-License-Identifier: GPL-2.0-only
#include "consring.h"

#include <stdint.h>
#include <string.h>

#include <xen/io/console.h>

_Static_assert(sizeof(struct xencons_interface) == 1024 + 2048 + 4 * 4, "console page");

static inline uint32_t load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static inline void store(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

long consring_read(const struct xencons_interface *ring, char *buf, size_t len, uint32_t *next)
{
	uint32_t cons = load(&ring->out_cons), prod = load(&ring->out_prod);
	size_t have = prod - cons, got = 0;

	if (have > sizeof(ring->out))
		return -1;
	while (got < have && got < len) {
		size_t at = MASK_XENCONS_IDX(cons + (uint32_t)got, ring->out);
		size_t n = least(least(have, len) - got, sizeof(ring->out) - at);

		memcpy(buf + got, ring->out + at, n);
		got += n;
	}
	*next = cons + (uint32_t)got;
	return (long)got;
}

uint32_t consring_taken(const struct xencons_interface *ring)
{
	return load(&ring->out_cons);
}

void consring_take(struct xencons_interface *ring, uint32_t next)
{
	store(&ring->out_cons, next);
}

enum consring_past consring_compare(const struct xencons_interface *ring, uint32_t next)
{
	uint32_t cons = load(&ring->out_cons), prod = load(&ring->out_prod);

	if (next == cons)
		return CONSRING_THERE;
	return prod - cons <= sizeof(ring->out) && next - cons <= prod - cons ? CONSRING_BEHIND : CONSRING_OTHER;
}

long consring_room(const struct xencons_interface *ring)
{
	uint32_t used = load(&ring->in_prod) - load(&ring->in_cons);

	return used > sizeof(ring->in) ? -1 : (long)(sizeof(ring->in) - used);
}

long consring_write(struct xencons_interface *ring, const char *buf, size_t len)
{
	uint32_t cons = load(&ring->in_cons), prod = load(&ring->in_prod);
	size_t used = prod - cons, put = 0;

	if (used > sizeof(ring->in))
		return -1;
	len = least(len, sizeof(ring->in) - used);
	while (put < len) {
		size_t at = MASK_XENCONS_IDX(prod + (uint32_t)put, ring->in);
		size_t n = least(len - put, sizeof(ring->in) - at);

		memcpy(ring->in + at, buf + put, n);
		put += n;
	}
	if (put)
		store(&ring->in_prod, prod + (uint32_t)put);
	return (long)put;
}
