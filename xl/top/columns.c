// SPDX-License-Identifier: GPL-2.0-only
/*
 * The 19 columns. Scripts read the batch output by position: titles, widths and units are those of
 * xentop 4.17, with "no limit" where a domain has no limit of memory.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "xentop.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

typedef unsigned long long count_t;

static void put(char *text, size_t size, count_t value)
{
	snprintf(text, size, "%llu", value);
}

static void name_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	snprintf(text, size, "%s", xenstat_domain_name(domain));
}

static void state_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	snprintf(text, size, "%c%c%c%c%c%c", xenstat_domain_dying(domain) ? 'd' : '-',
		 xenstat_domain_shutdown(domain) ? 's' : '-', xenstat_domain_blocked(domain) ? 'b' : '-',
		 xenstat_domain_crashed(domain) ? 'c' : '-', xenstat_domain_paused(domain) ? 'p' : '-',
		 xenstat_domain_running(domain) ? 'r' : '-');
}

static double cpu_key(const struct sample *sample, xenstat_domain *domain)
{
	return (double)xenstat_domain_cpu_ns(domain);
}

static void cpu_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	put(text, size, xenstat_domain_cpu_ns(domain) / 1000000000);
}

double cpu_percent(const struct sample *sample, xenstat_domain *domain)
{
	xenstat_domain *before;
	count_t now = xenstat_domain_cpu_ns(domain), then;

	if (!sample->before || sample->seconds <= 0)
		return 0;
	before = xenstat_node_domain(sample->before, xenstat_domain_id(domain));
	if (!before)
		return 0;
	then = xenstat_domain_cpu_ns(before);
	/* A domain id may be used again between two looks. */
	return now < then ? 0 : (double)(now - then) / (sample->seconds * 1e7);
}

static void cpu_percent_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	snprintf(text, size, "%.1f", cpu_percent(sample, domain));
}

static double mem_key(const struct sample *sample, xenstat_domain *domain)
{
	return (double)xenstat_domain_cur_mem(domain);
}

static void mem_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	put(text, size, xenstat_domain_cur_mem(domain) / 1024);
}

static double of_host(const struct sample *sample, count_t bytes)
{
	count_t total = xenstat_node_tot_mem(sample->now);

	return total ? (double)bytes * 100.0 / (double)total : 0;
}

static void mem_percent_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	snprintf(text, size, "%.1f", of_host(sample, xenstat_domain_cur_mem(domain)));
}

static bool unlimited(xenstat_domain *domain)
{
	return xenstat_domain_max_mem(domain) == (count_t)-1;
}

static double max_mem_key(const struct sample *sample, xenstat_domain *domain)
{
	return (double)xenstat_domain_max_mem(domain);
}

static void max_mem_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	if (unlimited(domain))
		snprintf(text, size, "no limit");
	else
		put(text, size, xenstat_domain_max_mem(domain) / 1024);
}

static void max_mem_percent_text(const struct sample *sample, xenstat_domain *domain, char *text, size_t size)
{
	if (unlimited(domain))
		snprintf(text, size, "n/a");
	else
		snprintf(text, size, "%.1f", of_host(sample, xenstat_domain_max_mem(domain)));
}

/* Sums over the interfaces or disks of a domain. */
static count_t net_sum(xenstat_domain *domain, count_t (*get)(xenstat_network *))
{
	count_t sum = 0;

	for (unsigned int i = 0; i < xenstat_domain_num_networks(domain); i++)
		sum += get(xenstat_domain_network(domain, i));
	return sum;
}

static count_t vbd_sum(xenstat_domain *domain, count_t (*get)(xenstat_vbd *))
{
	count_t sum = 0;

	for (unsigned int i = 0; i < xenstat_domain_num_vbds(domain); i++)
		sum += get(xenstat_domain_vbd(domain, i));
	return sum;
}

/* A column whose text is its key, as a whole number. */
#define NUMBER(name, expression)                                                                   \
	static double name##_key(const struct sample *sample, xenstat_domain *domain)              \
	{                                                                                          \
		return (double)(expression);                                                       \
	}                                                                                          \
	static void name##_text(const struct sample *sample, xenstat_domain *domain, char *text,   \
				size_t size)                                                       \
	{                                                                                          \
		put(text, size, (expression));                                                     \
	}

NUMBER(vcpus, xenstat_domain_num_vcpus(domain))
NUMBER(nets, xenstat_domain_num_networks(domain))
NUMBER(net_tx, net_sum(domain, xenstat_network_tbytes) / 1024)
NUMBER(net_rx, net_sum(domain, xenstat_network_rbytes) / 1024)
NUMBER(vbds, xenstat_domain_num_vbds(domain))
NUMBER(vbd_oo, vbd_sum(domain, xenstat_vbd_oo_reqs))
NUMBER(vbd_rd, vbd_sum(domain, xenstat_vbd_rd_reqs))
NUMBER(vbd_wr, vbd_sum(domain, xenstat_vbd_wr_reqs))
NUMBER(vbd_rsect, vbd_sum(domain, xenstat_vbd_rd_sects))
NUMBER(vbd_wsect, vbd_sum(domain, xenstat_vbd_wr_sects))
NUMBER(ssid, xenstat_domain_ssid(domain))

const struct column columns[] = {
	{ "NAME", 10, name_text, NULL },
	{ "STATE", 6, state_text, NULL },
	{ "CPU(sec)", 10, cpu_text, cpu_key },
	{ "CPU(%)", 6, cpu_percent_text, cpu_percent },
	{ "MEM(k)", 10, mem_text, mem_key },
	{ "MEM(%)", 6, mem_percent_text, mem_key },
	{ "MAXMEM(k)", 10, max_mem_text, max_mem_key },
	{ "MAXMEM(%)", 9, max_mem_percent_text, max_mem_key },
	{ "VCPUS", 5, vcpus_text, vcpus_key },
	{ "NETS", 4, nets_text, nets_key },
	{ "NETTX(k)", 8, net_tx_text, net_tx_key },
	{ "NETRX(k)", 8, net_rx_text, net_rx_key },
	{ "VBDS", 4, vbds_text, vbds_key },
	{ "VBD_OO", 8, vbd_oo_text, vbd_oo_key },
	{ "VBD_RD", 8, vbd_rd_text, vbd_rd_key },
	{ "VBD_WR", 8, vbd_wr_text, vbd_wr_key },
	{ "VBD_RSECT", 10, vbd_rsect_text, vbd_rsect_key },
	{ "VBD_WSECT", 10, vbd_wsect_text, vbd_wsect_key },
	{ "SSID", 4, ssid_text, ssid_key },
};

const size_t column_count = ARRAY_SIZE(columns);

char *header_line(void)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < column_count; i++)
		fprintf(out, "%s%*s", i ? " " : "", columns[i].width, columns[i].title);
	fclose(out);
	return line;
}

char *domain_line(const struct sample *sample, xenstat_domain *domain, bool full_name)
{
	char *line = NULL, text[512];
	size_t size;
	FILE *out = open_memstream(&line, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < column_count; i++) {
		const struct column *c = &columns[i];

		c->text(sample, domain, text, sizeof(text));
		if (i == COLUMN_NAME && !full_name)
			text[c->width] = 0;
		fprintf(out, "%s%*s", i ? " " : "", c->width, text);
	}
	fclose(out);
	return line;
}

static void vcpu_lines(FILE *out, xenstat_domain *domain)
{
	unsigned int count = xenstat_domain_num_vcpus(domain), shown = 0;

	fprintf(out, "VCPUs(sec): ");
	for (unsigned int i = 0; i < count; i++) {
		xenstat_vcpu *vcpu = xenstat_domain_vcpu(domain, i);

		if (!xenstat_vcpu_online(vcpu))
			continue;
		if (shown && shown % 5 == 0)
			fprintf(out, "\n            ");
		fprintf(out, " %2u: %10llus", i, xenstat_vcpu_ns(vcpu) / 1000000000);
		shown++;
	}
	fprintf(out, "\n");
}

static void network_lines(FILE *out, xenstat_domain *domain)
{
	for (unsigned int i = 0; i < xenstat_domain_num_networks(domain); i++) {
		xenstat_network *n = xenstat_domain_network(domain, i);

		fprintf(out, "Net%u RX: %8llubytes %8llupkts %8lluerr %8lludrop  ", i, xenstat_network_rbytes(n),
			xenstat_network_rpackets(n), xenstat_network_rerrs(n), xenstat_network_rdrop(n));
		fprintf(out, "TX: %8llubytes %8llupkts %8lluerr %8lludrop\n", xenstat_network_tbytes(n),
			xenstat_network_tpackets(n), xenstat_network_terrs(n), xenstat_network_tdrop(n));
	}
}

static void vbd_lines(FILE *out, xenstat_domain *domain)
{
	static const char *const types[] = { "Unidentified", "BlkBack", "BlkTap", "Qdisk" };

	for (unsigned int i = 0; i < xenstat_domain_num_vbds(domain); i++) {
		xenstat_vbd *v = xenstat_domain_vbd(domain, i);
		unsigned int type = xenstat_vbd_type(v), dev = xenstat_vbd_dev(v);

		fprintf(out, "VBD %s %4u [%2x:%2x] ", types[type < ARRAY_SIZE(types) ? type : 0], dev, dev >> 8 & 0xfff,
			dev & 0xff);
		if (xenstat_vbd_error(v))
			fprintf(out, " OO: %8c   RD: %8c   WR: %8c   RSECT: %10c   WSECT: %10c\n", '-', '-', '-', '-', '-');
		else
			fprintf(out, " OO: %8llu   RD: %8llu   WR: %8llu   RSECT: %10llu   WSECT: %10llu\n",
				xenstat_vbd_oo_reqs(v), xenstat_vbd_rd_reqs(v), xenstat_vbd_wr_reqs(v),
				xenstat_vbd_rd_sects(v), xenstat_vbd_wr_sects(v));
	}
}

char *detail_lines(xenstat_domain *domain, const struct top_options *o)
{
	char *lines = NULL;
	size_t size;
	FILE *out;

	if (!o->vcpus && !o->networks && !o->vbds)
		return NULL;
	out = open_memstream(&lines, &size);
	if (!out)
		return NULL;
	if (o->vcpus)
		vcpu_lines(out, domain);
	if (o->networks)
		network_lines(out, domain);
	if (o->vbds)
		vbd_lines(out, domain);
	fclose(out);
	return lines;
}

/* qsort has no argument for the comparison; there is one thread and one table. */
static const struct sample *sort_sample;
static size_t sort_column;

static int compare(const void *a, const void *b)
{
	xenstat_domain *x = *(xenstat_domain *const *)a, *y = *(xenstat_domain *const *)b;
	unsigned int idx = xenstat_domain_id(x), idy = xenstat_domain_id(y);
	double kx = 0, ky = 0;

	if (sort_column != SORT_BY_ID && columns[sort_column].key) {
		kx = columns[sort_column].key(sort_sample, x);
		ky = columns[sort_column].key(sort_sample, y);
	} else if (sort_column == COLUMN_NAME) {
		int order = strcasecmp(xenstat_domain_name(x), xenstat_domain_name(y));

		if (order)
			return order;
	}
	if (kx != ky)
		return kx < ky ? 1 : -1;
	return idx < idy ? -1 : idx > idy;
}

xenstat_domain **sorted_domains(const struct sample *sample, size_t column, unsigned int *count)
{
	xenstat_domain **list;

	*count = xenstat_node_num_domains(sample->now);
	list = calloc(*count ? *count : 1, sizeof(*list));
	if (!list)
		return NULL;
	for (unsigned int i = 0; i < *count; i++)
		list[i] = xenstat_node_domain_by_index(sample->now, i);
	sort_sample = sample;
	sort_column = column;
	qsort(list, *count, sizeof(*list), compare);
	return list;
}
