/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Events of domains, and how libxl shares the caller's event loop.
 *
 * A caller either polls through beforepoll and afterpoll, or registers hooks and reports what
 * happened; libxl never starts threads. Callbacks into the caller may come from within any libxl call
 * on the same context, but never with libxl's own lock in the way of another call.
 */
#ifndef LIBXL_EVENT_H
#define LIBXL_EVENT_H

#include <libxl.h>

#include <poll.h>
#include <sys/time.h>

#define LIBXL_EVENTMASK_ALL (~(unsigned long)0)

typedef int libxl_event_predicate(const libxl_event *event, void *user);

/* check: ERROR_NOT_READY when nothing matches. The caller frees what it gets. */
int libxl_event_check(libxl_ctx *ctx, libxl_event **event_r, uint64_t typemask,
	libxl_event_predicate *predicate, void *predicate_user);
int libxl_event_wait(libxl_ctx *ctx, libxl_event **event_r, uint64_t typemask,
	libxl_event_predicate *predicate, void *predicate_user);
void libxl_event_free(libxl_ctx *ctx, libxl_event *event);

typedef struct libxl_event_hooks {
	uint64_t event_occurs_mask;
	void (*event_occurs)(void *user,
#ifndef LIBXL_HAVE_NONCONST_EVENT_OCCURS_EVENT_ARG
		const
#endif
		libxl_event *event);
	void (*disaster)(void *user, libxl_event_type type, const char *msg, int errnoval);
} libxl_event_hooks;
void libxl_event_register_callbacks(libxl_ctx *ctx, const libxl_event_hooks *hooks, void *user);

/* Events arrive only for what has been enabled. */
typedef struct libxl__evgen_domain_death libxl_evgen_domain_death;
int libxl_evenable_domain_death(libxl_ctx *ctx, uint32_t domid, libxl_ev_user for_user,
	libxl_evgen_domain_death **evgen_out);
void libxl_evdisable_domain_death(libxl_ctx *ctx, libxl_evgen_domain_death *evgen);

typedef struct libxl__evgen_disk_eject libxl_evgen_disk_eject;
int libxl_evenable_disk_eject(libxl_ctx *ctx, uint32_t domid, const char *vdev,
	libxl_ev_user for_user, libxl_evgen_disk_eject **evgen_out);
void libxl_evdisable_disk_eject(libxl_ctx *ctx, libxl_evgen_disk_eject *evgen);

/* The caller's loop is poll. */
struct pollfd;
int libxl_osevent_beforepoll(libxl_ctx *ctx, int *nfds_io, struct pollfd *fds, int *timeout_upd,
	struct timeval now);
void libxl_osevent_afterpoll(libxl_ctx *ctx, int nfds, const struct pollfd *fds,
	struct timeval now);

/* The caller's loop is anything else. abs is 0,0 in timeout_modify for "at once". */
typedef struct libxl_osevent_hooks {
	int (*fd_register)(void *user, int fd, void **for_app_registration_out, short events,
		void *for_libxl);
	int (*fd_modify)(void *user, int fd, void **for_app_registration_update, short events);
	void (*fd_deregister)(void *user, int fd, void *for_app_registration);
	int (*timeout_register)(void *user, void **for_app_registration_out, struct timeval abs,
		void *for_libxl);
	int (*timeout_modify)(void *user, void **for_app_registration_update, struct timeval abs);
	void (*timeout_deregister)(void *user, void *for_app_registration);
} libxl_osevent_hooks;

void libxl_osevent_register_hooks(libxl_ctx *ctx, const libxl_osevent_hooks *hooks, void *user);
void libxl_osevent_occurred_fd(libxl_ctx *ctx, void *for_libxl, int fd, short events,
	short revents);
void libxl_osevent_occurred_timeout(libxl_ctx *ctx, void *for_libxl);

/* Who reaps children. */
typedef enum {
	libxl_sigchld_owner_libxl,
	libxl_sigchld_owner_mainloop,
	libxl_sigchld_owner_libxl_always,
	libxl_sigchld_owner_libxl_always_selective_reap,
} libxl_sigchld_owner;

typedef struct {
	libxl_sigchld_owner chldowner;
	pid_t (*fork_replacement)(void *user);
	int (*reaped_callback)(pid_t pid, int status, void *user);
} libxl_childproc_hooks;

void libxl_childproc_setmode(libxl_ctx *ctx, const libxl_childproc_hooks *hooks, void *user);
int libxl_childproc_reaped(libxl_ctx *ctx, pid_t pid, int status);
void libxl_childproc_sigchld_occurred(libxl_ctx *ctx);
void libxl_postfork_child_noexec(libxl_ctx *ctx);

#endif
