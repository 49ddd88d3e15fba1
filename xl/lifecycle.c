// SPDX-License-Identifier: GPL-2.0-only
/* Commands on a whole domain: pause, unpause, destroy, shutdown, reboot, dump-core. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "journal.h"
#include "launch.h"
#include "limit.h"
#include "mark.h"

int cmd_pause(int argc, char **argv)
{
	uint32_t domid;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	rc = libxl_domain_pause(ctx, domid, NULL);
	return rc ? xl_libxl_error(rc, "domain `%s' could not be paused", argv[optind]) : XL_EXIT_OK;
}

bool is_suspended(uint32_t domid)
{
	libxl_dominfo info;
	bool suspended;

	libxl_dominfo_init(&info);
	suspended = !libxl_domain_info(ctx, &info, domid) && info.shutdown &&
		    info.shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND;
	libxl_dominfo_dispose(&info);
	return suspended;
}

/* After a save that was killed: the domain goes on as if the save had failed. */
static int resume_interrupted(uint32_t domid, const char *domain)
{
	bool watched = mark_state(domid, MARK_WATCH) != MARK_NONE;
	int rc;

	if (mark_state(domid, MARK_SAVE) == MARK_ALIVE)
		return xl_error("domain `%s' is just being saved", domain);
	rc = libxl_domain_resume(ctx, domid, 1, NULL);
	if (rc)
		return xl_libxl_error(rc, "domain `%s' is suspended and could not be resumed", domain);
	mark_clear(domid, MARK_SAVE);
	return watched ? watch_domain(domid) : XL_EXIT_OK;
}

/* A save that did not come to its end never was. One that is only asked to suspend yet is left to its watcher. */
static int recover_save(uint32_t domid)
{
	char *name;
	int rc;

	if (mark_state(domid, MARK_SAVE) != MARK_DEAD || !is_suspended(domid))
		return XL_EXIT_OK;
	name = xl_domain_name(domid);
	xl_warn("domain %u (`%s') goes on: its save was interrupted", domid, name);
	rc = resume_interrupted(domid, name);
	free(name);
	return rc;
}

/* Domains that were left half made or half removed are gone already: every command looks for them as it starts. */
int cmd_recover(int argc, char **argv)
{
	bool interrupted = false;
	int option, count, result = XL_EXIT_OK;
	libxl_dominfo *list;

	while ((option = next_option(argc, argv, "i", NO_LONG_OPTIONS, 0)) != -1)
		interrupted = option == 'i';
	list = libxl_list_domain(ctx, &count);
	if (!list)
		return xl_error("the domains could not be listed");
	for (int i = 0; i < count; i++)
		if (list[i].domid && recover_save(list[i].domid))
			result = XL_EXIT_FAIL;
	libxl_dominfo_list_free(list, count);
	return interrupted ? xl_error("interrupted; the host is as it was before") : result;
}

int cmd_unpause(int argc, char **argv)
{
	uint32_t domid;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (is_suspended(domid))
		return resume_interrupted(domid, argv[optind]);
	rc = libxl_domain_unpause(ctx, domid, NULL);
	return rc ? xl_libxl_error(rc, "domain `%s' could not be unpaused", argv[optind]) : XL_EXIT_OK;
}

int cmd_destroy(int argc, char **argv)
{
	bool force = options.force;
	uint32_t domid;
	int option, rc;

	while ((option = next_option(argc, argv, "f", NO_LONG_OPTIONS, 1)) != -1)
		force = force || option == 'f';
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (!domid && !force)
		return xl_error("not destroying domain 0, which runs this host; -f forces it");
	rc = journal_destroy(domid);
	return rc ? xl_libxl_error(rc, "domain `%s' could not be destroyed", argv[optind]) : XL_EXIT_OK;
}

struct stop {
	const char *verb;
	int (*ask)(libxl_ctx *ctx, uint32_t domid, const libxl_asyncop_how *how);
	libxl_trigger fallback;
};

static const struct stop stop_shutdown = { "shut down", libxl_domain_shutdown, LIBXL_TRIGGER_POWER };
static const struct stop stop_reboot = { "reboot", libxl_domain_reboot, LIBXL_TRIGGER_RESET };

struct stop_options {
	int wait; /* 1: until it has shut down, 2: until it is gone */
	bool acpi;
	struct limit limit;
};

static int ask_to_stop(const struct stop *stop, uint32_t domid, struct stop_options *o)
{
	int rc = limit_end(&o->limit, stop->ask(ctx, domid, limit_how(&o->limit)));

	if (rc == ERROR_NOPARAVIRT && o->acpi)
		rc = libxl_send_trigger(ctx, domid, stop->fallback, 0, NULL);
	else if (rc == ERROR_NOPARAVIRT)
		xl_error("domain %u has no PV drivers; try -F", domid);
	return rc ? limit_error(&o->limit, rc, "domain %u could not be asked to %s", domid, stop->verb) : XL_EXIT_OK;
}

/* Lines that scripts know. */
static void print_end(const libxl_event *event)
{
	if (event->type == LIBXL_EVENT_TYPE_DOMAIN_DEATH)
		printf("Domain %u has been destroyed\n", event->domid);
	else
		printf("Domain %u has been shut down, reason code %d\n", event->domid,
		       event->u.domain_shutdown.shutdown_reason);
}

/* Waits for count domains, each watched with its id as user data. */
static int wait_for_deaths(libxl_evgen_domain_death **watches, int count, struct stop_options *o)
{
	int left = count;

	printf("Waiting for %d domains\n", count);
	fflush(stdout);
	while (left) {
		libxl_event *event;
		int rc = limit_event(&o->limit, &event);

		if (o->limit.passed)
			return limit_error(&o->limit, rc, "%d domain%s not ended; `xl why DOMAIN' says what one waits for, `xl destroy' ends it",
					   left, left > 1 ? "s have" : " has");
		if (rc)
			return xl_libxl_error(rc, "waiting failed");
		if (event->type == LIBXL_EVENT_TYPE_DOMAIN_DEATH ||
		    (event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN && o->wait == 1)) {
			libxl_evgen_domain_death **watch = &watches[event->for_user];

			/* A domain that shuts down dies soon after: count it once. */
			if (*watch) {
				print_end(event);
				libxl_evdisable_domain_death(ctx, *watch);
				*watch = NULL;
				left--;
			}
		}
		libxl_event_free(ctx, event);
	}
	return XL_EXIT_OK;
}

static int stop_each(const struct stop *stop, const uint32_t *domids, int count, struct stop_options *o)
{
	libxl_evgen_domain_death **watches = xl_calloc((size_t)count, sizeof(*watches));
	int watched = 0, result = XL_EXIT_OK;

	for (int i = 0; i < count; i++) {
		/* Watch first, so that a quick death is not missed. */
		if (o->wait && libxl_evenable_domain_death(ctx, domids[i], (libxl_ev_user)watched, &watches[watched]))
			result = xl_error("domain %u cannot be watched", domids[i]);
		else if (ask_to_stop(stop, domids[i], o)) {
			result = XL_EXIT_FAIL;
			if (o->wait)
				libxl_evdisable_domain_death(ctx, watches[watched]);
		} else {
			printf("%s domain %u\n", stop == &stop_reboot ? "Rebooting" : "Shutting down", domids[i]);
			watched += o->wait ? 1 : 0;
		}
	}
	if (watched && wait_for_deaths(watches, watched, o))
		result = XL_EXIT_FAIL;
	free(watches);
	return result;
}

static int stop_all(const struct stop *stop, struct stop_options *o)
{
	int count, guests = 0, result;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	uint32_t *domids;

	if (!list)
		return xl_error("the domains could not be listed");
	domids = xl_calloc((size_t)count, sizeof(*domids));
	for (int i = 0; i < count; i++)
		if (list[i].domid && !libxl_is_stubdom(ctx, list[i].domid, NULL))
			domids[guests++] = list[i].domid;
	libxl_dominfo_list_free(list, count);
	result = stop_each(stop, domids, guests, o);
	free(domids);
	return result;
}

static int stop_command(int argc, char **argv, const struct stop *stop)
{
	static const struct option longs[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "wait", no_argument, NULL, 'w' },
		LIMIT_OPTION,
		{ 0 },
	};
	struct stop_options o = { 0 };
	bool all = false;
	uint32_t domid;
	int option;

	while ((option = next_option(argc, argv, "awF", longs, 0)) != -1) {
		all = all || option == 'a';
		o.acpi = o.acpi || option == 'F';
		if (option == 'w' && o.wait < 2)
			o.wait++;
		if (option == OPTION_LIMIT && !limit_parse(&o.limit, optarg))
			return XL_EXIT_USAGE;
	}
	if (all != (optind == argc) || argc - optind > 1) {
		xl_error(all || optind == argc ? "You must specify either -a or a domain id." :
						 "name one domain only, or -a for all");
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	if (all)
		return stop_all(stop, &o);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	return stop_each(stop, &domid, 1, &o);
}

int cmd_shutdown(int argc, char **argv)
{
	return stop_command(argc, argv, &stop_shutdown);
}

int cmd_reboot(int argc, char **argv)
{
	return stop_command(argc, argv, &stop_reboot);
}

int cmd_dump_core(int argc, char **argv)
{
	struct limit limit;
	uint32_t domid;
	int rc;

	if (!limit_wanted(argc, argv, 2, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	rc = limit_end(&limit, libxl_domain_core_dump(ctx, domid, argv[optind + 1], limit_how(&limit)));
	return rc ? limit_error(&limit, rc, "the core of domain `%s' could not be written to %s", argv[optind],
				   argv[optind + 1]) : XL_EXIT_OK;
}
