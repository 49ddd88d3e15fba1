/* SPDX-License-Identifier: GPL-2.0-only */
/* why: what a domain, or the host, waits for. A report is a list of findings, printed as text or as JSON. */
#ifndef XL_WHY_H
#define XL_WHY_H

#include <time.h>

#include <xenstore.h>

#include "cmd.h"

struct fact {
	const char *name; /* as in the schema; NULL: no more */
	char *text;	  /* NULL: it is a number */
	uint64_t number;
};

struct finding {
	const char *kind;
	char *text; /* a sentence without its end */
	char *next; /* what may be done, or NULL */
	struct fact facts[8];
};

struct report {
	struct xs_handle *store; /* NULL: xenstored does not answer */
	struct finding *findings;
	size_t count;
};

/* next is the report's from now on. The finding, for facts. */
struct finding *report_add(struct report *r, const char *kind, char *next, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* One that is negative, or NULL, is not known. */
void fact_number(struct finding *f, const char *name, int64_t number);
void fact_text(struct finding *f, const char *name, const char *text);
/* The process that does it, and since when. */
void fact_process(struct finding *f, long pid, time_t since);
/* " by xl (process 12) for 3 s"; the caller frees it. */
char *by_process(long pid, time_t since);
/* Its findings as the field "findings" of a JSON object, or one line each and one for what may be done. */
void report_json(const struct report *r);
void report_text(const struct report *r);
void report_free(struct report *r);

/* Of xenstore; NULL, 0 or -1 when there is no such node. */
char *store_read(const struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
int64_t store_number(const struct report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
char **store_list(const struct report *r, unsigned int *count, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What each piece adds. */
void why_devices(struct report *r, uint32_t domid, bool dying);
void why_pages(struct report *r, const libxl_dominfo *info);
int why_host(uint64_t wanted_kib, bool json);

#endif
