// SPDX-License-Identifier: GPL-2.0-only
/* getenforce, setenforce, loadpolicy: the security module of the hypervisor, FLASK. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"

#define POLICY_MOST (64u << 20)

/* What errno means after one of its calls. */
static int refused(const char *what)
{
	if (errno == ENOSYS)
		xl_fail(XL_KIND_NOT_BUILT, "%s: this hypervisor has no security module (FLASK)", what);
	else
		xl_error("%s: %s", what, strerror(errno));
	return XL_EXIT_MINUS_1;
}

int cmd_getenforce(int argc, char **argv)
{
	int mode;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 0);
	mode = libxl_flask_getenforce(ctx);
	if (mode < 0) {
		if (errno == ENOSYS)
			puts("Flask XSM Disabled");
		return refused("the mode could not be read");
	}
	puts(mode ? "Enforcing" : "Permissive");
	/* Scripts take the mode from it. */
	return mode;
}

int cmd_setenforce(int argc, char **argv)
{
	static const struct {
		const char *word;
		int mode;
	} words[] = { { "1", 1 }, { "0", 0 }, { "enforcing", 1 }, { "permissive", 0 } };

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(argv[optind], words[i].word))
			return libxl_flask_setenforce(ctx, words[i].mode) ? refused("the mode could not be set") : XL_EXIT_OK;
	xl_error("`%s' is no mode", argv[optind]);
	return usage_error(argv[0], XL_EXIT_USAGE);
}

/* The whole file; NULL, reported. */
static void *read_policy(const char *file, uint32_t *size)
{
	struct stat facts;
	char *policy = NULL;
	size_t at = 0;
	ssize_t n = 1;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &facts)) {
		xl_fail(XL_KIND_NOT_FOUND, "the policy `%s' could not be read: %s", file, strerror(errno));
	} else if (!S_ISREG(facts.st_mode) || facts.st_size > POLICY_MOST) {
		xl_error("`%s' is no policy: it must be a file of at most %u MiB", file, POLICY_MOST >> 20);
	} else {
		policy = xl_calloc((size_t)facts.st_size + 1, 1);
		while (at < (size_t)facts.st_size && (n = read(fd, policy + at, (size_t)facts.st_size - at)) > 0)
			at += (size_t)n;
		if (n <= 0) {
			xl_error("the policy `%s' could not be read: %s", file, n ? strerror(errno) : "it became shorter");
			free(policy);
			policy = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	*size = (uint32_t)at;
	return policy;
}

int cmd_loadpolicy(int argc, char **argv)
{
	int result = XL_EXIT_OK;
	uint32_t size;
	void *policy;

	next_option(argc, argv, "", NO_LONG_OPTIONS, 1);
	policy = read_policy(argv[optind], &size);
	if (!policy)
		return XL_EXIT_MINUS_1;
	if (libxl_flask_loadpolicy(ctx, policy, size))
		result = refused("the policy could not be loaded");
	else
		puts("Successfully loaded policy.");
	free(policy);
	return result;
}
