// SPDX-License-Identifier: GPL-2.0-only
/* The columns of xentop over figures of our own, against lines that xentop 4.17 printed for the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "xentop.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the library's opaque types are here. */
struct xenstat_network {
	unsigned long long rbytes, tbytes;
};

struct xenstat_vbd {
	unsigned long long rd, wr;
	bool error;
};

struct xenstat_vcpu {
	unsigned int online;
	unsigned long long ns;
};

struct xenstat_domain {
	unsigned int id;
	char *name;
	unsigned long long cpu_ns, cur_mem, max_mem;
	unsigned int running, blocked, paused, shutdown, crashed, dying;
	unsigned int vcpus, networks, vbds;
	struct xenstat_vcpu vcpu[8];
	struct xenstat_network network[2];
	struct xenstat_vbd vbd[2];
};

struct xenstat_node {
	unsigned int domains;
	struct xenstat_domain domain[4];
};

unsigned int xenstat_node_num_domains(xenstat_node *n) { return n->domains; }
xenstat_domain *xenstat_node_domain_by_index(xenstat_node *n, unsigned int i) { return &n->domain[i]; }
unsigned long long xenstat_node_tot_mem(xenstat_node *n) { return 4095ull << 20; }
unsigned int xenstat_domain_id(xenstat_domain *d) { return d->id; }
char *xenstat_domain_name(xenstat_domain *d) { return d->name; }
unsigned long long xenstat_domain_cpu_ns(xenstat_domain *d) { return d->cpu_ns; }
unsigned long long xenstat_domain_cur_mem(xenstat_domain *d) { return d->cur_mem; }
unsigned long long xenstat_domain_max_mem(xenstat_domain *d) { return d->max_mem; }
unsigned int xenstat_domain_ssid(xenstat_domain *d) { return 0; }
unsigned int xenstat_domain_running(xenstat_domain *d) { return d->running; }
unsigned int xenstat_domain_blocked(xenstat_domain *d) { return d->blocked; }
unsigned int xenstat_domain_paused(xenstat_domain *d) { return d->paused; }
unsigned int xenstat_domain_shutdown(xenstat_domain *d) { return d->shutdown; }
unsigned int xenstat_domain_crashed(xenstat_domain *d) { return d->crashed; }
unsigned int xenstat_domain_dying(xenstat_domain *d) { return d->dying; }
unsigned int xenstat_domain_num_vcpus(xenstat_domain *d) { return d->vcpus; }
unsigned int xenstat_domain_num_networks(xenstat_domain *d) { return d->networks; }
unsigned int xenstat_domain_num_vbds(xenstat_domain *d) { return d->vbds; }
xenstat_vcpu *xenstat_domain_vcpu(xenstat_domain *d, unsigned int i) { return &d->vcpu[i]; }
xenstat_network *xenstat_domain_network(xenstat_domain *d, unsigned int i) { return &d->network[i]; }
xenstat_vbd *xenstat_domain_vbd(xenstat_domain *d, unsigned int i) { return &d->vbd[i]; }
unsigned int xenstat_vcpu_online(xenstat_vcpu *v) { return v->online; }
unsigned long long xenstat_vcpu_ns(xenstat_vcpu *v) { return v->ns; }
unsigned long long xenstat_network_rbytes(xenstat_network *n) { return n->rbytes; }
unsigned long long xenstat_network_tbytes(xenstat_network *n) { return n->tbytes; }
unsigned long long xenstat_network_rpackets(xenstat_network *n) { return 3; }
unsigned long long xenstat_network_tpackets(xenstat_network *n) { return 4; }
unsigned long long xenstat_network_rerrs(xenstat_network *n) { return 0; }
unsigned long long xenstat_network_terrs(xenstat_network *n) { return 0; }
unsigned long long xenstat_network_rdrop(xenstat_network *n) { return 0; }
unsigned long long xenstat_network_tdrop(xenstat_network *n) { return 0; }
unsigned int xenstat_vbd_type(xenstat_vbd *v) { return 1; }
unsigned int xenstat_vbd_dev(xenstat_vbd *v) { return 51712; }
bool xenstat_vbd_error(xenstat_vbd *v) { return v->error; }
unsigned long long xenstat_vbd_oo_reqs(xenstat_vbd *v) { return 0; }
unsigned long long xenstat_vbd_rd_reqs(xenstat_vbd *v) { return v->rd; }
unsigned long long xenstat_vbd_wr_reqs(xenstat_vbd *v) { return v->wr; }
unsigned long long xenstat_vbd_rd_sects(xenstat_vbd *v) { return v->rd * 8; }
unsigned long long xenstat_vbd_wr_sects(xenstat_vbd *v) { return v->wr * 8; }

xenstat_domain *xenstat_node_domain(xenstat_node *n, unsigned int id)
{
	for (unsigned int i = 0; i < n->domains; i++)
		if (n->domain[i].id == id)
			return &n->domain[i];
	return NULL;
}

static struct xenstat_node before = {
	.domains = 1,
	.domain = { { .id = 5, .name = "g2", .cpu_ns = 6000000 } },
};

static struct xenstat_node now = {
	.domains = 3,
	.domain = {
		{ .id = 9, .name = "a-name-that-is-long", .cpu_ns = 5000000000, .max_mem = -1ull, .paused = 1, .crashed = 1,
		  .shutdown = 1, .dying = 1 },
		{ .id = 0, .name = "Domain-0", .cpu_ns = 361500000000, .cur_mem = 1ull << 30, .max_mem = 1ull << 30,
		  .running = 1, .vcpus = 2, .vcpu = { { 1, 186999999999 }, { 1, 175000000000 } } },
		{ .id = 5, .name = "g2", .cpu_ns = 1000000000, .cur_mem = 128ull << 20, .max_mem = 129ull << 20,
		  .blocked = 1, .vcpus = 2, .networks = 2, .network = { { 2048, 5000 }, { 1024, 0 } }, .vbds = 1,
		  .vbd = { { 10, 20, false } }, .vcpu = { { 1, 1500000000 }, { 0, 0 } } },
	},
};

static const struct sample first = { .now = &now };
static const struct sample second = { .now = &now, .before = &before, .seconds = 1.0 };

static void expect_line(char *line, const char *wanted)
{
	assert_string_equal(line, wanted);
	free(line);
}

static void test_lines(void **state)
{
	expect_line(header_line(), "      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID");
	expect_line(domain_line(&first, &now.domain[1], false), "  Domain-0 -----r        361    0.0    1048576   25.0    1048576      25.0     2    0        0        0    0        0        0        0          0          0    0");
	expect_line(domain_line(&second, &now.domain[2], false), "        g2 --b---          1   99.4     131072    3.1     132096       3.2     2    2        4        3    1        0       10       20         80        160    0");
	expect_line(domain_line(&second, &now.domain[0], false), "a-name-tha ds-cp-          5    0.0          0    0.0   no limit       n/a     0    0        0        0    0        0        0        0          0          0    0");
	expect_line(domain_line(&second, &now.domain[0], true), "a-name-that-is-long ds-cp-          5    0.0          0    0.0   no limit       n/a     0    0        0        0    0        0        0        0          0          0    0");
}

static void test_details(void **state)
{
	const struct top_options none = { 0 }, vcpus = { .vcpus = true }, all = { .networks = true, .vbds = true };

	assert_null(detail_lines(&now.domain[1], &none));
	expect_line(detail_lines(&now.domain[1], &vcpus), "VCPUs(sec):   0:        186s  1:        175s\n");
	expect_line(detail_lines(&now.domain[2], &vcpus), "VCPUs(sec):   0:          1s\n");
	expect_line(detail_lines(&now.domain[2], &all),
		    "Net0 RX:     2048bytes        3pkts        0err        0drop  TX:     5000bytes        4pkts        0err        0drop\n"
		    "Net1 RX:     1024bytes        3pkts        0err        0drop  TX:        0bytes        4pkts        0err        0drop\n"
		    "VBD BlkBack 51712 [ca: 0]  OO:        0   RD:       10   WR:       20   RSECT:         80   WSECT:        160\n");
}

static void test_order(void **state)
{
	unsigned int count;
	xenstat_domain **list = sorted_domains(&first, SORT_BY_ID, &count);

	assert_int_equal(count, 3);
	assert_int_equal(xenstat_domain_id(list[0]), 0);
	assert_int_equal(xenstat_domain_id(list[2]), 9);
	free(list);
	list = sorted_domains(&first, 2, &count); /* CPU(sec), largest first */
	assert_int_equal(xenstat_domain_id(list[1]), 9);
	free(list);
	list = sorted_domains(&first, COLUMN_NAME, &count); /* whatever the case */
	assert_int_equal(xenstat_domain_id(list[0]), 9);
	assert_int_equal(xenstat_domain_id(list[1]), 0);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_details), cmocka_unit_test(test_order),
	};

	if (column_count != 19)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
