// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the store's messages: a string of requests by Domain 0 and two guests. Each record is
 * who, type, transaction (0: none, else the nth id), length (2 bytes) and the body.
 */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>

#include "core/edit.h"
#include "core/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned int replies;
static struct client clients[3];
static struct store s;

static void env_send(struct client *c, uint32_t type, uint32_t req, uint32_t tx, const void *data,
		     size_t len, uint64_t watch_seq)
{
	const uint8_t *p = data;
	volatile uint8_t sum = 0;

	assert(len <= STORE_PAYLOAD_MAX);
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + p[i]);
	replies += type != XS_WATCH_EVENT;
	assert((type == XS_WATCH_EVENT) == (watch_seq != 0));
}

static bool env_exists(struct store *st, uint32_t domid)
{
	return domid < 3;
}

static int env_errno(struct store *st, uint32_t domid)
{
	return domid < 3 ? 0 : ENOENT;
}

static int env_target(struct store *st, uint32_t domid, uint32_t target)
{
	struct dom *d = dom_find(st, target);

	if (domid > 2 || !d)
		return ENOENT;
	clients[domid].target = d;
	return 0;
}

static int env_introduce(struct store *st, uint32_t domid, uint64_t gfn, uint32_t port, bool *is_new)
{
	*is_new = true;
	return domid < 3 ? 0 : EINVAL;
}

static int env_control(struct store *st, struct client *c, const char *const *argv, unsigned int argc,
		       char *out, size_t out_size)
{
	return argc && argv[0][0] == 'q' ? 0 : EINVAL;
}

static void env_log(struct store *st, const char *fmt, ...)
{
}

static const struct store_env env = {
	.send = env_send,
	.dom_exists = env_exists,
	.introduce = env_introduce,
	.release = env_errno,
	.resume = env_errno,
	.set_target = env_target,
	.introduced = env_exists,
	.control = env_control,
	.log = env_log,
};

static int tally(struct node *n, const char *path, size_t len, void *arg)
{
	unsigned int *nodes = arg;
	uint32_t owner = n->perms->p[0].id;

	assert(path_valid(path) || strlen(path) > 2048);
	assert(owner < 3);
	nodes[owner]++;
	return 0;
}

static void check_accounts(void)
{
	char path[STORE_ABS_PATH_MAX + 1] = "/";
	unsigned int nodes[3] = { 0 };

	node_walk(s.root, path, 1, false, tally, nodes);
	for (uint32_t i = 0; i < 3; i++)
		assert(dom_find(&s, i)->nodes == nodes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!store_init(&s, &env))
		abort();
	s.quota[QUOTA_NODES] = 20;
	s.quota[QUOTA_WATCHES] = 4;
	s.quota[QUOTA_TRANS_NODES] = 12;
	for (uint32_t i = 0; i < 3; i++)
		client_init(&clients[i], dom_know(&s, i, true), false);
	store_request(&s, &clients[0], XS_MKDIR, 0, 0, "/local/domain/1", 16);
	store_request(&s, &clients[0], XS_SET_PERMS, 0, 0, "/local/domain/1\0n1", 19);
	while (size >= 5) {
		size_t len = (size_t)(data[3] | data[4] << 8) % (STORE_PAYLOAD_MAX + 1);
		unsigned int before = replies;
		uint8_t *body;

		if (len > size - 5)
			len = size - 5;
		/* A buffer of its own, so that ASan sees a byte read beyond it. */
		body = malloc(len ? len : 1);
		memcpy(body, data + 5, len);
		store_request(&s, &clients[data[0] % 3], data[1], 1, data[2], body, len);
		free(body);
		assert(replies == before + 1);
		data += 5 + len;
		size -= 5 + len;
	}
	check_accounts();
	for (uint32_t i = 0; i < 3; i++)
		client_reset(&s, &clients[i]);
	/* A domain goes: what it owned goes with it, and nobody's account is touched by it. */
	for (uint32_t i = 1; i < 3; i++)
		dom_forget(&s, dom_find(&s, i));
	dom_know(&s, 1, true);
	dom_know(&s, 2, true);
	check_accounts();
	store_fini(&s);
	return 0;
}
