// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host without a hypervisor, made to look like a small idle one: preloaded into xl so that its
 * configuration parser and text output can be tested on any Linux machine.
 *
 * Only what opens a handle or asks for static facts answers here (one socket, FAKE_CPUS CPUs, one
 * node). Every other hypercall fails with ENOSYS and xenstore is empty, which is also what
 * makes the error paths of xl reachable without a Xen host.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>

#define XC_WANT_COMPAT_EVTCHN_API 0
#include <xen/xen.h>
#include <xen/version.h>
#include <xen/sysctl.h>
#include <xentoollog.h>
#include <xencall.h>
#include <xenforeignmemory.h>
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include <xenstore.h>

#define FAKE_CPUS 4u

struct handle {
	int unused;
};

static void *new_handle(void)
{
	return calloc(1, sizeof(struct handle));
}

xencall_handle *xencall_open(xentoollog_logger *logger, unsigned int flags)
{
	return new_handle();
}

int xencall_close(xencall_handle *h)
{
	free(h);
	return 0;
}

int xencall_fd(xencall_handle *h)
{
	return -1;
}

void *xencall_alloc_buffer_pages(xencall_handle *h, size_t n)
{
	return aligned_alloc(4096, (n ? n : 1) * 4096);
}

void xencall_free_buffer_pages(xencall_handle *h, void *p, size_t n)
{
	free(p);
}

void *xencall_alloc_buffer(xencall_handle *h, size_t size)
{
	return calloc(1, size ? size : 1);
}

void xencall_free_buffer(xencall_handle *h, void *p)
{
	free(p);
}

static int unsupported(void)
{
	errno = ENOSYS;
	return -1;
}

static int fake_cputopo(struct xen_sysctl_cputopoinfo *t)
{
	xen_sysctl_cputopo_t *out = t->cputopo.p;

	for (uint32_t i = 0; out && i < t->num_cpus && i < FAKE_CPUS; i++)
		out[i] = (xen_sysctl_cputopo_t){ .core = i, .socket = 0, .node = 0 };
	t->num_cpus = FAKE_CPUS;
	return 0;
}

static int fake_numainfo(struct xen_sysctl_numainfo *n)
{
	xen_sysctl_meminfo_t *mem = n->meminfo.p;
	uint32_t *distance = n->distance.p;

	if (mem && n->num_nodes)
		mem[0] = (xen_sysctl_meminfo_t){ .memsize = 8ull << 30, .memfree = 6ull << 30 };
	if (distance && n->num_nodes)
		distance[0] = 10;
	n->num_nodes = 1;
	return 0;
}

static int fake_sysctl(struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_physinfo:
		memset(&op->u.physinfo, 0, sizeof(op->u.physinfo));
		op->u.physinfo.threads_per_core = 1;
		op->u.physinfo.cores_per_socket = FAKE_CPUS;
		op->u.physinfo.nr_cpus = FAKE_CPUS;
		op->u.physinfo.max_cpu_id = FAKE_CPUS - 1;
		op->u.physinfo.nr_nodes = 1;
		op->u.physinfo.cpu_khz = 2000000;
		op->u.physinfo.total_pages = 1u << 21;
		op->u.physinfo.free_pages = 3u << 19;
		op->u.physinfo.capabilities = XEN_SYSCTL_PHYSCAP_pv;
		return 0;
	case XEN_SYSCTL_cputopoinfo:
		return fake_cputopo(&op->u.cputopoinfo);
	case XEN_SYSCTL_numainfo:
		return fake_numainfo(&op->u.numainfo);
	case XEN_SYSCTL_getdomaininfolist:
		op->u.getdomaininfolist.num_domains = 0;
		return 0;
	default:
		return unsupported();
	}
}

static int fake_version(unsigned int cmd, void *arg)
{
	switch (cmd) {
	case XENVER_version:
		return 4 << 16 | 17;
	case XENVER_pagesize:
		return 4096;
	default:
		if (!arg)
			return unsupported();
		return cmd == XENVER_capabilities ? (strcpy(arg, "xen-3.0-x86_64"), 0) : unsupported();
	}
}

int xencall0(xencall_handle *h, unsigned int op)
{
	return unsupported();
}

int xencall1(xencall_handle *h, unsigned int op, uint64_t a1)
{
	return op == __HYPERVISOR_sysctl ? fake_sysctl((void *)a1) : unsupported();
}

int xencall2(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2)
{
	return op == __HYPERVISOR_xen_version ? fake_version(a1, (void *)a2) : unsupported();
}

int xencall3(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3)
{
	return unsupported();
}

int xencall4(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	return unsupported();
}

int xencall5(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
	     uint64_t a5)
{
	return unsupported();
}

xenforeignmemory_handle *xenforeignmemory_open(xentoollog_logger *logger, unsigned int flags)
{
	return new_handle();
}

int xenforeignmemory_close(xenforeignmemory_handle *h)
{
	free(h);
	return 0;
}

xendevicemodel_handle *xendevicemodel_open(xentoollog_logger *logger, unsigned int flags)
{
	return new_handle();
}

int xendevicemodel_close(xendevicemodel_handle *h)
{
	free(h);
	return 0;
}

struct xs_handle *xs_open(unsigned long flags)
{
	return new_handle();
}

struct xs_handle *xs_daemon_open(void)
{
	return new_handle();
}

void xs_close(struct xs_handle *h)
{
	free(h);
}

void xs_daemon_close(struct xs_handle *h)
{
	free(h);
}

static void *nothing(void)
{
	errno = ENOENT;
	return NULL;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len)
{
	return nothing();
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num)
{
	return nothing();
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	char *path;

	return asprintf(&path, "/local/domain/%u", domid) < 0 ? NULL : path;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	return true;
}
