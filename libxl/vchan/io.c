// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Read and write a vchan. Indices run free; the other side may set them to anything, so what they
 * say is bounded by the ring's size. A side asks to be told of reads or writes by a bit in the
 * other's notify byte; whoever makes progress clears it and sends an event.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/types.h>

#include "vchan_internal.h"

#define barrier_full() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static uint8_t *peer_wants(struct libxenvchan *c)
{
	return c->is_server ? &c->ring->srv_notify : &c->ring->cli_notify;
}

static uint8_t *we_want(struct libxenvchan *c)
{
	return c->is_server ? &c->ring->cli_notify : &c->ring->srv_notify;
}

static void ask_for(struct libxenvchan *c, uint8_t bit)
{
	__atomic_or_fetch(we_want(c), bit, __ATOMIC_SEQ_CST);
	barrier_full();
}

static int tell(struct libxenvchan *c, uint8_t bit)
{
	barrier_full();
	if (!(__atomic_fetch_and(peer_wants(c), (uint8_t)~bit, __ATOMIC_SEQ_CST) & bit))
		return 0;
	return xenevtchn_notify(c->event, c->event_port);
}

static uint32_t load(volatile const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Bytes to read, 0 to the ring's size. */
static uint32_t ready(const struct libxenvchan *c)
{
	const uint32_t n = load(&c->read.shr->prod) - load(&c->read.shr->cons);

	return n > vchan_ring_size(&c->read) ? 0 : n;
}

static uint32_t room(const struct libxenvchan *c)
{
	const uint32_t used = load(&c->write.shr->prod) - load(&c->write.shr->cons);

	return used > vchan_ring_size(&c->write) ? 0 : vchan_ring_size(&c->write) - used;
}

int libxenvchan_is_open(struct libxenvchan *c)
{
	if (c->is_server)
		return c->server_persist ? 1 : c->ring->cli_live;
	return c->ring->srv_live;
}

int libxenvchan_wait(struct libxenvchan *c)
{
	const int port = xenevtchn_pending(c->event);

	if (port < 0)
		return -1;
	return xenevtchn_unmask(c->event, (evtchn_port_t)port) < 0 ? -1 : 0;
}

int libxenvchan_fd_for_select(struct libxenvchan *c)
{
	return xenevtchn_fd(c->event);
}

/* Less than wanted: ask to be told, then look once more, as it may have come meanwhile. */
static uint32_t ready_or_ask(struct libxenvchan *c, size_t want)
{
	uint32_t n = ready(c);

	if (n >= want)
		return n;
	ask_for(c, VCHAN_NOTIFY_WRITE);
	return ready(c);
}

static uint32_t room_or_ask(struct libxenvchan *c, size_t want)
{
	uint32_t n = room(c);

	if (n >= want)
		return n;
	ask_for(c, VCHAN_NOTIFY_READ);
	return room(c);
}

int libxenvchan_data_ready(struct libxenvchan *c)
{
	/* A caller that polls wants to be woken by the next bytes. */
	ask_for(c, VCHAN_NOTIFY_WRITE);
	return (int)ready(c);
}

int libxenvchan_buffer_space(struct libxenvchan *c)
{
	ask_for(c, VCHAN_NOTIFY_READ);
	return (int)room(c);
}

static int take(struct libxenvchan *c, void *data, size_t size)
{
	const uint32_t ring = vchan_ring_size(&c->read), at = c->read.shr->cons & (ring - 1);
	const size_t first = size < ring - at ? size : ring - at;

	memcpy(data, (char *)c->read.buffer + at, first);
	memcpy((char *)data + first, c->read.buffer, size - first);
	__atomic_store_n(&c->read.shr->cons, c->read.shr->cons + (uint32_t)size, __ATOMIC_RELEASE);
	return tell(c, VCHAN_NOTIFY_READ) < 0 ? -1 : (int)size;
}

static int give(struct libxenvchan *c, const void *data, size_t size)
{
	const uint32_t ring = vchan_ring_size(&c->write), at = c->write.shr->prod & (ring - 1);
	const size_t first = size < ring - at ? size : ring - at;

	memcpy((char *)c->write.buffer + at, data, first);
	memcpy(c->write.buffer, (const char *)data + first, size - first);
	__atomic_store_n(&c->write.shr->prod, c->write.shr->prod + (uint32_t)size, __ATOMIC_RELEASE);
	return tell(c, VCHAN_NOTIFY_WRITE) < 0 ? -1 : (int)size;
}

int libxenvchan_recv(struct libxenvchan *c, void *data, size_t size)
{
	for (;;) {
		if (size <= ready_or_ask(c, size))
			return take(c, data, size);
		if (!libxenvchan_is_open(c))
			return -1;
		if (!c->blocking)
			return 0;
		if (size > vchan_ring_size(&c->read) || libxenvchan_wait(c))
			return -1;
	}
}

int libxenvchan_read(struct libxenvchan *c, void *data, size_t size)
{
	for (;;) {
		const uint32_t n = ready_or_ask(c, size ? size : 1);

		if (n)
			return take(c, data, size < n ? size : n);
		if (!libxenvchan_is_open(c))
			return -1;
		if (!c->blocking)
			return 0;
		if (libxenvchan_wait(c))
			return -1;
	}
}

int libxenvchan_send(struct libxenvchan *c, const void *data, size_t size)
{
	for (;;) {
		if (!libxenvchan_is_open(c))
			return -1;
		if (size <= room_or_ask(c, size))
			return give(c, data, size);
		if (!c->blocking)
			return 0;
		if (size > vchan_ring_size(&c->write) || libxenvchan_wait(c))
			return -1;
	}
}

/* Blocking writes all, in pieces; the other way what fits, and is told when more does. */
int libxenvchan_write(struct libxenvchan *c, const void *data, size_t size)
{
	size_t done = 0;

	for (;;) {
		uint32_t n;

		if (!libxenvchan_is_open(c))
			return -1;
		n = room_or_ask(c, size - done);
		if (n > size - done)
			n = (uint32_t)(size - done);
		if (n) {
			if (give(c, (const char *)data + done, n) < 0)
				return -1;
			done += n;
		}
		if (done == size || !c->blocking)
			return (int)done;
		if (libxenvchan_wait(c))
			return -1;
	}
}
