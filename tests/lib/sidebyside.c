// SPDX-License-Identifier: GPL-2.0-only
/*
 * sidebyside KERNEL RAMDISK: one process, one context. Two creations run side by side while domains are listed;
 * then a third is aborted in the middle, and all are destroyed. Prints what it saw, exits 0 when all is well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libxl.h>
#include <libxl_utils.h>

#define CREATES 2

static libxl_ctx *ctx;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fill(libxl_domain_config *c, const char *name, char **files)
{
	libxl_domain_config_init(c);
	c->c_info.type = LIBXL_DOMAIN_TYPE_PV;
	c->c_info.name = strdup(name);
	libxl_uuid_generate(&c->c_info.uuid);
	libxl_domain_build_info_init_type(&c->b_info, LIBXL_DOMAIN_TYPE_PV);
	c->b_info.max_memkb = c->b_info.target_memkb = 128 << 10;
	c->b_info.max_vcpus = 1;
	c->b_info.kernel = strdup(files[0]);
	c->b_info.ramdisk = strdup(files[1]);
}

static int finished(uint64_t *which)
{
	libxl_event *ev;
	int rc = libxl_event_check(ctx, &ev, LIBXL_EVENTMASK_ALL, NULL, NULL);

	if (rc)
		return rc;
	*which = ev->for_user;
	rc = ev->u.operation_complete.rc;
	libxl_event_free(ctx, ev);
	return rc ? -1000 + rc : 0;
}

/* Lists domains until all creations have ended; the longest wait for a list. */
static int wait_all(int left, double *longest, int *lists)
{
	int failed = 0;

	while (left) {
		uint64_t which;
		double start = now();
		int n, rc;
		libxl_dominfo *list = libxl_list_domain(ctx, &n);

		if (!list)
			return 1;
		libxl_dominfo_list_free(list, n);
		*lists += 1;
		if (now() - start > *longest)
			*longest = now() - start;
		rc = finished(&which);
		if (rc == ERROR_NOT_READY)
			continue;
		left--;
		failed += rc != 0;
	}
	return failed;
}

int main(int argc, char **argv)
{
	libxl_domain_config config[CREATES + 1];
	libxl_asyncop_how how = { .callback = NULL };
	uint32_t domid[CREATES + 1];
	double longest = 0, start = now();
	int lists = 0, failed, rc = 0, i;

	if (argc != 3 || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, NULL))
		return 2;
	for (i = 0; i < CREATES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "side%d", i);
		fill(&config[i], name, argv + 1);
		how.u.for_event = (uint64_t)i + 1;
		rc |= libxl_domain_create_new(ctx, &config[i], &domid[i], &how, NULL);
	}
	failed = wait_all(CREATES, &longest, &lists);
	printf("%d creations in %.2f s, %d failed; %d lists meanwhile, the slowest %.3f s\n", CREATES, now() - start, failed,
		lists, longest);
	fill(&config[CREATES], "aborted", argv + 1);
	rc |= libxl_domain_create_new(ctx, &config[CREATES], &domid[CREATES], &how, NULL);
	rc |= libxl_ao_abort(ctx, &how);
	failed += wait_all(1, &longest, &lists) != 1;	/* it must fail */
	if (domid[CREATES] != INVALID_DOMID && libxl_domid_to_name(ctx, domid[CREATES]))
		printf("the aborted domain %u is still there\n", domid[CREATES]), rc = 1;
	for (i = 0; i < CREATES; i++)
		rc |= libxl_domain_destroy(ctx, domid[i], NULL);
	for (i = 0; i <= CREATES; i++)
		libxl_domain_config_dispose(&config[i]);
	libxl_ctx_free(ctx);
	return rc || failed || longest > 2;
}
