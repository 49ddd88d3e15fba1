/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fork() for tests of many threads under ASan. What locks its allocator and its depot of stacks is not told of forks:
 * a child of the moment in which another thread holds one of them waits for ever. So the others are stopped first, by a
 * signal, where they are not in the sanitizer's own code.
 *
 * TSan knows of forks, but for the lock of its depot's memory; and a thread of its is nearly always in its code. There a
 * child that does not say that it could add to the depot is ended, and another one made.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STOP (SIGRTMIN + 3)
#define TRY_NS 50000000		/* a thread that was told may have ended */

static struct { uintptr_t from, to; } sanitizer[4];
static atomic_uint stopping, stopped, refused;	/* stopping: the number of the attempt, 0 none */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static int find_sanitizer(struct dl_phdr_info *info, size_t size, void *arg)
{
	unsigned n = 0;

	if (!strstr(info->dlpi_name, "libasan"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum && n < 4; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		sanitizer[n].from = info->dlpi_addr + p->p_vaddr;
		sanitizer[n++].to = info->dlpi_addr + p->p_vaddr + p->p_memsz;
	}
	return 1;
}

static void stop_here(int sig, siginfo_t *info, void *context)
{
	uintptr_t pc = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	unsigned attempt = stopping;
	int saved = errno;

	if (!attempt)
		return;
	for (unsigned i = 0; i < 4; i++)
		if (pc >= sanitizer[i].from && pc < sanitizer[i].to) {
			refused++;
			return;
		}
	stopped++;
	while (stopping == attempt)
		syscall(SYS_futex, &stopping, FUTEX_WAIT_PRIVATE, attempt, NULL, NULL, 0);
	errno = saved;
}

static __attribute__((constructor)) void prepare(void)
{
	struct sigaction sa = { .sa_sigaction = stop_here, .sa_flags = SA_SIGINFO | SA_RESTART };

	if (dl_iterate_phdr(find_sanitizer, NULL))
		sigaction(STOP, &sa, NULL);
}

static void go_on(void)
{
	stopping = 0;
	syscall(SYS_futex, &stopping, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* How many other threads there are; with @tell, each gets the signal. Allocates nothing. */
static unsigned others(DIR *tasks, bool tell)
{
	pid_t me = (pid_t)syscall(SYS_gettid), tid;
	struct dirent *e;
	unsigned n = 0;

	rewinddir(tasks);
	while ((e = readdir(tasks))) {
		tid = (pid_t)atoi(e->d_name);
		n += tid && tid != me && (!tell || !syscall(SYS_tgkill, getpid(), tid, STOP));
	}
	return n;
}

static bool stop_others(DIR *tasks)
{
	static unsigned attempts;
	struct timespec start, now;
	unsigned n;

	stopped = refused = 0;
	stopping = ++attempts;
	n = others(tasks, true);
	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		if (!refused && stopped == n && others(tasks, false) == n)
			return true;
		sched_yield();
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!refused && (now.tv_sec - start.tv_sec) * 1000000000L + now.tv_nsec - start.tv_nsec < TRY_NS);
	go_on();
	return false;
}

pid_t __real_fork(void);
pid_t __wrap_fork(void);

#ifdef __SANITIZE_THREAD__
#define LONGEST_STACK 100	/* more than anything here has: what is left of the depot's memory does not do */
#define DEAF_MS 20000

/* Memory from a stack that nobody had before: a way through two functions, as the bits of @way say. */
static __attribute__((noipa)) void left(uint64_t way, unsigned depth);
static __attribute__((noipa)) void right(uint64_t way, unsigned depth)
{
	void *volatile p;

	if (depth) {
		(way & 1 ? right : left)(way >> 1, depth - 1);
	} else {
		p = malloc(1);
		free(p);
	}
	atomic_signal_fence(memory_order_seq_cst);	/* no tail call */
}

static void left(uint64_t way, unsigned depth)
{
	right(way, depth);
	atomic_signal_fence(memory_order_seq_cst);
}

static bool speaks(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r;

	do
		r = poll(&p, 1, DEAF_MS);
	while (r < 0 && errno == EINTR);
	return r == 1 && p.revents & POLLIN;
}

static pid_t fork_that_works(void)
{
	static _Atomic uint64_t forks;
	uint64_t way = ++forks;

	for (;;) {
		int ready[2];
		pid_t pid;
		bool works;

		if (pipe2(ready, O_CLOEXEC))
			return -1;
		pid = __real_fork();
		if (!pid) {
			right(way, LONGEST_STACK);
			if (write(ready[1], "", 1) != 1)
				_exit(127);
		}
		close(ready[1]);
		works = pid <= 0 || speaks(ready[0]);
		close(ready[0]);
		if (works)
			return pid;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
#else
static pid_t fork_that_works(void) { return __real_fork(); }
#endif

pid_t __wrap_fork(void)
{
	DIR *tasks;
	pid_t pid;

	if (!sanitizer[0].to)
		return fork_that_works();
	pthread_mutex_lock(&one_at_a_time);
	tasks = opendir("/proc/self/task");
	while (!stop_others(tasks))
		sched_yield();
	pid = __real_fork();
	go_on();
	closedir(tasks);
	pthread_mutex_unlock(&one_at_a_time);
	return pid;
}
