/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * printk, the log ring and console input.
 *
 * Each line gets the prefix "(XEN) " on devices and in the ring, as tools and scripts expect of the log.
 * console_lock (LOCK_CONSOLE) protects the ring, the line state and the devices.
 */
#include <hv/cmdline.h>
#include <hv/console.h>
#include <hv/event.h>
#include <hv/keyhandler.h>
#include <hv/softirq.h>
#include <hv/spinlock.h>
#include <hv/timer.h>
#include <x86/current.h>
#include <x86/processor.h>
#include <x86/vga.h>

#define RING_SIZE (1U << 17)
#define RING_IDX(i) ((i) & (RING_SIZE - 1))
#define RX_SIZE 4096U	/* as much as a terminal of Linux takes at once */
#define PREFIX "(XEN) "

enum level { LEVEL_ERR, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG, LEVEL_ALL };

static spinlock_t console_lock = SPINLOCK_INIT(LOCK_CONSOLE);
static char ring[RING_SIZE];
static u32 ring_prod, ring_cons;	/* free running; cons: oldest byte kept */
static bool mid_line;
static bool line_shown;			/* whether the line that is being printed passes the threshold */
static bool devices_open;
static char rx_buf[RX_SIZE];
static u32 rx_prod, rx_cons;

/* What SOFTIRQ_CONSOLE is to announce: set anywhere, so that printk never takes an event channel's lock. */
static u32 announce;
#define ANNOUNCE_RING	0
#define ANNOUNCE_INPUT	1

/* Messages of a level below lower are always shown, from upper on never, between them rate limited. */
static struct threshold { int lower, upper; } hv_threshold = { LEVEL_INFO, LEVEL_INFO },
	guest_threshold = { LEVEL_ERR, LEVEL_INFO };

static char console_names[64] = "com1,vga";
static bool dom0_to_ring;
static bool lock_broken;		/* a panic: nobody locks any more, whoever held the lock */

/* The first five by their level. */
static const struct { const char *name; int level; } level_names[] = {
	{ "none", LEVEL_ERR }, { "error", LEVEL_WARN }, { "warning", LEVEL_INFO },
	{ "info", LEVEL_DEBUG }, { "all", LEVEL_ALL }, { "debug", LEVEL_ALL },
};

static unsigned long console_acquire(void)
{
	return READ_ONCE(lock_broken) ? local_irq_save() : spin_lock_irqsave(&console_lock);
}

static void console_release(unsigned long flags)
{
	if (READ_ONCE(lock_broken))
		local_irq_restore(flags);
	else
		spin_unlock_irqrestore(&console_lock, flags);
}

/* The option's word for a threshold. */
static const char *level_name(int level)
{
	return level_names[level < LEVEL_ALL ? level : LEVEL_ALL].name;
}

static int parse_level(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(level_names); i++)
		if (strlen(level_names[i].name) == len && !strncmp(level_names[i].name, s, len))
			return level_names[i].level;
	return -1;
}

static int parse_threshold(const char *val, struct threshold *t)
{
	const char *slash = strchr(val, '/');
	int lower = parse_level(val, slash ? (size_t)(slash - val) : strlen(val));
	int upper = slash ? parse_level(slash + 1, strlen(slash + 1)) : lower;

	if (lower < 0 || upper < 0)
		return -EINVAL;
	t->lower = lower;
	t->upper = max(lower, upper);
	return 0;
}

static int init_fn opt_loglvl(const char *v) { return parse_threshold(v, &hv_threshold); }
CMDLINE_PARAM("loglvl", opt_loglvl);
static int init_fn opt_guest_loglvl(const char *v) { return parse_threshold(v, &guest_threshold); }
CMDLINE_PARAM("guest_loglvl", opt_guest_loglvl);
static int init_fn opt_console(const char *v)
{
	return strlcpy(console_names, v, sizeof(console_names)) < sizeof(console_names) ? 0 : -EINVAL;
}
CMDLINE_PARAM("console", opt_console);
static int init_fn opt_to_ring(const char *v)
{
	int b = parse_bool(v);

	dom0_to_ring = b > 0;
	return b < 0 ? -EINVAL : 0;
}
CMDLINE_PARAM("console_to_ring", opt_to_ring);

static struct console_device *const devices[] = { &uart_console[0], &uart_console[1], &vga_console };

static void devices_write(const char *s, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i]->active)
			devices[i]->write(s, n);
}

static void ring_put(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[RING_IDX(ring_prod++)] = s[i];
	if (ring_prod - ring_cons > RING_SIZE)
		ring_cons = ring_prod - RING_SIZE;
}

/* Lock held. */
static void emit(const char *s, size_t n)
{
	ring_put(s, n);
	if (devices_open)
		devices_write(s, n);
}

#define LINE_EVERY	MILLISECS(500)
#define LINES_AT_ONCE	10

/*
 * Lock held.  Whether this line, which somebody may write in a loop, is one too many: enough come through to be
 * read, too few to hide the rest.  Each takes LINE_EVERY of time; what they took may run ahead of the clock by a burst.
 */
static bool too_many_lines(void)
{
	static s_time_t taken_until;
	static unsigned int left_out;
	char buf[80];
	s_time_t t = now();

	if (taken_until > t + (LINES_AT_ONCE - 1) * LINE_EVERY) {
		left_out++;
		return true;
	}
	taken_until = max(taken_until, t) + LINE_EVERY;
	if (left_out) {
		emit(buf, (size_t)snprintf(buf, sizeof(buf), PREFIX "(%u lines left out: too many at once)\n", left_out));
		left_out = 0;
	}
	return false;
}

/* Consumes a level mark and says whether its line is shown. */
static bool level_shown(const char **s)
{
	const struct threshold *t = &hv_threshold;
	int level = LEVEL_WARN;	/* lines without a level */

	if ((*s)[0] == '\001' && (*s)[1]) {
		char c = (*s)[1];

		*s += 2;
		if (c >= 'a' && c <= 'z')
			t = &guest_threshold;
		switch (c & ~0x20) {
		case 'E': level = LEVEL_ERR; break;
		case 'W': level = LEVEL_WARN; break;
		case 'I': level = LEVEL_INFO; break;
		default: level = LEVEL_DEBUG; break;
		}
	}
	if (level < t->lower)
		return true;
	return level < t->upper && !too_many_lines();
}

/* Lock held. */
static void emit_lines(const char *s)
{
	while (*s) {
		const char *nl;
		size_t n;

		if (!mid_line) {
			line_shown = level_shown(&s);
			if (line_shown)
				emit(PREFIX, sizeof(PREFIX) - 1);
		} else if (s[0] == '\001' && s[1]) {
			s += 2;
		}
		nl = strchr(s, '\n');
		n = nl ? (size_t)(nl - s) + 1 : strlen(s);
		if (line_shown)
			emit(s, n);
		mid_line = !nl;
		s += n;
	}
}

void printk(const char *fmt, ...)
{
	static char buf[1024];		/* console_lock */
	__builtin_va_list ap;
	unsigned long flags = console_acquire();

	__builtin_va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	__builtin_va_end(ap);
	emit_lines(buf);
	console_release(flags);
	set_bit(ANNOUNCE_RING, &announce);
	raise_softirq(SOFTIRQ_CONSOLE);
}

/* Guests' text goes through as it is, less what would fool a terminal or the log's reader. */
static char printable(char c)
{
	return (c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' ? c : (u8)c >= 0x80 ? c : '.';
}

/* Lock held. One line of a guest's text, without its end. */
static void guest_line(u16 domid, const char *s, size_t n)
{
	char line[160];
	size_t len;

	if (guest_threshold.lower <= LEVEL_DEBUG && too_many_lines())
		return;
	len = (size_t)snprintf(line, sizeof(line), "(d%u) ", domid);
	for (size_t i = 0; i < n && len < sizeof(line) - 1; i++)
		if (s[i] != '\r')
			line[len++] = printable(s[i]);
	line[len++] = '\n';
	emit(PREFIX, sizeof(PREFIX) - 1);
	emit(line, len);
}

void console_guest_write(struct domain *d, const char *s, size_t n, bool hardware_domain, u16 domid)
{
	unsigned long flags = console_acquire();

	if (hardware_domain) {
		/*
		 * Domain 0's console is the serial line itself: every byte, no prefix. The ring is for the
		 * hypervisor's messages, which that much text would soon push out.
		 */
		if (dom0_to_ring)
			ring_put(s, n);
		if (devices_open)
			devices_write(s, n);
		mid_line = false;
	} else {
		for (size_t len; n; s += len, n -= len) {
			const char *nl = memchr(s, '\n', n);

			len = nl ? (size_t)(nl - s) + 1 : n;
			guest_line(domid, s, nl ? len - 1 : len);
		}
	}
	console_release(flags);
	set_bit(ANNOUNCE_RING, &announce);
	raise_softirq(SOFTIRQ_CONSOLE);
}

size_t console_ring_read(char *buf, size_t count, u32 *index, bool incremental)
{
	unsigned long flags = console_acquire();
	u32 from = ring_cons;
	size_t n;

	if (incremental && *index - ring_cons <= ring_prod - ring_cons)
		from = *index;
	n = min((size_t)(ring_prod - from), count);
	for (size_t i = 0; i < n; i++)
		buf[i] = ring[RING_IDX(from + i)];
	*index = from + (u32)n;
	console_release(flags);
	return n;
}

void console_ring_forget(u32 index)
{
	unsigned long flags = console_acquire();

	if (index - ring_cons <= ring_prod - ring_cons)
		ring_cons = index;
	console_release(flags);
}

init_fn bool console_named(const char *name)
{
	const char *p = console_names;
	size_t len = strlen(name);

	while (*p) {
		size_t n = 0;

		while (p[n] && p[n] != ',')
			n++;
		if (n >= len && !strncmp(p, name, len) && (n == len || n == len + 1))
			return true;	/* com1H and com1L: half a line each, of which we give both all */
		p += n + (p[n] == ',');
	}
	return false;
}

init_fn void console_init(void)
{
	unsigned long flags;

	uart_setup();
	vga_setup();
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		devices[i]->active = devices[i]->write && console_named(devices[i]->name);
	flags = console_acquire();
	for (u32 i = ring_cons; i != ring_prod; i++)
		devices_write(&ring[RING_IDX(i)], 1);
	devices_open = true;
	console_release(flags);
}

static void console_softirq(void)
{
	if (test_and_clear_bit(ANNOUNCE_RING, &announce))
		send_global_virq(VIRQ_CON_RING);
	if (test_and_clear_bit(ANNOUNCE_INPUT, &announce))
		send_global_virq(VIRQ_CONSOLE);
}

init_fn void console_init_irq(void)
{
	open_softirq(SOFTIRQ_CONSOLE, console_softirq);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i]->active && devices[i]->irq_init)
			devices[i]->irq_init();
}

static void tell_threshold(const char *option, const struct threshold *t)
{
	printk("Messages: %s=%s/%s\n", option, level_name(t->lower), level_name(t->upper));
}

void console_endboot(void)
{
	tell_threshold("loglvl", &hv_threshold);
	tell_threshold("guest_loglvl", &guest_threshold);
	if (!vga_keep())
		vga_console.active = false;
}

void console_force_unlock(void)
{
	WRITE_ONCE(lock_broken, true);
	devices_open = true;
}

void console_set_loglevel(int lower, int upper, bool guest)
{
	struct threshold *t = guest ? &guest_threshold : &hv_threshold;

	if (lower >= LEVEL_ERR && lower <= LEVEL_ALL)
		t->lower = lower;
	if (upper >= LEVEL_ERR && upper <= LEVEL_ALL)
		t->upper = upper;
	t->upper = max(t->lower, t->upper);
	tell_threshold(guest ? "guest_loglvl" : "loglvl", t);
}

/* ---- input ---- */

#define SWITCH_CHAR 1	/* Ctrl-A, three times */
static bool input_is_ours;
static unsigned int switch_count;

static void switch_input(void)
{
	input_is_ours = !input_is_ours;
	printk("Console input is %s now; Ctrl-A three times gives it back\n",
	       input_is_ours ? "the hypervisor's (h lists its keys)" : "Domain 0's");
}

void console_rx(char c, struct cpu_user_regs *regs)
{
	unsigned long flags;

	if (c == SWITCH_CHAR) {
		if (++switch_count == 3) {
			switch_count = 0;
			switch_input();
		}
		return;
	}
	/* One or two presses that switched nothing were meant for the reader. */
	if (input_is_ours) {
		switch_count = 0;
		keyhandler_press((u8)c, regs);
		return;
	}
	flags = console_acquire();
	for (; switch_count; switch_count--)
		if (rx_prod - rx_cons < RX_SIZE)
			rx_buf[rx_prod++ % RX_SIZE] = SWITCH_CHAR;
	if (rx_prod - rx_cons < RX_SIZE)
		rx_buf[rx_prod++ % RX_SIZE] = c;
	console_release(flags);
	set_bit(ANNOUNCE_INPUT, &announce);
	raise_softirq(SOFTIRQ_CONSOLE);
}

size_t console_guest_read(char *buf, size_t n)
{
	unsigned long flags = console_acquire();
	size_t i;

	for (i = 0; i < n && rx_cons != rx_prod; i++)
		buf[i] = rx_buf[rx_cons++ % RX_SIZE];
	console_release(flags);
	return i;
}
