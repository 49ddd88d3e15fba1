// SPDX-License-Identifier: GPL-2.0-only
#include "mode.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

static void out_value(struct job *j, const char *value, unsigned int len)
{
	char *text;

	if (j->raw) {
		out_bytes(j, value, len);
		return;
	}
	text = escape(value, len);
	if (!text)
		err(1, "escape");
	out_text(j, "%s\n", text);
	free(text);
}

int mode_read(struct job *j)
{
	for (int i = 0; i < j->args; i++) {
		unsigned int len;
		char *value = xs_read(j->h, j->t, j->arg[i], &len);

		if (!value) {
			warnx("couldn't read path %s", j->arg[i]);
			return 1;
		}
		if (j->prefix)
			out_text(j, "%s: ", j->arg[i]);
		out_value(j, value, len);
		free(value);
	}
	return 0;
}

int mode_write(struct job *j)
{
	for (int i = 0; i + 1 < j->args; i += 2) {
		char *value = strdup(j->arg[i + 1]);
		size_t len = !value ? 0 : j->raw ? strlen(value) : unescape(value);
		bool ok = value && xs_write(j->h, j->t, j->arg[i], value, (unsigned int)len);

		free(value);
		if (!ok) {
			warnx("could not write path %s", j->arg[i]);
			return 1;
		}
	}
	return 0;
}

int mode_exists(struct job *j)
{
	for (int i = 0; i < j->args; i++) {
		char *value = xs_read(j->h, j->t, j->arg[i], NULL);

		if (!value)
			return 1;
		free(value);
	}
	return 0;
}

int mode_list(struct job *j)
{
	for (int i = 0; i < j->args; i++) {
		unsigned int n;
		char **names = xs_directory(j->h, j->t, j->arg[i], &n);

		if (!names) {
			warnx("could not list path %s", j->arg[i]);
			return 1;
		}
		for (unsigned int k = 0; k < n; k++) {
			if (j->prefix)
				out_text(j, "%s/%s\n", j->arg[i], names[k]);
			else
				out_text(j, "%s\n", names[k]);
		}
		free(names);
	}
	return 0;
}

/* Neither value nor children: nobody would miss it. */
static bool is_empty(struct job *j, const char *path)
{
	unsigned int n = 1;
	char *value = xs_read(j->h, j->t, path, NULL);
	bool empty = value && !value[0];
	char **names = empty ? xs_directory(j->h, j->t, path, &n) : NULL;

	free(value);
	free(names);
	return empty && names && !n;
}

static bool remove_tidily(struct job *j, const char *path)
{
	char *p = strdup(path), *slash;

	if (!p)
		err(1, "malloc");
	for (;;) {
		if (!xs_rm(j->h, j->t, p)) {
			warnx("could not remove path %s", p);
			free(p);
			return false;
		}
		slash = strrchr(p, '/');
		if (!slash || slash == p)
			break;
		*slash = 0;
		if (!j->tidy || !is_empty(j, p))
			break;
	}
	free(p);
	return true;
}

int mode_rm(struct job *j)
{
	for (int i = 0; i < j->args; i++)
		if (!remove_tidily(j, j->arg[i]))
			return 1;
	return 0;
}

#define MAX_PERMS 16

static void set_perms(struct job *j, char *path, struct xs_permissions *p, unsigned int n)
{
	if (!xs_set_permissions(j->h, j->t, path, p, n))
		err(1, "Error occurred setting permissions on '%s'", path);
}

static void set_perms_below(struct job *j, const char *path, struct xs_permissions *p,
			    unsigned int n)
{
	unsigned int count;
	char **names = xs_directory(j->h, j->t, path, &count);

	if (!names)
		err(1, "xs_directory (%s)", path);
	for (unsigned int i = 0; i < count; i++) {
		char *below;

		if (asprintf(&below, "%s/%s", strcmp(path, "/") ? path : "", names[i]) < 0)
			err(1, "malloc");
		set_perms(j, below, p, n);
		set_perms_below(j, below, p, n);
		free(below);
	}
	free(names);
}

static struct xs_permissions parse_perm(const char *text)
{
	static const char letters[] = "nrwb";
	const char *at = text[0] ? strchr(letters, text[0]) : NULL;

	if (!at)
		errx(1, "Invalid permission specification: '%c'", text[0]);
	return (struct xs_permissions){ .id = (unsigned int)strtol(text + 1, NULL, 10),
					.perms = (unsigned int)(at - letters) };
}

int mode_chmod(struct job *j)
{
	struct xs_permissions p[MAX_PERMS];
	unsigned int n = 0;
	char *path = strdup(j->arg[0]), *slash;

	if (!path)
		err(1, "malloc");
	for (int i = 1; i < j->args && n < MAX_PERMS; i++)
		p[n++] = parse_perm(j->arg[i]);
	set_perms(j, path, p, n);
	if (j->recurse)
		set_perms_below(j, path, p, n);
	while (j->upto && (slash = strrchr(path, '/')) && slash != path) {
		*slash = 0;
		set_perms(j, path, p, n);
	}
	free(path);
	return 0;
}

int mode_watch(struct job *j)
{
	unsigned int n;

	for (int i = 0; i < j->args; i++)
		if (!xs_watch(j->h, j->arg[i], j->arg[i]))
			errx(1, "Unable to add watch on %s", j->arg[i]);
	for (int left = j->watch_count; left < 0 || left-- > 0;) {
		char **event = xs_read_watch(j->h, &n);

		if (!event)
			errx(1, "connection to xenstored lost");
		printf("%s\n", event[XS_WATCH_PATH]);
		fflush(stdout);
		free(event);
	}
	return 0;
}
