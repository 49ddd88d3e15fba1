/* SPDX-License-Identifier: LGPL-2.1-only */
/* Network interfaces of Domain 0, by rtnetlink over libmnl. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "device.h"

struct found {
	int index, mtu;
};

static int read_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct found *f = data;
	struct nlattr *a;

	f->index = ifi->ifi_index;
	mnl_attr_for_each(a, nlh, sizeof(*ifi))
		if (mnl_attr_get_type(a) == IFLA_MTU && !mnl_attr_validate(a, MNL_TYPE_U32))
			f->mtu = (int)mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

/* Sends one request and reads up to its answer. 0 or a negative errno. */
static int ask(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	char buf[16384];
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	ssize_t n;
	int r = -1;

	if (!nl)
		return -errno;
	nlh->nlmsg_seq = 1;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		goto out;
	n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (n >= 0)
		r = mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), cb, data);
out:
	r = r < 0 ? -errno : 0;
	mnl_socket_close(nl);
	return r;
}

static struct nlmsghdr *request(char *buf, uint16_t type, uint16_t flags, int index)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifi;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = index;
	return nlh;
}

int link_find(const char *name, int *mtu)
{
	char buf[1024];
	struct nlmsghdr *nlh = request(buf, RTM_GETLINK, 0, 0);
	struct found f = { 0 };
	int r;

	if (strlen(name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	r = ask(nlh, read_link, &f);
	if (mtu)
		*mtu = f.mtu;
	return r ? r : f.index ? f.index : -ENODEV;
}

bool link_is_bridge(const char *name)
{
	char path[64];

	/* An Open vSwitch bridge is none to the kernel, but it has scripts of its own. */
	snprintf(path, sizeof(path), "/sys/class/net/%.16s/bridge", name);
	return !access(path, F_OK);
}

int link_set(int index, const struct link_change *c)
{
	char buf[1024];
	struct nlmsghdr *nlh = request(buf, RTM_NEWLINK, NLM_F_ACK, index);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (c->up >= 0) {
		ifi->ifi_change = IFF_UP;
		ifi->ifi_flags = c->up ? IFF_UP : 0;
	}
	if (c->rename)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, c->rename);
	if (c->mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, 6, c->mac);
	if (c->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, (uint32_t)c->mtu);
	if (c->master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)c->master);
	return ask(nlh, NULL, NULL);
}

int link_monitor(void)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What happened is asked for by name afterwards, so the messages themselves do not matter. */
void link_drain(int fd)
{
	char buf[8192];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}
