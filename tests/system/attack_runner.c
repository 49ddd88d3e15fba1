/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs in Domain 0: each line of standard input, "NAME END", is one attack by a domain of its own, whose end
 * has to be END (pass, or death:PART OF THE REASON), under a watching domain that has to stay well.
 *
 * attack_runner WATCHER-DOMID WATCHER-FRAME WATCHER-TTY
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenctrl.h>

#define CONFIG "/root/attacker.cfg"
#define NAME "attacker"
#define END_SECONDS 90
#define SETTLE_SECONDS 30
#define LOG_SIZE (256 * 1024)
#define LINES_SHOWN 40

static xc_interface *xc;
static uint32_t watcher;
static const char *watcher_frame;
static int tty;
static char log_text[LOG_SIZE];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void nap(void) { nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL); }

static uint64_t free_pages(void)
{
	xc_physinfo_t info = { 0 };

	return xc_physinfo(xc, &info) ? 0 : info.free_pages;
}

static const char *read_log(void)
{
	unsigned int n = sizeof(log_text) - 1;
	uint32_t index = 0;

	if (xc_readconsolering(xc, log_text, &n, 1, 0, &index))
		n = 0;
	log_text[n] = 0;
	return log_text;
}

static bool run(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		dup2(open("/dev/null", O_RDONLY), 0);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

/* The domain that is neither Domain 0 nor the watcher; others: how many there are of it. */
static int others(xc_dominfo_t *other)
{
	xc_dominfo_t info[8];
	int n = xc_domain_getinfo(xc, 0, 8, info), count = 0;

	for (int i = 0; i < n; i++) {
		if (!info[i].domid || info[i].domid == watcher)
			continue;
		*other = info[i];
		count++;
	}
	return count;
}

/* Shutdown reason of the attacker; -1: it did not end. */
static int wait_for_end(uint32_t *domid)
{
	double end = now() + END_SECONDS;
	xc_dominfo_t info;

	while (others(&info) == 1) {
		*domid = info.domid;
		if (info.shutdown || info.crashed)
			return info.crashed ? SHUTDOWN_crash : (int)info.shutdown_reason;
		if (now() > end)
			break;
		nap();
	}
	return -1;
}

static bool settled(uint64_t want)
{
	double end = now() + SETTLE_SECONDS;
	xc_dominfo_t info;

	do {
		if (!others(&info) && free_pages() == want)
			return true;
		nap();
	} while (now() < end);
	if (others(&info))
		printf("  a zombie, domain %u, is left\n", info.domid);
	printf("  %" PRIu64 " pages are free, not %" PRIu64 "\n", free_pages(), want);
	return false;
}

/* One line from the watcher's console; NULL: none in time. */
static const char *answer(void)
{
	static char line[256];
	size_t n = 0;
	struct pollfd p = { .fd = tty, .events = POLLIN };

	while (n < sizeof(line) - 1 && poll(&p, 1, SETTLE_SECONDS * 1000) == 1 && read(tty, line + n, 1) == 1)
		if (line[n++] == '\n') {
			line[n - 1] = 0;
			return line;
		}
	return NULL;
}

/* It ticked since it was last asked, and nothing of its own was touched. */
static bool watcher_well(void)
{
	static unsigned long last;
	unsigned long ticks = 0;
	char damage[64] = "";
	const char *line = NULL;

	if (write(tty, "\n", 1) == 1)
		while ((line = answer()) && sscanf(line, "WATCH ticks=%lu damage=%63[^\r]", &ticks, damage) != 2)
			;
	if (line && ticks > last && !strcmp(damage, "none")) {
		last = ticks;
		return true;
	}
	printf("  the watcher says: %s\n", line ? line : "nothing");
	return false;
}

static int crash_lines(const char *log, uint32_t domid, const char *reason)
{
	char start[32];
	int n = 0, wrong = 0;

	snprintf(start, sizeof(start), "d%u crashed:", domid);
	for (const char *at = log; (at = strstr(at, start)); at += strlen(start)) {
		const char *end = strchr(at, '\n'), *found = strstr(at, reason);

		n++;
		wrong += !found || (end && found > end);
	}
	return wrong ? -n : n;
}

/* Indented: lines of the hypervisor's own look like what the serial console mixes in. */
static void print_indented(const char *text)
{
	size_t n;

	for (int left = LINES_SHOWN; *text && left; left--, text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		printf("  %.*s\n", (int)n, text);
	}
}

static bool ended_as(const char *end, int reason, uint32_t domid)
{
	const char *log = read_log();
	bool death = !strncmp(end, "death:", 6);
	int lines = crash_lines(log, domid, death ? end + 6 : "");

	if (death ? reason == SHUTDOWN_crash && lines == 1 : reason == SHUTDOWN_poweroff && !lines)
		return true;
	printf("  ended by shutdown reason %d with %d lines of a crash, not as %s; the log:\n", reason, abs(lines), end);
	print_indented(log);
	return false;
}

/* What the guest said last. */
static void show_console(void)
{
	const char *const tail[] = { "tail", "-n", "6", "/var/log/xen/console/guest-" NAME ".log", NULL };

	fflush(stdout);
	run(tail);
}

static bool attack(const char *name, const char *end)
{
	char extra[160];
	const char *const create[] = { "xl", "create", "-e", "-q", CONFIG, extra, NULL };
	const char *const destroy[] = { "xl", "destroy", NAME, NULL };
	uint64_t before = free_pages();
	uint32_t domid = 0;
	int reason;
	bool ok;

	snprintf(extra, sizeof(extra), "extra=\"attack=%s peer=%x peer_mfn=%s\"", name, watcher, watcher_frame);
	read_log();
	if (!run(create))
		return false;
	reason = wait_for_end(&domid);
	ok = ended_as(end, reason, domid);
	if (!ok)
		show_console();
	ok &= run(destroy);
	ok &= settled(before);
	ok &= watcher_well();
	return ok;
}

int main(int argc, char **argv)
{
	char name[64], end[128];
	int failed = 0, n = 0;

	xc = xc_interface_open(NULL, NULL, 0);
	tty = argc == 4 ? open(argv[3], O_RDWR | O_NOCTTY) : -1;
	if (!xc || tty < 0) {
		fprintf(stderr, "attack_runner WATCHER-DOMID WATCHER-FRAME WATCHER-TTY\n");
		return 2;
	}
	watcher = (uint32_t)atoi(argv[1]);
	watcher_frame = argv[2];
	for (; scanf("%63s %127[^\n]", name, end) == 2; n++) {
		double start = now();
		bool ok = attack(name, end);

		printf("%s %s (%.1f s)\n", ok ? "ok" : "FAILED", name, now() - start);
		fflush(stdout);
		failed += !ok;
	}
	printf("%d attacks, %d failed\n", n, failed);
	return failed != 0;
}
