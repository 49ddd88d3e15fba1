// SPDX-License-Identifier: LGPL-2.1-only
/* Event channels by ioctl, read and write of /dev/xen/evtchn. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/sys/evtchn.h>

#include "toolcore_internal.h"
#include "xenevtchn.h"

struct xenevtchn_handle {
	struct active_handle active;
	struct lib_log log;
	int fd;
};

static int restrict_cb(struct active_handle *ah, domid_t domid)
{
	return xenevtchn_restrict(container_of(ah, struct xenevtchn_handle, active), domid);
}

static xenevtchn_handle *make(struct xentoollog_logger *logger)
{
	struct xenevtchn_handle *xce = calloc(1, sizeof(*xce));

	if (!xce)
		return NULL;
	xce->active.restrict_cb = restrict_cb;
	xce->fd = -1;
	if (lib_log_open(&xce->log, logger)) {
		free(xce);
		errno = ENOMEM;
		return NULL;
	}
	return xce;
}

static void discard(struct xenevtchn_handle *xce)
{
	int saved = errno;

	lib_log_close(&xce->log);
	free(xce);
	errno = saved;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *xce;

	if (flags & ~XENEVTCHN_NO_CLOEXEC) {
		errno = EINVAL;
		return NULL;
	}
	xce = make(logger);
	if (!xce)
		return NULL;
	xce->fd = open("/dev/xen/evtchn", O_RDWR | (flags & XENEVTCHN_NO_CLOEXEC ? 0 : O_CLOEXEC));
	if (xce->fd < 0) {
		xtl_log(xce->log.to, XTL_ERROR, errno, "xenevtchn",
			"cannot open /dev/xen/evtchn (is xen-evtchn loaded?)");
		discard(xce);
		return NULL;
	}
	xentoolcore__register_active_handle(&xce->active);
	return xce;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned open_flags)
{
	struct xenevtchn_handle *xce;

	if (open_flags) {
		errno = EINVAL;
		return NULL;
	}
	xce = make(logger);
	if (!xce)
		return NULL;
	xce->fd = fd;
	xentoolcore__register_active_handle(&xce->active);
	return xce;
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	int rc;

	if (!xce)
		return 0;
	xentoolcore__deregister_active_handle(&xce->active);
	rc = close(xce->fd);
	discard(xce);
	return rc;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return xce->fd;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct ioctl_evtchn_notify arg = { .port = port };

	return ioctl(xce->fd, IOCTL_EVTCHN_NOTIFY, &arg);
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid)
{
	struct ioctl_evtchn_bind_unbound_port arg = { .remote_domain = domid };

	return ioctl(xce->fd, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &arg);
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port)
{
	struct ioctl_evtchn_bind_interdomain arg = { .remote_domain = domid, .remote_port = remote_port };

	return ioctl(xce->fd, IOCTL_EVTCHN_BIND_INTERDOMAIN, &arg);
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq)
{
	struct ioctl_evtchn_bind_virq arg = { .virq = virq };

	return ioctl(xce->fd, IOCTL_EVTCHN_BIND_VIRQ, &arg);
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct ioctl_evtchn_unbind arg = { .port = port };

	return ioctl(xce->fd, IOCTL_EVTCHN_UNBIND, &arg);
}

/* The device moves whole ports, so a short transfer can only be an error of the kernel. */
xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	evtchn_port_t port;
	ssize_t n = read(xce->fd, &port, sizeof(port));

	if (n == (ssize_t)sizeof(port))
		return (int)port;
	if (n >= 0)
		errno = EIO;
	return -1;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	ssize_t n = write(xce->fd, &port, sizeof(port));

	if (n == (ssize_t)sizeof(port))
		return 0;
	if (n >= 0)
		errno = EIO;
	return -1;
}

int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid)
{
	struct ioctl_evtchn_restrict_domid arg = { .domid = domid };

	return ioctl(xce->fd, IOCTL_EVTCHN_RESTRICT_DOMID, &arg);
}
