// SPDX-License-Identifier: GPL-2.0-only
/* why: devices whose two sides do not agree. */
#include <stdlib.h>
#include <string.h>

#include <xen/io/xenbus.h>

#include "why.h"

struct device {
	const char *kind, *id;
	char *front, *back; /* paths */
	int front_state, back_state; /* -1: none */
};

/* Who has to move, the last word of what is wrong; NULL: nothing is. */
struct judgement {
	const char *waits_for, *text, *next;
};

static const struct judgement no_backend = { "backend",
	"nothing in the backend's domain has taken it up",
	"load the backend's module there (xen-blkback, xen-netback), see dmesg there" };
static const struct judgement no_program = { "backend",
	"no program in the backend's domain has taken it up",
	"start the one that serves such devices, see its log (QEMU's is in /var/log/xen)" };
static const struct judgement hotplug = { "hotplug",
	"its hotplug script has not said that it is done", "see /var/log/xen and dmesg in the backend's domain" };
static const struct judgement guest_connects = { "guest",
	"the backend is ready, the guest's driver has not connected: it boots yet, or has no such driver",
	"look at its console" };
static const struct judgement guest_closes = { "guest",
	"the backend closes, the guest has not let go of it: it may be in use there",
	"release it in the guest (umount, ip link set down), or take it away by block-detach -f" };
static const struct judgement backend_closes = { "backend",
	"the guest has closed it, the backend has not: requests may be on their way to the disk or network behind it",
	"see dmesg in the backend's domain" };
static const struct judgement backend_connects = { "backend",
	"the guest's driver is ready, the backend has not connected", "see dmesg in the backend's domain" };
static const struct judgement backend_left = { "guest",
	"the backend has given it up, the guest has not", "detach it and attach it again" };
static const struct judgement backend_holds = { "backend",
	"the domain is gone, its backend is not: it may hold pages of the domain",
	"see dmesg in the backend's domain" };

static bool served_by_kernel(const struct device *d)
{
	return strstr(d->back, "/backend/vbd/") || strstr(d->back, "/backend/vif/");
}

static const struct judgement *judge(const struct device *d, bool dying, bool plugged)
{
	int front = d->front_state, back = d->back_state;

	if (dying)
		return back < 0 || back == XenbusStateClosed ? NULL : &backend_holds;
	if (back < 0 || back == XenbusStateInitialising)
		return served_by_kernel(d) ? &no_backend : &no_program;
	if (back == XenbusStateClosed)
		return front == XenbusStateClosed ? NULL : &backend_left;
	if (front == XenbusStateClosed || front == XenbusStateClosing)
		return &backend_closes;
	if (back == XenbusStateClosing)
		return &guest_closes;
	if (back == XenbusStateConnected && front == XenbusStateConnected)
		return NULL;
	if (front <= XenbusStateInitWait)
		return &guest_connects;
	return plugged ? &backend_connects : &hotplug;
}

static const char *state_word(int state)
{
	const char *word = state < 0 ? "none" : device_state_name(state);

	return word ? word : "of no meaning";
}

static void tell(struct report *r, const struct device *d, const struct judgement *j)
{
	static const char home[] = "/local/domain/0/";
	const size_t n = sizeof(home) - 1;
	char *error = strncmp(d->back, home, n) ? NULL : store_read(r, "%serror/%s/error", home, d->back + n);
	struct finding *f;

	f = report_add(r, "device", xl_strdup(j->next),
		       "device %s %s (backend %s, guest %s): %s%s%s", d->kind, d->id, state_word(d->back_state),
		       state_word(d->front_state), j->text, error ? "; its backend said: " : "", error ? error : "");
	fact_text(f, "device", d->kind);
	fact_text(f, "devid", d->id);
	fact_text(f, "waits_for", j->waits_for);
	fact_text(f, "backend_state", state_word(d->back_state));
	fact_text(f, "frontend_state", state_word(d->front_state));
	fact_text(f, "backend_path", d->back);
	fact_text(f, "error", error);
	free(error);
}

static void look_at(struct report *r, struct device *d, bool dying)
{
	/* Only what has a script has this node once that is done; a disk without one is plugged by the kernel. */
	char *script = store_read(r, "%s/script", d->back), *status = store_read(r, "%s/hotplug-status", d->back);
	const struct judgement *j;

	d->back_state = (int)store_number(r, "%s/state", d->back);
	d->front_state = (int)store_number(r, "%s/state", d->front);
	j = judge(d, dying, !script || (status && !strcmp(status, "connected")));
	if (j)
		tell(r, d, j);
	free(script);
	free(status);
}

/*
 * The toolstack's own directory, which a guest cannot write, says where a backend is. What is not there and has a
 * backend all the same has been left by a removal, or by one that was killed over it.
 */
static void known_device(struct report *r, uint32_t domid, const char *kind, const char *id, bool dying)
{
	struct device d = { .kind = kind, .id = id };

	d.back = store_read(r, "/libxl/%u/device/%s/%s/backend", domid, kind, id);
	d.front = xl_printf("/local/domain/%u/device/%s/%s", domid, kind, id);
	if (d.back)
		look_at(r, &d, dying);
	free(d.back);
	free(d.front);
}

/* A disk's backend may be of another kind than its front, which says where the toolstack keeps it. */
static void left_device(struct report *r, uint32_t domid, const char *kind, const char *id, bool dying)
{
	struct device d = { .kind = kind, .id = id };
	char *home = xl_printf("/local/domain/%u/", domid), *known = NULL;

	d.back = xl_printf("/local/domain/0/backend/%s/%u/%s", kind, domid, id);
	d.front = store_read(r, "%s/frontend", d.back);
	if (d.front && !strncmp(d.front, home, strlen(home)))
		known = store_read(r, "/libxl/%u/%s/backend", domid, d.front + strlen(home));
	if (!d.front)
		d.front = xl_printf("%sdevice/%s/%s", home, kind, id);
	if (!known)
		look_at(r, &d, dying);
	free(home);
	free(known);
	free(d.back);
	free(d.front);
}

/* The console daemon takes part in no negotiation of states. */
static bool negotiates(const char *kind)
{
	return strcmp(kind, "console");
}

static void devices_of_kind(struct report *r, uint32_t domid, const char *kind, bool left, bool dying)
{
	unsigned int count;
	char **id = left ? store_list(r, &count, "/local/domain/0/backend/%s/%u", kind, domid) :
			   store_list(r, &count, "/libxl/%u/device/%s", domid, kind);

	for (unsigned int i = 0; id && i < count; i++)
		(left ? left_device : known_device)(r, domid, kind, id[i], dying);
	free(id);
}

static void devices(struct report *r, uint32_t domid, bool left, bool dying)
{
	unsigned int count;
	char **kind = left ? store_list(r, &count, "/local/domain/0/backend") :
			     store_list(r, &count, "/libxl/%u/device", domid);

	for (unsigned int i = 0; kind && i < count; i++)
		if (negotiates(kind[i]))
			devices_of_kind(r, domid, kind[i], left, dying);
	free(kind);
}

void why_devices(struct report *r, uint32_t domid, bool dying)
{
	devices(r, domid, false, dying);
	devices(r, domid, true, dying);
}
