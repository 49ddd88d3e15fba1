// SPDX-License-Identifier: GPL-2.0-only
/*
 * why: who holds the pages of a domain that dies. The hypervisor knows of grants (Xenolith tells them in its hypfs,
 * Xen 4.17 tells nobody); the kernel of this domain knows which programs have pages of others mapped.
 */
#include <ctype.h>
#include <dirent.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xenhypfs.h>

#include "why.h"

struct keeper {
	bool told; /* by the hypervisor */
	bool torn_down;
	unsigned int references;
	uint64_t pages, shared, pins;
	char granted[160]; /* "DOMID:PINS,..." */
};

/* That a hypervisor has no such file is no news. */
static void say_nothing(xentoollog_logger *l, xentoollog_level level, int errnoval, const char *context, const char *format,
			va_list args)
{
}

static void no_progress(xentoollog_logger *l, const char *context, const char *doing, int percent, unsigned long done,
			unsigned long total)
{
}

static void stay(xentoollog_logger *l)
{
}

static xentoollog_logger silent = { .vmessage = say_nothing, .progress = no_progress, .destroy = stay };

/* Loaded here: each library would cost every command of xl as much as a small command takes. */
static char *read_hypfs(const char *path)
{
	void *library = dlopen("libxenhypfs.so.1", RTLD_NOW | RTLD_LOCAL);
	__typeof__(xenhypfs_open) *open = library ? dlsym(library, "xenhypfs_open") : NULL;
	__typeof__(xenhypfs_read) *read = library ? dlsym(library, "xenhypfs_read") : NULL;
	__typeof__(xenhypfs_close) *close = library ? dlsym(library, "xenhypfs_close") : NULL;
	xenhypfs_handle *h = open && read && close ? open(&silent, 0) : NULL;
	char *text = h ? read(h, path) : NULL;

	if (h)
		close(h);
	return text;
}

static void ask_hypervisor(uint32_t domid, struct keeper *k)
{
	char *path = xl_printf("/dying/%u", domid), state[8], *text = read_hypfs(path);

	k->told = text && sscanf(text, "state=%7s references=%u pages=%" SCNu64 " shared=%" SCNu64 " granted=%159s", state,
				 &k->references, &k->pages, &k->shared, k->granted) >= 4;
	k->torn_down = k->told && !strcmp(state, "dead");
	free(text);
	free(path);
}

static void granted_to(struct report *r, uint32_t domid, uint64_t pins)
{
	char *name = xl_domain_name(domid);
	struct finding *f = report_add(r, "grants",
				       xl_printf("let go there: a backend (its device), or a program that maps grants"),
				       "domain %u (`%s') has %" PRIu64 " of its grants mapped", domid, name, pins);

	fact_number(f, "holder_domid", domid);
	fact_number(f, "grants", (int64_t)pins);
	free(name);
}

static void all_granted(struct report *r, struct keeper *k)
{
	char *save = NULL;

	for (char *one = strtok_r(k->granted, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		uint64_t pins;
		uint32_t domid;

		if (sscanf(one, "%" SCNu32 ":%" SCNu64, &domid, &pins) != 2)
			continue;
		granted_to(r, domid, pins);
		k->pins += pins;
	}
}

/* Bytes that the process has mapped of the devices that map memory of other domains. */
static uint64_t foreign_bytes(const char *pid)
{
	char *path = xl_printf("/proc/%s/maps", pid), line[512];
	FILE *maps = fopen(path, "re");
	uint64_t bytes = 0, start, end;

	while (maps && fgets(line, sizeof(line), maps))
		if ((strstr(line, "/xen/privcmd") || strstr(line, "/xen/gntdev")) &&
		    sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2)
			bytes += end - start;
	if (maps)
		fclose(maps);
	free(path);
	return bytes;
}

static void programs(struct report *r)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		uint64_t bytes = isdigit((unsigned char)entry->d_name[0]) ? foreign_bytes(entry->d_name) : 0;
		long pid = strtol(entry->d_name, NULL, 10);
		struct finding *f;
		char *who;

		if (!bytes)
			continue;
		who = by_process(pid, 0);
		f = report_add(r, "program", NULL,
			       "%" PRIu64 " KiB of other domains are mapped%s; some may be its", bytes / 1024, who);
		fact_number(f, "mapped_kib", (int64_t)(bytes / 1024));
		fact_process(f, pid, 0);
		free(who);
	}
	if (proc)
		closedir(proc);
}

static void tell_rest(struct report *r, const struct keeper *k)
{
	struct finding *f;

	if (k->told && !k->torn_down) {
		f = report_add(r, "removal",
			       xl_strdup("if the number of its pages stays, `xl destroy' goes on with it"),
			       "its memory is being given back, or whoever did that was killed over it");
		fact_number(f, "pages", (int64_t)k->pages);
		return;
	}
	/* A page may have several grants: this is the least that is held otherwise. */
	if (k->told && k->pages > k->pins)
		report_add(r, "mappings",
			   xl_strdup("end that program: one of those below, if it runs in this domain"),
			   "at least %" PRIu64 " pages are mapped by a program of a control domain",
			   k->pages - k->pins);
	else if (k->told && !k->pages && k->shared)
		report_add(r, "mappings",
			   xl_strdup("end that program: one of those below, if it runs in this domain"),
			   "its grant table or shared page is mapped by a program of a control domain (%" PRIu64 " pages)",
			   k->shared);
	else if (!k->told)
		report_add(r, "unknown",
			   xl_strdup("`xl debug-keys q', then `xl dmesg', shows the pages and their references"),
			   "this hypervisor tells programs nothing about who holds the pages");
}

void why_pages(struct report *r, const libxl_dominfo *info)
{
	struct keeper k = { .pages = info->current_memkb / 4 };
	struct finding *f;

	ask_hypervisor(info->domid, &k);
	if (!k.told && !info->dying)
		return;
	f = report_add(r, "pages", NULL,
		       "it is gone but for %" PRIu64 " pages (%" PRIu64 " KiB) that others still have, and ends when they let go",
		       k.pages, k.pages * 4);
	fact_number(f, "pages", (int64_t)k.pages);
	if (k.told) {
		fact_number(f, "shared_pages", (int64_t)k.shared);
		fact_number(f, "references", k.references);
	}
	all_granted(r, &k);
	tell_rest(r, &k);
	programs(r);
}
