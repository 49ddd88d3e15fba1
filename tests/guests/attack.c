/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest that attacks: as Domain 0's kernel, or as a domain of its own under one that watches.  attack=NAME
 * on the command line runs one attempt, group=NAME a file's, list names all.
 */
#include "attack.h"

extern const struct attack_group memory_group, tables_group, pins_group, descriptors_group, arguments_group,
	privilege_group, cpu_group, returns_group, entry_group, events_group, sched_group, grants_group, storms_group, rings_group;

static const struct attack_group *const groups[] = {
	&memory_group, &tables_group, &pins_group, &descriptors_group, &arguments_group, &privilege_group, &cpu_group,
	&returns_group, &entry_group, &events_group, &sched_group, &grants_group, &storms_group, &rings_group,
};

bool is_privileged(void)
{
	static int known = -1;

	/* Any domctl is refused with -EPERM before it is looked at; a bad pointer is only seen by who may ask. */
	if (known < 0)
		known = H1(domctl, 0) != ePERM;
	return known;
}

u64 foreign_frame(void)
{
	u64 f = cmdline_number("peer_mfn", 0);
	xen_pfn_t m2p_frame = 0;
	struct xen_machphys_mfn_list l = { .max_extents = 1, .extent_start.p = &m2p_frame };

	if (f)
		return f;
	H2(memory_op, XENMEM_machphys_mfn_list, &l);
	return m2p_frame;
}

/* No call says it: a port that is bound to ourselves does. */
domid_t own_domid(void)
{
	static domid_t id = DOMID_INVALID;
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_close c;

	if (id != DOMID_INVALID || H2(event_channel_op, EVTCHNOP_alloc_unbound, &a))
		return id;
	s.port = c.port = a.port;
	if (!H2(event_channel_op, EVTCHNOP_status, &s))
		id = s.u.unbound.dom;
	H2(event_channel_op, EVTCHNOP_close, &c);
	return id;
}

static bool run_one(const struct attack *a)
{
	bool ok = a->fn();

	printk("ATTACK %s %s\n", a->name, ok ? "ok" : "FAIL");
	return ok;
}

static bool run_group(const struct attack_group *g)
{
	unsigned int failed = 0;

	for (unsigned int i = 0; i < g->n; i++)
		failed += !run_one(&g->attacks[i]);
	if (failed)
		printk("%u of %u attacks on %s ended otherwise than documented\n", failed, g->n, g->name);
	return !failed;
}

static bool prepared(const struct attack_group *g)
{
	if (!g->prepare || g->prepare())
		return true;
	printk("  the preparation of %s failed\n", g->name);
	return false;
}

static bool run_named(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++)
		for (unsigned int j = 0; j < groups[i]->n; j++)
			if (!strcmp(groups[i]->attacks[j].name, name))
				return prepared(groups[i]) && run_one(&groups[i]->attacks[j]);
	printk("  no attack is called %s\n", name);
	return false;
}

static void list(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++)
		for (unsigned int j = 0; j < groups[i]->n; j++)
			printk("ATTACK-NAME %s\n", groups[i]->attacks[j].name);
}

void guest_main(void)
{
	bool ok = false;
	char name[40];

	shared_info->vcpu_info[0].evtchn_upcall_mask = 1;
	H2(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables);
	if (cmdline_has("list")) {
		list();
		ok = true;
	} else if (cmdline_get("attack", name, sizeof(name))) {
		printk("ATTACK-BEGINS %s\n", name);
		ok = run_named(name);
	} else if (cmdline_get("group", name, sizeof(name))) {
		for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++)
			if (!strcmp(groups[i]->name, name))
				ok = prepared(groups[i]) && run_group(groups[i]);
	}
	guest_exit(ok ? "PASS" : "FAIL");
}
