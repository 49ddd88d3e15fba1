/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that only Domain 0, or whoever owns the machine, may make. */
/* The headers of control operations are for tools only, at the latest version. */
#undef __XEN_INTERFACE_VERSION__
#define __XEN_TOOLS__ 1
#include "attack.h"
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include <xen/platform.h>
#include <xen/physdev.h>
#include <xen/arch-x86/xen-mca.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(4096)));

static bool domctls(void)
{
	struct xen_domctl *op = (struct xen_domctl *)page;
	domid_t ids[] = { DOMID_SELF, own_domid(), peer_domid(), 0 };

	for (u32 cmd = 0; cmd < 100; cmd++)
		for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
			memset(page, 0, sizeof(*op));
			op->cmd = cmd;
			op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
			op->domain = ids[i];
			WANT(H1(domctl, op), ePERM);
		}
	return true;
}

static bool sysctls(void)
{
	struct xen_sysctl *op = (struct xen_sysctl *)page;

	for (u32 cmd = 0; cmd < 40; cmd++) {
		memset(page, 0, sizeof(*op));
		op->cmd = cmd;
		op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
		WANT(H1(sysctl, op), ePERM);
	}
	return true;
}

static bool platform(void)
{
	struct xen_platform_op *op = (struct xen_platform_op *)page;

	for (u32 cmd = 0; cmd < 70; cmd++) {
		memset(page, 0, sizeof(*op));
		op->cmd = cmd;
		op->interface_version = XENPF_INTERFACE_VERSION;
		WANT(H1(platform_op, op), ePERM);
	}
	return true;
}

static bool physdev(void)
{
	static const u32 owners[] = {
		PHYSDEVOP_apic_read, PHYSDEVOP_apic_write, PHYSDEVOP_alloc_irq_vector, PHYSDEVOP_setup_gsi,
		PHYSDEVOP_manage_pci_add, PHYSDEVOP_manage_pci_remove, PHYSDEVOP_manage_pci_add_ext,
		PHYSDEVOP_pci_device_add, PHYSDEVOP_pci_device_remove, PHYSDEVOP_pci_mmcfg_reserved,
		PHYSDEVOP_restore_msi, PHYSDEVOP_restore_msi_ext, PHYSDEVOP_prepare_msix, PHYSDEVOP_release_msix,
		PHYSDEVOP_dbgp_op, PHYSDEVOP_map_pirq, PHYSDEVOP_unmap_pirq,
	};

	for (u32 i = 0; i < ARRAY_SIZE(owners); i++) {
		memset(page, 0, PAGE_SIZE);
		*(domid_t *)page = DOMID_SELF;
		WANT(H2(physdev_op, owners[i], page), ePERM);
	}
	return true;
}

static bool machine_checks(void)
{
	struct xen_mc *op = (struct xen_mc *)page;

	for (u32 cmd = 0; cmd < 10; cmd++) {
		memset(page, 0, sizeof(*op));
		op->cmd = cmd;
		op->interface_version = XEN_MCA_INTERFACE_VERSION;
		WANT(hypercall(__HYPERVISOR_mca, (u64)op, 0, 0, 0, 0), ePERM);
	}
	return true;
}

static bool hypfs(void)
{
	static const char path[] = "/params";

	for (u32 cmd = 1; cmd < 4; cmd++)
		WANT(hypercall(__HYPERVISOR_hypfs_op, cmd, (u64)path, sizeof(path), (u64)page, PAGE_SIZE), ePERM);
	return true;
}

static bool kexec(void)
{
	for (u32 cmd = 0; cmd < 8; cmd++)
		for (u64 go_on = 0; go_on < 2; go_on++) {
			memset(page, 0, PAGE_SIZE);
			WANT(H2(kexec_op, cmd | go_on << 31, page), ePERM);
		}
	return true;
}

/* Other domains' lives and memory by the calls that take a domain id. */
static bool other_domains(void)
{
	domid_t ids[] = { peer_domid(), 0 };
	xen_pfn_t f = 0;

	for (u32 i = 0; i < ARRAY_SIZE(ids); i++) {
		struct sched_remote_shutdown down = { ids[i], SHUTDOWN_crash };
		struct xen_memory_reservation r = { .nr_extents = 1, .domid = ids[i], .extent_start.p = &f };
		struct xen_mem_acquire_resource acquire = { .domid = ids[i], .nr_frames = 1, .frame_list.p = &f };
		struct xen_add_to_physmap add = { .domid = ids[i] };
		struct evtchn_alloc_unbound unbound = { .dom = ids[i], .remote_dom = DOMID_SELF };
		struct evtchn_status status = { .dom = ids[i], .port = 1 };
		struct evtchn_reset reset = { ids[i] };
		struct gnttab_setup_table table = { .dom = ids[i], .nr_frames = 1, .frame_list.p = &f };
		struct gnttab_query_size size = { .dom = ids[i] };
		domid_t id = ids[i];

		if (ids[i] == DOMID_INVALID || ids[i] == own_domid())
			continue;
		WANT(H2(sched_op, SCHEDOP_remote_shutdown, &down), ePERM);
		WANT(H2(memory_op, XENMEM_increase_reservation, &r), 0);
		f = foreign_frame();
		WANT(H2(memory_op, XENMEM_decrease_reservation, &r), 0);
		WANT(H2(memory_op, XENMEM_acquire_resource, &acquire), ePERM);
		WANT(H2(memory_op, XENMEM_add_to_physmap, &add), ePERM);
		WANT(H2(memory_op, XENMEM_current_reservation, &id), ePERM);
		WANT(H2(event_channel_op, EVTCHNOP_alloc_unbound, &unbound), ePERM);
		WANT(H2(event_channel_op, EVTCHNOP_status, &status), ePERM);
		WANT(H2(event_channel_op, EVTCHNOP_reset, &reset), ePERM);
		WANT(H3(grant_table_op, GNTTABOP_setup_table, &table, 1), 0);
		WANT(table.status, GNTST_permission_denied);
		WANT(H3(grant_table_op, GNTTABOP_query_size, &size, 1), 0);
		WANT(size.status, GNTST_permission_denied);
	}
	return true;
}

/* By its own number a domain is like any other to these: being the one that is named gives no privilege. */
static bool own_shutdown(void)
{
	struct sched_remote_shutdown down = { own_domid(), SHUTDOWN_poweroff };
	struct xen_memory_reservation claim = { .nr_extents = 1, .domid = own_domid() };

	WANT(H2(sched_op, SCHEDOP_remote_shutdown, &down), ePERM);
	WANT(H2(memory_op, XENMEM_claim_pages, &claim), ePERM);
	return true;
}

static bool console_input(void)
{
	WANT(H3(console_io, CONSOLEIO_read, 16, page), ePERM);
	WANT(H3(console_io, CONSOLEIO_read, 0, page), ePERM);
	WANT(H3(console_io, CONSOLEIO_read, ~0U, page), e2BIG);
	return true;
}

/* The watcher's grant is for Domain 0, its port for whoever it waits for: neither is us. */
static bool peers_grant(void)
{
	domid_t peer = peer_domid();
	struct evtchn_bind_interdomain bind = { .remote_dom = peer };
	u32 bound = 0, mapped = 0;

	if (peer == DOMID_INVALID)
		return true;
	for (u32 port = 0; port < 4096; port++) {
		bind.remote_port = port;
		bound += H2(event_channel_op, EVTCHNOP_bind_interdomain, &bind) != eINVAL;
	}
	WANT(bound, 0);
	for (u32 ref = 0; ref < 600; ref++) {
		struct gnttab_map_grant_ref m = { .host_addr = (u64)page, .flags = GNTMAP_host_map, .ref = ref, .dom = peer };
		struct gnttab_copy c = { .source = { .u.ref = ref, .domid = peer }, .len = 64, .flags = GNTCOPY_source_gref,
					 .dest = { .u.gmfn = virt_to_mfn(page), .domid = DOMID_SELF } };

		for (u32 flags = 0; flags < 2; flags++) {
			m.flags = GNTMAP_host_map | (flags ? GNTMAP_readonly : 0);
			WANT(H3(grant_table_op, GNTTABOP_map_grant_ref, &m, 1), 0);
			mapped += m.status == GNTST_okay;
		}
		WANT(H3(grant_table_op, GNTTABOP_copy, &c, 1), 0);
		mapped += c.status == GNTST_okay;
	}
	WANT(mapped, 0);
	return true;
}

static const struct attack attacks[] = {
	{ "privilege-domctl", domctls },
	{ "privilege-sysctl", sysctls },
	{ "privilege-platform", platform },
	{ "privilege-physdev", physdev },
	{ "privilege-machine-checks", machine_checks },
	{ "privilege-hypfs", hypfs },
	{ "privilege-kexec", kexec },
	{ "privilege-other-domains", other_domains },
	{ "privilege-own-shutdown", own_shutdown },
	{ "privilege-console-input", console_input },
	{ "privilege-peers-grant", peers_grant },
};
ATTACK_GROUP(privilege, attacks, NULL);
