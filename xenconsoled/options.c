// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options opts = {
	.log_dir = "/var/log/xen/console",
	.pid_file = "/run/xen/xenconsoled.pid",
	.state_dir = "/run/xenconsoled",
};

enum {
	OPT_LOG = 256,
	OPT_LOG_DIR,
	OPT_PID_FILE,
	OPT_STATE_DIR,
	OPT_NO_ESCAPES,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "interactive", no_argument, NULL, 'i' },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "log-dir", required_argument, NULL, OPT_LOG_DIR },
	{ "pid-file", required_argument, NULL, OPT_PID_FILE },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "timestamp", required_argument, NULL, 't' },
	{ "overflow-data", required_argument, NULL, 'o' },
	{ "replace-escape", no_argument, NULL, OPT_NO_ESCAPES },
	{ NULL, 0, NULL, 0 }
};

static void usage(const char *name)
{
	printf("Usage: %s [-h] [-V] [-v] [-i] [--log=none|guest|hv|all] [--log-dir=DIR] [--pid-file=PATH] [--state-dir=DIR] "
	       "[-t, --timestamp=none|guest|hv|all] [-o, --overflow-data=discard|keep] [--replace-escape]\n"
	       "  --log             which consoles to write to files: guests', the hypervisor's\n"
	       "  --log-dir         where to (%s)\n"
	       "  --state-dir       where it finds, started again, how far the logs are (%s)\n"
	       "  --timestamp       in which of them each line has its time\n"
	       "  --overflow-data   what becomes of output that nobody reads: the oldest is discarded,\n"
	       "                    or the guest waits\n"
	       "  --replace-escape  - replace ESC character with dot when writing console log\n"
	       "  -i                stay in the foreground\n",
	       name, opts.log_dir, opts.state_dir);
}

static unsigned int which(const char *arg, const char *option)
{
	static const char *const names[] = { "none", "guest", "hv", "all" };

	for (unsigned int i = 0; i < 4; i++)
		if (!strcmp(arg, names[i]))
			return i;
	if (!strcmp(arg, "both"))
		return LOG_GUEST_BIT | LOG_HV_BIT;
	fprintf(stderr, "xenconsoled: %s: none, guest, hv or all, not %s\n", option, arg);
	exit(1);
}

static bool overflow(const char *arg)
{
	if (!strcmp(arg, "keep"))
		return true;
	if (strcmp(arg, "discard")) {
		fprintf(stderr, "xenconsoled: --overflow-data: discard or keep, not %s\n", arg);
		exit(1);
	}
	return false;
}

static void one_option(int opt, const char *name)
{
	switch (opt) {
	case 'h':
		usage(name);
		exit(0);
	case 'V':
		puts("Xen Console Daemon 3.0 (Xenolith)");
		exit(0);
	case 'v':
		break;
	case 'i':
		opts.interactive = true;
		break;
	case OPT_LOG:
		opts.logs = which(optarg, "--log");
		break;
	case OPT_LOG_DIR:
		opts.log_dir = optarg;
		break;
	case OPT_PID_FILE:
		opts.pid_file = optarg;
		break;
	case OPT_STATE_DIR:
		opts.state_dir = optarg;
		break;
	case 't':
		opts.stamps = which(optarg, "--timestamp");
		break;
	case 'o':
		opts.keep_overflow = overflow(optarg);
		break;
	case OPT_NO_ESCAPES:
		opts.no_escapes = true;
		break;
	default:
		fprintf(stderr, "Try `%s --help' for more information\n", name);
		exit(1);
	}
}

void options_parse(int argc, char **argv)
{
	int opt;

	while ((opt = getopt_long(argc, argv, "hVvit:o:", long_options, NULL)) != -1)
		one_option(opt, argv[0]);
}
