// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypervisor-shaped shim for daemons under test: preloaded, it answers the library calls with
 * which a store or console daemon reaches Xen, out of files in $FAKEXEN_DIR:
 *
 *   dom-N          domain N exists; the first byte is its state: r(unning), s(hutdown), d(ying)
 *   grant-N-REF    the page behind grant reference REF of domain N, 4096 bytes
 *   evtchn         datagram socket of the daemon: 4 bytes name the local port that fires; $FAKEXEN_EVTCHN is another
 *                  name for it, for the second daemon of one folder
 *   port-P         datagram socket of the test's end of local port P (absent: nobody listens)
 *   unmask-P       likewise, told when the daemon lets port P fire again
 *   xsd_port, xsd_kva  stand for the files of these names in /proc/xen
 *
 *   die            "before N" or "after N": the daemon is killed at the Nth recvmmsg() or sendmmsg() from then on
 *
 * Local ports are 1000 + domid for inter-domain bindings, so that a test can name them; VIRQs
 * get 1 + virq. It runs Debian's daemon and ours alike, so that their answers can be compared.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenforeignmemory.h>

#define PAGE 4096u

struct xenevtchn_handle {
	int fd;
};

static const char *fake_dir(void)
{
	const char *d = getenv("FAKEXEN_DIR");

	return d ? d : ".";
}

static void fake_addr(struct sockaddr_un *sa, const char *fmt, unsigned int n)
{
	char leaf[32];

	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	snprintf(leaf, sizeof(leaf), fmt, n);
	snprintf(sa->sun_path, sizeof(sa->sun_path), "%.70s/%.30s", fake_dir(), leaf);
}

/* State letter of a domain, 0 when there is none. */
static char fake_dom_state(unsigned int domid)
{
	char path[256];
	char c = 0;
	int fd;

	if (!domid)
		return 'r';
	snprintf(path, sizeof(path), "%s/dom-%u", fake_dir(), domid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) != 1)
		c = 'r';
	close(fd);
	return c;
}

static void *fake_page(unsigned int domid, unsigned int ref)
{
	char path[256];
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/grant-%u-%u", fake_dir(), domid, ref);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

/* Files of /proc/xen are looked for in our directory. */
static int fake_open(const char *path, int flags, va_list ap)
{
	mode_t mode = 0;
	char own[256];

	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(ap, mode_t);
	if (!strncmp(path, "/proc/xen/", 10)) {
		snprintf(own, sizeof(own), "%s/%s", fake_dir(), path + 10);
		path = own;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int r;

	va_start(ap, flags);
	r = fake_open(path, flags, ap);
	va_end(ap);
	return r;
}

int open64(const char *path, int flags, ...)
{
	va_list ap;
	int r;

	va_start(ap, flags);
	r = fake_open(path, flags | O_LARGEFILE, ap);
	va_end(ap);
	return r;
}

/* Event channels */

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *h = calloc(1, sizeof(*h));
	const char *name = getenv("FAKEXEN_EVTCHN");
	struct sockaddr_un sa;

	(void)logger;
	if (!h)
		return NULL;
	fake_addr(&sa, name ? name : "evtchn", 0);
	unlink(sa.sun_path);
	h->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | (flags & XENEVTCHN_NO_CLOEXEC ? 0 : SOCK_CLOEXEC), 0);
	if (h->fd < 0 || bind(h->fd, (void *)&sa, sizeof(sa))) {
		free(h);
		return NULL;
	}
	return h;
}

/* The ports of the image before: they are names of files, and hold on. */
xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned int flags)
{
	struct xenevtchn_handle *h = calloc(1, sizeof(*h));

	(void)logger;
	(void)flags;
	if (h)
		h->fd = fd;
	return h;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	close(h->fd);
	free(h);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return h->fd;
}

static int tell_test(xenevtchn_handle *h, const char *fmt, uint32_t port)
{
	struct sockaddr_un sa;

	fake_addr(&sa, fmt, port);
	/* Nobody listens, or whoever does has not looked at the last ones yet: no event is lost. Any other reason is one. */
	if (sendto(h->fd, &port, sizeof(port), MSG_DONTWAIT, (void *)&sa, sizeof(sa)) < 0 && errno != ENOENT &&
	    errno != ECONNREFUSED && errno != EAGAIN)
		fprintf(stderr, "fakexen: an event of port %u is lost: %s\n", port, strerror(errno));
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	return tell_test(h, "port-%u", port);
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid,
						     evtchn_port_t remote)
{
	(void)h;
	if (!fake_dom_state(domid)) {
		errno = ESRCH;
		return -1;
	}
	if (!remote || remote > 4095) {
		errno = EINVAL;
		return -1;
	}
	return (int)(1000 + domid);
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *h, unsigned int virq)
{
	(void)h;
	return (int)(1 + virq);
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	(void)port;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	uint32_t port;

	if (recv(h->fd, &port, sizeof(port), 0) != sizeof(port))
		return -1;
	return (int)port;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	return tell_test(h, "unmask-%u", port);
}

/* Grants and foreign pages */

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return calloc(1, 1);
}

int xengnttab_close(xengnttab_handle *h)
{
	free(h);
	return 0;
}

int xengnttab_set_max_grants(xengnttab_handle *h, uint32_t n)
{
	(void)h;
	(void)n;
	return 0;
}

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref, int prot)
{
	(void)h;
	(void)prot;
	void *p = fake_page(domid, ref);

	if (!p)
		errno = EINVAL;
	return p;
}

int xengnttab_unmap(xengnttab_handle *h, void *p, uint32_t count)
{
	(void)h;
	return munmap(p, (size_t)count * PAGE);
}

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return calloc(1, 1);
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
	free(h);
	return 0;
}

/* No foreign frames here: only grants, so that a fallback to them is seen to be an error path. */
void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t dom, int prot, size_t pages,
			   const xen_pfn_t arr[], int err[])
{
	(void)h;
	(void)dom;
	(void)prot;
	(void)pages;
	(void)arr;
	(void)err;
	errno = EPERM;
	return NULL;
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *p, size_t pages)
{
	(void)h;
	return munmap(p, pages * PAGE);
}

/* Control */

xc_interface *xc_interface_open(xentoollog_logger *a, xentoollog_logger *b, unsigned int flags)
{
	(void)a;
	(void)b;
	(void)flags;
	return calloc(1, 64);
}

int xc_interface_close(xc_interface *xch)
{
	free(xch);
	return 0;
}

int xc_domain_getinfo(xc_interface *xch, uint32_t first, unsigned int max, xc_dominfo_t *info)
{
	unsigned int found = 0;

	(void)xch;
	for (uint32_t d = first; d < first + 200 && found < max; d++) {
		char c = fake_dom_state(d);

		if (!c)
			continue;
		memset(&info[found], 0, sizeof(*info));
		info[found].domid = d;
		info[found].dying = c == 'd';
		info[found].shutdown = c == 's';
		info[found].running = c == 'r';
		found++;
	}
	if (!found) {
		errno = ESRCH;
		return -1;
	}
	return (int)found;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max,
			  xc_domaininfo_t *info)
{
	unsigned int found = 0;

	(void)xch;
	for (uint32_t d = first; d < first + 200 && found < max; d++) {
		char c = fake_dom_state(d);

		if (!c)
			continue;
		memset(&info[found], 0, sizeof(*info));
		info[found].domain = (domid_t)d;
		info[found].flags = c == 'd' ? XEN_DOMINF_dying : c == 's' ? XEN_DOMINF_shutdown
								  : XEN_DOMINF_running;
		found++;
	}
	return (int)found;
}

int xc_evtchn_status(xc_interface *xch, xc_evtchn_status_t *status)
{
	(void)xch;
	status->status = EVTCHNSTAT_interdomain;
	return 0;
}

int xc_readconsolering(xc_interface *xch, char *buf, unsigned int *len, int clear, int incr,
		       uint32_t *index)
{
	char path[256];
	ssize_t n;
	int fd;

	(void)xch;
	(void)clear;
	snprintf(path, sizeof(path), "%s/conring", fake_dir());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : pread(fd, buf, *len, incr ? (off_t)*index : 0);
	if (fd >= 0)
		close(fd);
	*len = n > 0 ? (unsigned int)n : 0;
	*index += *len;
	return 0;
}

/* Sudden death */

static char death_when[8];
static unsigned int death_at, calls;

/* Calls count from when the file is there. */
static void fake_call(void)
{
	char path[256];
	FILE *f;

	if (death_at) {
		calls++;
		return;
	}
	snprintf(path, sizeof(path), "%s/die", fake_dir());
	f = fopen(path, "r");
	if (!f)
		return;
	calls = fscanf(f, "%7s %u", death_when, &death_at) == 2;
	fclose(f);
}

static void fake_death(const char *when)
{
	if (calls && calls == death_at && !strcmp(when, death_when))
		kill(getpid(), SIGKILL);
}

int recvmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags, struct timespec *timeout)
{
	int r;

	fake_call();
	fake_death("before");
	r = (int)syscall(SYS_recvmmsg, fd, v, n, flags, timeout);
	fake_death("after");
	return r;
}

int sendmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags)
{
	int r;

	fake_call();
	fake_death("before");
	r = (int)syscall(SYS_sendmmsg, fd, v, n, flags);
	fake_death("after");
	return r;
}
