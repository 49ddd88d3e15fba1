// SPDX-License-Identifier: GPL-2.0-only
/* Bringing a domain to life and staying with it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <light/name_index.h>

#include "cmd.h"
#include "journal.h"
#include "launch.h"
#include "log.h"
#include "monitor.h"
#include "preflight.h"
#include "watcher.h"

/* What xl create has always returned when the domain could not be made. */
#define EXIT_NOT_CREATED 3

#define BALLOON_ROUNDS	3
#define BALLOON_SECONDS 10

/* One at a time asks domain 0 for memory: two would count the same free pages. */
static int take_lock(struct limit *limit)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(conf.lockfile, O_RDWR | O_CREAT | O_CLOEXEC, 0600), rc;

	if (fd < 0) {
		xl_error("cannot open the lock file %s: %s", conf.lockfile, strerror(errno));
		return -1;
	}
	limit_alarm(limit);
	do
		rc = fcntl(fd, F_SETLKW, &lock);
	while (rc && errno == EINTR && !limit_over(limit));
	limit_alarm(NULL);
	if (!rc)
		return fd;
	if (limit->passed)
		limit_error(limit, ERROR_TIMEDOUT, "the lock %s is held by another creation; `xl why' names it", conf.lockfile);
	else
		xl_error("cannot take the lock %s: %s", conf.lockfile, strerror(errno));
	close(fd);
	return -1;
}

static bool dom0_mem_given(const char *commandline)
{
	regex_t pattern;
	bool found;

	if (!commandline || regcomp(&pattern, "(^| )dom0_mem=((|min:|max:)[0-9]+[bBkKmMgG]?,?)+($| )", REG_NOSUB | REG_EXTENDED))
		return false;
	found = !regexec(&pattern, commandline, 0, NULL, 0);
	regfree(&pattern);
	return found;
}

bool may_balloon(void)
{
	const libxl_version_info *version;

	if (conf.autoballoon != AUTOBALLOON_AUTO)
		return conf.autoballoon == AUTOBALLOON_ON;
	version = libxl_get_version_info(ctx);
	return version && !dom0_mem_given(version->commandline);
}

/* Asks domain 0 for memory until the new domain fits. */
static int free_memory(struct launch *launch)
{
	uint64_t need, available, before;
	int rc = libxl_domain_need_memory(ctx, &launch->config, INVALID_DOMID, &need);
	bool known = !libxl_get_memory_target(ctx, 0, &before);

	if (rc)
		return xl_libxl_error(rc, "the memory that domain `%s' needs is not known", launch->config.c_info.name);
	for (int round = 0; round < BALLOON_ROUNDS; round++) {
		if (libxl_get_free_memory(ctx, &available))
			return xl_error("the free memory of the host is not known");
		if (available >= need)
			return 0;
		rc = libxl_set_memory_target(ctx, 0, (int64_t)(available - need), 1, 0);
		if (!rc)
			rc = libxl_wait_for_memory_target(ctx, 0, (int)limit_left(&launch->limit, BALLOON_SECONDS));
		if (rc)
			break;
	}
	if (!libxl_get_free_memory(ctx, &available) && available >= need)
		return 0;
	/* What domain 0 gave in vain, it takes back. */
	if (known)
		libxl_set_memory_target(ctx, 0, (int64_t)before, 0, 0);
	if (limit_over(&launch->limit))
		return limit_error(&launch->limit, ERROR_TIMEDOUT, "domain 0 has not given the memory that domain `%s' needs",
				   launch->config.c_info.name);
	return xl_fail(XL_KIND_NO_MEMORY, "domain `%s' needs %" PRIu64 " MiB, but only %" PRIu64
			" are free and domain 0 gives no more; lower memory= or stop another domain",
			launch->config.c_info.name, (need + 1023) / 1024, available / 1024);
}

/* The likeliest reason of a failed creation, in figures. */
static void explain_failure(struct launch *launch)
{
	uint64_t need, available;

	if (libxl_domain_need_memory(ctx, &launch->config, INVALID_DOMID, &need) ||
	    libxl_get_free_memory(ctx, &available) || available >= need)
		return;
	xl_fail(XL_KIND_NO_MEMORY, "domain `%s' needs %" PRIu64 " MiB, but only %" PRIu64
		 " are free; lower memory=, stop another domain, or shrink domain 0 with `xl mem-set 0'",
		 launch->config.c_info.name, (need + 1023) / 1024, available / 1024);
}

struct console_start {
	pid_t pid;
	uint32_t *domid;
};

/* Runs when the console exists, before the guest does: nothing of its output is lost. */
static void connect_console(libxl_ctx *for_ctx, libxl_event *event, void *arg)
{
	struct console_start *start = arg;
	uint32_t domid = event->domid;
	int fds[2];
	char byte;

	libxl_event_free(for_ctx, event);
	fflush(NULL);
	if (pipe(fds))
		return;
	start->pid = fork();
	if (!start->pid) {
		close(fds[0]);
		xl_postfork();
		if (!xl_open())
			_exit(XL_EXIT_FAIL);
		libxl_primary_console_exec(ctx, domid, fds[1]);
		xl_error("the console of domain %u could not be opened", domid);
		_exit(XL_EXIT_FAIL);
	}
	close(fds[1]);
	/* xenconsole writes a byte when it reads the console; its end closes the pipe. */
	while (start->pid > 0 && read(fds[0], &byte, 1) < 0 && errno == EINTR)
		;
	close(fds[0]);
}

static int create_or_restore(struct launch *launch, uint32_t *domid, struct console_start *console)
{
	libxl_asyncprogress_how how = { .callback = connect_console, .for_callback = console };
	const libxl_asyncprogress_how *progress = launch->console ? &how : NULL;
	libxl_domain_restore_params params;
	int rc;

	if (launch->restore_fd < 0)
		return limit_end(&launch->limit, libxl_domain_create_new(ctx, &launch->config, domid,
									 limit_how(&launch->limit), progress));
	libxl_domain_restore_params_init(&params);
	params.stream_version = launch->stream_version;
	params.checkpointed_stream = LIBXL_CHECKPOINTED_STREAM_NONE;
	rc = limit_end(&launch->limit, libxl_domain_create_restore(ctx, &launch->config, domid, launch->restore_fd, -1, &params,
								    limit_how(&launch->limit), progress));
	libxl_domain_restore_params_dispose(&params);
	return rc;
}

static int create_noted(struct launch *launch, uint32_t *domid, struct console_start *console)
{
	/* The console is our child, not libxl's. */
	static const libxl_childproc_hooks hooks = {
		.chldowner = libxl_sigchld_owner_libxl_always_selective_reap,
	};
	int rc;

	if (launch->console)
		libxl_childproc_setmode(ctx, &hooks, NULL);
	/* Any number, in the word by which stored configurations have always said so. */
	if (!launch->config.c_info.domid)
		launch->config.c_info.domid = INVALID_DOMID;
	*domid = INVALID_DOMID;
	rc = create_or_restore(launch, domid, console);
	if (rc) {
		if (!launch->limit.passed)
			explain_failure(launch);
		limit_error(&launch->limit, rc, "domain `%s' could not be %s", launch->config.c_info.name,
			       launch->restore_fd < 0 ? "created" : "restored");
		return rc;
	}
	if (launch->paused)
		return 0;
	rc = libxl_domain_unpause(ctx, *domid, NULL);
	if (rc) {
		xl_libxl_error(rc, "domain `%s' was built but could not be unpaused; destroying it", launch->config.c_info.name);
		libxl_domain_destroy(ctx, *domid, NULL);
	}
	return rc;
}

static int create(struct launch *launch, uint32_t *domid, struct console_start *console)
{
	int note = journal_begin(&launch->config.c_info), rc;

	if (note < 0)
		return ERROR_FAIL;
	interrupts_on();
	rc = create_noted(launch, domid, console);
	interrupts_off();
	journal_end(note, &launch->config.c_info, !rc);
	return rc;
}

/* Says more than libxl can, and before anything is built. */
static bool name_is_free(const char *name)
{
	libxl_dominfo info;
	uint32_t domid;

	if (!libxl_name_find(ctx, name, &domid))
		return true;
	libxl_dominfo_init(&info);
	if (!libxl_domain_info(ctx, &info, domid))
		xl_fail(XL_KIND_EXISTS, "a domain called `%s' exists already (number %u, %s); give another name=, or remove it with `xl destroy %u'",
			 name, domid, info.dying ? "dying" : info.shutdown ? "shut down" : info.paused ? "paused" : "running", domid);
	else
		xl_fail(XL_KIND_BUSY, "a domain called `%s' is just going away (number %u); try again", name, domid);
	libxl_dominfo_dispose(&info);
	return false;
}

static int create_once(struct launch *launch, uint32_t *domid, struct console_start *console)
{
	int lock, rc;

	if (preflight(&launch->config, launch->restore_fd >= 0))
		return ERROR_INVAL;
	if (!may_balloon())
		return create(launch, domid, console);
	lock = take_lock(&launch->limit);
	if (lock < 0)
		return ERROR_FAIL;
	rc = free_memory(launch) ? ERROR_NOMEM : create(launch, domid, console);
	close(lock);
	return rc;
}

static int finish_console(const struct console_start *console)
{
	int status;

	if (console->pid <= 0)
		return XL_EXIT_OK;
	while (waitpid(console->pid, &status, 0) < 0)
		if (errno != EINTR)
			return XL_EXIT_OK;
	return XL_EXIT_OK;
}

static int create_again(libxl_domain_config *config, uint32_t *domid)
{
	struct launch launch = { .config = *config, .restore_fd = -1, .watch = true };
	struct console_start none = { 0 };
	int rc;

	printf("Done. Rebooting now\n");
	rc = create_once(&launch, domid, &none);
	*config = launch.config;
	return rc;
}

static int watched(enum monitor_verdict verdict)
{
	printf("Done. Exiting now\n");
	return verdict == MONITOR_DONE ? XL_EXIT_OK : XL_EXIT_FAIL;
}

/* In this process: restart it as often as it wants. */
static int watch_here(libxl_domain_config *config, uint32_t domid)
{
	enum monitor_verdict verdict;

	while ((verdict = monitor_domain(domid, config)) == MONITOR_RESTART)
		if (create_again(config, &domid))
			return XL_EXIT_FAIL;
	return watched(verdict);
}

int cmd_domain_ended(int argc, char **argv)
{
	libxl_domain_config config;
	enum monitor_verdict verdict;
	uint32_t domid;
	long number;
	int result;

	if (argc != 2 || !parse_number(argv[1], "the domain", 0, INT_MAX, &number))
		return xl_error(DOMAIN_ENDED " DOMID is for xl-watch");
	domid = (uint32_t)number;
	setvbuf(stdout, NULL, _IOLBF, 0);
	libxl_domain_config_init(&config);
	verdict = monitor_ended(domid, &config);
	if (verdict == MONITOR_RESTART && create_again(&config, &domid))
		result = XL_EXIT_FAIL;
	else if (verdict == MONITOR_RESTART || verdict == MONITOR_RESUMED)
		result = watcher_become(config.c_info.name, domid);
	else
		result = watched(verdict);
	libxl_domain_config_dispose(&config);
	return result;
}

static int watch_from_now_on(const char *name, uint32_t domid)
{
	if (!watcher_start(name, domid))
		return XL_EXIT_OK;
	xl_warn("domain `%s' runs, but nobody watches it: it will not be restarted", name);
	return XL_EXIT_FAIL;
}

int watch_domain(uint32_t domid)
{
	char *name = xl_domain_name(domid);
	int result = watch_from_now_on(name, domid);

	free(name);
	return result;
}

/* A name that no file can have is refused later. */
static void open_log(const char *name)
{
	char *log = xl_printf("xl-%s", name);

	if (!strchr(name, '/'))
		log_open_file(log);
	free(log);
}

int launch_domain(struct launch *launch)
{
	struct console_start console = { 0 };
	int failed = launch->restore_fd < 0 ? EXIT_NOT_CREATED : XL_EXIT_FAIL;
	uint32_t domid;

	/* Before the log is opened, for that would be the other domain's and be rotated away under its watcher. */
	if (!name_is_free(launch->config.c_info.name))
		return failed;
	/* Who waits for what we print may read it from a file. */
	if (launch->foreground)
		setvbuf(stdout, NULL, _IOLBF, 0);
	open_log(launch->config.c_info.name);
	if (create_once(launch, &domid, &console)) {
		if (log_file() && log_has_errors())
			xl_error("the full story is in %s", log_file());
		finish_console(&console);
		return failed;
	}
	start_viewer(domid, launch->viewer);
	if (!launch->watch)
		return finish_console(&console);
	if (launch->foreground)
		return watch_here(&launch->config, domid);
	/* It has been created, watched or not. */
	watch_from_now_on(launch->config.c_info.name, domid);
	return finish_console(&console);
}

