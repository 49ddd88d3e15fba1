/* SPDX-License-Identifier: GPL-2.0-only */
/* vcpu_op: a domain's say over its own vCPUs. */
#include <hv/event.h>
#include <hv/guest_access.h>
#include <hv/heap.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <x86/current.h>
#include <x86/smp.h>
#include <x86/time.h>
#include <x86/traps.h>
#include "sched.h"

static long initialise(struct vcpu *v, unsigned long arg)
{
	struct domain *d = v->domain;
	struct vcpu_guest_context *ctxt;
	long rc;

	/* Beyond the array in shared_info a vCPU needs an area of its own before it can take events. */
	if (v->id >= XEN_LEGACY_MAX_VCPUS && mfn_eq(v->vcpu_info_mfn, INVALID_MFN))
		return -EINVAL;
	ctxt = hv_new(struct vcpu_guest_context);
	if (!ctxt)
		return -ENOMEM;
	if (!arg_read(ctxt, arg)) {
		rc = -EFAULT;
	} else {
		spin_lock(&d->lock);
		rc = v->is_initialised ? -EEXIST :
		     d->kind->set_context(v, (const union vcpu_guest_context_any *)ctxt);
		spin_unlock(&d->lock);
	}
	hv_free(ctxt);
	return rc == -ERESTART ? hypercall_continue(3, (unsigned long)VCPUOP_initialise, (unsigned long)v->id, arg) : rc;
}

static long bring_up(struct vcpu *v)
{
	struct domain *d = v->domain;
	bool wake = false;
	long rc = 0;

	spin_lock(&d->lock);
	if (!v->is_initialised)
		rc = -EINVAL;
	else
		wake = test_and_clear_bit(VPF_DOWN, &v->pause_flags);
	spin_unlock(&d->lock);
	if (wake)
		vcpu_wake(v);
	return rc;
}

/* A domain whose last vCPU goes down has nobody to bring one up again: that is a power-off. */
static long take_down(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct vcpu *other;
	bool last = true;

	spin_lock(&d->lock);
	for_each_vcpu(d, other)
		if (other != v && !test_bit(VPF_DOWN, &other->pause_flags))
			last = false;
	if (!last)
		set_bit(VPF_DOWN, &v->pause_flags);
	spin_unlock(&d->lock);
	if (last)
		return domain_shutdown(d, SHUTDOWN_poweroff);
	vcpu_sleep_nosync(v);
	return 0;
}

static long get_runstate(const struct vcpu *v, unsigned long arg)
{
	struct vcpu_runstate_info info;

	vcpu_runstate_get(v, &info);
	return arg_write(arg, &info) ? 0 : -EFAULT;
}

bool vcpu_runstate_write(struct vcpu *v, unsigned long area)
{
	unsigned long stamp = area + offsetof(struct vcpu_runstate_info, state_entry_time);
	struct vcpu_runstate_info info;

	vcpu_runstate_at_entry(v, &info);
	if (!(v->domain->vm_assist & BIT64(VMASST_TYPE_runstate_update_flag)))
		return copy_to_guest_raw(area, &info, sizeof(info));

	/* Readers on other vCPUs retry while they see the mark, or a changed stamp. */
	info.state_entry_time |= XEN_RUNSTATE_UPDATE;
	if (!copy_to_guest_raw(stamp, &info.state_entry_time, sizeof(info.state_entry_time)))
		return false;
	smp_wmb();
	if (!copy_to_guest_raw(area, &info, sizeof(info)))
		return false;
	smp_wmb();
	info.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
	return copy_to_guest_raw(stamp, &info.state_entry_time, sizeof(info.state_entry_time));
}

static long register_runstate(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_runstate_memory_area area;
	struct vcpu_runstate_info info;

	if (!arg_read(&area, arg))
		return -EFAULT;
	if (area.addr.p) {
		vcpu_runstate_at_entry(v, &info);
		if (!copy_to_guest_raw(area.addr.p, &info, sizeof(info)))
			return -EFAULT;
	}
	WRITE_ONCE(v->runstate_guest, area.addr.p);
	return 0;
}

static long register_time(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_time_memory_area area;

	if (!arg_read(&area, arg))
		return -EFAULT;
	if (v == current)
		vcpu_time_publish(v);
	if (area.addr.p && !copy_to_guest_raw(area.addr.p, &v->vcpu_info->time, sizeof(v->vcpu_info->time)))
		return -EFAULT;
	WRITE_ONCE(v->time_guest, area.addr.p);
	return 0;
}

static long register_info(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_vcpu_info info;

	if (!arg_read(&info, arg))
		return -EFAULT;
	return vcpu_map_info(v, info.mfn, info.offset);
}

static long send_nmi(struct vcpu *v, unsigned long arg)
{
	if (arg)
		return -EINVAL;
	vcpu_send_nmi(v);
	return 0;
}

/* Only where it means something: Domain 0's vCPU that stays on one CPU. */
static long get_physid(const struct vcpu *v, unsigned long arg)
{
	struct vcpu_get_physid id;

	if (!v->domain->is_hardware || cpumask_weight(&v->hard_affinity) != 1)
		return -EINVAL;
	if (!arch_physid(cpumask_first(&v->hard_affinity), &id.phys_id))
		return -EINVAL;
	return arg_write(arg, &id) ? 0 : -EFAULT;
}

long do_vcpu_op(int cmd, unsigned int vcpuid, unsigned long arg)
{
	struct vcpu *v = domain_vcpu(current->domain, vcpuid);

	/* First of all: a starting kernel asks is_up for every id it could have. */
	if (unlikely(!v))
		return -ENOENT;
	/* By far the most frequent at run time. */
	if (likely(cmd == VCPUOP_set_singleshot_timer))
		return sched_set_singleshot(v, arg);
	switch (cmd) {
	case VCPUOP_initialise:
		return initialise(v, arg);
	case VCPUOP_up:
		return bring_up(v);
	case VCPUOP_down:
		return take_down(v);
	case VCPUOP_is_up:
		return !test_bit(VPF_DOWN, &v->pause_flags);
	case VCPUOP_get_runstate_info:
		return get_runstate(v, arg);
	case VCPUOP_register_runstate_memory_area:
		return register_runstate(v, arg);
	case VCPUOP_set_periodic_timer:
		return sched_set_periodic(v, arg);
	case VCPUOP_stop_periodic_timer:
		return sched_stop_periodic(v);
	case VCPUOP_stop_singleshot_timer:
		return sched_stop_singleshot(v);
	case VCPUOP_register_vcpu_info:
		return register_info(v, arg);
	case VCPUOP_send_nmi:
		return send_nmi(v, arg);
	case VCPUOP_get_physid:
		return get_physid(v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return register_time(v, arg);
	default:
		return -ENOSYS;
	}
}
