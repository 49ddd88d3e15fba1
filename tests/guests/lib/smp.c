/* SPDX-License-Identifier: GPL-2.0-only */
#include "smp.h"

static volatile bool smp_stop, smp_running;
static void (*smp_fn)(void);
static u32 smp_id;
static u8 smp_stack[4 * PAGE_SIZE] __attribute__((aligned(16)));

static void __attribute__((used, noreturn)) smp_main(void)
{
	for (;;) {	/* once for each start */
		smp_running = true;
		while (!smp_stop)
			smp_fn();
		smp_running = false;
		H3(vcpu_op, VCPUOP_down, smp_id, 0);
	}
}

bool smp_start_on(u32 id, void (*fn)(void))
{
	static struct vcpu_guest_context c;
	static bool initialised;
	long rc;

	smp_id = id;
	smp_fn = fn;
	smp_stop = false;
	if (H3(vcpu_op, VCPUOP_is_up, id, 0) < 0)
		return false;
	if (!initialised) {
		memset(&c, 0, sizeof(c));
		c.flags = VGCF_in_kernel;
		c.user_regs.rip = (unsigned long)smp_main;
		c.user_regs.rsp = (unsigned long)smp_stack + sizeof(smp_stack) - 8;
		c.user_regs.cs = 0xe033;
		c.user_regs.ss = 0xe02b;
		c.user_regs.rflags = 0x202;
		c.kernel_ss = 0xe02b;
		c.kernel_sp = c.user_regs.rsp;
		c.ctrlreg[3] = virt_to_mfn((void *)start_info->pt_base) << 12;
		rc = H3(vcpu_op, VCPUOP_initialise, id, &c);
		if (rc) {
			printk("vCPU %u: %d\n", id, (int)rc);
			return false;
		}
		initialised = true;
	}
	if (H3(vcpu_op, VCPUOP_up, id, 0))
		return false;
	for (u64 t = 0; !smp_running && t < 1000000; t++)
		H2(sched_op, SCHEDOP_yield, 0);
	return smp_running;
}

bool smp_start(void (*fn)(void))
{
	return smp_start_on(1, fn);
}

void smp_end(void)
{
	smp_stop = true;
	while (smp_running)
		H2(sched_op, SCHEDOP_yield, 0);
	while (H3(vcpu_op, VCPUOP_is_up, smp_id, 0) == 1)
		H2(sched_op, SCHEDOP_yield, 0);
}
