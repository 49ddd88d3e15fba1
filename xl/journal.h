/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Notes of creations and removals that are under way: a file each, called by the domain's UUID, locked by its author
 * for as long as he lives. Who finds one that is not locked knows that its author died over it, and removes what is
 * left of the domain.
 */
#ifndef XL_JOURNAL_H
#define XL_JOURNAL_H

#include <time.h>

#include "xl.h"

/* The name and a UUID are chosen. A descriptor for journal_end, or -1, reported. */
int journal_begin(libxl_domain_create_info *info);
/* Of a creation that failed, the note stays while there is a domain with that UUID: the next xl removes it. */
void journal_end(int fd, const libxl_domain_create_info *info, bool created);

/* libxl_domain_destroy, noted. */
int journal_destroy(uint32_t domid);

struct journal_entry {
	libxl_uuid uuid;
	char name[256];
	bool creation; /* or a removal */
	uint32_t domid; /* of a removal */
	long pid;
	time_t since;
};

/* What is under way just now; the caller frees the list. */
struct journal_entry *journal_list(size_t *count);

/* What the dead left; any command may be the next one after a death. */
void journal_recover(void);

/* A signal that would end us between these two runs `xl recover' in our place, and fails. */
void interrupts_on(void);
void interrupts_off(void);

#endif
