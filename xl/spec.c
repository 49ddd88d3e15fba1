// SPDX-License-Identifier: GPL-2.0-only
/* Parser of the specifications of devices. */
#include <stdlib.h>
#include <string.h>

#include <nearest.h>

#include "spec.h"

static void trim(char **text)
{
	size_t n;

	*text += strspn(*text, " \t");
	n = strlen(*text);
	while (n && ((*text)[n - 1] == ' ' || (*text)[n - 1] == '\t'))
		(*text)[--n] = 0;
}

static char *spec_part(char *part, const struct spec_key *keys, size_t count, void *arg, char **unknown)
{
	char *equals = strchr(part, '='), *text = NULL, *why;
	const char *near;

	if (equals) {
		*equals = 0;
		text = equals + 1;	/* with its blanks, as ever */
	}
	trim(&part);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, part))
			continue;
		if (!text != !keys[i].form)
			return xl_printf(text ? "`%s' takes no value" : "`%s' needs a value", part);
		return keys[i].set(arg, text) ? xl_printf("`%s' must be %s, not \"%s\"", part, keys[i].form, text) :
						NULL;
	}
	near = xlu_nearest(part, keys, count, sizeof(keys[0]));
	why = xl_printf("unknown setting `%s'%s%s%s", part, near ? "; did you mean `" : "", near ? near : "",
			near ? "'?" : "");
	if (!unknown)
		return why;
	free(*unknown);
	*unknown = why;
	return NULL;
}

char *spec_parse(const char *text, const struct spec_key *keys, size_t count, void *arg, char **unknown)
{
	char *copy = xl_strdup(text), *save = NULL, *why = NULL;

	for (char *part = strtok_r(copy, ",", &save); part && !why; part = strtok_r(NULL, ",", &save))
		if (part[strspn(part, " \t")])
			why = spec_part(part, keys, count, arg, unknown);
	free(copy);
	return why;
}

int spec_entry_failed(struct config_build *build, const char *text, char *why)
{
	if (!why)
		return 0;
	config_error(build, "entry \"%s\": %s", text, why);
	free(why);
	return -1;
}

int spec_entry(struct config_build *build, const char *text, const struct spec_key *keys, size_t count, void *arg)
{
	return spec_entry_failed(build, text, spec_parse(text, keys, count, arg, NULL));
}

int spec_text(char **field, const char *value)
{
	free(*field);
	*field = xl_strdup(value);
	return 0;
}

int spec_number(const char *value, long min, long max, long *number)
{
	char *end;

	*number = strtol(value, &end, 0);
	return end == value || *end || *number < min || *number > max ? -1 : 0;
}
