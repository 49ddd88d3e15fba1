// SPDX-License-Identifier: GPL-2.0-only
/* xenstore MODE, or xenstore-MODE: looks at and changes the store from the command line. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mode.h"

struct mode {
	const char *name;
	const char *options; /* besides -h and -s, which changes nothing any more */
	const char *usage;
	mode_run run;
	int min_args;
	bool pairs;	  /* arguments come in twos */
	bool transaction; /* all of it or nothing */
};

static const struct mode modes[] = {
	{ "read", "pR", "[-h] [-p] [-s] [-R] key [...]", mode_read, 1, .transaction = true },
	{ "write", "R", "[-h] [-s] [-R] key value [...]", mode_write, 2, .pairs = true,
	  .transaction = true },
	{ "rm", "t", "[-h] [-s] [-t] key [...]", mode_rm, 1, .transaction = true },
	{ "exists", "p", "[-h] [-p] [-s] key [...]", mode_exists, 1, .transaction = true },
	{ "list", "p", "[-h] [-p] [-s] key [...]", mode_list, 1, .transaction = true },
	{ "ls", "fp", "[-h] [-f] [-p] [-s] [path]", mode_ls, .min_args = 0 },
	{ "chmod", "ur", "[-h] [-u] [-r] [-s] key <mode [modes...]>", mode_chmod, 1,
	  .transaction = true },
	{ "watch", "n:", "[-h] [-n NR] key", mode_watch, .min_args = 1 },
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },   { "flat", no_argument, NULL, 'f' },
	{ "socket", no_argument, NULL, 's' }, { "prefix", no_argument, NULL, 'p' },
	{ "tidy", no_argument, NULL, 't' },   { "upto", no_argument, NULL, 'u' },
	{ "recurse", no_argument, NULL, 'r' }, { "number", required_argument, NULL, 'n' },
	{ "raw", no_argument, NULL, 'R' },    { NULL, 0, NULL, 0 }
};

static const char *progname;
static bool named_after_mode; /* xenstore-read, not xenstore read */

static void usage(const struct mode *m)
{
	if (!m)
		errx(1, "Usage: %s <mode> [-h] [...]", progname);
	errx(1, "Usage: %s %s%s%s", progname, named_after_mode ? "" : m->name,
	     named_after_mode ? "" : " ", m->usage);
}

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(name, modes[i].name))
			return &modes[i];
	errx(1, "unknown mode %s\n", name);
}

void out_bytes(struct job *j, const void *data, size_t len)
{
	if (j->out_len + len > j->out_room) {
		j->out_room = (j->out_len + len) * 2;
		j->out = realloc(j->out, j->out_room);
		if (!j->out)
			err(1, "malloc");
	}
	memcpy(j->out + j->out_len, data, len);
	j->out_len += len;
}

void out_text(struct job *j, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		err(1, "malloc");
	out_bytes(j, text, (size_t)n);
	free(text);
}

static void parse_option(struct job *j, const struct mode *m, int opt)
{
	if (opt == 'h' || opt == '?' || (opt != 's' && !strchr(m->options, opt)))
		usage(m);
	j->flat |= opt == 'f';
	j->prefix |= opt == 'p';
	j->recurse |= opt == 'r';
	j->tidy |= opt == 't';
	j->upto |= opt == 'u';
	j->raw |= opt == 'R';
	if (opt == 'n')
		j->watch_count = (int)strtol(optarg, NULL, 10);
}

/* Once more for each time that somebody else was faster. */
static int run_whole(struct job *j, const struct mode *m)
{
	int rc;

	for (;;) {
		j->out_len = 0;
		j->t = xs_transaction_start(j->h);
		if (j->t == XBT_NULL)
			errx(1, "couldn't start transaction");
		rc = m->run(j);
		if (xs_transaction_end(j->h, j->t, rc != 0))
			return rc;
		if (rc || errno != EAGAIN)
			errx(1, "couldn't end transaction");
	}
}

int main(int argc, char **argv)
{
	struct job j = { .watch_count = -1 };
	const struct mode *m;
	const char *base = strrchr(argv[0], '/');
	int opt, rc;

	progname = argv[0];
	base = base ? base + 1 : argv[0];
	named_after_mode = !strncmp(base, "xenstore-", 9);
	if (named_after_mode) {
		m = find_mode(base + 9);
	} else {
		if (argc < 2)
			usage(NULL);
		m = find_mode(argv[1]);
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	while ((opt = getopt_long(argc, argv, "hfspturn:R", long_options, NULL)) != -1)
		parse_option(&j, m, opt);
	j.arg = argv + optind;
	j.args = argc - optind;
	if (j.args < m->min_args || (m->pairs && j.args % 2))
		usage(m);
	j.h = xs_open(0);
	if (!j.h)
		err(1, "xs_open");
	rc = m->transaction ? run_whole(&j, m) : m->run(&j);
	if (j.out_len)
		fwrite(j.out, 1, j.out_len, stdout);
	free(j.out);
	xs_close(j.h);
	if (fflush(stdout) || ferror(stdout))
		err(1, "output");
	return rc;
}
