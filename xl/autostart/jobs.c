// SPDX-License-Identifier: GPL-2.0-only
/* Many guests at a time, each in a process of its own, which runs one xl after the other and waits for it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "autostart.h"

/* How long an xl that is late may take to put things back before it is killed. */
#define GRACE_MS 10000

static volatile sig_atomic_t end_asked;

static void ask_end(int number)
{
	end_asked = 1;
}

static void end_by(struct pollfd *p, pid_t pid)
{
	kill(pid, SIGTERM);
	if (!poll(p, 1, GRACE_MS))
		kill(pid, SIGKILL);
}

/* False when it was late. */
static bool wait_for(pid_t pid, unsigned int limit, int *status)
{
	struct pollfd p = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	bool in_time = true;

	/* Without the descriptor there is no limit, but the guest is served. */
	if (p.fd >= 0 && limit)
		in_time = poll(&p, 1, (int)limit * 1000) != 0;
	if (!in_time)
		end_by(&p, pid);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (p.fd >= 0)
		close(p.fd);
	return in_time;
}

bool command_run(const struct guest *guest, const char *const argv[], unsigned int limit)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0) {
		complain("%s: cannot start a process: %s", guest->name, strerror(errno));
		return false;
	}
	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		complain("cannot run %s: %s", argv[0], strerror(errno));
		_exit(127);
	}
	if (!wait_for(pid, limit, &status))
		complain("%s: %s %s took longer than %u s and was ended", guest->name, argv[0], argv[1], limit);
	else if (WIFSIGNALED(status))
		complain("%s: %s %s was ended by signal %d", guest->name, argv[0], argv[1], WTERMSIG(status));
	else if (status)
		complain("%s: %s %s failed with exit code %d", guest->name, argv[0], argv[1], WEXITSTATUS(status));
	return !status;
}

static int by_turn(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	return x->turn < y->turn ? -1 : x->turn > y->turn;
}

/* Waits for one process. Whether it succeeded. */
static bool one_ends(void)
{
	int status;

	while (wait(&status) < 0)
		if (errno != EINTR)
			return false;
	return !status;
}

static bool begin(const struct job *j, bool (*work)(const struct guest *guest, const struct settings *s),
		  const struct settings *s)
{
	pid_t pid = fork();

	if (!pid) {
		/* Who ends us by name means the one that begins jobs. */
		signal(SIGTERM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		_exit(!work(j->guest, s));
	}
	if (pid < 0)
		complain("%s: cannot start a process: %s", j->guest->name, strerror(errno));
	return pid > 0;
}

size_t jobs_run(struct job *jobs, size_t count, unsigned int parallel,
		bool (*work)(const struct guest *guest, const struct settings *s), const struct settings *s)
{
	const struct sigaction act = { .sa_handler = ask_end };
	size_t running = 0, failed = 0, i;

	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	qsort(jobs, count, sizeof(*jobs), by_turn);
	for (i = 0; i < count && !end_asked; i++) {
		bool new_turn = i && jobs[i].turn != jobs[i - 1].turn;

		for (; running && (new_turn || running == parallel); running--)
			failed += !one_ends();
		if (end_asked)
			break;
		if (begin(&jobs[i], work, s))
			running++;
		else
			failed++;
	}
	if (i < count)
		complain("%zu guests are left out: a signal asked for the end", count - i);
	failed += count - i;
	for (; running; running--)
		failed += !one_ends();
	return failed;
}
