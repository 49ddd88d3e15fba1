/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NMIs.  Those of the machine belong to Domain 0 (nmi=), which is told by its vCPU 0's NMI and by the reason in
 * shared_info.  An NMI may come anywhere, under any lock: it only notes what it saw; SOFTIRQ_NMI does the rest.
 */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/kexec.h>
#include <hv/lib.h>
#include <hv/sched.h>
#include <hv/softirq.h>
#include <public/nmi.h>
#include <x86/processor.h>
#include <x86/traps.h>

/* System control port B of the PC: what pulled the line, and how to quiet it. */
#define PORT_B			0x61
#define PORT_B_SERR		BIT64(7)
#define PORT_B_IOCHK		BIT64(6)
#define PORT_B_IOCHK_OFF	BIT64(3)
#define PORT_B_SERR_OFF		BIT64(2)
#define PORT_B_KEEP		0x0f

enum nmi_mode { NMI_DOM0, NMI_IGNORE, NMI_FATAL };
static enum nmi_mode nmi_mode read_mostly;
static u32 seen;	/* bits _XEN_NMIREASON_* */

static init_fn int opt_nmi(const char *v)
{
	static const char *const names[] = { "dom0", "ignore", "fatal" };

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(v, names[i])) {
			nmi_mode = (enum nmi_mode)i;
			return 0;
		}
	return -EINVAL;
}
CMDLINE_PARAM("nmi", opt_nmi);

void nmi_handle(const struct cpu_user_regs *regs)
{
	u8 b, off = 0;

	crash_stop_here(regs);
	b = inb(PORT_B);
	if (nmi_mode == NMI_FATAL)
		panic_at(regs, "NMI of the machine (system control port B: %#x), and nmi=fatal", b);
	if (b & PORT_B_SERR) {
		set_bit(_XEN_NMIREASON_pci_serr, &seen);
		off |= (u8)PORT_B_SERR_OFF;
	}
	if (b & PORT_B_IOCHK) {
		set_bit(_XEN_NMIREASON_io_error, &seen);
		off |= (u8)PORT_B_IOCHK_OFF;
	}
	if (off)
		outb((u8)((b & PORT_B_KEEP) | off), PORT_B);
	else
		set_bit(_XEN_NMIREASON_unknown, &seen);
	raise_softirq(SOFTIRQ_NMI);
}

static void nmi_softirq(void)
{
	u32 why = xchg(&seen, 0);
	struct vcpu *v;

	if (!why)
		return;
	printk(LOG_G_WARN "NMI:%s%s%s\n", why & XEN_NMIREASON_pci_serr ? " PCI system error" : "",
	       why & XEN_NMIREASON_io_error ? " I/O check" : "", why & XEN_NMIREASON_unknown ? " reason unknown" : "");
	if (nmi_mode != NMI_DOM0 || !hardware_domain || !(v = domain_vcpu(hardware_domain, 0)))
		return;
	(void)atomic_fetch_or(&hardware_domain->shared_info->arch.nmi_reason, why);
	vcpu_send_nmi(v);
}

/* The vCPU's own exit delivers it, to which it is made to come: by waking, or by its CPU deciding anew. */
void vcpu_send_nmi(struct vcpu *v)
{
	if (xchg(&v->arch.nmi_pending, 1))
		return;
	vcpu_unblock(v);
	sched_tickle(v->processor);
}

init_fn void nmi_init(void)
{
	open_softirq(SOFTIRQ_NMI, nmi_softirq);
}
