/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Operations: what takes time, as const tables of steps.
 *
 * A step returns 0 (next step), a negative ERROR_*, XL_WAIT after arranging that op_resume is called
 * from the event loop, or what op_call returned, to run another table first. When a step fails, the
 * undo of that step and of all before it run in reverse order, and they may wait and call as well; so
 * an undo must cope with a step that got only half way. The first error is the one that is reported.
 */
#ifndef XL_OP_H
#define XL_OP_H

#include "light.h"

enum { XL_WAIT = 1, XL_CALL = 2 };

struct xl_op;

struct xl_step {
	const char *what;	/* as it reads after "while"; NULL ends the table */
	int (*run)(struct xl_op *op, void *state);
	int (*undo)(struct xl_op *op, void *state);
	bool optional;		/* its failure, once told, stops nothing */
};

struct xl_frame;

struct xl_op {
	libxl_ctx *ctx;
	struct xl_gc gc;	/* freed when the operation ends */
	uint32_t domid;		/* for messages */
	const char *verb;	/* "create", "destroy", ...: for messages */
	char *log_name;		/* the domain's name, for its log file */
	struct xl_frame *top;
	bool active;		/* op_run is below us on the stack */
	bool waiting;
	bool aborted;
	bool no_return;		/* or it cannot be taken back any more */
	unsigned unwinding;	/* frames whose undo runs: then an abort comes too late */
	void (*on_abort)(struct xl_op *op, void *arg);	/* while waiting: ends the wait */
	void *abort_arg;
	bool over;		/* all steps are */
	bool done;		/* and all has been told */
	unsigned telling;	/* callbacks about its progress that have not returned */
	int rc;
	bool sync;
	libxl_asyncop_how how;
	char *story;		/* messages so far */
	size_t story_len;
	bool warned;		/* something in it is worth a file */
	LIST_ENTRY(xl_op) link;
};

/*
 * A public call: enters the context, makes the operation and zeroed state of the given size in its
 * arena. op_start runs it: to the end when ao_how is NULL, otherwise until it first waits.
 */
struct xl_op *op_new(libxl_ctx *ctx, uint32_t domid, const char *verb, const libxl_asyncop_how *ao_how);
int op_start(struct xl_op *op, const struct xl_step *steps, void *state);
/* For a call that is over before it starts. */
int op_finish_now(struct xl_op *op, int rc);

int op_call(struct xl_op *op, const struct xl_step *steps, void *state);
void op_resume(struct xl_op *op, int rc);
/* From here on the operation goes to its end, whoever wants to abort it. */
void op_past_return(struct xl_op *op);
/*
 * Arranges for the wait that begins now to be abortable: fn sees to it that op_resume is called soon. A wait that
 * does not say so is left to its end.
 */
void op_abortable(struct xl_op *op, void (*fn)(struct xl_op *op, void *arg), void *arg);

/* Tell the caller: completion callback, or event. */
struct xl_notice {
	enum { XL_NOTICE_EVENT, XL_NOTICE_DONE, XL_NOTICE_PROGRESS, XL_NOTICE_CHILD } kind;
	struct xl_op *op;	/* whose progress it is */
	libxl_event *event;
	libxl_asyncop_how how;
	libxl_asyncprogress_how progress;
	pid_t pid;		/* a child of the caller's that we reaped */
	int rc;			/* or its status */
	TAILQ_ENTRY(xl_notice) link;
};
void event_occurred(libxl_ctx *ctx, libxl_event *event);
libxl_event *event_new(libxl_ctx *ctx, libxl_event_type type, uint32_t domid, libxl_ev_user for_user);
void op_progress(struct xl_op *op, const libxl_asyncprogress_how *how, libxl_event_type type,
	uint32_t domid);
/* A callback about its progress has returned. */
void op_told(struct xl_op *op);

void deaths_disable_all(libxl_ctx *ctx);
void ejects_disable_all(libxl_ctx *ctx);

#endif
