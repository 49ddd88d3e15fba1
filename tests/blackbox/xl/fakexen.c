// SPDX-License-Identifier: GPL-2.0-only
/*
 * A host without a hypervisor, made to look like a small idle one: preloaded into xl so that its
 * configuration parser and text output can be tested on any Linux machine.
 *
 * It has one socket (two with $FAKEXEN_PSR), FAKE_CPUS CPUs, one node, and the domains below; what opens a handle or asks for facts answers.
 * Every other hypercall fails with ENOSYS. With $FAKEXEN_CAPABLE domains can be made, paused and destroyed as well
 * (fakedomains.c), and with $FAKEXEN_HOST those and Domain 0 are all there are.
 * $FAKEXEN_FAIL makes single calls fail; $FAKEXEN_GUESTS adds that many idle guests, many-0 and so on; $FAKEXEN_COUNT
 * is a file for how much was asked, in which a list counts for as much as it holds; $FAKEXEN_DYING is a file of hypfs.
 * fakestore.c and fakefiles.c have the rest.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/mman.h>

#define XC_WANT_COMPAT_EVTCHN_API 0
#include <xen/xen.h>
#include <xen/version.h>
#include <xen/sysctl.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/platform.h>
#include <xen/event_channel.h>
#include <xen/hypfs.h>
#include <xen/sched.h>
#include <xentoollog.h>
#include <xencall.h>
#include <xenforeignmemory.h>
#include <xendevicemodel.h>
#include <xenevtchn.h>
#include "fakexen.h"

#define FAKE_CPUS 4u

struct handle {
	int unused;
};

static pid_t process;

static void *new_handle(void)
{
	return calloc(1, sizeof(struct handle));
}

xencall_handle *xencall_open(xentoollog_logger *logger, unsigned int flags)
{
	return fake_fails("open") ? NULL : new_handle();
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

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{ "EPERM", EPERM }, { "ENOENT", ENOENT }, { "EIO", EIO }, { "ENOMEM", ENOMEM }, { "EACCES", EACCES },
	{ "EBUSY", EBUSY }, { "EINVAL", EINVAL }, { "ENOSPC", ENOSPC }, { "ENOSYS", ENOSYS }, { "EEXIST", EEXIST },
};

bool fake_fails(const char *name)
{
	const char *list = getenv("FAKEXEN_FAIL");
	size_t length = strlen(name);

	for (; list && *list; list = strchr(list, ',') ? strchr(list, ',') + 1 : NULL) {
		if (strncmp(list, name, length) || list[length] != '=')
			continue;
		for (size_t i = 0; i < sizeof(errnos) / sizeof(errnos[0]); i++)
			if (!strncmp(list + length + 1, errnos[i].name, strlen(errnos[i].name)))
				errno = errnos[i].number;
		return true;
	}
	return false;
}

bool fake_capable(void)
{
	return getenv("FAKEXEN_CAPABLE");
}

static int unsupported(void)
{
	errno = ENOSYS;
	return -1;
}

static uint32_t cores_per_socket(void)
{
	return fake_psr() ? FAKE_CPUS / 2 : FAKE_CPUS;
}

static int fake_cputopo(struct xen_sysctl_cputopoinfo *t)
{
	xen_sysctl_cputopo_t *out = t->cputopo.p;

	for (uint32_t i = 0; out && i < t->num_cpus && i < FAKE_CPUS; i++)
		out[i] = (xen_sysctl_cputopo_t){ .core = i, .socket = i / cores_per_socket(), .node = 0 };
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

static const struct fake_domain domains[] = {
	{ 0, "Domain-0", XEN_DOMINF_running, 262144, 2, 12345678901ull },
	{ 7, "guest", XEN_DOMINF_blocked | XEN_DOMINF_paused, 32768, 1, 250000000 },
	{ 9, "crashed-one", XEN_DOMINF_shutdown | 3u << XEN_DOMINF_shutdownshift, 65537, 1, 99999000000 },
	{ 10, "stopped", XEN_DOMINF_shutdown, 300, 1, 0 },
	{ 300, NULL, XEN_DOMINF_dying | XEN_DOMINF_shutdown | 1u << XEN_DOMINF_shutdownshift, 3, 1, 50000000 },
	{ 301, "a-name-of-more-than-forty-characters-to-see", XEN_DOMINF_running, 1u << 28, 1, 123456789000000ull },
};

#define FIRST_OF_MANY 1000u
#define LEAVES	      64u

/* What was asked: seen by all processes of a command. */
static struct {
	unsigned int hypercalls, requests;
} *shared;

static unsigned int fixed_domains(void)
{
	return getenv("FAKEXEN_HOST") ? 1 : sizeof(domains) / sizeof(domains[0]);
}

static unsigned int many(void)
{
	const char *n = getenv("FAKEXEN_GUESTS");

	return n ? (unsigned int)strtoul(n, NULL, 10) : 0;
}

static void __attribute__((constructor)) enter(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fake_domains_start();
	process = getpid();
}

void fake_request(unsigned int n)
{
	__atomic_add_fetch(&shared->requests, n, __ATOMIC_RELAXED);
}

static void hypercall(unsigned int n)
{
	__atomic_add_fetch(&shared->hypercalls, n, __ATOMIC_RELAXED);
}

void fake_names(void (*set)(const char *path, const char *value))
{
	char path[128], text[24];

	for (size_t i = 0; i < fixed_domains(); i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/name", domains[i].domid);
		if (domains[i].name)
			set(path, domains[i].name);
	}
	set("/tool/xenolith/names/guest", "7");
	for (unsigned int i = 0; i < many(); i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/name", FIRST_OF_MANY + i);
		snprintf(text, sizeof(text), "many-%u", i);
		set(path, text);
		snprintf(path, sizeof(path), "/tool/xenolith/names/%s", text);
		snprintf(text, sizeof(text), "%u", FIRST_OF_MANY + i);
		set(path, text);
	}
}

/* Nobody runs in the pretended domains, but with $FAKEXEN_GUEST_ANSWERS they hear what they are asked for. */
void fake_written(const char *path, const char *value)
{
	const char *end = strrchr(path, '/');

	if (getenv("FAKEXEN_GUEST_ANSWERS") && *value && end && !strcmp(end, "/shutdown"))
		fake_store_change(path, "");
}

static const struct fake_domain *find_domain(domid_t domid)
{
	static struct fake_domain idle = { .flags = XEN_DOMINF_blocked, .pages = 4096, .vcpus = 1, .cpu_ns = 1000000 };

	if (domid >= FIRST_OF_MANY && domid < FIRST_OF_MANY + many()) {
		idle.domid = domid;
		return &idle;
	}
	for (size_t i = 0; i < fixed_domains(); i++)
		if (domains[i].domid == domid)
			return &domains[i];
	return fake_made(domid);
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
	fake_facts(out);
}

static int fake_domain_list(struct xen_sysctl_getdomaininfolist *list)
{
	xen_domctl_getdomaininfo_t *out = list->buffer.p;
	uint32_t n = 0;

	for (size_t i = 0; i < fixed_domains() && n < list->max_domains; i++)
		if (domains[i].domid >= list->first_domain)
			fill_domain(&out[n++], &domains[i]);
	for (const struct fake_domain *d = fake_next_made(list->first_domain); d && n < list->max_domains;
	     d = fake_next_made(d->domid + 1u))
		fill_domain(&out[n++], d);
	for (uint32_t i = FIRST_OF_MANY; i < FIRST_OF_MANY + many() && n < list->max_domains; i++)
		if (i >= list->first_domain)
			fill_domain(&out[n++], find_domain((domid_t)i));
	list->num_domains = n;
	hypercall(n);
	return 0;
}

static int failed(int error)
{
	errno = error;
	return -1;
}

/* The CPUs of Pool-0 and of the pool that this process makes; $FAKEXEN_FREE: a mask of those in none. */
static uint8_t pool_cpus[2];
static bool pool_made;

static uint8_t free_cpus(void)
{
	return (uint8_t)(((1u << FAKE_CPUS) - 1) & ~(pool_cpus[0] | pool_cpus[1]));
}

static int change_cpupool(struct xen_sysctl_cpupool_op *pool)
{
	uint8_t bit = pool->cpu < FAKE_CPUS ? (uint8_t)(1u << pool->cpu) : 0;

	if (pool->op == XEN_SYSCTL_CPUPOOL_OP_CREATE) {
		if (pool->sched_id != XEN_SCHEDULER_CREDIT2)
			return failed(ENOENT);
		pool->cpupool_id = pool_made = 1;
		return 0;
	}
	if (pool->cpupool_id > pool_made)
		return failed(ENOENT);
	switch (pool->op) {
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		return failed(EBUSY);
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
		if (!(free_cpus() & bit))
			return failed(bit ? ENODEV : EINVAL);
		pool_cpus[pool->cpupool_id] |= bit;
		return 0;
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
		if (!(pool_cpus[pool->cpupool_id] & bit))
			return failed(EINVAL);
		if (pool_cpus[pool->cpupool_id] == bit)
			return failed(EBUSY);
		pool_cpus[pool->cpupool_id] &= (uint8_t)~bit;
		return 0;
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return pool->domid ? 0 : failed(EPERM);
	default:
		return unsupported();
	}
}

static int fake_cpupool(struct xen_sysctl_cpupool_op *pool)
{
	const char *free_mask = getenv("FAKEXEN_FREE");

	if (!pool_cpus[0])
		pool_cpus[0] = (uint8_t)(((1u << FAKE_CPUS) - 1) & ~(free_mask ? strtoul(free_mask, NULL, 0) : 0));
	if (pool->op == XEN_SYSCTL_CPUPOOL_OP_FREEINFO && fake_capable()) {
		*(uint8_t *)pool->cpumap.bitmap.p = free_cpus();
		return 0;
	}
	if (pool->op != XEN_SYSCTL_CPUPOOL_OP_INFO)
		return fake_capable() ? change_cpupool(pool) : unsupported();
	if (pool->cpupool_id > pool_made && pool->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
		return failed(ENOENT);
	pool->cpupool_id = pool->cpupool_id == 1;
	pool->sched_id = fake_rtds() ? XEN_SCHEDULER_RTDS : XEN_SCHEDULER_CREDIT2;
	pool->n_dom = pool->cpupool_id ? 0 : fixed_domains();
	*(uint8_t *)pool->cpumap.bitmap.p = pool_cpus[pool->cpupool_id];
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

	if (fake_fails("domctl"))
		return -1;
	if (op->cmd == XEN_DOMCTL_createdomain)
		return fake_capable() ? fake_create(op) : unsupported();
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
	case XEN_DOMCTL_scheduler_op:
		return fake_rtds() ? fake_rtds_op(op->domain, &op->u.scheduler_op) : fake_capable() ? fake_change(op) : unsupported();
	case XEN_DOMCTL_psr_cmt_op:
	case XEN_DOMCTL_psr_alloc:
		return fake_psr() ? fake_psr_domctl(op) : unsupported();
	case XEN_DOMCTL_get_address_size:
		op->u.address_size.size = 64;
		return fake_capable() ? 0 : unsupported();
	case XEN_DOMCTL_getvcpuaffinity:
		fake_affinity(&op->u.vcpuaffinity.cpumap_hard);
		fake_affinity(&op->u.vcpuaffinity.cpumap_soft);
		fake_pinned(op);
		return 0;
	default:
		return fake_capable() ? fake_change(op) : unsupported();
	}
}

/* A line that is no UTF-8, and the begin of one that is. */
static int fake_console(struct xen_sysctl_readconsole *c)
{
	static const char text[] = "(XEN) caf\xe9 \"tab\t\"\n(XEN) caf\xc3\xa9";

	c->count = c->count < sizeof(text) - 1 ? c->count : sizeof(text) - 1;
	memcpy(c->buffer.p, text, c->count);
	return 0;
}

/* CPUID words 1d, 1c, e1d, e1c, Da1, 7b0, 7c0, e7d of a Broadwell. */
static const uint32_t features[8] = {
	0x1fc3fbff, 0xf7fa3223, 0x2c100800, 0x00000121, 0x00000001, 0x001c0fbb, 0x00000000, 0x00000100,
};

static int fake_featureset(struct xen_sysctl_cpu_featureset *f)
{
	uint32_t *words = f->features.p;

	for (uint32_t i = 0; words && i < f->nr_features; i++)
		words[i] = i < 8 ? features[i] : 0;
	if (!words)
		f->nr_features = 8;
	return 0;
}

/* As many leaves as there is room for, all of them leaf 0 without a word in it. */
static int fake_cpu_policy(struct xen_sysctl_cpu_policy *policy)
{
	xen_cpuid_leaf_t *leaves = policy->leaves.p;

	if (!leaves)
		policy->nr_leaves = LEAVES;
	for (uint32_t i = 0; leaves && i < policy->nr_leaves; i++)
		leaves[i] = (xen_cpuid_leaf_t){ .subleaf = XEN_CPUID_NO_SUBLEAF };
	policy->nr_msrs = 0;
	return 0;
}

static int fake_sysctl(struct xen_sysctl *op)
{
	if (fake_fails("sysctl"))
		return -1;
	switch (op->cmd) {
	case XEN_SYSCTL_physinfo:
		memset(&op->u.physinfo, 0, sizeof(op->u.physinfo));
		op->u.physinfo.threads_per_core = 1;
		op->u.physinfo.cores_per_socket = cores_per_socket();
		op->u.physinfo.nr_cpus = FAKE_CPUS;
		op->u.physinfo.max_cpu_id = FAKE_CPUS - 1;
		op->u.physinfo.nr_nodes = 1;
		op->u.physinfo.cpu_khz = 2000000;
		op->u.physinfo.total_pages = 1u << 21;
		op->u.physinfo.free_pages = getenv("FAKEXEN_FREE_MIB") ? strtoul(getenv("FAKEXEN_FREE_MIB"), NULL, 10) << 8 :
								 3u << 19;
		op->u.physinfo.capabilities = XEN_SYSCTL_PHYSCAP_pv;
		memcpy(op->u.physinfo.hw_cap, features, sizeof(features));
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
	case XEN_SYSCTL_get_cpu_policy:
		return fake_capable() ? fake_cpu_policy(&op->u.cpu_policy) : unsupported();
	case XEN_SYSCTL_get_cpu_featureset:
		return fake_capable() ? fake_featureset(&op->u.cpu_featureset) : unsupported();
	case XEN_SYSCTL_scheduler_op:
		op->u.scheduler_op.u.sched_credit2.ratelimit_us = 1000;
		return fake_capable() ? 0 : unsupported();
	case XEN_SYSCTL_psr_cmt_op:
	case XEN_SYSCTL_psr_alloc:
		return fake_psr() ? fake_psr_sysctl(op) : unsupported();
	case XEN_SYSCTL_readconsole:
		return fake_capable() ? fake_console(&op->u.readconsole) : unsupported();
	default:
		return unsupported();
	}
}

static int fake_platform(struct xen_platform_op *op)
{
	return op->cmd == XENPF_resource_op && fake_psr() ? fake_resources(&op->u.resource_op) : unsupported();
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

/* $FAKEXEN_DYING is the path of a file of hypfs, a blank, and its text; there is no other file. */
static int fake_hypfs(unsigned int cmd, const char *path, struct xen_hypfs_direntry *e, size_t len)
{
	const char *file = getenv("FAKEXEN_DYING"), *text = file ? strchr(file, ' ') : NULL;

	if (!text)
		return unsupported();
	if (cmd == XEN_HYPFS_OP_get_version)
		return XEN_HYPFS_VERSION;
	if (strncmp(file, path, (size_t)(text - file)) || path[text - file]) {
		errno = ENOENT;
		return -1;
	}
	*e = (struct xen_hypfs_direntry){ .type = XEN_HYPFS_TYPE_STRING, .content_len = strlen(text) };
	errno = ENOBUFS;
	if (len < sizeof(*e) + e->content_len)
		return -1;
	strcpy((char *)(e + 1), text + 1);
	return 0;
}

int xencall0(xencall_handle *h, unsigned int op)
{
	hypercall(1);
	return unsupported();
}

int xencall1(xencall_handle *h, unsigned int op, uint64_t a1)
{
	hypercall(1);
	if (op == __HYPERVISOR_hypfs_op)
		return fake_hypfs((unsigned int)a1, NULL, NULL, 0);
	if (op == __HYPERVISOR_sysctl)
		return fake_sysctl((void *)a1);
	if (op == __HYPERVISOR_platform_op)
		return fake_platform((void *)a1);
	if (op == __HYPERVISOR_xsm_op)
		return fake_flask_op((void *)a1);
	return op == __HYPERVISOR_domctl ? fake_domctl((void *)a1) : unsupported();
}

/* Debian's library asks for a result of 64 bits in this way. */
static int fake_multicall(xencall_handle *h, multicall_entry_t *calls, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		const long r = xencall2L(h, (unsigned int)calls[i].op, calls[i].args[0], calls[i].args[1]);

		calls[i].result = (xen_ulong_t)(r < 0 ? -errno : r);
	}
	return 0;
}

int xencall2(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2)
{
	if (op == __HYPERVISOR_multicall)
		return fake_multicall(h, (void *)a1, a2);
	hypercall(1);
	if (op == __HYPERVISOR_event_channel_op && a1 == EVTCHNOP_alloc_unbound && fake_capable()) {
		((evtchn_alloc_unbound_t *)a2)->port = 5;
		return fake_fails("alloc_unbound") ? -1 : 0;
	}
	if (op == __HYPERVISOR_sched_op && a1 == SCHEDOP_remote_shutdown)
		return fake_shut_down((void *)a2);
	return op == __HYPERVISOR_xen_version ? fake_version(a1, (void *)a2) : unsupported();
}

long xencall2L(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2)
{
	hypercall(1);
	if (op == __HYPERVISOR_memory_op &&
	    (a1 == XENMEM_get_sharing_freed_pages || a1 == XENMEM_get_sharing_shared_pages))
		return 0;
	if (op == __HYPERVISOR_memory_op && fake_capable()) {
		if (a1 == XENMEM_set_memory_map)
			return 0;
		if (a1 == XENMEM_populate_physmap)
			return fake_populate((void *)a2);
		if (a1 == XENMEM_decrease_reservation)
			return fake_given_back((void *)a2);
		if (a1 == XENMEM_get_vnumainfo) {
			errno = EOPNOTSUPP;	/* the domain has none */
			return -1;
		}
		if (a1 == XENMEM_claim_pages)
			return fake_fails("claim") ? -1 : 0;
	}
	return unsupported();
}

int xencall3(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3)
{
	hypercall(1);
	return unsupported();
}

int xencall4(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	hypercall(1);
	return op == __HYPERVISOR_mmuext_op && fake_capable() ? 0 : unsupported();
}

int xencall5(xencall_handle *h, unsigned int op, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
	     uint64_t a5)
{
	hypercall(1);
	if (op == __HYPERVISOR_hypfs_op)
		return fake_hypfs((unsigned int)a1, (const char *)a2, (void *)a4, a5);
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

/* The frames' own pages, in the order that is wanted. */
void *xenforeignmemory_map2(xenforeignmemory_handle *h, uint32_t dom, void *addr, int prot, int flags, size_t pages,
			    const xen_pfn_t arr[], int err[])
{
	uint8_t *at = mmap(addr, pages * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	hypercall(1);
	for (size_t i = 0; i < pages; i++) {
		/* Of a shared mapping, a size of nothing means: map it once more. */
		void *frame = fake_frame(arr[i]);

		if (!frame ||
		    mremap(frame, 0, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at + i * 4096) == MAP_FAILED) {
			munmap(at, pages * 4096);
			errno = EINVAL;
			return NULL;
		}
		if (err)
			err[i] = 0;
	}
	return at;
}

void *xenforeignmemory_map(xenforeignmemory_handle *h, uint32_t dom, int prot, size_t pages, const xen_pfn_t arr[],
			   int err[])
{
	return xenforeignmemory_map2(h, dom, NULL, prot, 0, pages, arr, err);
}

int xenforeignmemory_unmap(xenforeignmemory_handle *h, void *addr, size_t pages)
{
	return munmap(addr, pages * 4096);
}

/* The grant table is in the last frame. */
xenforeignmemory_resource_handle *xenforeignmemory_map_resource(xenforeignmemory_handle *h, domid_t domid, unsigned int type,
								unsigned int id, unsigned long frame, unsigned long n,
								void **addr, int prot, int flags)
{
	const xen_pfn_t last = FAKE_FRAMES - 1;

	*addr = xenforeignmemory_map(h, domid, prot, 1, &last, NULL);
	return *addr;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *h, xenforeignmemory_resource_handle *resource)
{
	return munmap(resource, 4096);
}

static FILE *report(const char *variable)
{
	const char *path = getenv(variable);

	return path && getpid() == process ? fopen(path, "we") : NULL;
}

static void __attribute__((destructor)) leave(void)
{
	FILE *dump = report("FAKEXEN_DUMP"), *count = report("FAKEXEN_COUNT");

	if (count) {
		fprintf(count, "%u hypercalls, %u requests\n", shared->hypercalls, shared->requests);
		fclose(count);
	}
	if (!dump)
		return;
	fake_store_dump(dump);
	for (const struct fake_domain *d = fake_next_made(1); d; d = fake_next_made(d->domid + 1u))
		fprintf(dump, "domain %u is left\n", d->domid);
	fclose(dump);
}
