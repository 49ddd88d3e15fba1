/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's console: log ring, output devices, input and whom it goes to (core/console.c). */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include <hv/lib.h>

struct domain;
struct cpu_user_regs;

/* Growth of the ring is announced by VIRQ_CON_RING, input for Domain 0 by VIRQ_CONSOLE (SOFTIRQ_CONSOLE). */

/* An output device. write may be called with any lock held, from NMI too; it must not log. */
struct console_device {
	const char *name;		/* as console= has it */
	void (*write)(const char *s, size_t n);
	void (*irq_init)(void);		/* switch from polling to interrupts */
	bool active;
};

/* Early, after the command line is parsed: opens the devices of console= and shows what was logged before. */
void console_init(void);
bool console_named(const char *name);	/* is it in console=? */
/* Interrupt-driven input once interrupts and timers work. */
void console_init_irq(void);
/* Input devices give their characters here, in interrupt or softirq context. */
void console_rx(char c, struct cpu_user_regs *regs);
/* Leaves the VGA text screen to Domain 0. */
void console_endboot(void);
/* Everything from now on is out at once, locks are broken: panics. */
void console_force_unlock(void);

/* Domain 0's and guests' lines (CONSOLEIO_write): plain for the hardware domain, "(dN) " and rate limited else. */
void console_guest_write(struct domain *d, const char *s, size_t n, bool hardware_domain, u16 domid);
/* Characters typed while input belongs to Domain 0 (CONSOLEIO_read): number copied. */
size_t console_guest_read(char *buf, size_t n);

/*
 * XEN_SYSCTL_readconsole: copies from the ring to @buf (at most @count). With @incremental from *@index on,
 * and *@index is where to go on; otherwise from the oldest. Returns bytes copied.
 */
size_t console_ring_read(char *buf, size_t count, u32 *index, bool incremental);
/* What lies before @index is not kept any longer. */
void console_ring_forget(u32 index);
/* Log thresholds now: -1 leaves one as it is. Prints what they are. */
void console_set_loglevel(int lower, int upper, bool guest);

/* Devices (x86/uart.c, x86/vga.c). */
extern struct console_device uart_console[2];
extern struct console_device vga_console;
void uart_setup(void);
bool uart_owns_port(u16 port);	/* Domain 0 must keep off */
void vga_setup(void);

#endif
