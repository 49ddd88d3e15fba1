// SPDX-License-Identifier: GPL-2.0-only
#include "xen.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "../xenstored/log.h"

#define BATCH 256u

static xenevtchn_handle *xce;
static xengnttab_handle *xgt;
static xenforeignmemory_handle *fmem;
static xc_interface *xch;
static uint32_t conring_index;

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
	xgt = xengnttab_open(NULL, 0);
	fmem = xenforeignmemory_open(NULL, 0);
	if (!xgt && !fmem)
		log_line("neither grants (module xen-gntdev) nor foreign memory: no console can be reached");
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

void xen_unmask(uint32_t port)
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

int xen_bind_console(void)
{
	return xenevtchn_bind_virq(xce, VIRQ_CON_RING);
}

struct xencons_interface *xen_map_console(uint32_t domid, uint64_t frame, bool *by_grant)
{
	const int prot = PROT_READ | PROT_WRITE;
	xen_pfn_t pfn = frame;
	void *p = NULL;
	int err = 0;

	*by_grant = true;
	if (xgt)
		p = xengnttab_map_grant_ref(xgt, domid, GNTTAB_RESERVED_CONSOLE, prot);
	if (p || !fmem)
		return p;
	*by_grant = false;
	p = xenforeignmemory_map(fmem, domid, prot, 1, &pfn, &err);
	if (p && err) {
		xenforeignmemory_unmap(fmem, p, 1);
		p = NULL;
	}
	return p;
}

void xen_unmap_console(struct xencons_interface *ring, bool by_grant)
{
	if (by_grant)
		xengnttab_unmap(xgt, ring, 1);
	else
		xenforeignmemory_unmap(fmem, ring, 1);
}

bool xen_each_guest(void (*fn)(uint32_t domid, bool alive, void *arg), void *arg)
{
	static xc_domaininfo_t info[BATCH];
	uint32_t first = 1;
	int n;

	do {
		n = xc_domain_getinfolist(xch, first, BATCH, info);
		if (n < 0)
			return false;
		for (int i = 0; i < n; i++)
			fn(info[i].domain, !(info[i].flags & XEN_DOMINF_dying), arg);
		if (n)
			first = info[n - 1].domain + 1u;
	} while (n == (int)BATCH);
	return true;
}

long xen_read_console(char *buf, unsigned int len)
{
	if (xc_readconsolering(xch, buf, &len, 0, 1, &conring_index))
		return 0;
	return len;
}
