// SPDX-License-Identifier: GPL-2.0-only
/* xl: global options, then one command from the table. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nearest.h>

#include "cmd.h"
#include "journal.h"
#include "log.h"
#include "watcher.h"

/* Not for people. */
static const struct command domain_ended = { DOMAIN_ENDED, cmd_domain_ended, CMD_ROOT | CMD_MODIFIES, "DOMID",
	"Do what is to be done at the end of a domain", NULL, NULL };

static bool global_options(int argc, char **argv)
{
	int option;

	/* '+': stop at the command, whose options follow. */
	while ((option = getopt(argc, argv, "+vftTNE")) >= 0) {
		switch (option) {
		case 'v':
			options.verbose++;
			break;
		case 'f':
			options.force = true;
			break;
		case 't':
			options.progress_cr = true;
			break;
		case 'T':
			options.timestamps = true;
			break;
		case 'N':
			options.dry_run = true;
			break;
		case 'E':
			options.exact_codes = true;
			break;
		default:
			return false;
		}
	}
	return true;
}

static bool open_log(void)
{
	xentoollog_level level = XTL_PROGRESS;
	unsigned int flags = 0;

	/* Each -v uncovers one more level, down to debug messages. */
	level = options.verbose >= level ? XTL_DEBUG : (xentoollog_level)(level - options.verbose);
	if (options.progress_cr)
		flags |= XTL_STDIOSTREAM_PROGRESS_USE_CR;
	else if (!isatty(STDERR_FILENO))
		flags |= XTL_STDIOSTREAM_HIDE_PROGRESS;
	if (options.timestamps)
		flags |= XTL_STDIOSTREAM_SHOW_DATE | XTL_STDIOSTREAM_SHOW_PID;
	return log_start(level, flags);
}

static int run(const struct command *command, int argc, char **argv)
{
	const char *path = getenv("XL_CONF");

	if (options.dry_run && !(command->flags & CMD_DRY_RUN))
		return xl_error("the command `%s' has no dry run; leave out -N", command->name);
	if (conf_load(path ? path : XEN_CONFIG_DIR "/xl.conf"))
		return xl_fail(XL_KIND_CONFIG, "the host's configuration has errors; correct %s", path ? path : XEN_CONFIG_DIR "/xl.conf");
	optind = 0; /* argv is the command's now: restart getopt, GNU permutation included */
	/* "xl COMMAND -h" must work anywhere, without a hypervisor. */
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			print_command_help(command);
			return XL_EXIT_OK;
		}
	}
	if (!command->run)
		return xl_fail(XL_KIND_NOT_BUILT, "`%s' is not built into this xl: %s", command->name, command->example);
	if ((command->flags & CMD_ROOT) && !xl_open())
		return XL_EXIT_FAIL;
	if (ctx && !options.dry_run)
		journal_recover();
	return command->run(argc, argv);
}

/* A full disk or a closed pipe must not pass for success. */
static int finish_output(int result)
{
	if (fflush(stdout) || ferror(stdout))
		return result ? result : xl_error("cannot write the output");
	return result;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int result;

	if (!global_options(argc, argv)) {
		xl_error("unknown global option; they are -v -f -N -t -T -E, all before the command");
		return XL_EXIT_FAIL;
	}
	argc -= optind;
	argv += optind;
	if (!argc) {
		print_all_help();
		return XL_EXIT_FAIL;
	}
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return finish_output(cmd_help(argc, argv));
	command = strcmp(argv[0], DOMAIN_ENDED) ? find_command(argv[0]) : &domain_ended;
	if (!command) {
		const char *near = xlu_nearest(argv[0], commands, command_count, sizeof(commands[0]));

		return xl_error("command not implemented: `%s'%s%s%s", argv[0], near ? "; did you mean `" : "",
				near ? near : "", near ? "'?" : "; `xl help' lists all");
	}
	if (!open_log())
		return xl_error("cannot open the log");
	result = xl_exit_code(finish_output(run(command, argc, argv)));
	conf_free();
	xl_close();
	log_stop();
	return result;
}
