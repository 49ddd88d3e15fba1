/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels, between the files of evtchn/.
 *
 * Locks: the domain's event_lock guards which ports exist and what they are bound to; each port's own lock is
 * held too while that changes, so that sending needs only the port's.  Two domains: lower id first.  A port
 * that is bound to another keeps its peer in place: the peer's closer takes both ports' locks.
 *
 * Fields: e both locks to write, either to read; q lock of the FIFO queue; a atomic
 */
#ifndef EVTCHN_EVTCHN_H
#define EVTCHN_EVTCHN_H

#include <hv/domain.h>
#include <hv/event.h>
#include <hv/lib.h>
#include <x86/current.h>

enum evtchn_state { PORT_FREE, PORT_RESERVED, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_PIRQ, PORT_VIRQ, PORT_IPI };

struct evtchn {
	spinlock_t lock;	/* LOCK_PORT */
	u8 state;		/* e */
	u8 priority;		/* e: FIFO */
	u8 pending;		/* a: FIFO: raised before its event word existed */
	u16 vcpu;		/* e: notified vCPU */
	u16 queue;		/* q: FIFO: vCPU and priority whose queue it was last put on */
	union {			/* e */
		domid_t remote_domid;				/* PORT_UNBOUND: who may bind */
		struct { struct domain *d; u32 port; } remote; /* PORT_INTERDOMAIN */
		u32 pirq;
		u32 virq;
	} u;
};
_Static_assert(sizeof(struct evtchn) == 32, "128 ports a page");

#define PORTS_PER_BUCKET 128U
#define BUCKETS_PER_GROUP 512U
#define PORTS_PER_GROUP (PORTS_PER_BUCKET * BUCKETS_PER_GROUP)
#define MAX_GROUPS (EVTCHN_FIFO_NR_CHANNELS / PORTS_PER_GROUP)

struct evtchn_abi {
	u32 max_ports;		/* numbers below it are usable */
	void (*init)(struct domain *d, struct evtchn *e, u32 port);	/* a port comes into use */
	/* Marks the event and tells its vCPU unless it is masked. Any context. */
	void (*set_pending)(struct vcpu *v, struct evtchn *e, u32 port);
	void (*clear_pending)(struct domain *d, u32 port);
	void (*unmask)(struct domain *d, struct evtchn *e, u32 port);
	bool (*is_pending)(const struct domain *d, u32 port);
	bool (*is_masked)(const struct domain *d, u32 port);
	int (*set_priority)(struct evtchn *e, u32 priority);		/* NULL: -ENOSYS */
};
extern const struct evtchn_abi evtchn_2l_abi, evtchn_fifo_abi;

void evtchn_2l_set_pending(struct vcpu *v, struct evtchn *e, u32 port);
void evtchn_2l_clear_pending(struct domain *d, u32 port);
void evtchn_2l_unmask(struct domain *d, struct evtchn *e, u32 port);
void evtchn_fifo_set_pending(struct vcpu *v, struct evtchn *e, u32 port);
void evtchn_fifo_clear_pending(struct domain *d, u32 port);
void evtchn_fifo_unmask(struct domain *d, struct evtchn *e, u32 port);
/* The same on hot paths: to choose between two costs less than a branch that may have to be a retpoline (x86/thunk.h). */
#define ABI_CALL(abi, fn, ...) \
	(likely((abi) == &evtchn_2l_abi) ? evtchn_2l_##fn(__VA_ARGS__) : evtchn_fifo_##fn(__VA_ARGS__))

struct evtchn_fifo;

/* A domain's ports: buckets of 128 that come with the first port in them and stay until the domain goes. */
struct evtchn_table {
	const struct evtchn_abi *abi;	/* e */
	struct evtchn *first;		/* ports below 128 */
	struct evtchn **group[MAX_GROUPS];
	u32 valid;			/* e: ports below it have a bucket */
	u32 max_port;			/* c */
	u32 limit;			/* e: numbers below it may be used: by max_port and ABI */
	u32 free_hint;			/* e: no free port below */
	u32 close_cursor;		/* where a reset, or the domain's end, goes on closing ports */
	unsigned long *used;		/* e: bit per port up to max_port */
	struct evtchn_fifo *fifo;	/* e: NULL: 2-level */
};

static inline bool port_valid(const struct evtchn_table *t, u32 port) { return port < READ_ONCE(t->valid); }

/* @port must be valid. */
static inline struct evtchn *port_of(const struct evtchn_table *t, u32 port)
{
	if (likely(port < PORTS_PER_BUCKET))
		return &t->first[port];
	return &t->group[port / PORTS_PER_GROUP][port / PORTS_PER_BUCKET % BUCKETS_PER_GROUP][port % PORTS_PER_BUCKET];
}

/* A domain that has no vCPU yet hears nothing. */
static inline void port_raise(struct domain *d, struct evtchn *e, u32 port)
{
	struct vcpu *v = d->vcpu[e->vcpu];

	if (likely(v))
		ABI_CALL(READ_ONCE(d->evtchn->abi), set_pending, v, e, port);
}

/* evtchn/port.c */
int port_alloc_slow(struct domain *d);

static inline void port_take(struct domain *d, struct evtchn_table *t, u32 port)
{
	struct evtchn *e = port_of(t, port);

	t->free_hint = port + 1;
	__set_bit(port, t->used);
	e->vcpu = 0;
	e->state = PORT_RESERVED;
	if (t->abi->init)
		t->abi->init(d, e, port);
}

/* Lowest free number or -errno; event lock held; the port's state is PORT_RESERVED then. */
static inline int port_alloc(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;
	u32 port = t->free_hint;

	if (unlikely(d->dying || port >= t->limit || port >= t->valid || test_bit(port, t->used)))
		return port_alloc_slow(d);
	port_take(d, t, port);
	return (int)port;
}

void port_free(struct domain *d, u32 port);	/* event lock and port's lock */
int evtchn_close(struct domain *d, u32 port);

/* evtchn/virq.c */
long evtchn_bind_virq(struct evtchn_bind_virq *op);
void evtchn_unbind_virq(struct domain *d, u32 virq, u32 port);
void evtchn_forget_global_virqs(struct domain *d);

/* evtchn/bind.c */
long evtchn_alloc_unbound(struct evtchn_alloc_unbound *op);
long evtchn_bind_interdomain(struct evtchn_bind_interdomain *op);
long evtchn_bind_ipi(struct evtchn_bind_ipi *op);
long evtchn_bind_pirq(struct evtchn_bind_pirq *op);
long evtchn_bind_vcpu(const struct evtchn_bind_vcpu *op);
long evtchn_status(struct evtchn_status *op);
/* The domain an operation names: the caller's own, or another's for a privileged caller, referenced then. */
struct domain *evtchn_other_target(domid_t id, long *rc);
static inline struct domain *evtchn_target(domid_t id, long *rc)
{
	return likely(id == DOMID_SELF) ? current->domain : evtchn_other_target(id, rc);
}

/* evtchn/fifo.c */
long evtchn_fifo_init_control(struct evtchn_init_control *op);
long evtchn_fifo_expand_array(const struct evtchn_expand_array *op);
void evtchn_fifo_destroy(struct domain *d);
void evtchn_fifo_dump(const struct domain *d, u32 port);

#endif
