// SPDX-License-Identifier: GPL-2.0-only
/* domctls about virtual CPUs. */
#include <hv/control.h>
#include <hv/heap.h>
#include <hv/sched.h>
#include <x86/guest_context.h>
#include <x86/cpu_policy.h>
#include <x86/current.h>
#include <x86/fpu.h>
#include <x86/processor.h>
#include <x86/time.h>
#include <x86/traps.h>

/* ---- affinity ---- */

static long set_affinity(struct vcpu *v, struct xenctl_bitmap *map, int (*set)(struct vcpu *, const cpumask_t *))
{
	cpumask_t m;
	long rc = bitmap_from_control(m.bits, NR_CPUS, map);

	return rc ? rc : set(v, &m);
}

/* What a set made effective: hard on CPUs of its pool, soft within hard. */
static long report_affinity(struct vcpu *v, struct xen_domctl_vcpuaffinity *a)
{
	cpumask_t hard, soft;
	long rc = 0;

	cpumask_and(&hard, &v->hard_affinity, &v->domain->pool->cpus);
	cpumask_and(&soft, &v->soft_affinity, &hard);
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_to_control(&a->cpumap_hard, hard.bits, nr_cpus);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_to_control(&a->cpumap_soft, soft.bits, nr_cpus);
	return rc;
}

long domctl_setvcpuaffinity(struct domctl_call *c)
{
	struct xen_domctl_vcpuaffinity *a = &c->op->u.vcpuaffinity;
	struct vcpu *v = domain_vcpu(c->d, a->vcpu);
	cpumask_t old;
	long rc = 0;

	if (!v)
		return -ESRCH;
	if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)) ||
	    a->flags & ~(XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT | XEN_VCPUAFFINITY_FORCE))
		return -EINVAL;
	old = v->hard_affinity;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = set_affinity(v, &a->cpumap_hard, vcpu_set_hard_affinity);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT) {
		rc = set_affinity(v, &a->cpumap_soft, vcpu_set_soft_affinity);
		if (rc && a->flags & XEN_VCPUAFFINITY_HARD && vcpu_set_hard_affinity(v, &old))
			printk(LOG_WARN "d%uv%u: hard affinity not restored\n", c->d->id, v->id);
	}
	return rc ? rc : report_affinity(v, a);
}

long domctl_getvcpuaffinity(struct domctl_call *c)
{
	struct xen_domctl_vcpuaffinity *a = &c->op->u.vcpuaffinity;
	struct vcpu *v = domain_vcpu(c->d, a->vcpu);
	long rc = 0;

	if (!v)
		return -ESRCH;
	if (!(a->flags & (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)))
		return -EINVAL;
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = bitmap_to_control(&a->cpumap_hard, v->hard_affinity.bits, NR_CPUS);
	if (!rc && a->flags & XEN_VCPUAFFINITY_SOFT)
		rc = bitmap_to_control(&a->cpumap_soft, v->soft_affinity.bits, NR_CPUS);
	return rc;
}

/* ---- registers ---- */

long domctl_setvcpucontext(struct domctl_call *c)
{
	struct vcpu *v = domain_vcpu(c->d, c->op->u.vcpucontext.vcpu);
	union vcpu_guest_context_any *ctxt;
	long rc;

	if (!v)
		return -EINVAL;
	if (guest_handle_null(c->op->u.vcpucontext.ctxt))
		return vcpu_reset(v);
	ctxt = hv_new(union vcpu_guest_context_any);
	if (!ctxt)
		return -ENOMEM;
	rc = -EFAULT;
	if (guest_read(&ctxt->nat, c->op->u.vcpucontext.ctxt)) {
		domain_pause(c->d);
		rc = c->d->kind->set_context(v, ctxt);
		domain_unpause(c->d);
	}
	hv_free(ctxt);
	/* Who builds a guest clears its shared info, the time of day with it, before giving a context to its first vCPU. */
	if (!rc && !v->id)
		domain_wallclock_publish(c->d);
	return rc;
}

long domctl_getvcpucontext(struct domctl_call *c)
{
	struct vcpu *v = domain_vcpu(c->d, c->op->u.vcpucontext.vcpu);
	union vcpu_guest_context_any *ctxt;
	long rc;

	if (!v)
		return -EINVAL;
	if (!v->is_initialised)
		return -ENODATA;
	ctxt = hv_new(union vcpu_guest_context_any);
	if (!ctxt)
		return -ENOMEM;
	vcpu_pause(v);
	c->d->kind->get_context(v, ctxt);
	vcpu_unpause(v);
	rc = guest_write(c->op->u.vcpucontext.ctxt, &ctxt->nat) ? 0 : -EFAULT;
	hv_free(ctxt);
	c->copy_back = !rc;
	return rc;
}

long domctl_getvcpuinfo(struct domctl_call *c)
{
	struct xen_domctl_getvcpuinfo *i = &c->op->u.getvcpuinfo;
	struct vcpu *v = domain_vcpu(c->d, i->vcpu);

	if (!v)
		return -ESRCH;
	i->online = !test_bit(VPF_DOWN, &v->pause_flags);
	i->blocked = test_bit(VPF_BLOCKED, &v->pause_flags);
	i->running = v->is_running;
	i->cpu_time = vcpu_cpu_time(v);
	i->cpu = v->processor;
	c->copy_back = true;
	return 0;
}

/* ---- what vcpu_guest_context has no room for ---- */

long domctl_get_ext_vcpucontext(struct domctl_call *c)
{
	struct xen_domctl_ext_vcpucontext *e = &c->op->u.ext_vcpucontext;
	struct vcpu *v = domain_vcpu(c->d, e->vcpu);
	u32 id = e->vcpu;

	if (!v)
		return -ESRCH;
	if (!c->d->kind->get_ext_context)
		return -EINVAL;
	memset(e, 0, sizeof(*e));
	e->vcpu = id;
	e->size = sizeof(*e);
	c->d->kind->get_ext_context(v, e);
	c->copy_back = true;
	return 0;
}

long domctl_set_ext_vcpucontext(struct domctl_call *c)
{
	const struct xen_domctl_ext_vcpucontext *e = &c->op->u.ext_vcpucontext;
	struct vcpu *v = domain_vcpu(c->d, e->vcpu);
	long rc;

	if (!v)
		return -ESRCH;
	/* Older streams end before the machine-check fields, which are not used. */
	if (!c->d->kind->set_ext_context || e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap))
		return -EINVAL;
	domain_pause(c->d);
	rc = c->d->kind->set_ext_context(v, e);
	domain_unpause(c->d);
	return rc;
}

/* ---- extended FPU state: two words (XCR0, and all bits of it that were ever set), then an XSAVE area ---- */

#define XSTATE_HEAD (2 * sizeof(u64))
#define XSAVE_MIN_SIZE 576U

static u32 extstate_size(const struct vcpu *v, u64 accum)
{
	if (!policy_xcr0(v->domain->arch.policy_ro))
		return 0;
	return (u32)XSTATE_HEAD + policy_xstate_size(v->domain->arch.policy_ro, accum);
}

long domctl_getvcpuextstate(struct domctl_call *c)
{
	struct xen_domctl_vcpuextstate *e = &c->op->u.vcpuextstate;
	struct vcpu *v = domain_vcpu(c->d, e->vcpu);
	unsigned long buf = (unsigned long)e->buffer.p;
	u64 head[2];
	u32 size;
	long rc = 0;

	if (!v)
		return -ESRCH;
	vcpu_pause(v);
	size = extstate_size(v, v->arch.xcr0_accum);
	head[0] = v->arch.xcr0;
	head[1] = v->arch.xcr0_accum;
	c->copy_back = true;
	if ((!e->size && !e->xfeature_mask) || !buf || !size) {
		e->xfeature_mask = policy_xcr0(c->d->arch.policy_ro);
		e->size = size;
	} else if (e->size != size || e->xfeature_mask != policy_xcr0(c->d->arch.policy_ro)) {
		rc = -EINVAL;
	} else if (!guest_range_ok(buf, 0, size, 1) || !copy_to_guest_raw(buf, head, sizeof(head)) ||
		   !copy_to_guest_raw(buf + XSTATE_HEAD, v->arch.xsave, size - XSTATE_HEAD)) {
		rc = -EFAULT;
	}
	vcpu_unpause(v);
	return rc;
}

/* Would XRSTOR take it: components within what was declared, standard format, nothing reserved (SDM vol. 1, 13.8). */
static bool xsave_area_valid(const u8 *area, u64 accum)
{
	u64 head[8];
	u32 mxcsr;

	memcpy(head, area + 512, sizeof(head));
	memcpy(&mxcsr, area + 24, sizeof(mxcsr));
	for (unsigned int i = 1; i < 8; i++)
		if (head[i])
			return false;
	return !(head[0] & ~accum) && !(mxcsr & ~0xffffU);
}

static long put_extstate(struct vcpu *v, const u8 *buf, u64 size)
{
	u64 allowed = policy_xcr0(v->domain->arch.policy_ro), xcr0, accum;

	memcpy(&xcr0, buf, 8);
	memcpy(&accum, buf + 8, 8);
	if (size == XSTATE_HEAD)
		return xcr0 || accum ? -EINVAL : 0;
	if (!allowed)
		return -EOPNOTSUPP;
	if (size < XSTATE_HEAD + XSAVE_MIN_SIZE || (xcr0 & ~accum) || (accum & ~allowed) || !fpu_xcr0_valid(xcr0) ||
	    size - XSTATE_HEAD > policy_xstate_size(v->domain->arch.policy_ro, accum) ||
	    !xsave_area_valid(buf + XSTATE_HEAD, accum))
		return -EINVAL;
	vcpu_pause(v);
	v->arch.xcr0 = xcr0;
	v->arch.xcr0_accum = accum;
	memcpy(v->arch.xsave, buf + XSTATE_HEAD, size - XSTATE_HEAD);
	vcpu_unpause(v);
	return 0;
}

long domctl_setvcpuextstate(struct domctl_call *c)
{
	struct xen_domctl_vcpuextstate *e = &c->op->u.vcpuextstate;
	struct vcpu *v = domain_vcpu(c->d, e->vcpu);
	u8 *buf;
	long rc;

	if (!v)
		return -ESRCH;
	if (e->size < XSTATE_HEAD || e->size > XSTATE_HEAD + policy_xstate_size(&host_policy, ~0ULL))
		return -EINVAL;
	buf = hv_zalloc(e->size);
	if (!buf)
		return -ENOMEM;
	rc = copy_from_guest_raw(buf, (unsigned long)e->buffer.p, e->size) ? put_extstate(v, buf, e->size) : -EFAULT;
	hv_free(buf);
	return rc;
}

/* ---- MSRs that move with a vCPU ---- */

#define MAX_VCPU_MSRS 2

static u64 *vcpu_msr(struct vcpu *v, u32 index)
{
	switch (index) {
	case MSR_MISC_FEATURES_ENABLES: return &v->arch.msr_misc_features;
	case MSR_TSC_AUX: return &v->arch.msr_tsc_aux;
	default: return NULL;
	}
}

/* CPUID faulting only, where the domain's policy has it. */
static bool misc_features_ok(const struct domain *d, u64 val)
{
	return !val || (val == MISC_FEATURES_CPUID_FAULT && d->arch.policy_ro->platform_info & PLATFORM_INFO_CPUID_FAULT);
}

long domctl_get_vcpu_msrs(struct domctl_call *c)
{
	static const u32 indices[MAX_VCPU_MSRS] = { MSR_MISC_FEATURES_ENABLES, MSR_TSC_AUX };
	struct xen_domctl_vcpu_msrs *m = &c->op->u.vcpu_msrs;
	struct vcpu *v = domain_vcpu(c->d, m->vcpu);
	u32 n = 0, room = m->msr_count;

	if (!v)
		return -ESRCH;
	c->copy_back = true;
	if (guest_handle_null(m->msrs)) {
		m->msr_count = MAX_VCPU_MSRS;
		return 0;
	}
	for (unsigned int i = 0; i < MAX_VCPU_MSRS; i++) {
		xen_domctl_vcpu_msr_t e = { .index = indices[i], .value = *vcpu_msr(v, indices[i]) };

		/* 0 is where they start: need not be sent. */
		if (!e.value)
			continue;
		if (n < room && !guest_write_n(m->msrs, n, &e, 1))
			return -EFAULT;
		n++;
	}
	m->msr_count = n;
	return n > room ? -ENOBUFS : 0;
}

long domctl_set_vcpu_msrs(struct domctl_call *c)
{
	struct xen_domctl_vcpu_msrs *m = &c->op->u.vcpu_msrs;
	struct vcpu *v = domain_vcpu(c->d, m->vcpu);

	if (!v)
		return -ESRCH;
	for (u32 i = 0; i < m->msr_count; i++) {
		xen_domctl_vcpu_msr_t e;
		u64 *at;

		/* On an error the count says how many were taken. */
		if (!guest_read_n(&e, m->msrs, i, 1)) {
			m->msr_count = i;
			c->copy_back = true;
			return -EFAULT;
		}
		at = vcpu_msr(v, e.index);
		if (!at || e.reserved || e.value >> 32 ||
		    (e.index == MSR_MISC_FEATURES_ENABLES && !misc_features_ok(v->domain, e.value))) {
			m->msr_count = i;
			c->copy_back = true;
			return -EINVAL;
		}
		vcpu_pause(v);
		*at = e.value;
		vcpu_unpause(v);
	}
	return 0;
}

long domctl_sendtrigger(struct domctl_call *c)
{
	const struct xen_domctl_sendtrigger *t = &c->op->u.sendtrigger;
	struct vcpu *v = domain_vcpu(c->d, t->vcpu);

	if (!v)
		return -ESRCH;
	switch (t->trigger) {
	case XEN_DOMCTL_SENDTRIGGER_NMI:
		vcpu_send_nmi(v);
		return 0;
	case XEN_DOMCTL_SENDTRIGGER_POWER:
	case XEN_DOMCTL_SENDTRIGGER_SLEEP:
		return -EINVAL;		/* buttons are HVM's */
	default:
		return -ENOSYS;
	}
}
