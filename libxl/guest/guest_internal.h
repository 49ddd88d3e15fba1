/* SPDX-License-Identifier: LGPL-2.1-only */
#ifndef GUEST_INTERNAL_H
#define GUEST_INTERNAL_H

#include <sys/stat.h>

#include "ctrl_internal.h"
#include "image.h"
#include "xenguest.h"

#define PAGES_OF(bytes) (((uint64_t)(bytes) + XC_PAGE_SIZE - 1) >> XC_PAGE_SHIFT)

#define FEATURE_WORDS 19 /* of a featureset; 16 and 17 are the halves of an MSR */

/* The builder's kernel, behind private_loader; lives until release. */
struct dom_kernel {
	struct stat file; /* which file it came from */
	bool has_file;
	bool parsed;
	struct elf_image elf;
	struct image_parts data; /* of the ELF file */
	struct pg_plan *plan;
};

struct dom_kernel *dom_kernel_of(struct xc_dom_image *dom);
int dom_keep_mapping(struct xc_dom_image *dom, void *p, size_t len);

/* Fail, -1, with a reason in the builder's log and the handle's last error; keeps errno. */
int dom_fail(struct xc_dom_image *dom, xc_error_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- layout.c */
int dom_alloc_pages(struct xc_dom_image *dom, struct xc_dom_seg *seg, const char *name, uint64_t pages);

/* --- pgplan.c: which page tables a set of linear ranges needs, and what is in them */

#define PG_MAX_RANGES 2

struct pg_range {
	uint64_t from, to; /* virtual, page-aligned, to is not in it */
	uint64_t pfn;      /* of from */
};

struct pg_level {
	unsigned int nr;               /* intervals, 1 or 2 */
	uint64_t first[PG_MAX_RANGES]; /* table numbers at this level: va >> shift */
	uint64_t count[PG_MAX_RANGES];
	uint64_t base;                 /* page of the first table within all tables */
};

struct pg_plan {
	unsigned int nr_ranges;
	struct pg_range range[PG_MAX_RANGES];
	struct pg_level level[5]; /* 1 to 4; L4 is page 0 */
	uint64_t tables;
};

void pg_plan_make(struct pg_plan *plan, const struct pg_range *ranges, unsigned int nr);

/* Frame numbers for the entries, and which frames are tables themselves and so read-only. */
struct pg_fill {
	const xen_pfn_t *p2m;
	uint64_t nr_pfns;
	uint64_t tables_pfn;
};

/* Write all 512 entries of table number page (0 to tables - 1). */
void pg_plan_write(const struct pg_plan *plan, const struct pg_fill *fill, uint64_t page, uint64_t *out);

/* --- pv64.c */
extern struct xc_dom_arch dom_arch_pv64;

#endif
