/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Split devices. A device lives in three places of xenstore: the backend's directory, the guest's, and
 * /libxl/DOMID/device, which only we write and therefore trust.
 */
#ifndef XL_DEVICE_H
#define XL_DEVICE_H

#include "dm.h"
#include "op.h"
#include "xs.h"

enum xenbus_state {
	BUS_UNKNOWN, BUS_INITIALISING, BUS_INIT_WAIT, BUS_INITIALISED, BUS_CONNECTED, BUS_CLOSING, BUS_CLOSED,
};

struct xl_device {
	uint32_t domid;
	const char *kind;	/* "vbd", "vif", "vfb", "vkbd", "console" and so on */
	const char *back_kind;	/* the same, but "qdisk" for a vbd that a device model serves, "vinput" for some vkbd */
	int devid;
	char *back, *front, *tools;	/* paths */
};

void device_init(struct xl_device *d, struct xl_gc *gc, uint32_t domid, const char *kind, int devid);
void device_set_backend(struct xl_device *d, struct xl_gc *gc, const char *back_kind);
/* One that may exist, with the backend that it was given. */
void device_find(libxl_ctx *ctx, struct xl_device *d, struct xl_gc *gc, uint32_t domid, const char *kind, int devid);
/* A device model serves it, no module of the kernel nor another program. */
bool device_modelled(const struct xl_device *d);
bool device_exists(libxl_ctx *ctx, const struct xl_device *d);
/* A node of both the backend's and our directory. */
void device_put(struct xs_batch *b, const struct xl_device *d, const char *name, const char *value);
/* The directories with their permissions, and what every device has. */
void device_put_common(struct xs_batch *b, const struct xl_device *d, const char *front_state);
/* What Domain 0's kernel left in the store on why backends of these devices failed. */
void device_drop_errors(libxl_ctx *ctx, struct xs_batch *b, const struct xl_device *devices, unsigned n);
/* A number that the other side wrote, for those who ask; -1: none. */
int device_number(libxl_ctx *ctx, const char *dir, const char *name);
/* The lowest number not in use. */
int device_next_id(libxl_ctx *ctx, uint32_t domid, const char *kind);

/* What differs between classes of devices. */
struct dev_add;
struct dev_class {
	const char *kind, *word, *attach, *detach;	/* the last two: what the operations are called */
	const struct xl_type *type;	/* of its configuration */
	int (*devid)(const void *config);	/* its number; NULL: as struct dev_head says */
	/* Defaults, and everything that can be known to be wrong before the domain exists; or NULL. */
	int (*decode)(libxl_ctx *ctx, uint32_t domid, void *config);
	/* Decode and check, set up what the backend will open. */
	int (*prepare)(struct xl_op *op, struct dev_add *a);
	void (*unprepare)(struct xl_op *op, struct dev_add *a);	/* or NULL */
	void (*nodes)(struct dev_add *a, struct xs_batch *b);	/* beside those that all have; or NULL */
	batch_check *check;	/* inside the transaction; arg is the dev_add */
	/* Once the backend waits for the frontend: connect its other side. May wait. */
	int (*plug)(struct xl_op *op, struct dev_add *a);
	void (*unplug)(struct xl_op *op, struct dev_add *a);
	/* Its nodes are committed. */
	void (*written)(struct xl_op *op, struct dev_add *a);
	/* What only its nodes say of one that is read back; or NULL. */
	void (*read)(libxl_ctx *ctx, struct xl_gc *gc, const struct xl_device *d, void *config);
	/* After the backend closed; everything needed is in xenstore. */
	void (*cleanup)(libxl_ctx *ctx, const struct xl_device *d, struct xs_batch *b);
	/* A script of the user's to tell, or NULL. */
	const char *script_add, *script_remove;
	bool unattended;	/* the program that serves it may come later, or never */
};
extern const struct dev_class disk_class, nic_class, vfb_class, vkb_class, vtpm_class, vdispl_class, vsnd_class,
	channel_class;

/* Whom a state of a backend depends on: itself; the guest as well, which must answer; or which need not. */
enum wait_for { WAIT_BACKEND, WAIT_GUEST, WAIT_GUEST_OR_NOT };

/* Waits for a backend to reach a state; its own failure ends the wait. */
struct back_wait {
	struct xl_op *op;
	const struct xl_device *d;
	const char *word;
	int wanted;
	unsigned limit;		/* ms */
	enum wait_for who;
	bool late;		/* the operation goes on without the guest */
	struct xl_watch watch;
	struct xl_timer timer;
};
int back_wait(struct xl_op *op, struct back_wait *w, const struct xl_device *d, const char *word,
	int wanted, enum wait_for who);

struct dev_add {
	const struct dev_class *cls;
	uint32_t domid;
	void *config;		/* libxl_device_disk and so on; ours to complete */
	const libxl_domain_config *creating;	/* creation stores the configuration itself; else NULL */
	struct xl_device d;
	const char *name;	/* as the user says it: "xvda", "vif 0" */
	bool written;
	struct back_wait wait;
	struct dm dm;
	void *priv;		/* the class's */
};
extern const struct xl_step device_add_steps[];

/* What becomes of a device that the guest does not release in time: it stays; it is taken away; nobody asks. */
enum removal { REMOVE_SAFE, REMOVE_INSIST, REMOVE_FORCE };

struct dev_remove {
	const struct dev_class *cls;
	struct xl_device d;
	const char *name;
	enum removal how;
	bool undo;		/* of an attach that failed */
	struct back_wait wait;
};
extern const struct xl_step device_remove_steps[];

/* The calls of libxl for one device; label is what the user calls it, NULL: its number. */
int device_attach(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, void *config,
	const libxl_asyncop_how *ao_how);
int device_detach(libxl_ctx *ctx, uint32_t domid, const struct dev_class *cls, int devid, const char *label,
	const libxl_asyncop_how *ao_how, enum removal how);

/* All devices of a domain that is going away, whatever they are. state: struct dev_all */
struct dev_all {
	uint32_t domid;
	bool undo;		/* of its creation: it may be gone by now */
	struct xl_op *op;
	struct back_wait *waits;
	struct xl_device *devices;
	unsigned n;
	int left;
	struct dm dm;
	int rc;			/* the first failure that did not stop the destruction */
	struct xl_timer timer;
};
int devices_destroy_all(struct xl_op *op, struct dev_all *all);

void console_put(struct xs_batch *b, uint32_t domid, unsigned port, unsigned long mfn);

/* Run a hotplug script for a device: waits for its end. */
struct hotplug {
	struct xl_op *op;
	const char *word;	/* the device, as the user says it; set by the caller */
	bool quiet;		/* a failure is expected: set by the caller */
	const char *script;
	const struct xl_device *d;
	struct xl_child child;
	struct xl_timer timer;
	bool late;
};
int hotplug_run(struct xl_op *op, struct hotplug *h, const struct xl_device *d, const char *script,
	const char *const *args, const char *const *env);

/* disk.c: numbers of virtual disks, as guests and users name them. -1: no such name. */
int vdev_to_devid(const char *vdev, int *disk, int *partition);

/* loopdev.c */
/*
 * attach leaves the device open in *fd and set to vanish with its last close: should we be killed now,
 * nothing stays behind. keep makes it last, once xenstore knows of it. detach does nothing to a device
 * that has come to hold another file.
 */
char *loopdev_attach(libxl_ctx *ctx, struct xl_gc *gc, uint32_t domid, const char *path, bool readonly,
	int *fd);
void loopdev_keep(libxl_ctx *ctx, int fd);
void loopdev_detach(libxl_ctx *ctx, const char *dev, dev_t file_dev, ino_t file_ino);

/* link.c: network interfaces, by rtnetlink */
struct link_change {
	const char *rename;
	const unsigned char *mac;
	int mtu;		/* 0: as it is */
	int master;		/* 0: as it is */
	int up;			/* -1: as it is */
};
int link_find(const char *name, int *mtu);	/* interface number, or a negative errno */
bool link_is_bridge(const char *name);
int link_set(int index, const struct link_change *c);	/* 0 or a negative errno */
int link_monitor(void);	/* a descriptor that becomes readable when interfaces come and go */
void link_drain(int fd);

#endif
