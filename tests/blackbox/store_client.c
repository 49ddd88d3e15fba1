// SPDX-License-Identifier: GPL-2.0-only
/* libxenstore against a daemon: threads that share a handle, descriptors, big directories, want of memory. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../libxl/store/changes.h"

#define EVENTS 500

static struct xs_handle *h;

static void *reader(void *arg)
{
	unsigned int n;

	for (int i = 0; i < EVENTS; i++) {
		char **v = xs_read_watch(h, &n);

		assert(v && n == 2 && !strcmp(v[XS_WATCH_TOKEN], "tok"));
		free(v);
	}
	return NULL;
}

static void *asker(void *arg)
{
	char path[32], value[32];

	snprintf(path, sizeof(path), "/own/%d", *(int *)arg);
	for (int i = 0; i < 300; i++) {
		unsigned int len;
		char *got;

		snprintf(value, sizeof(value), "%d", i);
		assert(xs_write(h, XBT_NULL, path, value, (unsigned int)strlen(value)));
		got = xs_read(h, XBT_NULL, path, &len);
		assert(got && !strcmp(got, value) && len == strlen(value));
		assert(!errno);
		free(got);
		assert(!xs_read(h, XBT_NULL, "/nope/x", &len) && errno == ENOENT);
	}
	return NULL;
}

/* One waits for events while others ask: each gets what is its own. */
static void test_threads(void)
{
	struct xs_handle *other = xs_open(0);
	pthread_t r, a[3];
	int id[3] = { 1, 2, 3 };

	assert(xs_watch(h, "/ev", "tok"));
	pthread_create(&r, NULL, reader, NULL);
	for (int i = 0; i < 3; i++)
		pthread_create(&a[i], NULL, asker, &id[i]);
	for (int i = 0; i < EVENTS - 1; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/ev/%d", i);
		assert(xs_write(other, XBT_NULL, path, "x", 1));
	}
	for (int i = 0; i < 3; i++)
		pthread_join(a[i], NULL);
	pthread_join(r, NULL);
	assert(xs_unwatch(h, "/ev", "tok"));
	assert(!xs_unwatch(h, "/ev", "tok") && errno == ENOENT);
	xs_close(other);
}

static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static void test_descriptor(void)
{
	int fd = xs_fileno(h);
	char **v;

	assert(fd >= 0 && fd == xs_fileno(h));
	assert(!readable(fd, 0));
	assert(!xs_check_watch(h) && errno == EAGAIN);
	assert(xs_watch(h, "/d", "1"));
	/* The event may have come with the reply to another request, and still shows. */
	free(xs_read(h, XBT_NULL, "/tool", NULL));
	assert(readable(fd, 10000));
	v = xs_check_watch(h);
	assert(v && !strcmp(v[XS_WATCH_PATH], "/d") && !strcmp(v[XS_WATCH_TOKEN], "1"));
	free(v);
	assert(!readable(fd, 0) && !xs_check_watch(h));
	assert(xs_write(h, XBT_NULL, "/d/x", "", 0));
	assert(readable(fd, 10000));
	assert(xs_unwatch(h, "/d", "1"));
	v = xs_check_watch(h); /* not filtered: it is still there */
	assert(v);
	free(v);
}

static void test_filter(void)
{
	struct xs_handle *f = xs_open(XS_UNWATCH_FILTER);

	assert(xs_watch(f, "/f", "1") && xs_watch(f, "/f", "2"));
	assert(xs_write(f, XBT_NULL, "/f/x", "", 0));
	assert(xs_unwatch(f, "/f", "1"));
	for (int i = 0; i < 2; i++) {
		char **v = xs_check_watch(f);

		assert(v && !strcmp(v[XS_WATCH_TOKEN], "2"));
		free(v);
	}
	assert(!xs_check_watch(f));
	xs_close(f);
}

static void test_big_directory(void)
{
	char path[128], **names;
	unsigned int n;

	for (int i = 0; i < 600; i++) {
		snprintf(path, sizeof(path), "/many/a-name-that-takes-some-room-%04d", i);
		assert(xs_mkdir(h, XBT_NULL, path));
	}
	names = xs_directory(h, XBT_NULL, "/many", &n);
	assert(names && n == 600);
	for (int i = 0; i < 600; i++) {
		snprintf(path, sizeof(path), "a-name-that-takes-some-room-%04d", i);
		assert(!strcmp(names[i], path));
	}
	free(names);
	assert(xs_rm(h, XBT_NULL, "/many"));
	names = xs_directory(h, XBT_NULL, "/tool/xenstored", &n);
	assert(names && n == 0);
	free(names);
}

static void test_transactions_and_permissions(void)
{
	struct xs_permissions set[2] = { { 0, XS_PERM_NONE }, { 9, XS_PERM_READ | XS_PERM_WRITE } }, *got;
	xs_transaction_t t = xs_transaction_start(h), u = xs_transaction_start(h);
	unsigned int n;

	assert(t && u && t != u);
	assert(xs_write(h, t, "/t", "1", 1) && xs_write(h, u, "/t", "2", 1));
	assert(xs_transaction_end(h, t, false));
	assert(!xs_transaction_end(h, u, false) && errno == EAGAIN);
	assert(xs_set_permissions(h, XBT_NULL, "/t", set, 2));
	got = xs_get_permissions(h, XBT_NULL, "/t", &n);
	assert(got && n == 2 && got[1].id == 9 && got[1].perms == (XS_PERM_READ | XS_PERM_WRITE));
	free(got);
	assert(!xs_write(h, XBT_NULL, "/t", h, XENSTORE_PAYLOAD_MAX) && errno == E2BIG);
	assert(!xs_restrict(h, 1));
	assert(xs_path_is_subpath("/a", "/a/b") && !xs_path_is_subpath("/a", "/ab"));
}

#define CHANGES 700

/* Many at once, more than are under way at a time, while events come in between. */
static void test_changes(void)
{
	static char paths[CHANGES][64], big[XENSTORE_PAYLOAD_MAX];
	static struct xs_change c[CHANGES];
	const struct xs_permissions perms = { 0, XS_PERM_READ };
	struct xs_permissions *got;
	unsigned int n, failed, events = 0;
	char **v, *value;

	memset(big, 'x', 2000);
	assert(xs_watch(h, "/changes", "tok"));
	for (unsigned int i = 0; i < CHANGES; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/changes/%u", i);
		c[i] = (struct xs_change){ .path = paths[i], .value = i % 10 ? "value" : big };
		if (i % 3 == 0) {
			c[i].perms = &perms;
			c[i].nr_perms = 1;
		}
	}
	c[5].value = NULL; /* it is not there */
	assert(xs_change_all(h, XBT_NULL, c, CHANGES, &failed));
	while ((v = xs_check_watch(h)) != NULL) {
		events++;
		free(v);
	}
	assert(events >= CHANGES);
	value = xs_read(h, XBT_NULL, paths[690], &n);
	assert(value && n == 2000);
	free(value);
	got = xs_get_permissions(h, XBT_NULL, paths[699], &n);
	assert(got && n == 1 && got->id == 0 && got->perms == XS_PERM_READ);
	free(got);
	assert(!xs_read(h, XBT_NULL, paths[5], &n) && errno == ENOENT);
	c[300].path = "no path";
	assert(!xs_change_all(h, XBT_NULL, c, CHANGES, &failed) && failed == 300 && errno == EINVAL);
	memset(big, 'x', sizeof(big) - 1);
	assert(!xs_change_all(h, XBT_NULL, c, CHANGES, &failed) && failed == 0 && errno == E2BIG);
	assert(xs_change_all(h, XBT_NULL, NULL, 0, &failed));
	assert(xs_unwatch(h, "/changes", "tok") && xs_rm(h, XBT_NULL, "/changes"));
	while ((v = xs_check_watch(h)) != NULL)
		free(v);
}

static volatile bool no_memory;

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	if (!no_memory)
		return __real_malloc(n);
	errno = ENOMEM;
	return NULL;
}

/* A request may fail for want of memory; those after it do not, and no event is lost. */
static void test_no_memory(void)
{
	unsigned int n;
	char **v, *got;

	assert(xs_watch(h, "/m", "tok") && readable(xs_fileno(h), 10000));
	v = xs_check_watch(h);
	assert(v);
	free(v);
	for (int i = 0; i < 3; i++) {
		no_memory = true;
		assert(!xs_write(h, XBT_NULL, "/m", "value", 5) && errno == ENOMEM);
		assert(!xs_read(h, XBT_NULL, "/m", &n) && errno == ENOMEM);
		assert(!xs_read(h, XBT_NULL, "/nope", &n) && errno == ENOENT);
		assert(readable(xs_fileno(h), 10000));
		assert(!xs_check_watch(h) && errno == ENOMEM);
		no_memory = false;
		v = xs_check_watch(h);
		assert(v && !strcmp(v[XS_WATCH_PATH], "/m") && !strcmp(v[XS_WATCH_TOKEN], "tok"));
		free(v);
		got = xs_read(h, XBT_NULL, "/m", &n);
		assert(got && n == 5 && !strcmp(got, "value"));
		free(got);
	}
	assert(xs_unwatch(h, "/m", "tok"));
}

/* A daemon that hangs up on who has just come, twice; that answers then, tells of an event, and hangs up on the next request. */
static void read_request(int fd, struct xsd_sockmsg *m)
{
	char body[100];

	assert(read(fd, m, sizeof(*m)) == sizeof(*m) && m->len < sizeof(body) && read(fd, body, m->len) == m->len);
}

static void *hangs_up(void *arg)
{
	static const char event[] = "/w\0tok";
	struct pollfd p = { .fd = *(int *)arg, .events = POLLIN };
	struct xsd_sockmsg m;
	int fd;

	for (int i = 0; i < 2; i++) {
		fd = accept(p.fd, NULL, NULL);
		assert(fd >= 0);
		if (i)
			read_request(fd, &m);
		close(fd);
	}
	fd = accept(p.fd, NULL, NULL);
	assert(fd >= 0);
	read_request(fd, &m);
	m.len = 5;
	assert(write(fd, &m, sizeof(m)) == sizeof(m) && write(fd, "value", 5) == 5);
	m = (struct xsd_sockmsg){ .type = XS_WATCH_EVENT, .len = sizeof(event) };
	assert(write(fd, &m, sizeof(m)) == sizeof(m) && write(fd, event, sizeof(event)) == sizeof(event));
	read_request(fd, &m);
	close(fd);
	assert(!poll(&p, 1, 500)); /* nobody comes again */
	return NULL;
}

static void test_hung_up(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char *path = getenv("XENSTORED_PATH"), *old = strdup(path), *got, **v;
	struct xs_handle *one;
	pthread_t daemon;
	unsigned int n;

	assert(fd >= 0 && snprintf(sa.sun_path, sizeof(sa.sun_path), "%s-hangs-up", old) < (int)sizeof(sa.sun_path));
	assert(!bind(fd, (struct sockaddr *)&sa, sizeof(sa)) && !listen(fd, 4) && !setenv("XENSTORED_PATH", sa.sun_path, 1));
	assert(!pthread_create(&daemon, NULL, hangs_up, &fd));
	one = xs_open(0);
	assert(one && xs_fileno(one) >= 0);
	got = xs_read(one, XBT_NULL, "/x", &n);
	assert(got && n == 5 && !strcmp(got, "value"));
	free(got);
	assert(readable(xs_fileno(one), 10000));
	v = xs_read_watch(one, &n); /* its second half may still be to come */
	assert(v && n == 2 && !strcmp(v[XS_WATCH_PATH], "/w") && !strcmp(v[XS_WATCH_TOKEN], "tok"));
	free(v);
	assert(!xs_write(one, XBT_NULL, "/x", "y", 1) && (errno == EPIPE || errno == ECONNRESET));
	assert(!pthread_join(daemon, NULL));
	xs_close(one);
	close(fd);
	assert(!unlink(sa.sun_path) && !setenv("XENSTORED_PATH", old, 1));
	free(old);
}

int main(void)
{
	h = xs_open(0);
	assert(h);
	test_threads();
	test_descriptor();
	test_filter();
	test_big_directory();
	test_transactions_and_permissions();
	test_changes();
	test_no_memory();
	test_hung_up();
	xs_close(h);
	puts("libxenstore ok");
	return 0;
}
