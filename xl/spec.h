/* SPDX-License-Identifier: GPL-2.0-only */
/* "key=value,flag,...": the specifications of devices, each with a table of its keys. */
#ifndef XL_SPEC_H
#define XL_SPEC_H

#include "config.h"

struct spec_key {
	const char *name;
	/* 0, or -1 when the value does not fit; arg is what spec_parse was given */
	int (*set)(void *arg, const char *value);
	const char *form; /* what the value should be, for the message; NULL: a flag, without a value */
};

/*
 * NULL, or what is wrong, to be freed. An unknown key is wrong when unknown is NULL; otherwise a text about it is
 * left there, to be freed, and parsing goes on.
 */
char *spec_parse(const char *text, const struct spec_key *keys, size_t count, void *arg, char **unknown);

/* For an entry of a key's list: 0, or -1, reported at its place. */
int spec_entry(struct config_build *build, const char *text, const struct spec_key *keys, size_t count, void *arg);
/* Reports and frees what spec_parse said about an entry, if anything. */
int spec_entry_failed(struct config_build *build, const char *text, char *why);

int spec_text(char **field, const char *value);
int spec_number(const char *value, long min, long max, long *number);

/* Setters for rows: TYPE is the device, FIELD is in it. */
#define SPEC_TEXT(function, type, field)                                                           \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		return spec_text(&((type *)arg)->field, value);                                    \
	}
#define SPEC_NUMBER(function, type, field, min, max)                                               \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		long number;                                                                       \
												   \
		if (spec_number(value, min, max, &number))                                         \
			return -1;                                                                 \
		((type *)arg)->field = (__typeof__(((type *)arg)->field))number;                   \
		return 0;                                                                          \
	}
#define SPEC_WORD(function, type, field, enumeration)                                              \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		return libxl_##enumeration##_from_string(value, &((type *)arg)->field);            \
	}

#endif
