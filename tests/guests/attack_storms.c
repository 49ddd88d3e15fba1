/* SPDX-License-Identifier: GPL-2.0-only */
/* Too much of everything: output, calls, long batches, timers. The others must go on meanwhile. */
#include "attack.h"
#include "smp.h"

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));

/* What is said next is heard again. */
static void let_it_calm_down(void)
{
	for (u64 end = system_time() + 2000000000; system_time() < end;)
		H2(sched_op, SCHEDOP_yield, 0);
}

/* Lines on the hypervisor's console: it takes some, and drops the rest. */
static bool console_flood(void)
{
	static char line[4096];

	memset(line, 'A', sizeof(line));
	line[126] = '\n';
	for (u32 i = 0; i < 2000; i++)
		WANT(H3(console_io, CONSOLEIO_write, 127, line), 0);
	for (u32 i = 0; i < 50; i++)
		WANT(H3(console_io, CONSOLEIO_write, sizeof(line), line), 0);
	/* Control bytes that would fool a terminal. */
	for (u32 i = 0; i < sizeof(line); i++)
		line[i] = (char)i;
	WANT(H3(console_io, CONSOLEIO_write, 256, line), 0);
	let_it_calm_down();
	return true;
}

/* What the hypervisor says about a guest's mistakes is limited like the guest's own words. */
static bool log_flood(void)
{
	for (u32 i = 0; i < 5000; i++)
		WANT(set_va(page, foreign_frame() << 12 | PTE_P | PTE_U, 0), eBUSY);
	let_it_calm_down();
	return true;
}

static void any_call(void)
{
	struct evtchn_send send = { 77 };

	H2(xen_version, XENVER_version, 0);
	H2(event_channel_op, EVTCHNOP_send, &send);
	H2(sched_op, SCHEDOP_yield, 0);
	set_va(page, virt_to_mfn(page) << 12 | PTE_FLAGS, UVMF_TLB_FLUSH | UVMF_ALL);
}

/* As many calls as go in a second, on both vCPUs. */
static bool hypercall_storm(void)
{
	bool two = smp_start(any_call);

	for (u64 end = system_time() + 1000000000; system_time() < end;)
		any_call();
	if (two)
		smp_end();
	return true;
}

static volatile u64 event_at;
static void note_event(void)
{
	memset((void *)shared_info->evtchn_pending, 0, sizeof(shared_info->evtchn_pending));
	shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	if (!event_at)
		event_at = rdtsc();
}

/* Whether an event that is due soon comes well before the end of a call with very many entries. */
static bool event_within(long (*call)(void))
{
	struct vcpu_set_singleshot_timer t = { 0 };
	u64 start, end;
	long rc;

	event_at = 0;
	start = rdtsc();
	t.timeout_abs_ns = system_time() + 2000000;
	WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	shared_info->vcpu_info[0].evtchn_upcall_mask = 0;
	rc = call();
	end = rdtsc();
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	if (rc >= 0 && event_at && (event_at - start) * 4 <= (end - start) * 3)
		return true;
	printk("  result %ld, event after %lu of %lu ticks\n", rc, event_at ? event_at - start : 0, end - start);
	return false;
}

/* The call gives way; a busy machine may be late with the interrupt, so not every time. */
static bool event_during(long (*call)(void))
{
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	WANT(H2(event_channel_op, EVTCHNOP_bind_virq, &b), 0);
	memset((void *)shared_info->evtchn_mask, 0, sizeof(shared_info->evtchn_mask));
	event_hook = note_event;
	call();			/* makes its list */
	for (u32 tries = 0; tries < 20; tries++)
		if (event_within(call))
			return true;
	return false;
}

#define MANY 6000
static long many_updates(void)
{
	static mmu_update_t u[MANY];
	static multicall_entry_t m[40];

	for (u32 i = 0; i < MANY && !m[0].op; i++)
		u[i] = (mmu_update_t){ pte_maddr(page, 1), virt_to_mfn(page) << 12 | PTE_FLAGS | (i & 1) << 9 };
	for (u32 i = 0; i < ARRAY_SIZE(m); i++) {
		m[i].op = __HYPERVISOR_mmu_update;
		m[i].args[0] = (u64)u;
		m[i].args[1] = MANY;
		m[i].args[3] = DOMID_SELF;
	}
	return H2(multicall, m, ARRAY_SIZE(m));
}
static bool long_updates(void) { return event_during(many_updates); }

static long many_flushes(void)
{
	static struct mmuext_op op[MANY];

	for (u32 i = 0; i < MANY && !op[MANY - 1].cmd; i++)
		op[i].cmd = MMUEXT_TLB_FLUSH_ALL;
	return H4(mmuext_op, op, MANY, 0, DOMID_SELF);
}
static bool long_flushes(void) { return event_during(many_flushes); }

static long many_copies(void)
{
	static struct gnttab_copy c[MANY];

	for (u32 i = 0; i < MANY && !c[MANY - 1].len; i++)
		c[i] = (struct gnttab_copy){ .source = { .u.gmfn = virt_to_mfn(page), .domid = DOMID_SELF },
					     .dest = { .u.gmfn = virt_to_mfn(page), .domid = DOMID_SELF }, .len = 4096 };
	return H3(grant_table_op, GNTTABOP_copy, c, MANY);
}
static bool long_copies(void) { return event_during(many_copies); }

/* A timer that is due at once, for ever, on a vCPU that does nothing else. */
static bool timer_storm(void)
{
	struct vcpu_set_singleshot_timer t = { .timeout_abs_ns = 1 };
	struct vcpu_set_periodic_timer p = { 1000000 };
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	WANT(H2(event_channel_op, EVTCHNOP_bind_virq, &b), 0);
	WANT(H3(vcpu_op, VCPUOP_set_periodic_timer, 0, &p), 0);
	for (u32 i = 0; i < 100000; i++)
		WANT(H3(vcpu_op, VCPUOP_set_singleshot_timer, 0, &t), 0);
	WANT(H3(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
	return true;
}

/* Interrupts between the vCPUs as fast as they can be sent. */
static u32 ipi_port;
static void send_ipi(void)
{
	struct evtchn_send s = { ipi_port };

	H2(event_channel_op, EVTCHNOP_send, &s);
}

static bool ipi_storm(void)
{
	struct evtchn_bind_ipi b = { .vcpu = 0 };

	WANT(H2(event_channel_op, EVTCHNOP_bind_ipi, &b), 0);
	ipi_port = b.port;
	WANT_TRUE(smp_start(send_ipi));
	for (u32 i = 0; i < 50000; i++) {
		send_ipi();
		shared_info->evtchn_pending[0] = 0;
		shared_info->vcpu_info[0].evtchn_pending_sel = 0;
	}
	smp_end();
	return true;
}

/* Shut down again and again, by both: the reason is the first one's, and it stays down. */
static void shut_down(void)
{
	struct sched_shutdown s = { SHUTDOWN_poweroff };

	H2(sched_op, SCHEDOP_shutdown, &s);
}

static bool __attribute__((noreturn)) shutdown_race(void)
{
	smp_start(shut_down);
	for (;;)
		shut_down();
}

static const struct attack attacks[] = {
	{ "storm-console", console_flood },
	{ "storm-log", log_flood },
	{ "storm-hypercalls", hypercall_storm },
	{ "storm-long-updates", long_updates },
	{ "storm-long-flushes", long_flushes },
	{ "storm-long-copies", long_copies },
	{ "storm-timers", timer_storm },
	{ "storm-ipis", ipi_storm },
	{ "storm-shutdowns", shutdown_race },
};
ATTACK_GROUP(storms, attacks, NULL);
