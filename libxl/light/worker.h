/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What takes long and blocks (building a domain, moving its memory through a stream, tearing it down) is done by a
 * forked child of ours with a hypervisor handle of its own, so that the caller's event loop and other calls on
 * the context go on. The child asks for what only the event loop can do over a socket.
 */
#ifndef XL_WORKER_H
#define XL_WORKER_H

#include "op.h"

enum worker_message {
	WORKER_SUSPEND = 1,	/* child: please suspend the domain; answered with 1 or 0 */
	WORKER_FRAMES,		/* child: the frames of store and console are a and b */
	WORKER_LOG,		/* child: text, at level a with errno b */
	WORKER_PROGRESS,	/* child: text, at level percent, a of b done */
};

/*
 * The child logs through its parent too: another thread may have held the lock of the caller's logger
 * when the child was made, and then it stays held in the child for good.
 */
struct worker_mail {
	uint32_t what;
	int32_t level, percent;
	uint64_t a, b;
	char context[32];
	char text[768];
};

struct worker {
	struct xl_op *op;
	uint32_t domid;
	int socket;
	struct xl_fd fd;
	struct xl_child child;
	/* In the parent: a question. */
	void (*asked)(struct worker *w, uint32_t what);
	void *arg;
	unsigned long store_mfn, console_mfn;
	/* In the child. Returns 0 or an ERROR_*, which becomes the step's. */
	int (*job)(struct worker *w, libxl_ctx *ctx);
	bool detail;		/* its debug messages are few: pass them on */
	bool in_child;
};

/* Starts the job and waits for its end: XL_WAIT, or an error. */
int worker_run(struct xl_op *op, struct worker *w);
void worker_answer(struct worker *w, bool ok);
/* Takes it down, if it still runs. */
void worker_kill(struct worker *w);

/* For the child. */
bool worker_ask(struct worker *w, uint32_t what);
void worker_tell(struct worker *w, uint32_t what, uint64_t a, uint64_t b);

#endif
