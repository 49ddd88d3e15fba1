/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * compat32 sysenter|syscall: a 32-bit program of its own, without a library. Processes that preempt each other call
 * the kernel by INT 0x80 and through the vDSO, whose instruction must be the one named (the kernel takes what the CPU
 * and the hypervisor offer). Each call must give the right answer and keep the registers; each process has a segment
 * in the GDT and one in the LDT, and a signal handler. Prints COMPAT32-OK.
 */
#define PROCESSES 3
#define ROUNDS 400

#define AT_SYSINFO 32
#define SIGUSR1 10
#define LDT_SELECTOR 7	/* entry 0, privilege 3 */
#define TRAMPOLINE_BYTES 32

enum { SYS_exit = 1, SYS_fork, SYS_write = 4, SYS_waitpid = 7, SYS_getpid = 20, SYS_kill = 37, SYS_signal = 48,
       SYS_modify_ldt = 123, SYS_sched_yield = 158, SYS_set_thread_area = 243 };

enum opcode { SYSCALL = 0x05, SYSENTER = 0x34 };	/* after 0f */

struct user_desc {
	unsigned int entry, base, limit, flags;
};

struct regs {
	long ebx, ecx, edx, esi, edi, ebp;
};

static const unsigned char *vsyscall;
static volatile int signals;

/* Does what call_by points at with the registers of @r, which gets what they are then. */
long call_kernel(long nr, struct regs *r, const void *call_by);
__asm__("call_kernel:\n"
	"push %ebp\n push %ebx\n push %esi\n push %edi\n"
	"mov 20(%esp), %eax\n mov 24(%esp), %ebp\n pushl 28(%esp)\n"
	"mov (%ebp), %ebx\n mov 4(%ebp), %ecx\n mov 8(%ebp), %edx\n mov 12(%ebp), %esi\n mov 16(%ebp), %edi\n"
	"mov 20(%ebp), %ebp\n"
	"call *(%esp)\n"
	"mov %ebp, (%esp)\n mov 28(%esp), %ebp\n"
	"mov %ebx, (%ebp)\n mov %ecx, 4(%ebp)\n mov %edx, 8(%ebp)\n mov %esi, 12(%ebp)\n mov %edi, 16(%ebp)\n"
	"popl 20(%ebp)\n"
	"pop %edi\n pop %esi\n pop %ebx\n pop %ebp\n ret\n"
	"by_int80: int $0x80\n ret\n"
	".globl _start\n _start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call start\n");
extern const unsigned char by_int80[];

static long plain(long nr, long a, long b, long c)
{
	struct regs r = { a, b, c, 0, 0, 0 };

	return call_kernel(nr, &r, by_int80);
}

static unsigned long length(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

static void say(const char *s) { plain(SYS_write, 1, (long)s, (long)length(s)); }

static void __attribute__((noreturn)) fail(const char *why)
{
	say("COMPAT32-BAD ");
	say(why);
	say("\n");
	plain(SYS_exit, 1, 0, 0);
	__builtin_unreachable();
}

static void handler(int nr)
{
	signals += nr == SIGUSR1;
}

/* A call must answer @want and leave every other register alone. */
static void expect(long nr, long want, const void *call_by, const char *what)
{
	const struct regs before = { 0x11111111, 0x22222222, 0x33333333, 0x44444444, 0x55555555, 0x66666666 };
	struct regs r = before;

	if (call_kernel(nr, &r, call_by) != want || r.ebx != before.ebx || r.ecx != before.ecx || r.edx != before.edx ||
	    r.esi != before.esi || r.edi != before.edi || r.ebp != before.ebp)
		fail(what);
}

static long at_gs(void)
{
	long v;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(v));
	return v;
}

static long at_fs(void)
{
	long v;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(v));
	return v;
}

/* 32-bit data segments of four bytes (limit in bytes), present and writable. */
static void make_segments(const long *in_gdt, const long *in_ldt)
{
	struct user_desc gdt = { ~0U, (unsigned int)in_gdt, 3, 0x41 }, ldt = { 0, (unsigned int)in_ldt, 3, 0x41 };

	if (plain(SYS_set_thread_area, (long)&gdt, 0, 0) || plain(SYS_modify_ldt, 1, (long)&ldt, sizeof(ldt)))
		fail("no segments");
	__asm__ volatile("mov %w0, %%gs\n mov %w1, %%fs" : : "r"(gdt.entry << 3 | 3), "r"(LDT_SELECTOR));
}

static int child(long id)
{
	const long in_gdt = 0x1000 + id, in_ldt = 0x2000 + id;
	long pid = plain(SYS_getpid, 0, 0, 0);

	make_segments(&in_gdt, &in_ldt);
	plain(SYS_signal, SIGUSR1, (long)handler, 0);
	for (int i = 0; i < ROUNDS; i++) {
		expect(SYS_getpid, pid, by_int80, "INT 0x80");
		expect(SYS_getpid, pid, vsyscall, "the vDSO's call");
		expect(SYS_sched_yield, 0, vsyscall, "the vDSO's call that switches");
		if (at_gs() != in_gdt || at_fs() != in_ldt)
			fail("a segment is another process'");
		plain(SYS_kill, pid, SIGUSR1, 0);
		if (signals != i + 1)
			fail("a signal");
		plain(SYS_signal, SIGUSR1, (long)handler, 0);
	}
	return 0;
}

static const unsigned char *find_vsyscall(const long *stack)
{
	const long *p = stack + 1 + stack[0] + 1;	/* argc, argv, NULL */

	while (*p++)
		;
	for (; p[0]; p += 2)
		if (p[0] == AT_SYSINFO)
			return (const unsigned char *)p[1];
	fail("no AT_SYSINFO");
}

static int trampoline_has(enum opcode second)
{
	for (int i = 0; i < TRAMPOLINE_BYTES; i++)
		if (vsyscall[i] == 0x0f && vsyscall[i + 1] == second)
			return 1;
	return 0;
}

void start(const long *stack)
{
	int status, bad = 0;

	vsyscall = find_vsyscall(stack);
	if (stack[0] != 2 || !trampoline_has(((const char *)stack[2])[3] == 'e' ? SYSENTER : SYSCALL))
		fail("the vDSO does not use the instruction that is wanted");
	for (long id = 1; id <= PROCESSES; id++)
		if (!plain(SYS_fork, 0, 0, 0))
			plain(SYS_exit, child(id), 0, 0);
	while (plain(SYS_waitpid, -1, (long)&status, 0) > 0)
		bad |= status;
	if (bad)
		fail("a process");
	say("COMPAT32-OK\n");
	plain(SYS_exit, 0, 0, 0);
}
