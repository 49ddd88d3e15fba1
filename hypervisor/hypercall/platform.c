/* SPDX-License-Identifier: GPL-2.0-only */
/* platform_op: what Domain 0 tells and asks about the machine as a whole. */
#include <hv/boot.h>
#include <hv/cpumask.h>
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <hv/symbols.h>
#include <public/platform.h>
#include <x86/acpi.h>
#include <x86/cpu.h>
#include <x86/current.h>
#include <x86/layout.h>
#include <x86/machine.h>
#include <x86/mtrr.h>
#include <x86/processor.h>
#include <x86/smp.h>
#include <x86/time.h>

/* Stock Linux says 0x03000000; nothing it uses changed with the next one. */
#define OLDEST_INTERFACE 0x03000000U
#define KBD_SHIFT_MASK 0x70

typedef struct xen_platform_op op_t;

static long settime32(op_t *op)
{
	wallclock_set(op->u.settime32.secs, op->u.settime32.nsecs, op->u.settime32.system_time);
	return 0;
}

static long settime64(op_t *op)
{
	if (op->u.settime64.mbz)
		return -EINVAL;
	wallclock_set(op->u.settime64.secs, op->u.settime64.nsecs, op->u.settime64.system_time);
	return 0;
}

static long read_memtype(op_t *op)
{
	struct xenpf_read_memtype *m = &op->u.read_memtype;
	u64 start, nr;

	if (m->reg >= mtrr_count())
		return -EINVAL;
	mtrr_read(m->reg, &start, &nr, &m->type);
	m->mfn = start;
	m->nr_mfns = nr;
	return 0;
}

/* Three quirks of IO-APICs and IRQ balancing that matter only to who caches IOREGSEL or balances: not us. */
static long platform_quirk(op_t *op)
{
	return op->u.platform_quirk.quirk_id >= 1 && op->u.platform_quirk.quirk_id <= 3 ? 0 : -EINVAL;
}

/* BIOS calls that would gather disks' and displays' data are not made at boot: none is listed. */
static long firmware_info(op_t *op)
{
	struct xenpf_firmware_info *f = &op->u.firmware_info;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
	case XEN_FW_EFI_INFO:
		return -ESRCH;
	case XEN_FW_KBD_SHIFT_FLAGS:
		if (f->index)
			return -ESRCH;
		f->u.kbd_shift_flags = boot_info_kbd_flags() & KBD_SHIFT_MASK;
		return 0;
	default:
		return -EINVAL;
	}
}

static long enter_sleep(op_t *op)
{
	const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

	if (s->flags & ~(u32)XENPF_ACPI_SLEEP_EXTENDED || s->sleep_state < 1 || s->sleep_state > 5)
		return -EINVAL;
	if (s->flags & XENPF_ACPI_SLEEP_EXTENDED)
		return -EOPNOTSUPP;
	if (s->sleep_state == 5)
		printk("Domain %u powers the machine off\n", current->domain->id);
	return acpi_enter_sleep((u8)s->sleep_state, s->val_a, s->val_b);
}

static long getidletime(op_t *op)
{
	struct xenpf_getidletime *g = &op->u.getidletime;
	u32 nr = min(g->cpumap_nr_cpus, (u32)NR_CPUS);	/* CPUs past that there are none, and nobody is told of them */
	s_time_t t = now();

	for (u32 first = 0; first < nr; first += 8) {
		u8 bits;

		if (!guest_read_n(&bits, g->cpumap_bitmap, first / 8, 1))
			return -EFAULT;
		for (u32 cpu = first; cpu < first + 8 && cpu < nr; cpu++) {
			u64 idle;

			if (!(bits & 1U << (cpu - first)))
				continue;
			if (!cpu_online(cpu)) {
				bits &= (u8)~(1U << (cpu - first));
				continue;
			}
			idle = (u64)cpu_idle_time(cpu);
			if (!guest_write_n(g->idletime, cpu, &idle, 1))
				return -EFAULT;
		}
		if (!guest_write_n(g->cpumap_bitmap, first / 8, &bits, 1))
			return -EFAULT;
	}
	g->now = (u64)t;
	return 0;
}

static long get_cpuinfo(op_t *op)
{
	struct xenpf_pcpuinfo *p = &op->u.pcpu_info;
	unsigned int cpu = p->xen_cpuid;
	u64 id;

	p->max_present = nr_cpus - 1;
	if (cpu >= nr_cpus || !cpumask_test_cpu(cpu, &cpu_present_map)) {
		p->flags = XEN_PCPU_FLAGS_INVALID;
		return 0;
	}
	p->flags = cpu_online(cpu) ? XEN_PCPU_FLAGS_ONLINE : 0;
	p->apic_id = cpu_apicid[cpu];
	p->acpi_id = arch_physid(cpu, &id) ? (u32)(id >> 32) : ~0U;
	return 0;
}

static long get_cpu_version(op_t *op)
{
	struct xenpf_pcpu_version *p = &op->u.pcpu_version;
	struct cpuid_regs r = cpuid(0);
	unsigned int cpu = p->xen_cpuid;

	p->max_present = nr_cpus - 1;
	if (cpu >= nr_cpus || !cpu_online(cpu)) {
		memset(p->vendor_id, 0, sizeof(p->vendor_id));
		p->family = p->model = p->stepping = 0;
		return 0;
	}
	memcpy(p->vendor_id, &r.ebx, 4);
	memcpy(p->vendor_id + 4, &r.edx, 4);
	memcpy(p->vendor_id + 8, &r.ecx, 4);
	p->family = boot_cpu.family;
	p->model = boot_cpu.model;
	p->stepping = boot_cpu.stepping;
	return 0;
}

static long cpu_online_op(op_t *op)
{
	unsigned int cpu = op->u.cpu_ol.cpuid;

	if (cpu >= nr_cpus || !cpumask_test_cpu(cpu, &cpu_present_map))
		return -EINVAL;
	return cpu_online(cpu) ? 0 : -EOPNOTSUPP;
}

static long cpu_offline_op(op_t *op)
{
	unsigned int cpu = op->u.cpu_ol.cpuid;

	if (cpu >= nr_cpus || !cpumask_test_cpu(cpu, &cpu_present_map))
		return -EINVAL;
	if (cpu == 0)
		return -EOPNOTSUPP;	/* the boot CPU stays, in the original too */
	return cpu_online(cpu) ? -EOPNOTSUPP : 0;
}

static long get_symbol(op_t *op)
{
	struct xenpf_symdata *s = &op->u.symdata;
	unsigned long addr = 0;
	const char *name = "";
	u32 len;

	/* Past the last one the name is empty and the number stands still. */
	if (symbol_get(s->symnum, &addr, &name))
		s->symnum++;
	s->address = addr;
	s->type = addr ? 't' : 0;
	len = (u32)strlen(name) + 1;
	if (!guest_handle_null(s->name) && !guest_write_n(s->name, 0, name, min(len, s->namelen)))
		return -EFAULT;
	s->namelen = len;
	return 0;
}

/* Power states are the firmware's and Domain 0's hint alone: none is acted on, as with cpufreq=none. */
static long not_managed(op_t *op) { return -ENOSYS; }
static long not_supported(op_t *op) { return -EOPNOTSUPP; }

static const struct { u8 cmd; bool copy_back; long (*fn)(op_t *op); } ops[] = {
	{ XENPF_settime32, false, settime32 },
	{ XENPF_settime64, false, settime64 },
	{ XENPF_add_memtype, false, not_supported },	/* ranges are the firmware's; PAT does the rest */
	{ XENPF_del_memtype, false, not_supported },
	{ XENPF_read_memtype, true, read_memtype },
	{ XENPF_microcode_update, false, not_supported },
	{ XENPF_platform_quirk, false, platform_quirk },
	{ XENPF_efi_runtime_call, false, not_managed },
	{ XENPF_firmware_info, true, firmware_info },
	{ XENPF_enter_acpi_sleep, false, enter_sleep },
	{ XENPF_change_freq, false, not_managed },
	{ XENPF_getidletime, true, getidletime },
	{ XENPF_set_processor_pminfo, false, not_managed },
	{ XENPF_get_cpuinfo, true, get_cpuinfo },
	{ XENPF_get_cpu_version, true, get_cpu_version },
	{ XENPF_cpu_online, false, cpu_online_op },
	{ XENPF_cpu_offline, false, cpu_offline_op },
	{ XENPF_cpu_hotadd, false, not_supported },
	{ XENPF_mem_hotadd, false, not_supported },
	{ XENPF_core_parking, false, not_supported },
	{ XENPF_resource_op, false, not_supported },
	{ XENPF_get_symbol, true, get_symbol },
};

long do_platform_op(unsigned long arg)
{
	op_t op;
	long rc;

	if (!current->domain->is_hardware && !current->domain->is_privileged)
		return -EPERM;
	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.interface_version != XENPF_INTERFACE_VERSION && op.interface_version != OLDEST_INTERFACE)
		return -EACCES;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		if (ops[i].cmd != op.cmd)
			continue;
		rc = ops[i].fn(&op);
		if (!rc && ops[i].copy_back && !arg_write(arg, &op))
			rc = -EFAULT;
		return rc;
	}
	return -ENOSYS;
}
