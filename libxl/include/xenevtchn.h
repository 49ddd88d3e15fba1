/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenevtchn: event channels through /dev/xen/evtchn.
 */
#ifndef XENEVTCHN_H
#define XENEVTCHN_H
#include <stdint.h>
#include <xen/event_channel.h>

/* A port, or -1 with errno. */
typedef int xenevtchn_port_or_error_t;
typedef struct xenevtchn_handle xenevtchn_handle;
struct xentoollog_logger;

/* Let the descriptor survive exec. */
#define XENEVTCHN_NO_CLOEXEC (1 << 0)
xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags);

/* Take over an open descriptor, bindings and all. */
xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned open_flags);

/* Closes all ports of the handle, too. */
int xenevtchn_close(xenevtchn_handle *xce);

/* Readable while a port is pending. */
int xenevtchn_fd(xenevtchn_handle *xce);
int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port);
xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid);
xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port);
xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq);
int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port);
xenevtchn_port_or_error_t

/*
 * Next pending port, masked until xenevtchn_unmask. Blocks unless the descriptor does not.
 */
xenevtchn_pending(xenevtchn_handle *xce);
int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port);

/* Only this domain as a peer from now on. */
int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid);
#endif
