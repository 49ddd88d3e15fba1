// SPDX-License-Identifier: GPL-2.0-only
/* Messages, memory and names: the ground that all commands stand on. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nearest.h>
#include <xen/io/xenbus.h>

#include "cmd.h"
#include "json.h"
#include "log.h"

libxl_ctx *ctx;
xentoollog_logger *logger;
struct xl_options options;

static void vmessage(const char *kind, const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		return;
	/* stdout first, so that the order on a terminal is the order of events. */
	fflush(stdout);
	fprintf(stderr, "%s%s\n", kind, text);
	log_note(text);
	free(text);
}

int xl_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmessage("xl: ", format, args);
	va_end(args);
	return XL_EXIT_FAIL;
}

void xl_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmessage("xl: warning: ", format, args);
	va_end(args);
}

static enum xl_kind failure;

static void keep_kind(enum xl_kind kind)
{
	if (failure == XL_KIND_ANY || kind == XL_KIND_TIMEOUT)
		failure = kind;
}

int xl_fail(enum xl_kind kind, const char *format, ...)
{
	va_list args;

	keep_kind(kind);
	va_start(args, format);
	vmessage("xl: ", format, args);
	va_end(args);
	return XL_EXIT_FAIL;
}

int xl_exit_code(int result)
{
	bool exact = options.exact_codes && failure != XL_KIND_ANY && result != XL_EXIT_USAGE;

	return result && (exact || failure == XL_KIND_TIMEOUT) ? (int)failure : result;
}

static const struct meaning {
	int rc;
	enum xl_kind kind;
	const char *text;
} meanings[] = {
	{ ERROR_NOMEM, XL_KIND_NO_MEMORY, "memory is short" },
	{ ERROR_INVAL, XL_KIND_ANY, "an argument is not valid" },
	{ ERROR_NI, XL_KIND_NOT_BUILT, "this is not built" },
	{ ERROR_GUEST_TIMEDOUT, XL_KIND_GUEST, "the guest did not answer in time" },
	{ ERROR_TIMEDOUT, XL_KIND_LATE, "it took too long" },
	{ ERROR_NOPARAVIRT, XL_KIND_GUEST, "the guest has no paravirtual drivers" },
	{ ERROR_NOT_READY, XL_KIND_BUSY, "it is not ready yet" },
	{ ERROR_LOCK_FAIL, XL_KIND_BUSY, "its lock could not be taken; the domain may be going away" },
	{ ERROR_DEVICE_EXISTS, XL_KIND_EXISTS, "the device exists already" },
	{ ERROR_DOMAIN_NOTFOUND, XL_KIND_NO_DOMAIN, "there is no such domain; see `xl list'" },
	{ ERROR_ABORTED, XL_KIND_ANY, "it was aborted" },
	{ ERROR_NOTFOUND, XL_KIND_NOT_FOUND, "it was not found" },
	{ ERROR_DOMAIN_DESTROYED, XL_KIND_BUSY, "the domain was destroyed meanwhile" },
	{ 0, XL_KIND_ANY, "the reason is not known" },
};

int xl_libxl_error(int rc, const char *format, ...)
{
	const struct meaning *m = meanings;
	char *with_meaning;
	va_list args;

	while (m->rc && m->rc != rc)
		m++;
	keep_kind(m->kind);
	/* A line of libxl above says more than the code. */
	with_meaning = xl_printf(log_has_errors() ? "%s" : "%s: %s", format, m->text);
	va_start(args, format);
	vmessage("xl: ", with_meaning, args);
	va_end(args);
	free(with_meaning);
	return XL_EXIT_FAIL;
}

static void *checked(void *memory)
{
	if (!memory) {
		xl_error("memory is short");
		exit(XL_EXIT_FAIL);
	}
	return memory;
}

void *xl_calloc(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size));
}

void *xl_realloc(void *memory, size_t size)
{
	return checked(realloc(memory, size));
}

char *xl_strdup(const char *text)
{
	return checked(strdup(text));
}

char *xl_vprintf(const char *format, va_list args)
{
	char *text;

	return checked(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *xl_printf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xl_vprintf(format, args);
	va_end(args);
	return text;
}

bool xl_open(void)
{
	if (ctx)
		return true;
	if (!libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger))
		return true;
	ctx = NULL;
	if (geteuid())
		xl_fail(XL_KIND_NO_HOST, "cannot reach the hypervisor: only root may; run xl as root");
	else if (access("/proc/xen", F_OK) && access("/sys/hypervisor/type", F_OK))
		xl_fail(XL_KIND_NO_HOST, "cannot reach the hypervisor: this machine does not run under Xen; boot its Xen entry");
	else
		xl_fail(XL_KIND_NO_HOST, "cannot reach the hypervisor or xenstored; is xenstored running, is the module xen-privcmd loaded?");
	return false;
}

void xl_close(void)
{
	if (ctx)
		libxl_ctx_free(ctx);
	ctx = NULL;
}

void xl_postfork(void)
{
	if (!ctx)
		return;
	libxl_postfork_child_noexec(ctx);
	ctx = NULL;
}

struct domain_word {
	char *name; /* first: what xlu_nearest looks at */
};

/* "; did you mean `x'?" of a name that is near, or NULL; the caller frees it. */
static char *near_domain(const char *which)
{
	int count = 0;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	struct domain_word *words = xl_calloc((size_t)count, sizeof(*words));
	const char *near;
	char *hint;

	for (int i = 0; i < count; i++)
		words[i].name = xl_domain_name(list[i].domid);
	near = xlu_nearest(which, words, (size_t)count, sizeof(*words));
	hint = near ? xl_printf("; did you mean `%s'?", near) : NULL;
	for (int i = 0; i < count; i++)
		free(words[i].name);
	free(words);
	if (list)
		libxl_dominfo_list_free(list, count);
	return hint;
}

int xl_no_domain(const char *which, const char *text, const char *end)
{
	/* What libxl complained about is why no name could be looked up. */
	enum xl_kind kind = log_has_errors() ? XL_KIND_NO_HOST : XL_KIND_NO_DOMAIN;
	char *hint = near_domain(which);

	xl_fail(kind, "%s%s", text, hint ? hint : end);
	free(hint);
	return XL_EXIT_FAIL;
}

bool xl_find_domain(const char *which, uint32_t *domid)
{
	char *text;

	if (!libxl_domain_qualifier_to_domid(ctx, which, domid))
		return true;
	text = xl_printf("%s is an invalid domain identifier: no domain has this name or number", which);
	xl_no_domain(which, text, "; see `xl list'");
	free(text);
	return false;
}

const char *device_state_name(int state)
{
	static const char *const names[] = {
		[XenbusStateUnknown] = "unknown",
		[XenbusStateInitialising] = "initialising",
		[XenbusStateInitWait] = "waiting",
		[XenbusStateInitialised] = "initialised",
		[XenbusStateConnected] = "connected",
		[XenbusStateClosing] = "closing",
		[XenbusStateClosed] = "closed",
		[XenbusStateReconfiguring] = "reconfiguring",
		[XenbusStateReconfigured] = "reconfigured",
	};

	return state < 0 || state >= (int)ARRAY_SIZE(names) ? NULL : names[state];
}

char *xl_domain_name(uint32_t domid)
{
	char *name = libxl_domid_to_name(ctx, domid);

	return name ? name : xl_strdup("(null)");
}

char *xl_listed_name(uint32_t domid, bool json)
{
	return json ? libxl_domid_to_name(ctx, domid) : xl_domain_name(domid);
}

int list_devices(int argc, char **argv, bool json, void (*list)(uint32_t domid, bool json))
{
	int result = XL_EXIT_OK;

	if (json)
		json_array(NULL);
	for (int i = optind; i < argc; i++) {
		uint32_t domid;

		if (xl_find_domain(argv[i], &domid))
			list(domid, json);
		else
			result = XL_EXIT_FAIL;
	}
	if (json)
		json_array_end();
	return result;
}
