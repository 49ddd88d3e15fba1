/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xendomains: starts the guests of a host when it starts, and saves them or shuts them down when it stops.
 *
 * settings.c reads what the operator wants, guests.c finds out which guests there are (in the folder of those to start,
 * in that of saved ones, on the host), jobs.c runs xl for many of them at a time, main.c says which commands.
 */
#ifndef AUTOSTART_H
#define AUTOSTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings {
	char *migrate;	 /* arguments of `xl migrate' behind the domain; "": not that */
	char *save;	 /* folder of saved guests; "": none are saved */
	char *automatic; /* folder of configurations to start; "": none */
	bool restore;
	bool auto_only; /* stop leaves other guests alone */
	unsigned int start_limit, stop_limit; /* seconds that one xl may take; 0: any time */
	unsigned int parallel;
};

/* A file that is not there leaves the defaults. False, reported: one that makes no sense. */
bool settings_read(struct settings *s, const char *path);
void settings_free(struct settings *s);

/* Guests without a number of their own: they start after all others, and stop before them. */
#define RANK_NONE UINT32_MAX

struct guest {
	char *name;
	char *config; /* NULL: not in the folder of those to start */
	char *saved;  /* NULL: no saved state */
	uint32_t domid, rank;
	bool running; /* on the host; domid is its */
};

struct guests {
	struct guest *all;
	size_t count;
	unsigned int bad; /* configurations that could not be read: reported */
};

/* False, reported, where the host does not say which guests it has. */
bool guests_find(struct guests *g, const struct settings *s);

struct job {
	const struct guest *guest;
	uint32_t turn;
};

/*
 * Does work(job) in a process of its own for each, those of an earlier turn before those of a later one, otherwise at
 * most so many at a time. work returns whether it succeeded. Returns how many did not, or were not begun because a
 * signal asked for the end.
 */
size_t jobs_run(struct job *jobs, size_t count, unsigned int parallel,
		bool (*work)(const struct guest *guest, const struct settings *s), const struct settings *s);

/* Runs argv[0] from $PATH; when it takes longer than limit seconds it is ended. False, reported for this guest. */
bool command_run(const struct guest *guest, const char *const argv[], unsigned int limit);

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Of memory: exits when there is none. */
char *text_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
