// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include "live_update.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conn.h"
#include "daemon/log.h"
#include "daemon/xen.h"
#include "image.h"
#include "journal.h"
#include "options.h"
#include "sock.h"
#include "state/state.h"

#define STATE_FILE  "state_dump" /* where the original looks for it, too */
#define DEFAULT_TIMEOUT 60u
#define MAX_ARGS    64u

/* What is asked for, in several commands of one connection. */
struct session {
	bool active, start;
	uint32_t conn;
	unsigned int timeout;
	char file[XENSTORE_PAYLOAD_MAX];
	char cmdline[XENSTORE_PAYLOAD_MAX]; /* empty: as we were started */
};

static char **own_argv;
static struct session session;
static const char *none = "No live-update is under way: name the file first.";
static char why[400]; /* it failed, for the answer and the log */

void live_update_init(char **argv)
{
	own_argv = argv;
}

/* --- the commands */

/* Whoever hung up will not go on with it. */
static bool session_open(void)
{
	if (session.active && !sock_by_id(session.conn))
		memset(&session, 0, sizeof(session));
	return session.active;
}

static int set_file(const char *const *arg, unsigned int args, const char **text)
{
	struct stat st;

	if (args != 1)
		return EINVAL;
	if (session_open())
		*text = "Another live-update is under way.";
	else if (stat(arg[0], &st))
		*text = "That file cannot be reached.";
	else if (!S_ISREG(st.st_mode) || access(arg[0], X_OK))
		*text = "That file cannot be executed.";
	if (*text)
		return 0;
	session.active = true;
	session.conn = conn_served->id;
	snprintf(session.file, sizeof(session.file), "%s", arg[0]);
	return 0;
}

static int set_cmdline(const char *const *arg, unsigned int args, const char **text)
{
	if (args != 1)
		return EINVAL;
	if (!session_open())
		*text = none;
	else
		snprintf(session.cmdline, sizeof(session.cmdline), "%s", arg[0]);
	return 0;
}

static int stop(const char *const *arg, unsigned int args, const char **text)
{
	if (args)
		return EINVAL;
	if (!session_open())
		*text = "No live-update is under way.";
	memset(&session, 0, sizeof(session));
	return 0;
}

/* -F is for who waits for transactions: ours go along. */
static int start(const char *const *arg, unsigned int args, const char **text)
{
	unsigned int timeout = DEFAULT_TIMEOUT;

	for (unsigned int i = 0; i < args; i++) {
		if (!strcmp(arg[i], "-t") && i + 1 < args)
			timeout = (unsigned int)strtoul(arg[++i], NULL, 10);
		else if (strcmp(arg[i], "-F"))
			return EINVAL;
	}
	if (!session_open()) {
		*text = none;
		return 0;
	}
	session.timeout = timeout;
	session.start = true;
	return CONTROL_LATER;
}

int live_update_command(const char *const *arg, unsigned int args, const char **text)
{
	static const struct {
		const char *name;
		int (*run)(const char *const *arg, unsigned int args, const char **text);
	} commands[] = {
		{ "-f", set_file },
		{ "-c", set_cmdline },
		{ "-a", stop },
		{ "-s", start },
	};

	/* A domain's ring takes part in no session: what it has read is not all in our hands. */
	if (!args || !sock_by_id(conn_served->id))
		return EINVAL;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(arg[0], commands[i].name))
			return commands[i].run(arg + 1, args - 1, text);
	return EINVAL;
}

/* --- the old image */

static bool failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool failed(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return false;
}

static const char *state_path(void)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/" STATE_FILE, sock_dir());
	return path;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static bool write_state(void)
{
	struct state_out o = { 0 };
	bool ok = false;
	int fd;

	image_save(&o);
	unlink(state_path());
	fd = open(state_path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (o.no_memory)
		failed("out of memory for the state");
	else if (fd < 0 || !write_all(fd, o.buf, o.len))
		failed("the state cannot be written to %s: %s", state_path(), strerror(errno));
	else
		ok = true;
	if (fd >= 0)
		close(fd);
	state_out_free(&o);
	return ok;
}

static void close_at_exec(int fd, bool on)
{
	fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

static void keep_descriptors(bool keep)
{
	sock_each_fd(close_at_exec, !keep);
	close_at_exec(xen_evtchn_fd(), !keep);
	if (journal_fd() >= 0)
		close_at_exec(journal_fd(), !keep);
}

static bool is_ours(const char *arg)
{
	return !strcmp(arg, "-U") || !strcmp(arg, "--live-update") || !strcmp(arg, "--check-state");
}

/* The new image's: as it is asked for, or as ours, and then what makes it take over. */
static bool new_argv(char *argv[MAX_ARGS], char *cmdline, bool only_look)
{
	size_t n = 0;

	argv[n++] = session.file;
	if (*cmdline) {
		for (char *save, *p = strtok_r(cmdline, " ", &save); p && n < MAX_ARGS - 3; p = strtok_r(NULL, " ", &save))
			argv[n++] = p;
	} else {
		for (char **p = own_argv + 1; *p && n < MAX_ARGS - 3; p++)
			if (!is_ours(*p))
				argv[n++] = *p;
	}
	if (n == MAX_ARGS - 3)
		return failed("too many arguments");
	argv[n++] = "-U";
	if (only_look)
		argv[n++] = "--check-state";
	argv[n] = NULL;
	return true;
}

static void execute(bool only_look)
{
	char cmdline[sizeof(session.cmdline)], *argv[MAX_ARGS];

	strcpy(cmdline, session.cmdline);
	if (!new_argv(argv, cmdline, only_look))
		return;
	keep_descriptors(true);
	execv(session.file, argv);
	failed("%s cannot be executed: %s", session.file, strerror(errno));
	keep_descriptors(false);
}

static void child(int out)
{
	setsid();
	if (dup2(out, STDERR_FILENO) >= 0) {
		execute(true);
		dprintf(STDERR_FILENO, "%s\n", why);
	}
	_exit(127);
}

static int left_of(const struct timespec *end)
{
	struct timespec now;
	long ms;

	if (!session.timeout)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

/* What the child says, until it has ended or the time is over. */
static bool listen_to(int pidfd, int out, char *text, size_t size)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN }, { .fd = out, .events = POLLIN } };
	struct timespec end;
	size_t used = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += session.timeout;
	while (poll(p, 2, left_of(&end)) > 0) {
		char more[256];
		ssize_t n;

		if (!p[1].revents)
			return true;
		n = read(out, more, sizeof(more));
		if (n <= 0) {
			p[1].fd = -1;
			continue;
		}
		for (ssize_t i = 0; i < n && used + 1 < size; i++)
			text[used++] = more[i];
		text[used] = 0;
	}
	return false;
}

static bool check_by(pid_t pid, int out)
{
	int pidfd = pidfd_open(pid, 0), status = 0;
	char text[300] = "";
	bool ended = pidfd >= 0 && listen_to(pidfd, out, text, sizeof(text));

	/* With all that it started, should it have come so far. */
	if (!ended) {
		kill(pid, SIGKILL);
		kill(-pid, SIGKILL);
	}
	waitpid(pid, &status, 0);
	if (pidfd >= 0)
		close(pidfd);
	text[strcspn(text, "\n")] = 0;
	if (!ended)
		return failed("%s did not say within %u s whether it can take over", session.file, session.timeout);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return failed("%s does not take over: %s", session.file, text[0] ? text : "it ends, and does not say why");
	return true;
}

/* Whether the new image reads what we wrote, and finds all descriptors. */
static bool check_image(void)
{
	int out[2];
	pid_t pid;
	bool ok;

	if (pipe2(out, O_CLOEXEC))
		return failed("no pipe: %s", strerror(errno));
	pid = fork();
	if (!pid)
		child(out[1]);
	close(out[1]);
	ok = pid > 0 ? check_by(pid, out[0]) : failed("cannot fork: %s", strerror(errno));
	close(out[0]);
	return ok;
}

static void answer_refused(void)
{
	struct conn *c = sock_by_id(session.conn);

	log_line("live-update: %s; the present image goes on", why);
	if (c && c->client.waits)
		conn_answer(c, why);
}

void live_update_run(void)
{
	if (!session.start)
		return;
	session.start = false;
	if (write_state() && check_image()) {
		log_line("live-update: %s takes over", session.file);
		execute(false);
	}
	unlink(state_path());
	answer_refused();
}

/* --- the new image */

static uint8_t *read_state(size_t *len)
{
	int fd = open(state_path(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t *data = NULL;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		data = malloc((size_t)st.st_size + 1);
		*len = (size_t)st.st_size;
	}
	if (data && read(fd, data, *len) != (ssize_t)*len) {
		free(data);
		data = NULL;
	}
	if (fd >= 0)
		close(fd);
	return data;
}

bool live_update_take_over(struct store *s, const struct options *o)
{
	struct state_load l;
	size_t len = 0;
	uint8_t *data = read_state(&len);
	bool ok;

	if (!data) {
		log_line("the state cannot be read from %s: %s", state_path(), strerror(errno));
		return false;
	}
	ok = image_load(&l, s, o->check_state ? IMAGE_LOOK : IMAGE_TAKE_OVER, data, len);
	free(data);
	if (!ok)
		log_line("the state in %s cannot be taken over: %s", state_path(), l.in.why);
	if (!o->check_state)
		unlink(state_path());
	return ok;
}

static void answer_waiting(struct conn *c, const char *text)
{
	if (c->client.waits)
		conn_answer(c, text);
}

void live_update_answer(const char *text)
{
	conn_each(answer_waiting, text);
}

void live_update_recovered(void)
{
	none = "No live-update is under way: xenstored died, and has begun again as it was. Name the file first.";
	live_update_answer("xenstored died, and has begun again as it was");
}
