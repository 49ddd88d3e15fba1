/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shares ID MILLISECONDS BESIDE: what the guest ID, which runs bench/inside/neighbour.c's work, got in that time: the CPU
 * time that it and all other domains are said to have had, and the turns of its loop, from its R15.  There is one CPU: as
 * long as this program runs, nobody else does, and a look at all is done again if another domain ran in it.  Times are of the TSC: under -icount these are nanoseconds.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>
#include <xenctrl.h>

#define DOMAINS 16
#define TRIES 10000

struct moment {
	uint64_t at, turns;
	int domains;
	xc_domaininfo_t domain[DOMAINS];
};

static void die(const char *what)
{
	printf("BENCH-ERROR shares: %s\n", what);
	exit(1);
}

static void rest(long milliseconds)
{
	const struct timespec t = { .tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static int domains(xc_interface *xc, xc_domaininfo_t *list)
{
	int n = xc_domain_getinfolist(xc, 0, DOMAINS, list);

	if (n <= 0)
		die("no list of domains");
	return n;
}

/* Neither a domain came or went, nor did a guest run. */
static bool same(const xc_domaininfo_t *a, const struct moment *m, int n)
{
	if (n != m->domains)
		return false;
	for (int i = 0; i < n; i++)
		if (a[i].domain != m->domain[i].domain || (a[i].domain && a[i].cpu_time != m->domain[i].cpu_time))
			return false;
	return true;
}

/* When the guest is in its loop and not in its kernel, and this program was not preempted as it looked. */
static struct moment look(xc_interface *xc, uint32_t id)
{
	xc_domaininfo_t before[DOMAINS];
	vcpu_guest_context_any_t vcpu;
	struct moment m;

	for (int i = 0; i < TRIES; i++, rest(1)) {
		int n = domains(xc, before);

		if (xc_vcpu_getcontext(xc, id, 0, &vcpu))
			die("no context of the guest");
		m.turns = vcpu.x64.user_regs.r15;
		m.at = __rdtsc();
		m.domains = domains(xc, m.domain);
		if (!(vcpu.x64.user_regs.rip >> 47) && same(before, &m, n))
			return m;
	}
	die("the guest is never in its loop");
	return m;
}

int main(int argc, char **argv)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	uint32_t id = argc == 4 ? (uint32_t)atoi(argv[1]) : 0;
	struct moment from, to;

	if (!xc || !id)
		die("usage");
	from = look(xc, id);
	rest(atol(argv[2]));
	to = look(xc, id);
	if (from.domains != to.domains)
		die("a domain came or went");
	printf("FIGURE time, %s = %" PRIu64 " ns\n", argv[3], to.at - from.at);
	printf("FIGURE turns, %s = %" PRIu64 " turns\n", argv[3], to.turns - from.turns);
	for (int i = 0; i < to.domains; i++)
		printf("FIGURE %s %d, %s = %" PRIu64 " ns\n", to.domain[i].domain == id ? "worker" : "other",
		       to.domain[i].domain, argv[3], to.domain[i].cpu_time - from.domain[i].cpu_time);
	xc_interface_close(xc);
	return 0;
}
