// SPDX-License-Identifier: GPL-2.0-only
/* Commands to the hypervisor and small signals to guests. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "json.h"

/* Without its newline. */
static void json_line(char *line)
{
	line[strcspn(line, "\n")] = 0;
	json_text(NULL, line);
}

int cmd_dmesg(int argc, char **argv)
{
	static const struct option longs[] = { { "clear", no_argument, NULL, 'c' }, OPTION_JSON, { 0 } };
	libxl_xen_console_reader *reader;
	int option, clear = 0, rc;
	bool json = false;
	char *line;

	while ((option = next_option(argc, argv, "c", longs, 0)) != -1) {
		clear = clear || option == 'c';
		json = json || option == 'j';
	}
	reader = libxl_xen_console_read_start(ctx, clear);
	if (!reader)
		return xl_error("the hypervisor's messages could not be read");
	if (json)
		json_array(NULL);
	while ((rc = libxl_xen_console_read_line(ctx, reader, &line)) > 0) {
		if (json)
			json_line(line);
		else
			fputs(line, stdout);
	}
	if (json)
		json_array_end();
	libxl_xen_console_read_finish(ctx, reader);
	return rc < 0 ? xl_libxl_error(rc, "the hypervisor's messages could not be read") : XL_EXIT_OK;
}

int cmd_debug_keys(int argc, char **argv)
{
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	rc = libxl_send_debug_keys(ctx, argv[optind]);
	return rc ? xl_libxl_error(rc, "the keys `%s' could not be sent", argv[optind]) : XL_EXIT_OK;
}

int cmd_set_parameters(int argc, char **argv)
{
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	rc = libxl_set_parameters(ctx, argv[optind]);
	return rc ? xl_libxl_error(rc, "the parameters `%s' could not be set", argv[optind]) : XL_EXIT_OK;
}

int cmd_sysrq(int argc, char **argv)
{
	uint32_t domid;
	int rc;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (!argv[optind + 1][0] || argv[optind + 1][1]) {
		xl_error("Invalid sysrq: `%s' is not a single letter", argv[optind + 1]);
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	rc = libxl_send_sysrq(ctx, domid, argv[optind + 1][0]);
	return rc ? xl_libxl_error(rc, "the key could not be sent to domain `%s'", argv[optind]) : XL_EXIT_OK;
}

/* The exit code has never told whether a trigger was taken. */
static int send_trigger(const char *domain, uint32_t domid, libxl_trigger trigger, uint32_t vcpu)
{
	libxl_dominfo info;
	bool pv;
	int rc;

	libxl_dominfo_init(&info);
	pv = !libxl_domain_info(ctx, &info, domid) && info.domain_type == LIBXL_DOMAIN_TYPE_PV;
	libxl_dominfo_dispose(&info);
	/* Of these a PV guest has only an NMI callback. */
	if (pv && trigger != LIBXL_TRIGGER_NMI) {
		xl_error("domain `%s' is a PV guest and has no %s; use `xl %s' or `xl sysrq'", domain,
				trigger == LIBXL_TRIGGER_POWER || trigger == LIBXL_TRIGGER_SLEEP ? "ACPI buttons" :
												   "such line",
				trigger == LIBXL_TRIGGER_RESET ? "reboot" : "shutdown");
		return XL_EXIT_OK;
	}
	rc = libxl_send_trigger(ctx, domid, trigger, vcpu, NULL);
	if (rc)
		xl_libxl_error(rc, "the trigger could not be sent to domain `%s'", domain);
	return XL_EXIT_OK;
}

int cmd_trigger(int argc, char **argv)
{
	libxl_trigger trigger;
	uint32_t domid;
	long vcpu = 0;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (libxl_trigger_from_string(argv[optind + 1], &trigger))
		return xl_error("there is no trigger `%s'; they are nmi, reset, init, power, sleep and s3resume",
				argv[optind + 1]);
	if (optind + 2 < argc && !parse_number(argv[optind + 2], "the vCPU", 0, INT_MAX, &vcpu))
		return XL_EXIT_FAIL;
	return send_trigger(argv[optind], domid, trigger, (uint32_t)vcpu);
}

/* The older name for two of them. */
int cmd_button_press(int argc, char **argv)
{
	libxl_trigger button;
	uint32_t domid;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 2);
	xl_warn("button-press is the old name of `xl trigger'");
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	if (libxl_trigger_from_string(argv[optind + 1], &button) ||
	    (button != LIBXL_TRIGGER_POWER && button != LIBXL_TRIGGER_SLEEP))
		return xl_error("there is no button `%s'; they are power and sleep", argv[optind + 1]);
	return send_trigger(argv[optind], domid, button, 0);
}

int cmd_top(int argc, char **argv)
{
	char *with_json[] = { "xentop", "--json", "--delay=1", NULL }, *plain[] = { "xentop", NULL };
	char **words = json_wanted(argc, argv, 0) ? with_json : plain;
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("xentop"));
	char *slash;

	/* xentop stands beside this program; elsewhere only in a build tree. */
	if (n > 0) {
		path[n] = 0;
		slash = strrchr(path, '/');
		strcpy(slash ? slash + 1 : path, "xentop");
		execv(path, words);
	}
	execvp("xentop", words);
	return xl_error("xentop could not be started: %s; is it installed?", strerror(errno));
}
