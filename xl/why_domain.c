// SPDX-License-Identifier: GPL-2.0-only
/* why DOMAIN: which operation is in flight, what was asked of the guest, what its end waits for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "json.h"
#include "mark.h"
#include "why.h"

/* What a guest may have of memory above its target: rounding, and what the hypervisor counts with it. */
#define BALLOON_SLACK_KIB 2048

static void operations(struct report *r, const libxl_dominfo *info)
{
	size_t count;
	struct journal_entry *list = journal_list(&count);

	for (size_t i = 0; i < count; i++) {
		struct finding *f;
		char *who;

		if (libxl_uuid_compare(&list[i].uuid, &info->uuid))
			continue;
		who = by_process(list[i].pid, list[i].since);
		f = report_add(r, list[i].creation ? "creation" : "removal", NULL,
			       "it is being %s%s", list[i].creation ? "created" : "removed", who);
		fact_process(f, list[i].pid, list[i].since);
		free(who);
	}
	free(list);
}

static void saving(struct report *r, const libxl_dominfo *info)
{
	enum mark_state state = mark_state(info->domid, MARK_SAVE);
	bool suspended = info->shutdown && info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND;
	struct finding *f;
	time_t since;
	long pid;

	if (state == MARK_ALIVE && mark_author(info->domid, MARK_SAVE, &pid, &since)) {
		char *who = by_process(pid, since);

		f = report_add(r, "save", NULL, "it is being saved%s", who);
		fact_process(f, pid, since);
		free(who);
	} else if (suspended) {
		report_add(r, "suspended", xl_printf("`xl unpause %u' lets it go on", info->domid),
			   "it is suspended, by a save that was interrupted or by another tool");
	}
}

/* The guest takes the word away when it begins to do what it says. */
static void requests(struct report *r, const libxl_dominfo *info)
{
	char *word = store_read(r, "/local/domain/%u/control/shutdown", info->domid);

	if (word && *word && !info->shutdown && !info->dying)
		fact_text(report_add(r, "request",
				     xl_strdup("look at its console; a paused guest answers after `xl unpause'"),
				     "it was asked for `%s' and has not answered: it is busy, paused or has no driver for it",
				     word), "request", word);
	free(word);
}

static void memory(struct report *r, const libxl_dominfo *info)
{
	int64_t target = store_number(r, "/local/domain/%u/memory/target", info->domid);
	struct finding *f;

	if (info->outstanding_memkb) {
		f = report_add(r, "claim", NULL,
			       "%" PRIu64 " KiB are claimed for it and not its own yet", info->outstanding_memkb);
		fact_number(f, "claimed_kib", (int64_t)info->outstanding_memkb);
	}
	if (target < 0 || info->dying || info->shutdown || info->current_memkb <= (uint64_t)target + BALLOON_SLACK_KIB)
		return;
	f = report_add(r, "balloon",
		       xl_strdup("its balloon driver is absent, at work yet, or the guest uses the memory"),
		       "it has %" PRIu64 " KiB more than its target of %" PRId64 " KiB and does not give them back",
		       info->current_memkb - (uint64_t)target, target);
	fact_number(f, "over_target_kib", (int64_t)info->current_memkb - target);
	fact_number(f, "target_kib", target);
}

static void stopped(struct report *r, const libxl_dominfo *info)
{
	const char *reason = libxl_shutdown_reason_to_string(info->shutdown_reason);
	struct finding *f;
	time_t since;
	long pid;

	if (info->dying || !info->shutdown || info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND)
		return;
	if (mark_state(info->domid, MARK_WATCH) == MARK_ALIVE && mark_author(info->domid, MARK_WATCH, &pid, &since)) {
		f = report_add(r, "watched",
			       xl_strdup("its log is in /var/log/xen/xl-NAME.log; on_crash=\"preserve\" and the like leave it so"),
			       "it has shut down (%s), and process %ld does what its configuration says then",
			       reason ? reason : "?", pid);
		fact_number(f, "pid", pid);
	} else {
		f = report_add(r, "unwatched", xl_printf("`xl destroy %u' removes it", info->domid),
			       "it has shut down (%s), and no xl watches it that would remove or restart it",
			       reason ? reason : "?");
	}
	fact_text(f, "shutdown_reason", reason);
}

static void state(struct report *r, const libxl_dominfo *info, const char *name)
{
	if (info->paused && !info->dying && !info->shutdown)
		report_add(r, "paused", xl_printf("`xl unpause %u' lets it run", info->domid),
			   "it is paused, by a tool or because nobody let it run yet");
	if (!name && !info->dying)
		report_add(r, "nameless", xl_printf("`xl destroy %u' removes it", info->domid),
			   "it has no name: it is being built or removed, or its tool died over it");
}

static int why_domain(uint32_t domid, bool json)
{
	struct report r = { .store = xs_open(0) };
	char *name = libxl_domid_to_name(ctx, domid);
	libxl_dominfo info;
	int result = XL_EXIT_OK;

	libxl_dominfo_init(&info);
	if (libxl_domain_info(ctx, &info, domid)) {
		result = xl_error("domain %u does not exist any more", domid);
		goto out;
	}
	operations(&r, &info);
	saving(&r, &info);
	state(&r, &info, name);
	stopped(&r, &info);
	requests(&r, &info);
	memory(&r, &info);
	why_devices(&r, domid, info.dying);
	why_pages(&r, &info);
	if (json) {
		json_object(NULL);
		json_number("domid", domid);
		json_text("name", name);
		json_text("run_state", run_state(&info));
		report_json(&r);
		json_object_end();
	} else {
		printf("Domain %u (%s), %s:%s\n", domid, name ? name : "no name", run_state(&info),
		       r.count ? "" : " nothing is known that it waits for");
		report_text(&r);
	}
out:
	libxl_dominfo_dispose(&info);
	free(name);
	report_free(&r);
	return result;
}

int cmd_why(int argc, char **argv)
{
	static const struct option longs[] = { { "memory", required_argument, NULL, 'm' }, OPTION_JSON, { 0 } };
	int64_t wanted = 0;
	bool json = false;
	uint32_t domid;
	int option;

	while ((option = next_option(argc, argv, "m:", longs, 0)) != -1) {
		json = json || option == 'j';
		if (option == 'm')
			wanted = parse_memory(optarg);
		if (wanted < 0)
			return XL_EXIT_FAIL;
	}
	if (argc - optind > 1 || (wanted && optind < argc)) {
		xl_error(wanted ? "-m is about the host: name no domain" : "name one domain only");
		return usage_error(argv[0], XL_EXIT_USAGE);
	}
	if (optind == argc)
		return why_host((uint64_t)wanted, json);
	return xl_find_domain(argv[optind], &domid) ? why_domain(domid, json) : XL_EXIT_FAIL;
}
