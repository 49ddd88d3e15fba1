// SPDX-License-Identifier: GPL-2.0-only
/* why: the command, and reports. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "why.h"

/* Guests write to some of the nodes that are told of: nothing of that may move the terminal's cursor. */
static void make_harmless(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++) {
		if (*c < 0x20 || *c == 0x7f)
			*c = '?';
		else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F */
			c[0] = c[1] = '?';
	}
}

struct finding *report_add(struct report *r, const char *kind, char *next, const char *format, ...)
{
	struct finding *f;
	va_list args;

	r->findings = xl_realloc(r->findings, (r->count + 1) * sizeof(*r->findings));
	f = &r->findings[r->count++];
	va_start(args, format);
	*f = (struct finding){ .kind = kind, .text = xl_vprintf(format, args), .next = next };
	va_end(args);
	make_harmless(f->text);
	return f;
}

static struct fact *next_fact(struct finding *f, const char *name)
{
	size_t i;

	for (i = 0; f->facts[i].name; i++)
		;
	f->facts[i].name = name;
	return &f->facts[i];
}

void fact_number(struct finding *f, const char *name, int64_t number)
{
	if (number >= 0)
		next_fact(f, name)->number = (uint64_t)number;
}

void fact_text(struct finding *f, const char *name, const char *text)
{
	if (text)
		next_fact(f, name)->text = xl_strdup(text);
}

static int64_t seconds_since(time_t then)
{
	time_t now = time(NULL);

	return !then ? -1 : now < then ? 0 : now - then;
}

void fact_process(struct finding *f, long pid, time_t since)
{
	fact_number(f, "pid", pid);
	fact_number(f, "for_seconds", seconds_since(since));
}

char *by_process(long pid, time_t since)
{
	char name[64] = "?", path[48];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	file = fopen(path, "re");
	if (file && fgets(name, sizeof(name), file))
		name[strcspn(name, "\n")] = 0;
	if (file)
		fclose(file);
	if (!since)
		return xl_printf(" by %s (process %ld)", name, pid);
	return xl_printf(" by %s (process %ld) for %" PRId64 " s", name, pid, seconds_since(since));
}

void report_json(const struct report *r)
{
	json_array("findings");
	for (size_t i = 0; i < r->count; i++) {
		const struct finding *f = &r->findings[i];

		json_object(NULL);
		json_text("kind", f->kind);
		json_text("text", f->text);
		json_text("next", f->next);
		for (const struct fact *fact = f->facts; fact < f->facts + ARRAY_SIZE(f->facts) && fact->name; fact++) {
			if (fact->text)
				json_text(fact->name, fact->text);
			else
				json_number(fact->name, fact->number);
		}
		json_object_end();
	}
	json_array_end();
}

void report_text(const struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		printf("  %s\n", r->findings[i].text);
		if (r->findings[i].next)
			printf("    -> %s\n", r->findings[i].next);
	}
}

void report_free(struct report *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct finding *f = &r->findings[i];

		free(f->text);
		free(f->next);
		for (size_t j = 0; j < ARRAY_SIZE(f->facts); j++)
			free(f->facts[j].text);
	}
	free(r->findings);
	if (r->store)
		xs_close(r->store);
}

static char *read_node(const struct report *r, const char *format, va_list args)
{
	char *path = xl_vprintf(format, args);
	char *value = r->store ? xs_read(r->store, XBT_NULL, path, NULL) : NULL;

	free(path);
	return value;
}

char *store_read(const struct report *r, const char *format, ...)
{
	va_list args;
	char *value;

	va_start(args, format);
	value = read_node(r, format, args);
	va_end(args);
	return value;
}

int64_t store_number(const struct report *r, const char *format, ...)
{
	int64_t number = -1;
	char *value, *end;
	va_list args;

	va_start(args, format);
	value = read_node(r, format, args);
	va_end(args);
	if (value) {
		number = strtoll(value, &end, 10);
		if (end == value || *end || number < 0)
			number = -1;
	}
	free(value);
	return number;
}

char **store_list(const struct report *r, unsigned int *count, const char *format, ...)
{
	va_list args;
	char *path, **list;

	va_start(args, format);
	path = xl_vprintf(format, args);
	va_end(args);
	*count = 0;
	list = r->store ? xs_directory(r->store, XBT_NULL, path, count) : NULL;
	free(path);
	return list;
}
