// SPDX-License-Identifier: GPL-2.0-only
/* Usage texts. The layout of the list is read by bash completion and by scripts. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define NAME_COLUMN 19

void print_all_help(void)
{
	/* Completion skips four lines and takes the first word of each that begins with one blank. */
	printf("Usage xl [-vfNtTE] <subcommand> [args]\n\nxl full list of subcommands:\n\n");
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		const char *missing = c->run ? "" : " (not built)";

		if (strlen(c->name) > NAME_COLUMN)
			printf(" %s%s\n                      %s\n", c->name, missing, c->help);
		else
			printf(" %-*s %s%s\n", NAME_COLUMN, c->name, c->help, missing);
	}
}

void print_command_help(const struct command *command)
{
	printf("Usage: xl [-vtT%s%s] %s %s\n\n%s.\n\n", command->flags & CMD_MODIFIES ? "f" : "",
		command->flags & CMD_DRY_RUN ? "N" : "", command->name, command->usage, command->help);
	if (command->options)
		printf("Options:\n\n%s\n", command->options);
	if (command->example)
		printf(command->run ? "Example: %s\n\n" : "It is not built into this xl: %s.\n\n", command->example);
}

int cmd_help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2 || argv[1][0] == '-') {
		print_all_help();
		return XL_EXIT_OK;
	}
	command = find_command(argv[1]);
	/* Help about nothing is an answer too, as scripts know it. */
	if (!command)
		printf("there is no command `%s'; `xl help' lists all\n", argv[1]);
	else
		print_command_help(command);
	return XL_EXIT_OK;
}

int usage_error(const char *name, int result)
{
	fflush(stderr);
	print_command_help(find_command(name));
	return result;
}

static void __attribute__((noreturn)) leave_with_usage(const char *name)
{
	exit(usage_error(name, XL_EXIT_USAGE));
}

int next_option(int argc, char **argv, const char *letters, const struct option *longs, int min)
{
	char with_help[64];
	int option;

	/* The leading colon makes getopt leave the messages to us. */
	snprintf(with_help, sizeof(with_help), ":%sh", letters);
	opterr = 0;
	option = getopt_long(argc, argv, with_help, longs, NULL);
	switch (option) {
	case 'h':
		print_command_help(find_command(argv[0]));
		exit(XL_EXIT_OK);
	case '?':
		if (optopt)
			xl_error("option `%c' not supported by xl %s", optopt, argv[0]);
		else if (!strcmp(argv[optind - 1], "--help")) {
			print_command_help(find_command(argv[0]));
			exit(XL_EXIT_OK);
		} else {
			xl_error("option `%s' not supported by xl %s", argv[optind - 1], argv[0]);
		}
		leave_with_usage(argv[0]);
	case ':':
		xl_error("option `%s' of xl %s needs a value", argv[optind - 1], argv[0]);
		leave_with_usage(argv[0]);
	case -1:
		if (argc - optind < min) {
			xl_error("'xl %s' requires at least %d argument%s.", argv[0], min, min > 1 ? "s" : "");
			leave_with_usage(argv[0]);
		}
		break;
	default:
		break;
	}
	return option;
}

bool json_wanted(int argc, char **argv, int min)
{
	static const struct option longs[] = { OPTION_JSON, { 0 } };
	bool json = false;

	while (next_option(argc, argv, "", longs, min) == 'j')
		json = true;
	return json;
}
