// SPDX-License-Identifier: LGPL-2.1-only
/* Suspend by event channel, and going on after a suspend. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_internal.h"
#include "meminfo.h"
#include "xenevtchn.h"

/* --- the event channel, one user at a time: a lock file tells who */

#define LOCK_FORMAT "/run/xen/suspend-evtchn-%u.lock"

static int lock_suspend(xc_interface *xch, uint32_t domid, int *lockfd)
{
	char path[64];
	struct stat a, b;
	int fd;

	snprintf(path, sizeof(path), LOCK_FORMAT, domid);
	mkdir("/run/xen", 0755);
	for (;;) {
		fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0)
			break;
		if (flock(fd, LOCK_EX | LOCK_NB)) {
			close(fd);
			errno = EBUSY;
			break;
		}
		/* Another process may have removed it between open and lock. */
		if (!stat(path, &a) && !fstat(fd, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
			*lockfd = fd;
			return 0;
		}
		close(fd);
	}
	xc_fail(xch, XC_INTERNAL_ERROR, "cannot take %s (is another save of domain %u running?)", path, domid);
	return -1;
}

static void unlock_suspend(uint32_t domid, int *lockfd)
{
	char path[64];

	if (*lockfd < 0)
		return;
	snprintf(path, sizeof(path), LOCK_FORMAT, domid);
	unlink(path);
	close(*lockfd);
	*lockfd = -1;
}

int xc_suspend_evtchn_release(xc_interface *xch, struct xenevtchn_handle *xce, uint32_t domid,
			      int suspend_evtchn, int *lockfd)
{
	if (suspend_evtchn >= 0)
		xenevtchn_unbind(xce, (evtchn_port_t)suspend_evtchn);
	unlock_suspend(domid, lockfd);
	return 0;
}

int xc_suspend_evtchn_init_sane(xc_interface *xch, struct xenevtchn_handle *xce, uint32_t domid, int port,
				int *lockfd)
{
	int local = -1;

	*lockfd = -1;
	if (lock_suspend(xch, domid, lockfd))
		return -1;
	local = xenevtchn_bind_interdomain(xce, domid, (evtchn_port_t)port);
	if (local >= 0 && !xc_domain_subscribe_for_suspend(xch, domid, (evtchn_port_t)port))
		return local;
	xc_fail(xch, XC_INTERNAL_ERROR, "cannot use the suspend event channel of domain %u", domid);
	xc_suspend_evtchn_release(xch, xce, domid, local, lockfd);
	return -1;
}

int xc_await_suspend(xc_interface *xch, struct xenevtchn_handle *xce, int suspend_evtchn)
{
	int rc;

	do {
		rc = xenevtchn_pending(xce);
		if (rc < 0) {
			xc_fail(xch, XC_INTERNAL_ERROR, "cannot wait for the suspend");
			return -1;
		}
		if (xenevtchn_unmask(xce, (evtchn_port_t)rc) < 0)
			return -1;
	} while (rc != suspend_evtchn);
	return 0;
}

/* The first event of a fresh binding says nothing: swallow it. */
int xc_suspend_evtchn_init_exclusive(xc_interface *xch, struct xenevtchn_handle *xce, uint32_t domid, int port,
				     int *lockfd)
{
	int local = xc_suspend_evtchn_init_sane(xch, xce, domid, port, lockfd);

	if (local >= 0 && xc_await_suspend(xch, xce, local)) {
		xc_suspend_evtchn_release(xch, xce, domid, local, lockfd);
		return -1;
	}
	return local;
}

/* --- go on */

static int resume_domain(xc_interface *xch, uint32_t domid)
{
	DOMCTL(d, resumedomain, domid);

	return xc_do_domctl(xch, &d);
}

/* The guest sees 1 from its suspend call: cancelled, all is as it was. */
static int resume_cooperative(xc_interface *xch, uint32_t domid)
{
	vcpu_guest_context_any_t ctxt;

	if (xc_vcpu_getcontext(xch, domid, 0, &ctxt))
		return -1;
	ctxt.x64.user_regs.rax = 1;
	if (xc_vcpu_setcontext(xch, domid, 0, &ctxt))
		return -1;
	return resume_domain(xch, domid);
}

/* Such a guest gave its rings as frame numbers of its own: start_info must have machine frames. */
static int restore_start_info(xc_interface *xch, uint32_t domid)
{
	struct xc_domain_meminfo mem = { 0 };
	vcpu_guest_context_any_t ctxt;
	start_info_t *si;
	int rc = -1;

	if (xc_vcpu_getcontext(xch, domid, 0, &ctxt) || xc_map_domain_meminfo(xch, domid, &mem))
		return -1;
	/* RDX of the suspend call is the frame of start_info. */
	si = xc_map_foreign_range(xch, domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE, ctxt.x64.user_regs.rdx);
	if (si) {
		if (si->store_mfn < mem.p2m_size && si->console.domU.mfn < mem.p2m_size) {
			si->store_mfn = mem.p2m_table[si->store_mfn];
			si->console.domU.mfn = mem.p2m_table[si->console.domU.mfn];
			rc = 0;
		} else {
			errno = ERANGE;
		}
		munmap(si, XC_PAGE_SIZE);
	}
	xc_unmap_domain_meminfo(xch, &mem);
	return rc;
}

static int resume_uncooperative(xc_interface *xch, uint32_t domid)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(xch, domid, 1, &info) != 1 || info.domain != domid) {
		errno = ESRCH;
		return -1;
	}
	if (restore_start_info(xch, domid)) {
		xc_fail(xch, XC_INTERNAL_ERROR, "cannot give domain %u its rings back", domid);
		return -1;
	}
	/* Other vCPUs start anew, as after a restore. */
	for (uint32_t i = 1; i <= info.max_vcpu_id; i++) {
		if (xc_vcpu_setcontext(xch, domid, i, NULL)) {
			xc_fail(xch, XC_INTERNAL_ERROR, "cannot reset vCPU %u of domain %u", i, domid);
			return -1;
		}
	}
	return resume_domain(xch, domid);
}

int xc_domain_resume(xc_interface *xch, uint32_t domid, int fast)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(xch, domid, 1, &info) != 1 || info.domain != domid) {
		errno = ESRCH;
		return -1;
	}
	/* HVM guests are told by their own means. */
	if (info.flags & XEN_DOMINF_hvm_guest)
		return resume_domain(xch, domid);
	return fast ? resume_cooperative(xch, domid) : resume_uncooperative(xch, domid);
}
