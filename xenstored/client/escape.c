// SPDX-License-Identifier: GPL-2.0-only
#include "escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest escape is four characters: \000 or \xff. */
static size_t escape_one(unsigned char ch, char out[5])
{
	static const char plain[] = "tnr", special[] = "\t\n\r";
	const char *at = ch ? strchr(special, ch) : NULL;

	if (at)
		return (size_t)sprintf(out, "\\%c", plain[at - special]);
	if (ch == '\\')
		return (size_t)sprintf(out, "\\\\");
	if (ch < 8)
		return (size_t)sprintf(out, "\\%03o", ch);
	if (ch < ' ' || ch > '~')
		return (size_t)sprintf(out, "\\x%02x", ch);
	out[0] = (char)ch;
	return 1;
}

char *escape(const char *value, size_t len)
{
	char *out = malloc(len * 4 + 1), *to = out;
	char one[5];

	if (!out)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		size_t n = escape_one((unsigned char)value[i], one);

		memcpy(to, one, n);
		to += n;
	}
	*to = 0;
	return out;
}

static int digit(char ch, int base)
{
	int v = ch >= '0' && ch <= '9' ? ch - '0' :
		ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 :
		ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 :
					 99;

	return v < base ? v : -1;
}

/* Up to max digits at *p; -1 when there is none. */
static int number(const char **p, int base, int max)
{
	int v = -1;

	for (int d; max-- && (d = digit(**p, base)) >= 0; (*p)++)
		v = (v < 0 ? 0 : v * base) + d;
	return v;
}

static char unescape_one(const char **p)
{
	int v;

	v = number(p, 8, 3);
	if (v >= 0)
		return (char)v;
	switch (**p) {
	case 0:
		return 0;
	case 't':
		(*p)++;
		return '\t';
	case 'n':
		(*p)++;
		return '\n';
	case 'r':
		(*p)++;
		return '\r';
	case 'x':
		(*p)++;
		v = number(p, 16, 2);
		return v >= 0 ? (char)v : 'x';
	default:
		return *(*p)++;
	}
}

size_t unescape(char *text)
{
	const char *p = text;
	char *to = text;

	while (*p) {
		if (*p == '\\') {
			p++;
			*to++ = unescape_one(&p);
		} else {
			*to++ = *p++;
		}
	}
	*to = 0;
	return (size_t)(to - text);
}
