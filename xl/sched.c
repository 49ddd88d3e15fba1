// SPDX-License-Identifier: GPL-2.0-only
/* sched-credit2, and sched-credit where a pool runs that scheduler. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"

struct sched_request {
	libxl_scheduler sched;
	const char *domain;
	const char *pool;
	bool schedparam;
	bool json;
	long weight, cap, ratelimit, tslice, delay; /* -1: leave it */
};

static void print_pool2(const libxl_cpupoolinfo *pool, bool json)
{
	libxl_sched_credit2_params p;

	libxl_sched_credit2_params_init(&p);
	if (libxl_sched_credit2_params_get(ctx, pool->poolid, &p)) {
		if (!json)
			printf("Cpupool %s: [sched params unavailable]\n", pool->pool_name);
	} else if (json) {
		json_number("ratelimit_us", (uint64_t)p.ratelimit_us);
	} else {
		printf("Cpupool %s: ratelimit=%dus\n", pool->pool_name, p.ratelimit_us);
	}
}

static void print_pool1(const libxl_cpupoolinfo *pool, bool json)
{
	libxl_sched_credit_params p;

	libxl_sched_credit_params_init(&p);
	if (libxl_sched_credit_params_get(ctx, pool->poolid, &p)) {
		if (!json)
			printf("Cpupool %s: [sched params unavailable]\n", pool->pool_name);
	} else if (json) {
		json_number("tslice_ms", (uint64_t)p.tslice_ms);
		json_number("ratelimit_us", (uint64_t)p.ratelimit_us);
		json_number("migration_delay_us", (uint64_t)p.vcpu_migr_delay_us);
	} else {
		printf("Cpupool %s: tslice=%dms ratelimit=%dus migration-delay=%dus\n", pool->pool_name, p.tslice_ms,
		       p.ratelimit_us, p.vcpu_migr_delay_us);
	}
}

static void print_pool(const libxl_cpupoolinfo *pool, bool json)
{
	if (json) {
		json_object(NULL);
		json_pool(pool);
	}
	if (pool->sched == LIBXL_SCHEDULER_CREDIT2)
		print_pool2(pool, json);
	else
		print_pool1(pool, json);
}

static void print_head(void)
{
	printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
}

static void print_share(uint32_t domid, const libxl_domain_sched_params *params, bool json)
{
	char *name = xl_listed_name(domid, json);

	if (json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
		json_number("weight", (uint64_t)params->weight);
		json_number("cap_percent", (uint64_t)params->cap);
		json_object_end();
	} else {
		printf("%-33s %4u %6d %4d\n", name, domid, params->weight, params->cap);
	}
	free(name);
}

static int print_domain(uint32_t domid, const struct sched_request *r)
{
	libxl_domain_sched_params params;
	int rc;

	libxl_domain_sched_params_init(&params);
	rc = libxl_domain_sched_params_get(ctx, domid, &params);
	if (!rc && params.sched != r->sched)
		rc = xl_error("domain %u is in a pool with another scheduler", domid);
	if (!rc)
		print_share(domid, &params, r->json);
	libxl_domain_sched_params_dispose(&params);
	return rc;
}

static void show_pool(const libxl_cpupoolinfo *pool, const libxl_dominfo *list, int count, void *arg)
{
	const struct sched_request *r = arg;

	print_pool(pool, r->json);
	if (r->json)
		json_array("domains");
	else if (!r->schedparam)
		print_head();
	for (int i = 0; !r->schedparam && i < count; i++)
		if (list[i].cpupool == pool->poolid)
			print_domain(list[i].domid, r);
	if (r->json) {
		json_array_end();
		json_object_end();
	}
}

static int set_pool(const struct sched_request *r)
{
	uint32_t poolid = 0;
	int rc;

	if (r->pool && !pool_named(r->pool, &poolid))
		return XL_EXIT_FAIL;
	if (r->sched == LIBXL_SCHEDULER_CREDIT2) {
		libxl_sched_credit2_params params = { .ratelimit_us = (int)r->ratelimit };

		rc = libxl_sched_credit2_params_set(ctx, poolid, &params);
	} else {
		libxl_sched_credit_params params;

		libxl_sched_credit_params_init(&params);
		rc = libxl_sched_credit_params_get(ctx, poolid, &params);
		params.tslice_ms = r->tslice >= 0 ? (int)r->tslice : params.tslice_ms;
		params.ratelimit_us = r->ratelimit >= 0 ? (int)r->ratelimit : params.ratelimit_us;
		params.vcpu_migr_delay_us = r->delay >= 0 ? (int)r->delay : params.vcpu_migr_delay_us;
		if (!rc)
			rc = libxl_sched_credit_params_set(ctx, poolid, &params);
	}
	return rc ? xl_libxl_error(rc, "the scheduler parameters could not be set") : XL_EXIT_OK;
}

static int set_domain(const struct sched_request *r)
{
	libxl_domain_sched_params params;
	uint32_t domid;
	int rc;

	if (!xl_find_domain(r->domain, &domid))
		return XL_EXIT_FAIL;
	if (r->weight < 0 && r->cap < 0) {
		if (!r->json)
			print_head();
		return print_domain(domid, r) ? XL_EXIT_FAIL : XL_EXIT_OK;
	}
	libxl_domain_sched_params_init(&params);
	params.sched = r->sched;
	params.weight = r->weight >= 0 ? (int)r->weight : params.weight;
	params.cap = r->cap >= 0 ? (int)r->cap : params.cap;
	rc = libxl_domain_sched_params_set(ctx, domid, &params);
	libxl_domain_sched_params_dispose(&params);
	return rc ? xl_libxl_error(rc, "weight and cap of domain `%s' could not be set", r->domain) : XL_EXIT_OK;
}

/* Nearly every host has credit2, and this one's parameters would be looked for in vain. */
static int check_scheduler(libxl_scheduler sched)
{
	int scheduler = sched == LIBXL_SCHEDULER_CREDIT ? libxl_get_scheduler(ctx) : (int)sched;

	if (scheduler < 0 || scheduler == (int)sched)
		return 0;
	return xl_error("the host runs the scheduler %s, not credit; use `xl sched-%s'",
			libxl_scheduler_to_string((libxl_scheduler)scheduler),
			libxl_scheduler_to_string((libxl_scheduler)scheduler));
}

static int check_request(const struct sched_request *r)
{
	if (r->pool && (r->domain || r->weight >= 0 || r->cap >= 0))
		return xl_error("Specifying a cpupool is not allowed with other options than -s");
	if ((r->weight >= 0 || r->cap >= 0) && !r->domain)
		return xl_error("Must specify a domain (-d) to set its weight or cap");
	return 0;
}

/* What 4.17 passes over in silence. */
static void drop_unused(struct sched_request *r)
{
	if (!r->schedparam && (r->ratelimit >= 0 || r->tslice >= 0 || r->delay >= 0)) {
		xl_warn("parameters of the scheduler are set with -s only, and are left alone");
		r->ratelimit = r->tslice = r->delay = -1;
	}
	if (r->schedparam && r->domain) {
		xl_warn("-s is about the scheduler, so -d has no effect");
		r->domain = NULL;
		r->weight = r->cap = -1;
	}
}

/* credit's; credit2 has all but the first two */
static const struct option credit_options[] = {
	{ "tslice_ms", required_argument, NULL, 't' },	  { "migration_delay_us", required_argument, NULL, 'm' },
	{ "domain", required_argument, NULL, 'd' },	  { "weight", required_argument, NULL, 'w' },
	{ "cap", required_argument, NULL, 'c' },	  { "schedparam", no_argument, NULL, 's' },
	{ "ratelimit_us", required_argument, NULL, 'r' }, { "cpupool", required_argument, NULL, 'p' },
	OPTION_JSON, { 0 },
};

static int sched_command(int argc, char **argv, libxl_scheduler sched, const char *letters, const struct option *longs)
{
	struct sched_request r = { .sched = sched, .weight = -1, .cap = -1, .ratelimit = -1, .tslice = -1, .delay = -1 };
	int option;

	while ((option = next_option(argc, argv, letters, longs, 0)) != -1) {
		/* -w=512 is how the usage line writes it */
		const char *value = optarg && *optarg == '=' ? optarg + 1 : optarg;
		long *number = option == 'w' ? &r.weight : option == 'c' ? &r.cap : option == 'r' ? &r.ratelimit :
			       option == 't' ? &r.tslice : option == 'm' ? &r.delay : NULL;

		if (number && !parse_number(value, "this parameter", 0, INT_MAX, number))
			return XL_EXIT_FAIL;
		if (option == 'd')
			r.domain = value;
		else if (option == 'p')
			r.pool = value;
		else if (option == 's')
			r.schedparam = true;
		else if (option == 'j')
			r.json = true;
	}
	if (check_scheduler(sched) || check_request(&r))
		return XL_EXIT_FAIL;
	drop_unused(&r);
	if (r.domain)
		return set_domain(&r);
	if (r.ratelimit >= 0 || r.tslice >= 0 || r.delay >= 0)
		return set_pool(&r);
	return each_pool(r.sched, r.pool, r.json, show_pool, &r);
}

int cmd_sched_credit2(int argc, char **argv)
{
	return sched_command(argc, argv, LIBXL_SCHEDULER_CREDIT2, "d:w:c:sr:p:", credit_options + 2);
}

int cmd_sched_credit(int argc, char **argv)
{
	return sched_command(argc, argv, LIBXL_SCHEDULER_CREDIT, "d:w:c:st:r:m:p:", credit_options);
}
