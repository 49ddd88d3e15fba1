// SPDX-License-Identifier: GPL-2.0-only
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn.h"
#include "core/edit.h"
#include "daemon/log.h"
#include "journal.h"
#include "live_update.h"

struct out {
	char *buf;
	size_t size, used;
};

struct command {
	const char *name;
	const char *usage;
	bool keeps; /* it changes what outlives the daemon */
	int (*run)(struct store *s, const char *const *arg, unsigned int args, struct out *o);
};

static void put(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->buf + o->used, o->size - o->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		o->used += (size_t)n < o->size - o->used ? (size_t)n : o->size - o->used - 1;
}

/* Counts nodes and bytes anew, and compares with the accounts. */
struct tally {
	struct store *s;
	uint32_t domid;
	unsigned int nodes;
};

static int tally_node(struct node *n, const char *path, size_t len, void *arg)
{
	struct tally *t = arg;

	t->nodes += n->perms->p[0].id == t->domid;
	return 0;
}

static int run_check(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args)
		return EINVAL;
	for (size_t i = 0; i < DOM_BUCKETS; i++) {
		for (struct dom *d = s->doms[i]; d; d = d->next) {
			struct tally t = { .s = s, .domid = d->domid };
			char path[STORE_ABS_PATH_MAX + 1] = "/";
			int err = node_walk(s->root, path, 1, false, tally_node, &t);

			if (err)
				return err;
			if (t.nodes == d->nodes)
				continue;
			log_line("check: domain %u has %u nodes, its account says %u: corrected",
				 d->domid, t.nodes, d->nodes);
			d->nodes = t.nodes;
		}
	}
	return 0;
}

static int run_log(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args != 1)
		return EINVAL;
	if (!strcmp(arg[0], "on"))
		trace_switch(true);
	else if (!strcmp(arg[0], "off"))
		trace_switch(false);
	else
		return EINVAL;
	return 0;
}

static int run_logfile(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args != 1)
		return EINVAL;
	return trace_open(arg[0]) ? 0 : errno == ENOENT || errno == EACCES ? errno : EINVAL;
}

static int run_memreport(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	FILE *f;

	if (args > 1)
		return EINVAL;
	f = args ? fopen(arg[0], "we") : fopen("/var/log/xen/xenstored-memreport.log", "we");
	if (!f)
		return EBADF;
	fprintf(f, "%-8s %8s %8s %12s %12s %10s\n", "domain", "nodes", "watches", "transactions",
		"outstanding", "bytes");
	for (size_t i = 0; i < DOM_BUCKETS; i++)
		for (struct dom *d = s->doms[i]; d; d = d->next)
			fprintf(f, "%-8u %8u %8u %12u %12u %10zu\n", d->domid, d->nodes, d->watches,
				d->transactions, d->outstanding, d->memory);
	fclose(f);
	return 0;
}

static int run_print(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args != 1)
		return EINVAL;
	log_line("control: %s", arg[0]);
	return 0;
}

static bool number(const char *str, unsigned int *v)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(str, &end, 10);
	if (!*str || *end || errno || n > INT32_MAX)
		return false;
	*v = (unsigned int)n;
	return true;
}

static int quota_set(struct store *s, const char *name, const char *value)
{
	int q = quota_by_name(name);
	unsigned int v;

	if (q < 0 || !number(value, &v))
		return EINVAL;
	s->quota[q] = v;
	return 0;
}

static int quota_domain(struct store *s, const char *name, struct out *o)
{
	unsigned int domid;
	struct dom *d;

	if (!number(name, &domid))
		return EINVAL;
	d = dom_find(s, domid);
	if (!d)
		return ENOENT;
	put(o, "Domain %u:\n", domid);
	put(o, "%-16s: %8u\n", "nodes", d->nodes);
	put(o, "%-16s: %8u\n", "watches", d->watches);
	put(o, "%-16s: %8u\n", "transactions", d->transactions);
	put(o, "%-16s: %8u\n", "outstanding", d->outstanding);
	put(o, "%-16s: %8zu\n", "memory", d->memory);
	return 0;
}

static int run_quota(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args == 3 && !strcmp(arg[0], "set"))
		return quota_set(s, arg[1], arg[2]);
	if (args == 1)
		return quota_domain(s, arg[0], o);
	if (args)
		return EINVAL;
	put(o, "Quota settings:\n");
	for (int i = 0; i < QUOTA_COUNT; i++)
		put(o, "%-17s: %8u %s\n", quota_descs[i].name, s->quota[i], quota_descs[i].text);
	return 0;
}

static int run_quota_soft(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args == 3 && !strcmp(arg[0], "set") && !strcmp(arg[1], "memory"))
		return number(arg[2], &s->soft_memory) ? 0 : EINVAL;
	if (args)
		return EINVAL;
	put(o, "Quota settings:\n%-17s: %8u %s\n", "memory", s->soft_memory,
	    "Total Xenstore memory per domain (warning level)");
	return 0;
}

static int run_live_update(struct store *s, const char *const *arg, unsigned int args,
			   struct out *o)
{
	const char *text = NULL;
	int err = live_update_command(arg, args, &text);

	if (!err && text)
		put(o, "%s", text);
	return err;
}

static int run_help(struct store *s, const char *const *arg, unsigned int args, struct out *o);

static const struct command commands[] = {
	{ "check", "", true, run_check },
	{ "log", "on|off", true, run_log },
	{ "live-update", "[-c <cmdline>] [-F] [-t <timeout>] <file>\n    Default timeout is 60 seconds.", false,
	  run_live_update },
	{ "logfile", "<file>", true, run_logfile },
	{ "memreport", "[<file>]", false, run_memreport },
	{ "print", "<string>", false, run_print },
	{ "quota", "[set <name> <val>|<domid>]", true, run_quota },
	{ "quota-soft", "[set <name> <val>]", true, run_quota_soft },
	{ "help", "", false, run_help },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int run_help(struct store *s, const char *const *arg, unsigned int args, struct out *o)
{
	if (args)
		return EINVAL;
	for (size_t i = 0; i < COMMANDS; i++)
		put(o, "%s\t%s\n", commands[i].name, commands[i].usage);
	return 0;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* A note of what was answered, for who does all again: errno, then the text. */
struct answer {
	int32_t err;
	char text[STORE_PAYLOAD_MAX + 1];
};

/* The answer that there was. What the command did to the store is done again as well. */
static int run_again(struct store *s, const struct command *cmd, const char *const *argv, unsigned int argc,
		     struct answer *a, struct out *o)
{
	if (cmd && cmd->keeps) {
		cmd->run(s, argv + 1, argc - 1, o);
		o->used = 0;
	}
	put(o, "%s", a->text);
	return a->err;
}

int control_command(struct store *s, struct client *c, const char *const *argv, unsigned int argc,
		    char *out, size_t out_size)
{
	const struct command *cmd = find(argv[0]);
	struct out o = { out, out_size, 0 };
	struct answer a = { 0 };
	long len = journal_recall_some(JOURNAL_CONTROLLED, conn_served->id, &a, sizeof(a) - 1);

	if (len >= (long)sizeof(a.err))
		return run_again(s, cmd, argv, argc, &a, &o);
	a.err = cmd ? cmd->run(s, argv + 1, argc - 1, &o) : EINVAL;
	memcpy(a.text, out, o.used);
	journal_note(JOURNAL_CONTROLLED, conn_served->id, &a, sizeof(a.err) + o.used);
	return a.err;
}
