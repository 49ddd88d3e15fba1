// SPDX-License-Identifier: GPL-2.0-only
/* Preloaded into an xl: what options its command takes, one a line, in place of the command. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(const char *dashes, const char *name, int length, int has_arg)
{
	printf("%s%.*s%s\n", dashes, length, name, has_arg ? " VALUE" : "");
}

int getopt_long(int argc, char *const *argv, const char *letters, const struct option *longs, int *index)
{
	for (const char *c = letters; *c; c++)
		if (!strchr(":+-", *c))
			tell("-", c, 1, c[1] == ':');
	for (; longs && longs->name; longs++)
		tell("--", longs->name, (int)strlen(longs->name), longs->has_arg);
	exit(fflush(stdout) ? 1 : 0);
}
