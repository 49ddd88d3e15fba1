// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store's side of a ring, with a guest's kernel on the other one in a thread of its own. Such a kernel sends an
 * event only when it has seen the ring empty (of requests) or full (of replies), so whoever stops looking at a wrong
 * moment waits for ever: that is what is looked for here, at those moments and at any.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <xen/io/xs_wire.h>
#include <xen/xen.h>

#include "conn.h"
#include "core/store.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "daemon/xen.h"
#include "domain.h"
#include "own_ring.h"
#include "ring.h"

#define GUEST	  7u
#define PORT	  3
#define ROUNDS	  100000u
#define DEADLINE  60 /* seconds until an answer is taken for lost; far more than a loaded host needs */
#define VALUE_LEN 3000u

static struct store the_store;
static struct xenstore_domain_interface page;
static struct source *events;
static sem_t to_store, to_guest;
static void *owner;
static bool finished;

/* --- the hypervisor: one guest, one channel */

bool trace_on;
void trace_message(const char *dir, const void *conn, uint32_t domid, uint32_t type, const void *data, uint32_t len) {}
void log_line(const char *fmt, ...) {}
bool loop_add(struct source *src, uint32_t what) { events = src; return true; }
int xen_evtchn_fd(void) { return -1; }
int xen_evtchn_next(void) { return PORT; }
void xen_evtchn_done(uint32_t port) {}
void xen_notify(uint32_t port) { sem_post(&to_guest); }
int xen_bind(uint32_t domid, uint32_t remote) { return PORT; }
int xen_bind_virq(unsigned int virq) { return PORT + 1; }
void xen_unbind(uint32_t port) {}
bool xen_port_own(int port, void *of) { owner = of; return true; }
void *xen_port_owner(int port) { return owner; }
enum dom_state xen_dom_state(uint32_t domid) { return DOM_ALIVE; }
bool xen_each_dom(uint32_t first, void (*fn)(uint32_t, enum dom_state, void *), void *arg) { return true; }
void *xen_map_page(uint32_t domid, uint32_t ref, uint64_t gfn, bool *by_grant) { *by_grant = true; return &page; }
void xen_unmap_page(void *p, bool by_grant) {}
struct xenstore_domain_interface *own_ring_map(uint32_t *port) { return NULL; }
void own_ring_unmap(struct xenstore_domain_interface *ring) {}

static void env_log(struct store *s, const char *fmt, ...) {}

static const struct store_env env = {
	.send = conn_send,
	.dom_exists = domain_exists,
	.introduce = domain_introduce,
	.release = domain_release,
	.resume = domain_resume,
	.introduced = domain_introduced,
	.log = env_log,
};

/* --- what the guest does once, just when the store copies from this place, or up to it */

static void (*meanwhile)(void);
static const char *place;

void *__real_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n);
void *__wrap_memcpy(void *to, const void *from, size_t n)
{
	void (*act)(void) = meanwhile;
	void *r = __real_memcpy(to, from, n);

	if (act && (from == place || (char *)to + n == place)) {
		meanwhile = NULL;
		act();
	}
	return r;
}

/* --- the guest's kernel */

static void wait_for_store(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE;
	if (sem_timedwait(&to_guest, &until))
		fail_msg("no event for %d s: requests %u of %u taken, replies %u of %u", DEADLINE, page.req_cons,
			 page.req_prod, page.rsp_cons, page.rsp_prod);
}

static uint32_t look(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_SEQ_CST);
}

static void put(const void *data, size_t len)
{
	while (len) {
		uint32_t prod = page.req_prod, room = XENSTORE_RING_SIZE - (prod - look(&page.req_cons));
		uint32_t at = MASK_XENSTORE_IDX(prod), n = XENSTORE_RING_SIZE - at;

		if (!room) {
			wait_for_store();
			continue;
		}
		n = n < room ? n : room;
		n = n < len ? n : (uint32_t)len;
		memcpy(page.req + at, data, n);
		__atomic_store_n(&page.req_prod, prod + n, __ATOMIC_SEQ_CST);
		if (look(&page.req_cons) == prod)
			sem_post(&to_store);
		data = (const char *)data + n;
		len -= n;
	}
}

static void get(void *data, size_t len)
{
	while (len) {
		uint32_t cons = page.rsp_cons, have = look(&page.rsp_prod) - cons;
		uint32_t at = MASK_XENSTORE_IDX(cons), n = XENSTORE_RING_SIZE - at;

		if (!have) {
			wait_for_store();
			continue;
		}
		n = n < have ? n : have;
		n = n < len ? n : (uint32_t)len;
		memcpy(data, page.rsp + at, n);
		__atomic_store_n(&page.rsp_cons, cons + n, __ATOMIC_SEQ_CST);
		if (look(&page.rsp_prod) - cons == XENSTORE_RING_SIZE)
			sem_post(&to_store);
		data = (char *)data + n;
		len -= n;
	}
}

/* Header and body in pieces, as a kernel writes them. */
static void ask(uint32_t type, const char *path, const void *value, uint32_t value_len, void *reply, uint32_t *len)
{
	const uint32_t path_len = (uint32_t)strlen(path) + 1;
	struct xsd_sockmsg h = { .type = type, .len = path_len + value_len };

	put(&h, sizeof(h));
	put(path, path_len);
	put(value, value_len);
	get(&h, sizeof(h));
	assert_int_equal(h.type, type);
	assert_in_range(h.len, 0, XENSTORE_PAYLOAD_MAX);
	get(reply, h.len);
	*len = h.len;
}

static void *store_thread(void *arg)
{
	while (!__atomic_load_n(&finished, __ATOMIC_SEQ_CST)) {
		bool busy = conns_serve();

		domain_round_end();
		if (busy)
			continue;
		sem_wait(&to_store);
		events->handle(events, EPOLLIN);
	}
	return NULL;
}

static int setup(void **state)
{
	bool is_new;

	memset(&page, 0, sizeof(page));
	sem_init(&to_store, 0, 0);
	sem_init(&to_guest, 0, 0);
	if (!store_init(&the_store, &env) || !domain_init(&the_store, false))
		return -1;
	the_store.priv_domid = GUEST;
	the_store.quota[QUOTA_NODE_SIZE] = 2 * VALUE_LEN;
	return domain_introduce(&the_store, GUEST, 1, 1, &is_new);
}

static int teardown(void **state)
{
	const int rc = domain_release(&the_store, GUEST);

	store_fini(&the_store);
	return rc;
}

/* What the store does for the events that it got, until it would wait for the next. */
static void store_works(void)
{
	bool busy = true;

	while (!sem_trywait(&to_store))
		events->handle(events, EPOLLIN);
	while (busy) {
		busy = conns_serve();
		domain_round_end();
	}
}

static const char root[] = "/";

static void send_body(void)
{
	put(root, sizeof(root));
}

static void body_after_header(void **state)
{
	struct xsd_sockmsg h = { .type = XS_DIRECTORY, .len = sizeof(root) };

	meanwhile = send_body;
	place = page.req;
	put(&h, sizeof(h));
	store_works();
	assert_int_equal(page.req_cons, page.req_prod);
	get(&h, sizeof(h));
	assert_int_equal(h.type, XS_DIRECTORY);
}

static char reply[XENSTORE_PAYLOAD_MAX];

static void take_some(void)
{
	get(reply, 100);
}

static void room_after_full(void **state)
{
	char path[701];
	struct xsd_sockmsg h = { .type = XS_WATCH, .len = sizeof(path) + sizeof(root) };

	/* A new watch is told of its path at once: two such events do not fit into the ring. */
	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = 0;
	place = page.rsp + XENSTORE_RING_SIZE;
	for (int i = 0; i < 2; i++) {
		path[1] = "ab"[i];
		put(&h, sizeof(h));
		put(path, sizeof(path));
		put(root, sizeof(root));	/* the token */
		meanwhile = i ? take_some : NULL;
		store_works();
	}
	assert_true(page.rsp_prod - page.rsp_cons == XENSTORE_RING_SIZE);
}

static void nobody_waits_for_ever(void **state)
{
	char value[VALUE_LEN];
	pthread_t t;
	uint32_t len;

	assert_int_equal(pthread_create(&t, NULL, store_thread, NULL), 0);
	memset(value, 'v', sizeof(value));
	ask(XS_WRITE, "/big", value, sizeof(value), reply, &len);
	ask(XS_WRITE, "/small", "s", 1, reply, &len);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		const bool big = i % 8 == 0;

		ask(XS_READ, big ? "/big" : "/small", NULL, 0, reply, &len);
		assert_int_equal(len, big ? VALUE_LEN : 1);
	}
	__atomic_store_n(&finished, true, __ATOMIC_SEQ_CST);
	sem_post(&to_store);
	pthread_join(t, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(body_after_header, setup, teardown),
		cmocka_unit_test_setup_teardown(room_after_full, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_waits_for_ever, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
