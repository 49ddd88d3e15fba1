// SPDX-License-Identifier: GPL-2.0-only
/*
 * What libxl promises to callers that do several things at once: operations that go on after the call, told by callback
 * or event; progress; deaths and ejects; cancellation; the caller's own loop; children, the caller's and ours; several
 * threads and contexts. The whole library over a pretended host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <xenstore.h>

#include "../blackbox/xl/fakexen.h"
#include "light/host.h"
#include "light/poll.h"

static char *at_first;		/* the store before any test */

static libxl_ctx *context(void)
{
	libxl_ctx *ctx;

	assert_int_equal(libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, NULL), 0);
	return ctx;
}

static void configure(libxl_domain_config *c, const char *name)
{
	libxl_domain_config_init(c);
	c->c_info.type = LIBXL_DOMAIN_TYPE_PV;
	c->c_info.name = strdup(name);
	libxl_uuid_generate(&c->c_info.uuid);
	libxl_domain_build_info_init_type(&c->b_info, LIBXL_DOMAIN_TYPE_PV);
	c->b_info.max_memkb = c->b_info.target_memkb = 65536;
	c->b_info.kernel = strdup("/dev/null");
}

/* Every domain is gone, and nothing of it is left. */
static int nothing_left(void **state)
{
	char *now = host_store();

	host_hold_builds(false);
	assert_int_equal(host_domains(), 1);
	assert_string_equal(now, at_first);
	free(now);
	return 0;
}

static uint32_t make(libxl_ctx *ctx, const char *name)
{
	libxl_domain_config c;
	uint32_t domid;

	configure(&c, name);
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, NULL, NULL), 0);
	libxl_domain_config_dispose(&c);
	return domid;
}

/* --- one operation, told in each way */

struct heard {
	_Atomic int done, rc, consoles;
	_Atomic uint32_t domid;
};

static void on_done(libxl_ctx *ctx, int rc, void *arg)
{
	struct heard *h = arg;
	int n;

	/* A callback may call anything. */
	free(libxl_list_domain(ctx, &n));
	h->rc = rc;
	h->done++;
}

static void on_console(libxl_ctx *ctx, libxl_event *ev, void *arg)
{
	struct heard *h = arg;

	assert_int_equal(ev->type, LIBXL_EVENT_TYPE_DOMAIN_CREATE_CONSOLE_AVAILABLE);
	assert_int_equal(ev->for_user, 33);
	/* It is told before the end is. */
	usleep(20000);
	assert_int_equal(h->done, 0);
	h->domid = ev->domid;
	libxl_event_free(ctx, ev);
	h->consoles++;
}

static void turn(libxl_ctx *ctx)
{
	int n = 0, timeout;
	struct timeval now;

	gettimeofday(&now, NULL);
	assert_int_equal(libxl_osevent_beforepoll(ctx, &n, NULL, &timeout, now), ERROR_BUFFERFULL);
	assert_in_range(n, 1, 32);
	assert_int_not_equal(poll_once(ctx, 10000), 0);
}

/* Like that, but nothing need happen. */
static void step(libxl_ctx *ctx)
{
	poll_once(ctx, 10);
}

static void callbacks_by_poll(void **state)
{
	struct heard h = { 0 };
	libxl_asyncop_how how = { .callback = on_done, .u.for_callback = &h };
	libxl_asyncprogress_how progress = { .callback = on_console, .for_event = 33, .for_callback = &h };
	libxl_ctx *ctx = context();
	libxl_domain_config c;
	uint32_t domid;

	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, &progress), 0);
	memset(&how, 0xff, sizeof(how));	/* neither need outlast the call */
	memset(&progress, 0xff, sizeof(progress));
	while (!h.done)
		turn(ctx);
	assert_int_equal(h.rc, 0);
	assert_int_equal(h.done, 1);
	assert_int_equal(h.consoles, 1);
	assert_int_equal(h.domid, domid);
	how = (libxl_asyncop_how){ .callback = on_done, .u.for_callback = &h };
	assert_int_equal(libxl_domain_destroy(ctx, domid, &how), 0);
	while (h.done < 2)
		turn(ctx);
	assert_int_equal(h.rc, 0);
	libxl_domain_config_dispose(&c);
	libxl_ctx_free(ctx);
}

static libxl_event *next(libxl_ctx *ctx, libxl_event_type type)
{
	libxl_event *ev;

	assert_int_equal(libxl_event_wait(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), 0);
	assert_int_equal(ev->type, type);
	return ev;
}

static int completed(libxl_ctx *ctx, libxl_ev_user user)
{
	libxl_event *ev = next(ctx, LIBXL_EVENT_TYPE_OPERATION_COMPLETE);
	int rc = ev->u.operation_complete.rc;

	assert_int_equal(ev->for_user, user);
	libxl_event_free(ctx, ev);
	return rc;
}

static void events(void **state)
{
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_asyncprogress_how progress = { .for_event = 8 };
	libxl_ctx *ctx = context();
	libxl_domain_config c;
	libxl_event *ev;
	uint32_t domid;

	host_hold_builds(true);
	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, &progress), 0);
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	host_hold_builds(false);
	ev = next(ctx, LIBXL_EVENT_TYPE_DOMAIN_CREATE_CONSOLE_AVAILABLE);
	assert_int_equal(ev->for_user, 8);
	assert_int_equal(ev->domid, domid);
	libxl_event_free(ctx, ev);
	assert_int_equal(completed(ctx, 7), 0);
	libxl_domain_config_dispose(&c);
	/* A failure is told the same way; the call itself says that it began. */
	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, NULL), 0);
	assert_int_not_equal(completed(ctx, 7), 0);
	assert_int_equal(domid, (uint32_t)INVALID_DOMID);
	libxl_domain_config_dispose(&c);
	assert_int_equal(libxl_name_to_domid(ctx, "one", &domid), 0);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_ctx_free(ctx);
}

/* Hooks take events of the types in their mask, others stay for event_check. */
static _Atomic int hooked;

static void on_event(void *user, libxl_event *ev)
{
	hooked++;
	libxl_event_free(user, ev);
}

static void event_hooks(void **state)
{
	libxl_event_hooks hooks = { .event_occurs_mask = 1ULL << LIBXL_EVENT_TYPE_OPERATION_COMPLETE,
				    .event_occurs = on_event };
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_asyncprogress_how progress = { .for_event = 8 };
	libxl_ctx *ctx = context();
	libxl_domain_config c;
	uint32_t domid;

	hooked = 0;
	libxl_event_register_callbacks(ctx, &hooks, ctx);
	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, &progress), 0);
	libxl_event_free(ctx, next(ctx, LIBXL_EVENT_TYPE_DOMAIN_CREATE_CONSOLE_AVAILABLE));
	while (!hooked)
		turn(ctx);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_domain_config_dispose(&c);
	libxl_ctx_free(ctx);
}

/* --- threads that sleep for a context while another one begins something */

struct sleeper {
	libxl_ctx *ctx;
	struct heard *h;
};

static void *sleep_in_event_wait(void *arg)
{
	libxl_event *ev = next(arg, LIBXL_EVENT_TYPE_DOMAIN_DEATH);

	libxl_event_free(arg, ev);
	return NULL;
}

static void *sleep_in_poll(void *arg)
{
	struct sleeper *s = arg;

	while (s->h->done < 2)
		turn(s->ctx);
	return NULL;
}

static void wait_for(_Atomic int *what, int value)
{
	for (int i = 0; i < 10000 && *what < value; i++)
		usleep(1000);
	assert_int_equal(*what, value);
}

/*
 * Callbacks come while a thread waits for some event, or polls; that thread learns of what others begin. The thread
 * that begins them does nothing else for the context.
 */
static void wakes_sleepers(void **state)
{
	for (int poller = 0; poller < 2; poller++) {
		struct heard h = { 0 };
		libxl_asyncop_how how = { .callback = on_done, .u.for_callback = &h };
		libxl_ctx *ctx = context();
		struct sleeper s = { ctx, &h };
		libxl_evgen_domain_death *gen;
		libxl_domain_config c;
		uint32_t domid, other = 0;
		pthread_t thread;

		if (!poller) {
			other = make(ctx, "other");
			assert_int_equal(libxl_evenable_domain_death(ctx, other, 1, &gen), 0);
		}
		pthread_create(&thread, NULL, poller ? sleep_in_poll : sleep_in_event_wait, poller ? (void *)&s : ctx);
		usleep(20000);		/* most often it sleeps by now */
		configure(&c, "one");
		assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, NULL), 0);
		wait_for(&h.done, 1);
		assert_int_equal(h.rc, 0);
		assert_int_equal(libxl_domain_destroy(ctx, domid, &how), 0);
		wait_for(&h.done, 2);
		if (!poller)
			assert_int_equal(libxl_domain_destroy(ctx, other, NULL), 0);
		pthread_join(thread, NULL);
		libxl_domain_config_dispose(&c);
		libxl_ctx_free(ctx);
	}
}

/* A callback about progress, made by whatever thread, returns before the call that it is about does. */
static void *spin(void *arg)
{
	struct sleeper *s = arg;
	libxl_event *ev;

	while (!s->h->done)
		assert_int_equal(libxl_event_check(s->ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	return NULL;
}

static void progress_first(void **state)
{
	libxl_ctx *ctx = context();

	for (int i = 0; i < 5; i++) {
		struct heard h = { 0 };
		libxl_asyncprogress_how progress = { .callback = on_console, .for_event = 33, .for_callback = &h };
		struct sleeper s = { ctx, &h };
		libxl_domain_config c;
		uint32_t domid;
		pthread_t thread;

		pthread_create(&thread, NULL, spin, &s);
		configure(&c, "one");
		assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, NULL, &progress), 0);
		assert_int_equal(h.consoles, 1);
		h.done = 1;
		pthread_join(thread, NULL);
		assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
		libxl_domain_config_dispose(&c);
	}
	libxl_ctx_free(ctx);
}

/* --- deaths */

static void deaths(void **state)
{
	libxl_ctx *ctx = context(), *other = context();
	uint32_t a = make(ctx, "a"), b = make(ctx, "b");
	libxl_evgen_domain_death *twice[2], *gone, *others;
	libxl_event *ev;

	assert_int_equal(libxl_evenable_domain_death(ctx, a, 1, &twice[0]), 0);
	assert_int_equal(libxl_evenable_domain_death(ctx, a, 2, &twice[1]), 0);
	assert_int_equal(libxl_evenable_domain_death(ctx, b, 3, &gone), 0);
	assert_int_equal(libxl_evenable_domain_death(other, a, 4, &others), 0);
	libxl_evdisable_domain_death(ctx, gone);
	assert_int_equal(libxl_domain_shutdown(ctx, a, NULL), 0);
	for (int seen = 0, i = 0; i < 2; i++) {
		ev = next(ctx, LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN);
		assert_int_equal(ev->u.domain_shutdown.shutdown_reason, LIBXL_SHUTDOWN_REASON_POWEROFF);
		assert_int_equal(ev->domid, a);
		seen |= (int)ev->for_user;
		assert_true(!i || seen == 3);
		libxl_event_free(ctx, ev);
	}
	assert_int_equal(libxl_domain_destroy(ctx, a, NULL), 0);
	for (int i = 0; i < 2; i++)
		libxl_event_free(ctx, next(ctx, LIBXL_EVENT_TYPE_DOMAIN_DEATH));
	/* The other context has its own. It looks only now, when the first occurrence can no longer be seen. */
	ev = next(other, LIBXL_EVENT_TYPE_DOMAIN_DEATH);
	assert_int_equal(ev->for_user, 4);
	libxl_event_free(other, ev);
	/* Nobody asked about this one any more. */
	assert_int_equal(libxl_domain_destroy(ctx, b, NULL), 0);
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	libxl_evdisable_domain_death(ctx, twice[0]);
	libxl_evdisable_domain_death(ctx, twice[1]);
	libxl_ctx_free(ctx);
	libxl_ctx_free(other);
}

/* A guest that is asked to shut down says that it heard; the caller of one that does not may give up. */
static void answers(void **state)
{
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_ctx *ctx = context();
	uint32_t domid = make(ctx, "one");
	libxl_event *ev;

	host_deafen(true);
	assert_int_equal(libxl_domain_shutdown(ctx, domid, &how), 0);
	for (int i = 0; i < 5; i++)
		step(ctx);
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	assert_int_equal(completed(ctx, 7), ERROR_ABORTED);
	/* One that is destroyed meanwhile need not answer. */
	assert_int_equal(libxl_domain_shutdown(ctx, domid, &how), 0);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	assert_int_equal(completed(ctx, 7), 0);
	assert_int_equal(libxl_domain_shutdown(ctx, domid, NULL), ERROR_DOMAIN_NOTFOUND);
	host_deafen(false);
	domid = make(ctx, "one");
	assert_int_equal(libxl_domain_shutdown(ctx, domid, NULL), 0);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_ctx_free(ctx);
}

static void plug_disk(uint32_t domid, int devid)
{
	static const char *const sides[] = {
		"/libxl/%u/device/vbd/%d/backend", "/local/domain/0/backend/vbd/%u/%d/state",
		"/local/domain/%u/device/vbd/%d/state",
	};
	char path[128];

	for (unsigned i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), sides[i], domid, devid);
		assert_true(xs_write(NULL, XBT_NULL, path, "4", 1));
	}
}

/* want NULL: it is not there. */
static bool node_is(const char *path, const char *want)
{
	char *is = xs_read(NULL, XBT_NULL, path, NULL);
	bool same = want ? is && !strcmp(is, want) : !is;

	free(is);
	return same;
}

static bool disk_is(uint32_t domid, int devid, const char *want)
{
	char path[128];

	snprintf(path, sizeof(path), "/local/domain/0/backend/vbd/%u/%d/state", domid, devid);
	return node_is(path, want);
}

/* A disk that its guest does not let go is taken away in the end; safely, it stays as it was. */
static void held(void **state)
{
	libxl_asyncop_how how[] = { { .u.for_event = 1 }, { .u.for_event = 2 } };
	libxl_device_disk disk[2];
	libxl_event *ev;
	libxl_ctx *ctx = context();
	uint32_t domid = make(ctx, "one");

	setenv("FAKEXEN_GUEST_HOLDS", "1", 1);
	for (int i = 0; i < 2; i++) {
		plug_disk(domid, 51712 + 16 * i);
		libxl_device_disk_init(&disk[i]);
		disk[i].vdev = strdup(i ? "xvdb" : "xvda");
	}
	assert_int_equal(libxl_device_disk_safe_remove(ctx, domid, &disk[0], &how[0]), 0);
	assert_int_equal(libxl_device_disk_remove(ctx, domid, &disk[1], &how[1]), 0);
	for (int i = 0; i < 2; i++) {
		ev = next(ctx, LIBXL_EVENT_TYPE_OPERATION_COMPLETE);
		assert_int_equal(ev->u.operation_complete.rc, ev->for_user == 1 ? ERROR_TIMEDOUT : 0);
		libxl_event_free(ctx, ev);
	}
	assert_true(disk_is(domid, 51712, "4"));
	assert_true(disk_is(domid, 51728, NULL));
	assert_int_equal(libxl_device_disk_destroy(ctx, domid, &disk[0], NULL), 0);
	assert_true(disk_is(domid, 51712, NULL));
	unsetenv("FAKEXEN_GUEST_HOLDS");
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	for (int i = 0; i < 2; i++)
		libxl_device_disk_dispose(&disk[i]);
	libxl_ctx_free(ctx);
}

/* Domain 0's kernel told in the store why two backends failed: that goes with each device, or with the domain. */
static void errors_go(void **state)
{
	static const char *const nodes[] = { "", "/backend", "/backend/vbd", "/backend/vbd/%u", "/backend/vbd/%u/51712",
		"/backend/vbd/%u/51712/error", "/backend/vbd/%u/51728", "/backend/vbd/%u/51728/error" };
	libxl_device_disk disk;
	libxl_ctx *ctx = context();
	uint32_t domid = make(ctx, "one");
	char path[128], *error = path + strlen("/local/domain/0/error");

	strcpy(path, "/local/domain/0/error");
	for (unsigned i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		sprintf(error, nodes[i], domid);
		assert_true(xs_write(NULL, XBT_NULL, path, "", 0));
	}
	libxl_device_disk_init(&disk);
	disk.vdev = strdup("xvda");
	plug_disk(domid, 51712);
	plug_disk(domid, 51728);
	assert_int_equal(libxl_device_disk_remove(ctx, domid, &disk, NULL), 0);
	assert_true(node_is(path, ""));
	sprintf(error, nodes[4], domid);
	assert_true(node_is(path, NULL));
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_device_disk_dispose(&disk);
	libxl_ctx_free(ctx);
}

/* Who keeps data for a domain as it is destroyed leaves none: from the mark on it is refused, before it goes along. */
static void user_data_goes(void **state)
{
	libxl_ctx *ctx = context();
	uint32_t domid = make(ctx, "one");
	char mark[64], uuid[LIBXL_UUID_FMTLEN + 1], files[256];
	libxl_dominfo info;
	uint8_t *data;
	glob_t found;
	int len;

	libxl_dominfo_init(&info);
	assert_int_equal(libxl_domain_info(ctx, &info, domid), 0);
	snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info.uuid));
	libxl_dominfo_dispose(&info);
	snprintf(mark, sizeof(mark), "/local/domain/%u/dying", domid);
	snprintf(files, sizeof(files), XEN_LIB_DIR "/userdata-d.%u.*", domid);

	assert_int_equal(libxl_userdata_store(ctx, domid, "early", (const uint8_t *)"x", 1), 0);
	assert_true(xs_write(NULL, XBT_NULL, mark, uuid, (unsigned)strlen(uuid)));
	assert_int_equal(libxl_userdata_store(ctx, domid, "late", (const uint8_t *)"x", 1), ERROR_DOMAIN_DESTROYED);
	assert_int_equal(libxl_userdata_retrieve(ctx, domid, "late", &data, &len), 0);
	assert_null(data);
	/* The mark of one that had the number before says nothing. */
	assert_true(xs_write(NULL, XBT_NULL, mark, "another", 7));
	assert_int_equal(libxl_userdata_store(ctx, domid, "again", (const uint8_t *)"x", 1), 0);
	assert_int_equal(glob(files, 0, NULL, &found), 0);
	globfree(&found);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	assert_int_equal(glob(files, 0, NULL, &found), GLOB_NOMATCH);
	libxl_ctx_free(ctx);
}

/* --- ejected disks */

static void put(struct xs_handle *xs, const char *top, uint32_t domid, const char *node, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%u/device/vbd/51728/%s", top, domid, node);
	assert_true(xs_write(xs, XBT_NULL, path, value, (unsigned)strlen(value)));
}

static void ejects(void **state)
{
	struct xs_handle *xs = xs_open(0);
	libxl_ctx *ctx = context();
	uint32_t a = make(ctx, "a");
	libxl_evgen_disk_eject *gen;
	libxl_device_disk *disk;
	libxl_event *ev;
	char path[64];

	assert_int_equal(libxl_evenable_disk_eject(ctx, a, NULL, 1, &gen), ERROR_INVAL);
	assert_int_equal(libxl_evenable_disk_eject(ctx, a, "nodisk", 1, &gen), ERROR_INVAL);
	put(xs, "/libxl", a, "backend", "/local/domain/0/backend/vbd/1/51728");
	put(xs, "/libxl", a, "dev", "xvdb");
	put(xs, "/libxl", a, "params", "/tmp/some.iso");
	assert_int_equal(libxl_evenable_disk_eject(ctx, a, "xvdb", 77, &gen), 0);
	put(xs, "/local/domain", a, "eject", "inject");
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	for (int i = 0; i < 2; i++) {
		put(xs, "/local/domain", a, "eject", "eject");
		ev = next(ctx, LIBXL_EVENT_TYPE_DISK_EJECT);
		assert_int_equal(ev->domid, a);
		assert_int_equal(ev->for_user, 77);
		disk = &ev->u.disk_eject.disk;
		assert_string_equal(disk->vdev, "xvdb");
		assert_string_equal(disk->pdev_path, "");
		assert_int_equal(disk->format, LIBXL_DISK_FORMAT_EMPTY);
		assert_true(disk->is_cdrom && disk->removable && !disk->readwrite);
		libxl_event_free(ctx, ev);
	}
	/* Nothing is told of a disk that is no more, nor when nobody asks. */
	snprintf(path, sizeof(path), "/libxl/%u/device/vbd", a);
	assert_true(xs_rm(xs, XBT_NULL, path));
	put(xs, "/local/domain", a, "eject", "eject");
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	libxl_evdisable_disk_eject(ctx, gen);
	put(xs, "/local/domain", a, "eject", "eject");
	assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
	/* One that is left goes with the context. */
	assert_int_equal(libxl_evenable_disk_eject(ctx, a, "xvdc", 1, &gen), 0);
	xs_close(xs);
	assert_int_equal(libxl_domain_destroy(ctx, a, NULL), 0);
	libxl_ctx_free(ctx);
}

/* --- devices that another domain's toolstack announces here */

static void node(struct xs_handle *xs, const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "backend/vif/5/0/%s", name);
	assert_true(xs_write(xs, XBT_NULL, path, value, (unsigned)strlen(value)));
}

/* What the script has noted so far. */
static void noted(libxl_ctx *ctx, const char *file, const char *wanted)
{
	char text[256] = "";

	for (int i = 0; i < 1000 && strcmp(text, wanted); i++) {
		FILE *f = fopen(file, "r");

		step(ctx);
		if (f) {
			text[fread(text, 1, sizeof(text) - 1, f)] = 0;
			fclose(f);
		}
	}
	assert_string_equal(text, wanted);
}

static void serves_devices(void **state)
{
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_ctx *ctx = context();
	struct xs_handle *xs = xs_open(0);
	char dir[] = "/tmp/xenolith-driver-XXXXXX", script[64], notes[64], *value;
	unsigned int n;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	snprintf(script, sizeof(script), "%s/script", dir);
	snprintf(notes, sizeof(notes), "%s/notes", dir);
	f = fopen(script, "w");
	fprintf(f, "#!/bin/sh\necho \"$1 $2 $XENBUS_TYPE $XENBUS_PATH $vif\" >>%s\n", notes);
	fclose(f);
	chmod(script, 0755);
	assert_int_equal(libxl_device_events_handler(ctx, &how), 0);
	node(xs, "script", script);
	node(xs, "online", "1");
	node(xs, "state", "1");
	step(ctx);
	assert_int_equal(access(notes, F_OK), -1);	/* the kernel has not taken it up */
	node(xs, "state", "2");
	noted(ctx, notes, "online type_if=vif vif backend/vif/5/0 vif5.0\n");
	node(xs, "state", "4");
	node(xs, "online", "0");
	node(xs, "state", "5");
	node(xs, "state", "6");
	noted(ctx, notes, "online type_if=vif vif backend/vif/5/0 vif5.0\n"
		"offline type_if=vif vif backend/vif/5/0 vif5.0\n");
	for (int i = 0; i < 1000 && (value = xs_read(xs, XBT_NULL, "backend/vif/5/0/state", &n)); i++) {
		free(value);
		step(ctx);
	}
	/* One that runs already is not plugged again. */
	node(xs, "script", script);
	node(xs, "hotplug-status", "connected");
	node(xs, "state", "2");
	for (int i = 0; i < 5; i++)
		step(ctx);
	assert_true(xs_rm(xs, XBT_NULL, "backend"));
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	assert_int_equal(completed(ctx, 7), ERROR_ABORTED);
	noted(ctx, notes, "online type_if=vif vif backend/vif/5/0 vif5.0\n"
		"offline type_if=vif vif backend/vif/5/0 vif5.0\n");
	unlink(notes);
	unlink(script);
	rmdir(dir);
	xs_close(xs);
	libxl_ctx_free(ctx);
}

/* --- cancellation */

static void *abort_soon(void *arg)
{
	unsigned before = host_builds();
	int i;

	for (i = 0; i < 10000 && host_builds() == before; i++)
		usleep(1000);
	assert_int_equal(libxl_ao_abort(arg, NULL), 0);
	return NULL;
}

static void cancels(void **state)
{
	libxl_asyncop_how how = { .u.for_event = 7 }, other = { .u.for_event = 8 };
	libxl_ctx *ctx = context();
	libxl_domain_config c;
	unsigned builds = host_builds();
	pthread_t thread;
	uint32_t domid;

	host_hold_builds(true);
	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, NULL), 0);
	for (int i = 0; i < 10000 && host_builds() == builds; i++)
		usleep(1000);
	assert_int_equal(host_domains(), 2);
	assert_int_equal(libxl_ao_abort(ctx, &other), ERROR_NOTFOUND);
	assert_int_equal(libxl_ao_abort(ctx, NULL), ERROR_NOTFOUND);
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	assert_int_equal(libxl_ao_abort(ctx, &how), ERROR_ABORTED);
	assert_int_equal(completed(ctx, 7), ERROR_ABORTED);
	assert_int_equal(libxl_ao_abort(ctx, &how), ERROR_NOTFOUND);
	assert_int_equal(domid, (uint32_t)INVALID_DOMID);
	assert_int_equal(host_domains(), 1);
	/* One that somebody waits for in a call, ended from another thread. */
	pthread_create(&thread, NULL, abort_soon, ctx);
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, NULL, NULL), ERROR_ABORTED);
	pthread_join(thread, NULL);
	host_hold_builds(false);
	libxl_domain_config_dispose(&c);
	libxl_ctx_free(ctx);
}

/* --- children */

static volatile sig_atomic_t chld;

static void on_chld(int sig)
{
	chld = 1;
}

static int make_and_destroy(libxl_ctx *ctx)
{
	libxl_domain_config c;
	uint32_t domid;
	int rc;

	configure(&c, "one");
	rc = libxl_domain_create_new(ctx, &c, &domid, NULL, NULL);
	if (!rc)
		rc = libxl_domain_destroy(ctx, domid, NULL);
	libxl_domain_config_dispose(&c);
	return rc;
}

/* --- suspends that are given up: by a guest that has not seen the request, or has and stops later */

static bool runs(libxl_ctx *ctx, uint32_t domid)
{
	libxl_dominfo info;

	assert_int_equal(libxl_domain_info(ctx, &info, domid), 0);
	return !info.shutdown;
}

/* How an operation ends that asks for a suspend and is given up when the guest has been asked. */
static int given_up(libxl_ctx *ctx, uint32_t domid, int (*start)(libxl_ctx *, uint32_t, const libxl_asyncop_how *), bool seen)
{
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_event *ev;
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
	assert_int_equal(start(ctx, domid, &how), 0);
	for (int i = 0; i < 1000 && !node_is(path, "suspend"); i++)
		step(ctx);
	if (seen)
		assert_true(fake_store_change(path, ""));
	assert_int_equal(libxl_ao_abort(ctx, &how), 0);
	if (seen) {
		for (int i = 0; i < 5; i++)
			step(ctx);
		assert_int_equal(libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL), ERROR_NOT_READY);
		host_shut_down(domid, LIBXL_SHUTDOWN_REASON_SUSPEND);
	}
	rc = completed(ctx, 7);
	assert_true(node_is(path, ""));
	return rc;
}

static int save_nowhere(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *how)
{
	static int nowhere = -1;

	if (nowhere < 0)
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return libxl_domain_suspend(ctx, domid, nowhere, 0, how);
}

static void suspends_given_up(void **state)
{
	libxl_ctx *ctx = context();
	uint32_t domid = make(ctx, "one");

	host_deafen(true);
	assert_int_equal(given_up(ctx, domid, save_nowhere, false), ERROR_ABORTED);
	assert_true(runs(ctx, domid));
	assert_int_equal(given_up(ctx, domid, save_nowhere, true), ERROR_ABORTED);
	assert_true(runs(ctx, domid));
	assert_int_equal(given_up(ctx, domid, libxl_domain_suspend_only, false), ERROR_ABORTED);
	assert_true(runs(ctx, domid));
	/* Too late: it is suspended, as was wanted. */
	assert_int_equal(given_up(ctx, domid, libxl_domain_suspend_only, true), 0);
	assert_false(runs(ctx, domid));
	host_deafen(false);
	assert_int_equal(libxl_domain_resume(ctx, domid, 1, NULL), 0);
	assert_true(runs(ctx, domid));
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_ctx_free(ctx);
}

/* The caller's loop reaps all children, of whom it tells us by number, or just that there are some. */
static void caller_reaps(void **state)
{
	static const libxl_childproc_hooks hooks = { .chldowner = libxl_sigchld_owner_mainloop };
	struct sigaction sa = { .sa_handler = on_chld }, before;

	sigaction(SIGCHLD, &sa, &before);
	for (int all = 0; all < 2; all++) {
		libxl_asyncop_how how = { .u.for_event = 7 };
		libxl_ctx *ctx = context();
		libxl_event *ev = NULL;
		libxl_domain_config c;
		uint32_t domid;
		int status, rc = ERROR_NOT_READY;
		pid_t pid, reaped = 0;

		libxl_childproc_setmode(ctx, &hooks, NULL);
		configure(&c, "one");
		assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, NULL), 0);
		for (int i = 0; rc && i < 1000; i++) {
			if (all && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
				/* Even if we look before it tells. */
				step(ctx);
				assert_int_equal(libxl_childproc_reaped(ctx, pid, status), 0);
				assert_int_equal(libxl_childproc_reaped(ctx, pid, status), ERROR_UNKNOWN_CHILD);
				reaped = pid;
			}
			if (!all && chld) {
				chld = 0;
				libxl_childproc_sigchld_occurred(ctx);
			}
			step(ctx);
			rc = libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL);
		}
		assert_int_equal(rc, 0);
		assert_int_equal(ev->u.operation_complete.rc, 0);
		libxl_event_free(ctx, ev);
		/* The last of them may have been seen to end before it was reaped. */
		while (all && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
			assert_int_equal(libxl_childproc_reaped(ctx, pid, status), 0);
			reaped = pid;
		}
		libxl_childproc_sigchld_occurred(ctx);
		assert_true(!all || reaped);
		libxl_childproc_setmode(ctx, NULL, NULL);
		assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
		libxl_domain_config_dispose(&c);
		libxl_ctx_free(ctx);
		assert_int_equal(waitpid(-1, &status, WNOHANG), -1);	/* no zombie is left */
	}
	sigaction(SIGCHLD, &before, NULL);
}

static _Atomic int own_ended, own_status, forks;

static int on_reaped(pid_t pid, int status, void *user)
{
	own_status = status;
	own_ended++;
	return 0;
}

static pid_t counted_fork(void *user)
{
	forks++;
	return fork();
}

/* We reap the caller's children as well, and tell it. */
static void caller_told(void **state)
{
	static const libxl_childproc_hooks always = { libxl_sigchld_owner_libxl_always, counted_fork, on_reaped };
	static const libxl_childproc_hooks sometimes = { libxl_sigchld_owner_libxl, counted_fork, on_reaped };
	struct sigaction before, after;
	libxl_ctx *ctx = context();
	pid_t pid;

	sigaction(SIGCHLD, NULL, &before);
	own_ended = forks = 0;
	libxl_childproc_setmode(ctx, &always, NULL);
	pid = fork();
	if (!pid)
		_exit(3);
	for (int i = 0; i < 1000 && !own_ended; i++)
		step(ctx);
	assert_int_equal(own_ended, 1);
	assert_int_equal(WEXITSTATUS(own_status), 3);
	assert_int_equal(make_and_destroy(ctx), 0);
	assert_int_equal(own_ended, 1);		/* ours are none of its business */
	assert_int_equal(forks, 2);
	libxl_childproc_setmode(ctx, &sometimes, NULL);
	sigaction(SIGCHLD, NULL, &after);
	assert_ptr_equal(after.sa_handler, before.sa_handler);
	assert_int_equal(make_and_destroy(ctx), 0);
	sigaction(SIGCHLD, NULL, &after);
	assert_ptr_equal(after.sa_handler, before.sa_handler);
	libxl_ctx_free(ctx);
}

/* Those who inherited SIGCHLD ignored, as from nohup. */
static void sigchld_ignored(void **state)
{
	libxl_ctx *ctx = context();

	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(make_and_destroy(ctx), 0);
	signal(SIGCHLD, SIG_DFL);
	libxl_ctx_free(ctx);
}

/* The caller forks: the child may go on with a context of its own, or start a program that has no descriptor of ours. */
static void forks_and_execs(void **state)
{
	libxl_asyncop_how how = { .u.for_event = 7 };
	libxl_ctx *ctx = context();
	libxl_domain_config c;
	int status, fds[2];
	uint32_t domid;
	ssize_t n;
	char text[512] = "";
	pid_t pid;

	host_hold_builds(true);
	configure(&c, "one");
	assert_int_equal(libxl_domain_create_new(ctx, &c, &domid, &how, NULL), 0);
	pid = fork();
	if (!pid) {
		libxl_ctx *own;
		int count;

		libxl_postfork_child_noexec(ctx);
		if (libxl_ctx_alloc(&own, LIBXL_VERSION, 0, NULL) || !libxl_list_domain(own, &count))
			_exit(1);
		_exit(count == 2 ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl("/bin/sh", "sh", "-c", "ls -l /proc/self/fd | grep -cE 'eventfd|pidfd|socket'", NULL);
		_exit(127);
	}
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	waitpid(pid, &status, 0);
	assert_true(n > 0);
	assert_string_equal(text, "0\n");
	host_hold_builds(false);
	assert_int_equal(completed(ctx, 7), 0);
	assert_int_equal(libxl_domain_destroy(ctx, domid, NULL), 0);
	libxl_domain_config_dispose(&c);
	libxl_ctx_free(ctx);
}

/* --- many at once */

#define PLAYERS 3
#define CONTEXTS 2
#define MOVES 8

/* An operation that was begun; lives until its round is over. */
struct act {
	libxl_asyncop_how how;
	libxl_domain_config config;
	uint32_t domid;
	_Atomic int ends;
};

struct round {
	libxl_ctx *ctx[CONTEXTS];
	_Atomic bool over;
};

struct player {
	struct round *round;
	unsigned seed, number, n_acts;
	struct act acts[MOVES];
	libxl_ctx *watched_by;
	libxl_evgen_domain_death *watched;
	const char *volatile move; /* for who asks why nothing goes on */
	uint32_t domid;
};
static struct player players[PLAYERS];

static unsigned dice(struct player *p, unsigned sides)
{
	p->seed = p->seed * 1103515245u + 12345u;
	return (p->seed >> 16) % sides;
}

static void on_end(libxl_ctx *ctx, int rc, void *arg)
{
	((struct act *)arg)->ends++;
}

static void on_some_console(libxl_ctx *ctx, libxl_event *ev, void *arg)
{
	assert_int_equal(((struct act *)arg)->ends, 0);
	libxl_event_free(ctx, ev);
}

static void drop_events(libxl_ctx *ctx)
{
	libxl_event *ev;

	while (!libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL))
		libxl_event_free(ctx, ev);
}

static struct act *begin(struct player *p)
{
	struct act *a = &p->acts[p->n_acts++];

	a->how = (libxl_asyncop_how){ .callback = on_end, .u.for_callback = a };
	return a;
}

static void move_create(struct player *p, libxl_ctx *ctx)
{
	struct act *a = begin(p);
	libxl_asyncprogress_how console = { .callback = on_some_console, .for_callback = a };
	bool sync = !dice(p, 3);
	char name[32];

	/* Two may want the same name: then one of them fails. */
	snprintf(name, sizeof(name), "d%u", dice(p, 6));
	configure(&a->config, name);
	libxl_domain_create_new(ctx, &a->config, &a->domid, sync ? NULL : &a->how, dice(p, 2) ? &console : NULL);
	a->ends += sync;
}

static uint32_t some_domain(struct player *p, libxl_ctx *ctx)
{
	int n;
	libxl_dominfo *list = libxl_list_domain(ctx, &n);
	uint32_t domid = n > 1 ? list[1 + dice(p, (unsigned)n - 1)].domid : 0;

	libxl_dominfo_list_free(list, n);
	p->domid = domid;
	return domid;
}

static void move_destroy(struct player *p, libxl_ctx *ctx)
{
	uint32_t domid = some_domain(p, ctx);
	struct act *a;

	if (!domid)
		return;
	a = begin(p);
	if (dice(p, 2)) {
		libxl_domain_destroy(ctx, domid, &a->how);
		return;
	}
	libxl_domain_destroy(ctx, domid, NULL);
	a->ends++;
}

static void move_change(struct player *p, libxl_ctx *ctx)
{
	uint32_t domid = some_domain(p, ctx);
	libxl_dominfo info;
	char *name;

	if (!domid)
		return;
	switch (dice(p, 4)) {
	case 0:
		libxl_domain_pause(ctx, domid, NULL);
		break;
	case 1:
		libxl_domain_unpause(ctx, domid, NULL);
		break;
	case 2:
		libxl_domain_shutdown(ctx, domid, NULL);
		break;
	default:
		libxl_dominfo_init(&info);
		libxl_domain_info(ctx, &info, domid);
		libxl_dominfo_dispose(&info);
		name = libxl_domid_to_name(ctx, domid);
		free(name);
	}
}

static void move_watch(struct player *p, libxl_ctx *ctx)
{
	if (p->watched) {
		libxl_evdisable_domain_death(p->watched_by, p->watched);
		p->watched = NULL;
		return;
	}
	p->watched_by = ctx;
	assert_int_equal(libxl_evenable_domain_death(ctx, some_domain(p, ctx), 1, &p->watched), 0);
}

static void *play(void *arg)
{
	struct player *p = arg;

	for (int i = 0; i < MOVES; i++) {
		libxl_ctx *ctx = p->round->ctx[dice(p, CONTEXTS)];

		switch (dice(p, 12)) {
		case 0 ... 3:
			p->move = "creates a domain";
			move_create(p, ctx);
			break;
		case 4 ... 5:
			p->move = "destroys a domain";
			move_destroy(p, ctx);
			break;
		case 6 ... 7:
			p->move = "changes a domain";
			move_change(p, ctx);
			break;
		case 8:
			p->move = "asks to be told of a death";
			move_watch(p, ctx);
			break;
		case 9 ... 10:
			p->move = "aborts";
			if (p->n_acts)
				libxl_ao_abort(ctx, &p->acts[dice(p, p->n_acts)].how);
			break;
		default:
			p->move = "takes events";
			drop_events(ctx);
		}
	}
	p->move = "has done all its moves";
	return NULL;
}

struct loop {
	struct round *round;
	libxl_ctx *ctx;
};

static void *run_loop(void *arg)
{
	struct loop *l = arg;

	while (!l->round->over)
		step(l->ctx);
	return NULL;
}

/* Not safe in a handler, but then there is nothing to lose. */
static void nothing_goes_on(int signal)
{
	char *store = host_store();

	/* The end of what is printed is what a failed test shows. */
	fprintf(stderr, "%s", store);
	for (unsigned i = 0; i < PLAYERS; i++) {
		fprintf(stderr, "player %u %s; the last one was %u\n", i, players[i].move, players[i].domid);
		for (unsigned k = 0; k < players[i].n_acts; k++)
			fprintf(stderr, "  its domain %u: %s\n", players[i].acts[k].domid, players[i].acts[k].ends ? "ended" : "goes on");
	}
	_exit(1);
}

static void finish(struct player *p)
{
	p->move = "waits for the end of what it began";
	for (unsigned i = 0; i < p->n_acts; i++) {
		struct act *a = &p->acts[i];

		while (!a->ends)
			for (int c = 0; c < CONTEXTS; c++)
				drop_events(p->round->ctx[c]);
	}
	if (p->watched)
		libxl_evdisable_domain_death(p->watched_by, p->watched);
}

static void destroy_all(libxl_ctx *ctx)
{
	int n;
	libxl_dominfo *list = libxl_list_domain(ctx, &n);

	for (int i = 1; i < n; i++)
		assert_int_equal(libxl_domain_destroy(ctx, list[i].domid, NULL), 0);
	libxl_dominfo_list_free(list, n);
}

static void one_round(unsigned seed)
{
	struct round round = { .over = false };
	struct loop loops[CONTEXTS];
	pthread_t threads[PLAYERS], loop_threads[CONTEXTS];
	bool with_loops = seed % 2;

	memset(players, 0, sizeof(players));
	host_slow(seed % 3 * 1000);
	for (int i = 0; i < CONTEXTS; i++) {
		round.ctx[i] = context();
		loops[i] = (struct loop){ &round, round.ctx[i] };
		if (with_loops)
			pthread_create(&loop_threads[i], NULL, run_loop, &loops[i]);
	}
	for (unsigned i = 0; i < PLAYERS; i++) {
		players[i].round = &round;
		players[i].number = i;
		players[i].seed = seed * PLAYERS + i;
		pthread_create(&threads[i], NULL, play, &players[i]);
	}
	for (int i = 0; i < PLAYERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < PLAYERS; i++)
		finish(&players[i]);
	round.over = true;
	for (int i = 0; with_loops && i < CONTEXTS; i++)
		pthread_join(loop_threads[i], NULL);
	destroy_all(round.ctx[0]);
	for (int i = 0; i < PLAYERS; i++)
		for (unsigned k = 0; k < players[i].n_acts; k++) {
			assert_int_equal(players[i].acts[k].ends, 1);
			libxl_domain_config_dispose(&players[i].acts[k].config);
		}
	for (int i = 0; i < CONTEXTS; i++)
		libxl_ctx_free(round.ctx[i]);
	nothing_left(NULL);
}

static void interleavings(void **state)
{
	const char *rounds = getenv("ROUNDS"), *first = getenv("FIRST");
	unsigned from = first ? (unsigned)atoi(first) : 1, n = rounds ? (unsigned)atoi(rounds) : 20;

	signal(SIGALRM, nothing_goes_on);
	for (unsigned i = from; i < from + n; i++) {
		alarm(120);
		if (getenv("VERBOSE"))
			fprintf(stderr, "round %u\n", i);
		one_round(i);
	}
	alarm(0);
	host_slow(0);
}

/* With an argument: only tests of that name. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(callbacks_by_poll, nothing_left),
		cmocka_unit_test_teardown(events, nothing_left),
		cmocka_unit_test_teardown(event_hooks, nothing_left),
		cmocka_unit_test_teardown(wakes_sleepers, nothing_left),
		cmocka_unit_test_teardown(progress_first, nothing_left),
		cmocka_unit_test_teardown(deaths, nothing_left),
		cmocka_unit_test_teardown(ejects, nothing_left),
		cmocka_unit_test_teardown(answers, nothing_left),
		cmocka_unit_test_teardown(held, nothing_left),
		cmocka_unit_test_teardown(errors_go, nothing_left),
		cmocka_unit_test_teardown(user_data_goes, nothing_left),
		cmocka_unit_test_teardown(serves_devices, nothing_left),
		cmocka_unit_test_teardown(cancels, nothing_left),
		cmocka_unit_test_teardown(suspends_given_up, nothing_left),
		cmocka_unit_test_teardown(caller_reaps, nothing_left),
		cmocka_unit_test_teardown(caller_told, nothing_left),
		cmocka_unit_test_teardown(sigchld_ignored, nothing_left),
		cmocka_unit_test_teardown(forks_and_execs, nothing_left),
		cmocka_unit_test(interleavings),
	};
	libxl_ctx *ctx;
	int rc;

	host_start();
	rc = libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, NULL);
	if (rc)
		return 1;
	free(libxl_domid_to_name(ctx, 0));
	at_first = host_store();
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	libxl_ctx_free(ctx);
	free(at_first);
	return rc;
}
