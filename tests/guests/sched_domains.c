/* SPDX-License-Identifier: GPL-2.0-only */
/* Domains of one page of code: what they do, how they are built, and what they have used. */
#include "sched.h"

#define CODE_VA 0x400000UL
#define SHARED_VA 0x401000UL
#define PAGE_VA(vcpu) (0x402000UL + (vcpu) * PAGE_SIZE)
#define MAX_DOMS 130
enum { F_L4, F_L3, F_L2, F_L1, F_CODE, F_PAGE, F_ALL = F_PAGE + MAX_VCPUS };

static u8 windows[MAX_DOMS][MAX_VCPUS][PAGE_SIZE] __attribute__((aligned(4096)));
static u8 scratch[PAGE_SIZE] __attribute__((aligned(4096)));
static struct dom doms[MAX_DOMS];

/* ---- what a child does ---- */

static inline __attribute__((always_inline)) void turn(struct vcpu_page *p)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	for (u32 i = 0; i < 500; i++)
		barrier();
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	p->turns_on[ebx >> 24 & 1]++;		/* the APIC's number */
	p->turns++;
	__asm__ volatile("pause");		/* in QEMU: on with the next CPU */
}

static void __attribute__((noipa, noreturn, aligned(64)))
child_main(struct vcpu_page *p, shared_info_t *s, u32 vcpu)
{
	struct evtchn_bind_virq bind = { .virq = VIRQ_TIMER, .vcpu = vcpu };
	struct vcpu_register_runstate_memory_area area = { .addr.v = &p->runstate };
	struct vcpu_set_singleshot_timer timer = { 0 };
	struct sched_poll poll = { .nr_ports = 1 };

	s->vcpu_info[vcpu].evtchn_upcall_mask = 1;
	H2(event_channel_op, EVTCHNOP_bind_virq, &bind);
	H3(vcpu_op, VCPUOP_register_runstate_memory_area, vcpu, &area);
	poll.ports.p = &bind.port;
	while (!p->period)
		turn(p);
	for (;;) {
		u64 now = time_of(&s->vcpu_info[vcpu].time);

		timer.timeout_abs_ns = now + p->period;
		__atomic_and_fetch(&s->evtchn_pending[0], ~(1UL << bind.port), __ATOMIC_SEQ_CST);
		H3(vcpu_op, VCPUOP_set_singleshot_timer, vcpu, &timer);
		while (now < timer.timeout_abs_ns) {
			H2(sched_op, SCHEDOP_poll, &poll);
			now = time_of(&s->vcpu_info[vcpu].time);
		}
		if (p->sleeps < MAX_DELAYS)
			p->delay[p->sleeps] = (u32)(now - timer.timeout_abs_ns);
		p->sleeps++;
		for (u32 i = 0; i < p->work; i++)
			turn(p);
	}
}

/* ---- building ---- */

static bool fill(domid_t id, u64 frame, const void *data, size_t len)
{
	return write_foreign(scratch, id, frame, data, len);
}

static bool give_memory(domid_t id, u64 *frames)
{
	struct xen_memory_reservation r = { .nr_extents = F_ALL, .domid = id };
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_max_mem, id);

	op->u.max_mem.max_memkb = 4 * F_ALL;
	WANT(domctl(op), 0);
	for (u64 i = 0; i < F_ALL; i++)
		frames[i] = i;
	r.extent_start.p = frames;
	WANT(H2(memory_op, XENMEM_populate_physmap, &r), F_ALL);
	return true;
}

static bool make_tables(domid_t id, const u64 *frames, child_fn *code)
{
	struct mmuext_op pin = { .cmd = MMUEXT_PIN_L4_TABLE, .arg1.mfn = frames[F_L4] };
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getdomaininfo, id);
	u64 table[F_ALL] = { 0 };

	WANT(domctl(op), 0);
	table[0] = frames[F_L3] << 12 | PTE_FLAGS;
	WANT_TRUE(fill(id, frames[F_L4], table, 8));
	table[0] = frames[F_L2] << 12 | PTE_FLAGS;
	WANT_TRUE(fill(id, frames[F_L3], table, 8));
	table[0] = 0;
	table[CODE_VA >> 21] = frames[F_L1] << 12 | PTE_FLAGS;
	WANT_TRUE(fill(id, frames[F_L2], table, sizeof(table)));
	table[0] = frames[F_CODE] << 12 | PTE_P | PTE_U | PTE_A;
	table[1] = op->u.getdomaininfo.shared_info_frame << 12 | PTE_FLAGS;
	for (u32 i = 0; i < MAX_VCPUS; i++)
		table[2 + i] = frames[F_PAGE + i] << 12 | PTE_FLAGS;
	WANT_TRUE(fill(id, frames[F_L1], table, sizeof(table)));
	WANT_TRUE(fill(id, frames[F_CODE], code, PAGE_SIZE));
	WANT(H4(mmuext_op, &pin, 1, 0, id), 0);
	return true;
}

static bool make_vcpu(struct dom *d, u32 vcpu, const u64 *frames, const struct dom_plan *plan)
{
	static struct vcpu_guest_context c;
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setvcpucontext, d->id);

	kernel_context(&c, CODE_VA, PAGE_VA(vcpu + 1) - 8, frames[F_L4]);
	c.user_regs.rdi = PAGE_VA(vcpu);
	c.user_regs.rsi = SHARED_VA;
	c.user_regs.rdx = vcpu;
	op->u.vcpucontext.vcpu = vcpu;
	op->u.vcpucontext.ctxt.p = &c;
	WANT(domctl(op), 0);
	WANT(map_foreign(d->page[vcpu], d->id, frames[F_PAGE + vcpu]), 0);
	memset(d->page[vcpu], 0, PAGE_SIZE);
	d->page[vcpu]->period = plan->period;
	d->page[vcpu]->work = plan->work;
	if (plan->cpus)
		WANT_TRUE(set_affinity(d->id, vcpu, XEN_VCPUAFFINITY_HARD, plan->cpus));
	if (plan->prefers)
		WANT_TRUE(set_affinity(d->id, vcpu, XEN_VCPUAFFINITY_SOFT, plan->prefers));
	return true;
}

static bool build(struct dom *d, const struct dom_plan *plan)
{
	u64 frames[F_ALL];

	WANT_TRUE(give_memory(d->id, frames) && make_tables(d->id, frames, plan->code ? plan->code : child_main));
	for (u32 i = 0; i < d->vcpus; i++)
		WANT_TRUE(make_vcpu(d, i, frames, plan));
	if (plan->weight)
		WANT_TRUE(set_weight(d, plan->weight));
	if (plan->cap)
		WANT_TRUE(set_cap(d, plan->cap));
	WANT(domctl(domctl_op(XEN_DOMCTL_unpausedomain, d->id)), 0);
	return true;
}

struct dom *start(struct dom_plan plan)
{
	struct dom *d = doms;
	domid_t id = new_domain(plan.vcpus);

	while (d->id)
		d++;
	if (id == DOMID_INVALID)
		return NULL;
	*d = (struct dom){ .id = id, .vcpus = plan.vcpus };
	for (u32 i = 0; i < MAX_VCPUS; i++)
		d->page[i] = (void *)windows[d - doms][i];
	return build(d, &plan) ? d : NULL;
}

void end_all(void)
{
	for (struct dom *d = doms; d < doms + MAX_DOMS; d++)
		if (d->id) {
			for (u32 i = 0; i < d->vcpus; i++)
				unmap_foreign(d->page[i]);
			destroy_domain(d->id);
			d->id = 0;
		}
}

/* ---- ruling ---- */

/* What is not changed is written as it is. */
static struct xen_domctl *sched_op(const struct dom *d)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_scheduler_op, d->id);

	op->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
	op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
	if (domctl(op))
		printk("  d%u has no weight and cap\n", d->id);
	op->u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
	return op;
}

bool set_weight(const struct dom *d, u32 weight)
{
	struct xen_domctl *op = sched_op(d);

	op->u.scheduler_op.u.credit2.weight = (u16)weight;
	WANT(domctl(op), 0);
	return true;
}

bool set_cap(const struct dom *d, u32 cap)
{
	struct xen_domctl *op = sched_op(d);

	op->u.scheduler_op.u.credit2.cap = (u16)cap;
	WANT(domctl(op), 0);
	return true;
}

bool set_affinity(domid_t id, u32 vcpu, u32 flag, u32 cpus)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_setvcpuaffinity, id);
	u8 map = (u8)cpus;
	struct xenctl_bitmap bits = { .nr_bits = 8 };

	bits.bitmap.p = &map;
	op->u.vcpuaffinity.vcpu = vcpu;
	op->u.vcpuaffinity.flags = flag;
	op->u.vcpuaffinity.cpumap_hard = bits;
	op->u.vcpuaffinity.cpumap_soft = bits;
	WANT(domctl(op), 0);
	return true;
}

/* ---- measuring ---- */

bool get_vcpu(const struct dom *d, u32 vcpu, struct xen_domctl_getvcpuinfo *info)
{
	struct xen_domctl *op = domctl_op(XEN_DOMCTL_getvcpuinfo, d->id);

	op->u.getvcpuinfo.vcpu = vcpu;
	WANT(domctl(op), 0);
	*info = op->u.getvcpuinfo;
	return true;
}

/* The domain's own sum says the same, up to what it ran between the two questions. */
static bool look(struct dom *d)
{
	struct xen_domctl_getvcpuinfo info;
	struct xen_domctl *op;
	u64 sum = 0;

	for (u32 i = 0; i < d->vcpus; i++) {
		WANT_TRUE(get_vcpu(d, i, &info));
		d->ran[i] = info.cpu_time - d->before[i];
		d->before[i] = info.cpu_time;
		sum += info.cpu_time;
	}
	op = domctl_op(XEN_DOMCTL_getdomaininfo, d->id);
	WANT(domctl(op), 0);
	WANT_TRUE(op->u.getdomaininfo.cpu_time >= sum && op->u.getdomaininfo.cpu_time < sum + 2 * MS);
	return true;
}

static u64 look_at_all(void)
{
	u64 t = system_time();

	for (struct dom *d = doms; d < doms + MAX_DOMS; d++)
		if (d->id && !look(d))
			return 0;
	return t;
}

u64 measure(u64 ns)
{
	u64 from = look_at_all();

	nap(ns);
	return from ? look_at_all() - from : 0;
}

u64 share(const struct dom *d, u64 elapsed)
{
	u64 sum = 0;

	for (const struct dom *e = doms; e < doms + MAX_DOMS; e++)
		for (u32 i = 0; e->id && (!d || d == e) && i < e->vcpus; i++)
			sum += e->ran[i];
	return sum * 10000 / elapsed;
}
