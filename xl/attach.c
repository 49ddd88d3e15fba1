// SPDX-License-Identifier: GPL-2.0-only
/* vkb-, vdispl-, vsnd- and vtpm-attach and -detach, which differ in the specification alone. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "config.h"
#include "limit.h"

union device {
	libxl_device_vkb vkb;
	libxl_device_vdispl vdispl;
	libxl_device_vsnd vsnd;
	libxl_device_vtpm vtpm;
};

struct kind {
	const char *word, *what;
	void (*init)(union device *d);
	void (*dispose)(union device *d);
	char *(*to_json)(union device *d);
	char *(*parse)(const char *text, union device *d);
	const char *(*lacks)(const union device *d); /* what must be said of it and was not; or NULL */
	int (*add)(uint32_t domid, union device *d, const libxl_asyncop_how *how);
	int (*find)(uint32_t domid, const char *which, union device *d);
	int (*remove)(uint32_t domid, union device *d, const libxl_asyncop_how *how);
	int wrong, incomplete, failed; /* exit codes of 4.17 */
};

/* The same for each by its own names. */
#define CALLS(word)                                                                                \
	static void word##_init(union device *d)                                                   \
	{                                                                                          \
		libxl_device_##word##_init(&d->word);                                              \
	}                                                                                          \
	static void word##_dispose(union device *d)                                                \
	{                                                                                          \
		libxl_device_##word##_dispose(&d->word);                                           \
	}                                                                                          \
	static char *word##_to_json(union device *d)                                               \
	{                                                                                          \
		return libxl_device_##word##_to_json(ctx, &d->word);                               \
	}                                                                                          \
	static char *word##_read(const char *text, union device *d)                                \
	{                                                                                          \
		return word##_parse(text, &d->word);                                               \
	}                                                                                          \
	static int word##_add(uint32_t domid, union device *d, const libxl_asyncop_how *how)       \
	{                                                                                          \
		return libxl_device_##word##_add(ctx, domid, &d->word, how);                       \
	}                                                                                          \
	static int word##_by_number(uint32_t domid, const char *which, union device *d)            \
	{                                                                                          \
		char *end;                                                                         \
		long devid = strtol(which, &end, 10);                                              \
												   \
		return *end ? ERROR_NOTFOUND :                                                     \
			      libxl_devid_to_device_##word(ctx, domid, (int)devid, &d->word);      \
	}                                                                                          \
	static int word##_remove(uint32_t domid, union device *d, const libxl_asyncop_how *how)    \
	{                                                                                          \
		return libxl_device_##word##_remove(ctx, domid, &d->word, how);                    \
	}

CALLS(vkb)
CALLS(vdispl)
CALLS(vsnd)
CALLS(vtpm)

static const char *vkb_lacks(const union device *d)
{
	return d->vkb.backend_type == LIBXL_VKB_BACKEND_UNKNOWN ? "backend-type=qemu or backend-type=linux" : NULL;
}

static const char *vdispl_lacks(const union device *d)
{
	return d->vdispl.num_connectors ? NULL : "connectors=ID:WIDTHxHEIGHT";
}

static int vtpm_find(uint32_t domid, const char *which, union device *d)
{
	libxl_uuid uuid;

	return libxl_uuid_from_string(&uuid, which) ? vtpm_by_number(domid, which, d) :
						      libxl_uuid_to_device_vtpm(ctx, domid, &uuid, &d->vtpm);
}

#define KIND(word, what, ...)                                                                      \
	{ #word, what, word##_init, word##_dispose, word##_to_json, word##_read, .add = word##_add, .remove = word##_remove, __VA_ARGS__ }

static const struct kind vkb = KIND(vkb, "keyboard", .lacks = vkb_lacks, .find = vkb_by_number,
				    .wrong = XL_EXIT_MINUS_1, .incomplete = XL_EXIT_ERROR_FAIL, .failed = XL_EXIT_ERROR_FAIL);
static const struct kind vdispl = KIND(vdispl, "display", .lacks = vdispl_lacks, .find = vdispl_by_number,
				       .wrong = XL_EXIT_FAIL, .incomplete = XL_EXIT_ERROR_FAIL, .failed = XL_EXIT_ERROR_FAIL);
static const struct kind vsnd = KIND(vsnd, "sound card", .find = vsnd_by_number, .wrong = XL_EXIT_MINUS_1,
				     .failed = XL_EXIT_ERROR_FAIL);
static const struct kind vtpm = KIND(vtpm, "TPM", .find = vtpm_find, .wrong = XL_EXIT_FAIL, .failed = XL_EXIT_FAIL);

static int read_device(int argc, char **argv, const struct kind *kind, union device *d)
{
	const char *lacks;

	for (int i = optind + 1; i < argc; i++) {
		char *why = kind->parse(argv[i], d);

		if (why) {
			xl_error("%s setting `%s': %s", kind->what, argv[i], why);
			free(why);
			return kind->wrong;
		}
	}
	lacks = kind->lacks ? kind->lacks(d) : NULL;
	if (!lacks)
		return XL_EXIT_OK;
	xl_error("the %s needs %s", kind->what, lacks);
	return kind->incomplete;
}

static int add_device(const char *domain, uint32_t domid, const struct kind *kind, union device *d, struct limit *limit)
{
	char *json;
	int rc;

	if (options.dry_run) {
		json = kind->to_json(d);
		printf("%s: %s\n", kind->word, json ? json : "?");
		free(json);
		return XL_EXIT_OK;
	}
	rc = limit_end(limit, kind->add(domid, d, limit_how(limit)));
	if (!rc)
		return XL_EXIT_OK;
	limit_error(limit, rc, "domain `%s': a %s could not be attached", domain, kind->what);
	return kind->failed;
}

static int attach(int argc, char **argv, const struct kind *kind, int min)
{
	struct limit limit;
	union device d;
	uint32_t domid;
	int rc;

	if (!limit_wanted(argc, argv, min, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	kind->init(&d);
	rc = read_device(argc, argv, kind, &d);
	if (!rc)
		rc = add_device(argv[optind], domid, kind, &d, &limit);
	kind->dispose(&d);
	return rc;
}

static int detach(int argc, char **argv, const struct kind *kind)
{
	const char *which;
	struct limit limit;
	union device d;
	uint32_t domid;
	int rc;

	if (!limit_wanted(argc, argv, 2, &limit))
		return XL_EXIT_USAGE;
	if (!xl_find_domain(argv[optind], &domid))
		return XL_EXIT_FAIL;
	which = argv[optind + 1];
	kind->init(&d);
	rc = kind->find(domid, which, &d);
	if (rc) {
		xl_fail(XL_KIND_NOT_FOUND, "domain `%s' has no %s %s; see `xl %s-list %s'", argv[optind], kind->what, which,
			kind->word, argv[optind]);
	} else {
		rc = limit_end(&limit, kind->remove(domid, &d, limit_how(&limit)));
		if (rc)
			limit_error(&limit, rc, "domain `%s': %s %s could not be detached", argv[optind], kind->what, which);
	}
	kind->dispose(&d);
	return rc ? kind->failed : XL_EXIT_OK;
}

int cmd_vkb_attach(int argc, char **argv)
{
	return attach(argc, argv, &vkb, 2);
}

int cmd_vkb_detach(int argc, char **argv)
{
	return detach(argc, argv, &vkb);
}

int cmd_vdispl_attach(int argc, char **argv)
{
	return attach(argc, argv, &vdispl, 1);
}

int cmd_vdispl_detach(int argc, char **argv)
{
	return detach(argc, argv, &vdispl);
}

int cmd_vsnd_attach(int argc, char **argv)
{
	return attach(argc, argv, &vsnd, 2);
}

int cmd_vsnd_detach(int argc, char **argv)
{
	return detach(argc, argv, &vsnd);
}

int cmd_vtpm_attach(int argc, char **argv)
{
	return attach(argc, argv, &vtpm, 1);
}

int cmd_vtpm_detach(int argc, char **argv)
{
	return detach(argc, argv, &vtpm);
}
