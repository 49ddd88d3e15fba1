// SPDX-License-Identifier: LGPL-2.1-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_internal.h"

/* A request whose body is decimal numbers. */
static void *talk_numbers(struct xs_handle *h, enum xsd_sockmsg_type type, unsigned int n,
			  const unsigned long *number)
{
	char text[3][24];
	struct iovec v[3];

	for (unsigned int i = 0; i < n; i++) {
		v[i].iov_base = text[i];
		v[i].iov_len = (size_t)snprintf(text[i], sizeof(text[i]), "%lu", number[i]) + 1;
	}
	return store_talkv(h, XBT_NULL, type, v, n, NULL);
}

static void *talk_domid(struct xs_handle *h, enum xsd_sockmsg_type type, unsigned long domid)
{
	return talk_numbers(h, type, 1, &domid);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn,
			 unsigned int eventchn)
{
	const unsigned long n[] = { domid, mfn, eventchn };

	return store_ok(talk_numbers(h, XS_INTRODUCE, 3, n));
}

bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target)
{
	const unsigned long n[] = { domid, target };

	return store_ok(talk_numbers(h, XS_SET_TARGET, 2, n));
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
	return store_ok(talk_domid(h, XS_RESUME, domid));
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
	return store_ok(talk_domid(h, XS_RELEASE, domid));
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	return talk_domid(h, XS_GET_DOMAIN_PATH, domid);
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	char *answer = talk_domid(h, XS_IS_DOMAIN_INTRODUCED, domid);
	bool yes = answer && !strcmp(answer, "T");

	free(answer);
	return yes;
}

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
	struct iovec v[2] = { { (void *)cmd, strlen(cmd) + 1 }, { data, len } };

	return store_talkv(h, XBT_NULL, XS_CONTROL, v, 2, NULL);
}

char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len)
{
	return xs_control_command(h, cmd, data, len);
}

int xs_suspend_evtchn_port(int domid)
{
	struct xs_handle *h = xs_open(0);
	char path[64], *text;
	int port = -1;

	if (!h)
		return -1;
	snprintf(path, sizeof(path), "/local/domain/%d/device/suspend/event-channel", domid);
	text = xs_read(h, XBT_NULL, path, NULL);
	if (text)
		port = (int)strtol(text, NULL, 10);
	free(text);
	xs_close(h);
	return port;
}
