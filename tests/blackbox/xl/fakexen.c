// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host without a hypervisor, made to look like a small idle one: preloaded into xl so that its
 * configuration parser and text output can be tested on any Linux machine.
 *
 * Only what opens a handle or asks for facts answers here: one socket, FAKE_CPUS CPUs, one node, and
 * the domains below. Every other hypercall fails with ENOSYS and xenstore holds only names,
 * which is also what makes the error paths of xl reachable without a Xen host.
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
#include <xen/domctl.h>
#include <xen/memory.h>
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

static const struct fake_domain {
	domid_t domid;
	const char *name;
	uint32_t flags;
	uint32_t pages;
	uint32_t vcpus;
	uint64_t cpu_ns;
} domains[] = {
	{ 0, "Domain-0", XEN_DOMINF_running, 262144, 2, 12345678901ull },
	{ 7, "guest", XEN_DOMINF_blocked | XEN_DOMINF_paused, 32768, 1, 250000000 },
	{ 9, "crashed-one", XEN_DOMINF_shutdown | 3u << XEN_DOMINF_shutdownshift, 65537, 1, 99999000000 },
	{ 10, "stopped", XEN_DOMINF_shutdown, 300, 1, 0 },
	{ 300, NULL, XEN_DOMINF_dying | XEN_DOMINF_shutdown | 1u << XEN_DOMINF_shutdownshift, 3, 1, 50000000 },
	{ 301, "a-name-of-more-than-forty-characters-to-see", XEN_DOMINF_running, 1u << 28, 1, 123456789000000ull },
};

#define FAKE_DOMAINS (sizeof(domains) / sizeof(domains[0]))

static const struct fake_domain *find_domain(domid_t domid)
{
	for (size_t i = 0; i < FAKE_DOMAINS; i++)
		if (domains[i].domid == domid)
			return &domains[i];
	return NULL;
}

static void fill_domain(xen_domctl_getdomaininfo_t *out, const struct fake_domain *d)
{
	memset(out, 0, sizeof(*out));
	out->domain = d->domid;
	out->flags = d->flags;
	out->tot_pages = d->pages;
	out->max_pages = d->pages + 256;
	out->nr_online_vcpus = d->vcpus;
	out->max_vcpu_id = d->vcpus - 1;
	out->cpu_time = d->cpu_ns;
	out->cpupool = 0;
	memset(out->handle, d->domid, sizeof(out->handle));
}

static int fake_domain_list(struct xen_sysctl_getdomaininfolist *list)
{
	xen_domctl_getdomaininfo_t *out = list->buffer.p;
	uint32_t n = 0;

	for (size_t i = 0; i < FAKE_DOMAINS && n < list->max_domains; i++)
		if (domains[i].domid >= list->first_domain)
			fill_domain(&out[n++], &domains[i]);
	list->num_domains = n;
	return 0;
}

static int fake_cpupool(struct xen_sysctl_cpupool_op *pool)
{
	if (pool->op != XEN_SYSCTL_CPUPOOL_OP_INFO)
		return unsupported();
	if (pool->cpupool_id > 0 && pool->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY) {
		errno = ENOENT;
		return -1;
	}
	pool->cpupool_id = 0;
	pool->sched_id = XEN_SCHEDULER_CREDIT2;
	pool->n_dom = FAKE_DOMAINS;
	*(uint8_t *)pool->cpumap.bitmap.p = (1u << FAKE_CPUS) - 1;
	return 0;
}

static void fake_affinity(struct xenctl_bitmap *map)
{
	if (map->bitmap.p && map->nr_bits)
		*(uint8_t *)map->bitmap.p = (1u << FAKE_CPUS) - 1;
}

static int fake_domctl(struct xen_domctl *op)
{
	const struct fake_domain *d = find_domain(op->domain);

	if (!d) {
		errno = ESRCH;
		return -1;
	}
	switch (op->cmd) {
	case XEN_DOMCTL_getdomaininfo:
		fill_domain(&op->u.getdomaininfo, d);
		return 0;
	case XEN_DOMCTL_getvcpuinfo:
		op->u.getvcpuinfo.online = 1;
		op->u.getvcpuinfo.blocked = !!(d->flags & XEN_DOMINF_blocked);
		op->u.getvcpuinfo.running = !!(d->flags & XEN_DOMINF_running);
		op->u.getvcpuinfo.cpu_time = d->cpu_ns / d->vcpus;
		op->u.getvcpuinfo.cpu = op->u.getvcpuinfo.vcpu;
		return 0;
	case XEN_DOMCTL_getvcpuaffinity:
		fake_affinity(&op->u.vcpuaffinity.cpumap_hard);
		fake_affinity(&op->u.vcpuaffinity.cpumap_soft);
		return 0;
	default:
		return unsupported();
	}
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
		return fake_domain_list(&op->u.getdomaininfolist);
	case XEN_SYSCTL_sched_id:
		op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
		return 0;
	case XEN_SYSCTL_cpupool_op:
		return fake_cpupool(&op->u.cpupool_op);
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
	case XENVER_extraversion:
		strcpy(arg, ".0");
		return 0;
	case XENVER_capabilities:
		strcpy(arg, "xen-3.0-x86_64");
		return 0;
	default:
		return unsupported();
	}
}

int xencall0(xencall_handle *h, unsigned int op)
{
	return unsupported();
}

int xencall1(xencall_handle *h, unsigned int op, uint64_t a1)
{
	if (op == __HYPERVISOR_sysctl)
		return fake_sysctl((void *)a1);
	return op == __HYPERVISOR_domctl ? fake_domctl((void *)a1) : unsupported();
}

int xencall2(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2)
{
	return op == __HYPERVISOR_xen_version ? fake_version(a1, (void *)a2) : unsupported();
}

long xencall2L(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2)
{
	if (op == __HYPERVISOR_memory_op &&
	    (a1 == XENMEM_get_sharing_freed_pages || a1 == XENMEM_get_sharing_shared_pages))
		return 0;
	return unsupported();
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
	const struct fake_domain *d;
	unsigned int domid;
	char *value;
	int end = 0;

	if (sscanf(path, "/local/domain/%u/name%n", &domid, &end) == 1 && end && !path[end])
		d = find_domain(domid);
	else if (sscanf(path, "/local/pool/%u/name%n", &domid, &end) == 1 && end && !path[end])
		return strdup("Pool-0");
	else
		d = NULL;
	if (!d || !d->name)
		return nothing();
	value = strdup(d->name);
	if (value && len)
		*len = strlen(value);
	return value;
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
