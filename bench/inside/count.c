/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * count [-m|-t] NAME COMMAND...: runs a command between the marks that bench/counter.c counts between, and says so.  What
 * the command leaves to others (a daemon, a worker) is done before the second mark: a machine that waits counts
 * nothing.  What the command says is kept, and shown if it fails.  With -m count tells the most memory that one of the
 * command's processes held, with -t how long it ran, in cycles of the TSC: under -icount these are nanoseconds, whatever
 * a system's clock is told to be.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "../mark.h"

#define SAID "/tmp/count.log"

/* All that the command said; its last line stays in @last. */
static void show_said(char *last, int size)
{
	FILE *f = fopen(SAID, "r");

	while (f && fgets(last, size, f))
		fputs(last, stdout);
	last[strcspn(last, "\n")] = 0;
}

static pid_t begin(char **command, int said)
{
	pid_t child = vfork();

	if (!child) {
		dup2(said, 1);
		dup2(said, 2);
		execvp(command[0], command);
		_exit(127);
	}
	return child;
}

int main(int argc, char **argv)
{
	const struct timespec settle = { .tv_nsec = 200 * 1000 * 1000 };
	struct rusage use;
	char last[256] = "";
	int said, status = -1, tell_memory = argc > 1 && !strcmp(argv[1], "-m");
	int tell_time = argc > 1 && !strcmp(argv[1], "-t"), options = tell_memory | tell_time;
	uint64_t begun, ended;
	pid_t child;

	argv += options;
	argc -= options;
	if (argc < 3) {
		fprintf(stderr, "count [-m|-t] NAME COMMAND...\n");
		return 2;
	}
	said = open(SAID, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MARK(MARK_BEGIN);
	begun = __rdtsc();
	child = begin(argv + 2, said);
	if (child > 0)
		waitpid(child, &status, 0);
	ended = __rdtsc();
	nanosleep(&settle, NULL);
	MARK(MARK_END);
	printf("COUNTED %s\n", argv[1]);
	if (tell_memory && !getrusage(RUSAGE_CHILDREN, &use))
		printf("FIGURE tools' memory, %s = %ld bytes\n", argv[1], use.ru_maxrss * 1024);
	if (tell_time)
		printf("FIGURE time, %s = %" PRIu64 " ns\n", argv[1], ended - begun);
	if (!status)
		return 0;
	show_said(last, sizeof(last));
	printf("BENCH-ERROR %s: %s ended with %#x: %s\n", argv[1], argv[2], status, last);
	return 1;
}
