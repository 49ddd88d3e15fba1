// SPDX-License-Identifier: GPL-2.0-only
#include "given.h"

#include <stddef.h>
#include <string.h>

#include "manager.h"

static char **names; /* of the descriptors from MANAGER_FIRST on */
static int count = -1;

const char *given_name(int i)
{
	if (count < 0) {
		count = manager_given(&names);
		if (count < 0)
			count = 0;
	}
	return i < count ? names[i] : NULL;
}

int given_take_number(int i)
{
	names[i][0] = 0;
	return MANAGER_FIRST + i;
}

int given_take(const char *name)
{
	const char *n;

	for (int i = 0; (n = given_name(i)); i++)
		if (!strcmp(n, name))
			return given_take_number(i);
	return -1;
}
