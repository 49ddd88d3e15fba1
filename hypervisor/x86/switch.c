/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching vCPUs.  No vCPU owns a stack: the state of the one that leaves is in its structure already (or is
 * put there by its kind's ctxt_from), and the one that comes starts on an empty stack of this CPU.
 */
#include <hv/domain.h>
#include <hv/heap.h>
#include <hv/lib.h>
#include <hv/percpu.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <x86/current.h>
#include <x86/flushtlb.h>
#include <x86/idle.h>
#include <x86/pgtable.h>
#include <x86/processor.h>
#include <x86/spec_ctrl.h>
#include <x86/traps.h>

static noreturn_fn void idle_loop(void)
{
	for (;;) {
		local_irq_enable();
		do_softirq();
		heap_scrub_some();
		local_irq_disable();
		if (get_cpu_info()->softirq_pending)
			continue;
		safe_halt();
	}
}

void idle_loop_start(void)
{
	get_cpu_info()->curr = idle_domain->vcpu[smp_processor_id()];
	reset_stack_and_jump((void (*)(void))idle_loop);
}

/* The hypervisor's own root, for the idle vCPU: nothing of a guest stays reachable. */
static void idle_ctxt_to(struct vcpu *v)
{
	load_cr3_flush(virt_to_paddr(hv_l4));
}

static void idle_ctxt_from(struct vcpu *v) { }

static void idle_resume(struct vcpu *v) { idle_loop_start(); }

static bool idle_event_deliverable(const struct vcpu *v) { return false; }

const struct guest_kind idle_guest_kind = {
	.name = "idle",
	.ctxt_from = idle_ctxt_from,
	.ctxt_to = idle_ctxt_to,
	.resume = idle_resume,
	.event_deliverable = idle_event_deliverable,
};

/* Branch predictions that one vCPU trained must not steer another's code. */
static DEFINE_PER_CPU(const struct vcpu *, trained_by);

static noinline_fn void forget_predictions(const struct vcpu *next)
{
	if (is_idle_vcpu(next) || this_cpu(trained_by) == next)
		return;
	this_cpu(trained_by) = next;
	wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
}

void context_switch(struct vcpu *prev, struct vcpu *next)
{
	struct cpu_info *ci = get_cpu_info();

	ASSERT(prev == ci->curr && prev != next);
	local_irq_disable();
	KIND_CALL(prev->domain, ctxt_from, prev);
	ci->curr = next;
	ci->runs_pv = next->domain->is_pv;
	ci->clear_history = !next->domain->is_hardware;	/* Domain 0 could have all memory anyway */
	if (unlikely(spec_on(SPEC_IBPB)))
		forget_predictions(next);
	KIND_CALL(next->domain, ctxt_to, next);
	context_saved(prev);
	KIND_CALL(next->domain, resume, next);
	BUG();
}
