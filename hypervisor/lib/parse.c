/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers, sizes and booleans in text. */
#include <hv/lib.h>

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

unsigned long long simple_strtoull(const char *s, const char **end, unsigned int base)
{
	unsigned long long v = 0;

	if ((base == 0 || base == 16) && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') && digit_value(s[2]) < 16) {
		s += 2;
		base = 16;
	}
	if (base == 0)
		base = s[0] == '0' ? 8 : 10;
	for (; (unsigned int)digit_value(*s) < base; s++)
		v = v * base + (unsigned int)digit_value(*s);
	if (end)
		*end = s;
	return v;
}

unsigned long long parse_size(const char *s, const char **end)
{
	const char *p;
	unsigned long long v = simple_strtoull(s, &p, 0);
	unsigned int shift = 0;
	bool unit = true;

	switch (*p) {
	case 'T': case 't': shift = 40; break;
	case 'G': case 'g': shift = 30; break;
	case 'M': case 'm': shift = 20; break;
	case 'K': case 'k': shift = 10; break;
	case 'B': case 'b': break;
	default: unit = false; break;
	}
	if (end)
		*end = unit && p != s ? p + 1 : p;
	return v << shift;
}

int parse_bool(const char *val)
{
	static const char *const yes[] = { "", "1", "y", "yes", "on", "true", "enable" };
	static const char *const no[] = { "0", "n", "no", "off", "false", "disable" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (!strcmp(val, yes[i]))
			return 1;
	for (size_t i = 0; i < ARRAY_SIZE(no); i++)
		if (!strcmp(val, no[i]))
			return 0;
	return -1;
}
