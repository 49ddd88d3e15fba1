// SPDX-License-Identifier: GPL-2.0-only
#include "xen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "log.h"

#define BATCH 256u

static xenevtchn_handle *xce;
static xengnttab_handle *xgt;
static xenforeignmemory_handle *fmem;
static xc_interface *xch;
static void **owners; /* by port */
static size_t ports;

static bool open_rest(void)
{
	xch = xc_interface_open(NULL, NULL, 0);
	if (!xch) {
		log_line("no hypervisor interface (%s): is this Domain 0, with module xen-privcmd?",
			 strerror(errno));
		return false;
	}
	/* Either way of reaching a guest's page will do. */
	xgt = xengnttab_open(NULL, 0);
	fmem = xenforeignmemory_open(NULL, 0);
	if (!xgt && !fmem)
		log_line("neither grants (module xen-gntdev) nor foreign memory: no guest can be reached");
	return true;
}

bool xen_open(void)
{
	xce = xenevtchn_open(NULL, 0);
	if (!xce) {
		log_line("no event channels (%s): is /dev/xen/evtchn there (module xen-evtchn)?",
			 strerror(errno));
		return false;
	}
	return open_rest();
}

bool xen_open_with(int evtchn_fd)
{
	xce = xenevtchn_fdopen(NULL, evtchn_fd, 0);
	if (!xce) {
		log_line("descriptor %d is no use for event channels: %s", evtchn_fd, strerror(errno));
		return false;
	}
	return open_rest();
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
	if (port < ports)
		owners[port] = NULL;
	xenevtchn_unbind(xce, port);
}

bool xen_port_own(int port, void *owner)
{
	if ((size_t)port >= ports) {
		size_t n = (size_t)port + 64;
		void **more = realloc(owners, n * sizeof(*more));

		if (!more)
			return false;
		memset(more + ports, 0, (n - ports) * sizeof(*more));
		owners = more;
		ports = n;
	}
	owners[port] = owner;
	return true;
}

void *xen_port_owner(int port)
{
	return port >= 0 && (size_t)port < ports ? owners[port] : NULL;
}

int xen_bind_virq(unsigned int virq)
{
	return xenevtchn_bind_virq(xce, virq);
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

bool xen_each_dom(uint32_t first, void (*fn)(uint32_t domid, enum dom_state state, void *arg),
		  void *arg)
{
	static xc_domaininfo_t info[BATCH];
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

void *xen_map_page(uint32_t domid, uint32_t ref, uint64_t gfn, bool *by_grant)
{
	const int prot = PROT_READ | PROT_WRITE;
	xen_pfn_t frame = gfn;
	void *p = NULL;
	int err = 0;

	*by_grant = true;
	if (xgt)
		p = xengnttab_map_grant_ref(xgt, domid, ref, prot);
	if (p || !fmem)
		return p;
	*by_grant = false;
	p = xenforeignmemory_map(fmem, domid, prot, 1, &frame, &err);
	if (p && err) {
		xenforeignmemory_unmap(fmem, p, 1);
		p = NULL;
	}
	return p;
}

void xen_unmap_page(void *page, bool by_grant)
{
	if (by_grant)
		xengnttab_unmap(xgt, page, 1);
	else
		xenforeignmemory_unmap(fmem, page, 1);
}

unsigned int xen_read_console(char *buf, unsigned int len, uint32_t *index)
{
	return xc_readconsolering(xch, buf, &len, 0, 1, index) ? 0 : len;
}
