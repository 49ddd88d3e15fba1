// SPDX-License-Identifier: GPL-2.0-only
/* The commands: start, stop, restart, status. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "autostart.h"

#define SETTINGS  "/etc/default/xendomains"
#define LOCK	  "/run/lock/xendomains"
#define STOPPED	  3 /* exit code of status, as service scripts have it */
#define MAX_WORDS 16

void complain(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		exit(1);
	va_end(args);
	/* In one piece, for several processes write here. */
	fprintf(stderr, "xendomains: %s\n", text);
	free(text);
}

char *text_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		complain("out of memory");
		exit(1);
	}
	va_end(args);
	return text;
}

/*
 * A state that could not be restored stays, and its guest is not started afresh: its disks would move on, and the
 * state, restored later, would write over them.
 */
static bool restore(const struct guest *guest, const struct settings *s)
{
	const char *const argv[] = { "xl", "restore", guest->saved, NULL };

	if (!command_run(guest, argv, s->start_limit)) {
		complain("%s: its saved state %s stays. Restore it by hand, or remove it and create the guest anew", guest->name,
			 guest->saved);
		return false;
	}
	if (unlink(guest->saved)) {
		complain("%s: it runs, but %s cannot be removed (%s): never restore that again", guest->name, guest->saved,
			 strerror(errno));
		return false;
	}
	return true;
}

static bool start_one(const struct guest *guest, const struct settings *s)
{
	char *config = text_printf("--defconfig=%s", guest->config);
	const char *const argv[] = { "xl", "create", "--quiet", config, NULL };
	bool ok;

	if (s->restore && guest->saved)
		ok = restore(guest, s);
	else
		ok = command_run(guest, argv, s->start_limit);
	free(config);
	return ok;
}

static bool migrate(const struct guest *guest, const char *domid, const struct settings *s)
{
	char *words = text_printf("%s", s->migrate), *next = words, *word;
	const char *argv[MAX_WORDS + 4] = { "xl", "migrate", domid };
	size_t n = 3;
	bool ok;

	while (n < MAX_WORDS + 3 && (word = strtok_r(n == 3 ? words : NULL, " \t", &next)))
		argv[n++] = word;
	ok = command_run(guest, argv, s->stop_limit);
	free(words);
	return ok;
}

/* Under its own name only when it is whole: what a start finds there is restored. */
static bool save(const struct guest *guest, const char *domid, const struct settings *s)
{
	char *part = text_printf("%s/.%s.part", s->save, guest->name), *file = text_printf("%s/%s", s->save, guest->name);
	const char *const argv[] = { "xl", "save", domid, part, NULL };
	bool ok;

	ok = command_run(guest, argv, s->stop_limit);
	if (ok && rename(part, file)) {
		complain("%s: it is saved, but to %s, for it cannot be renamed to %s: %s", guest->name, part, file, strerror(errno));
		ok = false;
	} else if (!ok) {
		unlink(part);
	}
	free(part);
	free(file);
	return ok;
}

static bool stop_one(const struct guest *guest, const struct settings *s)
{
	char *domid = text_printf("%u", guest->domid);
	const char *const argv[] = { "xl", "shutdown", "--wait", domid, NULL };
	bool ok;

	/* A name with a slash would leave the folder. */
	ok = (*s->migrate && migrate(guest, domid, s)) ||
	     (*s->save && !strchr(guest->name, '/') && save(guest, domid, s)) || command_run(guest, argv, s->stop_limit);
	free(domid);
	return ok;
}

static struct job *jobs_new(size_t count)
{
	struct job *jobs = calloc(count + 1, sizeof(*jobs));

	if (!jobs) {
		complain("out of memory");
		exit(1);
	}
	return jobs;
}

static int start(const struct guests *g, const struct settings *s)
{
	struct job *jobs = jobs_new(g->count);
	size_t n = 0, failed = g->bad;

	for (size_t i = 0; i < g->count; i++) {
		const struct guest *guest = &g->all[i];

		if (guest->running && guest->saved) {
			complain("%s: it runs, so that its saved state %s is an old one: remove it", guest->name, guest->saved);
			failed++;
		} else if (!guest->running && ((s->restore && guest->saved) || guest->config)) {
			jobs[n++] = (struct job){ guest, guest->rank };
		}
	}
	failed += jobs_run(jobs, n, s->parallel, start_one, s);
	free(jobs);
	return failed != 0;
}

static int stop(const struct guests *g, const struct settings *s)
{
	struct job *jobs = jobs_new(g->count);
	size_t n = 0, failed;

	if (*s->save && mkdir(s->save, 0700) && errno != EEXIST)
		complain("cannot make the folder %s: %s", s->save, strerror(errno));
	for (size_t i = 0; i < g->count; i++)
		if (g->all[i].running && (g->all[i].config || !s->auto_only))
			jobs[n++] = (struct job){ &g->all[i], RANK_NONE - g->all[i].rank };
	failed = jobs_run(jobs, n, s->parallel, stop_one, s);
	free(jobs);
	return failed != 0;
}

static int status(const struct guests *g, const struct settings *s)
{
	bool all = true;

	for (size_t i = 0; i < g->count; i++) {
		const struct guest *guest = &g->all[i];

		if (!guest->config && !guest->saved)
			continue;
		printf("%s: %s\n", guest->name, guest->running ? "runs" : guest->saved ? "saved" : "does not run");
		all = all && guest->running;
	}
	return g->bad ? 1 : all ? 0 : STOPPED;
}

typedef int step(const struct guests *g, const struct settings *s);

static const struct command {
	const char *name;
	bool changes;
	step *run, *then; /* then, if there is one, once run has succeeded */
} commands[] = {
	{ "start", true, start, NULL },
	{ "stop", true, stop, NULL },
	{ "restart", true, stop, start },
	{ "reload", true, stop, start },
	{ "status", false, status, NULL },
};

static int run(step *what, const struct settings *s)
{
	struct guests g = { 0 };
	int result = 1;

	if (guests_find(&g, s))
		result = what(&g, s);
	for (size_t i = 0; i < g.count; i++) {
		free(g.all[i].name);
		free(g.all[i].config);
		free(g.all[i].saved);
	}
	free(g.all);
	return result;
}

/* Held until we end, and by nobody else: what a start does must not meet a stop. */
static bool lock(void)
{
	int fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
		complain("%s cannot be locked (%s): does another xendomains run?", LOCK, strerror(errno));
		return false;
	}
	return true;
}

static int usage(FILE *to)
{
	fputs("usage: xendomains [-f FILE] start|stop|restart|reload|status\n"
	      "\n"
	      "  -f, --settings=FILE  read settings from FILE, not from " SETTINGS "\n"
	      "  -h, --help           this text\n",
	      to);
	return to == stdout ? 0 : 2;
}

static const struct command *command_named(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "settings", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	const char *path = SETTINGS;
	const struct command *command;
	struct settings s;
	int option, result;

	while ((option = getopt_long(argc, argv, "f:h", longs, NULL)) != -1) {
		if (option != 'f')
			return usage(option == 'h' ? stdout : stderr);
		path = optarg;
	}
	command = argc - optind == 1 ? command_named(argv[optind]) : NULL;
	if (!command)
		return usage(stderr);
	if (!settings_read(&s, path) || (command->changes && !lock()))
		return 1;
	result = run(command->run, &s);
	if (!result && command->then)
		result = run(command->then, &s);
	settings_free(&s);
	return result;
}
