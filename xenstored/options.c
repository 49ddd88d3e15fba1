// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_MASTER = 256,
	OPT_PRIV,
	OPT_CHECK_STATE,
	OPT_STATE_DIR,
};

static const struct option long_options[] = {
	{ "no-domain-init", no_argument, NULL, 'D' },
	{ "entry-nb", required_argument, NULL, 'E' },
	{ "pid-file", required_argument, NULL, 'F' },
	{ "master-domid", required_argument, NULL, OPT_MASTER },
	{ "help", no_argument, NULL, 'H' },
	{ "no-fork", no_argument, NULL, 'N' },
	{ "priv-domid", required_argument, NULL, OPT_PRIV },
	{ "output-pid", no_argument, NULL, 'P' },
	{ "entry-size", required_argument, NULL, 'S' },
	{ "trace-file", required_argument, NULL, 'T' },
	{ "transaction", required_argument, NULL, 't' },
	{ "perm-nb", required_argument, NULL, 'A' },
	{ "path-max", required_argument, NULL, 'M' },
	{ "quota", required_argument, NULL, 'Q' },
	{ "quota-soft", required_argument, NULL, 'q' },
	{ "timeout", required_argument, NULL, 'w' },
	{ "no-recovery", no_argument, NULL, 'R' },
	{ "internal-db", optional_argument, NULL, 'I' },
	{ "keep-orphans", no_argument, NULL, 'K' },
	{ "live-update", no_argument, NULL, 'U' },
	{ "check-state", no_argument, NULL, OPT_CHECK_STATE },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "verbose", no_argument, NULL, 'V' },
	{ "watch-nb", required_argument, NULL, 'W' },
	{ NULL, 0, NULL, 0 }
};

static void usage(void)
{
	fputs("usage: xenstored [options]\n"
	      "\n"
	      "  -D, --no-domain-init     do not connect Domain 0's own ring\n"
	      "  -F, --pid-file FILE      write the daemon's pid to FILE\n"
	      "  -N, --no-fork            stay in the foreground, log to stderr too\n"
	      "  -P, --output-pid         print the daemon's pid\n"
	      "  -T, --trace-file FILE    trace all messages to FILE (SIGHUP opens it anew)\n"
	      "  -E, --entry-nb N         nodes that a domain may own\n"
	      "  -S, --entry-size N       size of a node\n"
	      "  -W, --watch-nb N         watches of a domain\n"
	      "  -t, --transaction N      transactions of a domain\n"
	      "  -A, --perm-nb N          permissions of a node\n"
	      "  -M, --path-max N         length of a path\n"
	      "  -Q, --quota NAME=N       any quota by name: nodes, watches, transactions,\n"
	      "                           outstanding, transaction-nodes, memory, node-size,\n"
	      "                           path-max, permissions\n"
	      "  -q, --quota-soft memory=N  log when a domain uses more\n"
	      "  -K, --keep-orphans       give the nodes of a domain that died to Domain 0\n"
	      "                           instead of removing them\n"
	      "      --priv-domid N       a domain with Domain 0's rights\n"
	      "  -U, --live-update        take over from the xenstored that this process was until now\n"
	      "      --check-state        with it: only say whether its state can be taken over\n"
	      "      --state-dir DIR      keep the state in DIR over the daemon's death\n"
	      "  -R, --no-recovery        begin with an empty store, whatever was kept\n"
	      "  -H, --help               this text\n"
	      "\n"
	      "Accepted for old command lines, without effect: -I, --internal-db;\n"
	      "-V, --verbose; -w, --timeout NAME=SECONDS (watch events never hold up a request here).\n",
	      stdout);
}

static void bad(const char *what, const char *arg)
{
	fprintf(stderr, "xenstored: %s: %s (see xenstored --help)\n", what, arg);
	exit(1);
}

static unsigned int number(const char *arg)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (!*arg || *end || errno || n > INT32_MAX)
		bad("not a number", arg);
	return (unsigned int)n;
}

static void set_quota(struct options *o, enum quota q, const char *arg)
{
	o->quota[q] = number(arg);
	o->quota_given[q] = true;
}

/* NAME=N: the part after the name, which ends at *len. */
static const char *split_value(const char *arg, size_t *len)
{
	const char *eq = strchr(arg, '=');

	if (!eq)
		bad("must be given as NAME=N", arg);
	*len = (size_t)(eq - arg);
	return eq + 1;
}

static void named_quota(struct options *o, const char *arg)
{
	char name[32] = "";
	size_t len;
	const char *value = split_value(arg, &len);
	int q;

	if (len < sizeof(name))
		memcpy(name, arg, len);
	q = quota_by_name(name);
	if (q < 0)
		bad("unknown quota", arg);
	set_quota(o, (enum quota)q, value);
}

static void soft_quota(struct options *o, const char *arg)
{
	size_t len;
	const char *value = split_value(arg, &len);

	if (len != 6 || strncmp(arg, "memory", 6))
		bad("unknown soft quota", arg);
	o->soft_memory = number(value);
	o->soft_given = true;
}

static void one_option(struct options *o, int opt)
{
	switch (opt) {
	case 'D':
		o->no_domain_init = true;
		break;
	case 'E':
		set_quota(o, QUOTA_NODES, optarg);
		break;
	case 'F':
		o->pid_file = optarg;
		break;
	case 'H':
		usage();
		exit(0);
	case 'N':
		o->no_fork = true;
		break;
	case 'P':
		o->output_pid = true;
		break;
	case 'S':
		set_quota(o, QUOTA_NODE_SIZE, optarg);
		break;
	case 'T':
		o->trace_file = optarg;
		break;
	case 't':
		set_quota(o, QUOTA_TRANSACTIONS, optarg);
		break;
	case 'A':
		set_quota(o, QUOTA_PERMS, optarg);
		break;
	case 'M':
		set_quota(o, QUOTA_PATH_MAX, optarg);
		break;
	case 'Q':
		named_quota(o, optarg);
		break;
	case 'q':
		soft_quota(o, optarg);
		break;
	case 'K':
		o->keep_orphans = true;
		break;
	case 'V':
		o->verbose = true;
		break;
	case 'W':
		set_quota(o, QUOTA_WATCHES, optarg);
		break;
	case 'R':
		o->no_recovery = true;
		break;
	case OPT_STATE_DIR:
		o->state_dir = optarg;
		break;
	case 'U':
		o->live_update = true;
		break;
	case OPT_CHECK_STATE:
		o->check_state = true;
		break;
	case OPT_PRIV:
		o->priv_domid = number(optarg);
		break;
	case 'I':
	case 'w':
	case OPT_MASTER:
		break;
	default:
		exit(1);
	}
}

void options_parse(struct options *o, int argc, char **argv)
{
	int opt;

	memset(o, 0, sizeof(*o));
	o->priv_domid = DOMID_NONE;
	while ((opt = getopt_long(argc, argv, "DE:F:HI::KNPS:t:A:M:Q:q:T:RUVW:w:", long_options,
				  NULL)) != -1)
		one_option(o, opt);
	if (optind != argc && !(argc - optind == 1 && (!strcmp(argv[optind], "on") ||
						       !strcmp(argv[optind], "off"))))
		bad("no arguments are wanted", argv[optind]);
}
