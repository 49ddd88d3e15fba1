// SPDX-License-Identifier: GPL-2.0-only
/* Writes JSON in the same 4-space layout that libxl prints. */
#include <inttypes.h>
#include <string.h>

#include "json.h"

void json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void name_field(FILE *out, int *fields, const char *name)
{
	fprintf(out, "%s\n        ", (*fields)++ ? "," : "");
	json_string(out, name);
	fputs(": ", out);
}

void json_field_string(FILE *out, int *fields, const char *name, const char *value)
{
	name_field(out, fields, name);
	json_string(out, value);
}

void json_field_number(FILE *out, int *fields, const char *name, uint64_t value)
{
	name_field(out, fields, name);
	fprintf(out, "%" PRIu64, value);
}

void json_field_seconds(FILE *out, int *fields, const char *name, uint64_t ns)
{
	name_field(out, fields, name);
	fprintf(out, "%" PRIu64 ".%03" PRIu64, ns / 1000000000, ns / 1000000 % 1000);
}

void json_open(FILE *out, int *objects, int *fields)
{
	fprintf(out, "%s\n    {", (*objects)++ ? "," : "");
	*fields = 0;
}

void json_close(FILE *out)
{
	fputs("\n    }", out);
}

void json_nested(FILE *out, const char *json, int indent)
{
	size_t length = strlen(json);

	if (length && json[length - 1] == '\n')
		length--;
	for (size_t i = 0; i < length; i++) {
		fputc(json[i], out);
		if (json[i] == '\n' && i + 1 < length && json[i + 1] != '\n')
			fprintf(out, "%*s", indent, "");
	}
}
