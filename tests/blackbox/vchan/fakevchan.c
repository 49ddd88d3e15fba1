// SPDX-License-Identifier: GPL-2.0-only
/*
 * What two domains with a vchan have in common, for two processes: preloaded into both ends. Granted pages are pages
 * of the file "pages" in $FAKE_DIR, event channels end in fifos there, xenstore is the folder "store". What a library
 * does with them is written to $FAKE_TRACE, so that two libraries can be compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#define PAGE 4096
#define PAGES 2048
#define PORTS 32

/* The first page of the file. */
static struct common {
	_Atomic uint32_t next_page, next_port, next_fifo;
	struct {
		_Atomic int fifo, remote;
	} ports[PORTS];
} *common;
static int pages_fd = -1;

static void trace(const char *format, ...)
{
	const char *path = getenv("FAKE_TRACE");
	FILE *f = path ? fopen(path, "ae") : NULL;
	va_list ap;

	if (!f)
		return;
	va_start(ap, format);
	vfprintf(f, format, ap);
	va_end(ap);
	fputc('\n', f);
	fclose(f);
}

static char *in_dir(const char *format, ...)
{
	char name[256], *path = NULL;
	va_list ap;

	va_start(ap, format);
	vsnprintf(name, sizeof(name), format, ap);
	va_end(ap);
	if (asprintf(&path, "%s/%s", getenv("FAKE_DIR"), name) < 0)
		abort();
	return path;
}

static void __attribute__((constructor)) enter(void)
{
	char *path = in_dir("pages");

	pages_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	free(path);
	if (pages_fd < 0 || ftruncate(pages_fd, PAGES * PAGE))
		abort();
	common = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, pages_fd, 0);
	if (common == MAP_FAILED)
		abort();
}

/* --- event channels */

struct xenevtchn_handle {
	int fd, fifo;
};

static int open_fifo(int number, int flags)
{
	char *path = in_dir("fifo-%d", number);
	int fd;

	mkfifo(path, 0600);
	fd = open(path, O_RDWR | O_CLOEXEC | flags);
	free(path);
	return fd;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *h = calloc(1, sizeof(*h));

	h->fifo = (int)atomic_fetch_add(&common->next_fifo, 1);
	h->fd = open_fifo(h->fifo, 0);
	return h;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	if (h) {
		close(h->fd);
		free(h);
	}
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return h->fd;
}

static int new_port(struct xenevtchn_handle *h, int remote)
{
	int port = (int)atomic_fetch_add(&common->next_port, 1) + 1;

	common->ports[port].fifo = h->fifo;
	common->ports[port].remote = remote;
	return port;
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *h, uint32_t domid)
{
	trace("bind_unbound_port %u", domid);
	return new_port(h, 0);
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid, evtchn_port_t remote)
{
	int port = new_port(h, (int)remote);

	trace("bind_interdomain %u", domid);
	common->ports[remote].remote = port;
	return port;
}

/* A port that is pending already stays so. */
int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	uint32_t remote = (uint32_t)common->ports[port].remote;
	int fd = remote ? open_fifo(common->ports[remote].fifo, O_NONBLOCK) : -1, waiting = 0;

	if (fd < 0)
		return 0;
	if (ioctl(fd, FIONREAD, &waiting) || (!waiting && write(fd, &remote, sizeof(remote)) != sizeof(remote)))
		abort();
	close(fd);
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	uint32_t port;

	return read(h->fd, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	return 0;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	common->ports[port].remote = 0;
	return 0;
}

/* --- grants: a reference is the number of a page in the file */

static void *map_pages(uint32_t first, uint32_t count)
{
	void *p = mmap(NULL, count * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, pages_fd, first * PAGE);

	return p == MAP_FAILED ? NULL : p;
}

xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger, unsigned int flags)
{
	return calloc(1, 1);
}

int xengntshr_close(xengntshr_handle *h)
{
	free(h);
	return 0;
}

void *xengntshr_share_pages(xengntshr_handle *h, uint32_t domid, int count, uint32_t *refs, int writable)
{
	uint32_t first = atomic_fetch_add(&common->next_page, (uint32_t)count) + 1;

	trace("share %d pages with %u, writable %d", count, domid, writable);
	for (int i = 0; i < count; i++)
		refs[i] = first + (uint32_t)i;
	return map_pages(first, (uint32_t)count);
}

void *xengntshr_share_page_notify(xengntshr_handle *h, uint32_t domid, uint32_t *ref, int writable, uint32_t offset,
				  evtchn_port_t port)
{
	trace("notify at byte %u", offset);
	return xengntshr_share_pages(h, domid, 1, ref, writable);
}

int xengntshr_unshare(xengntshr_handle *h, void *p, uint32_t count)
{
	return munmap(p, count * PAGE);
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
	return calloc(1, 1);
}

int xengnttab_close(xengnttab_handle *h)
{
	free(h);
	return 0;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count, uint32_t domid, uint32_t *refs, int prot)
{
	trace("map %u pages of %u, rights %d", count, domid, prot);
	for (uint32_t i = 1; i < count; i++)
		if (refs[i] != refs[0] + i)
			abort();
	return map_pages(refs[0], count);
}

void *xengnttab_map_grant_ref_notify(xengnttab_handle *h, uint32_t domid, uint32_t ref, int prot, uint32_t offset,
				     evtchn_port_t port)
{
	trace("notify at byte %u", offset);
	return xengnttab_map_domain_grant_refs(h, 1, domid, &ref, prot);
}

int xengnttab_unmap(xengnttab_handle *h, void *p, uint32_t count)
{
	return munmap(p, count * PAGE);
}

/* --- xenstore: a node is a file, its slashes are dots */

static char *node(const char *path)
{
	char dotted[256];

	snprintf(dotted, sizeof(dotted), "%s", path);
	for (char *c = dotted; *c; c++)
		if (*c == '/')
			*c = '.';
	return in_dir("store/%s", dotted);
}

struct xs_handle *xs_open(unsigned long flags)
{
	return calloc(1, 1);
}

void xs_close(struct xs_handle *h)
{
	free(h);
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	trace("transaction");
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort_it)
{
	trace("end of transaction, abort %d", abort_it);
	return true;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	char *name = node(path), *value = calloc(1, 64);
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, value, 63);

	free(name);
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(value);
		errno = ENOENT;
		return NULL;
	}
	if (len)
		*len = (unsigned int)n;
	return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data, unsigned int len)
{
	char *name = node(path);
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, data, len) == (ssize_t)len;

	trace("write %s in transaction %d", path, t != 0);
	close(fd);
	free(name);
	return ok;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path, struct xs_permissions *perms,
			unsigned int n)
{
	trace("permissions of %s in transaction %d: %u:%u %u:%u", path, t != 0, perms[0].id, perms[0].perms,
	      n > 1 ? perms[1].id : 0, n > 1 ? perms[1].perms : 0);
	return true;
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	char *name = node(path), *cmd = NULL;

	trace("remove %s", path);
	if (asprintf(&cmd, "rm -f '%s' '%s'.*", name, name) < 0 || system(cmd))
		abort();
	free(cmd);
	free(name);
	return true;
}
