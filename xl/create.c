// SPDX-License-Identifier: GPL-2.0-only
/* create, config-update: command lines with configuration files and overrides. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "config.h"
#include "launch.h"
#include "log.h"

/* Exit codes that scripts know. */
#define EXIT_UNREADABLE	  3
#define EXIT_NO_CONFIG	  6
#define OPTION_STRICT	  1001

/* Arguments that are not options: one file, and any number of "key=value" overrides. */
struct words {
	const char *file;
	char *overrides;
};

static int sort_words(int argc, char **argv, struct words *words)
{
	for (int i = optind; i < argc; i++) {
		if (strchr(argv[i], '=')) {
			char *more = xl_printf("%s%s\n", words->overrides ? words->overrides : "", argv[i]);

			free(words->overrides);
			words->overrides = more;
		} else if (words->file) {
			xl_error("there are two config files, %s and %s; write one", words->file, argv[i]);
			return usage_error(argv[0], XL_EXIT_USAGE);
		} else {
			words->file = argv[i];
		}
	}
	return XL_EXIT_OK;
}

static int check_file(const char *file)
{
	if (!access(file, R_OK))
		return 0;
	xl_error("Failed to read config file: %s: %s", file, strerror(errno));
	return EXIT_UNREADABLE;
}

static int print_config(libxl_domain_config *config)
{
	char *json = libxl_domain_config_to_json(ctx, config);

	if (!json)
		return xl_error("the configuration could not be printed");
	fputs(json, stdout);
	free(json);
	return XL_EXIT_OK;
}

static int create_from(struct launch *launch, const struct words *words, struct config_source *source,
		       bool dry_run)
{
	int result;

	if (!words->file && !words->overrides) {
		xl_error("Config file not specified; see `xl help create'");
		return EXIT_NO_CONFIG;
	}
	if (words->file && (result = check_file(words->file)))
		return result;
	source->file = words->file;
	source->overrides = words->overrides;
	if (!launch->quiet && words->file)
		fprintf(stderr, "Parsing config from %s\n", words->file);
	libxl_domain_config_init(&launch->config);
	if (config_read(source, &launch->config)) {
		result = xl_fail(XL_KIND_CONFIG, "no domain is created, because of the lines above");
	} else if (dry_run) {
		result = print_config(&launch->config);
	} else {
		result = launch_domain(launch);
	}
	libxl_domain_config_dispose(&launch->config);
	return result;
}

int cmd_create(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dryrun", no_argument, NULL, 'n' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "defconfig", required_argument, NULL, 'f' },
		{ "vncviewer", no_argument, NULL, 'V' },
		{ "vncviewer-autopass", no_argument, NULL, 'A' },
		{ "ignore-global-affinity-masks", no_argument, NULL, 'i' },
		{ "strict", no_argument, NULL, OPTION_STRICT },
		LIMIT_OPTION,
		{ 0 },
	};
	struct launch launch = { .restore_fd = -1, .watch = true };
	struct config_source source = { 0 };
	struct words words = { 0 };
	bool dry_run = options.dry_run;
	int option, result;

	while ((option = next_option(argc, argv, "Fnqf:pcdeiVAv", longs, 0)) != -1) {
		switch (option) {
		case 'f':
			words.file = optarg;
			break;
		case 'p':
			launch.paused = true;
			break;
		case 'c':
			launch.console = true;
			break;
		case 'F':
			launch.foreground = true;
			break;
		case 'e':
			launch.watch = false;
			break;
		case 'n':
			dry_run = true;
			break;
		case 'q':
			launch.quiet = source.quiet = true;
			break;
		case 'd':
		case 'v':
			options.verbose++;
			log_set_level(option == 'd' ? XTL_DEBUG : XTL_VERBOSE);
			break;
		case 'V':
		case 'A':
			launch.viewer = option == 'A' ? VIEWER_WITH_PASSWORD : VIEWER_PLAIN;
			break;
		case 'i':
			source.ignore_global_affinity = true;
			break;
		case OPTION_LIMIT:
			if (!limit_parse(&launch.limit, optarg))
				return XL_EXIT_USAGE;
			break;
		case OPTION_STRICT:
			source.strict = true;
			break;
		}
	}
	result = sort_words(argc, argv, &words);
	if (!result)
		result = create_from(&launch, &words, &source, dry_run);
	free(words.overrides);
	return result;
}

static char *whole_file(const char *file, const char *overrides, int *length)
{
	void *data = NULL;
	char *text;
	int n = 0;

	if (file && libxl_read_file_contents(ctx, file, &data, &n)) {
		xl_error("Failed to read config file: %s", file);
		return NULL;
	}
	text = xl_printf("%.*s\n%s", n, data ? (char *)data : "", overrides ? overrides : "");
	free(data);
	*length = (int)strlen(text);
	return text;
}

int cmd_config_update(int argc, char **argv)
{
	static const struct option longs[] = { { "defconfig", required_argument, NULL, 'f' }, { 0 } };
	struct config_source source = { 0 };
	struct words words = { 0 };
	libxl_domain_config config;
	int option, result, length;
	bool quiet = false;
	uint32_t domid;
	char *text;

	while ((option = next_option(argc, argv, "f:dq", longs, 0)) != -1) {
		quiet = quiet || option == 'q';
		if (option == 'f')
			words.file = optarg;
		else if (option == 'd')
			log_set_level(XTL_DEBUG);
	}
	if (optind == argc) {
		xl_error("config-update needs a domain");
		return usage_error(argv[0], XL_EXIT_FAIL);
	}
	if (!xl_find_domain(argv[optind++], &domid) || sort_words(argc, argv, &words))
		return XL_EXIT_FAIL;
	if (!words.file && !words.overrides)
		return xl_error("Config file not specified; see `xl help config-update'");
	if (!quiet)
		xl_warn("what is changed while a domain runs is kept anyway; config-update replaces all of it at the next reboot");
	text = whole_file(words.file, words.overrides, &length);
	if (!text)
		return XL_EXIT_ERROR_FAIL;
	source.file = words.file;
	source.overrides = words.overrides;
	libxl_domain_config_init(&config);
	if (config_read(&source, &config))
		result = xl_fail(XL_KIND_CONFIG, "nothing is changed, because of the lines above");
	else if (libxl_userdata_store(ctx, domid, "xl", (const uint8_t *)text, length))
		result = xl_error("the configuration of domain %u could not be stored", domid);
	else
		result = XL_EXIT_OK;
	libxl_domain_config_dispose(&config);
	free(text);
	free(words.overrides);
	return result;
}
