// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings: lines of KEY=value as a shell would read them, with its comments and quotes. Nothing is expanded, for
 * this is no shell: what a shell would expand is an error, not another value.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autostart.h"

static bool take_text(const char *value, void *to)
{
	char **text = to;

	free(*text);
	*text = text_printf("%s", value);
	return true;
}

/* Debian's own script takes any text for a yes; "false" can hardly have been meant as one. */
static bool take_bool(const char *value, void *to)
{
	static const char *const no[] = { "", "0", "n", "no", "off", "false" };
	bool *yes = to;

	*yes = true;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		*yes = *yes && strcasecmp(value, no[i]);
	return true;
}

static bool take_number(const char *value, void *to)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno || *end || *value == '-' || n > INT_MAX / 1000)
		return false;
	*(unsigned int *)to = (unsigned int)n; /* "" is 0, as it always was */
	return true;
}

static const struct key {
	const char *name;
	size_t offset;
	bool (*take)(const char *value, void *to);
} keys[] = {
	{ "XENDOMAINS_MIGRATE", offsetof(struct settings, migrate), take_text },
	{ "XENDOMAINS_SAVE", offsetof(struct settings, save), take_text },
	{ "XENDOMAINS_RESTORE", offsetof(struct settings, restore), take_bool },
	{ "XENDOMAINS_AUTO", offsetof(struct settings, automatic), take_text },
	{ "XENDOMAINS_AUTO_ONLY", offsetof(struct settings, auto_only), take_bool },
	{ "XENDOMAINS_START_MAXWAIT", offsetof(struct settings, start_limit), take_number },
	{ "XENDOMAINS_STOP_MAXWAIT", offsetof(struct settings, stop_limit), take_number },
	{ "XENDOMAINS_PARALLEL", offsetof(struct settings, parallel), take_number },
};

/* Takes the quotes off, in place. False for more than one word, and for what needs a shell. */
static bool unquote(char *text)
{
	char *in, *out = text, quote = 0;
	bool ok;

	for (in = text; *in && *in != '\n' && (quote || !strchr(" \t;", *in)); in++) {
		if (*in == quote)
			quote = 0;
		else if (!quote && (*in == '"' || *in == '\''))
			quote = *in;
		else if (quote != '\'' && strchr("$`\\", *in))
			return false;
		else
			*out++ = *in;
	}
	in += strspn(in, " \t;\n");
	ok = !quote && (!*in || *in == '#');
	*out = 0;
	return ok;
}

/* A line in place: *name is "" where it sets nothing. False when it is no setting. */
static bool split(char *line, const char **name, const char **value)
{
	char *eq;

	line += strspn(line, " \t");
	*name = *value = "";
	if (!*line || *line == '\n' || *line == '#')
		return true;
	eq = line + strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	if (eq == line || *eq != '=')
		return false;
	*eq = 0;
	*name = line;
	*value = eq + 1;
	return unquote(eq + 1);
}

static bool set(struct settings *s, const char *where, unsigned int line, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(name, keys[i].name))
			continue;
		if (keys[i].take(value, (char *)s + keys[i].offset))
			return true;
		complain("%s:%u: %s wants a number of seconds or guests, not \"%s\"", where, line, name, value);
		return false;
	}
	if (*name && *value)
		complain("%s:%u: warning: %s is no setting of xendomains (see xendomains(8)) and has no effect", where, line, name);
	return true;
}

bool settings_read(struct settings *s, const char *path)
{
	FILE *f = fopen(path, "re");
	const char *name, *value;
	unsigned int number = 0;
	char *line = NULL;
	bool ok = true;
	size_t size = 0;

	*s = (struct settings){ .migrate = text_printf("%s", ""), .save = text_printf("/var/lib/xen/save"),
		.automatic = text_printf("/etc/xen/auto"), .restore = true, .start_limit = 300, .stop_limit = 300, .parallel = 4 };
	if (!f && errno == ENOENT)
		return true;
	if (!f) {
		complain("cannot read %s: %s", path, strerror(errno));
		return false;
	}
	while (ok && getline(&line, &size, f) >= 0) {
		number++;
		ok = split(line, &name, &value);
		if (!ok)
			complain("%s:%u: this is no plain KEY=\"value\": variables and commands are not expanded here", path, number);
		ok = ok && set(s, path, number, name, value);
	}
	free(line);
	fclose(f);
	if (!s->parallel)
		s->parallel = 1;
	return ok;
}

void settings_free(struct settings *s)
{
	free(s->migrate);
	free(s->save);
	free(s->automatic);
}
