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

static const char *meaning(int rc)
{
	switch (rc) {
	case ERROR_NOMEM:
		return "memory is short";
	case ERROR_INVAL:
		return "an argument is not valid";
	case ERROR_NI:
		return "this is not built";
	case ERROR_GUEST_TIMEDOUT:
		return "the guest did not answer in time";
	case ERROR_TIMEDOUT:
		return "it took too long";
	case ERROR_NOPARAVIRT:
		return "the guest has no paravirtual drivers";
	case ERROR_NOT_READY:
		return "it is not ready yet";
	case ERROR_LOCK_FAIL:
		return "its lock could not be taken; the domain may be going away";
	case ERROR_DEVICE_EXISTS:
		return "the device exists already";
	case ERROR_DOMAIN_NOTFOUND:
		return "there is no such domain; see `xl list'";
	case ERROR_ABORTED:
		return "it was aborted";
	case ERROR_NOTFOUND:
		return "it was not found";
	case ERROR_DOMAIN_DESTROYED:
		return "the domain was destroyed meanwhile";
	default:
		return "the reason is not known";
	}
}

int xl_libxl_error(int rc, const char *format, ...)
{
	/* A line of libxl above says more than the code. */
	char *with_meaning = xl_printf(log_has_errors() ? "%s" : "%s: %s", format, meaning(rc));
	va_list args;

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

char *xl_strdup(const char *text)
{
	return checked(strdup(text));
}

char *xl_printf(const char *format, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	return checked(n < 0 ? NULL : text);
}

bool xl_open(void)
{
	if (ctx)
		return true;
	if (!libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, logger))
		return true;
	ctx = NULL;
	if (geteuid())
		xl_error("cannot reach the hypervisor: only root may; run xl as root");
	else if (access("/proc/xen", F_OK) && access("/sys/hypervisor/type", F_OK))
		xl_error("cannot reach the hypervisor: this machine does not run under Xen; boot its Xen entry");
	else
		xl_error("cannot reach the hypervisor or xenstored; is xenstored running, is the module xen-privcmd loaded?");
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

static void report_no_domain(const char *which)
{
	int count = 0;
	libxl_dominfo *list = libxl_list_domain(ctx, &count);
	struct domain_word *words = xl_calloc((size_t)count, sizeof(*words));
	const char *near;

	for (int i = 0; i < count; i++)
		words[i].name = xl_domain_name(list[i].domid);
	near = xlu_nearest(which, words, (size_t)count, sizeof(*words));
	xl_error("%s is an invalid domain identifier: no domain has this name or number%s%s%s", which,
		 near ? "; did you mean `" : "; see `xl list'", near ? near : "", near ? "'?" : "");
	for (int i = 0; i < count; i++)
		free(words[i].name);
	free(words);
	if (list)
		libxl_dominfo_list_free(list, count);
}

bool xl_find_domain(const char *which, uint32_t *domid)
{
	if (!libxl_domain_qualifier_to_domid(ctx, which, domid))
		return true;
	report_no_domain(which);
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
