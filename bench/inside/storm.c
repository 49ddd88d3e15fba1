/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What neighbours do in a guest with a stock kernel.
 *   storm work N      so much steady work, then how long it took
 *   storm WHAT        fork, memory, disk (/dev/xvda), network (Domain 0): without end
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1UL << 20)
#define TABLE 4096
#define BLOCK 65536
#define DISK (1UL << 30)

static void die(const char *what)
{
	printf("BENCH-ERROR storm: %s: %m\n", what);
	exit(1);
}

static void work(unsigned long rounds)
{
	static volatile unsigned long table[TABLE];
	struct timespec from, to;
	unsigned long x = 88172645463325252UL;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned long i = 0; i < rounds; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		table[x % TABLE] += x;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	printf("WORKED %ld ns\n", (to.tv_sec - from.tv_sec) * 1000000000L + to.tv_nsec - from.tv_nsec);
}

/* Each child makes another before it goes, so that there is never only one. */
static void storm_fork(void)
{
	for (;;) {
		pid_t child = fork();

		if (child < 0)
			while (wait(NULL) > 0)
				;
		if (!child) {
			if (fork() < 0)
				_exit(1);
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}

static void storm_memory(void)
{
	for (;;) {
		char *p = mmap(NULL, 32 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		memset(p, 1, 32 * MIB);
		munmap(p, 32 * MIB);
	}
}

static void storm_disk(void)
{
	void *block = aligned_alloc(4096, BLOCK);
	int fd = open("/dev/xvda", O_RDWR | O_DIRECT);

	if (fd < 0 || !block)
		die("/dev/xvda");
	memset(block, 1, BLOCK);
	for (off_t at = 0;; at = (at + BLOCK) % (off_t)DISK)
		if (pwrite(fd, block, BLOCK, at) != BLOCK)
			die("a write");
}

static void storm_network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = { htonl(0x0a000001) } };
	static const char text[64];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		die("socket");
	for (;;)
		sendto(fd, text, sizeof(text), 0, (const struct sockaddr *)&to, sizeof(to));
}

static const struct {
	const char *name;
	void (*run)(void);
} storms[] = {
	{ "fork", storm_fork }, { "memory", storm_memory }, { "disk", storm_disk }, { "network", storm_network },
};

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "work"))
		work(strtoul(argv[2], NULL, 10));
	for (size_t i = 0; argc == 2 && i < sizeof(storms) / sizeof(*storms); i++)
		if (!strcmp(argv[1], storms[i].name))
			storms[i].run();
	return 0;
}
