/* SPDX-License-Identifier: GPL-2.0-only */
/* 16550-compatible serial ports at the PC's addresses. */
#include <hv/console.h>
#include <hv/lib.h>
#include <x86/irq.h>
#include <x86/processor.h>

/* Registers (NS16550A data sheet, table II). */
#define UART_RBR	0
#define UART_THR	0
#define UART_IER	1
#define UART_IER_RX	BIT64(0)
#define UART_FCR	2
#define UART_FCR_ENABLE	0x07	/* FIFOs on and cleared */
#define UART_LCR	3
#define UART_LCR_DLAB	0x80
#define UART_MCR	4
#define UART_MCR_ON	0x0b	/* DTR, RTS, OUT2 (interrupt gate) */
#define UART_LSR	5
#define UART_LSR_DR	0x01
#define UART_LSR_THRE	0x20
#define UART_SCR	7
#define UART_CLOCK	115200	/* divisor 1 */
#define UART_FIFO	16
#define TX_SPINS	100000

static struct uart {
	u16 port;
	u8 irq;
	u8 lcr;
	u32 baud;		/* 0: leave what firmware set */
	bool asked, present;
} uart[2] = {
	{ .port = 0x3f8, .irq = 4, .lcr = 3, .baud = 115200 },
	{ .port = 0x2f8, .irq = 3, .lcr = 3, .baud = 115200 },
};

/* BAUD[/BASE][,DPS[,PORT[,IRQ]]], each part may be empty; BAUD may be "auto". */
static init_fn int parse_uart(struct uart *u, const char *s)
{
	u->asked = true;
	if (!strncmp(s, "auto", 4)) {
		u->baud = 0;
		s += 4;
	} else if (*s >= '0' && *s <= '9') {
		u->baud = (u32)simple_strtoull(s, &s, 10);
	}
	if (*s == '/')
		simple_strtoull(s + 1, &s, 0);
	if (*s++ != ',')
		return s[-1] ? -EINVAL : 0;
	if (*s && *s != ',') {
		if (s[0] < '5' || s[0] > '8' || !s[1] || !s[2])
			return -EINVAL;
		u->lcr = (u8)(s[0] - '5');
		u->lcr |= s[1] == 'o' ? 0x08 : s[1] == 'e' ? 0x18 : s[1] == 'm' ? 0x28 : s[1] == 's' ? 0x38 : 0;
		u->lcr |= s[2] == '2' ? 0x04 : 0;
		s += 3;
	}
	if (*s++ != ',')
		return s[-1] ? -EINVAL : 0;
	if (*s != ',' && *s)
		u->port = (u16)simple_strtoull(s, &s, 0);
	if (*s++ != ',')
		return s[-1] ? -EINVAL : 0;
	u->irq = (u8)simple_strtoull(s, &s, 0);
	return *s ? -EINVAL : 0;
}

static init_fn int opt_com1(const char *v) { return parse_uart(&uart[0], v); }
CMDLINE_PARAM("com1", opt_com1);
static init_fn int opt_com2(const char *v) { return parse_uart(&uart[1], v); }
CMDLINE_PARAM("com2", opt_com2);


static void write_to(const struct uart *u, const char *s, size_t n)
{
	unsigned int room = 0;

	/* An empty transmitter takes a FIFO full before it must be asked again. */
	for (size_t i = 0; i < n; i++) {
		unsigned int need = s[i] == '\n' ? 2 : 1;

		if (room < need) {
			for (unsigned int k = 0; k < TX_SPINS && !(inb(u->port + UART_LSR) & UART_LSR_THRE); k++)
				cpu_relax();
			room = UART_FIFO;
		}
		if (s[i] == '\n')
			outb('\r', u->port + UART_THR);
		outb((u8)s[i], u->port + UART_THR);
		room -= need;
	}
}

static int getc_from(const struct uart *u)
{
	u8 lsr = inb(u->port + UART_LSR);

	return lsr != 0xff && lsr & UART_LSR_DR ? inb(u->port + UART_RBR) : -1;
}

static void write0(const char *s, size_t n) { write_to(&uart[0], s, n); }
static void write1(const char *s, size_t n) { write_to(&uart[1], s, n); }

static void uart_interrupt(unsigned int irq, void *data, struct cpu_user_regs *regs)
{
	const struct uart *u = data;
	int c;

	while ((c = getc_from(u)) >= 0)
		console_rx((char)c, regs);
}

static init_fn void enable_irq_of(struct uart *u)
{
	if (!u->irq || request_irq(u->irq, uart_interrupt, u, "uart")) {
		printk(LOG_WARN "Serial port at %#x: no interrupt %u, no input\n", u->port, u->irq);
		return;
	}
	outb(UART_IER_RX, u->port + UART_IER);
}

static init_fn void irq0(void) { enable_irq_of(&uart[0]); }
static init_fn void irq1(void) { enable_irq_of(&uart[1]); }

struct console_device uart_console[2] = {
	{ .name = "com1", .write = write0, .irq_init = irq0 },
	{ .name = "com2", .write = write1, .irq_init = irq1 },
};

static init_fn bool setup_one(struct uart *u)
{
	/* The scratch register tells a port from an empty bus. */
	outb(0x5a, u->port + UART_SCR);
	if (inb(u->port + UART_SCR) != 0x5a)
		return false;
	outb(0, u->port + UART_IER);
	if (u->baud) {
		u16 div = (u16)(UART_CLOCK / u->baud);

		outb(u->lcr | UART_LCR_DLAB, u->port + UART_LCR);
		outb((u8)div, u->port + UART_THR);
		outb((u8)(div >> 8), u->port + UART_IER);
	}
	outb(u->lcr, u->port + UART_LCR);
	outb(UART_FCR_ENABLE, u->port + UART_FCR);
	outb(UART_MCR_ON, u->port + UART_MCR);
	return true;
}

init_fn void uart_setup(void)
{
	for (unsigned int i = 0; i < 2; i++) {
		/* console=com1 alone is enough: 115200,8n1 then. */
		uart[i].present = (uart[i].asked || console_named(uart_console[i].name)) && setup_one(&uart[i]);
		if (!uart[i].present)
			uart_console[i].write = NULL;
	}
}

/* The ports and interrupts that Domain 0 must not touch. */
bool uart_owns_port(u16 port)
{
	for (unsigned int i = 0; i < 2; i++)
		if (uart[i].present && uart_console[i].active && port >= uart[i].port && port < uart[i].port + 8)
			return true;
	return false;
}
