/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENCONSOLED_OPTIONS_H
#define XENCONSOLED_OPTIONS_H

#include <stdbool.h>

#define LOG_GUEST_BIT 1u
#define LOG_HV_BIT    2u

struct options {
	bool interactive, keep_overflow, no_escapes;
	unsigned int logs, stamps;
	const char *log_dir, *pid_file, *state_dir;
};

extern struct options opts;

/* Exits with a message when the command line makes no sense, and after --help. */
void options_parse(int argc, char **argv);

#endif
