/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * neighbour WHAT: what a guest does until somebody destroys it: steady work, or its worst.  It says NEIGHBOUR-BEGINS
 * first.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* The folder sys wants it first. */
#include <xen/xen.h>
#include <xen/sys/evtchn.h>
#include <xen/sys/privcmd.h>
#include <xen/version.h>

#define MIB (1UL << 20)
#define DISK "/dev/xvda"
#define DISK_ROOM (1UL << 30)
#define DISK_REQUEST 65536
#define DISK_AT_ONCE 8
#define SPARE_MEMORY (16 * MIB)

static void fail(const char *what)
{
	printf("BENCH-ERROR %s: %m\n", what);
	fflush(stdout);
	exit(1);
}

static int opened(const char *path, int how)
{
	int fd = open(path, how);

	if (fd < 0)
		fail(path);
	return fd;
}

/* Turns are counted in R15, where bench/inside/shares.c finds them: a turn adds up 512 words. */
static void work(void)
{
	static uint64_t words[512];

	__asm__ volatile("xor %%r15d, %%r15d\n"
			 "1: mov $512, %%ecx\n"
			 "2: add %%rcx, -8(%0, %%rcx, 8)\n"
			 "dec %%ecx\n"
			 "jnz 2b\n"
			 "inc %%r15\n"
			 "jmp 1b\n"
			 : : "r"(words) : "rcx", "r15", "cc", "memory");
}

static void as_busy(void)
{
	for (;;)
		__asm__ volatile("");
}

/* As many processes as there may be, all forking; who cannot ends, but for the first. */
static void forks(void)
{
	pid_t first = getpid();

	signal(SIGCHLD, SIG_IGN);
	for (;;)
		if (fork() < 0 && getpid() != first)
			_exit(0);
}

/* Nearly all memory there is, page by page, then none of it, again and again. */
static void memory(void)
{
	static void *got[4096];
	struct sysinfo now;
	int n;

	for (;;) {
		for (n = 0; n < 4096 && !sysinfo(&now) && now.freeram * now.mem_unit > SPARE_MEMORY; n++) {
			got[n] = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
			if (got[n] == MAP_FAILED)
				break;
		}
		while (n)
			munmap(got[--n], MIB);
	}
}

static void disk(void)
{
	uint8_t *buffer = mmap(NULL, DISK_REQUEST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int fd = opened(DISK, O_RDWR | O_DIRECT), writes = 0;
	uint32_t n = 1;

	for (int i = 1; i < DISK_AT_ONCE; i++)
		if (!fork()) {
			writes = i % 2;
			n = (uint32_t)i + 1;
			break;
		}
	for (;;) {
		off_t at = (off_t)((n = n * 1664525 + 1013904223) % (DISK_ROOM / DISK_REQUEST)) * DISK_REQUEST;

		if ((writes ? pwrite(fd, buffer, DISK_REQUEST, at) : pread(fd, buffer, DISK_REQUEST, at)) != DISK_REQUEST)
			fail(DISK);
	}
}

/* Small packets to Domain 0, where nobody wants them. */
static void network(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = inet_addr("10.0.0.1") };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char packet[64] = "";

	if (fd < 0)
		fail("socket");
	for (;;)
		sendto(fd, packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to));
}

static void calls(void)
{
	struct privcmd_hypercall call = { .op = __HYPERVISOR_xen_version, .arg = { XENVER_version } };
	int fd = opened("/dev/xen/privcmd", O_RDWR);

	for (;;)
		if (ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &call) <= 0)
			fail("a hypercall");
}

/* To itself, each one taken by the kernel's handler and told to this program. */
static void events(void)
{
	struct ioctl_evtchn_bind_unbound_port unbound = { .remote_domain = DOMID_SELF };
	struct ioctl_evtchn_bind_interdomain bind = { .remote_domain = DOMID_SELF };
	struct ioctl_evtchn_notify notify;
	int fd = opened("/dev/xen/evtchn", O_RDWR);
	uint32_t port;
	int local;

	bind.remote_port = (unsigned int)(local = ioctl(fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &unbound));
	if (local < 0 || (local = ioctl(fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind)) < 0)
		fail("a channel to itself");
	notify.port = (unsigned int)local;
	for (;;) {
		if (ioctl(fd, IOCTL_EVTCHN_NOTIFY, &notify) || read(fd, &port, sizeof(port)) != sizeof(port) ||
		    write(fd, &port, sizeof(port)) != sizeof(port))
			fail("an event");
	}
}

static const struct { const char *name; void (*run)(void); } acts[] = {
	{ "work", work }, { "as-busy", as_busy }, { "forks", forks }, { "memory", memory }, { "disk", disk },
	{ "network", network }, { "calls", calls }, { "events", events },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(acts) / sizeof(*acts); i++)
		if (!strcmp(argv[1], acts[i].name)) {
			printf("NEIGHBOUR-BEGINS\n");
			fflush(stdout);
			acts[i].run();
		}
	printf("BENCH-ERROR neighbour: does not know how to do that\n");
	return 2;
}
