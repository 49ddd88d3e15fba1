// SPDX-License-Identifier: GPL-2.0-only
/* Documents of --json, by yajl. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_gen.h>

#include "json.h"

static yajl_gen writer;
static unsigned int depth;

static void print(void *arg, const char *text, size_t length)
{
	fwrite(text, 1, length, stdout);
}

/* A document that cannot be whole must not look whole. */
static void checked(yajl_gen_status status)
{
	if (status == yajl_gen_status_ok)
		return;
	fflush(stdout);
	fprintf(stderr, "xl: the JSON could not be written (%d)\n", (int)status);
	exit(1);
}

static void start(void)
{
	writer = yajl_gen_alloc(NULL);
	if (!writer || !yajl_gen_config(writer, yajl_gen_beautify, 1) ||
	    !yajl_gen_config(writer, yajl_gen_indent_string, "    ") ||
	    !yajl_gen_config(writer, yajl_gen_print_callback, print, NULL))
		checked(yajl_gen_in_error_state);
}

/* Bytes of the UTF-8 character at the start of text; 0: there is none. */
static size_t character(const unsigned char *text)
{
	static const struct {
		unsigned char mask, head;
		uint32_t least;
	} forms[] = { { 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t more = 0; more < 4; more++) {
		uint32_t code = text[0] & (unsigned char)~forms[more].mask;

		if ((text[0] & forms[more].mask) != forms[more].head)
			continue;
		for (size_t i = 1; i <= more; i++) {
			if ((text[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (text[i] & 0x3f);
		}
		return code < forms[more].least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : more + 1;
	}
	return 0;
}

/* What guests and files say may be no UTF-8, which JSON must be. */
static void put_text(const char *text)
{
	static const char unknown[] = "\xef\xbf\xbd"; /* U+FFFD */
	size_t length = 0;
	char *clean = malloc(strlen(text) * (sizeof(unknown) - 1) + 1);

	if (!clean)
		checked(yajl_gen_in_error_state);
	while (*text) {
		size_t n = character((const unsigned char *)text);

		memcpy(clean + length, n ? text : unknown, n ? n : sizeof(unknown) - 1);
		length += n ? n : sizeof(unknown) - 1;
		text += n ? n : 1;
	}
	checked(yajl_gen_string(writer, (const unsigned char *)clean, length));
	free(clean);
}

static void put_name(const char *name)
{
	if (!writer)
		start();
	if (name)
		checked(yajl_gen_string(writer, (const unsigned char *)name, strlen(name)));
}

static void closed(void)
{
	if (--depth)
		return;
	yajl_gen_free(writer);
	writer = NULL;
}

void json_object(const char *name)
{
	put_name(name);
	depth++;
	checked(yajl_gen_map_open(writer));
}

void json_object_end(void)
{
	checked(yajl_gen_map_close(writer));
	closed();
}

void json_array(const char *name)
{
	put_name(name);
	depth++;
	checked(yajl_gen_array_open(writer));
}

void json_array_end(void)
{
	checked(yajl_gen_array_close(writer));
	closed();
}

void json_text(const char *name, const char *text)
{
	put_name(name);
	if (text)
		put_text(text);
	else
		checked(yajl_gen_null(writer));
}

/* yajl's own integers are signed, its fractions binary. */
static void put_number(const char *name, const char *digits)
{
	put_name(name);
	checked(yajl_gen_number(writer, digits, strlen(digits)));
}

void json_number(const char *name, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	put_number(name, digits);
}

void json_known(const char *name, int value)
{
	if (value < 0)
		json_text(name, NULL);
	else
		json_number(name, (uint64_t)value);
}

void json_thousandths(const char *name, uint64_t value)
{
	char digits[28];

	snprintf(digits, sizeof(digits), "%" PRIu64 ".%03" PRIu64, value / 1000, value % 1000);
	put_number(name, digits);
}

void json_seconds(const char *name, uint64_t ns)
{
	json_thousandths(name, ns / 1000000);
}

void json_flag(const char *name, bool value)
{
	put_name(name);
	checked(yajl_gen_bool(writer, value));
}

void json_nested(const char *json)
{
	for (; *json && strcmp(json, "\n"); json++) {
		putchar(*json);
		if (*json == '\n' && json[1] != '\n')
			printf("        ");
	}
}
