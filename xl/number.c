// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and sizes on the command line. */
#include <errno.h>
#include <stdlib.h>

#include "cmd.h"

bool parse_number(const char *text, const char *what, long min, long max, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(text, &end, 10);
	if (errno || end == text || *end) {
		xl_error("%s must be a number, not `%s'", what, text);
		return false;
	}
	if (*value < min || *value > max) {
		xl_error("%s is %ld, which is not in the range %ld to %ld", what, *value, min, max);
		return false;
	}
	return true;
}

int64_t parse_memory(const char *text)
{
	static const struct {
		char unit;
		int shift; /* from bytes to the unit */
	} units[] = {
		{ 't', 40 }, { 'g', 30 }, { 'm', 20 }, { 'k', 10 }, { 'b', 0 },
	};
	int shift = 20;
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || end == text || text[0] == '-' || (*end && end[1]))
		goto wrong;
	if (*end) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(units) && units[i].unit != (*end | 0x20); i++)
			;
		if (i == ARRAY_SIZE(units))
			goto wrong;
		shift = units[i].shift;
	}
	if (number > (unsigned long long)INT64_MAX >> shift)
		goto wrong;
	return (int64_t)((number << shift) >> 10);
wrong:
	xl_error("invalid memory size: %s; write for example 512, 512m or 1g", text);
	return -1;
}
