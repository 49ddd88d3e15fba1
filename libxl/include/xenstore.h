/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * libxenstore: a client of the store.
 *
 * Functions that return bool or a pointer set errno when they return false or NULL. What they
 * return is the caller's to free() once: a vector and its strings are one block. A handle may be
 * used by several threads. Paths that do not begin with '/' are relative to /local/domain/N of
 * the domain that the handle belongs to.
 */
#ifndef XENSTORE_H
#define XENSTORE_H

#include <xenstore_lib.h>

#define XBT_NULL 0

/* Without effect, kept so that programs compile. */
#define XS_OPEN_READONLY   (1UL << 0)
#define XS_OPEN_SOCKETONLY (1UL << 1)

/* xs_unwatch() also drops events of that watch which have arrived and were not read yet. */
#define XS_UNWATCH_FILTER (1UL << 2)

struct xs_handle;
typedef uint32_t xs_transaction_t;

/* The daemon's socket if there is one, else the kernel's device. */
struct xs_handle *xs_open(unsigned long flags);
void xs_close(struct xs_handle *xsh);

/* Older names of the same. */
struct xs_handle *xs_daemon_open(void);
struct xs_handle *xs_domain_open(void);
struct xs_handle *xs_daemon_open_readonly(void);
void xs_daemon_close(struct xs_handle *xsh);

/* In a child after fork(): lets go of the handle without touching the parent's. */
void xs_daemon_destroy_postfork(struct xs_handle *xsh);

/* Names of the children, in a vector of *num. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num);
/* The value, with a NUL after its *len bytes. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len);
bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
	      unsigned int len);
/* Parents are made as needed; one that exists is no error. */
bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path);
/* The node and all below it. */
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path);

/* Always false: a handle's rights cannot be narrowed this way. */
bool xs_restrict(struct xs_handle *h, unsigned int domid);

/* The first entry names the owner, and what domains without an entry may do. */
struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t,
					  const char *path, unsigned int *num);
bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
			struct xs_permissions *perms, unsigned int num_perms);

/* Events of path and all below it, the first at once; token comes back in each. */
bool xs_watch(struct xs_handle *h, const char *path, const char *token);
bool xs_unwatch(struct xs_handle *h, const char *path, const char *token);
/* A descriptor that is readable when an event may be there. Only for poll() and the like. */
int xs_fileno(struct xs_handle *h);
/* The next event as a vector of path and token (enum xs_watch_type); NULL, EAGAIN: none. */
char **xs_check_watch(struct xs_handle *h);
/* The same, but waits for one. */
char **xs_read_watch(struct xs_handle *h, unsigned int *num);

/* XBT_NULL when it fails. */
xs_transaction_t xs_transaction_start(struct xs_handle *h);
/* EAGAIN: something that it read has changed; all of it is to be done again. */
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort);

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
			 unsigned int eventchn);
/* domid, a stub domain, gets target's rights. */
bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target);
bool xs_resume_domain(struct xs_handle *h, unsigned int domid);
bool xs_release_domain(struct xs_handle *h, unsigned int domid);
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid);
bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid);

/* Whether child is parent or lies below it. */
bool xs_path_is_subpath(const char *parent, const char *child);

/* A command to the daemon, and its answer. */
char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);
char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len);

/* The event channel on which a domain is asked to suspend, or -1. */
int xs_suspend_evtchn_port(int domid);

#endif
