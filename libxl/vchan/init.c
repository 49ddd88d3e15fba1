// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Set up a vchan. The server shares a page with indices and the grants of larger rings, and
 * writes its grant and event channel to xenstore; the client maps what it finds there. The ring
 * "left" is written by the client, "right" by the server.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vchan_internal.h"
#include "xenstore.h"

static struct libxenvchan *make(void)
{
	struct libxenvchan *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->event_port = (uint32_t)-1;
	return c;
}

/* Order of a ring that holds at least min bytes. */
static int order_for(size_t min)
{
	int order = VCHAN_SMALL_ORDER;

	while (((size_t)1 << order) < min && order <= VCHAN_MAX_ORDER)
		order++;
	return order;
}

/*
 * The first page has one place of each kind. A ring that has the page for itself takes the larger place: the longest
 * list of grants reaches into the smaller one.
 */
static void choose_orders(struct libxenvchan *c, size_t read_min, size_t write_min)
{
	int *r = &c->read.order, *w = &c->write.order;

	*r = order_for(read_min);
	*w = order_for(write_min);
	if (*r == *w && *r <= VCHAN_MEDIUM_ORDER)
		(*w)++;
	else if (*r == VCHAN_SMALL_ORDER && *w > VCHAN_MEDIUM_ORDER)
		*r = VCHAN_MEDIUM_ORDER;
	else if (*w == VCHAN_SMALL_ORDER && *r > VCHAN_MEDIUM_ORDER)
		*w = VCHAN_MEDIUM_ORDER;
}

/* --- server */

static void *share_ring(struct libxenvchan *c, int domain, struct libxenvchan_ring *r, uint32_t *grants)
{
	char *page = (char *)c->ring;

	if (r->order == VCHAN_SMALL_ORDER)
		return page + VCHAN_SMALL_AT;
	if (r->order == VCHAN_MEDIUM_ORDER)
		return page + VCHAN_MEDIUM_AT;
	return xengntshr_share_pages(c->gntshr, (uint32_t)domain, 1 << (r->order - VCHAN_PAGE_SHIFT), grants, 1);
}

static int share_all(struct libxenvchan *c, int domain, uint32_t *ring_ref)
{
	uint32_t *grants;

	/* When this process dies, the client's notification flag clears and it gets an event. */
	c->ring = xengntshr_share_page_notify(c->gntshr, (uint32_t)domain, ring_ref, 1,
					      offsetof(struct vchan_interface, srv_live), c->event_port);
	if (!c->ring)
		return -1;
	memset(c->ring, 0, 1 << VCHAN_PAGE_SHIFT);
	c->read.shr = &c->ring->left;
	c->write.shr = &c->ring->right;
	c->ring->left_order = (uint16_t)c->read.order;
	c->ring->right_order = (uint16_t)c->write.order;
	c->ring->cli_live = 2; /* not yet */
	c->ring->srv_live = 1;
	c->ring->cli_notify = VCHAN_NOTIFY_WRITE;
	/* Grants of the left ring come first in the list, then the right one's. */
	grants = c->ring->grants;
	c->read.buffer = share_ring(c, domain, &c->read, grants);
	if (c->read.order >= VCHAN_PAGE_SHIFT)
		grants += 1 << (c->read.order - VCHAN_PAGE_SHIFT);
	c->write.buffer = c->read.buffer ? share_ring(c, domain, &c->write, grants) : NULL;
	return c->write.buffer ? 0 : -1;
}

/* For the client's eyes only. */
static bool publish_number(struct xs_handle *xs, xs_transaction_t t, const char *base, const char *name,
			   uint32_t value, struct xs_permissions perms[2])
{
	char path[256], text[16];

	if (snprintf(path, sizeof(path), "%s/%s", base, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	snprintf(text, sizeof(text), "%u", value);
	return xs_write(xs, t, path, text, (unsigned int)strlen(text)) && xs_set_permissions(xs, t, path, perms, 2);
}

/* In one transaction: a client that sees the ring finds the event channel as well. */
static int publish(struct libxenvchan *c, int domain, uint32_t ring_ref)
{
	struct xs_handle *xs = xs_open(0);
	struct xs_permissions perms[2] = { { .perms = XS_PERM_NONE },
					   { .id = (unsigned int)domain, .perms = XS_PERM_READ } };
	xs_transaction_t t;
	char *domid;
	bool ok = false, done = false;

	if (!xs)
		return -1;
	domid = xs_read(xs, XBT_NULL, "domid", NULL);
	if (!domid)
		goto out;
	perms[0].id = (unsigned int)atoi(domid);
	free(domid);
	do {
		t = xs_transaction_start(xs);
		if (t == XBT_NULL)
			goto out;
		ok = publish_number(xs, t, c->xs_path, "ring-ref", ring_ref, perms) &&
		     publish_number(xs, t, c->xs_path, "event-channel", c->event_port, perms);
		done = xs_transaction_end(xs, t, !ok) && ok;
	} while (ok && !done && errno == EAGAIN);
out:
	xs_close(xs);
	return done ? 0 : -1;
}

static void withdraw(struct libxenvchan *c)
{
	struct xs_handle *xs = xs_open(0);

	if (!xs)
		return;
	xs_rm(xs, XBT_NULL, c->xs_path);
	xs_close(xs);
}

struct libxenvchan *libxenvchan_server_init(struct xentoollog_logger *logger, int domain, const char *xs_path,
					    size_t read_min, size_t write_min)
{
	struct libxenvchan *c = make();
	uint32_t ring_ref;
	int port;

	if (!c)
		return NULL;
	c->is_server = 1;
	choose_orders(c, read_min, write_min);
	if (c->read.order > VCHAN_MAX_ORDER || c->write.order > VCHAN_MAX_ORDER) {
		errno = EINVAL;
		goto fail;
	}
	c->xs_path = strdup(xs_path);
	c->event = xenevtchn_open(logger, 0);
	if (!c->xs_path || !c->event)
		goto fail;
	port = xenevtchn_bind_unbound_port(c->event, (uint32_t)domain);
	if (port < 0 || xenevtchn_unmask(c->event, (evtchn_port_t)port))
		goto fail;
	c->event_port = (uint32_t)port;
	c->gntshr = xengntshr_open(logger, 0);
	if (c->gntshr && !share_all(c, domain, &ring_ref) && !publish(c, domain, ring_ref))
		return c;
fail:
	libxenvchan_close(c);
	return NULL;
}

/* --- client */

static void *map_ring(struct libxenvchan *c, int domain, struct libxenvchan_ring *r, int rights, uint32_t *grants)
{
	char *page = (char *)c->ring;

	if (r->order == VCHAN_SMALL_ORDER)
		return page + VCHAN_SMALL_AT;
	if (r->order == VCHAN_MEDIUM_ORDER)
		return page + VCHAN_MEDIUM_AT;
	return xengnttab_map_domain_grant_refs(c->gnttab, 1U << (r->order - VCHAN_PAGE_SHIFT), (uint32_t)domain,
					       grants, rights);
}

static int map_all(struct libxenvchan *c, int domain, uint32_t ring_ref)
{
	uint32_t grants[1 << (VCHAN_MAX_ORDER + 2 - VCHAN_PAGE_SHIFT)];
	unsigned int left, right;

	c->ring = xengnttab_map_grant_ref_notify(c->gnttab, (uint32_t)domain, ring_ref, PROT_READ | PROT_WRITE,
						 offsetof(struct vchan_interface, cli_live), c->event_port);
	if (!c->ring)
		return -1;
	c->write.shr = &c->ring->left;
	c->read.shr = &c->ring->right;
	/* The server may change its page at any time: read once, check, use the copy. */
	c->write.order = *(volatile uint16_t *)&c->ring->left_order;
	c->read.order = *(volatile uint16_t *)&c->ring->right_order;
	if (c->write.order < VCHAN_SMALL_ORDER || c->write.order > VCHAN_MAX_ORDER ||
	    c->read.order < VCHAN_SMALL_ORDER || c->read.order > VCHAN_MAX_ORDER ||
	    (c->read.order == c->write.order && c->read.order < VCHAN_PAGE_SHIFT)) {
		errno = EINVAL;
		return -1;
	}
	left = c->write.order >= VCHAN_PAGE_SHIFT ? 1U << (c->write.order - VCHAN_PAGE_SHIFT) : 0;
	right = c->read.order >= VCHAN_PAGE_SHIFT ? 1U << (c->read.order - VCHAN_PAGE_SHIFT) : 0;
	memcpy(grants, c->ring->grants, (left + right) * sizeof(grants[0]));
	c->write.buffer = map_ring(c, domain, &c->write, PROT_READ | PROT_WRITE, grants);
	c->read.buffer = c->write.buffer ? map_ring(c, domain, &c->read, PROT_READ, grants + left) : NULL;
	if (!c->read.buffer)
		return -1;
	c->ring->cli_live = 1;
	c->ring->srv_notify = VCHAN_NOTIFY_WRITE;
	return 0;
}

static int read_number(struct xs_handle *xs, const char *base, const char *name, uint32_t *value)
{
	char path[256], *text, *end;
	unsigned int len;

	if (snprintf(path, sizeof(path), "%s/%s", base, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	text = xs_read(xs, XBT_NULL, path, &len);
	if (!text)
		return -1;
	*value = (uint32_t)strtoul(text, &end, 10);
	if (end == text || *end) {
		free(text);
		errno = EINVAL;
		return -1;
	}
	free(text);
	return 0;
}

struct libxenvchan *libxenvchan_client_init(struct xentoollog_logger *logger, int domain, const char *xs_path)
{
	struct libxenvchan *c = make();
	struct xs_handle *xs = NULL;
	uint32_t ring_ref, remote;
	int port, rc = -1;

	if (!c)
		return NULL;
	xs = xs_open(0);
	if (!xs || read_number(xs, xs_path, "ring-ref", &ring_ref) ||
	    read_number(xs, xs_path, "event-channel", &remote))
		goto out;
	c->event = xenevtchn_open(logger, 0);
	if (!c->event)
		goto out;
	port = xenevtchn_bind_interdomain(c->event, (uint32_t)domain, remote);
	if (port < 0 || xenevtchn_unmask(c->event, (evtchn_port_t)port))
		goto out;
	c->event_port = (uint32_t)port;
	c->gnttab = xengnttab_open(logger, 0);
	if (!c->gnttab || map_all(c, domain, ring_ref))
		goto out;
	xenevtchn_notify(c->event, c->event_port);
	rc = 0;
out:
	if (xs)
		xs_close(xs);
	if (!rc)
		return c;
	libxenvchan_close(c);
	return NULL;
}

/* --- end of both */

static void drop_ring(struct libxenvchan *c, struct libxenvchan_ring *r)
{
	if (!r->buffer || r->order < VCHAN_PAGE_SHIFT)
		return;
	if (c->is_server)
		xengntshr_unshare(c->gntshr, r->buffer, 1U << (r->order - VCHAN_PAGE_SHIFT));
	else
		xengnttab_unmap(c->gnttab, r->buffer, 1U << (r->order - VCHAN_PAGE_SHIFT));
}

void libxenvchan_close(struct libxenvchan *c)
{
	const int saved = errno;

	if (!c)
		return;
	drop_ring(c, &c->read);
	drop_ring(c, &c->write);
	if (c->ring) {
		if (c->is_server) {
			c->ring->srv_live = 0;
			xengntshr_unshare(c->gntshr, c->ring, 1);
		} else {
			c->ring->cli_live = 0;
			xengnttab_unmap(c->gnttab, c->ring, 1);
		}
	}
	if (c->event) {
		if (c->event_port != (uint32_t)-1)
			xenevtchn_notify(c->event, c->event_port);
		xenevtchn_close(c->event);
	}
	if (c->xs_path)
		withdraw(c);
	if (c->is_server && c->gntshr)
		xengntshr_close(c->gntshr);
	if (!c->is_server && c->gnttab)
		xengnttab_close(c->gnttab);
	free(c->xs_path);
	free(c);
	errno = saved;
}
