/* SPDX-License-Identifier: MIT */
/*
 * ioctls of /dev/xen/evtchn (Linux). Read gives ports that fired and stay masked, write unmasks
 * them.
 */
#ifndef __LINUX_PUBLIC_EVTCHN_H__
#define __LINUX_PUBLIC_EVTCHN_H__

/* Binds return the local port. One virtual interrupt (VIRQ_): */
#define IOCTL_EVTCHN_BIND_VIRQ _IOC(_IOC_NONE, 'E', 0, sizeof(struct ioctl_evtchn_bind_virq))

struct ioctl_evtchn_bind_virq {
	unsigned int virq;
};

/* To a port that another domain left unbound for this one. */
#define IOCTL_EVTCHN_BIND_INTERDOMAIN                                                              \
	_IOC(_IOC_NONE, 'E', 1, sizeof(struct ioctl_evtchn_bind_interdomain))

struct ioctl_evtchn_bind_interdomain {
	unsigned int remote_domain, remote_port;
};

/* A port to which remote_domain may bind. */
#define IOCTL_EVTCHN_BIND_UNBOUND_PORT                                                             \
	_IOC(_IOC_NONE, 'E', 2, sizeof(struct ioctl_evtchn_bind_unbound_port))

struct ioctl_evtchn_bind_unbound_port {
	unsigned int remote_domain;
};
#define IOCTL_EVTCHN_UNBIND _IOC(_IOC_NONE, 'E', 3, sizeof(struct ioctl_evtchn_unbind))

struct ioctl_evtchn_unbind {
	unsigned int port;
};
#define IOCTL_EVTCHN_NOTIFY _IOC(_IOC_NONE, 'E', 4, sizeof(struct ioctl_evtchn_notify))

struct ioctl_evtchn_notify {
	unsigned int port;
};

/* Empties the ring of ports, after it overflowed (read gave EFBIG). */
#define IOCTL_EVTCHN_RESET _IOC(_IOC_NONE, 'E', 5, 0)

/* From now on this descriptor binds ports of that domain only. */
#define IOCTL_EVTCHN_RESTRICT_DOMID                                                                \
	_IOC(_IOC_NONE, 'E', 6, sizeof(struct ioctl_evtchn_restrict_domid))

struct ioctl_evtchn_restrict_domid {
	domid_t domid;
};
#endif
