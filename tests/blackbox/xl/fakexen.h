/* SPDX-License-Identifier: GPL-2.0-only */
/* Between the two halves of the pretended host. */
#ifndef FAKEXEN_H
#define FAKEXEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct xen_domctl;
struct xen_domctl_getdomaininfo;
struct xen_domctl_scheduler_op;
struct xen_flask_op;
struct xen_memory_reservation;
struct xen_sysctl;
struct xenpf_resource_op;
struct sched_remote_shutdown;

#define FAKE_FRAMES 32768u

struct fake_domain {
	uint16_t domid;
	const char *name;
	uint32_t flags;
	uint32_t pages;
	uint32_t vcpus;
	uint64_t cpu_ns;
};

/* $FAKEXEN_FAIL is a list "NAME=ERRNO,...": whether this call is in it; errno is set then. */
bool fake_fails(const char *name);
/* The names of the pretended domains, as xenstore nodes. */
void fake_names(void (*set)(const char *path, const char *value));
/* So much of the store was asked for or changed. */
void fake_request(unsigned int n);
void fake_store_dump(FILE *out);
/* Told to whoever watches path, or a special one such as @releaseDomain. */
void fake_store_fire(const char *path);
/* Of a node that is there. */
bool fake_store_change(const char *path, const char *value);
/* Called with each node that the toolstack writes. */
void fake_written(const char *path, const char *value);

/* fakedomains.c: domains that come and go, and their memory. The calls answer as hypercalls do. */
bool fake_capable(void);
void fake_domains_start(void);
const struct fake_domain *fake_made(uint32_t domid);
/* The one with the lowest number from domid on. */
const struct fake_domain *fake_next_made(uint32_t domid);
int fake_create(struct xen_domctl *op);
int fake_change(struct xen_domctl *op);
/* Of one that was made: its handle and its limit, and where a vCPU was pinned to. */
void fake_facts(struct xen_domctl_getdomaininfo *info);
void fake_pinned(struct xen_domctl *op);
int fake_shut_down(const struct sched_remote_shutdown *s);
long fake_populate(struct xen_memory_reservation *r);
long fake_given_back(const struct xen_memory_reservation *r);
/* NULL: there is no such frame. */
void *fake_frame(uint64_t mfn);

/* fakertds.c: whether the host has that scheduler. */
bool fake_rtds(void);
int fake_rtds_op(uint16_t domid, struct xen_domctl_scheduler_op *op);

/* fakepsr.c: whether the host has anything of it. */
bool fake_psr(void);
int fake_psr_domctl(struct xen_domctl *op);
int fake_psr_sysctl(struct xen_sysctl *op);
int fake_resources(struct xenpf_resource_op *op);

/* fakeflask.c */
int fake_flask_op(struct xen_flask_op *op);

#endif
