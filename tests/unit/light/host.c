// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypervisor under libxenlight, pretended at the level of libxenctrl and libxenguest. Domains are in memory that
 * forked workers share. A thread stands for xenstored's and the guests' part: it fires @releaseDomain when a domain is
 * gone or shut down, and lets a guest that is asked to power off or to suspend do so. saved.c has what is saved of it.
 * fakestore.c is the store.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenguest.h>
#include <xenstore.h>

#include "../../blackbox/xl/fakexen.h"
#include "host.h"

#define DOMAINS 4096

static struct host {
	_Atomic uint32_t flags[DOMAINS];	/* XEN_DOMINF_*, and EXISTS or, before, COMING */
	xen_domain_handle_t handles[DOMAINS];	/* written before the domain is there */
	_Atomic uint32_t next;
	_Atomic bool hold, deaf;
	_Atomic unsigned builds, slow, dice;
	pid_t caller;
} *host;

#define EXISTS (1u << 31)
#define COMING (1u << 30)

static int bell[2];		/* numbers of domains whose life changed; with EXISTS: asked to power off; and COMING: to suspend */

static void tell(uint32_t domid)
{
	if (write(bell[1], &domid, sizeof(domid)) != sizeof(domid))
		abort();
}

static void *outside(void *arg)
{
	uint32_t domid;
	unsigned reason;
	char path[64];

	while (read(bell[0], &domid, sizeof(domid)) == sizeof(domid)) {
		if (!(domid & EXISTS)) {
			fake_store_fire("@releaseDomain");
			continue;
		}
		reason = domid & COMING ? SHUTDOWN_suspend : SHUTDOWN_poweroff;
		domid &= ~(EXISTS | COMING);
		snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
		if (!host->deaf && fake_store_change(path, ""))
			host_shut_down(domid, reason);
	}
	return NULL;
}

void host_start(void)
{
	pthread_t thread;

	host = mmap(NULL, sizeof(*host), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	host->flags[0] = EXISTS | XEN_DOMINF_running;
	host->next = 1;
	host->caller = getpid();
	if (pipe(bell) || pthread_create(&thread, NULL, outside, NULL) || pthread_detach(thread))
		abort();
}

void host_hold_builds(bool hold)
{
	host->hold = hold;
}

unsigned host_builds(void)
{
	return host->builds;
}

void host_deafen(bool deaf)
{
	host->deaf = deaf;
}

void host_slow(unsigned most_us)
{
	host->slow = most_us;
}

void host_shut_down(uint32_t domid, unsigned reason)
{
	uint32_t flags = host->flags[domid];

	while ((flags & EXISTS) && !(flags & XEN_DOMINF_shutdown))
		if (atomic_compare_exchange_weak(&host->flags[domid], &flags,
						 flags | XEN_DOMINF_shutdown | reason << XEN_DOMINF_shutdownshift))
			tell(domid);
}

unsigned host_domains(void)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < DOMAINS; i++)
		n += !!(host->flags[i] & EXISTS);
	return n;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *host_store(void)
{
	char *text = NULL, *sorted = NULL, *lines[4096], *at;
	size_t size, n = 0;
	FILE *f = open_memstream(&text, &size);

	fake_store_dump(f);
	fclose(f);
	for (at = strtok_r(text, "\n", &sorted); at && n < 4096; at = strtok_r(NULL, "\n", &sorted))
		lines[n++] = at;
	qsort(lines, n, sizeof(lines[0]), by_text);
	f = open_memstream(&sorted, &size);
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s\n", lines[i]);
	fclose(f);
	free(text);
	return sorted;
}

/* --- what fakestore.c asks for */

bool fake_fails(const char *name)
{
	return false;
}

void fake_request(unsigned int n)
{
}

void fake_names(void (*set)(const char *path, const char *value))
{
	set("/local/domain/0/name", "Domain-0");
}

void fake_written(const char *path, const char *value)
{
	unsigned domid;
	char end;

	if (sscanf(path, "/local/domain/%u/control/shutdow%c", &domid, &end) == 2 && value[0])
		tell(domid | EXISTS | (strcmp(value, "suspend") ? 0 : COMING));
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
	return true;
}

/* --- libxenctrl */

void host_take_time(void)
{
	unsigned most = host->slow;
	struct timespec t = { .tv_sec = 0 };

	if (!most)
		return;
	host->dice = host->dice * 1103515245u + 12345u;
	t.tv_nsec = (long)((host->dice >> 16) % most) * 1000;
	nanosleep(&t, NULL);
}

xc_interface *xc_interface_open(xentoollog_logger *l, xentoollog_logger *d, unsigned flags)
{
	return malloc(1);
}

int xc_interface_close(xc_interface *xch)
{
	free(xch);
	return 0;
}

int xc_domain_create(xc_interface *xch, uint32_t *domid, struct xen_domctl_createdomain *config)
{
	uint32_t id, gone;

	do {
		id = atomic_fetch_add(&host->next, 1) % DOMAINS;
		gone = host->flags[id];
	} while ((gone & (EXISTS | COMING)) || !atomic_compare_exchange_strong(&host->flags[id], &gone, COMING));
	memcpy(host->handles[id], config->handle, sizeof(config->handle));
	host->flags[id] = EXISTS | XEN_DOMINF_paused;
	*domid = id;
	return 0;
}

static int change(uint32_t domid, uint32_t set, uint32_t clear)
{
	uint32_t flags = host->flags[domid];

	do {
		if (!(flags & EXISTS)) {
			errno = ESRCH;
			return -1;
		}
	} while (!atomic_compare_exchange_weak(&host->flags[domid], &flags, (flags | set) & ~clear));
	return 0;
}

int xc_domain_pause(xc_interface *xch, uint32_t domid)
{
	return change(domid, XEN_DOMINF_paused, 0);
}

int xc_domain_unpause(xc_interface *xch, uint32_t domid)
{
	return change(domid, XEN_DOMINF_running, XEN_DOMINF_paused);
}

int xc_domain_resume(xc_interface *xch, uint32_t domid, int fast)
{
	return change(domid, 0, XEN_DOMINF_shutdown | XEN_DOMINF_shutdownmask << XEN_DOMINF_shutdownshift);
}

int xc_domain_destroy(xc_interface *xch, uint32_t domid)
{
	host_take_time();
	if (change(domid, 0, EXISTS))
		return -1;
	tell(domid);
	return 0;
}

int xc_domain_getinfolist(xc_interface *xch, uint32_t first, unsigned int max, xc_domaininfo_t *info)
{
	unsigned n = 0;

	for (uint32_t i = first; i < DOMAINS && n < max; i++) {
		uint32_t flags = host->flags[i];

		if (!(flags & EXISTS))
			continue;
		memset(&info[n], 0, sizeof(*info));
		info[n].domain = (domid_t)i;
		info[n].flags = flags & ~EXISTS;
		memcpy(info[n].handle, host->handles[i], sizeof(info[n].handle));
		info[n].max_pages = info[n].tot_pages = 16384;
		info[n++].nr_online_vcpus = 1;
	}
	return (int)n;
}

int xc_physinfo(xc_interface *xch, xc_physinfo_t *info)
{
	memset(info, 0, sizeof(*info));
	info->nr_cpus = info->nr_nodes = info->cores_per_socket = info->threads_per_core = 1;
	info->total_pages = info->free_pages = 1 << 21;
	info->capabilities = XEN_SYSCTL_PHYSCAP_pv;
	return 0;
}

int xc_version(xc_interface *xch, int cmd, void *arg)
{
	if (cmd == XENVER_version)
		return 4 << 16 | 17;
	if (cmd == XENVER_pagesize)
		return 4096;
	strcpy(arg, cmd == XENVER_capabilities ? "xen-3.0-x86_64" : "");
	return 0;
}

xc_cpupoolinfo_t *xc_cpupool_getinfo(xc_interface *xch, uint32_t poolid)
{
	xc_cpupoolinfo_t *info;

	if (poolid)
		return NULL;
	info = calloc(1, sizeof(*info));
	info->sched_id = XEN_SCHEDULER_CREDIT2;
	info->n_dom = host_domains();
	info->cpumap = calloc(1, 8);
	info->cpumap[0] = 1;
	return info;
}

void xc_cpupool_infofree(xc_interface *xch, xc_cpupoolinfo_t *info)
{
	free(info->cpumap);
	free(info);
}

int xc_evtchn_alloc_unbound(xc_interface *xch, uint32_t domid, uint32_t remote)
{
	return 5;
}

int xc_get_max_cpus(xc_interface *xch)
{
	return 1;
}

int xc_get_max_nodes(xc_interface *xch)
{
	return 1;
}

int xc_get_online_cpus(xc_interface *xch)
{
	return 1;
}

const xc_error *xc_get_last_error(xc_interface *xch)
{
	static const xc_error none;

	return &none;
}

/* --- libxenguest: a build */

struct xc_dom_image *xc_dom_allocate(xc_interface *xch, const char *cmdline, const char *features)
{
	return calloc(1, sizeof(struct xc_dom_image));
}

void xc_dom_release(struct xc_dom_image *dom)
{
	free(dom);
}

int xc_dom_build_image(struct xc_dom_image *dom)
{
	host->builds++;
	while (host->hold && getppid() == host->caller)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	host_take_time();
	return 0;
}
