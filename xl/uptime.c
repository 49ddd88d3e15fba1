// SPDX-License-Identifier: GPL-2.0-only
/* uptime */
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "cmd.h"
#include "json.h"

struct uptime_style {
	bool brief;
	bool json;
	time_t now;
};

static bool seconds_up(uint32_t domid, time_t now, uint64_t *up)
{
	struct sysinfo host;
	uint32_t started;

	/* Domain 0 is this system. */
	if (!domid) {
		*up = sysinfo(&host) ? 0 : (uint64_t)host.uptime;
		return true;
	}
	started = libxl_vm_get_start_time(ctx, domid);
	*up = (time_t)started > now ? 0 : (uint64_t)now - started;
	return started != (uint32_t)-1;
}

/* "3 days,  4:05:06"; without the seconds in the brief style. */
static void format_uptime(uint64_t up, bool brief, char *text, size_t size)
{
	unsigned long long days = up / 86400, hours = up / 3600 % 24, minutes = up / 60 % 60;
	char prefix[48] = "";

	if (days)
		snprintf(prefix, sizeof(prefix), days > 1 ? "%llu days, " : "%llu day, ", days);
	if (brief)
		snprintf(text, size, "%s%2llu:%02llu", prefix, hours, minutes);
	else
		snprintf(text, size, "%s%2llu:%02llu:%02llu", prefix, hours, minutes, (unsigned long long)up % 60);
}

static void print_uptime(uint32_t domid, struct uptime_style *style)
{
	char *name, text[96], clock[16] = "";
	struct tm local;
	uint64_t up;

	if (!seconds_up(domid, style->now, &up))
		return; /* libxl has said so */
	name = xl_listed_name(domid, style->json);
	format_uptime(up, style->brief, text, sizeof(text));
	if (style->json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
		json_number("uptime_seconds", up);
		json_object_end();
	} else if (style->brief) {
		if (localtime_r(&style->now, &local))
			strftime(clock, sizeof(clock), "%H:%M:%S", &local);
		printf(" %s up %s, %s (%u)\n", clock, text, name, domid);
	} else {
		printf("%-33s %4u %s\n", name, domid, text);
	}
	free(name);
}

static int print_all(struct uptime_style *style)
{
	int count;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);

	if (!list)
		return xl_error("the domains could not be listed");
	for (int i = 0; i < count; i++)
		print_uptime(list[i].domid, style);
	libxl_dominfo_list_free(list, count);
	return XL_EXIT_OK;
}

int cmd_uptime(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "short", no_argument, NULL, 's' },
		OPTION_JSON,
		{ 0 },
	};
	struct uptime_style style = { .now = time(NULL) };
	uint32_t domid;
	int option, result = XL_EXIT_OK;

	while ((option = next_option(argc, argv, "s", longs, 0)) != -1) {
		style.brief = style.brief || option == 's';
		style.json = style.json || option == 'j';
	}
	/* A single name that is wrong prints nothing but its error. */
	if (argc - optind == 1 && !xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (style.json)
		json_array(NULL);
	else if (!style.brief)
		printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
	if (optind == argc)
		result = print_all(&style);
	for (int i = optind; i < argc; i++) {
		if (xl_find_domain(argv[i], &domid))
			print_uptime(domid, &style);
		else
			result = XL_EXIT_FAIL;
	}
	if (style.json)
		json_array_end();
	return result;
}
