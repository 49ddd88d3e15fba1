// SPDX-License-Identifier: GPL-2.0-only
/* Notes that a process of xl leaves with a domain. */
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"

/* A guest that is asked to suspend does so sooner, or its saver gives up. */
#define RECENT_SECONDS 120

void mark_set(uint32_t domid, const char *mark, pid_t pid)
{
	char text[48];
	int length = snprintf(text, sizeof(text), "%ld %lld", (long)pid, (long long)time(NULL));

	/* The work goes on without the note; only a later xl knows less. */
	if (libxl_userdata_store(ctx, domid, mark, (const uint8_t *)text, length + 1))
		xl_warn("domain %u: the note %s could not be stored", domid, mark);
}

void mark_clear(uint32_t domid, const char *mark)
{
	libxl_userdata_unlink(ctx, domid, mark);
}

static bool read_mark(uint32_t domid, const char *mark, long *pid, long long *made)
{
	uint8_t *data = NULL;
	bool found = false;
	int length = 0;

	*made = 0;
	if (!libxl_userdata_retrieve(ctx, domid, mark, &data, &length) && length && !data[length - 1])
		found = sscanf((const char *)data, "%ld %lld", pid, made) >= 1;
	free(data);
	return found;
}

enum mark_state mark_state(uint32_t domid, const char *mark)
{
	long long made;
	long pid;

	if (!read_mark(domid, mark, &pid, &made))
		return MARK_NONE;
	return pid > 0 && pid != getpid() && !kill((pid_t)pid, 0) ? MARK_ALIVE : MARK_DEAD;
}

bool mark_is_recent(uint32_t domid, const char *mark)
{
	long long made, now = time(NULL);
	long pid;

	return read_mark(domid, mark, &pid, &made) && made <= now && now - made < RECENT_SECONDS;
}

bool mark_author(uint32_t domid, const char *mark, long *pid, time_t *made)
{
	long long when;
	bool found = read_mark(domid, mark, pid, &when);

	*made = (time_t)when;
	return found;
}
