// SPDX-License-Identifier: GPL-2.0-only
/* Leaving an xl-watch with a domain. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "mark.h"
#include "watcher.h"

extern char **environ;

#define MOST_WORDS 16

/* The command line of an xl-watch, all of it in one piece. */
struct watch_command {
	char program[PATH_MAX + sizeof("xl-watch")], after[PATH_MAX + sizeof("xl")];
	char domid[12];
	char *words[MOST_WORDS];
};

/* Both programs stand beside this one, whose file may have been replaced since it started. */
static int find_programs(struct watch_command *c)
{
	char *slash;
	ssize_t n = readlink("/proc/self/exe", c->program, PATH_MAX - 1);

	if (n < 0)
		return xl_error("cannot find out where xl is: %s", strerror(errno)), -1;
	c->program[n] = '\0';
	slash = strrchr(c->program, '/');
	slash[1] = '\0';
	strcpy(c->after, c->program);
	strcat(c->program, "xl-watch");
	strcat(c->after, "xl");
	return 0;
}

static int make_command(struct watch_command *c, bool ready, const char *name, uint32_t domid)
{
	const struct { bool on; char *word; } globals[] = {
		{ options.verbose > 0, "-v" }, { options.verbose > 1, "-v" }, { options.verbose > 2, "-v" },
		{ options.force, "-f" },       { options.timestamps, "-T" },
	};
	char **word = c->words;

	if (find_programs(c))
		return -1;
	snprintf(c->domid, sizeof(c->domid), "%u", domid);
	*word++ = c->program;
	if (ready)
		*word++ = "-r";
	*word++ = c->domid;
	*word++ = (char *)name;
	*word++ = c->after;
	for (size_t i = 0; i < ARRAY_SIZE(globals); i++)
		if (globals[i].on)
			*word++ = globals[i].word;
	*word++ = DOMAIN_ENDED;
	*word++ = c->domid;
	*word = NULL;
	return 0;
}

/* In a session of its own, with nothing of this process but its log and where it says that it is ready. */
static int spawn(const struct watch_command *c, int log, int ready, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	int rc;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&how);
	rc = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
	     posix_spawn_file_actions_adddup2(&files, log, STDOUT_FILENO) ||
	     posix_spawn_file_actions_adddup2(&files, log, STDERR_FILENO) ||
	     posix_spawn_file_actions_adddup2(&files, ready, WATCH_READY_FD) ||
	     posix_spawn_file_actions_addclosefrom_np(&files, WATCH_READY_FD + 1) ||
	     posix_spawnattr_setsigdefault(&how, &all) || posix_spawnattr_setsigmask(&how, &none) ||
	     posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) ?
		     ENOMEM : posix_spawn(pid, c->program, &files, &how, c->words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return rc ? xl_error("cannot start %s: %s", c->program, strerror(rc)), -1 : 0;
}

/* Takes log. */
static int start(const struct watch_command *c, const char *log_name, int log, uint32_t domid)
{
	int ready[2], rc;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC)) {
		close(log);
		return xl_error("cannot make a pipe: %s", strerror(errno)), -1;
	}
	rc = spawn(c, log, ready[1], &pid);
	close(log);
	close(ready[1]);
	if (!rc) {
		mark_set(domid, MARK_WATCH, pid);
		if (!said_ready(ready[0])) {
			xl_error("the process that should watch ended at once; see " XEN_LOG_DIR "/%s.log", log_name);
			rc = -1;
		}
	}
	close(ready[0]);
	return rc;
}

int watcher_start(const char *name, uint32_t domid)
{
	char *log_name = xl_printf("xl-%s", name);
	struct watch_command c;
	int rc = make_command(&c, true, name, domid), log;

	if (!rc) {
		log = open_daemon_log(log_name);
		rc = log < 0 ? -1 : start(&c, log_name, log, domid);
	}
	free(log_name);
	return rc;
}

int watcher_become(const char *name, uint32_t domid)
{
	struct watch_command c;

	if (make_command(&c, false, name, domid))
		return XL_EXIT_FAIL;
	mark_set(domid, MARK_WATCH, getpid());
	fflush(NULL);
	execv(c.program, c.words);
	return xl_error("cannot start %s: %s", c.program, strerror(errno));
}
