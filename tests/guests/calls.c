/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 that makes every hypercall: each implemented operation with success, each refused one (calls_refused.c).
 * A line for each says what came of it; tests/system/hypercall_calls.sh holds them against hypercalls.tsv.
 */
#include "calls.h"

extern const struct call_list cpu_calls, memory_calls, table_calls, vcpu_calls, domain_calls, build_calls, child_memory_calls, grant_calls,
	event_calls, machine_calls, device_calls, last_calls;
void refused_calls(void);

static const struct call_list *const lists[] = {
	&cpu_calls, &memory_calls, &table_calls, &vcpu_calls, &build_calls, &domain_calls, &child_memory_calls, &grant_calls, &machine_calls,
	&device_calls, &event_calls,
};

static void make_calls(const struct call_list *l)
{
	for (unsigned int i = 0; i < l->n; i++) {
		bool ok = l->calls[i].fn();

		printk("CALL %s %s %s\n", l->calls[i].group, l->calls[i].name, ok ? "ok" : "FAIL");
	}
}

void guest_main(void)
{
	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++)
		make_calls(lists[i]);
	refused_calls();
	make_calls(&last_calls);
	guest_exit("PASS");
}
