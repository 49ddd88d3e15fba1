/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENSTORED_OPTIONS_H
#define XENSTORED_OPTIONS_H

#include "core/store.h"

struct options {
	bool no_fork, no_domain_init, output_pid, keep_orphans, verbose;
	bool live_update, check_state, no_recovery;
	const char *pid_file, *trace_file, *state_dir;
	uint32_t priv_domid;
	unsigned int quota[QUOTA_COUNT];
	bool quota_given[QUOTA_COUNT];
	unsigned int soft_memory;
	bool soft_given;
};

/* Exits with a message when the command line makes no sense, and after --help. */
void options_parse(struct options *o, int argc, char **argv);

#endif
