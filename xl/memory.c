// SPDX-License-Identifier: GPL-2.0-only
/* mem-set and mem-max. */
#include "cmd.h"

static int change_memory(int argc, char **argv, bool limit)
{
	uint32_t domid;
	int64_t kib;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	kib = parse_memory(argv[optind + 1]);
	if (kib < 0)
		return XL_EXIT_FAIL;
	rc = limit ? libxl_domain_setmaxmem(ctx, domid, (uint64_t)kib) :
		     libxl_set_memory_target(ctx, domid, kib, 0, 1);
	if (!rc)
		return XL_EXIT_OK;
	return xl_libxl_error(rc, limit ? "the memory limit of domain `%s' could not be set to %s" :
					  "the memory of domain `%s' could not be set to %s",
			      argv[optind], argv[optind + 1]);
}

int cmd_mem_set(int argc, char **argv)
{
	return change_memory(argc, argv, false);
}

int cmd_mem_max(int argc, char **argv)
{
	return change_memory(argc, argv, true);
}
