// SPDX-License-Identifier: LGPL-2.1-only
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_internal.h"

static void *talk_watch(struct xs_handle *h, enum xsd_sockmsg_type type, const char *path,
			const char *token)
{
	struct iovec v[2] = { { (void *)path, strlen(path) + 1 },
			      { (void *)token, strlen(token) + 1 } };

	return store_talkv(h, XBT_NULL, type, v, 2, NULL);
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	return store_ok(talk_watch(h, XS_WATCH, path, token));
}

/* With state held: nothing waits any more, so the descriptor is not readable either. */
static void events_settle(struct xs_handle *h)
{
	uint64_t count;

	if (!h->events) {
		h->events_last = &h->events;
		if (h->event_fd >= 0)
			(void)!read(h->event_fd, &count, sizeof(count));
	}
}

static bool event_is_of(const struct store_event *e, const char *path, const char *token)
{
	size_t n = strlen(e->body) + 1;

	return n < e->len && !strcmp(e->body + n, token) && xs_path_is_subpath(path, e->body);
}

static void drop_events(struct xs_handle *h, const char *path, const char *token)
{
	struct store_event **at = &h->events;

	while (*at) {
		struct store_event *e = *at;

		if (event_is_of(e, path, token)) {
			*at = e->next;
			store_event_free(h, e);
		} else {
			at = &e->next;
		}
	}
	h->events_last = at;
	events_settle(h);
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	bool ok = store_ok(talk_watch(h, XS_UNWATCH, path, token));

	/* Whoever let go of a watch does not want to hear of it: the token may mean nothing now. */
	if (ok) {
		pthread_mutex_lock(&h->state);
		if (h->filter)
			drop_events(h, path, token);
		pthread_mutex_unlock(&h->state);
	}
	return ok;
}

static char **take_event(struct xs_handle *h)
{
	struct store_event *e = h->events;
	size_t path = strlen(e->body) + 1;
	char **vec = malloc(2 * sizeof(*vec) + e->len + 1u);

	if (!vec)
		return NULL;
	memcpy(vec + 2, e->body, e->len + 1u);
	vec[XS_WATCH_PATH] = (char *)(vec + 2);
	vec[XS_WATCH_TOKEN] = vec[XS_WATCH_PATH] + (path <= e->len ? path : path - 1);
	h->events = e->next;
	store_event_free(h, e);
	events_settle(h);
	return vec;
}

static char **next_event(struct xs_handle *h, bool block)
{
	char **vec = NULL;

	pthread_mutex_lock(&h->state);
	if (store_wait(h, WAIT_EVENT, block))
		vec = take_event(h);
	pthread_mutex_unlock(&h->state);
	return vec;
}

char **xs_check_watch(struct xs_handle *h)
{
	return next_event(h, false);
}

char **xs_read_watch(struct xs_handle *h, unsigned int *num)
{
	char **vec = next_event(h, true);

	if (vec)
		*num = 2;
	return vec;
}
