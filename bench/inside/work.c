/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's work, row by row, as lmbench divides it: the only program of a ramdisk, on a machine of its own or in a
 * guest.  Each row runs a few rounds first, then so many between the marks that bench/counter.c counts between.  With
 * "wait" on the kernel's command line it only stays.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../mark.h"

#define MIB (1UL << 20)
#define MAX_PROCESSES 16

static void fail(const char *what)
{
	printf("BENCH-ERROR %s: %m\n", what);
	fflush(stdout);
	reboot(RB_POWER_OFF);
}

static void null_syscall(void) { syscall(SYS_getppid); }

static void touch(size_t bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	munmap(p, bytes);
}

static void mmap_64(void) { touch(64 * MIB); }

/* What one page more costs, without the mapping around it. */
static char *fresh, *fresh_area;

#define FRESH	(24 * MIB)

static void fresh_begin(void)
{
	fresh = fresh_area = mmap(NULL, FRESH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fresh == MAP_FAILED)
		fail("mmap");
}

static void fresh_end(void) { munmap(fresh_area, FRESH); }

static void page_fault(void)
{
	*fresh = 1;
	fresh += 4096;
}

static void child_ended(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) < 0 || status)
		fail("a child");
}

static void do_fork(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	child_ended(child);
}

static void fork_exec(void)
{
	pid_t child = fork();

	if (!child) {
		execl("/init", "/init", "end", (char *)NULL);
		_exit(1);
	}
	child_ended(child);
}

static volatile sig_atomic_t signals;

static void on_signal(int number) { signals += number != 0; }

static void signal_begin(void) { signal(SIGUSR1, on_signal); }
static void send_signal(void) { kill(getpid(), SIGUSR1); }

/* A token goes round by pipes: one process more is one context switch more. */
static int ring[MAX_PROCESSES][2];
static pid_t members[MAX_PROCESSES];
static int ring_size;

static void pass(int from, int to)
{
	char token;

	if (read(ring[from][0], &token, 1) != 1 || write(ring[to][1], &token, 1) != 1)
		_exit(0);
}

static void ring_begin(int size)
{
	ring_size = size;
	for (int i = 0; i < size; i++)
		if (pipe(ring[i]))
			fail("pipe");
	for (int i = 1; i < size; i++) {
		members[i] = fork();
		if (members[i] < 0)
			fail("fork");
		while (!members[i])
			pass(i, (i + 1) % ring_size);
	}
}

static void ring_2(void) { ring_begin(2); }
static void ring_16(void) { ring_begin(16); }

static void ring_round(void)
{
	char token = 0;

	if (write(ring[1 % ring_size][1], &token, 1) != 1 || read(ring[0][0], &token, 1) != 1)
		fail("the ring");
}

static void ring_end(void)
{
	for (int i = 1; i < ring_size; i++) {
		kill(members[i], SIGKILL);
		waitpid(members[i], NULL, 0);
	}
	for (int i = 0; i < ring_size; i++) {
		close(ring[i][0]);
		close(ring[i][1]);
	}
}

/* A pipe to itself: the system calls of a pass without its switch. */
static void ring_1(void) { ring_begin(1); }

static const struct row {
	const char *name;
	void (*begin)(void), (*round)(void), (*end)(void);
	int rounds;
} rows[] = {
	{ "null syscall", NULL, null_syscall, NULL, 10000 },
	{ "signal", signal_begin, send_signal, NULL, 5000 },
	{ "page fault", fresh_begin, page_fault, fresh_end, 5000 },
	{ "mmap of 64 MiB, touched", NULL, mmap_64, NULL, 2 },
	{ "fork", NULL, do_fork, NULL, 20 },
	{ "fork and exec", NULL, fork_exec, NULL, 20 },
	{ "pipe, one process", ring_1, ring_round, ring_end, 5000 },
	{ "pipe and switch, 2 processes, a round", ring_2, ring_round, ring_end, 2000 },
	{ "pipe and switch, 16 processes, a round", ring_16, ring_round, ring_end, 300 },
};

static void run(const struct row *r)
{
	if (r->begin)
		r->begin();
	for (int i = 0; i < r->rounds / 10 + 1; i++)
		r->round();
	MARK(MARK_BEGIN);
	for (int i = 0; i < r->rounds; i++)
		r->round();
	MARK(MARK_END);
	if (r->end)
		r->end();
	printf("COUNTED %s / %d\n", r->name, r->rounds);
	fflush(stdout);
}

static int told_to_wait(void)
{
	char line[1024] = "";
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		fail("/proc/cmdline");
	close(fd);
	return !!strstr(line, " bench.wait");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "end"))
		return 0;
	if (mount("proc", "/proc", "proc", 0, NULL))
		fail("proc");
	while (told_to_wait()) {
		printf("WAITING\n");
		fflush(stdout);
		pause();
	}
	for (const struct row *r = rows; r < rows + sizeof(rows) / sizeof(*rows); r++)
		run(r);
	printf("BENCH-END\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 0;
}
