/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * LD_PRELOAD=killpoint.so KILL_AT=N KILL_WITH=SIGNAL xl ...: counts what xl and its children do to the world
 * outside (device calls, writes to sockets and files, changes of folders, new processes) and sends xl the signal
 * just before the Nth. KILL_COUNT=FILE gets the whole count when xl ends by itself. With ALLOC_AT=N it goes on
 * instead, but the Nth of its memory allocations fails; ALLOC_COUNT=FILE gets their number.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static struct shared {
	unsigned int count, at, allocs, alloc_at;
	int signal;
	pid_t root;
} *shared;

static void point(void)
{
	if (shared && __atomic_add_fetch(&shared->count, 1, __ATOMIC_RELAXED) == shared->at)
		kill(shared->root, shared->signal);
}

static unsigned int number(const char *name)
{
	const char *s = getenv(name);

	return s ? (unsigned int)strtoul(s, NULL, 0) : 0;
}

__attribute__((constructor)) static void start(void)
{
	if (strcmp(program_invocation_short_name, "xl"))
		return;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		abort();
	shared->at = number("KILL_AT");
	shared->signal = getenv("KILL_WITH") ? (int)number("KILL_WITH") : SIGKILL;
	shared->alloc_at = number("ALLOC_AT");
	shared->root = getpid();
}

static void write_count(const char *variable, unsigned int count)
{
	const char *file = getenv(variable);
	FILE *f = shared && file && getpid() == shared->root ? fopen(file, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%u\n", count);
	fclose(f);
}

__attribute__((destructor)) static void end(void)
{
	if (!shared)
		return;
	write_count("KILL_COUNT", shared->count);
	write_count("ALLOC_COUNT", shared->allocs);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define POINT(type, name, args, ...)			\
	type name args					\
	{						\
		static __typeof__(&name) real;		\
							\
		if (!real)				\
			real = REAL(name);		\
		point();				\
		return real(__VA_ARGS__);		\
	}

POINT(ssize_t, write, (int fd, const void *b, size_t n), fd, b, n)
POINT(ssize_t, writev, (int fd, const struct iovec *v, int n), fd, v, n)
POINT(ssize_t, send, (int fd, const void *b, size_t n, int flags), fd, b, n, flags)
POINT(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), fd, m, flags)
POINT(int, unlink, (const char *p), p)
POINT(int, rename, (const char *a, const char *b), a, b)
POINT(pid_t, fork, (void))
POINT(int, posix_spawn,
      (pid_t *pid, const char *path, const posix_spawn_file_actions_t *files, const posix_spawnattr_t *how, char *const argv[],
       char *const env[]), pid, path, files, how, argv, env)

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (!real)
		real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
	point();
	return real(fd, request, arg);
}

/* glibc's own names of what we stand before; dlsym would need memory itself. */
extern void *__libc_malloc(size_t n), *__libc_calloc(size_t n, size_t m), *__libc_realloc(void *p, size_t n);

static int fails(void)
{
	if (!shared || __atomic_add_fetch(&shared->allocs, 1, __ATOMIC_RELAXED) != shared->alloc_at)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t m) { return fails() ? NULL : __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return fails() ? NULL : __libc_realloc(p, n); }
