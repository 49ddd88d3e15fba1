/* SPDX-License-Identifier: GPL-2.0-only */
/* xentop: samples, the columns made of them, and the two ways to show them. */
#ifndef XENTOP_H
#define XENTOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <xenstat.h>

/* By a signal: leave in order. */
extern volatile sig_atomic_t interrupted;

struct top_options {
	double delay;	     /* seconds */
	long iterations;     /* 0: without end */
	bool batch;
	bool json; /* in batch mode */
	bool full_name;
	bool networks;
	bool vbds;
	bool vcpus;
	bool repeat_header;
};

/* Two looks at the host; rates come from their difference. */
struct sample {
	xenstat_node *now;
	xenstat_node *before; /* NULL at first */
	double seconds;	      /* between them */
};

struct column {
	const char *title;
	int width;
	/* Text of one domain, at most size bytes; padded to the width by the caller. */
	void (*text)(const struct sample *sample, xenstat_domain *domain, char *text, size_t size);
	/* For sorting, larger first; NULL: not sortable. */
	double (*key)(const struct sample *sample, xenstat_domain *domain);
};

extern const struct column columns[];
extern const size_t column_count;
#define COLUMN_NAME 0
#define SORT_BY_ID  ((size_t)-1)

/* The lines of the table, without their newline; the caller frees them. */
char *header_line(void);
char *domain_line(const struct sample *sample, xenstat_domain *domain, bool full_name);
/* The lines below a domain that the options ask for, each with its newline; NULL when there are none. */
char *detail_lines(xenstat_domain *domain, const struct top_options *o);

/* Percent of one CPU since the sample before. */
double cpu_percent(const struct sample *sample, xenstat_domain *domain);

/* On stdout, as one JSON object. */
void print_document(const struct sample *sample, xenstat_domain *const *list, unsigned int count);

/* All domains in the order of a column; count is that of sample->now. The caller frees the array. */
xenstat_domain **sorted_domains(const struct sample *sample, size_t column, unsigned int *count);

/* Replaces the older look by a new one. False: the host could not be read. */
bool take_sample(xenstat_handle *handle, struct sample *sample);

int run_batch(xenstat_handle *handle, const struct top_options *o);
int run_screen(xenstat_handle *handle, struct top_options *o);

#endif
