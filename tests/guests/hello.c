/* SPDX-License-Identifier: GPL-2.0-only */
/* The smallest guest: traps, a hypercall, the console. */
#include "guest.h"

static void undefined(void *arg) { (void)arg; __asm__ volatile("ud2"); }
static void null_read(void *arg) { *(volatile int *)arg; }

void guest_main(void)
{
	long v = H2(xen_version, XENVER_version, 0);

	printk("hello: Xen %ld.%ld, %lu pages, flags %x\n", v >> 16, v & 0xffff, start_info->nr_pages,
	       start_info->flags);
	if (try_run(undefined, NULL) != 6 || try_run(null_read, (void *)0x1000) != 14 || trap_cr2 != 0x1000) {
		printk("traps: vector %u cr2 %lx\n", trap_vector, trap_cr2);
		guest_exit("FAIL");
	}
}
