/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The FIFO ABI.  Each port has an event word in pages of the guest; pending events hang in one of 16 queues
 * of a vCPU as a linked list through those words: LINKED says that a word is in a list, LINK names the next
 * port, the control block holds the heads and a ready bit per queue.
 *
 * The guest takes events off the head and clears LINKED and LINK; we append at the tail, which only we know.
 * Everything in guest memory may change under our feet: each word is read once and written by compare and
 * swap, ports found in it are never followed, loops are bounded.  A guest that writes nonsense loses events.
 */
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/sched.h>
#include <x86/current.h>
#include "evtchn.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define MAX_PAGES (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
/* Attempts to change a word against a guest that keeps changing it. */
#define LINK_TRIES 8

#define PENDING (1U << EVTCHN_FIFO_PENDING)
#define MASKED (1U << EVTCHN_FIFO_MASKED)
#define LINKED (1U << EVTCHN_FIFO_LINKED)
#define BUSY (1U << EVTCHN_FIFO_BUSY)

struct fifo_queue {
	spinlock_t lock;	/* irqsave */
	u32 tail;		/* q: port appended last, 0 none */
};

struct evtchn_fifo_vcpu {
	struct evtchn_fifo_control_block *cb;	/* guest memory, NULL: not given yet */
	struct page_info *page;
	struct fifo_queue queue[EVTCHN_FIFO_MAX_QUEUES];
};

struct evtchn_fifo {
	u32 nr_words;			/* e */
	event_word_t *page[MAX_PAGES];	/* e: guest memory; entries below nr_words are constant */
	struct page_info *info[MAX_PAGES];
};

static event_word_t *word_of(const struct domain *d, u32 port)
{
	const struct evtchn_fifo *f = d->evtchn->fifo;

	if (unlikely(port >= READ_ONCE(f->nr_words)))
		return NULL;
	return &f->page[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

static event_word_t set_bits(event_word_t *w, event_word_t bits) { return atomic_fetch_or(w, bits); }
static event_word_t clear_bits(event_word_t *w, event_word_t bits) { return atomic_fetch_and(w, ~bits); }

/* Hangs @port behind the event word @tail; false: the guest has taken that one off, the list is empty. */
static bool link_behind(const struct domain *d, event_word_t *tail, u32 port)
{
	event_word_t w = READ_ONCE(*tail);
	bool busy = false;

	for (unsigned int i = 0; i < LINK_TRIES && (w & LINKED); i++) {
		if (try_cmpxchg(tail, &w, (w & ~(BUSY | EVTCHN_FIFO_LINK_MASK)) | port))
			return true;
		/* Asks a well-meaning guest on another vCPU not to touch the word for a moment. */
		if (!busy)
			w = set_bits(tail, BUSY) | BUSY;
		busy = true;
	}
	if (busy)
		clear_bits(tail, BUSY);
	if (!(w & LINKED))
		return false;
	printk(LOG_G_WARN "d%u: keeps changing the event word at a queue's tail, event of port %u is lost\n",
	       d->id, port);
	return true;
}

static struct fifo_queue *queue_by_code(const struct domain *d, u16 code)
{
	struct evtchn_fifo_vcpu *fv = d->vcpu[code / EVTCHN_FIFO_MAX_QUEUES]->fifo;

	return fv ? &fv->queue[code % EVTCHN_FIFO_MAX_QUEUES] : NULL;
}

/* Locks @q and the queue that the port was last on, lower address first; returns the latter if it is another. */
static struct fifo_queue *lock_queues(const struct domain *d, const struct evtchn *e, struct fifo_queue *q,
				      unsigned long *flags)
{
	for (;;) {
		u16 code = READ_ONCE(e->queue);
		struct fifo_queue *old = queue_by_code(d, code);

		if (likely(!old || old == q)) {
			*flags = spin_lock_irqsave(&q->lock);
			old = NULL;
		} else {
			*flags = spin_lock_irqsave(old < q ? &old->lock : &q->lock);
			spin_lock_nested(old < q ? &q->lock : &old->lock);
		}
		if (likely(e->queue == code))
			return old;
		if (old)
			spin_unlock(&old->lock);
		spin_unlock_irqrestore(&q->lock, *flags);
	}
}

/* Both locks held. true: the list was empty before. */
static bool append(struct evtchn_fifo_vcpu *fv, const struct domain *d, struct fifo_queue *q, u32 prio, u32 port)
{
	bool linked = false;

	/* If it is the tail itself, it just left the list as its last. */
	if (q->tail && q->tail != port) {
		event_word_t *tail = word_of(d, q->tail);

		linked = tail && link_behind(d, tail, port);
	}
	if (!linked)
		WRITE_ONCE(fv->cb->head[prio], port);
	q->tail = port;
	return !linked;
}

static void link_event(struct vcpu *v, struct evtchn *e, event_word_t *word, u32 port)
{
	struct domain *d = v->domain;
	struct evtchn_fifo_vcpu *fv = v->fifo;
	u8 prio = READ_ONCE(e->priority);
	struct fifo_queue *q, *old;
	bool first = false;
	unsigned long flags;

	/* No control block: the guest unmasked too early, and its events go nowhere. */
	if (unlikely(!fv || !READ_ONCE(fv->cb)))
		return;
	q = &fv->queue[prio];
	old = lock_queues(d, e, q, &flags);
	/* Unless somebody else put it on a queue before we had the lock. */
	if (!(set_bits(word, LINKED) & LINKED)) {
		/* Its word starts another list: nothing may be hung behind it in the old one. */
		if (old && old->tail == port)
			old->tail = 0;
		e->queue = (u16)(v->id * EVTCHN_FIFO_MAX_QUEUES + prio);
		first = append(fv, d, q, prio, port);
	}
	if (old)
		spin_unlock(&old->lock);
	spin_unlock_irqrestore(&q->lock, flags);

	/* Appended to a list that is not empty: the guest is told already. */
	if (first && !test_and_set_bit(prio, &fv->cb->ready))
		vcpu_mark_events_pending(v);
}

void evtchn_fifo_set_pending(struct vcpu *v, struct evtchn *e, u32 port)
{
	struct domain *d = v->domain;
	event_word_t *word = word_of(d, port), old;

	if (unlikely(!word)) {
		WRITE_ONCE(e->pending, 1);
		return;
	}
	old = set_bits(word, PENDING);
	if (!(old & (MASKED | LINKED)))
		link_event(v, e, word, port);
	if (!(old & PENDING))
		sched_wake_pollers(d, port);
}

void evtchn_fifo_clear_pending(struct domain *d, u32 port)
{
	event_word_t *word = word_of(d, port);

	/* LINKED stays: it tells that the word is in a list, and the guest unlinks it there. */
	if (word)
		clear_bits(word, PENDING);
}

void evtchn_fifo_unmask(struct domain *d, struct evtchn *e, u32 port)
{
	event_word_t *word = word_of(d, port);

	if (unlikely(!word))
		return;
	clear_bits(word, MASKED);
	if (READ_ONCE(*word) & PENDING)
		evtchn_fifo_set_pending(d->vcpu[e->vcpu], e, port);
}

static bool fifo_is_pending(const struct domain *d, u32 port)
{
	const event_word_t *word = word_of(d, port);

	return word && (READ_ONCE(*word) & PENDING);
}

static bool fifo_is_masked(const struct domain *d, u32 port)
{
	const event_word_t *word = word_of(d, port);

	return !word || (READ_ONCE(*word) & MASKED);
}

static int fifo_set_priority(struct evtchn *e, u32 priority)
{
	if (priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	/* Takes effect with the next event; a pending one stays where it hangs. */
	WRITE_ONCE(e->priority, (u8)priority);
	return 0;
}

static void fifo_init(struct domain *d, struct evtchn *e, u32 port)
{
	e->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	WRITE_ONCE(e->pending, 0);
	evtchn_fifo_clear_pending(d, port);
}

const struct evtchn_abi evtchn_fifo_abi = {
	.max_ports = EVTCHN_FIFO_NR_CHANNELS,
	.init = fifo_init,
	.set_pending = evtchn_fifo_set_pending,
	.clear_pending = evtchn_fifo_clear_pending,
	.unmask = evtchn_fifo_unmask,
	.is_pending = fifo_is_pending,
	.is_masked = fifo_is_masked,
	.set_priority = fifo_set_priority,
};

static struct evtchn_fifo_vcpu *new_fifo_vcpu(void)
{
	struct evtchn_fifo_vcpu *fv = hv_new(struct evtchn_fifo_vcpu);

	for (unsigned int i = 0; fv && i < EVTCHN_FIFO_MAX_QUEUES; i++)
		spin_init(&fv->queue[i].lock, LOCK_LEAF);
	return fv;
}

/* Takes over what is pending in the 2-level bitmap; events sent meanwhile wait for the port's lock. */
static void switch_abi(struct domain *d, struct evtchn_fifo *f)
{
	struct evtchn_table *t = d->evtchn;

	t->fifo = f;
	smp_wmb();
	for (u32 port = 1; port < t->valid; port++) {
		struct evtchn *e = port_of(t, port);

		spin_lock(&e->lock);
		e->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		e->queue = (u16)(e->vcpu * EVTCHN_FIFO_MAX_QUEUES + EVTCHN_FIFO_PRIORITY_DEFAULT);
		if (port < EVTCHN_2L_NR_CHANNELS && test_bit(port, d->shared_info->evtchn_pending))
			e->pending = 1;
		spin_unlock(&e->lock);
	}
	WRITE_ONCE(t->abi, &evtchn_fifo_abi);
	t->limit = t->max_port + 1;
}

/* Event lock held. Queues of all vCPUs exist before the first event is linked, so that senders need no check. */
static int fifo_start(struct domain *d)
{
	struct evtchn_fifo *f;
	struct vcpu *v;

	if (d->evtchn->fifo)
		return 0;
	for_each_vcpu(d, v)
		if (!v->fifo && !(v->fifo = new_fifo_vcpu()))
			return -ENOMEM;
	f = hv_new(struct evtchn_fifo);
	if (!f)
		return -ENOMEM;
	switch_abi(d, f);
	return 0;
}

static int set_control_block(struct vcpu *v, struct page_info *pg, u32 offset)
{
	struct evtchn_fifo_vcpu *fv = v->fifo;
	struct evtchn_fifo_control_block *cb;

	if (!fv && !(fv = new_fifo_vcpu()))
		return -ENOMEM;
	v->fifo = fv;
	if (fv->cb)
		return -EINVAL;
	cb = (void *)((char *)page_to_virt(pg) + offset);
	fv->page = pg;
	smp_wmb();
	WRITE_ONCE(fv->cb, cb);
	return 0;
}

long evtchn_fifo_init_control(struct evtchn_init_control *op)
{
	struct domain *d = current->domain;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct page_info *pg;
	long rc;

	if (!v)
		return -ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || (op->offset & 7))
		return -EINVAL;
	pg = d->kind->hold_page(d, op->control_gfn);
	if (!pg)
		return -EINVAL;

	spin_lock(&d->event_lock);
	rc = d->dying ? -EINVAL : fifo_start(d);
	if (!rc)
		rc = set_control_block(v, pg, op->offset);
	spin_unlock(&d->event_lock);
	if (rc)
		d->kind->release_page(d, pg);
	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	return rc;
}

/* The page is in the array: what was raised for its ports before shows up now. */
static void raise_waiting(struct domain *d, u32 first)
{
	struct evtchn_table *t = d->evtchn;

	for (u32 port = max(first, 1U); port < first + WORDS_PER_PAGE && port_valid(t, port); port++) {
		struct evtchn *e = port_of(t, port);

		spin_lock(&e->lock);
		if (xchg(&e->pending, 0) && e->state >= PORT_UNBOUND)
			port_raise(d, e, port);
		spin_unlock(&e->lock);
	}
}

long evtchn_fifo_expand_array(const struct evtchn_expand_array *op)
{
	struct domain *d = current->domain;
	struct page_info *pg = d->kind->hold_page(d, op->array_gfn);
	struct evtchn_fifo *f;
	long rc = 0;
	u32 first;

	if (!pg)
		return -EINVAL;
	spin_lock(&d->event_lock);
	f = d->evtchn->fifo;
	if (!f) {
		rc = -EOPNOTSUPP;
	} else if (f->nr_words >= EVTCHN_FIFO_NR_CHANNELS) {
		rc = -ENOSPC;
	} else {
		first = f->nr_words;
		f->page[first / WORDS_PER_PAGE] = page_to_virt(pg);
		f->info[first / WORDS_PER_PAGE] = pg;
		smp_wmb();
		WRITE_ONCE(f->nr_words, first + (u32)WORDS_PER_PAGE);
		raise_waiting(d, first);
	}
	spin_unlock(&d->event_lock);
	if (rc)
		d->kind->release_page(d, pg);
	return rc;
}

static void free_fifo_vcpu(struct domain *d, struct vcpu *v)
{
	struct evtchn_fifo_vcpu *fv = v->fifo;

	if (!fv)
		return;
	v->fifo = NULL;
	if (fv->page)
		d->kind->release_page(d, fv->page);
	hv_free(fv);
}

/* Back to 2-level; on return nobody is at work on the words of any port. */
static void leave_fifo_abi(struct domain *d)
{
	struct evtchn_table *t = d->evtchn;

	t->limit = min(t->max_port + 1, evtchn_2l_abi.max_ports);
	WRITE_ONCE(t->abi, &evtchn_2l_abi);
	for (u32 port = 0; port < t->valid; port++) {
		struct evtchn *e = port_of(t, port);

		spin_lock(&e->lock);
		spin_unlock(&e->lock);
	}
}

/*
 * No port is open, so nobody sends.  Another vCPU may be about to unmask a closed port all the same, or to look
 * at one that it polls: both hold the port's lock from before they choose the ABI until they are through.
 */
void evtchn_fifo_destroy(struct domain *d)
{
	struct evtchn_fifo *f = d->evtchn->fifo;
	struct vcpu *v;

	if (f)
		leave_fifo_abi(d);
	for_each_vcpu(d, v)
		free_fifo_vcpu(d, v);
	if (!f)
		return;
	d->evtchn->fifo = NULL;
	for (unsigned int i = 0; i < f->nr_words / WORDS_PER_PAGE; i++)
		d->kind->release_page(d, f->info[i]);
	hv_free(f);
}

void evtchn_vcpu_free(struct vcpu *v)
{
	free_fifo_vcpu(v->domain, v);
}

void evtchn_fifo_dump(const struct domain *d, u32 port)
{
	const event_word_t *word = word_of(d, port);

	if (word)
		printk(" word %08x", READ_ONCE(*word));
	else
		printk(" word none");
}
