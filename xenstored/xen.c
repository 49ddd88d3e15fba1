// SPDX-License-Identifier: GPL-2.0-only
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include <xen/io/xs_wire.h>

#include "log.h"

#define RING_BYTES 4096u
#define BATCH	   256u

static xenevtchn_handle *xce;
static xengnttab_handle *xgt;
static xenforeignmemory_handle *fmem;
static xc_interface *xch;

bool xen_open(void)
{
	xce = xenevtchn_open(NULL, 0);
	if (!xce) {
		log_line("no event channels (%s): is /dev/xen/evtchn there (module xen-evtchn)?",
			 strerror(errno));
		return false;
	}
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch) {
		log_line("no hypervisor interface (%s): is this Domain 0, with module xen-privcmd?",
			 strerror(errno));
		return false;
	}
	/* Either way of reaching a guest's ring will do. */
	xgt = xengnttab_open(NULL, 0);
	fmem = xenforeignmemory_open(NULL, 0);
	if (!xgt && !fmem)
		log_line("neither grants (module xen-gntdev) nor foreign memory: no guest will connect");
	return true;
}

int xen_evtchn_fd(void)
{
	return xenevtchn_fd(xce);
}

int xen_evtchn_next(void)
{
	return xenevtchn_pending(xce);
}

void xen_evtchn_done(uint32_t port)
{
	xenevtchn_unmask(xce, port);
}

void xen_notify(uint32_t port)
{
	xenevtchn_notify(xce, port);
}

int xen_bind(uint32_t domid, uint32_t remote)
{
	return xenevtchn_bind_interdomain(xce, domid, remote);
}

void xen_unbind(uint32_t port)
{
	xenevtchn_unbind(xce, port);
}

int xen_bind_deaths(void)
{
	return xenevtchn_bind_virq(xce, VIRQ_DOM_EXC);
}

static enum dom_state state_of(const xc_domaininfo_t *info)
{
	if (info->flags & XEN_DOMINF_dying)
		return DOM_DYING;
	return info->flags & XEN_DOMINF_shutdown ? DOM_SHUTDOWN : DOM_ALIVE;
}

enum dom_state xen_dom_state(uint32_t domid)
{
	xc_domaininfo_t info;

	if (domid >= DOMID_FIRST_RESERVED || xc_domain_getinfolist(xch, domid, 1, &info) != 1 ||
	    info.domain != domid)
		return DOM_ABSENT;
	return state_of(&info);
}

bool xen_each_dom(void (*fn)(uint32_t domid, enum dom_state state, void *arg), void *arg)
{
	static xc_domaininfo_t info[BATCH];
	uint32_t first = 0;
	int n;

	do {
		n = xc_domain_getinfolist(xch, first, BATCH, info);
		if (n < 0)
			return false;
		for (int i = 0; i < n; i++)
			fn(info[i].domain, state_of(&info[i]), arg);
		if (n)
			first = info[n - 1].domain + 1u;
	} while (n == (int)BATCH);
	return true;
}

struct xenstore_domain_interface *xen_map_ring(uint32_t domid, uint64_t gfn, enum ring_kind *kind)
{
	void *p = NULL;

	*kind = RING_GRANT;
	if (xgt)
		p = xengnttab_map_grant_ref(xgt, domid, GNTTAB_RESERVED_XENSTORE,
					    PROT_READ | PROT_WRITE);
	if (!p && fmem) {
		xen_pfn_t frame = gfn;
		int err = 0;

		*kind = RING_FOREIGN;
		p = xenforeignmemory_map(fmem, domid, PROT_READ | PROT_WRITE, 1, &frame, &err);
		if (p && err) {
			xenforeignmemory_unmap(fmem, p, 1);
			p = NULL;
		}
	}
	return p;
}

struct xenstore_domain_interface *xen_map_own_ring(uint32_t *port)
{
	char text[32] = "";
	ssize_t n;
	void *p;
	int fd;

	fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return NULL;
	*port = (uint32_t)strtoul(text, NULL, 10);
	fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	p = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

void xen_unmap_ring(struct xenstore_domain_interface *ring, enum ring_kind kind)
{
	switch (kind) {
	case RING_GRANT:
		xengnttab_unmap(xgt, ring, 1);
		break;
	case RING_FOREIGN:
		xenforeignmemory_unmap(fmem, ring, 1);
		break;
	case RING_OWN:
		munmap(ring, RING_BYTES);
		break;
	}
}
