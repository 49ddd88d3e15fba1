// SPDX-License-Identifier: GPL-2.0-only
/* The operations of the protocol: one row each, decode first, then perform. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/io/xs_wire.h>
#include <xen/xen.h>

#include "edit.h"
#include "request.h"
#include "trans.h"
#include "watch.h"

_Static_assert(STORE_PAYLOAD_MAX == XENSTORE_PAYLOAD_MAX, "payload");
_Static_assert(STORE_ABS_PATH_MAX == XENSTORE_ABS_PATH_MAX, "absolute path");
_Static_assert(STORE_REL_PATH_MAX == XENSTORE_REL_PATH_MAX, "relative path");

struct op {
	const char *name;
	enum args args;
	bool privileged;   /* Domain 0 only */
	bool writes;	   /* not over a read-only connection */
	bool outside;	   /* is no part of a transaction, whatever tx_id says */
	int (*perform)(struct request *r);
};

static void reply(struct request *r, const void *data, size_t len)
{
	assert(!r->replied && len <= STORE_PAYLOAD_MAX);
	r->replied = true;
	r->s->env->send(r->c, r->type, r->req_id, r->tx_id, data, len, 0);
}

static void reply_string(struct request *r, const char *str)
{
	reply(r, str, strlen(str) + 1);
}

static struct edit edit_of(const struct request *r)
{
	return (struct edit){ .s = r->s, .c = r->c, .t = r->t };
}

static struct node *root_of(const struct request *r)
{
	return r->t ? r->t->root : r->s->root;
}

/*
 * What stands at the request's path, given that the client has all rights in need. A node that
 * does not exist is only told to who has the right on the nearest one above it.
 */
static int find(struct request *r, unsigned int need, struct node **out)
{
	struct tree_pos pos = tree_find(root_of(r), r->path);
	size_t len = strlen(r->path);
	int err;

	*out = NULL;
	/* A transaction depends on the absence of all that was found missing, too. */
	for (size_t at = len; r->t; at = path_parent_len(r->path, at)) {
		err = trans_access(r->s, r->c, r->t, r->path, at, NULL);
		if (err)
			return err;
		if (at <= pos.last_len)
			break;
	}
	if ((perms_for(r->s, r->c, pos.last->perms) & need) != need)
		return EACCES;
	if (!pos.node)
		return ENOENT;
	*out = pos.node;
	return 0;
}

static const struct perms *parent_perms(const struct request *r)
{
	char parent[STORE_ABS_PATH_MAX + 1];
	size_t len = path_parent_len(r->path, strlen(r->path));
	struct node *n;

	memcpy(parent, r->path, len);
	parent[len] = 0;
	n = tree_node(r->s->root, parent);
	return n ? n->perms : NULL;
}

/* Events of a change at the request's path: now, or when its transaction ends. */
static int changed(struct request *r, const struct perms *before)
{
	struct node *now;
	struct seen_by seen;

	if (r->t) {
		struct access *a;
		int err = trans_access(r->s, r->c, r->t, r->path, strlen(r->path), &a);

		if (err)
			return err;
		a->event = true;
		a->exact = false;
		return 0;
	}
	if (!r->s->watches.count)
		return 0;
	now = tree_node(r->s->root, r->path);
	seen = (struct seen_by){ .now = now ? now->perms : NULL, .before = before,
				 .parent = parent_perms(r) };
	watch_fire(r->s, r->path, false, &seen);
	return 0;
}

/* An edit in a transaction: the log entry that repeats it at the end. */
static int logged(struct request *r, int err, enum change_kind kind, struct blob *value,
		  struct perms *perms)
{
	if (!r->t)
		return err;
	if (!err)
		err = trans_change(r->s, r->c, r->t, kind, r->path, value, perms);
	/* Only for want of memory may an edit break off with its work half done. */
	if (err == ENOMEM)
		r->t->failed = true;
	return err;
}

static int op_read(struct request *r)
{
	struct node *n;
	int err = find(r, PERM_READ, &n);

	if (!err)
		reply(r, n->value ? n->value->data : NULL, n->value ? n->value->len : 0);
	return err;
}

static int op_directory(struct request *r)
{
	const struct blob *b;
	struct node *n;
	int err = find(r, PERM_READ, &n);

	if (err)
		return err;
	if (n->kids_len > STORE_PAYLOAD_MAX)
		return E2BIG;
	b = node_listing(n);
	if (!b)
		return ENOMEM;
	reply(r, b->data, b->len);
	return 0;
}

/* As many whole names as fit after the generation; one NUL more says that they were the last. */
static int op_directory_part(struct request *r)
{
	size_t offset = strtoul(r->str[0], NULL, 10), used, end;
	char *out = (char *)r->s->reply;
	const struct blob *b;
	struct node *n;
	int err = find(r, PERM_READ, &n);

	if (err)
		return err;
	b = node_listing(n);
	if (!b)
		return ENOMEM;
	used = (size_t)snprintf(out, 32, "%" PRIu64, n->gen) + 1;
	if (offset >= b->len) {
		out[used++] = 0;
		reply(r, out, used);
		return 0;
	}
	end = offset;
	while (end < b->len) {
		size_t name = strlen((const char *)b->data + end) + 1;

		if (end + name - offset > STORE_PAYLOAD_MAX - used)
			break;
		end += name;
	}
	memcpy(out + used, b->data + offset, end - offset);
	used += end - offset;
	if (end == b->len && used < STORE_PAYLOAD_MAX)
		out[used++] = 0;
	reply(r, out, used);
	return 0;
}

static int op_get_perms(struct request *r)
{
	struct node *n;
	int err = find(r, PERM_READ, &n);
	size_t len;

	if (err)
		return err;
	len = perms_format(n->perms, (char *)r->s->reply, STORE_PAYLOAD_MAX);
	if (!len)
		return E2BIG;
	reply(r, r->s->reply, len);
	return 0;
}

static int op_write(struct request *r)
{
	struct edit e = edit_of(r);
	struct blob *value = NULL;
	struct node *n;
	int err = find(r, PERM_WRITE, &n);

	if (err && err != ENOENT)
		return err;
	if (r->data_len) {
		value = blob_new(r->data, r->data_len);
		if (!value)
			return ENOMEM;
	}
	err = logged(r, edit_write(&e, r->path, value), CHANGE_WRITE, value, NULL);
	blob_put(value);
	return err ? err : changed(r, NULL);
}

static int op_mkdir(struct request *r)
{
	struct edit e = edit_of(r);
	struct node *n;
	int err = find(r, PERM_WRITE, &n);

	if (err != ENOENT)
		return err;
	err = logged(r, edit_mkdir(&e, r->path), CHANGE_MKDIR, NULL, NULL);
	return err ? err : changed(r, NULL);
}

/* Every node of a subtree that goes is something the transaction has touched. */
static int rm_access(struct node *n, const char *path, size_t len, void *arg)
{
	struct request *r = arg;
	struct access *a;
	int err = trans_access(r->s, r->c, r->t, path, len, &a);

	if (!err) {
		a->event = true;
		a->exact = strcmp(path, r->path) != 0;
	}
	return err;
}

static int rm_subtree(struct request *r, struct node *n)
{
	struct edit e = edit_of(r);
	char buf[STORE_ABS_PATH_MAX + 1];
	size_t len = strlen(r->path);
	int err;

	memcpy(buf, r->path, len + 1);
	if (r->t) {
		err = trans_access(r->s, r->c, r->t, r->path, path_parent_len(r->path, len), NULL);
		if (!err)
			err = node_walk(n, buf, len, false, rm_access, r);
		return err ? err : logged(r, edit_rm(&e, r->path), CHANGE_RM, NULL, NULL);
	}
	node_get(n);
	err = edit_rm(&e, r->path);
	if (!err)
		watch_fire_removed(r->s, r->path, n, parent_perms(r));
	node_put(n);
	return err;
}

static int op_rm(struct request *r)
{
	struct node *n;
	int err = find(r, PERM_WRITE, &n);

	/* Gone already? Fine, as long as there is something that it could be gone from. */
	if (err == ENOENT) {
		struct tree_pos pos = tree_find(root_of(r), r->path);

		return pos.last_len == path_parent_len(r->path, strlen(r->path)) ? 0 : ENOENT;
	}
	if (err)
		return err;
	if (!r->path[1])
		return EINVAL;
	return rm_subtree(r, n);
}

static int set_perms_special(struct request *r, struct perms *p)
{
	if (r->special < 0)
		return EINVAL;
	if (!(perms_for(r->s, r->c, r->s->special[r->special]) & PERM_OWNER))
		return EACCES;
	perms_put(r->s->special[r->special]);
	r->s->special[r->special] = perms_get(p);
	return 0;
}

/* The owner is to exist, and only Domain 0 gives nodes away. */
static int may_own(struct request *r, const struct perms *now, const struct perms *p)
{
	if (!client_privileged(r->s, r->c) && p->p[0].id != now->p[0].id)
		return EPERM;
	return p->p[0].instance ? 0 : ENOENT;
}

static int set_perms_node(struct request *r, struct perms *p)
{
	struct edit e = edit_of(r);
	struct perms *before;
	struct node *n;
	int err = find(r, PERM_WRITE | PERM_OWNER, &n);

	if (!err)
		err = may_own(r, n->perms, p);
	if (err)
		return err;
	before = perms_get(n->perms);
	err = logged(r, edit_set_perms(&e, r->path, p), CHANGE_PERMS, NULL, p);
	if (!err)
		err = changed(r, before);
	perms_put(before);
	return err;
}

static int op_set_perms(struct request *r)
{
	struct perms *p;
	int err;

	if (quota_refuses(r->s, r->c, QUOTA_PERMS, r->strs, r->path))
		return ENOSPC;
	err = perms_parse(r->s, r->str[0], r->strs, &p);
	if (err)
		return err;
	if (r->path[0] != '@')
		err = set_perms_node(r, p);
	else
		err = p->p[0].instance ? set_perms_special(r, p) : ENOENT;
	perms_put(p);
	return err;
}

static int op_watch(struct request *r)
{
	struct watch *w;
	int err = watch_add(r->s, r->c, r->path, r->shown, r->str[0], &w);

	if (err)
		return err;
	reply_string(r, "OK");
	watch_send(r->s, w, w->path, w->path_len);
	return 0;
}

static int op_unwatch(struct request *r)
{
	return watch_remove(r->s, r->c, r->path, r->str[0]);
}

static int op_reset_watches(struct request *r)
{
	watch_remove_all(r->s, r->c);
	return 0;
}

static int op_transaction_start(struct request *r)
{
	char id[16];
	struct trans *t;

	if (r->t)
		return EBUSY;
	if (quota_refuses(r->s, r->c, QUOTA_TRANSACTIONS, r->c->dom->transactions,
			  "a transaction's start"))
		return ENOSPC;
	t = trans_new(r->s, r->c);
	if (!t)
		return ENOMEM;
	snprintf(id, sizeof(id), "%" PRIu32, t->id);
	reply_string(r, id);
	return 0;
}

static int op_transaction_end(struct request *r)
{
	int err;

	if (!r->t)
		return ENOENT;
	err = r->flag ? trans_commit(r->s, r->c, r->t) : 0;
	trans_free(r->s, r->c, r->t);
	r->t = NULL;
	return err;
}

static int op_get_domain_path(struct request *r)
{
	char path[40];

	snprintf(path, sizeof(path), "/local/domain/%" PRIu32, r->domid);
	reply_string(r, path);
	return 0;
}

static int op_is_domain_introduced(struct request *r)
{
	bool yes = r->domid == DOMID_SELF || r->s->env->introduced(r->s, r->domid);

	reply_string(r, yes ? "T" : "F");
	return 0;
}

static int op_introduce(struct request *r)
{
	bool is_new;
	int err;

	if (!r->port)
		return EINVAL;
	err = r->s->env->introduce(r->s, r->domid, r->gfn, r->port, &is_new);
	if (!err && is_new)
		watch_fire_special(r->s, SPECIAL_INTRODUCE);
	return err;
}

static int op_release(struct request *r)
{
	int err = r->s->env->release(r->s, r->domid);

	if (!err)
		watch_fire_special(r->s, SPECIAL_RELEASE);
	return err;
}

static int op_resume(struct request *r)
{
	return r->s->env->resume(r->s, r->domid);
}

static int op_set_target(struct request *r)
{
	return r->s->env->set_target(r->s, r->domid, r->domid2);
}

static int op_control(struct request *r)
{
	char *out = (char *)r->s->reply;
	int err;

	out[0] = 0;
	err = r->s->env->control(r->s, r->c, r->str, r->strs, out, STORE_PAYLOAD_MAX);
	if (err == CONTROL_LATER) {
		r->c->waits = r->replied = true;
		r->c->wait_req = r->req_id;
		r->c->wait_tx = r->tx_id;
		return 0;
	}
	if (!err)
		reply_string(r, out[0] ? out : "OK");
	return err;
}

void store_answer(struct store *s, struct client *c, const char *text)
{
	assert(c->waits);
	c->waits = false;
	s->env->send(c, XS_CONTROL, c->wait_req, c->wait_tx, text, strlen(text) + 1, 0);
}

static const struct op ops[XS_TYPE_COUNT] = {
	[XS_CONTROL] = { "CONTROL", ARGS_STRINGS, .privileged = true, .writes = true,
			 .perform = op_control },
	[XS_DIRECTORY] = { "DIRECTORY", ARGS_PATH, .perform = op_directory },
	[XS_READ] = { "READ", ARGS_PATH, .perform = op_read },
	[XS_GET_PERMS] = { "GET_PERMS", ARGS_PATH, .perform = op_get_perms },
	[XS_WATCH] = { "WATCH", ARGS_WATCH, .outside = true, .perform = op_watch },
	[XS_UNWATCH] = { "UNWATCH", ARGS_WATCH, .outside = true, .perform = op_unwatch },
	[XS_TRANSACTION_START] = { "TRANSACTION_START", ARGS_NONE,
				   .perform = op_transaction_start },
	[XS_TRANSACTION_END] = { "TRANSACTION_END", ARGS_FLAG, .perform = op_transaction_end },
	[XS_INTRODUCE] = { "INTRODUCE", ARGS_INTRODUCE, .privileged = true, .writes = true,
			   .perform = op_introduce },
	[XS_RELEASE] = { "RELEASE", ARGS_DOMID, .privileged = true, .writes = true, .perform = op_release },
	[XS_GET_DOMAIN_PATH] = { "GET_DOMAIN_PATH", ARGS_DOMID, .perform = op_get_domain_path },
	[XS_WRITE] = { "WRITE", ARGS_PATH_DATA, .writes = true, .perform = op_write },
	[XS_MKDIR] = { "MKDIR", ARGS_PATH, .writes = true, .perform = op_mkdir },
	[XS_RM] = { "RM", ARGS_PATH, .writes = true, .perform = op_rm },
	[XS_SET_PERMS] = { "SET_PERMS", ARGS_PATH_STRINGS, .writes = true,
			   .perform = op_set_perms },
	[XS_IS_DOMAIN_INTRODUCED] = { "IS_DOMAIN_INTRODUCED", ARGS_DOMID, .privileged = true,
				      .perform = op_is_domain_introduced },
	[XS_RESUME] = { "RESUME", ARGS_DOMID, .privileged = true, .writes = true, .perform = op_resume },
	[XS_SET_TARGET] = { "SET_TARGET", ARGS_TWO_DOMIDS, .privileged = true, .writes = true,
			    .perform = op_set_target },
	[XS_RESET_WATCHES] = { "RESET_WATCHES", ARGS_NONE, .perform = op_reset_watches },
	[XS_DIRECTORY_PART] = { "DIRECTORY_PART", ARGS_PATH_STRING, .perform = op_directory_part },
};

static int perform(struct request *r)
{
	const struct op *op = r->type < XS_TYPE_COUNT ? &ops[r->type] : NULL;
	int err;

	if (!op || !op->perform) {
		r->s->env->log(r->s, "domain %" PRIu32 ": unknown operation %" PRIu32,
			       r->c->dom->domid, r->type);
		return ENOSYS;
	}
	if (op->privileged && !client_privileged(r->s, r->c))
		return EACCES;
	if (op->writes && r->c->read_only)
		return EROFS;
	if (r->tx_id && !op->outside) {
		r->t = trans_find(r->c, r->tx_id);
		if (!r->t)
			return ENOENT;
		trans_begin_request(r->s, r->t);
	}
	err = request_decode(r, op->args);
	return err ? err : op->perform(r);
}

static const char *error_name(int err)
{
	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (xsd_errors[i].errnum == err)
			return xsd_errors[i].errstring;
	return "EINVAL";
}

void store_request(struct store *s, struct client *c, uint32_t type, uint32_t req_id,
		   uint32_t tx_id, const void *body, size_t len)
{
	struct request r;
	int err;

	assert(len <= STORE_PAYLOAD_MAX);
	memset(&r, 0, offsetof(struct request, path));
	r.s = s;
	r.c = c;
	r.type = type;
	r.req_id = req_id;
	r.tx_id = tx_id;
	r.body = body;
	r.len = len;
	err = perform(&r);
	s->was_short |= err == ENOMEM;
	if (err) {
		const char *name = error_name(err);

		s->env->send(c, XS_ERROR, req_id, tx_id, name, strlen(name) + 1, 0);
	} else if (!r.replied) {
		reply_string(&r, "OK");
	}
}
