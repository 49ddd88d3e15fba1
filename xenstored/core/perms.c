// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store.h"

#define PERM_ALL (PERM_READ | PERM_WRITE | PERM_OWNER)

static bool is_for(const struct perm *p, const struct dom *d)
{
	return d && p->id == d->domid && p->instance == d->instance;
}

unsigned int perms_for(const struct store *s, const struct client *c, const struct perms *p)
{
	if (client_privileged(s, c) || is_for(&p->p[0], c->dom) || is_for(&p->p[0], c->target))
		return PERM_ALL;
	for (uint32_t i = 1; i < p->n; i++)
		if (is_for(&p->p[i], c->dom) || is_for(&p->p[i], c->target))
			return p->p[i].bits;
	return p->p[0].bits;
}

bool perm_letter_bits(char letter, uint32_t *bits)
{
	switch (letter) {
	case 'n':
		*bits = 0;
		return true;
	case 'r':
		*bits = PERM_READ;
		return true;
	case 'w':
		*bits = PERM_WRITE;
		return true;
	case 'b':
		*bits = PERM_READ | PERM_WRITE;
		return true;
	default:
		return false;
	}
}

/* "r12": one letter and a domain number. */
static bool perm_parse(const char *str, struct perm *p)
{
	char *end;
	long id;

	if (!perm_letter_bits(str[0], &p->bits) || !str[1])
		return false;
	errno = 0;
	id = strtol(str + 1, &end, 10);
	if (*end || errno)
		return false;
	p->id = (uint32_t)id;
	p->instance = 0;
	return true;
}

int perms_parse(struct store *s, const char *strings, unsigned int n, struct perms **out)
{
	struct perm *p = calloc(n, sizeof(*p));

	if (!p)
		return ENOMEM;
	for (unsigned int i = 0; i < n; i++, strings += strlen(strings) + 1) {
		if (!perm_parse(strings, &p[i])) {
			free(p);
			return EINVAL;
		}
	}
	/* An entry for a domain that does not exist is kept for show, and matches nobody. */
	for (unsigned int i = 0; i < n; i++) {
		struct dom *d = dom_know(s, p[i].id, false);

		if (d)
			p[i].instance = d->instance;
	}
	*out = perms_new(p, n);
	free(p);
	return *out ? 0 : ENOMEM;
}

char perm_letter(uint32_t bits)
{
	return "nrwb"[bits & (PERM_READ | PERM_WRITE)];
}

size_t perms_format(const struct perms *p, char *out, size_t size)
{
	size_t used = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		int n = snprintf(out + used, size - used, "%c%" PRIu32,
				 perm_letter(p->p[i].bits), p->p[i].id);

		if (n < 0 || (size_t)n + 1 > size - used)
			return 0;
		used += (size_t)n + 1;
	}
	return used;
}
