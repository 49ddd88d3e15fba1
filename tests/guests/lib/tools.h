/* SPDX-License-Identifier: GPL-2.0-only */
/* What Domain 0 needs to rule others: control operations and their memory. Included before any other header. */
#ifndef TOOLS_H
#define TOOLS_H

/* The headers of control operations are for tools only, at the latest version. */
#undef __XEN_INTERFACE_VERSION__
#define __XEN_TOOLS__ 1
#include "guest.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>

/* A domctl's argument, clean but for its head; there is one of each at a time. */
struct xen_domctl *domctl_op(u32 cmd, domid_t dom);
struct xen_sysctl *sysctl_op(u32 cmd);
static inline long domctl(struct xen_domctl *op) { return H1(domctl, op); }
static inline long sysctl(struct xen_sysctl *op) { return H1(sysctl, op); }

/* Without vCPUs' contexts and memory; DOMID_INVALID: there is none. */
domid_t new_domain(u32 vcpus);
bool destroy_domain(domid_t dom);

/* Sleeps; other vCPUs and domains run. */
void nap(u64 ns);

/* A frame of another domain in the place of one of our pages; and our own back. */
long map_foreign(void *page, domid_t dom, u64 frame);
bool unmap_foreign(void *page);
/* Fills a frame of another domain with @len bytes and zeros, through one of our pages. */
bool write_foreign(void *page, domid_t dom, u64 frame, const void *data, size_t len);

/* A vCPU that begins in its kernel. */
void kernel_context(struct vcpu_guest_context *c, u64 rip, u64 rsp, u64 l4_frame);

#endif
