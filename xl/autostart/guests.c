// SPDX-License-Identifier: GPL-2.0-only
/* Which guests there are: configurations to start, saved states, domains of the host; one entry for each name. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <libxlutil.h>

#include "autostart.h"

static struct guest *guest_named(struct guests *g, const char *name)
{
	struct guest *more;

	for (size_t i = 0; i < g->count; i++)
		if (!strcmp(g->all[i].name, name))
			return &g->all[i];
	more = reallocarray(g->all, g->count + 1, sizeof(*more));
	if (!more) {
		complain("out of memory");
		exit(1);
	}
	g->all = more;
	g->all[g->count] = (struct guest){ .name = text_printf("%s", name), .rank = RANK_NONE };
	return &g->all[g->count++];
}

/* What editors and dpkg leave beside the files that are meant. */
static int is_meant(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && e->d_name[n - 1] != '~' && !strstr(e->d_name, ".dpkg-");
}

/* Calls found for each file of a folder, in the order of their names. False, reported; there may be no such folder. */
static bool each_file(struct guests *g, const char *folder, void (*found)(struct guests *g, char *path, const char *file))
{
	struct dirent **list;
	struct stat st;
	int n;

	if (!*folder)
		return true;
	n = scandir(folder, &list, is_meant, alphasort);
	if (n < 0 && errno != ENOENT)
		complain("cannot read the folder %s: %s", folder, strerror(errno));
	if (n < 0)
		return errno == ENOENT;
	for (int i = 0; i < n; i++) {
		char *path = text_printf("%s/%s", folder, list[i]->d_name);

		if (!stat(path, &st) && S_ISDIR(st.st_mode))
			free(path);
		else
			found(g, path, list[i]->d_name);
		free(list[i]);
	}
	free(list);
	return true;
}

static char *config_name(const char *path)
{
	XLU_Config *cfg = xlu_cfg_init(stderr, path);
	const char *name = NULL;
	char *copy = NULL;

	if (!cfg)
		return NULL;
	if (!xlu_cfg_readfile(cfg, path) && xlu_cfg_get_string(cfg, "name", &name, 0))
		complain("%s: the configuration has no name=", path);
	if (name)
		copy = text_printf("%s", name);
	xlu_cfg_destroy(cfg);
	return copy;
}

/* "20-web.cfg" has rank 20. */
static uint32_t rank_of(const char *file)
{
	unsigned long n;

	if (!isdigit((unsigned char)*file))
		return RANK_NONE;
	n = strtoul(file, NULL, 10);
	return n < RANK_NONE ? (uint32_t)n : RANK_NONE;
}

static void config_found(struct guests *g, char *path, const char *file)
{
	char *name = config_name(path);
	struct guest *guest = name ? guest_named(g, name) : NULL;

	free(name);
	if (guest && !guest->config) {
		guest->config = path;
		guest->rank = rank_of(file);
		return;
	}
	if (guest)
		complain("%s: the guest %s has a configuration already, %s", path, guest->name, guest->config);
	g->bad++;
	free(path);
}

static void saved_found(struct guests *g, char *path, const char *file)
{
	guest_named(g, file)->saved = path;
}

static bool domains_find(struct guests *g, libxl_ctx *ctx)
{
	libxl_dominfo *list;
	int n;

	list = libxl_list_domain(ctx, &n);
	if (!list)
		return false;
	for (int i = 0; i < n; i++) {
		/* Those that have ended are not waited for, and what watches them removes them. */
		char *name = list[i].domid && !list[i].shutdown && !list[i].dying ? libxl_domid_to_name(ctx, list[i].domid) : NULL;

		if (name) {
			struct guest *guest = guest_named(g, name);

			guest->running = true;
			guest->domid = list[i].domid;
		}
		free(name);
	}
	libxl_dominfo_list_free(list, n);
	return true;
}

bool guests_find(struct guests *g, const struct settings *s)
{
	xentoollog_logger *lg = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_ERROR, 0);
	libxl_ctx *ctx = NULL;
	bool ok;

	ok = lg && !libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, lg) && domains_find(g, ctx);
	if (!ok)
		complain("the list of domains cannot be had: is this Domain 0 of a Xen host, and does xenstored run?");
	libxl_ctx_free(ctx);
	xtl_logger_destroy(lg);
	return ok && each_file(g, s->automatic, config_found) && each_file(g, s->save, saved_found);
}
