// SPDX-License-Identifier: GPL-2.0-only
/* sched-credit2, and sched-credit where a pool runs that scheduler; cpupool-list. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

struct sched_request {
	libxl_scheduler sched;
	const char *domain;
	const char *pool;
	bool schedparam;
	long weight, cap, ratelimit, tslice, delay; /* -1: leave it */
};

static void print_pool(const libxl_cpupoolinfo *pool, libxl_scheduler sched)
{
	libxl_sched_credit2_params two;
	libxl_sched_credit_params one;

	if (sched == LIBXL_SCHEDULER_CREDIT2) {
		libxl_sched_credit2_params_init(&two);
		if (libxl_sched_credit2_params_get(ctx, pool->poolid, &two))
			printf("Cpupool %s: [sched params unavailable]\n", pool->pool_name);
		else
			printf("Cpupool %s: ratelimit=%dus\n", pool->pool_name, two.ratelimit_us);
		return;
	}
	libxl_sched_credit_params_init(&one);
	if (libxl_sched_credit_params_get(ctx, pool->poolid, &one))
		printf("Cpupool %s: [sched params unavailable]\n", pool->pool_name);
	else
		printf("Cpupool %s: tslice=%dms ratelimit=%dus migration-delay=%dus\n", pool->pool_name, one.tslice_ms,
		       one.ratelimit_us, one.vcpu_migr_delay_us);
}

static void print_head(void)
{
	printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
}

static int print_domain(uint32_t domid, libxl_scheduler sched)
{
	libxl_domain_sched_params params;
	char *name;
	int rc;

	libxl_domain_sched_params_init(&params);
	rc = libxl_domain_sched_params_get(ctx, domid, &params);
	if (!rc && params.sched != sched)
		rc = xl_error("domain %u is in a pool with another scheduler", domid);
	if (!rc) {
		name = xl_domain_name(domid);
		printf("%-33s %4u %6d %4d\n", name, domid, params.weight, params.cap);
		free(name);
	}
	libxl_domain_sched_params_dispose(&params);
	return rc;
}

static int show_pools(const struct sched_request *r)
{
	int pools, count, result = XL_EXIT_OK;
	libxl_cpupoolinfo *pool = libxl_list_cpupool(ctx, &pools);
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	uint32_t only = LIBXL_CPUPOOL_POOLID_ANY;

	if (!pool || !list)
		result = xl_error("pools and domains could not be listed");
	else if (r->pool && libxl_cpupool_qualifier_to_cpupoolid(ctx, r->pool, &only, NULL))
		result = xl_error("unknown cpupool '%s'; see `xl cpupool-list'", r->pool);
	for (int i = 0; !result && i < pools; i++) {
		if (pool[i].sched != r->sched || (r->pool && pool[i].poolid != only))
			continue;
		print_pool(&pool[i], r->sched);
		if (r->schedparam)
			continue;
		print_head();
		for (int j = 0; !result && j < count; j++)
			if (list[j].cpupool == pool[i].poolid)
				print_domain(list[j].domid, r->sched);
	}
	if (pool)
		libxl_cpupoolinfo_list_free(pool, pools);
	if (list)
		libxl_dominfo_list_free(list, count);
	return result;
}

static int set_pool(const struct sched_request *r)
{
	uint32_t poolid = 0;
	int rc;

	if (r->pool && libxl_cpupool_qualifier_to_cpupoolid(ctx, r->pool, &poolid, NULL))
		return xl_error("unknown cpupool '%s'; see `xl cpupool-list'", r->pool);
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
		print_head();
		return print_domain(domid, r->sched) ? XL_EXIT_FAIL : XL_EXIT_OK;
	}
	libxl_domain_sched_params_init(&params);
	params.sched = r->sched;
	params.weight = r->weight >= 0 ? (int)r->weight : params.weight;
	params.cap = r->cap >= 0 ? (int)r->cap : params.cap;
	rc = libxl_domain_sched_params_set(ctx, domid, &params);
	libxl_domain_sched_params_dispose(&params);
	return rc ? xl_libxl_error(rc, "weight and cap of domain `%s' could not be set", r->domain) : XL_EXIT_OK;
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

static int sched_command(int argc, char **argv, libxl_scheduler sched, const char *letters)
{
	static const struct option longs[] = {
		{ "domain", required_argument, NULL, 'd' },	  { "weight", required_argument, NULL, 'w' },
		{ "cap", required_argument, NULL, 'c' },	  { "schedparam", no_argument, NULL, 's' },
		{ "tslice_ms", required_argument, NULL, 't' },	  { "ratelimit_us", required_argument, NULL, 'r' },
		{ "migration_delay_us", required_argument, NULL, 'm' }, { "cpupool", required_argument, NULL, 'p' },
		{ 0 },
	};
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
	}
	if (check_request(&r))
		return XL_EXIT_FAIL;
	drop_unused(&r);
	if (r.domain)
		return set_domain(&r);
	if (r.ratelimit >= 0 || r.tslice >= 0 || r.delay >= 0)
		return set_pool(&r);
	return show_pools(&r);
}

int cmd_sched_credit2(int argc, char **argv)
{
	return sched_command(argc, argv, LIBXL_SCHEDULER_CREDIT2, "d:w:c:sr:p:");
}

int cmd_sched_credit(int argc, char **argv)
{
	int scheduler = libxl_get_scheduler(ctx);

	if (scheduler >= 0 && scheduler != LIBXL_SCHEDULER_CREDIT)
		return xl_error("the host runs the scheduler %s, not credit; use `xl sched-%s'",
				libxl_scheduler_to_string((libxl_scheduler)scheduler),
				libxl_scheduler_to_string((libxl_scheduler)scheduler));
	return sched_command(argc, argv, LIBXL_SCHEDULER_CREDIT, "d:w:c:st:r:m:p:");
}

static void print_cpupool(const libxl_cpupoolinfo *pool, bool cpus)
{
	uint32_t cpu;
	int count = 0;

	printf("%-19s", pool->pool_name);
	libxl_for_each_set_bit(cpu, pool->cpumap) {
		if (cpus)
			printf("%s%u", count ? "," : "", cpu);
		count++;
	}
	if (!cpus)
		printf("%3d %9s       y       %4u", count, libxl_scheduler_to_string(pool->sched), pool->n_dom);
	printf("\n");
}

int cmd_cpupool_list(int argc, char **argv)
{
	static const struct option longs[] = { { "cpus", no_argument, NULL, 'c' }, { 0 } };
	bool cpus = false, found = false;
	libxl_cpupoolinfo *pools;
	int option, count;

	while ((option = next_option(argc, argv, "c", longs, 0)) != -1)
		cpus = cpus || option == 'c';
	pools = libxl_list_cpupool(ctx, &count);
	if (!pools)
		return xl_error("the CPU pools could not be listed");
	printf(cpus ? "%-19sCPU list\n" : "%-19sCPUs   Sched     Active   Domain count\n", "Name");
	for (int i = 0; i < count; i++) {
		if (argv[optind] && strcmp(argv[optind], pools[i].pool_name))
			continue;
		print_cpupool(&pools[i], cpus);
		found = true;
	}
	libxl_cpupoolinfo_list_free(pools, count);
	return found || !argv[optind] ? XL_EXIT_OK : xl_error("there is no CPU pool `%s'", argv[optind]);
}
