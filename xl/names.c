// SPDX-License-Identifier: GPL-2.0-only
/* domid, domname, rename. */
#include <stdlib.h>

#include "cmd.h"
#include "json.h"

static void print_pair(uint32_t domid, const char *name)
{
	json_object(NULL);
	json_number("domid", domid);
	json_text("name", name);
	json_object_end();
}

static int unknown_name(const char *name)
{
	char *text = xl_printf("Can't get domid of domain name '%s', maybe this domain does not exist", name);

	xl_no_domain(name, text, ".");
	free(text);
	return XL_EXIT_FAIL;
}

int cmd_domid(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);
	uint32_t domid;

	if (libxl_name_to_domid(ctx, argv[optind], &domid))
		return unknown_name(argv[optind]);
	if (json)
		print_pair(domid, argv[optind]);
	else
		printf("%u\n", domid);
	return XL_EXIT_OK;
}

int cmd_domname(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);
	char *name;
	long domid;

	if (!parse_number(argv[optind], "a domain id", 0, 65535, &domid))
		return XL_EXIT_FAIL;
	name = libxl_domid_to_name(ctx, (uint32_t)domid);
	if (!name)
		return xl_fail(XL_KIND_NO_DOMAIN, "Can't get domain name of domain id '%s', maybe this domain does not exist.",
			       argv[optind]);
	if (json)
		print_pair((uint32_t)domid, name);
	else
		printf("%s\n", name);
	free(name);
	return XL_EXIT_OK;
}

int cmd_rename(int argc, char **argv)
{
	uint32_t domid;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	rc = libxl_domain_rename(ctx, domid, NULL, argv[optind + 1]);
	return rc ? xl_libxl_error(rc, "domain `%s' could not be renamed to `%s'", argv[optind],
				   argv[optind + 1]) : XL_EXIT_OK;
}
