// SPDX-License-Identifier: GPL-2.0-only
/* save, restore. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "config.h"
#include "journal.h"
#include "launch.h"
#include "log.h"
#include "mark.h"
#include "savefile.h"

struct save_request {
	uint32_t domid;
	const char *domain;
	const char *file;
	const char *config_file;
	bool keep_running;
	bool keep_paused;
	bool keep_domid;
	bool watched; /* by a process of xl, before the suspend sent it away */
	struct limit limit; /* of the saving, not of what comes after it */
};

static char *config_json(const struct save_request *r)
{
	libxl_domain_config config;
	char *json = NULL;
	int rc;

	libxl_domain_config_init(&config);
	if (r->config_file) {
		const struct config_source source = { .file = r->config_file };

		rc = config_read(&source, &config);
	} else {
		rc = libxl_retrieve_domain_configuration(ctx, r->domid, &config, NULL);
	}
	if (!rc && r->keep_domid)
		config.c_info.domid = r->domid;
	if (!rc)
		json = libxl_domain_config_to_json(ctx, &config);
	libxl_domain_config_dispose(&config);
	if (!json)
		xl_error("the configuration of domain `%s' is not known; give a config file as third argument", r->domain);
	return json;
}

/*
 * A file without a name until it is complete, so that a death of ours leaves nothing; where the file system has no
 * such files, one beside the target. Either way the rename at the end is atomic and a failure leaves the old file.
 */
static int open_target(const struct save_request *r, char **temporary)
{
	char *folder = xl_strdup(r->file);
	struct stat info;
	int fd;

	*temporary = NULL;
	if (!stat(r->file, &info) && !S_ISREG(info.st_mode)) {
		fd = open(r->file, O_WRONLY | O_CLOEXEC);
	} else {
		*temporary = xl_printf("%s.part", r->file);
		fd = open(dirname(folder), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
		if (fd < 0)
			fd = open(*temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	}
	if (fd < 0)
		xl_error("cannot write %s: %s", *temporary ? *temporary : r->file, strerror(errno));
	free(folder);
	return fd;
}

static int give_name(int fd, const char *name)
{
	char self[32];
	struct stat info;

	if (fstat(fd, &info) || info.st_nlink)
		return 0;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	unlink(name);
	return linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

static int close_target(const struct save_request *r, int fd, char *temporary, int result)
{
	if (!result && temporary && fsync(fd))
		result = xl_error("%s could not be written out: %s", r->file, strerror(errno));
	if (!result && temporary && (give_name(fd, temporary) || rename(temporary, r->file)))
		result = xl_error("%s could not be made: %s", r->file, strerror(errno));
	close(fd);
	if (temporary && result)
		unlink(temporary);
	free(temporary);
	return result;
}

/* A suspended domain goes on; its watcher left when it suspended, so it gets a new one. */
static int resume(const struct save_request *r, bool paused)
{
	int rc = paused ? libxl_domain_pause(ctx, r->domid, NULL) : 0;

	if (!rc)
		rc = libxl_domain_resume(ctx, r->domid, 1, NULL);
	if (rc)
		return xl_libxl_error(rc, "domain `%s' is suspended and could not be resumed; `xl destroy %u' removes it",
				      r->domain, r->domid);
	return r->watched ? watch_domain(r->domid) : XL_EXIT_OK;
}

/* The file is there, or result says that it is not. */
static int finish_save(const struct save_request *r, int result)
{
	int rc;

	if (!result && !r->keep_running && !r->keep_paused) {
		rc = journal_destroy(r->domid);
		return rc ? xl_libxl_error(rc, "domain `%s' is saved but could not be destroyed", r->domain) : XL_EXIT_OK;
	}
	if (!result) {
		result = resume(r, r->keep_paused);
	} else if (is_suspended(r->domid)) {
		xl_error("domain `%s' goes on", r->domain);
		resume(r, false);
	}
	mark_clear(r->domid, MARK_SAVE);
	return result;
}

static int save_domain(struct save_request *r)
{
	char *json = config_json(r), *temporary;
	int fd, result, rc;

	if (!json)
		return XL_EXIT_FAIL;
	fd = open_target(r, &temporary);
	if (fd < 0) {
		free(temporary);
		free(json);
		return XL_EXIT_FAIL;
	}
	fprintf(stderr, "Saving to %s new xl format (info 0x%x/0x0/%zu)\n", r->file, SAVEFILE_KNOWN,
		strlen(json) + 1 + sizeof(uint32_t));
	result = savefile_write(fd, r->file, json);
	free(json);
	mark_set(r->domid, MARK_SAVE, getpid());
	interrupts_on();
	rc = result ? 0 : limit_end(&r->limit, libxl_domain_suspend(ctx, r->domid, fd, 0, limit_how(&r->limit)));
	if (rc)
		result = limit_error(&r->limit, rc, "domain `%s' could not be saved to %s", r->domain, r->file);
	result = finish_save(r, close_target(r, fd, temporary, result));
	interrupts_off();
	return result;
}

int cmd_save(int argc, char **argv)
{
	static const struct option longs[] = { LIMIT_OPTION, { 0 } };
	struct save_request r = { 0 };
	int option;

	while ((option = next_option(argc, argv, "cpD", longs, 2)) != -1) {
		r.keep_running = r.keep_running || option == 'c';
		r.keep_paused = r.keep_paused || option == 'p';
		r.keep_domid = r.keep_domid || option == 'D';
		if (option == OPTION_LIMIT && !limit_parse(&r.limit, optarg))
			return XL_EXIT_USAGE;
	}
	if (r.keep_running && r.keep_paused)
		return xl_error("-c and -p do not go together");
	if (argc - optind > 3) {
		xl_error("there are too many arguments");
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	r.domain = argv[optind];
	r.file = argv[optind + 1];
	r.config_file = argv[optind + 2];
	if (!xl_find_domain(r.domain, &r.domid))
		return XL_EXIT_FAIL;
	if (!r.domid)
		return xl_error("domain 0 runs this host and cannot be saved");
	r.watched = mark_state(r.domid, MARK_WATCH) == MARK_ALIVE;
	return save_domain(&r);
}

static int saved_config(const struct savefile *save, const char *config_file, libxl_domain_config *config)
{
	struct config_source source = { .file = config_file, .quiet = true };

	if (config_file)
		return config_read(&source, config);
	if (!save->config)
		return xl_error("Config file not specified and none in save file");
	if (save->flags & SAVEFILE_JSON)
		return libxl_domain_config_from_json(ctx, config, save->config) ?
			       xl_error("the configuration in the save file cannot be read; give a config file") : 0;
	source.file = "<saved>";
	source.text = save->config;
	source.length = save->config_length;
	return config_read(&source, config);
}

static int restore_from(struct launch *launch, const char *config_file, const char *file)
{
	struct savefile save;
	int result;

	launch->restore_fd = open(file, O_RDONLY | O_CLOEXEC);
	if (launch->restore_fd < 0)
		return xl_fail(XL_KIND_NOT_FOUND, "Can't open restore file %s: %s", file, strerror(errno));
	result = savefile_read(launch->restore_fd, file, &save);
	libxl_domain_config_init(&launch->config);
	if (!result) {
		fprintf(stderr, "Loading new save file %s (new xl fmt info 0x%x/0x0/%zu)\n", file, save.flags,
			save.config_length + 1 + sizeof(uint32_t));
		result = saved_config(&save, config_file, &launch->config);
	}
	launch->stream_version = 2;
	if (!result) {
		int fd = launch->restore_fd;

		result = launch_domain(launch);
		launch->restore_fd = fd;
	} else {
		result = XL_EXIT_FAIL;
	}
	libxl_domain_config_dispose(&launch->config);
	free(save.config);
	close(launch->restore_fd);
	return result;
}

int cmd_restore(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "vncviewer", no_argument, NULL, 'V' },
		{ "vncviewer-autopass", no_argument, NULL, 'A' },
		LIMIT_OPTION,
		{ 0 },
	};
	struct launch launch = { .restore_fd = -1, .watch = true };
	const char *config_file = NULL;
	int option;

	while ((option = next_option(argc, argv, "FcpdeVA", longs, 1)) != -1) {
		launch.foreground = launch.foreground || option == 'F';
		launch.console = launch.console || option == 'c';
		launch.paused = launch.paused || option == 'p';
		launch.watch = launch.watch && option != 'e';
		if (option == 'd')
			log_set_level(XTL_DEBUG);
		if (option == OPTION_LIMIT && !limit_parse(&launch.limit, optarg))
			return XL_EXIT_USAGE;
		if (option == 'V' || option == 'A')
			launch.viewer = option == 'A' ? VIEWER_WITH_PASSWORD : VIEWER_PLAIN;
	}
	if (argc - optind > 2) {
		xl_error("there are too many arguments");
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	if (argc - optind == 2)
		config_file = argv[optind++];
	return restore_from(&launch, config_file, argv[optind]);
}
