/* SPDX-License-Identifier: LGPL-2.1-only */
/* The one list type that libxl's public types mention. Use <sys/queue.h> macros to walk it. */
#ifndef XEN_LIST_H
#define XEN_LIST_H

#define XEN_TAILQ_ENTRY(type) \
	struct { \
		type *tqe_next; \
		type **tqe_prev; \
	}

#define XEN_TAILQ_HEAD(name, type) \
	struct name { \
		type *tqh_first; \
		type **tqh_last; \
	}

#endif
