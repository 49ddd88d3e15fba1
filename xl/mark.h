/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notes that a process of xl leaves with a domain while it works on it, with its process id and the time. libxl
 * removes them with the domain; a note whose process is dead tells of an interrupted piece of work.
 */
#ifndef XL_MARK_H
#define XL_MARK_H

#include <sys/types.h>
#include <time.h>

#include "xl.h"

#define MARK_WATCH "xl-watch" /* the process that acts on the domain's end */
#define MARK_SAVE  "xl-save"  /* the process that saves it; it goes on if that dies */

enum mark_state {
	MARK_NONE,
	MARK_ALIVE,
	MARK_DEAD, /* or our own, from before an exec */
};

/* With the process pid for its author. */
void mark_set(uint32_t domid, const char *mark, pid_t pid);
void mark_clear(uint32_t domid, const char *mark);
enum mark_state mark_state(uint32_t domid, const char *mark);
/* Who left it, and when; false: there is none. */
bool mark_author(uint32_t domid, const char *mark, long *pid, time_t *made);
bool mark_is_recent(uint32_t domid, const char *mark);

#endif
