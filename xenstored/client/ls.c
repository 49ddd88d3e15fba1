// SPDX-License-Identifier: GPL-2.0-only
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "escape.h"
#include "mode.h"

/* A line when stdout is no terminal, and where the dots before permissions end at most. */
#define DEFAULT_WIDTH 80
#define DOTS_END      60
/* ' = "' before a value, and '\..."' after one that was cut short. */
#define BEFORE 4
#define CUT    5
/* Wider than any line: on a terminal that does not know its width, as serial lines do not. */
#define ANY_WIDTH (1 << 30)

static int least(int a, int b)
{
	return a < b ? a : b;
}

static int width;
static int dots_end;

static void look_at_line(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w))
		width = DEFAULT_WIDTH;
	else
		width = w.ws_col < 2 ? ANY_WIDTH : w.ws_col - 2;
	dots_end = width == ANY_WIDTH ? 0 : least(DOTS_END, width);
}

/* ' = "value"', cut when it does not fit; the column after it, 0 when it was cut. */
static int print_value(int col, bool flat, const char *text, unsigned int len)
{
	int room = width - col - BEFORE - CUT + 1;

	/* Whether it fits is judged by its bytes, not by their escapes: the original's habit. */
	if (flat || (long)len + col + BEFORE + 1 <= width - 3) {
		printf(" = \"%s\"", text);
		return flat ? width : col + BEFORE + (int)strlen(text) + 1;
	}
	printf(" = \"%.*s\\...\"", room > 0 ? room : 0, text);
	return 0;
}

static void print_perms(struct job *j, const char *path, int col)
{
	static const char letters[] = "nrwb";
	unsigned int n;
	struct xs_permissions *p = xs_get_permissions(j->h, j->t, path, &n);

	if (!p) {
		warn("could not access permissions for %s", path);
		return;
	}
	if (col) {
		putchar(' ');
		for (col++; col < dots_end; col++)
			putchar(col & 1 ? '.' : ' ');
	}
	printf("  (");
	for (unsigned int i = 0; i < n; i++)
		printf("%s%c%u", i ? "," : "",
		       letters[p[i].perms & (XS_PERM_READ | XS_PERM_WRITE)], p[i].id);
	putchar(')');
	free(p);
}

static int print_name(const struct job *j, const char *path, const char *name, int depth)
{
	int room = width - BEFORE - CUT + 1 - depth;

	if (j->flat) {
		printf("%s", path);
		return 0;
	}
	printf("%*s%.*s", depth, "", room > 0 ? room : 0, name);
	return depth + least((int)strlen(name), room > 0 ? room : 0);
}

static void print_tree(struct job *j, const char *path, int depth);

static void print_node(struct job *j, const char *path, const char *name, int depth)
{
	int col = print_name(j, path, name, depth);
	unsigned int len;
	char *value = xs_read(j->h, j->t, path, &len);

	/* One that went away in between, or that is not ours to read. */
	if (!value) {
		printf(":\n");
	} else {
		char *text = escape(value, len);

		if (!text)
			err(1, "malloc");
		col = print_value(col, j->flat, text, len);
		if (j->prefix)
			print_perms(j, path, col);
		putchar('\n');
		free(text);
		free(value);
	}
	print_tree(j, path, depth + 1);
}

static void print_tree(struct job *j, const char *path, int depth)
{
	unsigned int n;
	char **names = xs_directory(j->h, j->t, path, &n);

	if (!names) {
		/* Only the path that was asked for has to exist. */
		if (depth)
			return;
		err(1, "xs_directory (%s)", path);
	}
	for (unsigned int i = 0; i < n; i++) {
		char *below;

		if (asprintf(&below, "%s/%s", strcmp(path, "/") ? path : "", names[i]) < 0)
			err(1, "malloc");
		print_node(j, below, names[i], depth);
		free(below);
	}
	free(names);
}

int mode_ls(struct job *j)
{
	look_at_line();
	if (!j->args)
		print_tree(j, "/", 0);
	for (int i = 0; i < j->args; i++)
		print_tree(j, j->arg[i], 0);
	return 0;
}
