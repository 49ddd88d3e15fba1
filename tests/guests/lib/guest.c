/* SPDX-License-Identifier: GPL-2.0-only */
/* What every micro-guest needs: start, console, page tables, traps. */
#include <stdarg.h>

#include "guest.h"

start_info_t *start_info;
shared_info_t *shared_info;
static char shared_page[PAGE_SIZE] __attribute__((aligned(4096)));
static u64 next_free_pfn;
static void ring_write(const char *s, size_t n);

/* ---- strings and printing ---- */

void *memset(void *d, int c, size_t n)
{
	void *r = d;

	__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(c) : "memory");
	return r;
}

void *memcpy(void *d, const void *s, size_t n)
{
	void *r = d;

	__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
	return r;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

static char *put_number(char *p, u64 v, unsigned int base, int width, char pad)
{
	char tmp[24];
	int n = 0;

	do
		tmp[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	while (width-- > n)
		*p++ = pad;
	while (n)
		*p++ = tmp[--n];
	return p;
}

void printk(const char *fmt, ...)
{
	static char line[512];
	char *p = line;
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt && p < line + sizeof(line) - 64; fmt++) {
		int width = 0, l = 0;
		char pad = ' ';

		if (*fmt != '%') {
			*p++ = *fmt;
			continue;
		}
		fmt++;
		if (*fmt == '0')
			pad = '0', fmt++;
		while (*fmt >= '0' && *fmt <= '9')
			width = width * 10 + *fmt++ - '0';
		while (*fmt == 'l')
			l = 1, fmt++;
		switch (*fmt) {
		case 'd': {
			long v = l ? va_arg(ap, long) : va_arg(ap, int);

			if (v < 0)
				*p++ = '-', v = -v;
			p = put_number(p, (u64)v, 10, width, pad);
			break;
		}
		case 'u':
			p = put_number(p, l ? va_arg(ap, u64) : va_arg(ap, u32), 10, width, pad);
			break;
		case 'x':
			p = put_number(p, l ? va_arg(ap, u64) : va_arg(ap, u32), 16, width, pad);
			break;
		case 's': {
			const char *s = va_arg(ap, const char *);
			int n = (int)strlen(s);

			while (*s && p < line + sizeof(line) - 2)
				*p++ = *s++;
			while (width-- > n)
				*p++ = ' ';
			break;
		}
		default:
			*p++ = *fmt;
		}
	}
	va_end(ap);
	/* A guest's own console is the shared ring that the toolstack reads; Domain 0's is the hypervisor's. */
	if (is_dom0())
		H3(console_io, CONSOLEIO_write, p - line, line);
	else
		ring_write(line, (size_t)(p - line));
}

bool cmdline_has(const char *word)
{
	size_t n = strlen(word);

	for (const char *s = (const char *)start_info->cmd_line; *s; s++)
		if (!memcmp(s, word, n) && (s[n] == ' ' || !s[n]))
			return true;
	return false;
}

u64 cmdline_number(const char *key, u64 otherwise)
{
	char text[24];
	u64 v = 0;

	if (!cmdline_get(key, text, sizeof(text)))
		return otherwise;
	for (const char *s = text; *s; s++)
		v = v * 16 + (u64)(*s <= '9' ? *s - '0' : *s - 'a' + 10);
	return v;
}

bool cmdline_get(const char *key, char *buf, size_t len)
{
	size_t n = strlen(key), i = 0;

	for (const char *s = (const char *)start_info->cmd_line; *s; s++) {
		if (memcmp(s, key, n) || s[n] != '=')
			continue;
		for (s += n + 1; *s && *s != ' ' && i + 1 < len; s++)
			buf[i++] = *s;
		buf[i] = 0;
		return true;
	}
	return false;
}

void guest_shutdown(unsigned int reason)
{
	struct sched_shutdown s = { reason };

	for (;;)
		H2(sched_op, SCHEDOP_shutdown, &s);
}

u32 complaints;

void is(const char *what, long got, long want)
{
	if (got == want)
		return;
	complaints++;
	printk("  %s: %ld, not %ld\n", what, got, want);
}

void guest_exit(const char *result)
{
	printk("GUEST-RESULT %s\n", result);
	/* Domain 0 takes the machine with it; of others the reason alone tells how it ended. */
	guest_shutdown(is_dom0() || !strcmp(result, "PASS") ? SHUTDOWN_poweroff : SHUTDOWN_reboot);
}

/* ---- page tables ---- */

static unsigned int index_of(const void *va, int level)
{
	return (u64)va >> (12 + 9 * (level - 1)) & 511;
}

u64 *pte_of(const void *va, int level)
{
	u64 *t = (u64 *)start_info->pt_base;

	for (int l = 4; l > level; l--) {
		u64 e = t[index_of(va, l)];

		if (!(e & PTE_P))
			return NULL;
		t = mfn_to_virt((e & PTE_FRAME) >> 12);
	}
	return &t[index_of(va, level)];
}

u64 pte_maddr(const void *va, int level)
{
	return virt_to_maddr(pte_of(va, level));
}

int mmu_update_one(u64 ptr, u64 val)
{
	mmu_update_t u = { ptr, val };

	return (int)H4(mmu_update, &u, 1, 0, DOMID_SELF);
}

int set_va(const void *va, u64 pte, unsigned long flags)
{
	return (int)H3(update_va_mapping, va, pte, flags);
}

/* Frames behind the boot stack are free; only those inside the initial 4 MiB aligned mapping are mapped. */
void *alloc_page(void)
{
	void *p;

	for (;; next_free_pfn++) {
		p = (void *)(VIRT_BASE + (next_free_pfn << 12));
		u64 *e = pte_of(p, 1);

		if (!e || next_free_pfn >= start_info->nr_pages) {
			printk("out of mapped pages\n");
			guest_exit("FAIL");
		}
		if ((*e & (PTE_P | PTE_W)) == (PTE_P | PTE_W))
			break;
	}
	next_free_pfn++;
	memset(p, 0, PAGE_SIZE);
	return p;
}

int make_readonly(void *page)
{
	return set_va(page, virt_to_mfn(page) << 12 | PTE_P | PTE_U | PTE_A, UVMF_INVLPG);
}

int make_writable(void *page)
{
	return set_va(page, virt_to_mfn(page) << 12 | PTE_FLAGS, UVMF_INVLPG);
}

/* ---- console ring of an unprivileged guest (public/io/console.h) ---- */
#include <xen/io/console.h>

static void ring_write(const char *s, size_t n)
{
	static volatile struct xencons_interface *ring;
	struct evtchn_send send = { start_info->console.domU.evtchn };
	/* A guest may have wrecked its own ring: then nobody reads it, and what it says is lost. */
	static u64 patience = 1000000;

	if (!ring)
		ring = mfn_to_virt(start_info->console.domU.mfn);
	while (n && patience) {
		while (n && ring->out_prod - ring->out_cons < sizeof(ring->out)) {
			ring->out[ring->out_prod % sizeof(ring->out)] = *s++;
			barrier();
			ring->out_prod++;
			n--;
		}
		H2(event_channel_op, EVTCHNOP_send, &send);
		if (n && patience--)
			H2(sched_op, SCHEDOP_yield, 0);
	}
}

/* ---- time ---- */

u64 system_time(void) { return time_of(&shared_info->vcpu_info[0].time); }

/* ---- traps ---- */

volatile u32 guest_nmis;
/* As any entry it has RCX and R11 on top; the frame goes back by the iret call, whose flags say "from an NMI" with 0. */
__asm__(".pushsection .text\n"
	".globl guest_nmi\n"
	"guest_nmi: incl guest_nmis(%rip)\n"
	"	popq %rcx\n"
	"	popq %r11\n"
	"	pushq $0\n"
	"	jmp hypercall_page + 23 * 32\n"
	".popsection\n");

struct try_state *try_now;
volatile u32 trap_vector, trap_error;
volatile u64 trap_cr2, trap_count, event_count;
void (*trap_hook)(struct trap_frame *f, u32 vector);
void (*event_hook)(void);

void guest_trap(struct trap_frame *f, u32 vector);
void guest_event(struct trap_frame *f);
void guest_trap(struct trap_frame *f, u32 vector)
{
	trap_vector = vector;
	trap_error = (u32)f->error_code;
	trap_cr2 = shared_info->vcpu_info[0].arch.cr2;
	trap_count++;
	if (trap_hook) {
		trap_hook(f, vector);
		return;
	}
	if (try_now) {
		struct try_state *t = try_now;

		f->rip = t->resume;
		f->rsp = t->rsp;
		f->rbp = t->rbp;
		f->rbx = t->rbx;
		f->r12 = t->r12;
		f->r13 = t->r13;
		f->r14 = t->r14;
		f->r15 = t->r15;
		f->cs = KERNEL_CS_FRAME;	/* the fault may be user mode's, or an IRET's with a bad selector */
		f->ss = KERNEL_SS;
		f->rflags = 0x202;
		try_now = NULL;
		return;
	}
	printk("unexpected trap %u error %x at %lx cr2 %lx\n", vector, trap_error, f->rip, trap_cr2);
	guest_exit("FAIL");
}

void guest_event(struct trap_frame *f)
{
	(void)f;
	shared_info->vcpu_info[0].evtchn_upcall_pending = 0;
	event_count++;
	if (event_hook)
		event_hook();
}

int __attribute__((noinline)) try_run(void (*fn)(void *), void *arg)
{
	struct try_state t;
	volatile int faulted = 1;

	__asm__ volatile("leaq 1f(%%rip), %%rax\n"
			 "movq %%rax, 0(%0)\n movq %%rsp, 8(%0)\n movq %%rbp, 16(%0)\n movq %%rbx, 24(%0)\n"
			 "movq %%r12, 32(%0)\n movq %%r13, 40(%0)\n movq %%r14, 48(%0)\n movq %%r15, 56(%0)\n"
			 "movq %0, %1\n"
			 "movq %3, %%rdi\n"
			 "call *%2\n"
			 "movl $0, %4\n"
			 "1:\n"
			 : : "r"(&t), "m"(try_now), "r"(fn), "r"(arg), "m"(faulted)
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory");
	try_now = NULL;
	return faulted ? (int)trap_vector : -1;
}

extern char trap_de[], trap_db[], trap_bp[], trap_of[], trap_ud[], trap_nm[], trap_ts[], trap_np[], trap_ss[],
	trap_gp[], trap_pf[], trap_mf[], trap_ac[], trap_xm[], trap_int80[], event_entry[], failsafe_entry[],
	syscall_entry[];

void guest_set_traps(void)
{
#define T(v, dpl, e) { v, dpl, 0xe033, (unsigned long)(e) }
	static trap_info_t t[16];
	const trap_info_t init[] = {
		T(0, 0, trap_de), T(1, 0, trap_db), T(3, 3, trap_bp), T(4, 3, trap_of), T(6, 0, trap_ud),
		T(7, 0, trap_nm), T(10, 0, trap_ts), T(11, 0, trap_np), T(12, 0, trap_ss), T(13, 0, trap_gp),
		T(14, 0, trap_pf), T(16, 0, trap_mf), T(17, 0, trap_ac), T(19, 0, trap_xm), T(0x80, 3, trap_int80),
	};

	memcpy(t, init, sizeof(init));
	H1(set_trap_table, t);
	struct callback_register ev = { .type = CALLBACKTYPE_event, .address = (unsigned long)event_entry };
	struct callback_register fs = { .type = CALLBACKTYPE_failsafe, .address = (unsigned long)failsafe_entry };

	struct callback_register sys = { .type = CALLBACKTYPE_syscall, .address = (unsigned long)syscall_entry };

	H2(callback_op, CALLBACKOP_register, &ev);
	H2(callback_op, CALLBACKOP_register, &fs);
	H2(callback_op, CALLBACKOP_register, &sys);
}

void guest_start(start_info_t *si);
void guest_start(start_info_t *si)
{
	start_info = si;
	/* First frame behind page tables and the boot stack of the ABI's initial layout. */
	next_free_pfn = ((si->pt_base - VIRT_BASE) >> 12) + si->nr_pt_frames + 1;
	shared_info = (shared_info_t *)shared_page;
	if (set_va(shared_page, si->shared_info | PTE_FLAGS, UVMF_INVLPG))
		printk("cannot map shared_info\n");
	guest_set_traps();
	guest_main();
	guest_exit("PASS");
}
