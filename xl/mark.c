// SPDX-License-Identifier: GPL-2.0-only
/* Notes that a process of xl leaves with a domain. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "mark.h"

void mark_set(uint32_t domid, const char *mark)
{
	char pid[24];
	int length = snprintf(pid, sizeof(pid), "%ld", (long)getpid());

	/* The work goes on without the note; only a later xl knows less. */
	if (libxl_userdata_store(ctx, domid, mark, (const uint8_t *)pid, length + 1))
		xl_warn("domain %u: the note %s could not be stored", domid, mark);
}

void mark_clear(uint32_t domid, const char *mark)
{
	libxl_userdata_unlink(ctx, domid, mark);
}

enum mark_state mark_state(uint32_t domid, const char *mark)
{
	enum mark_state state = MARK_NONE;
	uint8_t *data = NULL;
	int length = 0;

	if (!libxl_userdata_retrieve(ctx, domid, mark, &data, &length) && length && !data[length - 1]) {
		long pid = strtol((const char *)data, NULL, 10);

		state = pid > 0 && !kill((pid_t)pid, 0) ? MARK_ALIVE : MARK_DEAD;
	}
	free(data);
	return state;
}
