/* SPDX-License-Identifier: MIT */
/*
 * Request and response rings in shared pages.
 *
 * One ring of slots serves both ways: a response goes into a slot whose request was consumed.
 * Indices run free and wrap at 32 bits; the number of slots is a power of two and masks them.
 * Each side keeps a private copy of its producer index, publishes it by PUSH, and asks to be
 * notified by setting the event index: a push that passes it must send an event.
 *
 * The other side may change shared memory at any time: copy a request (RING_COPY_REQUEST) before
 * looking at it, and check the producer index with RING_REQUEST_PROD_OVERFLOW.
 * The includer provides xen_mb(), xen_rmb(), xen_wmb(), memset and memcpy.
 */
#ifndef __XEN_PUBLIC_IO_RING_H__
#define __XEN_PUBLIC_IO_RING_H__

#include "../xen-compat.h"

#if __XEN_INTERFACE_VERSION__ < 0x00030208
#define xen_mb()  mb()
#define xen_rmb() rmb()
#define xen_wmb() wmb()
#endif

typedef unsigned int RING_IDX;

/* Largest power of two not above x, as a constant expression; __RDn looks at n bits. */
#define __RD2(x)  (((x) & 0x2) ? 0x2 : ((x) & 0x1))
#define __RD4(x)  (((x) & 0xc) ? __RD2((x) >> 2) << 2 : __RD2(x))
#define __RD8(x)  (((x) & 0xf0) ? __RD4((x) >> 4) << 4 : __RD4(x))
#define __RD16(x) (((x) & 0xff00) ? __RD8((x) >> 8) << 8 : __RD8(x))
#define __RD32(x) (((x) & 0xffff0000) ? __RD16((x) >> 16) << 16 : __RD16(x))

/* Slots that fit into sz bytes behind the ring's header: by type name, and by pointer. */
#define __CONST_RING_SIZE(name, sz)                                                                \
	(__RD32(((sz)-offsetof(struct name##_sring, ring)) /                                       \
		sizeof(((struct name##_sring *)0)->ring[0])))
#define __RING_SIZE(s, sz)                                                                         \
	(__RD32(((sz) - ((long)(s)->ring - (long)(s))) / sizeof((s)->ring[0])))

/*
 * Types of a ring "name": name_sring_t is shared, 64 bytes of header and the slots;
 * name_front_ring_t and name_back_ring_t are each side's own.
 */
#define DEFINE_RING_TYPES(name, req_type, rsp_type)                                                \
	union name##_sring_entry {                                                                 \
		req_type req;                                                                      \
		rsp_type rsp;                                                                      \
	};                                                                                         \
	struct name##_sring {                                                                      \
		RING_IDX req_prod;                                                                 \
		RING_IDX req_event;                                                                \
		RING_IDX rsp_prod;                                                                 \
		RING_IDX rsp_event;                                                                \
		union {                                                                            \
			struct {                                                                   \
				uint8_t smartpoll_active;                                          \
			} netif;                                                                   \
			struct {                                                                   \
				uint8_t msg;                                                       \
			} tapif_user;                                                              \
			uint8_t pvt_pad[4];                                                        \
		} pvt;                                                                             \
		uint8_t __pad[44];                                                                 \
		union name##_sring_entry ring[1];                                                  \
	};                                                                                         \
	struct name##_front_ring {                                                                 \
		RING_IDX req_prod_pvt;                                                             \
		RING_IDX rsp_cons;                                                                 \
		unsigned int nr_ents;                                                              \
		struct name##_sring *sring;                                                        \
	};                                                                                         \
	struct name##_back_ring {                                                                  \
		RING_IDX rsp_prod_pvt;                                                             \
		RING_IDX req_cons;                                                                 \
		unsigned int nr_ents;                                                              \
		struct name##_sring *sring;                                                        \
	};                                                                                         \
	typedef struct name##_sring name##_sring_t;                                                \
	typedef struct name##_front_ring name##_front_ring_t;                                      \
	typedef struct name##_back_ring name##_back_ring_t

/* Start with an empty ring in which the first message of either side wants an event. */
#define SHARED_RING_INIT(s)                                                                        \
	do {                                                                                       \
		(s)->req_prod = 0;                                                                 \
		(s)->rsp_prod = 0;                                                                 \
		(s)->req_event = 1;                                                                \
		(s)->rsp_event = 1;                                                                \
		(void)memset((s)->pvt.pvt_pad, 0, sizeof((s)->pvt.pvt_pad));                       \
		(void)memset((s)->__pad, 0, sizeof((s)->__pad));                                   \
	} while (0)

/* Take up a ring at index i (reconnection), or at 0. */
#define FRONT_RING_ATTACH(r, s, i, size)                                                           \
	do {                                                                                       \
		(r)->sring = (s);                                                                  \
		(r)->nr_ents = __RING_SIZE(s, size);                                               \
		(r)->req_prod_pvt = (i);                                                           \
		(r)->rsp_cons = (i);                                                               \
	} while (0)
#define BACK_RING_ATTACH(r, s, i, size)                                                            \
	do {                                                                                       \
		(r)->sring = (s);                                                                  \
		(r)->nr_ents = __RING_SIZE(s, size);                                               \
		(r)->rsp_prod_pvt = (i);                                                           \
		(r)->req_cons = (i);                                                               \
	} while (0)
#define FRONT_RING_INIT(r, s, size) FRONT_RING_ATTACH(r, s, 0, size)
#define BACK_RING_INIT(r, s, size)  BACK_RING_ATTACH(r, s, 0, size)
#define XEN_FRONT_RING_INIT(r, s, size)                                                            \
	do {                                                                                       \
		SHARED_RING_INIT(s);                                                               \
		FRONT_RING_INIT(r, s, size);                                                       \
	} while (0)

#define RING_SIZE(r)          ((r)->nr_ents)
#define RING_FREE_REQUESTS(r) (RING_SIZE(r) - ((r)->req_prod_pvt - (r)->rsp_cons))
#define RING_FULL(r)          (RING_FREE_REQUESTS(r) == 0)

/* Requests are also bounded by the room left for their responses. */
#define XEN_RING_NR_UNCONSUMED_RESPONSES(r) ((r)->sring->rsp_prod - (r)->rsp_cons)
#define XEN_RING_REQ_ROOM_(r)               (RING_SIZE(r) - ((r)->req_cons - (r)->rsp_prod_pvt))
#ifdef __GNUC__
#define XEN_RING_NR_UNCONSUMED_REQUESTS(r)                                                         \
	({                                                                                         \
		unsigned int waiting_ = (r)->sring->req_prod - (r)->req_cons;                      \
		unsigned int room_ = XEN_RING_REQ_ROOM_(r);                                        \
		waiting_ < room_ ? waiting_ : room_;                                               \
	})
#else
/* Reads the index twice: check the result against the ring size. */
#define XEN_RING_NR_UNCONSUMED_REQUESTS(r)                                                         \
	(((r)->sring->req_prod - (r)->req_cons) < XEN_RING_REQ_ROOM_(r) ?                          \
		 ((r)->sring->req_prod - (r)->req_cons) :                                          \
		 XEN_RING_REQ_ROOM_(r))
#endif

/* Older users take the count; those who define the macro get 0 or 1. */
#ifdef XEN_RING_HAS_UNCONSUMED_IS_BOOL
#define RING_HAS_UNCONSUMED_RESPONSES(r) (!!XEN_RING_NR_UNCONSUMED_RESPONSES(r))
#define RING_HAS_UNCONSUMED_REQUESTS(r)  (!!XEN_RING_NR_UNCONSUMED_REQUESTS(r))
#else
#define RING_HAS_UNCONSUMED_RESPONSES(r) XEN_RING_NR_UNCONSUMED_RESPONSES(r)
#define RING_HAS_UNCONSUMED_REQUESTS(r)  XEN_RING_NR_UNCONSUMED_REQUESTS(r)
#endif

#define XEN_RING_SLOT_(r, idx)    ((r)->sring->ring[(idx) & (RING_SIZE(r) - 1)])
#define RING_GET_REQUEST(r, idx)  (&XEN_RING_SLOT_(r, idx).req)
#define RING_GET_RESPONSE(r, idx) (&XEN_RING_SLOT_(r, idx).rsp)

/* One read of shared memory, by volatile, so that later checks hold for what is used. */
#define RING_COPY_(what, r, idx, to)                                                               \
	((void)(*(to) = *(const volatile __typeof__(*(to)) *)RING_GET_##what(r, idx)))
#define RING_COPY_REQUEST(r, idx, to)  RING_COPY_(REQUEST, r, idx, to)
#define RING_COPY_RESPONSE(r, idx, to) RING_COPY_(RESPONSE, r, idx, to)

/* True if the other side's (or our own consumer) index cannot be. */
#define RING_REQUEST_CONS_OVERFLOW(r, cons)  (((cons) - (r)->rsp_prod_pvt) >= RING_SIZE(r))
#define RING_REQUEST_PROD_OVERFLOW(r, prod)  (((prod) - (r)->rsp_prod_pvt) > RING_SIZE(r))
#define RING_RESPONSE_PROD_OVERFLOW(r, prod) (((prod) - (r)->rsp_cons) > RING_SIZE(r))

/* Publish what was produced: contents first, then the index. */
#define XEN_RING_PUBLISH_(r, which)                                                                \
	do {                                                                                       \
		xen_wmb();                                                                         \
		(r)->sring->which##_prod = (r)->which##_prod_pvt;                                  \
	} while (0)
#define RING_PUSH_REQUESTS(r)  XEN_RING_PUBLISH_(r, req)
#define RING_PUSH_RESPONSES(r) XEN_RING_PUBLISH_(r, rsp)

/* Likewise; notify becomes true if the event index lies in (old, new]. */
#define XEN_RING_PUBLISH_NOTIFY_(r, which, notify)                                                 \
	do {                                                                                       \
		RING_IDX from_ = (r)->sring->which##_prod;                                         \
		RING_IDX to_ = (r)->which##_prod_pvt;                                              \
		xen_wmb();                                                                         \
		(r)->sring->which##_prod = to_;                                                    \
		xen_mb();                                                                          \
		(notify) = (RING_IDX)(to_ - (r)->sring->which##_event) < (RING_IDX)(to_ - from_);  \
	} while (0)
#define RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(r, notify)  XEN_RING_PUBLISH_NOTIFY_(r, req, notify)
#define RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify) XEN_RING_PUBLISH_NOTIFY_(r, rsp, notify)

/* Before going to sleep: ask for an event, then look once more so that none is lost. */
#define XEN_RING_FINAL_CHECK_(r, which, has, work)                                                 \
	do {                                                                                       \
		(work) = has(r);                                                                   \
		if (!(work)) {                                                                     \
			(r)->sring->which##_event = (r)->which##_cons + 1;                         \
			xen_mb();                                                                  \
			(work) = has(r);                                                           \
		}                                                                                  \
	} while (0)
#define RING_FINAL_CHECK_FOR_REQUESTS(r, work)                                                     \
	XEN_RING_FINAL_CHECK_(r, req, RING_HAS_UNCONSUMED_REQUESTS, work)
#define RING_FINAL_CHECK_FOR_RESPONSES(r, work)                                                    \
	XEN_RING_FINAL_CHECK_(r, rsp, RING_HAS_UNCONSUMED_RESPONSES, work)

/*
 * Byte rings of two directions (9P, pvcalls). An order gives pages of both; each direction has
 * half of them. Indices passed as masked_ are below ring_size.
 */
#ifndef XEN_PAGE_SHIFT
#define XEN_PAGE_SHIFT 12
#endif
#define XEN_FLEX_RING_SIZE(order) (1UL << ((order) + XEN_PAGE_SHIFT - 1))

#define DEFINE_XEN_FLEX_RING(name)                                                                 \
	static inline RING_IDX name##_mask(RING_IDX idx, RING_IDX ring_size)                       \
	{                                                                                          \
		return idx & (ring_size - 1);                                                      \
	}                                                                                          \
	static inline unsigned char *name##_get_ring_ptr(unsigned char *buf, RING_IDX idx,         \
							 RING_IDX ring_size)                       \
	{                                                                                          \
		return &buf[name##_mask(idx, ring_size)];                                          \
	}                                                                                          \
	static inline void name##_read_packet(void *opaque, const unsigned char *buf, size_t size, \
					      RING_IDX masked_prod, RING_IDX *masked_cons,         \
					      RING_IDX ring_size)                                  \
	{                                                                                          \
		size_t tail = ring_size - *masked_cons;                                            \
		size_t head = 0;                                                                   \
		if (*masked_cons >= masked_prod && size > tail)                                    \
			head = size - tail;                                                        \
		memcpy(opaque, buf + *masked_cons, size - head);                                   \
		memcpy((unsigned char *)opaque + (size - head), buf, head);                        \
		*masked_cons = name##_mask(*masked_cons + size, ring_size);                        \
	}                                                                                          \
	static inline void name##_write_packet(unsigned char *buf, const void *opaque,             \
					       size_t size, RING_IDX *masked_prod,                 \
					       RING_IDX masked_cons, RING_IDX ring_size)           \
	{                                                                                          \
		size_t tail = ring_size - *masked_prod;                                            \
		size_t head = 0;                                                                   \
		if (*masked_prod >= masked_cons && size > tail)                                    \
			head = size - tail;                                                        \
		memcpy(buf + *masked_prod, opaque, size - head);                                   \
		memcpy(buf, (const unsigned char *)opaque + (size - head), head);                  \
		*masked_prod = name##_mask(*masked_prod + size, ring_size);                        \
	}                                                                                          \
	/* Bytes waiting; equal places with unequal indices mean a full ring. */                   \
	static inline RING_IDX name##_queued(RING_IDX prod, RING_IDX cons, RING_IDX ring_size)     \
	{                                                                                          \
		RING_IDX used = name##_mask(prod - cons, ring_size);                               \
		return used || prod == cons ? used : ring_size;                                    \
	}                                                                                          \
	struct name##_data {                                                                       \
		unsigned char *in;                                                                 \
		unsigned char *out;                                                                \
	}

/* The same with the page of indices: each direction's on a cache line of its own. */
#define DEFINE_XEN_FLEX_RING_AND_INTF(name)                                                        \
	struct name##_data_intf {                                                                  \
		RING_IDX in_cons;                                                                  \
		RING_IDX in_prod;                                                                  \
		uint8_t pad1[56];                                                                  \
		RING_IDX out_cons;                                                                 \
		RING_IDX out_prod;                                                                 \
		uint8_t pad2[56];                                                                  \
		RING_IDX ring_order;                                                               \
		grant_ref_t ref[];                                                                 \
	};                                                                                         \
	DEFINE_XEN_FLEX_RING(name)

#endif
