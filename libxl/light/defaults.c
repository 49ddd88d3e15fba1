/* SPDX-License-Identifier: LGPL-2.1-only */
/* The decode half of creation: defaults, and every refusal that needs no domain yet. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "create.h"
#include "devlist.h"
#include "disk.h"
#include "domain.h"
#include "nic.h"

#define DEFAULT_MEMKB 32768
#define LEAST_MEMKB 1024
#define DEFAULT_EVENT_CHANNELS 1023
#define MOST_VCPUS 8192
#define SID_OF_GUESTS 12	/* what a policy's initial labels call a domain U */

#define REFUSE(ctx, ...) (LOGX((ctx), ERROR, __VA_ARGS__), ERROR_INVAL)

/* The first pool always has CPUs. */
static int check_pool(libxl_ctx *ctx, struct create *c)
{
	const libxl_domain_create_info *i = &c->given->c_info;
	libxl_cpupoolinfo info;
	bool empty;

	if (!i->pool_name)
		c->poolid = i->poolid;
	else if (libxl_cpupool_qualifier_to_cpupoolid(ctx, i->pool_name, &c->poolid, NULL))
		return REFUSE(ctx, "there is no CPU pool \"%s\" (xl cpupool-list)", i->pool_name);
	if (!c->poolid)
		return 0;
	if (libxl_cpupool_info(ctx, &info, c->poolid))
		return REFUSE(ctx, "there is no CPU pool %u (xl cpupool-list)", c->poolid);
	empty = !libxl_bitmap_count_set(&info.cpumap);
	libxl_cpupoolinfo_dispose(&info);
	return empty ? REFUSE(ctx, "CPU pool %u has no CPU: give it one (xl cpupool-cpu-add)", c->poolid) : 0;
}

static int decode_create_info(libxl_ctx *ctx, struct create *c)
{
	libxl_domain_create_info *i = &c->given->c_info;
	int rc;

	if (!i->name || !i->name[0])
		return REFUSE(ctx, "it has no name: set name=");
	if (strchr(i->name, '/') || strlen(i->name) > 200)
		return REFUSE(ctx, "a name cannot hold a slash nor be longer than 200 bytes");
	if (i->type == LIBXL_DOMAIN_TYPE_INVALID)
		return REFUSE(ctx, "it has no type: set type=\"pv\"");
	if (i->type != LIBXL_DOMAIN_TYPE_PV) {
		LOGX(ctx, ERROR, "type \"%s\" is not available in this release, only \"pv\"",
			libxl_domain_type_to_string(i->type));
		return ERROR_NI;
	}
	if (libxl_uuid_is_nil(&i->uuid))
		libxl_uuid_generate(&i->uuid);
	rc = check_pool(ctx, c);
	if (rc)
		return rc;
	if (i->passthrough == LIBXL_PASSTHROUGH_ENABLED || i->passthrough >= LIBXL_PASSTHROUGH_SYNC_PT)
		return REFUSE(ctx, "passing devices through is not available in this release");
	libxl_defbool_setdefault(&i->run_hotplug_scripts, true);
	return name_check_free(ctx, XBT_NULL, i->name, ~0u);
}

/* The hypervisor's number of a label; a hypervisor without labels needs none. */
static int decode_label(libxl_ctx *ctx, char *label, uint32_t *sid)
{
	if (!label || !libxl_flask_context_to_sid(ctx, label, strlen(label), sid))
		return 0;
	if (errno != ENOSYS)
		return REFUSE(ctx, "its security label \"%s\" is not one of the hypervisor's policy: %s", label,
			strerror(errno));
	LOGX(ctx, WARN, "the hypervisor has no security labels: \"%s\" is passed over", label);
	return 0;
}

static int decode_labels(libxl_ctx *ctx, libxl_domain_config *full)
{
	libxl_domain_create_info *i = &full->c_info;
	int rc = decode_label(ctx, i->ssid_label, &i->ssidref);

	if (!i->ssidref)
		i->ssidref = SID_OF_GUESTS;
	return rc ? rc : decode_label(ctx, full->b_info.exec_ssid_label, &full->b_info.exec_ssidref);
}

static int check_memory(libxl_ctx *ctx, struct create *c, libxl_domain_build_info *b)
{
	if (b->max_memkb == LIBXL_MEMKB_DEFAULT)
		b->max_memkb = b->target_memkb == LIBXL_MEMKB_DEFAULT ? DEFAULT_MEMKB : b->target_memkb;
	if (b->target_memkb == LIBXL_MEMKB_DEFAULT)
		b->target_memkb = b->max_memkb;
	if (b->u.pv.slack_memkb == LIBXL_MEMKB_DEFAULT)
		b->u.pv.slack_memkb = 0;
	if (b->target_memkb > b->max_memkb)
		return REFUSE(ctx, "memory (%llu KiB) is more than maxmem (%llu KiB)",
			(unsigned long long)b->target_memkb, (unsigned long long)b->max_memkb);
	if (b->target_memkb < LEAST_MEMKB)
		return REFUSE(ctx, "%llu KiB of memory are too few for any guest: memory= is in MiB",
			(unsigned long long)b->target_memkb);
	return 0;
}

static int check_kernel(libxl_ctx *ctx, struct create *c, const libxl_domain_build_info *b)
{
	if (c->restore_fd >= 0 || b->bootloader)
		return 0;
	if (!b->kernel)
		return REFUSE(ctx, "nothing to boot: set kernel=, or bootloader=\"pygrub\" to take the kernel "
			"from its disk");
	if (access(b->kernel, R_OK))
		return REFUSE(ctx, "cannot read its kernel %s: %s", b->kernel, strerror(errno));
	if (b->ramdisk && access(b->ramdisk, R_OK))
		return REFUSE(ctx, "cannot read its ramdisk %s: %s", b->ramdisk, strerror(errno));
	return 0;
}

static int decode_build_info(libxl_ctx *ctx, struct create *c)
{
	libxl_domain_build_info *b = &c->full.b_info;
	libxl_physinfo phys;
	int rc;

	if (b->type != c->full.c_info.type)
		return REFUSE(ctx, "its parts disagree about its type");
	rc = libxl__domain_build_info_copy_deprecated(ctx, b);
	if (!rc)
		rc = check_memory(ctx, c, b);
	if (rc)
		return rc;
	if (!b->max_vcpus)
		b->max_vcpus = 1;
	if (b->max_vcpus < 0 || b->max_vcpus > MOST_VCPUS)
		return REFUSE(ctx, "%d vCPUs are not possible", b->max_vcpus);
	if (!b->avail_vcpus.size) {
		libxl_bitmap_alloc(ctx, &b->avail_vcpus, 1);
		libxl_bitmap_set(&b->avail_vcpus, 0);
	}
	if (libxl_bitmap_count_set(&b->avail_vcpus) > b->max_vcpus)
		return REFUSE(ctx, "vcpus (%d) are more than maxvcpus (%d)",
			libxl_bitmap_count_set(&b->avail_vcpus), b->max_vcpus);
	libxl_defbool_setdefault(&b->claim_mode, false);
	libxl_defbool_setdefault(&b->localtime, false);
	libxl_defbool_setdefault(&b->disable_migrate, false);
	libxl_defbool_setdefault(&b->vpmu, false);
	if (!b->event_channels)
		b->event_channels = DEFAULT_EVENT_CHANNELS;
	if (b->max_grant_frames == LIBXL_MAX_GRANT_DEFAULT)
		b->max_grant_frames = LIBXL_MAX_GRANT_FRAMES_DEFAULT;
	if (b->max_maptrack_frames == LIBXL_MAX_GRANT_DEFAULT)
		b->max_maptrack_frames = LIBXL_MAX_MAPTRACK_FRAMES_DEFAULT;
	if (b->max_grant_version < 0) {
		rc = libxl_get_physinfo(ctx, &phys);
		if (rc)
			return rc;
		b->max_grant_version = phys.cap_gnttab_v2 ? 2 : phys.cap_gnttab_v1 ? 1 : 0;
	}
	if (b->num_vnuma_nodes)
		return REFUSE(ctx, "virtual NUMA nodes (vnuma=) are not available in this release: leave them out");
	return check_kernel(ctx, c, b);
}

/* Classes of devices that this release does not have: say so before anything is built. */
static int check_absent_devices(libxl_ctx *ctx, struct create *c)
{
	const libxl_domain_config *d = &c->full;
	const struct {
		int n;
		const char *what;
	} absent[] = {
		{ d->num_pcidevs, "pci=" }, { d->num_rdms, "rdm=" }, { d->num_dtdevs, "dtdev=" },
		{ d->num_p9s, "p9=" }, { d->num_pvcallsifs, "pvcalls=" }, { d->num_usbctrls, "usbctrl=" },
		{ d->num_usbdevs, "usbdev=" },
	};
	size_t i;

	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		if (!absent[i].n)
			continue;
		LOGX(ctx, ERROR, "%s is not available in this release: leave it out", absent[i].what);
		return ERROR_NI;
	}
	return 0;
}

static int decode_disks(libxl_ctx *ctx, struct create *c)
{
	int i, j, rc;

	for (i = 0; i < c->full.num_disks; i++) {
		libxl_device_disk *d = &c->full.disks[i];

		rc = disk_check(ctx, XL_NO_DOMID, d);
		if (rc)
			return rc;
		for (j = 0; j < i; j++)
			if (vdev_to_devid(c->full.disks[j].vdev, NULL, NULL) ==
			    vdev_to_devid(d->vdev, NULL, NULL))
				return REFUSE(ctx, "two of its disks are %s", d->vdev);
	}
	return 0;
}

/* Classes that need nothing but what devlist_decode does. */
static const struct dev_class *const plain_classes[] = {
	&vfb_class, &vkb_class, &vtpm_class, &vdispl_class, &vsnd_class, &channel_class,
};
#define PLAIN_CLASSES (sizeof(plain_classes) / sizeof(plain_classes[0]))

/* And the program that serves some of them. */
static int decode_plain(libxl_ctx *ctx, struct create *c)
{
	size_t k;
	int rc = 0;

	for (k = 0; !rc && k < PLAIN_CLASSES; k++)
		rc = devlist_decode(ctx, &c->full, plain_classes[k]);
	return rc || !dm_needed(&c->full) ? rc : dm_check(ctx, XL_NO_DOMID, &c->full);
}

static int decode_nics(libxl_ctx *ctx, struct create *c)
{
	int i, j, rc, next = 0;

	for (i = 0; i < c->given->num_nics; i++) {
		libxl_device_nic *n = &c->given->nics[i];

		if (n->devid < 0)
			n->devid = next;
		if (n->devid >= next)
			next = n->devid + 1;
		rc = nic_defaults(ctx, XL_NO_DOMID, n);
		if (rc)
			return rc;
		for (j = 0; j < i; j++)
			if (c->given->nics[j].devid == n->devid)
				return REFUSE(ctx, "two of its vifs have the number %d", n->devid);
	}
	return 0;
}

static int check_nics(libxl_ctx *ctx, libxl_domain_config *full)
{
	int rc = 0;

	for (int i = 0; !rc && i < full->num_nics; i++) {
		nic_choose_bridge(&full->nics[i]);
		rc = nic_check(ctx, XL_NO_DOMID, &full->nics[i]);
	}
	return rc;
}

/* What the stored configuration says even if nobody chose it: so it is known to who reads `xl list -l'. */
static void put_stored_defaults(libxl_domain_config *given)
{
	size_t k;
	int i;

	for (k = 0; k < PLAIN_CLASSES; k++)
		devlist_number(given, plain_classes[k]);
	for (i = 0; i < given->num_vtpms; i++)
		vtpm_class.decode(NULL, XL_NO_DOMID, &given->vtpms[i]);
	if (given->b_info.video_memkb == LIBXL_MEMKB_DEFAULT)
		given->b_info.video_memkb = 0;
	libxl_defbool_setdefault(&given->b_info.arch_x86.msr_relaxed, false);
	for (i = 0; i < given->num_disks; i++)
		disk_defaults(&given->disks[i]);
}

int create_decode(struct xl_op *op, void *state)
{
	struct create *c = state;
	libxl_ctx *ctx = op->ctx;
	int rc;

	libxl_domain_config_init(&c->full);
	op->log_name = xl_strdup(c->given->c_info.name ? c->given->c_info.name : "(unnamed)");
	rc = decode_create_info(ctx, c);
	if (!rc)
		rc = decode_nics(ctx, c);
	if (rc)
		return rc;
	put_stored_defaults(c->given);
	libxl_domain_config_dispose(&c->full);
	libxl_domain_config_copy(ctx, &c->full, c->given);
	c->full.c_info.passthrough = LIBXL_PASSTHROUGH_DISABLED;
	rc = check_nics(ctx, &c->full);
	if (!rc)
		rc = decode_labels(ctx, &c->full);
	if (!rc)
		rc = decode_build_info(ctx, c);
	if (!rc)
		rc = check_absent_devices(ctx, c);
	if (!rc)
		rc = decode_disks(ctx, c);
	if (!rc)
		rc = decode_plain(ctx, c);
	c->kernel = c->full.b_info.kernel;
	c->ramdisk = c->full.b_info.ramdisk;
	c->cmdline = c->full.b_info.cmdline;
	return rc;
}

void create_release(struct create *c)
{
	libxl_domain_config_dispose(&c->full);
}
