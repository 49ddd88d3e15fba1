// SPDX-License-Identifier: GPL-2.0-only
/* Watches one domain and acts on its end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "journal.h"
#include "mark.h"
#include "monitor.h"

static libxl_action_on_shutdown action_for(const libxl_domain_config *config, int reason)
{
	switch (reason) {
	case LIBXL_SHUTDOWN_REASON_POWEROFF:
		return config->on_poweroff;
	case LIBXL_SHUTDOWN_REASON_REBOOT:
		return config->on_reboot;
	case LIBXL_SHUTDOWN_REASON_WATCHDOG:
		return config->on_watchdog;
	case LIBXL_SHUTDOWN_REASON_SOFT_RESET:
		return config->on_soft_reset;
	case LIBXL_SHUTDOWN_REASON_CRASH:
		return config->on_crash;
	default:
		/* A reason of the future is no reason to restart for ever. */
		return LIBXL_ACTION_ON_SHUTDOWN_DESTROY;
	}
}

static void dump_core(uint32_t domid, const char *name)
{
	char *path = xl_printf(XEN_DUMP_DIR "/%s", name);
	int rc;

	mkdir(XEN_DUMP_DIR, 0700);
	printf("Writing the core of domain %u to %s\n", domid, path);
	rc = libxl_domain_core_dump(ctx, domid, path, NULL);
	/* The domain still has to be destroyed or restarted. */
	if (rc)
		xl_libxl_error(rc, "domain %u: no core could be written to %s", domid, path);
	free(path);
}

/* What `xl config-update' left for the next start, once. */
static int take_update(uint32_t domid, libxl_domain_config *config)
{
	struct config_source source = { .file = "config-update", .quiet = true };
	uint8_t *data;
	int length, rc;

	rc = libxl_userdata_retrieve(ctx, domid, "xl", &data, &length);
	if (rc || !length)
		return 0;
	source.text = (const char *)data;
	source.length = (size_t)length;
	libxl_domain_config_dispose(config);
	libxl_domain_config_init(config);
	rc = config_read(&source, config);
	free(data);
	libxl_userdata_unlink(ctx, domid, "xl");
	return rc;
}

/* The configuration with what was changed while the domain ran: devices, memory, vCPUs. */
static int reload_config(uint32_t domid, libxl_domain_config *config)
{
	libxl_domain_config current;
	int rc;

	libxl_domain_config_init(&current);
	rc = libxl_retrieve_domain_configuration(ctx, domid, &current, NULL);
	if (rc) {
		libxl_domain_config_dispose(&current);
		xl_warn("the current configuration of domain %u is not known; using the one it started with", domid);
		return 0;
	}
	libxl_domain_config_dispose(config);
	*config = current;
	return take_update(domid, config);
}

static enum monitor_verdict destroy(uint32_t domid, bool restart)
{
	int rc;

	printf("Domain %u needs to be cleaned up: destroying the domain\n", domid);
	rc = journal_destroy(domid);
	/* Someone else may have been faster; then it is gone, which is what matters. */
	if (rc && rc != ERROR_DOMAIN_NOTFOUND) {
		xl_libxl_error(rc, "domain %u could not be destroyed", domid);
		return MONITOR_FAILED;
	}
	return restart ? MONITOR_RESTART : MONITOR_DONE;
}

/* Out of the way under another name and UUID, kept for inspection. */
static enum monitor_verdict rename_away(uint32_t domid, libxl_domain_config *config)
{
	libxl_uuid fresh;
	time_t now = time(NULL);
	struct tm utc;
	char suffix[32];
	int rc;

	gmtime_r(&now, &utc);
	strftime(suffix, sizeof(suffix), "-%Y%m%dT%H%MZ", &utc);
	libxl_uuid_generate(&fresh);
	rc = libxl_domain_preserve(ctx, domid, &config->c_info, suffix, fresh);
	if (rc) {
		xl_libxl_error(rc, "domain %u could not be renamed and kept", domid);
		return MONITOR_FAILED;
	}
	printf("Domain %u is kept as %s%s\n", domid, config->c_info.name, suffix);
	return MONITOR_RESTART;
}

static enum monitor_verdict act(uint32_t domid, libxl_domain_config *config, libxl_action_on_shutdown action)
{
	switch (action) {
	case LIBXL_ACTION_ON_SHUTDOWN_PRESERVE:
		printf("Domain %u is kept as it is; `xl destroy %u' removes it\n", domid, domid);
		return MONITOR_DONE;
	case LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME:
		return reload_config(domid, config) ? MONITOR_FAILED : rename_away(domid, config);
	case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_RESTART:
		dump_core(domid, config->c_info.name);
		/* fall through */
	case LIBXL_ACTION_ON_SHUTDOWN_RESTART:
		return reload_config(domid, config) ? MONITOR_FAILED : destroy(domid, true);
	case LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET:
		xl_error("domain %u asks for a soft reset, which PV guests do not have; destroying it", domid);
		return destroy(domid, false);
	case LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_DESTROY:
		dump_core(domid, config->c_info.name);
		/* fall through */
	case LIBXL_ACTION_ON_SHUTDOWN_DESTROY:
	default:
		return destroy(domid, false);
	}
}

static enum monitor_verdict died(uint32_t domid)
{
	printf("Domain %u has been destroyed.\n", domid);
	return MONITOR_DONE;
}

static enum monitor_verdict shut_down(uint32_t domid, libxl_domain_config *config, int reason)
{
	libxl_action_on_shutdown action = action_for(config, reason);

	printf("Domain %u has shut down, reason code %d 0x%x\n", domid, reason, reason);
	if (reason == LIBXL_SHUTDOWN_REASON_SUSPEND && mark_state(domid, MARK_SAVE) == MARK_DEAD &&
	    mark_is_recent(domid, MARK_SAVE)) {
		printf("The xl that saved it was killed before it had suspended; it goes on.\n");
		libxl_domain_resume(ctx, domid, 1, NULL);
		mark_clear(domid, MARK_SAVE);
		return MONITOR_RESUMED;
	}
	if (reason == LIBXL_SHUTDOWN_REASON_SUSPEND) {
		/* Whoever saves it also lets it go on, and watches it then. */
		printf("Domain has suspended.\n");
		return MONITOR_DONE;
	}
	printf("Action for shutdown reason code %d is %s\n", reason, libxl_action_on_shutdown_to_string(action));
	return act(domid, config, action);
}

static bool handle_event(const libxl_event *event, uint32_t domid, libxl_domain_config *config,
			 enum monitor_verdict *verdict)
{
	if (event->domid != domid)
		return false;
	if (event->type == LIBXL_EVENT_TYPE_DOMAIN_DEATH)
		*verdict = died(domid);
	else if (event->type == LIBXL_EVENT_TYPE_DOMAIN_SHUTDOWN)
		*verdict = shut_down(domid, config, event->u.domain_shutdown.shutdown_reason);
	else
		return false;
	return true;
}

static enum monitor_verdict monitor_once(uint32_t domid, libxl_domain_config *config)
{
	enum monitor_verdict verdict = MONITOR_FAILED;
	libxl_evgen_domain_death *watch = NULL;
	bool done = false;

	printf("Waiting for domain %s (domid %u) to die [pid %ld]\n", config->c_info.name, domid, (long)getpid());
	if (libxl_evenable_domain_death(ctx, domid, 0, &watch)) {
		xl_error("domain %u cannot be watched", domid);
		return MONITOR_FAILED;
	}
	mark_set(domid, MARK_WATCH, getpid());
	while (!done) {
		libxl_event *event;
		int rc = libxl_event_wait(ctx, &event, LIBXL_EVENTMASK_ALL, NULL, NULL);

		if (rc) {
			xl_libxl_error(rc, "waiting for domain %u failed", domid);
			break;
		}
		done = handle_event(event, domid, config, &verdict);
		libxl_event_free(ctx, event);
	}
	libxl_evdisable_domain_death(ctx, watch);
	return verdict;
}

enum monitor_verdict monitor_domain(uint32_t domid, libxl_domain_config *config)
{
	enum monitor_verdict verdict;

	/* A watch tells of one end; one that was taken back needs another. */
	do
		verdict = monitor_once(domid, config);
	while (verdict == MONITOR_RESUMED);
	return verdict;
}

static enum monitor_verdict unknown(uint32_t domid)
{
	xl_error("what is to become of domain %u is not known; it stays as it is, and `xl destroy %u' removes it", domid, domid);
	return MONITOR_FAILED;
}

enum monitor_verdict monitor_ended(uint32_t domid, libxl_domain_config *config)
{
	enum monitor_verdict verdict = MONITOR_RESUMED;
	libxl_dominfo info;
	int rc;

	libxl_dominfo_init(&info);
	rc = libxl_domain_info(ctx, &info, domid);
	if (rc == ERROR_DOMAIN_NOTFOUND || (!rc && info.dying))
		verdict = died(domid);
	else if (rc || libxl_retrieve_domain_configuration(ctx, domid, config, NULL))
		verdict = unknown(domid);
	else if (info.shutdown)
		verdict = shut_down(domid, config, (int)info.shutdown_reason);
	libxl_dominfo_dispose(&info);
	return verdict;
}
