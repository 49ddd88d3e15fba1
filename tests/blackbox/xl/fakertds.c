// SPDX-License-Identifier: GPL-2.0-only
/* The RTDS scheduler of a pretended host: $FAKEXEN_RTDS is the file that keeps the parameters of the vCPUs. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/domctl.h>

#include "fakexen.h"

#define DOMAINS 16u
#define VCPUS	16u

static struct xen_domctl_sched_rtds (*all)[VCPUS + 1];	/* the last one is the domain's own */

bool fake_rtds(void)
{
	const char *file = getenv("FAKEXEN_RTDS");
	const size_t size = DOMAINS * sizeof(*all);
	int fd;

	if (!file || all)
		return file;
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		abort();
	all = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (all == MAP_FAILED)
		abort();
	close(fd);
	for (unsigned int d = 0; d < DOMAINS && !all[0][0].period; d++)
		for (unsigned int v = 0; v <= VCPUS; v++)
			all[DOMAINS - 1 - d][v] = (struct xen_domctl_sched_rtds){ 10000, 4000, XEN_DOMCTL_SCHEDRT_extra };
	return true;
}

int fake_rtds_op(uint16_t domid, struct xen_domctl_scheduler_op *op)
{
	struct xen_domctl_sched_rtds *d = all[domid % DOMAINS];
	struct xen_domctl_schedparam_vcpu *list = op->u.v.vcpus.p;
	uint32_t i;

	if (op->sched_id != XEN_SCHEDULER_RTDS) {
		errno = EINVAL;
		return -1;
	}
	switch (op->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		op->u.rtds = d[VCPUS];
		return 0;
	case XEN_DOMCTL_SCHEDOP_putinfo:
		for (i = 0; i <= VCPUS; i++)
			d[i] = op->u.rtds;
		return 0;
	default:
		/* As many at a time as the real one: who calls goes on. */
		for (i = 0; i < op->u.v.nr_vcpus && i < 2; i++) {
			if (op->cmd == XEN_DOMCTL_SCHEDOP_getvcpuinfo)
				list[i].u.rtds = d[list[i].vcpuid % VCPUS];
			else
				d[list[i].vcpuid % VCPUS] = list[i].u.rtds;
		}
		op->u.v.nr_vcpus = i;
		return 0;
	}
}
