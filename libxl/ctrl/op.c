// SPDX-License-Identifier: LGPL-2.1-only
/* The hypercalls that all others here are made of. */
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ctrl_internal.h"

int xc_do_two(xc_interface *xch, unsigned int op, unsigned long cmd, void *arg, size_t len)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(arg, len, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	rc = xencall2(xch->xcall, op, cmd, (unsigned long)b.hbuf);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

/* The argument of these calls goes in and out as a whole. */
static int one_struct(xc_interface *xch, unsigned int op, void *arg, size_t len)
{
	void *h = xencall_alloc_buffer(xch->xcall, len);
	int rc, saved;

	if (!h) {
		xc_fail(xch, XC_OUT_OF_MEMORY, "no memory for a hypercall argument");
		return -1;
	}
	memcpy(h, arg, len);
	rc = xencall1(xch->xcall, op, (unsigned long)h);
	saved = errno;
	memcpy(arg, h, len);
	xencall_free_buffer(xch->xcall, h);
	errno = saved;
	return rc;
}

int xc_do_domctl(xc_interface *xch, struct xen_domctl *domctl)
{
	int rc;

	domctl->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	rc = one_struct(xch, __HYPERVISOR_domctl, domctl, sizeof(*domctl));
	if (rc < 0 && errno == EACCES)
		xc_fail(xch, XC_INTERNAL_ERROR, "the hypervisor has another domctl version than 0x%x: "
			 "install tools and hypervisor of one release", XEN_DOMCTL_INTERFACE_VERSION);
	return rc;
}

int xc_do_sysctl(xc_interface *xch, struct xen_sysctl *sysctl)
{
	int rc;

	sysctl->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	rc = one_struct(xch, __HYPERVISOR_sysctl, sysctl, sizeof(*sysctl));
	if (rc < 0 && errno == EACCES)
		xc_fail(xch, XC_INTERNAL_ERROR, "the hypervisor has another sysctl version than 0x%x: "
			 "install tools and hypervisor of one release", XEN_SYSCTL_INTERFACE_VERSION);
	return rc;
}

int xc_do_platform(xc_interface *xch, struct xen_platform_op *op)
{
	op->interface_version = XENPF_INTERFACE_VERSION;
	return one_struct(xch, __HYPERVISOR_platform_op, op, sizeof(*op));
}

int xc_domctl(xc_interface *xch, struct xen_domctl *domctl)
{
	return xc_do_domctl(xch, domctl);
}

int xc_sysctl(xc_interface *xch, struct xen_sysctl *sysctl)
{
	return xc_do_sysctl(xch, sysctl);
}

int xc_do_physdev(xc_interface *xch, int cmd, void *arg, size_t len)
{
	return xc_do_two(xch, __HYPERVISOR_physdev_op, (unsigned long)cmd, arg, len);
}

/* Results may exceed an int: frames, extents, pages. */
long xc_do_memory_op(xc_interface *xch, unsigned int cmd, void *arg, size_t len)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(arg, len, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	long rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	rc = xencall2L(xch->xcall, __HYPERVISOR_memory_op, cmd, (unsigned long)b.hbuf);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

long xc_memory_op(xc_interface *xch, unsigned int cmd, void *arg, size_t len)
{
	return xc_do_memory_op(xch, cmd, arg, len);
}

int xc_domctl_with(xc_interface *xch, struct xen_domctl *domctl, xc_hypercall_buffer_t *b)
{
	int rc = xc_do_domctl(xch, domctl);
	xc_hypercall_buffer_t *const all[] = { b };

	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_version(xc_interface *xch, int cmd, void *arg)
{
	static const size_t sizes[] = {
		[XENVER_version] = 0,
		[XENVER_extraversion] = sizeof(xen_extraversion_t),
		[XENVER_compile_info] = sizeof(xen_compile_info_t),
		[XENVER_capabilities] = sizeof(xen_capabilities_info_t),
		[XENVER_changeset] = sizeof(xen_changeset_info_t),
		[XENVER_platform_parameters] = sizeof(xen_platform_parameters_t),
		[XENVER_get_features] = sizeof(xen_feature_info_t),
		[XENVER_pagesize] = 0,
		[XENVER_guest_handle] = sizeof(xen_domain_handle_t),
		[XENVER_commandline] = sizeof(xen_commandline_t),
	};
	size_t len;

	if (cmd == XENVER_build_id) {
		xen_build_id_t *id = arg;

		len = sizeof(*id) + (id ? id->len : 0);
	} else if (cmd >= 0 && (size_t)cmd < ARRAY_SIZE(sizes)) {
		len = sizes[cmd];
	} else {
		errno = EINVAL;
		return -1;
	}
	return xc_do_two(xch, __HYPERVISOR_xen_version, (unsigned long)cmd, len ? arg : NULL, len);
}

int xc_mmuext_op(xc_interface *xch, struct mmuext_op *op, unsigned int nr_ops, uint32_t dom)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(op, nr_ops * sizeof(*op), XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	rc = xencall4(xch->xcall, __HYPERVISOR_mmuext_op, (unsigned long)b.hbuf, nr_ops, 0, dom);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_gnttab_op(xc_interface *xch, int cmd, void *op, int op_size, int count)
{
	xc_hypercall_buffer_t b = XC_BOUNCE(op, (size_t)op_size * (size_t)count, XC_BOUNCE_BOTH);
	xc_hypercall_buffer_t *const all[] = { &b };
	int rc;

	if (xc_bounce_all(xch, all, 1))
		return -1;
	rc = xencall3(xch->xcall, __HYPERVISOR_grant_table_op, (uint64_t)cmd, (unsigned long)b.hbuf,
		      (uint64_t)count);
	xc_unbounce_all(xch, all, 1);
	return rc;
}

int xc_flask_op(xc_interface *xch, xen_flask_op_t *op)
{
	op->interface_version = XEN_FLASK_INTERFACE_VERSION;
	return one_struct(xch, __HYPERVISOR_xsm_op, op, sizeof(*op));
}

int xc_mca_op(xc_interface *xch, struct xen_mc *mc)
{
	mc->interface_version = XEN_MCA_INTERFACE_VERSION;
	return one_struct(xch, __HYPERVISOR_mca, mc, sizeof(*mc));
}

/* --- whole transfers on descriptors */

/* End of file is -1 with errno 0, so that a caller can tell it from an error. */
int read_exact(int fd, void *data, size_t size)
{
	char *p = data;

	while (size) {
		ssize_t n = read(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (!n)
				errno = 0;
			return -1;
		}
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int write_exact(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

#define IOV_BATCH 1024 /* IOV_MAX of Linux */

int writev_exact(int fd, const struct iovec *iov, int iovcnt)
{
	struct iovec part;
	size_t done = 0; /* bytes of iov[0] that are written */
	ssize_t n;

	while (iovcnt) {
		if (done || !iov->iov_len) {
			part.iov_base = (char *)iov->iov_base + done;
			part.iov_len = iov->iov_len - done;
			if (write_exact(fd, part.iov_base, part.iov_len))
				return -1;
			done = 0;
			iov++;
			iovcnt--;
			continue;
		}
		n = writev(fd, iov, iovcnt > IOV_BATCH ? IOV_BATCH : iovcnt);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		while (iovcnt && (size_t)n >= iov->iov_len) {
			n -= (ssize_t)iov->iov_len;
			iov++;
			iovcnt--;
		}
		done = (size_t)n;
	}
	return 0;
}

/* An image that is read or written once need not push others out of the page cache. */
void discard_file_cache(xc_interface *xch, int fd, int flush)
{
	int saved = errno;
	off_t at;

	if (flush && fsync(fd) < 0)
		goto out;
	at = lseek(fd, 0, SEEK_CUR);
	if (at > 0)
		posix_fadvise(fd, 0, at & ~(off_t)4095, POSIX_FADV_DONTNEED);
out:
	errno = saved;
}
