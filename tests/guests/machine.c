/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Domain 0 is told of the machine, and 40 vCPUs: those past the array in shared_info need an area of
 * their own.  Expects what tests/system/machine-guest.sh boots: 1 socket, 2 cores, 4 threads, 2 nodes.
 */
#include "tools.h"
#include "smp.h"
#include <xen/physdev.h>
#include <xen/arch-x86/xen-mca.h>

#define CPUS 4
#define LAST_VCPU 39

/* ---- machine checks' list of CPUs ---- */

static void cpu_list(void)
{
	static xen_mc_logical_cpu_t cpu[CPUS + 1];
	struct xen_mc mc = { .cmd = XEN_MC_physcpuinfo, .interface_version = XEN_MCA_INTERFACE_VERSION };
	u32 seen = 0;

	is("number of CPUs", H1(mca, &mc), 0);
	is("CPUs", mc.u.mc_physcpuinfo.ncpus, CPUS);
	mc.u.mc_physcpuinfo.ncpus = ARRAY_SIZE(cpu);
	mc.u.mc_physcpuinfo.info.p = cpu;
	is("list of CPUs", H1(mca, &mc), 0);
	is("CPUs listed", mc.u.mc_physcpuinfo.ncpus, CPUS);
	for (u32 i = 0; i < CPUS; i++) {
		is("number", cpu[i].mc_cpunr, i);
		is("cores", cpu[i].mc_ncores, 2);
		is("active cores", cpu[i].mc_ncores_active, 2);
		is("threads", cpu[i].mc_nthreads, 2);
		is("socket", cpu[i].mc_chipid, 0);
		seen |= 1U << (cpu[i].mc_coreid * 2 + cpu[i].mc_threadid);
	}
	is("cores and threads", seen, 0xf);
}

/* ---- nodes of PCI devices ---- */

/* 0:0.0 is the host bridge. */
static void announce(u32 flags, u32 domain)
{
	u32 room[(sizeof(struct physdev_pci_device_add) + sizeof(u32)) / sizeof(u32)] = { 0 };
	struct physdev_pci_device_add *add = (void *)room;

	add->flags = flags;
	room[offsetof(struct physdev_pci_device_add, optarr) / sizeof(u32)] = domain;
	is("pci_device_add", H2(physdev_op, PHYSDEVOP_pci_device_add, add), 0);
}

static void bridge_is_on(long want)
{
	struct physdev_pci_device dev[2] = { { .devfn = 0 }, { .bus = 77 } };
	u32 nodes[2] = { 42, 42 };
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_pcitopoinfo);

	op->u.pcitopoinfo.num_devs = 2;
	op->u.pcitopoinfo.devs.p = dev;
	op->u.pcitopoinfo.nodes.p = nodes;
	is("pcitopoinfo", sysctl(op), 0);
	is("node of the bridge", nodes[0], want);
	is("node of no device", nodes[1], XEN_INVALID_DEV);
}

static void pci_nodes(void)
{
	struct xen_sysctl *op;

	bridge_is_on(XEN_INVALID_DEV);
	announce(0, 0);
	bridge_is_on(XEN_INVALID_NODE_ID);
	announce(XEN_PCI_DEV_PXM, 1);
	bridge_is_on(1);
	announce(XEN_PCI_DEV_PXM, 0);
	bridge_is_on(0);
	announce(XEN_PCI_DEV_PXM, 77);
	bridge_is_on(XEN_INVALID_NODE_ID);
	op = sysctl_op(XEN_SYSCTL_pcitopoinfo);
	op->u.pcitopoinfo.num_devs = 1;
	is("pcitopoinfo of nothing", sysctl(op), -22);
}

/* ---- what is not there ---- */

static void power(void)
{
	static const u32 cmds[] = { XEN_SYSCTL_pm_op_set_max_cstate, XEN_SYSCTL_pm_op_set_sched_opt_smt };

	for (u32 i = 0; i < ARRAY_SIZE(cmds); i++) {
		struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_pm_op);

		op->u.pm_op.cmd = cmds[i];
		is("pm_op", sysctl(op), -95);
	}
}

static u64 msr_value;
static void read_msr(void *msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"((u32)(u64)msr));
	msr_value = (u64)hi << 32 | lo;
}
static void write_msr(void *msr)
{
	__asm__ volatile("wrmsr" : : "a"((u32)msr_value), "d"(0), "c"((u32)(u64)msr));
}

/* QEMU's CPU cannot make CPUID fault: it is not offered, and asking for it fails. */
static void cpuid_faulting(void)
{
	is("read of PLATFORM_INFO", try_run(read_msr, (void *)0xceUL), -1);
	is("PLATFORM_INFO", (long)msr_value, 0);
	is("write of 0", try_run(write_msr, (void *)0x140UL), -1);
	msr_value = 1;
	is("write of 1", try_run(write_msr, (void *)0x140UL), 13);
}

/* ---- vCPU 39 ---- */

static vcpu_info_t *last_info;
static evtchn_port_t last_port;
static volatile u32 polls;

static void poll_on_last(void)
{
	struct sched_poll poll = { .nr_ports = 1, .ports.p = &last_port };
	u64 port = 1UL << last_port;

	/* It may also wake for one that it took just before: what counts is the event, taken before it is counted. */
	H2(sched_op, SCHEDOP_poll, &poll);
	if (__atomic_fetch_and(&shared_info->evtchn_pending[0], ~port, __ATOMIC_SEQ_CST) & port)
		polls++;
}

static bool comes(volatile u32 *counter, u32 value)
{
	for (u64 t = 0; *counter < value && t < 1000000; t++)
		H2(sched_op, SCHEDOP_yield, 0);
	return *counter >= value;
}

static void last_vcpu(void)
{
	struct vcpu_guest_context c = { .flags = VGCF_in_kernel };
	u8 *page = alloc_page();
	struct vcpu_register_vcpu_info reg = { .mfn = virt_to_mfn(page), .offset = 4 };
	struct evtchn_bind_ipi ipi = { .vcpu = LAST_VCPU };

	is("initialise without an area", H3(vcpu_op, VCPUOP_initialise, LAST_VCPU, &c), -22);
	is("area off by 4", H3(vcpu_op, VCPUOP_register_vcpu_info, LAST_VCPU, &reg), -6);
	reg.offset = PAGE_SIZE - sizeof(vcpu_info_t) + 8;
	is("area past the page", H3(vcpu_op, VCPUOP_register_vcpu_info, LAST_VCPU, &reg), -6);
	reg.offset = PAGE_SIZE - sizeof(vcpu_info_t);
	memset(page, 0xa5, PAGE_SIZE);
	is("area at the page's end", H3(vcpu_op, VCPUOP_register_vcpu_info, LAST_VCPU, &reg), 0);
	is("a second area", H3(vcpu_op, VCPUOP_register_vcpu_info, LAST_VCPU, &reg), -22);
	last_info = (vcpu_info_t *)(page + reg.offset);
	is("byte before the area", page[reg.offset - 1], 0xa5);
	is("mask", last_info->evtchn_upcall_mask, 1);
	is("no vCPU 40", H3(vcpu_op, VCPUOP_is_up, LAST_VCPU + 1, NULL), -2);

	is("bind_ipi", H2(event_channel_op, EVTCHNOP_bind_ipi, &ipi), 0);
	last_port = ipi.port;
	is("unmask", H2(event_channel_op, EVTCHNOP_unmask, &(struct evtchn_unmask){ last_port }), 0);
	last_info->evtchn_upcall_pending = 0;
	last_info->evtchn_pending_sel = 0;
	if (!smp_start_on(LAST_VCPU, poll_on_last)) {
		is("start", 0, 1);
		return;
	}
	for (u32 i = 0; i < 100; i++) {
		struct evtchn_send send = { .port = last_port };
		u32 before = polls;

		last_info->evtchn_upcall_pending = 0;
		last_info->evtchn_pending_sel = 0;
		is("send", H2(event_channel_op, EVTCHNOP_send, &send), 0);
		is("pending", last_info->evtchn_upcall_pending, 1);
		is("selector", (long)last_info->evtchn_pending_sel, 1);
		if (!comes(&polls, before + 1)) {
			is("wakes up", i, -1);
			return;
		}
	}
	is("its time is filled in", last_info->time.version && last_info->time.tsc_to_system_mul, 1);
	is("byte before the area", page[reg.offset - 1], 0xa5);
}

void guest_main(void)
{
	cpu_list();
	pci_nodes();
	power();
	cpuid_faulting();
	last_vcpu();
	if (complaints)
		guest_exit("FAIL");
}
