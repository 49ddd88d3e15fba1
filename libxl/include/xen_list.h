/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Lists whose links are members of the elements, with the names and layouts that libxl's types have. As those of
 * <sys/queue.h>, but a TYPE is spelled with its "struct", and programs keep the names without XEN_ to themselves.
 * SLIST: one way; STAILQ: one way, with a tail; LIST: an element can be taken out by itself; TAILQ: both ways.
 * The _SAFE walks allow the element at hand to be freed.
 */
#ifndef XEN__SYS_QUEUE_H_
#define XEN__SYS_QUEUE_H_

#define XEN_LIST_WALK_(var, first, next) for ((var) = (first); (var); (var) = (next))
#define XEN_LIST_WALK_SAFE_(var, first, next, tvar) \
	for ((var) = (first); (var) && ((tvar) = (next), 1); (var) = (tvar))
#define XEN_LIST_SWAP_(type, a, b) \
	do { \
		type swap_tmp_ = (a); \
		(a) = (b); \
		(b) = swap_tmp_; \
	} while (0)

/* --- SLIST */

#define XEN_SLIST_HEAD(name, type) struct name { type *slh_first; }
#define XEN_SLIST_HEAD_INITIALIZER(head) { 0 }
#define XEN_SLIST_ENTRY(type) struct { type *sle_next; }
#define XEN_SLIST_FIRST(head) ((head)->slh_first)
#define XEN_SLIST_EMPTY(head) (!XEN_SLIST_FIRST(head))
#define XEN_SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#define XEN_SLIST_FOREACH(var, head, field) \
	XEN_LIST_WALK_(var, XEN_SLIST_FIRST(head), XEN_SLIST_NEXT(var, field))
#define XEN_SLIST_FOREACH_SAFE(var, head, field, tvar) \
	XEN_LIST_WALK_SAFE_(var, XEN_SLIST_FIRST(head), XEN_SLIST_NEXT(var, field), tvar)
/* varp: where the pointer to var stands. */
#define XEN_SLIST_FOREACH_PREVPTR(var, varp, head, field) \
	for ((varp) = &XEN_SLIST_FIRST(head); ((var) = *(varp)); (varp) = &XEN_SLIST_NEXT(var, field))
#define XEN_SLIST_INIT(head) do { XEN_SLIST_FIRST(head) = 0; } while (0)
#define XEN_SLIST_INSERT_HEAD(head, elm, field) \
	do { \
		XEN_SLIST_NEXT(elm, field) = XEN_SLIST_FIRST(head); \
		XEN_SLIST_FIRST(head) = (elm); \
	} while (0)
#define XEN_SLIST_INSERT_AFTER(slistelm, elm, field) \
	do { \
		XEN_SLIST_NEXT(elm, field) = XEN_SLIST_NEXT(slistelm, field); \
		XEN_SLIST_NEXT(slistelm, field) = (elm); \
	} while (0)
#define XEN_SLIST_REMOVE_AFTER(elm, field) \
	do { XEN_SLIST_NEXT(elm, field) = XEN_SLIST_NEXT(XEN_SLIST_NEXT(elm, field), field); } while (0)
#define XEN_SLIST_REMOVE_HEAD(head, field) \
	do { XEN_SLIST_FIRST(head) = XEN_SLIST_NEXT(XEN_SLIST_FIRST(head), field); } while (0)
#define XEN_SLIST_REMOVE(head, elm, type, field) \
	do { \
		type **at_ = &XEN_SLIST_FIRST(head); \
		while (*at_ != (elm)) \
			at_ = &XEN_SLIST_NEXT(*at_, field); \
		*at_ = XEN_SLIST_NEXT(elm, field); \
	} while (0)
#define XEN_SLIST_SWAP(head1, head2, type) XEN_LIST_SWAP_(type *, (head1)->slh_first, (head2)->slh_first)

/* --- STAILQ */

#define XEN_STAILQ_HEAD(name, type) struct name { type *stqh_first; type **stqh_last; }
#define XEN_STAILQ_HEAD_INITIALIZER(head) { 0, &(head).stqh_first }
#define XEN_STAILQ_ENTRY(type) struct { type *stqe_next; }
#define XEN_STAILQ_FIRST(head) ((head)->stqh_first)
#define XEN_STAILQ_EMPTY(head) (!XEN_STAILQ_FIRST(head))
#define XEN_STAILQ_NEXT(elm, field) ((elm)->field.stqe_next)
/* The element whose link, the last one, the head points at. */
#define XEN_STAILQ_LAST(head, type, field) \
	(XEN_STAILQ_EMPTY(head) ? 0 : \
	 (type *)(void *)((char *)(head)->stqh_last - __builtin_offsetof(type, field)))
#define XEN_STAILQ_FOREACH(var, head, field) \
	XEN_LIST_WALK_(var, XEN_STAILQ_FIRST(head), XEN_STAILQ_NEXT(var, field))
#define XEN_STAILQ_FOREACH_SAFE(var, head, field, tvar) \
	XEN_LIST_WALK_SAFE_(var, XEN_STAILQ_FIRST(head), XEN_STAILQ_NEXT(var, field), tvar)
#define XEN_STAILQ_INIT(head) \
	do { \
		XEN_STAILQ_FIRST(head) = 0; \
		(head)->stqh_last = &XEN_STAILQ_FIRST(head); \
	} while (0)
/* Put elm where the pointer at stands. */
#define XEN_STAILQ_PUT_(head, at, elm, field) \
	do { \
		if (!(XEN_STAILQ_NEXT(elm, field) = (at))) \
			(head)->stqh_last = &XEN_STAILQ_NEXT(elm, field); \
		(at) = (elm); \
	} while (0)
#define XEN_STAILQ_INSERT_HEAD(head, elm, field) \
	XEN_STAILQ_PUT_(head, XEN_STAILQ_FIRST(head), elm, field)
#define XEN_STAILQ_INSERT_AFTER(head, tqelm, elm, field) \
	XEN_STAILQ_PUT_(head, XEN_STAILQ_NEXT(tqelm, field), elm, field)
#define XEN_STAILQ_INSERT_TAIL(head, elm, field) \
	do { \
		XEN_STAILQ_NEXT(elm, field) = 0; \
		*(head)->stqh_last = (elm); \
		(head)->stqh_last = &XEN_STAILQ_NEXT(elm, field); \
	} while (0)
/* Take out what the pointer at points at. */
#define XEN_STAILQ_TAKE_(head, at, field) \
	do { \
		if (!((at) = XEN_STAILQ_NEXT(at, field))) \
			(head)->stqh_last = &(at); \
	} while (0)
#define XEN_STAILQ_REMOVE_HEAD(head, field) XEN_STAILQ_TAKE_(head, XEN_STAILQ_FIRST(head), field)
#define XEN_STAILQ_REMOVE_AFTER(head, elm, field) XEN_STAILQ_TAKE_(head, XEN_STAILQ_NEXT(elm, field), field)
#define XEN_STAILQ_REMOVE(head, elm, type, field) \
	do { \
		type **at_ = &XEN_STAILQ_FIRST(head); \
		while (*at_ != (elm)) \
			at_ = &XEN_STAILQ_NEXT(*at_, field); \
		XEN_STAILQ_TAKE_(head, *at_, field); \
	} while (0)
#define XEN_STAILQ_CONCAT(head1, head2) \
	do { \
		if (!XEN_STAILQ_EMPTY(head2)) { \
			*(head1)->stqh_last = XEN_STAILQ_FIRST(head2); \
			(head1)->stqh_last = (head2)->stqh_last; \
			XEN_STAILQ_INIT(head2); \
		} \
	} while (0)
#define XEN_STAILQ_MEND_(head) \
	do { \
		if (XEN_STAILQ_EMPTY(head)) \
			(head)->stqh_last = &XEN_STAILQ_FIRST(head); \
	} while (0)
#define XEN_STAILQ_SWAP(head1, head2, type) \
	do { \
		XEN_LIST_SWAP_(type *, (head1)->stqh_first, (head2)->stqh_first); \
		XEN_LIST_SWAP_(type **, (head1)->stqh_last, (head2)->stqh_last); \
		XEN_STAILQ_MEND_(head1); \
		XEN_STAILQ_MEND_(head2); \
	} while (0)

/* --- LIST */

#define XEN_LIST_HEAD(name, type) struct name { type *lh_first; }
#define XEN_LIST_HEAD_INITIALIZER(head) { 0 }
#define XEN_LIST_ENTRY(type) struct { type *le_next; type **le_prev; }
#define XEN_LIST_FIRST(head) ((head)->lh_first)
#define XEN_LIST_EMPTY(head) (!XEN_LIST_FIRST(head))
#define XEN_LIST_NEXT(elm, field) ((elm)->field.le_next)
#define XEN_LIST_FOREACH(var, head, field) \
	XEN_LIST_WALK_(var, XEN_LIST_FIRST(head), XEN_LIST_NEXT(var, field))
#define XEN_LIST_FOREACH_SAFE(var, head, field, tvar) \
	XEN_LIST_WALK_SAFE_(var, XEN_LIST_FIRST(head), XEN_LIST_NEXT(var, field), tvar)
#define XEN_LIST_INIT(head) do { XEN_LIST_FIRST(head) = 0; } while (0)
#define XEN_LIST_PUT_(at, elm, field) \
	do { \
		if ((XEN_LIST_NEXT(elm, field) = (at))) \
			(at)->field.le_prev = &XEN_LIST_NEXT(elm, field); \
		(at) = (elm); \
		(elm)->field.le_prev = &(at); \
	} while (0)
#define XEN_LIST_INSERT_HEAD(head, elm, field) XEN_LIST_PUT_(XEN_LIST_FIRST(head), elm, field)
#define XEN_LIST_INSERT_AFTER(listelm, elm, field) XEN_LIST_PUT_(XEN_LIST_NEXT(listelm, field), elm, field)
#define XEN_LIST_INSERT_BEFORE(listelm, elm, field) \
	do { \
		(elm)->field.le_prev = (listelm)->field.le_prev; \
		XEN_LIST_NEXT(elm, field) = (listelm); \
		*(listelm)->field.le_prev = (elm); \
		(listelm)->field.le_prev = &XEN_LIST_NEXT(elm, field); \
	} while (0)
#define XEN_LIST_REMOVE(elm, field) \
	do { \
		if (XEN_LIST_NEXT(elm, field)) \
			XEN_LIST_NEXT(elm, field)->field.le_prev = (elm)->field.le_prev; \
		*(elm)->field.le_prev = XEN_LIST_NEXT(elm, field); \
	} while (0)
#define XEN_LIST_MEND_(head, field) \
	do { \
		if (!XEN_LIST_EMPTY(head)) \
			XEN_LIST_FIRST(head)->field.le_prev = &XEN_LIST_FIRST(head); \
	} while (0)
#define XEN_LIST_SWAP(head1, head2, type, field) \
	do { \
		XEN_LIST_SWAP_(type *, (head1)->lh_first, (head2)->lh_first); \
		XEN_LIST_MEND_(head1, field); \
		XEN_LIST_MEND_(head2, field); \
	} while (0)

/* --- TAILQ */

#define XEN_TAILQ_HEAD(name, type) struct name { type *tqh_first; type **tqh_last; }
#define XEN_TAILQ_HEAD_INITIALIZER(head) { 0, &(head).tqh_first }
#define XEN_TAILQ_ENTRY(type) struct { type *tqe_next; type **tqe_prev; }
#define XEN_TAILQ_FIRST(head) ((head)->tqh_first)
#define XEN_TAILQ_EMPTY(head) (!XEN_TAILQ_FIRST(head))
#define XEN_TAILQ_NEXT(elm, field) ((elm)->field.tqe_next)
/* Heads and links are laid out alike: the link that is pointed at is read as a head, its back pointer as a tail. */
#define XEN_TAILQ_BACK_(headname, tail) (*((struct headname *)(void *)(tail))->tqh_last)
#define XEN_TAILQ_LAST(head, headname) XEN_TAILQ_BACK_(headname, (head)->tqh_last)
#define XEN_TAILQ_PREV(elm, headname, field) XEN_TAILQ_BACK_(headname, (elm)->field.tqe_prev)
#define XEN_TAILQ_FOREACH(var, head, field) \
	XEN_LIST_WALK_(var, XEN_TAILQ_FIRST(head), XEN_TAILQ_NEXT(var, field))
#define XEN_TAILQ_FOREACH_SAFE(var, head, field, tvar) \
	XEN_LIST_WALK_SAFE_(var, XEN_TAILQ_FIRST(head), XEN_TAILQ_NEXT(var, field), tvar)
#define XEN_TAILQ_FOREACH_REVERSE(var, head, headname, field) \
	XEN_LIST_WALK_(var, XEN_TAILQ_LAST(head, headname), XEN_TAILQ_PREV(var, headname, field))
#define XEN_TAILQ_FOREACH_REVERSE_SAFE(var, head, headname, field, tvar) \
	XEN_LIST_WALK_SAFE_(var, XEN_TAILQ_LAST(head, headname), XEN_TAILQ_PREV(var, headname, field), tvar)
#define XEN_TAILQ_INIT(head) \
	do { \
		XEN_TAILQ_FIRST(head) = 0; \
		(head)->tqh_last = &XEN_TAILQ_FIRST(head); \
	} while (0)
/* The back pointer after the element next, or the head's if there is none. */
#define XEN_TAILQ_BEHIND_(head, next, field) (*((next) ? &(next)->field.tqe_prev : &(head)->tqh_last))
#define XEN_TAILQ_PUT_(head, at, elm, field) \
	do { \
		XEN_TAILQ_NEXT(elm, field) = (at); \
		XEN_TAILQ_BEHIND_(head, XEN_TAILQ_NEXT(elm, field), field) = &XEN_TAILQ_NEXT(elm, field); \
		(elm)->field.tqe_prev = &(at); \
		(at) = (elm); \
	} while (0)
#define XEN_TAILQ_INSERT_HEAD(head, elm, field) XEN_TAILQ_PUT_(head, XEN_TAILQ_FIRST(head), elm, field)
#define XEN_TAILQ_INSERT_AFTER(head, listelm, elm, field) \
	XEN_TAILQ_PUT_(head, XEN_TAILQ_NEXT(listelm, field), elm, field)
#define XEN_TAILQ_INSERT_BEFORE(listelm, elm, field) \
	do { \
		(elm)->field.tqe_prev = (listelm)->field.tqe_prev; \
		XEN_TAILQ_NEXT(elm, field) = (listelm); \
		*(listelm)->field.tqe_prev = (elm); \
		(listelm)->field.tqe_prev = &XEN_TAILQ_NEXT(elm, field); \
	} while (0)
#define XEN_TAILQ_INSERT_TAIL(head, elm, field) \
	do { \
		XEN_TAILQ_NEXT(elm, field) = 0; \
		(elm)->field.tqe_prev = (head)->tqh_last; \
		*(head)->tqh_last = (elm); \
		(head)->tqh_last = &XEN_TAILQ_NEXT(elm, field); \
	} while (0)
#define XEN_TAILQ_REMOVE(head, elm, field) \
	do { \
		XEN_TAILQ_BEHIND_(head, XEN_TAILQ_NEXT(elm, field), field) = (elm)->field.tqe_prev; \
		*(elm)->field.tqe_prev = XEN_TAILQ_NEXT(elm, field); \
	} while (0)
#define XEN_TAILQ_CONCAT(head1, head2, field) \
	do { \
		if (!XEN_TAILQ_EMPTY(head2)) { \
			*(head1)->tqh_last = XEN_TAILQ_FIRST(head2); \
			XEN_TAILQ_FIRST(head2)->field.tqe_prev = (head1)->tqh_last; \
			(head1)->tqh_last = (head2)->tqh_last; \
			XEN_TAILQ_INIT(head2); \
		} \
	} while (0)
#define XEN_TAILQ_MEND_(head, field) \
	do { \
		if (XEN_TAILQ_EMPTY(head)) \
			(head)->tqh_last = &XEN_TAILQ_FIRST(head); \
		else \
			XEN_TAILQ_FIRST(head)->field.tqe_prev = &XEN_TAILQ_FIRST(head); \
	} while (0)
#define XEN_TAILQ_SWAP(head1, head2, type, field) \
	do { \
		XEN_LIST_SWAP_(type *, (head1)->tqh_first, (head2)->tqh_first); \
		XEN_LIST_SWAP_(type **, (head1)->tqh_last, (head2)->tqh_last); \
		XEN_TAILQ_MEND_(head1, field); \
		XEN_TAILQ_MEND_(head2, field); \
	} while (0)

#endif
