// SPDX-License-Identifier: GPL-2.0-only
/*
 * Domains that can be made on the pretended host, and their memory. One command's processes share them; with
 * $FAKEXEN_HOST, a file, all processes do that name it, so that they outlive who made them. $FAKEXEN_LIFE is the
 * folder of a pretended hypervisor for daemons (../fakexen.c), which is told of each domain that comes and goes.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xen/sched.h>

#include "fakexen.h"

#define MADE	    16u
#define FIRST	    400u	/* where Domain 0 is not the only one */
#define VCPUS	    16u
#define LOOK_COSTS  1000000u	/* ns of CPU time of a domain that runs, each time that somebody looks */

static struct {
	unsigned int lock, next;
	struct {
		struct fake_domain d;		/* its number is 0 where there is none */
		uint64_t max_pages;
		struct xen_domctl_sched_credit2 share;
		xen_domain_handle_t handle;
		uint8_t pinned[VCPUS];		/* to CPUs; 0: to all */
	} made[MADE];
	uint16_t owner[FAKE_FRAMES];
	uint8_t memory[FAKE_FRAMES][4096] __attribute__((aligned(4096)));
} *shared;

void fake_domains_start(void)
{
	const char *file = getenv("FAKEXEN_HOST");
	int fd = file ? open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (file && (fd < 0 || ftruncate(fd, sizeof(*shared))))
		abort();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_NORESERVE | (file ? 0 : MAP_ANONYMOUS), fd, 0);
	if (shared == MAP_FAILED)
		abort();
	close(fd);
	shared->owner[0] = shared->owner[FAKE_FRAMES - 1] = DOMID_XEN;
}

static void unlock(unsigned int **held)
{
	__atomic_store_n(*held, 0, __ATOMIC_RELEASE);
}

static unsigned int *lock(void)
{
	while (__atomic_exchange_n(&shared->lock, 1, __ATOMIC_ACQUIRE))
		sched_yield();
	return &shared->lock;
}
#define LOCKED() unsigned int *held __attribute__((cleanup(unlock), unused)) = lock()

static int lookup(uint32_t domid)
{
	for (unsigned int i = 0; domid && i < MADE; i++)
		if (shared->made[i].d.domid == domid)
			return (int)i;
	return -1;
}

const struct fake_domain *fake_made(uint32_t domid)
{
	const int i = lookup(domid);
	struct fake_domain *d = i < 0 ? NULL : &shared->made[i].d;

	if (d && !(d->flags & (XEN_DOMINF_paused | XEN_DOMINF_shutdown)))
		d->cpu_ns += LOOK_COSTS;
	return d;
}

const struct fake_domain *fake_next_made(uint32_t domid)
{
	const struct fake_domain *best = NULL;

	for (unsigned int i = 0; i < MADE; i++) {
		const struct fake_domain *d = &shared->made[i].d;

		if (d->domid && d->domid >= domid && (!best || d->domid < best->domid))
			best = d;
	}
	return best;
}

/* To the store's and the console's daemon: files that stand for the domain, and the interrupt of such a change. */
static void tell_daemons(uint32_t domid, const char *state)
{
	static const char *const files[] = { "dom-%u", "grant-%u-0", "grant-%u-1" };
	const char *dir = getenv("FAKEXEN_LIFE");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const uint32_t port = 1 + VIRQ_DOM_EXC;
	char path[sizeof(sa.sun_path)], name[32];
	int fd;

	if (!dir)
		return;
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), files[i], domid);
		snprintf(path, sizeof(path), "%.70s/%s", dir, name);
		if (!state) {
			unlink(path);
			continue;
		}
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || (i ? ftruncate(fd, 4096) : write(fd, state, 1) != 1))
			abort();
		close(fd);
	}
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%.70s/evtchn", dir);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (strcmp(state ? state : "", "r"))
		(void)!sendto(fd, &port, sizeof(port), 0, (void *)&sa, sizeof(sa));
	close(fd);
}

int fake_create(struct xen_domctl *op)
{
	int i;

	if (fake_fails("createdomain"))
		return -1;
	LOCKED();
	for (i = 0; i < (int)MADE && shared->made[i].d.domid; i++)
		;
	if (i == (int)MADE) {
		errno = ENOMEM;
		return -1;
	}
	if (!op->domain || op->domain >= DOMID_FIRST_RESERVED)
		op->domain = (domid_t)(shared->next++ + (getenv("FAKEXEN_HOST") ? 1 : FIRST));
	memset(&shared->made[i], 0, sizeof(shared->made[i]));
	shared->made[i].d = (struct fake_domain){ .domid = op->domain, .flags = XEN_DOMINF_paused, .vcpus = 1 };
	shared->made[i].share.weight = 256;
	memcpy(shared->made[i].handle, op->u.createdomain.handle, sizeof(xen_domain_handle_t));
	tell_daemons(op->domain, "r");
	return 0;
}

static void destroy(int i)
{
	const domid_t domid = shared->made[i].d.domid;

	for (unsigned int mfn = 0; mfn < FAKE_FRAMES; mfn++) {
		if (shared->owner[mfn] != domid)
			continue;
		memset(shared->memory[mfn], 0, sizeof(shared->memory[mfn]));
		shared->owner[mfn] = 0;
	}
	shared->made[i].d.domid = 0;
	tell_daemons(domid, NULL);
}

static const struct {
	uint32_t cmd;
	const char *name;
} changes[] = {
	{ XEN_DOMCTL_destroydomain, "destroydomain" }, { XEN_DOMCTL_pausedomain, "pausedomain" },
	{ XEN_DOMCTL_unpausedomain, "unpausedomain" }, { XEN_DOMCTL_max_vcpus, "max_vcpus" },
	{ XEN_DOMCTL_setvcpuaffinity, "setvcpuaffinity" }, { XEN_DOMCTL_setnodeaffinity, "setnodeaffinity" },
	{ XEN_DOMCTL_max_mem, "max_mem" }, { XEN_DOMCTL_settscinfo, "settscinfo" },
	{ XEN_DOMCTL_scheduler_op, "scheduler_op" }, { XEN_DOMCTL_set_cpu_policy, "set_cpu_policy" },
	{ XEN_DOMCTL_ioport_permission, "ioport_permission" }, { XEN_DOMCTL_iomem_permission, "iomem_permission" },
	{ XEN_DOMCTL_sendtrigger, "sendtrigger" }, { XEN_DOMCTL_setvcpucontext, "setvcpucontext" },
	{ XEN_DOMCTL_hypercall_init, "hypercall_init" }, { XEN_DOMCTL_resumedomain, "resumedomain" },
	{ XEN_DOMCTL_setdomainhandle, "setdomainhandle" }, { XEN_DOMCTL_set_address_size, "set_address_size" },
};

static void schedule(struct xen_domctl_sched_credit2 *share, struct xen_domctl_scheduler_op *op)
{
	if (op->cmd == XEN_DOMCTL_SCHEDOP_putinfo)
		*share = op->u.credit2;
	else
		op->u.credit2 = *share;
}

static void change(int i, struct xen_domctl *op)
{
	struct fake_domain *d = &shared->made[i].d;

	switch (op->cmd) {
	case XEN_DOMCTL_destroydomain:
		destroy(i);
		break;
	case XEN_DOMCTL_pausedomain:
		d->flags |= XEN_DOMINF_paused;
		break;
	case XEN_DOMCTL_unpausedomain:
		d->flags = (d->flags & ~XEN_DOMINF_paused) | XEN_DOMINF_blocked;
		break;
	case XEN_DOMCTL_resumedomain:
		d->flags &= ~(XEN_DOMINF_shutdown | XEN_DOMINF_shutdownmask << XEN_DOMINF_shutdownshift);
		tell_daemons(d->domid, "r");
		break;
	case XEN_DOMCTL_scheduler_op:
		schedule(&shared->made[i].share, &op->u.scheduler_op);
		break;
	case XEN_DOMCTL_max_vcpus:
		d->vcpus = op->u.max_vcpus.max;
		break;
	case XEN_DOMCTL_max_mem:
		shared->made[i].max_pages = op->u.max_mem.max_memkb / 4;
		break;
	case XEN_DOMCTL_setdomainhandle:
		memcpy(shared->made[i].handle, op->u.setdomainhandle.handle, sizeof(xen_domain_handle_t));
		break;
	case XEN_DOMCTL_setvcpuaffinity:
		if ((op->u.vcpuaffinity.flags & XEN_VCPUAFFINITY_HARD) && op->u.vcpuaffinity.vcpu < VCPUS)
			shared->made[i].pinned[op->u.vcpuaffinity.vcpu] = *(uint8_t *)op->u.vcpuaffinity.cpumap_hard.bitmap.p;
		break;
	}
}

int fake_change(struct xen_domctl *op)
{
	int i;

	for (size_t n = 0; n < sizeof(changes) / sizeof(changes[0]); n++) {
		if (changes[n].cmd != op->cmd)
			continue;
		if (fake_fails(changes[n].name))
			return -1;
		LOCKED();
		i = lookup(op->domain);
		if (i >= 0)
			change(i, op);
		return 0;
	}
	errno = ENOSYS;
	return -1;
}

void fake_facts(struct xen_domctl_getdomaininfo *info)
{
	const int i = lookup(info->domain);

	if (i < 0)
		return;
	info->max_pages = shared->made[i].max_pages;
	memcpy(info->handle, shared->made[i].handle, sizeof(info->handle));
}

void fake_pinned(struct xen_domctl *op)
{
	const int i = lookup(op->domain);
	const uint32_t vcpu = op->u.vcpuaffinity.vcpu;
	struct xenctl_bitmap *map = &op->u.vcpuaffinity.cpumap_hard;

	if (i >= 0 && vcpu < VCPUS && shared->made[i].pinned[vcpu] && map->bitmap.p && map->nr_bits)
		*(uint8_t *)map->bitmap.p = shared->made[i].pinned[vcpu];
}

int fake_shut_down(const struct sched_remote_shutdown *s)
{
	LOCKED();
	const int i = lookup(s->domain_id);

	if (i < 0) {
		errno = ESRCH;
		return -1;
	}
	shared->made[i].d.flags |= XEN_DOMINF_shutdown | s->reason << XEN_DOMINF_shutdownshift;
	tell_daemons(s->domain_id, "s");
	return 0;
}

/* The first of so many frames in a row that nobody has, or 0. */
static unsigned int free_run(unsigned int count)
{
	unsigned int run = 0;

	for (unsigned int mfn = 1; mfn < FAKE_FRAMES; mfn++) {
		run = shared->owner[mfn] ? 0 : run + 1;
		if (run == count)
			return mfn + 1 - count;
	}
	return 0;
}

/* All or nothing. */
long fake_populate(struct xen_memory_reservation *r)
{
	const unsigned int each = 1u << r->extent_order;
	const unsigned int count = (unsigned int)r->nr_extents * each;
	xen_pfn_t *list = r->extent_start.p;
	unsigned int first;
	int i;

	LOCKED();
	i = lookup(r->domid);
	first = i < 0 || fake_fails("populate") ? 0 : free_run(count);
	if (!first)
		return 0;
	for (unsigned int mfn = first; mfn < first + count; mfn++)
		shared->owner[mfn] = r->domid;
	for (xen_ulong_t n = 0; n < r->nr_extents; n++)
		list[n] = first + n * each;
	shared->made[i].d.pages += count;
	return (long)r->nr_extents;
}

long fake_given_back(const struct xen_memory_reservation *r)
{
	LOCKED();
	const int i = lookup(r->domid);

	if (i < 0)
		return 0;
	shared->made[i].d.pages -= (uint32_t)r->nr_extents << r->extent_order;
	return (long)r->nr_extents;
}

void *fake_frame(uint64_t mfn)
{
	return mfn < FAKE_FRAMES ? shared->memory[mfn] : NULL;
}
