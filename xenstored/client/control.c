// SPDX-License-Identifier: GPL-2.0-only
/* xenstore-control: hands an operator's command to the daemon, prints its answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

enum exit_code {
	EXIT_NO_DAEMON = 1,
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3,
};

static int refused(struct xs_handle *h, const char *command)
{
	char *help;

	if (errno == ENOSYS && !strcmp(command, "live-update")) {
		fprintf(stderr, "live-update is not built into this xenstored yet.\n");
		return EXIT_REFUSED;
	}
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

int main(int argc, char **argv)
{
	struct xs_handle *h;
	unsigned int len;
	char *row, *answer;
	int rc = 0;

	if (argc < 2) {
		fprintf(stderr, "Usage:\n%s <command> [<arg>...]\n", argv[0]);
		return EXIT_USAGE;
	}
	h = xs_open(0);
	if (!h) {
		fprintf(stderr, "Failed to contact Xenstored.\n");
		return EXIT_NO_DAEMON;
	}
	row = join(argc - 2, argv + 2, &len);
	answer = row ? xs_control_command(h, argv[1], row, len) : NULL;
	if (answer)
		printf("%s\n", answer);
	else
		rc = refused(h, argv[1]);
	free(answer);
	free(row);
	xs_close(h);
	return rc;
}
