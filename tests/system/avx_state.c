/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * avx_state SECONDS PROCESSES: each process keeps a pattern of its own in all sixteen YMM registers, spins long
 * enough to be preempted, gives the CPU away, and looks whether every bit is still there.
 */
#include <cpuid.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REGISTERS 16
#define SYS_SCHED_YIELD 24
typedef struct { uint64_t lane[4]; } __attribute__((aligned(32))) ymm;

#define EACH_YMM(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12) x(13) x(14) x(15)
#define LOAD(n) "vmovdqa " #n "*32(%[in]), %%ymm" #n "\n"
#define STORE(n) "vmovdqa %%ymm" #n ", " #n "*32(%[out])\n"
#define NAME(n) , "xmm" #n

/* One block, so that the compiler's own use of the registers cannot come between. */
static void hold(const ymm *in, ymm *out, long spins)
{
	__asm__ volatile(EACH_YMM(LOAD)
			 "1: pause\n dec %[spins]\n jnz 1b\n"
			 "mov %[yield], %%eax\n syscall\n"
			 EACH_YMM(STORE)
			 "vzeroupper\n"
			 : [spins] "+r"(spins)
			 : [in] "r"(in), [out] "r"(out), [yield] "i"(SYS_SCHED_YIELD)
			 : "rax", "rcx", "r11", "cc", "memory" EACH_YMM(NAME));
}

static int child(unsigned int id, time_t until)
{
	ymm in[REGISTERS], out[REGISTERS];
	unsigned long rounds = 0;

	while (time(NULL) < until) {
		for (unsigned int r = 0; r < REGISTERS; r++)
			for (unsigned int l = 0; l < 4; l++)
				in[r].lane[l] = (uint64_t)id << 56 | (uint64_t)r << 48 | (uint64_t)l << 40 | rounds;
		hold(in, out, 20000 + id * 1000);
		if (memcmp(in, out, sizeof(in))) {
			printf("AVX-LOST process %u round %lu\n", id, rounds);
			return 1;
		}
		rounds++;
	}
	return rounds < 2;
}

int main(int argc, char **argv)
{
	unsigned int eax, ebx, ecx, edx, n;
	time_t until;
	int bad = 0, st;

	if (argc != 3)
		return 2;
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_AVX) || !(ecx & bit_OSXSAVE)) {
		printf("AVX-ABSENT\n");
		return 3;
	}
	until = time(NULL) + atoi(argv[1]);
	n = (unsigned int)atoi(argv[2]);
	for (unsigned int i = 0; i < n; i++)
		if (!fork())
			_exit(child(i + 1, until));
	while (wait(&st) > 0)
		bad |= st;
	printf("%s\n", bad ? "AVX-BAD" : "AVX-KEPT");
	return bad != 0;
}
