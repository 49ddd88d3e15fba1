/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Domain 0 finds at boot, in one line; then what "then=" on its command line says: reboot, poweroff, crash,
 * soft_reset, spin (until somebody else ends the machine, with a line for each NMI), watchdog (ends by its own), ring
 * (tells whether its console's text is among the hypervisor's messages, and powers off).
 */
#include "tools.h"
#include <xen/nmi.h>

#define SECOND 1000000000UL

static unsigned int vcpus(void)
{
	unsigned int n = 0;

	while (H3(vcpu_op, VCPUOP_is_up, n, NULL) >= 0)
		n++;
	return n;
}

static void spin_until(u64 when)
{
	while (system_time() < when)
		barrier();
}

static void spin(void)
{
	struct xennmi_callback c = { .handler_address = (u64)guest_nmi };

	printk("BOOT-PROBE callback %ld\n", H2(nmi_op, XENNMI_register_callback, &c));
	for (u32 told = 0; ; )
		if (told != guest_nmis)
			printk("BOOT-PROBE NMI %u reason=%lx\n", ++told,
			       __atomic_exchange_n(&shared_info->arch.nmi_reason, 0, __ATOMIC_SEQ_CST));
}

/* One of a second, which is kicked once: it gets two. */
static void watchdog(void)
{
	struct sched_watchdog w = { .timeout = 1 };
	u64 start = system_time();

	w.id = (u32)H2(sched_op, SCHEDOP_watchdog, &w);
	w.timeout = 2;
	printk("BOOT-PROBE watchdog %u, kick %ld\n", w.id, H2(sched_op, SCHEDOP_watchdog, &w));
	spin_until(start + SECOND * 5 / 4);
	printk("BOOT-PROBE outlived\n");
	spin_until(start + SECOND * 10);
	printk("BOOT-PROBE survived\n");
}

/* The messages from the oldest on, that are then forgotten. */
static size_t take_messages(char *buf, size_t n)
{
	struct xen_sysctl *op = sysctl_op(XEN_SYSCTL_readconsole);

	op->u.readconsole.buffer.p = buf;
	op->u.readconsole.count = (u32)n;
	op->u.readconsole.clear = 1;
	return sysctl(op) ? 0 : op->u.readconsole.count;
}

static void ring(void)
{
	static const char text[] = "BOOT-PROBE \001\r\tto the ring\n";
	char buf[256];
	size_t n;

	/* What was not read is not forgotten. */
	n = take_messages(buf, 2) + take_messages(buf + 2, 4);
	printk("BOOT-PROBE ring begins %s\n", n == 6 && !memcmp(buf, "(XEN) ", 6) ? "well" : "otherwise");
	while (take_messages(buf, sizeof(buf)))
		;
	H3(console_io, CONSOLEIO_write, sizeof(text) - 1, text);
	n = take_messages(buf, sizeof(buf));
	printk("BOOT-PROBE ring has %s\n", !n ? "nothing" : n == sizeof(text) - 1 && !memcmp(buf, text, n) ? "the text" : "other text");
}

void guest_main(void)
{
	static const struct { const char *name; unsigned int reason; void (*first)(void); } ends[] = {
		{ "reboot", SHUTDOWN_reboot, NULL }, { "poweroff", SHUTDOWN_poweroff, NULL }, { "crash", SHUTDOWN_crash, NULL },
		{ "soft_reset", SHUTDOWN_soft_reset, NULL },
		{ "spin", SHUTDOWN_poweroff, spin }, { "watchdog", SHUTDOWN_poweroff, watchdog }, { "ring", SHUTDOWN_poweroff, ring },
	};
	char then[16] = "poweroff";

	printk("BOOT-PROBE vcpus=%u pages=%lu limit=%ld\n", vcpus(), start_info->nr_pages,
	       H2(memory_op, XENMEM_maximum_reservation, &(domid_t){ DOMID_SELF }));
	(void)cmdline_get("then", then, sizeof(then));
	for (unsigned int i = 0; i < ARRAY_SIZE(ends); i++) {
		if (strcmp(then, ends[i].name))
			continue;
		if (ends[i].first)
			ends[i].first();
		guest_shutdown(ends[i].reason);
	}
}
