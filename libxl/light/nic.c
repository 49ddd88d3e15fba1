/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Virtual network interfaces. netback makes vifDOMID.DEVID as soon as it sees the device; we wait for it
 * by netlink and put it on its bridge. Only a script= of the user's runs a script.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devlist.h"
#include "domain.h"
#include "nic.h"
#include "paths.h"

#define DEFAULT_BRIDGE "xenbr0"
#define DEFAULT_MTU 1500
#define NETDEV_WAIT_MS 30000

struct nic_priv {
	int monitor;		/* -1: none */
	struct xl_fd fd;
	struct xl_timer timer;
	struct xl_op *op;
	struct dev_add *a;
	char *netdev;		/* netback's name for it */
	int bridge, mtu;
};

/*
 * The user's script, NULL if there is none. A configuration may name the one that 4.17 runs by default: what it does
 * is done here, unless the host still has it.
 */
static const char *user_script(const libxl_device_nic *nic)
{
	static const char usual[] = "vif-bridge";

	if (!nic->script)
		return NULL;
	if ((!strcmp(nic->script, usual) || !strcmp(nic->script, XEN_SCRIPT_DIR "/vif-bridge")) &&
	    access(XEN_SCRIPT_DIR "/vif-bridge", F_OK))
		return NULL;
	return nic->script;
}

int nic_defaults(libxl_ctx *ctx, uint32_t domid, libxl_device_nic *nic)
{
	static const libxl_mac none;

	if (!memcmp(nic->mac, none, sizeof(none))) {
		/* 00:16:3e is the prefix set aside for Xen guests. */
		nic->mac[0] = 0x00;
		nic->mac[1] = 0x16;
		nic->mac[2] = 0x3e;
		if (xl_random(nic->mac + 3, 3)) {
			LOGE(ctx, ERROR, "no randomness for a MAC address yet: name one with mac=");
			return ERROR_FAIL;
		}
		nic->mac[3] &= 0x7f;
	}
	if (nic->nictype == LIBXL_NIC_TYPE_UNKNOWN)
		nic->nictype = LIBXL_NIC_TYPE_VIF;
	return 0;
}

void nic_choose_bridge(libxl_device_nic *nic)
{
	if (!nic->bridge && !user_script(nic) && !nic->gatewaydev)
		nic->bridge = xl_strdup(DEFAULT_BRIDGE);
}

int nic_check(libxl_ctx *ctx, uint32_t domid, const libxl_device_nic *nic)
{
	int mtu, r;

	if (!backend_in_dom0(ctx, nic->backend_domid, nic->backend_domname)) {
		LOGD(ctx, ERROR, domid, "vif %d: backends outside Domain 0 are not available in this release",
			nic->devid);
		return ERROR_NI;
	}
	if (nic->nictype == LIBXL_NIC_TYPE_VIF_IOEMU) {
		LOGD(ctx, ERROR, domid, "vif %d: type=ioemu is for HVM guests: leave it out", nic->devid);
		return ERROR_INVAL;
	}
	if (nic->ifname && (!nic->ifname[0] || strlen(nic->ifname) >= IFNAMSIZ || strchr(nic->ifname, '/'))) {
		LOGD(ctx, ERROR, domid, "vif %d: \"%s\" cannot be the name of an interface", nic->devid, nic->ifname);
		return ERROR_INVAL;
	}
	if (user_script(nic) || !nic->bridge)
		return 0;
	r = link_find(nic->bridge, &mtu);
	if (r < 0 || !link_is_bridge(nic->bridge)) {
		LOGD(ctx, ERROR, domid, "vif %d: there is no bridge %s: make it (ip link add %s type bridge; ip "
			"link set %s up), or name another with bridge=", nic->devid, nic->bridge, nic->bridge,
			nic->bridge);
		return ERROR_INVAL;
	}
	return 0;
}

static void stop_monitor(struct nic_priv *p)
{
	loop_fd_del(&p->fd);
	loop_timer_cancel(&p->timer);
	if (p->monitor >= 0)
		close(p->monitor);
	p->monitor = -1;
}

static int nic_prepare(struct xl_op *op, struct dev_add *a)
{
	libxl_device_nic *nic = a->config;
	struct nic_priv *p = gc_zalloc(&op->gc, sizeof(*p));
	int rc;

	a->priv = p;
	p->monitor = -1;
	p->fd.fd = -1;
	if (nic->devid < 0)
		nic->devid = device_next_id(op->ctx, a->domid, "vif");
	a->name = gc_printf(&op->gc, "vif %d", nic->devid);
	rc = nic_defaults(op->ctx, a->domid, nic);
	nic_choose_bridge(nic);
	if (!rc)
		rc = nic_check(op->ctx, a->domid, nic);
	if (rc)
		return rc;
	device_init(&a->d, &op->gc, a->domid, "vif", nic->devid);
	p->netdev = gc_printf(&op->gc, "vif%u.%d", a->domid, nic->devid);
	p->mtu = nic->mtu;
	if (nic->bridge && !user_script(nic)) {
		int mtu = 0;

		p->bridge = link_find(nic->bridge, &mtu);
		if (!p->mtu)
			p->mtu = mtu;
	}
	if (!p->mtu)
		p->mtu = DEFAULT_MTU;
	/* Listen before netback can act. */
	p->monitor = link_monitor();
	if (p->monitor < 0) {
		LOGED(op->ctx, ERROR, a->domid, "%s: cannot listen for network interfaces", a->name);
		return ERROR_FAIL;
	}
	return 0;
}

static void nic_unprepare(struct xl_op *op, struct dev_add *a)
{
	if (a->priv)
		stop_monitor(a->priv);
}

static void nic_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_nic *nic = a->config;
	struct nic_priv *p = a->priv;
	const struct xl_device *v = &a->d;
	char *mac = gc_printf(b->gc, LIBXL_MAC_FMT, LIBXL_MAC_BYTES(nic->mac));
	char *devid = gc_printf(b->gc, "%d", v->devid);

	/* netback does not start without this node, whoever configures the interface. */
	device_put(b, v, "script", user_script(nic) ? nic->script : XEN_SCRIPT_DIR "/vif-bridge");
	if (user_script(nic))
		batch_put(b, v->tools, "user-script", nic->script);
	if (nic->ifname)
		device_put(b, v, "vifname", nic->ifname);
	device_put(b, v, "mac", mac);
	if (nic->ip)
		device_put(b, v, "ip", nic->ip);
	if (nic->gatewaydev)
		device_put(b, v, "gatewaydev", nic->gatewaydev);
	if (nic->rate_bytes_per_interval)
		device_put(b, v, "rate", gc_printf(b->gc, "%llu,%u",
			(unsigned long long)nic->rate_bytes_per_interval, nic->rate_interval_usecs));
	if (nic->bridge)
		device_put(b, v, "bridge", nic->bridge);
	device_put(b, v, "handle", devid);
	device_put(b, v, "type", "vif");
	batch_put(b, v->tools, "hotplug-status", "");
	batch_put(b, v->front, "handle", devid);
	batch_put(b, v->front, "mac", mac);
	batch_put(b, v->front, "trusted", libxl_defbool_is_default(nic->trusted) ||
		libxl_defbool_val(nic->trusted) ? "1" : "0");
	batch_node(b, ACCESS_READ, v->domid, 0, gc_printf(b->gc, "%d", p->mtu), "%s/mtu", v->front);
}

static int no_link(struct dev_add *a, const char *what, int e)
{
	errno = -e;
	LOGED(((struct nic_priv *)a->priv)->op->ctx, ERROR, a->domid, "%s: cannot %s", a->name, what);
	return ERROR_FAIL;
}

/* The interface has no address of its own to speak of, so that the bridge does not take it. */
static int configure(struct dev_add *a, int index)
{
	static const unsigned char neutral[6] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	const libxl_device_nic *nic = a->config;
	struct nic_priv *p = a->priv;
	struct link_change c = { .rename = nic->ifname, .mac = neutral, .mtu = p->mtu, .up = 0 };
	int r;

	r = link_set(index, &c);
	if (r && p->mtu != DEFAULT_MTU) {
		c.mtu = 0;
		r = link_set(index, &c);
	}
	if (r)
		return no_link(a, "set up its interface", r);
	c = (struct link_change){ .master = p->bridge, .up = 1 };
	r = link_set(index, &c);
	if (r)
		return no_link(a, gc_printf(&p->op->gc, "join the bridge %s", nic->bridge), r);
	return xs_set(p->op->ctx, "connected", "%s/hotplug-status", a->d.back) ? 0 : ERROR_FAIL;
}

static int run_script(struct xl_op *op, struct dev_add *a)
{
	const libxl_device_nic *nic = a->config;
	struct nic_priv *p = a->priv;
	static const char *const args[] = { "online", "type_if=vif", NULL };
	const char **env = gc_zalloc(&op->gc, 8 * sizeof(*env));
	struct hotplug *h = gc_zalloc(&op->gc, sizeof(*h));

	env[0] = "vif";
	env[1] = p->netdev;
	env[2] = "netdev";
	env[3] = nic->gatewaydev ? nic->gatewaydev : "";
	h->word = a->name;
	return hotplug_run(op, h, &a->d, nic->script, args, env);
}

/* 1: not there yet */
static int plug_if_there(struct dev_add *a)
{
	struct nic_priv *p = a->priv;
	int index = link_find(p->netdev, NULL);

	if (index == -ENODEV)
		return 1;
	if (index < 0)
		return no_link(a, "look for its interface", index);
	return configure(a, index);
}

static void interfaces_changed(struct xl_fd *f, short revents)
{
	struct nic_priv *p = f->arg;
	int rc;

	link_drain(p->monitor);
	rc = plug_if_there(p->a);
	if (rc == 1)
		return;
	stop_monitor(p);
	op_resume(p->op, rc);
}

static void interface_late(struct xl_timer *t)
{
	struct nic_priv *p = t->arg;

	LOGD(p->op->ctx, ERROR, p->a->domid, "%s: netback made no interface %s within %d s: see the kernel's "
		"log", p->a->name, p->netdev, NETDEV_WAIT_MS / 1000);
	stop_monitor(p);
	op_resume(p->op, ERROR_TIMEDOUT);
}

static void plug_abort(struct xl_op *op, void *arg)
{
	stop_monitor(arg);
	op_resume(op, ERROR_ABORTED);
}

static int nic_plug(struct xl_op *op, struct dev_add *a)
{
	const libxl_device_nic *nic = a->config;
	struct nic_priv *p = a->priv;
	int rc;

	p->op = op;
	p->a = a;
	if (user_script(nic)) {
		stop_monitor(p);
		return run_script(op, a);
	}
	rc = plug_if_there(a);
	if (rc != 1) {
		stop_monitor(p);
		return rc;
	}
	rc = loop_fd_add(op->ctx, &p->fd, p->monitor, POLLIN, interfaces_changed, p);
	if (rc)
		return rc;
	loop_timer_set(op->ctx, &p->timer, NETDEV_WAIT_MS, interface_late, p);
	op_abortable(op, plug_abort, p);
	return XL_WAIT;
}

const struct dev_class nic_class = {
	.kind = "vif", .word = "vif", .attach = "network-attach", .detach = "network-detach", .type = &xl_type_device_nic,
	.prepare = nic_prepare, .unprepare = nic_unprepare, .nodes = nic_nodes, .check = devlist_check_free,
	.plug = nic_plug, .script_add = "online", .script_remove = "offline",
};
DEVICE_VERBS(nic)

/* Reading back. */

static void nic_read(libxl_ctx *ctx, struct xl_gc *gc, const char *dir, int devid, libxl_device_nic *nic)
{
	char *mac, *rate;

	libxl_device_nic_init(nic);
	nic->devid = devid;
	mac = xs_get(ctx, gc, XBT_NULL, "%s/mac", dir);
	if (mac)
		xl_mac_parse(mac, nic->mac);
	nic->ip = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/ip", dir));
	nic->bridge = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/bridge", dir));
	nic->ifname = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/vifname", dir));
	nic->script = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/user-script", dir));
	nic->gatewaydev = xl_strdup(xs_get(ctx, gc, XBT_NULL, "%s/gatewaydev", dir));
	rate = xs_get(ctx, gc, XBT_NULL, "%s/rate", dir);
	if (rate)
		sscanf(rate, "%lu,%u", &nic->rate_bytes_per_interval, &nic->rate_interval_usecs);
	nic->nictype = LIBXL_NIC_TYPE_VIF;
}

libxl_device_nic *libxl_device_nic_list(libxl_ctx *ctx, uint32_t domid, int *num)
{
	libxl_device_nic *list;
	XL_GC(gc);
	unsigned i, n;
	char **ids;

	XL_ENTER(ctx);
	ids = xs_list(ctx, &gc, &n, "/libxl/%u/device/vif", domid);
	list = xl_zalloc((n + 1) * sizeof(*list));
	for (i = 0; i < n; i++)
		nic_read(ctx, &gc, gc_printf(&gc, "/libxl/%u/device/vif/%s", domid, ids[i]), atoi(ids[i]),
			&list[i]);
	*num = (int)n;
	return list;
}

void libxl_device_nic_list_free(libxl_device_nic *list, int num)
{
	devlist_free(&nic_class, list, num);
}

int libxl_devid_to_device_nic(libxl_ctx *ctx, uint32_t domid, int devid, libxl_device_nic *nic)
{
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	libxl_device_nic_init(nic);
	device_find(ctx, &d, &gc, domid, "vif", devid);
	if (!device_exists(ctx, &d))
		return ERROR_FAIL;
	nic_read(ctx, &gc, d.tools, devid, nic);
	return 0;
}

int libxl_mac_to_device_nic(libxl_ctx *ctx, uint32_t domid, const char *mac, libxl_device_nic *nic)
{
	libxl_device_nic *list;
	libxl_mac wanted;
	int i, n, rc = ERROR_INVAL;

	libxl_device_nic_init(nic);
	if (xl_mac_parse(mac, wanted))
		return ERROR_INVAL;
	list = libxl_device_nic_list(ctx, domid, &n);
	for (i = 0; rc && i < n; i++) {
		if (memcmp(list[i].mac, wanted, sizeof(wanted)))
			continue;
		*nic = list[i];
		libxl_device_nic_init(&list[i]);
		rc = 0;
	}
	libxl_device_nic_list_free(list, n);
	return rc;
}

int libxl_device_nic_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_nic *nic,
	libxl_nicinfo *nicinfo)
{
	struct xl_device d;
	XL_GC(gc);

	XL_ENTER(ctx);
	libxl_nicinfo_init(nicinfo);
	device_find(ctx, &d, &gc, domid, "vif", nic->devid);
	if (!device_exists(ctx, &d))
		return ERROR_FAIL;
	nicinfo->devid = nic->devid;
	nicinfo->backend = xl_strdup(d.back);
	nicinfo->frontend = xl_strdup(d.front);
	nicinfo->frontend_id = domid;
	nicinfo->state = device_number(ctx, d.front, "state");
	nicinfo->evtch = device_number(ctx, d.front, "event-channel");
	nicinfo->rref_tx = device_number(ctx, d.front, "tx-ring-ref");
	nicinfo->rref_rx = device_number(ctx, d.front, "rx-ring-ref");
	return 0;
}
