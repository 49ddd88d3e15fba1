// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stands for the kernel's privcmd: preloaded under a library whose hypercalls are to be seen. Each call is written to
 * stdout with what its arguments point at, as far as that is a buffer for hypercalls, and what that points at in turn;
 * addresses are left out. $FAKE_ERRNO: the error that each call ends with.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/privcmd.h>
#include <xentoollog.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#define MOST 256
#define SHOWN 192
#define LARGEST (1 << 20)

static struct {
	char *at;
	size_t size;
} buffers[MOST];

static char *inside(uint64_t v, size_t *left)
{
	for (int i = 0; i < MOST; i++) {
		if (!buffers[i].at || v < (uintptr_t)buffers[i].at || v >= (uintptr_t)buffers[i].at + buffers[i].size)
			continue;
		*left = (uintptr_t)buffers[i].at + buffers[i].size - v;
		return (char *)(uintptr_t)v;
	}
	return NULL;
}

static void *track(size_t size)
{
	/* All look alike to a reader: what a library rounds up does not show. */
	size_t room = (size + 4095) / 4096 * 4096 + 4096;

	if (size > LARGEST) {
		errno = ENOMEM;
		return NULL;
	}
	for (int i = 0; i < MOST; i++) {
		if (buffers[i].at)
			continue;
		buffers[i].at = aligned_alloc(4096, room);
		buffers[i].size = room;
		return memset(buffers[i].at, 0, room);
	}
	return NULL;
}

static void untrack(void *p)
{
	for (int i = 0; i < MOST; i++)
		if (p && buffers[i].at == p)
			buffers[i].at = NULL;
}

/* A word that is an address in a buffer shows as a star; what is there comes in a line of its own. */
static void show_word(uint64_t v)
{
	size_t left;

	if (inside(v, &left))
		printf(" *");
	else
		printf(" %016llx", (unsigned long long)v);
}

static void show_memory(const char *what, const char *p, size_t left, int deeper)
{
	size_t room;
	uint64_t word;

	printf("%s", what);
	for (size_t i = 0; i + 8 <= left && i < SHOWN; i += 8) {
		memcpy(&word, p + i, 8);
		show_word(word);
	}
	printf("\n");
	for (size_t i = 0; deeper && i + 8 <= left && i < SHOWN; i += 8) {
		char *next;

		memcpy(&word, p + i, 8);
		next = inside(word, &room);
		if (next)
			show_memory("    ", next, room, 0);
	}
}

static long call(int n, unsigned int op, const uint64_t *args)
{
	const char *error = getenv("FAKE_ERRNO");
	static int calls;
	size_t left;

	if (++calls > 100)		/* it would go on for ever */
		abort();

	if (op == __HYPERVISOR_multicall && args[1] == 1) {
		multicall_entry_t *e = (void *)(uintptr_t)args[0];
		uint64_t inner[2] = { e->args[0], e->args[1] };

		e->result = call(2, (unsigned int)e->op, inner);
		if ((long)e->result < 0)
			e->result = -(unsigned long)errno;
		return 0;
	}
	if (op == __HYPERVISOR_hypfs_op && !args[0])
		return 1;		/* the version there is */
	printf("hypercall %u", op);
	for (int i = 0; i < n; i++)
		show_word(args[i]);
	printf("\n");
	for (int i = 0; i < n; i++)
		if (inside(args[i], &left))
			show_memory("  ", inside(args[i], &left), left, 1);
	if (!error)
		return 0;
	errno = atoi(error);
	return -1;
}

xencall_handle *xencall_open(xentoollog_logger *l, unsigned int flags) { return calloc(1, 64); }
int xencall_close(xencall_handle *h) { free(h); return 0; }
int xencall_fd(xencall_handle *h) { return -1; }
int xencall0(xencall_handle *h, unsigned int op) { return (int)call(0, op, NULL); }
int xencall1(xencall_handle *h, unsigned int op, uint64_t a) { return (int)call(1, op, (uint64_t[]){ a }); }
int xencall2(xencall_handle *h, unsigned int op, uint64_t a, uint64_t b)
{
	return (int)call(2, op, (uint64_t[]){ a, b });
}
long xencall2L(xencall_handle *h, unsigned int op, uint64_t a, uint64_t b)
{
	return call(2, op, (uint64_t[]){ a, b });
}
int xencall3(xencall_handle *h, unsigned int op, uint64_t a, uint64_t b, uint64_t c)
{
	return (int)call(3, op, (uint64_t[]){ a, b, c });
}
int xencall4(xencall_handle *h, unsigned int op, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return (int)call(4, op, (uint64_t[]){ a, b, c, d });
}
int xencall5(xencall_handle *h, unsigned int op, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
	return (int)call(5, op, (uint64_t[]){ a, b, c, d, e });
}
int xencall_buffers_never_fault(xencall_handle *h) { return 1; }
void *xencall_alloc_buffer(xencall_handle *h, size_t size) { return track(size); }
void xencall_free_buffer(xencall_handle *h, void *p) { untrack(p); }
void *xencall_alloc_buffer_pages(xencall_handle *h, size_t n) { return track(n * 4096); }
void xencall_free_buffer_pages(xencall_handle *h, void *p, size_t n) { untrack(p); }

/* --- foreign memory: pages of zeros */

xenforeignmemory_handle *xenforeignmemory_open(xentoollog_logger *l, unsigned int flags) { return calloc(1, 64); }
int xenforeignmemory_close(xenforeignmemory_handle *h) { free(h); return 0; }
void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t dom, int prot, size_t n, const xen_pfn_t *pfns, int *err)
{
	printf("map %u %d %zu %lx%s\n", dom, prot, n, n ? (unsigned long)pfns[0] : 0, err ? " errors" : "");
	if (n > LARGEST / 4096) {
		errno = ENOMEM;
		return NULL;
	}
	if (err)
		memset(err, 0, n * sizeof(*err));
	return calloc(n, 4096);
}
void *xenforeignmemory_map2(xenforeignmemory_handle *h, uint32_t dom, void *addr, int prot, int flags, size_t n,
			    const xen_pfn_t *pfns, int *err)
{
	return xenforeignmemory_map(h, dom, prot, n, pfns, err);
}
int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *addr, size_t n)
{
	printf("unmap %zu\n", n);
	return 0;
}

/* --- the device itself: for what it has a call of its own */

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	if (!strncmp(path, "/dev/xen/", 9))
		path = "/dev/null";
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static void show_dm_op(const struct privcmd_dm_op *op)
{
	printf("device model's call for %u\n", op->dom);
	for (int i = 0; i < op->num; i++)
		show_memory("  ", op->ubufs[i].uptr, op->ubufs[i].size, 0);
}

int ioctl(int fd, unsigned long request, ...)
{
	const char *error = getenv("FAKE_ERRNO");
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request != IOCTL_PRIVCMD_DM_OP)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	show_dm_op(arg);
	if (!error || !((struct privcmd_dm_op *)arg)->num)
		return 0;
	errno = atoi(error);
	return -1;
}
