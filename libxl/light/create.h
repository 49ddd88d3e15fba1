/* SPDX-License-Identifier: LGPL-2.1-only */
/* Creating a domain, fresh or from a saved one: the state that the steps share. */
#ifndef XL_CREATE_H
#define XL_CREATE_H

#include "device.h"

struct create {
	struct xl_op *op;
	libxl_domain_config *given;	/* the caller's; gets what was chosen for it */
	libxl_domain_config full;	/* with every default filled in */
	uint32_t *domid_out;
	uint32_t domid;
	uint32_t poolid;
	bool exists;			/* in the hypervisor */
	bool introduced;
	libxl_asyncprogress_how console_how;
	bool tell_console;
	int restore_fd;			/* -1: a fresh one */
	int stream_version;
	unsigned store_port, console_port;
	unsigned long store_mfn, console_mfn;
	char *kernel, *ramdisk, *cmdline;	/* from the configuration or the boot loader */
	struct boot *boot;
	struct worker *worker;
	struct dev_all gone;
	int device;			/* the next to add */
};

/* defaults.c: full from given; everything that can be refused without touching the host is. */
int create_decode(struct xl_op *op, void *state);
void create_release(struct create *c);

/* build.c */
int create_domain(struct xl_op *op, void *state);
int create_build(struct xl_op *op, void *state);
int build_policy(libxl_ctx *ctx, uint32_t domid, const libxl_domain_build_info *b, bool restore);

/* nodes.c */
int create_name(struct xl_op *op, void *state);
int create_nodes(struct xl_op *op, void *state);
int create_introduce(struct xl_op *op, void *state);

/* bootloader.c */
int create_bootloader(struct xl_op *op, void *state);
int create_unbootloader(struct xl_op *op, void *state);

/* The worker of a creation: started, killed by an undo, its findings taken. */
struct worker;
int create_worker(struct xl_op *op, struct create *c, int (*job)(struct worker *w, libxl_ctx *ctx));
int create_stop_worker(struct xl_op *op, void *state);
int create_take_frames(struct xl_op *op, void *state);

/* restore.c */
int create_restore(struct xl_op *op, void *state);

/* destroy.c: state is a struct dev_all with only the domid set. */
extern const struct xl_step destroy_steps[];

#endif
