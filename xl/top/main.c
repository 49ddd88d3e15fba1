// SPDX-License-Identifier: GPL-2.0-only
/* xentop: options, sampling, and batch output. */
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "xentop.h"

#define MAX_DELAY 1000.0

volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = 1;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool take_sample(xenstat_handle *handle, struct sample *sample)
{
	static double last;
	xenstat_node *node = xenstat_get_node(handle, XENSTAT_ALL);
	double now = seconds_now();

	if (!node)
		return false;
	if (sample->before)
		xenstat_free_node(sample->before);
	sample->before = sample->now;
	sample->now = node;
	sample->seconds = last > 0 ? now - last : 0;
	last = now;
	return true;
}

static void print_table(const struct sample *sample, const struct top_options *o)
{
	unsigned int count;
	xenstat_domain **list = sorted_domains(sample, o->json ? SORT_BY_ID : COLUMN_NAME, &count);
	char *header = header_line();

	if (list && o->json)
		print_document(sample, list, count);
	for (unsigned int i = 0; list && header && !o->json && i < count; i++) {
		char *line = domain_line(sample, list[i], o->full_name), *details = detail_lines(list[i], o);

		if (!i || o->repeat_header)
			printf("%s\n", header);
		printf("%s\n%s", line ? line : "", details ? details : "");
		free(line);
		free(details);
	}
	fflush(stdout);
	free(header);
	free(list);
}

static void pause_for(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	nanosleep(&t, NULL); /* a signal ends it, and the loop sees interrupted */
}

int run_batch(xenstat_handle *handle, const struct top_options *o)
{
	struct sample sample = { 0 };
	/* The first look has no rates: it is row 0 of the table, and no document. */
	long i = o->json ? -1 : 0;
	bool first = true;
	int result = 0;

	for (; !interrupted && (!o->iterations || i < o->iterations); i++) {
		if (!first)
			pause_for(o->delay);
		first = false;
		if (interrupted)
			break;
		if (!take_sample(handle, &sample)) {
			fprintf(stderr, "xentop: the host's figures could not be read: %s\n", strerror(errno));
			result = 1;
			break;
		}
		if (i >= 0)
			print_table(&sample, o);
	}
	if (sample.before)
		xenstat_free_node(sample.before);
	if (sample.now)
		xenstat_free_node(sample.now);
	if (ferror(stdout))
		result = 1;
	return result;
}

static void usage(FILE *out)
{
	fputs("Usage: xentop [OPTION]\n"
	      "Shows domains and what they use of the host, again and again.\n\n"
	      "-h, --help           print this and leave\n"
	      "-V, --version        print the version and leave\n"
	      "-d, --delay=SECONDS  time between two looks (default 3)\n"
	      "-n, --networks       lines for the network interfaces of each domain\n"
	      "-x, --vbds           lines for the disks of each domain\n"
	      "-v, --vcpus          lines for the vCPUs of each domain\n"
	      "-r, --repeat-header  the header before each domain\n"
	      "-b, --batch          plain text, no keys\n"
	      "-i, --iterations=N   leave after N looks\n"
	      "-f, --full-name      do not cut domain names\n"
	      "    --json           one look as JSON, after a time of the delay; several with -i\n",
	      out);
}

static bool number(const char *text, double min, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && *value >= min && *value <= max)
		return true;
	fprintf(stderr, "xentop: \"%s\" is no number from %g to %g\n", text, min, max);
	return false;
}

/* 0: go on; 1: leave, all done; 2: leave, wrong usage */
static int parse_options(int argc, char **argv, struct top_options *o)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },	   { "version", no_argument, NULL, 'V' },
		{ "delay", required_argument, NULL, 'd' }, { "networks", no_argument, NULL, 'n' },
		{ "vbds", no_argument, NULL, 'x' },	   { "vcpus", no_argument, NULL, 'v' },
		{ "repeat-header", no_argument, NULL, 'r' }, { "batch", no_argument, NULL, 'b' },
		{ "iterations", required_argument, NULL, 'i' }, { "full-name", no_argument, NULL, 'f' },
		{ "json", no_argument, NULL, 'j' },	   { 0 },
	};
	bool counted = false;
	double value;
	int option;

	while ((option = getopt_long(argc, argv, "hVd:nxvrbi:f", longs, NULL)) != -1) {
		switch (option) {
		case 'h':
			usage(stdout);
			return 1;
		case 'V':
			printf("xentop 4.17 (xenolith)\n");
			return 1;
		case 'd':
			if (!number(optarg, 0, MAX_DELAY, &o->delay))
				return 2;
			break;
		case 'i':
			if (!number(optarg, 0, 1e9, &value))
				return 2;
			o->iterations = (long)value;
			counted = true;
			break;
		case 'n':
			o->networks = true;
			break;
		case 'x':
			o->vbds = true;
			break;
		case 'v':
			o->vcpus = true;
			break;
		case 'r':
			o->repeat_header = true;
			break;
		case 'b':
			o->batch = true;
			break;
		case 'f':
			o->full_name = true;
			break;
		case 'j':
			o->json = o->batch = true;
			break;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (o->json && !counted)
		o->iterations = 1;
	if (optind < argc) {
		fprintf(stderr, "xentop: \"%s\" is not understood\n", argv[optind]);
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct top_options o = { .delay = 3 };
	xenstat_handle *handle;
	int result;

	result = parse_options(argc, argv, &o);
	if (result)
		return result - 1;
	handle = xenstat_init();
	if (!handle) {
		fprintf(stderr, "xentop: cannot reach the hypervisor; %s\n",
			geteuid() ? "run xentop as root" : "is this host running Xen, and xenstored?");
		return 1;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (o.batch) {
		result = run_batch(handle, &o);
	} else {
		setlocale(LC_ALL, "");
		result = run_screen(handle, &o);
	}
	xenstat_uninit(handle);
	return result;
}
