// SPDX-License-Identifier: GPL-2.0-only
/* sched-rtds: period, budget and extra time of domains and of single vCPUs, in microseconds. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"

#define MOST_VCPUS 512

/* -v 0 -p 100 -b 50 -v 3 -p 300: settings belong to the -v before them. */
struct rtds_request {
	const char *domain;
	const char *pool;
	bool json, all, vcpus, sets;
	libxl_vcpu_sched_params list;	/* with all, the one entry for all of them */
};

static void print_head(const struct rtds_request *r)
{
	if (r->vcpus)
		printf("%-33s %4s %4s %9s %9s %10s\n", "Name", "ID", "VCPU", "Period", "Budget", "Extratime");
	else
		printf("%-33s %4s %9s %9s %10s\n", "Name", "ID", "Period", "Budget", "Extratime");
}

/* @vcpu: -1: the domain's own, which new vCPUs get */
static void print_params(uint32_t domid, int vcpu, int period, int budget, int extratime, bool json)
{
	char *name = xl_listed_name(domid, json);

	if (json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
		if (vcpu >= 0)
			json_number("vcpu", (uint64_t)vcpu);
		json_number("period_us", (uint64_t)period);
		json_number("budget_us", (uint64_t)budget);
		json_flag("extratime", extratime);
		json_object_end();
	} else {
		printf("%-33s %4u", name, domid);
		if (vcpu >= 0)
			printf(" %4d", vcpu);
		printf(" %9d %9d %10s\n", period, budget, extratime ? "yes" : "no");
	}
	free(name);
}

static int print_vcpus(uint32_t domid, struct rtds_request *r)
{
	libxl_vcpu_sched_params all, *list = r->all ? &all : &r->list;
	int rc;

	libxl_vcpu_sched_params_init(&all);
	rc = r->all ? libxl_vcpu_sched_params_get_all(ctx, domid, list) : libxl_vcpu_sched_params_get(ctx, domid, list);
	for (int i = 0; !rc && i < list->num_vcpus; i++)
		print_params(domid, list->vcpus[i].vcpuid, list->vcpus[i].period, list->vcpus[i].budget,
			     list->vcpus[i].extratime, r->json);
	libxl_vcpu_sched_params_dispose(&all);
	return rc;
}

static int print_domain(uint32_t domid, struct rtds_request *r)
{
	libxl_domain_sched_params params;
	int rc;

	if (r->vcpus)
		return print_vcpus(domid, r);
	libxl_domain_sched_params_init(&params);
	rc = libxl_domain_sched_params_get(ctx, domid, &params);
	if (!rc && params.sched != LIBXL_SCHEDULER_RTDS)
		rc = xl_error("domain %u is in a pool with another scheduler", domid);
	if (!rc)
		print_params(domid, -1, params.period, params.budget, params.extratime, r->json);
	libxl_domain_sched_params_dispose(&params);
	return rc;
}

static void show_pool(const libxl_cpupoolinfo *pool, const libxl_dominfo *list, int count, void *arg)
{
	struct rtds_request *r = arg;

	if (r->json) {
		json_object(NULL);
		json_pool(pool);
		json_array("domains");
	} else {
		printf("Cpupool %s: sched=RTDS\n", pool->pool_name);
		print_head(r);
	}
	for (int i = 0; i < count; i++)
		if (list[i].cpupool == pool->poolid)
			print_domain(list[i].domid, r);
	if (r->json) {
		json_array_end();
		json_object_end();
	}
}

static int set_params(uint32_t domid, const struct rtds_request *r)
{
	int rc = r->all ? libxl_vcpu_sched_params_set_all(ctx, domid, &r->list) :
			  libxl_vcpu_sched_params_set(ctx, domid, &r->list);

	return rc ? xl_libxl_error(rc, "period and budget of domain `%s' could not be set", r->domain) : XL_EXIT_OK;
}

static int carry_out(struct rtds_request *r)
{
	uint32_t domid;
	int rc;

	if (r->pool && (r->domain || r->sets))
		return xl_error("Specifying a cpupool is not allowed with other options than -v");
	if (r->sets && !(r->domain && r->vcpus))
		return xl_error("Must specify a domain (-d) and vCPUs (-v) to set their parameters");
	if (r->vcpus && !r->all && !r->domain)
		return xl_error("Must specify a domain (-d) whose vCPUs these are");
	if (!r->domain)
		return each_pool(LIBXL_SCHEDULER_RTDS, r->pool, r->json, show_pool, r);
	if (!xl_find_domain(r->domain, &domid))
		return XL_EXIT_FAIL;
	if (r->sets)
		return set_params(domid, r);
	if (!r->json)
		print_head(r);
	else if (r->vcpus)
		json_array(NULL);
	rc = print_domain(domid, r);
	if (r->json && r->vcpus)
		json_array_end();
	return rc ? XL_EXIT_FAIL : XL_EXIT_OK;
}

/* One more entry of the list. */
static int add_vcpu(struct rtds_request *r, const char *text)
{
	libxl_sched_params *p;
	long id = -1;

	if (strcmp(text, "all") && !parse_number(text, "a vCPU", 0, MOST_VCPUS - 1, &id))
		return -1;
	if (r->all || (r->vcpus && id < 0)) {
		xl_error("-v all is for all vCPUs, and stands alone");
		return -1;
	}
	r->vcpus = true;
	r->all = id < 0;
	r->list.vcpus = xl_realloc(r->list.vcpus, sizeof(*p) * (size_t)(r->list.num_vcpus + 1));
	p = &r->list.vcpus[r->list.num_vcpus++];
	libxl_sched_params_init(p);
	p->vcpuid = (int)id;
	return 0;
}

static int add_setting(struct rtds_request *r, int option, const char *text)
{
	libxl_sched_params *p = r->list.num_vcpus ? &r->list.vcpus[r->list.num_vcpus - 1] : NULL;
	long number;

	if (!parse_number(text, "this parameter", option == 'e' ? 0 : 1, option == 'e' ? 1 : INT_MAX, &number))
		return -1;
	if (!p) {
		xl_error("-%c belongs to the -v before it, as in -v 0 -p 10000 -b 4000", option);
		return -1;
	}
	*(option == 'p' ? &p->period : option == 'b' ? &p->budget : &p->extratime) = (int)number;
	r->sets = true;
	return 0;
}

int cmd_sched_rtds(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "domain", required_argument, NULL, 'd' },    { "vcpuid", required_argument, NULL, 'v' },
		{ "period", required_argument, NULL, 'p' },    { "budget", required_argument, NULL, 'b' },
		{ "extratime", required_argument, NULL, 'e' }, { "cpupool", required_argument, NULL, 'c' },
		OPTION_JSON, { 0 },
	};
	struct rtds_request r = { 0 };
	int option, wrong = 0, result;

	libxl_vcpu_sched_params_init(&r.list);
	while (!wrong && (option = next_option(argc, argv, "d:v:p:b:e:c:", longs, 0)) != -1) {
		const char *value = optarg && *optarg == '=' ? optarg + 1 : optarg;

		switch (option) {
		case 'd':
			r.domain = value;
			break;
		case 'c':
			r.pool = value;
			break;
		case 'j':
			r.json = true;
			break;
		case 'v':
			wrong = add_vcpu(&r, value);
			break;
		default:
			wrong = add_setting(&r, option, value);
		}
	}
	result = wrong ? XL_EXIT_FAIL : carry_out(&r);
	libxl_vcpu_sched_params_dispose(&r.list);
	return result;
}
