// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pretended host's xenstore, in memory, for the threads of one process: nodes, watches, and a backend that
 * answers. It begins with the names of the pretended domains and the lines "PATH VALUE" of $FAKEXEN_STORE. A device
 * that is announced is taken up at once, unless $FAKEXEN_BACKEND says "silent" or "error". Everybody waits for the end
 * of a transaction, so each succeeds.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../../libxl/store/changes.h"

#include "fakexen.h"

#define MOST 4096

static struct node {
	char *path, *value;
} nodes[MOST];
static int used;

struct event {
	struct event *next;
	char path[256], token[64];
};

struct xs_handle {
	int fd;			/* readable while there are events */
	struct event *events, **last;
};

static struct watch {
	struct xs_handle *owner;
	char *path, *token;
} watches[256];

/* Taken again by each request of a thread that is in a transaction. */
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static bool loaded;

static void unlock(pthread_mutex_t **held)
{
	pthread_mutex_unlock(*held);
}
#define LOCKED() \
	pthread_mutex_t *held __attribute__((cleanup(unlock), unused)) = (pthread_mutex_lock(&lock), &lock)

static struct node *find(const char *path)
{
	for (int i = 0; i < used; i++)
		if (nodes[i].path && !strcmp(nodes[i].path, path))
			return &nodes[i];
	return NULL;
}

static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static void tell(const struct watch *w, const char *path)
{
	struct event *e = calloc(1, sizeof(*e));
	uint64_t one = 1;

	snprintf(e->path, sizeof(e->path), "%s", path);
	snprintf(e->token, sizeof(e->token), "%s", w->token);
	*w->owner->last = e;
	w->owner->last = &e->next;
	if (write(w->owner->fd, &one, sizeof(one)) < 0)
		abort();
}

static void changed(const char *path)
{
	for (int i = 0; i < 256; i++)
		if (watches[i].path && below(path, watches[i].path))
			tell(&watches[i], path);
}

static struct node *unused(void)
{
	for (int i = 0; i < used; i++)
		if (!nodes[i].path)
			return &nodes[i];
	if (used == MOST)
		abort();
	return &nodes[used++];
}

static void set(const char *path, const char *value)
{
	struct node *n = find(path);

	if (!n) {
		n = unused();
		n->path = strdup(path);
	}
	free(n->value);
	n->value = strdup(value);
	changed(path);
}

static void set_printf(const char *value, const char *format, const char *a, const char *b)
{
	char path[512];

	snprintf(path, sizeof(path), format, a, b);
	set(path, value);
}

/* What the kernel's backends do with a state that the toolstack writes. */
static void backend(const char *path, const char *value)
{
	static const char home[] = "/local/domain/0/backend/";
	const char *how = getenv("FAKEXEN_BACKEND"), *end = strrchr(path, '/');
	char dir[256];

	if (strncmp(path, home, sizeof(home) - 1) || strcmp(end, "/state") || (how && !strcmp(how, "silent")))
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)(end - path), path);
	if (!strcmp(value, "1") && how && !strcmp(how, "error")) {
		set_printf("2 creating vbd structure", "/local/domain/0/error/%s/%s", dir + strlen("/local/domain/0/"), "error");
		set_printf("6", "%s/%s", dir, "state");
	} else if (!strcmp(value, "1")) {
		set_printf("2", "%s/%s", dir, "state");
	} else if (!strcmp(value, "5") && !getenv("FAKEXEN_GUEST_HOLDS")) {
		set_printf("6", "%s/%s", dir, "state");
	}
}

static void load(void)
{
	char *file = getenv("FAKEXEN_STORE"), line[512], path[256], value[256];
	FILE *f = file ? fopen(file, "re") : NULL;

	loaded = true;
	fake_names(set);
	set("/local/pool/0/name", "Pool-0");
	while (f && fgets(line, sizeof(line), f)) {
		value[0] = 0;
		if (line[0] != '#' && sscanf(line, "%255s %255[^\n]", path, value) >= 1)
			set(path, value);
	}
	if (f)
		fclose(f);
}

struct xs_handle *xs_open(unsigned long flags)
{
	struct xs_handle *h;

	if (fake_fails("xs_open"))
		return NULL;
	LOCKED();
	if (!loaded)
		load();
	h = calloc(1, sizeof(*h));
	h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	h->last = &h->events;
	return h;
}

struct xs_handle *xs_daemon_open(void)
{
	return xs_open(0);
}

static void forget(struct watch *w)
{
	free(w->path);
	free(w->token);
	*w = (struct watch){ NULL, NULL, NULL };
}

void xs_close(struct xs_handle *h)
{
	struct event *e;
	LOCKED();

	for (int i = 0; i < 256; i++)
		if (watches[i].owner == h)
			forget(&watches[i]);
	while ((e = h->events)) {
		h->events = e->next;
		free(e);
	}
	close(h->fd);
	free(h);
}

void xs_daemon_close(struct xs_handle *h)
{
	xs_close(h);
}

/* Whoever held the lock is not in this process. */
void xs_daemon_destroy_postfork(struct xs_handle *h)
{
	pthread_mutex_t fresh = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

	memcpy(&lock, &fresh, sizeof(lock));
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	LOCKED();
	struct node *n = find(path);
	char *value;

	fake_request(1);
	if (!n || !n->value) {
		errno = ENOENT;
		return NULL;
	}
	value = strdup(n->value);
	if (value && len)
		*len = strlen(value);
	return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data, unsigned int len)
{
	char value[4096];

	fake_request(1);
	if (fake_fails("xs_write") || len >= sizeof(value))
		return false;
	memcpy(value, data, len);
	value[len] = 0;
	LOCKED();
	set(path, value);
	backend(path, value);
	fake_written(path, value);
	return true;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	LOCKED();
	fake_request(1);
	if (!find(path))
		set(path, "");
	return true;
}

/* It goes with all of top: who watches anything below top is told as well. */
static void went(const char *path, const char *top)
{
	for (int i = 0; i < 256; i++)
		if (watches[i].path && strcmp(path, top) && !strcmp(path, watches[i].path))
			tell(&watches[i], path);
}

/* A device whose frontend goes is released, whatever its guest thinks of it. */
static void frontend_gone(const char *path)
{
	unsigned int domid, devid, end = 0;
	char kind[16], state[64];

	if (sscanf(path, "/local/domain/%u/device/%15[a-z]/%u%n", &domid, kind, &devid, &end) != 3 || path[end])
		return;
	snprintf(state, sizeof(state), "/local/domain/0/backend/%s/%u/%u/state", kind, domid, devid);
	if (find(state))
		set(state, "6");
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	bool any = false;
	LOCKED();

	fake_request(1);
	for (int i = 0; i < used; i++) {
		if (!nodes[i].path || !below(nodes[i].path, path))
			continue;
		went(nodes[i].path, path);
		free(nodes[i].path);
		free(nodes[i].value);
		nodes[i] = (struct node){ NULL, NULL };
		any = true;
	}
	changed(path);
	frontend_gone(path);
	errno = ENOENT;
	return any;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	LOCKED();
	size_t length = strlen(path);
	char **list = calloc(1, 65536), *text = (char *)list + 8192;
	bool there = find(path) != NULL;

	*num = 0;
	for (int i = 0; i < used; i++) {
		const char *name, *end;
		unsigned int j;
		size_t n;

		if (!nodes[i].path || !below(nodes[i].path, path))
			continue;
		there = true;
		if (!nodes[i].path[length])
			continue;
		name = nodes[i].path + length + 1;
		end = strchrnul(name, '/');
		n = (size_t)(end - name);
		for (j = 0; j < *num && (strlen(list[j]) != n || strncmp(list[j], name, n)); j++)
			;
		if (j < *num)
			continue;
		list[(*num)++] = memcpy(text, name, n);
		text += n + 1;
	}
	fake_request(1 + *num);
	if (there)
		return list;
	free(list);
	errno = ENOENT;
	return NULL;
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	char *path;

	return asprintf(&path, "/local/domain/%u", domid) < 0 ? NULL : path;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path, struct xs_permissions *perms,
			unsigned int num)
{
	fake_request(1);
	return true;
}

bool xs_change_all(struct xs_handle *h, xs_transaction_t t, const struct xs_change *changes, unsigned int n,
		   unsigned int *failed)
{
	for (unsigned int i = 0; i < n; i++) {
		const struct xs_change *c = &changes[i];

		*failed = i;
		if (!c->value)
			xs_rm(h, t, c->path);
		else if (!xs_write(h, t, c->path, c->value, (unsigned int)strlen(c->value)))
			return false;
		if (c->perms)
			fake_request(1);
	}
	return true;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	fake_request(1);
	if (fake_fails("xs_transaction"))
		return 0;
	pthread_mutex_lock(&lock);
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	fake_request(1);
	pthread_mutex_unlock(&lock);
	return true;
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn, unsigned int port)
{
	fake_request(1);
	return !fake_fails("xs_introduce");
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	LOCKED();
	fake_request(1);
	for (int i = 0; i < 256; i++) {
		if (watches[i].path)
			continue;
		watches[i] = (struct watch){ h, strdup(path), strdup(token) };
		tell(&watches[i], path);
		return true;
	}
	return false;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	LOCKED();
	fake_request(1);
	for (int i = 0; i < 256; i++)
		if (watches[i].owner == h && !strcmp(watches[i].path, path) && !strcmp(watches[i].token, token))
			forget(&watches[i]);
	return true;
}

int xs_fileno(struct xs_handle *h)
{
	return h->fd;
}

char **xs_check_watch(struct xs_handle *h)
{
	LOCKED();
	struct event *e = h->events;
	uint64_t count;
	char **event;

	if (!e) {
		if (read(h->fd, &count, sizeof(count)) < 0)
			count = 0;
		errno = EAGAIN;
		return NULL;
	}
	h->events = e->next;
	if (!h->events)
		h->last = &h->events;
	event = calloc(1, 2 * sizeof(*event) + sizeof(e->path) + sizeof(e->token));
	event[XS_WATCH_PATH] = strcpy((char *)(event + 2), e->path);
	event[XS_WATCH_TOKEN] = strcpy((char *)(event + 2) + sizeof(e->path), e->token);
	free(e);
	return event;
}

void fake_store_fire(const char *path)
{
	LOCKED();
	changed(path);
}

bool fake_store_change(const char *path, const char *value)
{
	LOCKED();
	if (!find(path))
		return false;
	set(path, value);
	return true;
}

void fake_store_dump(FILE *out)
{
	LOCKED();
	for (int i = 0; i < used; i++)
		if (nodes[i].path)
			fprintf(out, "%s %s\n", nodes[i].path, nodes[i].value);
}
