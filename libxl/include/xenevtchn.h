/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenevtchn: event channels through /dev/xen/evtchn.
 *
 * Functions return 0, a port or a pointer; -1 or NULL with errno when they fail. Numbers, limits and the meaning of a
 * refusal are those of public/event_channel.h: ENOSPC when the domain has no port left, EINVAL for a port that is not
 * of this handle, ESRCH for a domain that is not there. A handle may be used by one thread at a time; after fork() the
 * child must not use it.
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

/* A handle of its own, without ports. logger: where failures are told, NULL for stderr. EINVAL: unknown flags. */
xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags);

/* Takes over an open descriptor of the device, with the ports bound to it. open_flags must be 0. */
xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned open_flags);

/* Closes all ports of the handle, too. NULL is allowed. */
int xenevtchn_close(xenevtchn_handle *xce);

/* The descriptor, which is readable while a port is pending; O_NONBLOCK may be set on it. */
int xenevtchn_fd(xenevtchn_handle *xce);

/* Sends an event to the other end of a port. */
int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port);

/* A new port that only domid may bind to. Ports are unmasked when they are bound. */
xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid);

/* A new port, bound to remote_port of domid. It is pending at once. */
xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid,
						     evtchn_port_t remote_port);

/* A port for a virtual interrupt (VIRQ_ of public/xen.h). EEXIST: somebody has that one. */
xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq);

/* Closes one port. What was pending on it is gone. */
int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port);

/* The next pending port, masked until xenevtchn_unmask(). Waits for one; with O_NONBLOCK it fails with EAGAIN. */
xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce);

/* Lets a port that xenevtchn_pending() returned be pending again. */
int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port);

/* Ports can be bound to this domain only from now on, and to no virtual interrupt. There is no way back. */
int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid);
#endif
