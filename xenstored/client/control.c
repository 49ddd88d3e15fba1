// SPDX-License-Identifier: GPL-2.0-only
/* xenstore-control: hands an operator's command to the daemon, prints its answer. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xenstore.h>

enum exit_code {
	EXIT_NO_DAEMON = 1,
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3,
};

static int refused(struct xs_handle *h)
{
	char *help;

	if (errno != EINVAL) {
		fprintf(stderr, "Error %d when trying to execute command.\n", errno);
		return EXIT_REFUSED;
	}
	help = xs_control_command(h, "help", NULL, 0);
	fprintf(stderr, "Command not supported. Valid commands are:\n%s\n", help ? help : "");
	free(help);
	return EXIT_REFUSED;
}

/* The arguments in a row, each with its NUL. */
static char *join(int n, char **arg, unsigned int *len)
{
	char *row = malloc(XENSTORE_PAYLOAD_MAX);
	size_t used = 0;

	for (int i = 0; row && i < n; i++) {
		size_t l = strlen(arg[i]) + 1;

		if (used + l > XENSTORE_PAYLOAD_MAX) {
			fprintf(stderr, "The arguments are too long.\n");
			exit(EXIT_USAGE);
		}
		memcpy(row + used, arg[i], l);
		used += l;
	}
	*len = (unsigned int)used;
	return row;
}

/* --- live-update */

struct update {
	struct xs_handle *h;
	const char *file, *cmdline;
	char *timeout;
	bool force;
};

static int update_usage(const char *what)
{
	fprintf(stderr, "%s: use live-update [-c <cmdline>] [-F] [-t <seconds>] <file>\n", what);
	return EXIT_USAGE;
}

static int update_options(struct update *u, int argc, char **argv)
{
	int opt;

	u->timeout = "60";
	while ((opt = getopt(argc, argv, "c:Ft:")) != -1) {
		switch (opt) {
		case 'c':
			u->cmdline = optarg;
			break;
		case 'F':
			u->force = true;
			break;
		case 't':
			u->timeout = optarg;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind != argc - 1)
		return update_usage(optind == argc ? "Missing binary specification" : "One file is wanted");
	if (!*u->timeout || u->timeout[strspn(u->timeout, "0123456789")])
		return update_usage("The time limit is no number of seconds");
	u->file = argv[optind];
	return 0;
}

/* One command of the session. NULL: done; else what is wrong with it, or BUSY. */
static const char *update_ask(const struct update *u, int n, char **arg)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	unsigned int len;
	char *row = join(n, arg, &len);
	char *answer = row ? xs_control_command(u->h, "live-update", row, len) : NULL;

	snprintf(text, sizeof(text), "%s", answer ? answer : strerror(errno));
	free(answer);
	free(row);
	return strcmp(text, "OK") ? text : NULL;
}

/* The original says that it is busy for as long as transactions are open: then it is asked again. */
static const char *update_start(const struct update *u)
{
	char *arg[] = { "-s", "-t", u->timeout, "-F" };
	time_t end = time(NULL) + strtol(u->timeout, NULL, 10);
	const struct timespec pause = { .tv_sec = 1 };
	const char *err;

	for (;;) {
		err = update_ask(u, u->force ? 4 : 3, arg);
		if (!err || strcmp(err, "BUSY") || time(NULL) >= end)
			return err;
		nanosleep(&pause, NULL);
	}
}

static int live_update(struct xs_handle *h, int argc, char **argv)
{
	struct update u = { .h = h };
	int rc = update_options(&u, argc, argv);
	const char *what = "Setting update binary", *err;

	if (rc)
		return rc;
	err = update_ask(&u, 2, (char *[]){ "-f", (char *)u.file });
	if (!err && u.cmdline)
		err = update_ask(&u, 2, (char *[]){ "-c", (char *)u.cmdline });
	if (!err) {
		what = "Starting live update";
		err = update_start(&u);
	}
	if (!err)
		return 0;
	fprintf(stderr, "%s failed:\n%s\n", what, err);
	update_ask(&u, 1, (char *[]){ "-a" });
	return EXIT_REFUSED;
}

static int simple(struct xs_handle *h, int argc, char **argv)
{
	unsigned int len;
	char *row = join(argc - 2, argv + 2, &len);
	char *answer = row ? xs_control_command(h, argv[1], row, len) : NULL;
	int rc = 0;

	if (answer)
		printf("%s\n", answer);
	else
		rc = refused(h);
	free(answer);
	free(row);
	return rc;
}

int main(int argc, char **argv)
{
	struct xs_handle *h;
	int rc;

	if (argc < 2) {
		fprintf(stderr, "Usage:\n%s <command> [<arg>...]\n", argv[0]);
		return EXIT_USAGE;
	}
	h = xs_open(0);
	if (!h) {
		fprintf(stderr, "Failed to contact Xenstored.\n");
		return EXIT_NO_DAEMON;
	}
	rc = strcmp(argv[1], "live-update") ? simple(h, argc, argv) : live_update(h, argc - 1, argv + 1);
	xs_close(h);
	return rc;
}
