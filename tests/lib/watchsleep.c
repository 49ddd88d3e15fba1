// SPDX-License-Identifier: GPL-2.0-only
/*
 * Preloaded into a program: writes a line to the file $WATCHSLEEP for each wait that ended because time went
 * by, and for each program that it starts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void note(const char *what, const char *detail)
{
	const char *path = getenv("WATCHSLEEP");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%s %s\n", what, detail);
	close(fd);
}

static void note_time(const char *what, long ms)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld ms", ms);
	note(what, text);
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int (*real)(struct pollfd *, nfds_t, int) = dlsym(RTLD_NEXT, "poll");
	int r = real(fds, n, timeout);

	if (!r && timeout > 0)
		note_time("poll", timeout);
	return r;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	int (*real)(const struct timespec *, struct timespec *) = dlsym(RTLD_NEXT, "nanosleep");

	note_time("nanosleep", wanted->tv_sec * 1000 + wanted->tv_nsec / 1000000);
	return real(wanted, left);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left)
{
	int (*real)(clockid_t, int, const struct timespec *, struct timespec *) =
		dlsym(RTLD_NEXT, "clock_nanosleep");

	note_time("clock_nanosleep", wanted->tv_sec * 1000 + wanted->tv_nsec / 1000000);
	return real(clock, flags, wanted, left);
}

int usleep(useconds_t wanted)
{
	int (*real)(useconds_t) = dlsym(RTLD_NEXT, "usleep");

	note_time("usleep", wanted / 1000);
	return real(wanted);
}

unsigned int sleep(unsigned int wanted)
{
	unsigned int (*real)(unsigned int) = dlsym(RTLD_NEXT, "sleep");

	note_time("sleep", wanted * 1000L);
	return real(wanted);
}

int execve(const char *path, char *const argv[], char *const env[])
{
	int (*real)(const char *, char *const[], char *const[]) = dlsym(RTLD_NEXT, "execve");

	note("exec", path);
	return real(path, argv, env);
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int system(const char *command)
{
	int (*real)(const char *) = dlsym(RTLD_NEXT, "system");

	note("system", command);
	return real(command);
}
