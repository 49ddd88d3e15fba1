// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of the rarer devices: channels, shared folders, sockets, TPMs, device tree nodes. */
#include <stdlib.h>
#include <string.h>

#include "spec.h"

struct channel {
	char *backend;
	char *name;
	char *path;
	libxl_channel_connection connection;
};

SPEC_TEXT(channel_backend, struct channel, backend)
SPEC_TEXT(channel_name, struct channel, name)
SPEC_TEXT(channel_path, struct channel, path)

static int channel_connection(void *arg, const char *value)
{
	struct channel *channel = arg;

	if (!strcasecmp(value, "pty"))
		channel->connection = LIBXL_CHANNEL_CONNECTION_PTY;
	else if (!strcasecmp(value, "socket"))
		channel->connection = LIBXL_CHANNEL_CONNECTION_SOCKET;
	else
		return -1;
	return 0;
}

static const struct spec_key channel_keys[] = {
	{ "backend", channel_backend, "a domain" },
	{ "name", channel_name, "a name" },
	{ "connection", channel_connection, "pty or socket" },
	{ "path", channel_path, "a path" },
};

static int add_channel(struct config_build *build, const char *text, struct channel *in)
{
	libxl_domain_config *out = build->out;
	libxl_device_channel *channel;

	if (spec_entry(build, text, channel_keys, ARRAY_SIZE(channel_keys), in))
		return -1;
	if (!in->name || in->connection == LIBXL_CHANNEL_CONNECTION_UNKNOWN)
		return config_error(build, "entry \"%s\" needs name= and connection=pty or socket", text);
	if ((in->connection == LIBXL_CHANNEL_CONNECTION_SOCKET) != !!in->path)
		return config_error(build, "entry \"%s\": path= goes with connection=socket, and only with it", text);
	channel = DEVICE_APPEND(out->channels, out->num_channels);
	libxl_device_channel_init(channel);
	libxl_device_channel_init_connection(channel, in->connection);
	channel->devid = out->num_channels - 1;
	channel->name = xl_strdup(in->name);
	if (in->backend)
		channel->backend_domname = xl_strdup(in->backend);
	if (in->path)
		channel->u.socket.path = xl_strdup(in->path);
	return 0;
}

DECLARE_SETTER(set_channels)
{
	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		struct channel channel = { 0 };

		if (!text)
			return -1;
		add_channel(build, text, &channel);
		free(channel.backend);
		free(channel.name);
		free(channel.path);
	}
	return 0;
}

SPEC_TEXT(p9_tag, libxl_device_p9, tag)
SPEC_TEXT(p9_path, libxl_device_p9, path)
SPEC_TEXT(p9_security, libxl_device_p9, security_model)
SPEC_TEXT(p9_backend, libxl_device_p9, backend_domname)

static const struct spec_key p9_keys[] = {
	{ "tag", p9_tag, "a tag" },
	{ "path", p9_path, "a path" },
	{ "security_model", p9_security, "none" },
	{ "backend", p9_backend, "a domain" },
};

DECLARE_SETTER(set_p9s)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_p9 *p9;

		if (!text)
			return -1;
		p9 = DEVICE_APPEND(out->p9s, out->num_p9s);
		libxl_device_p9_init(p9);
		if (spec_entry(build, text, p9_keys, ARRAY_SIZE(p9_keys), p9))
			continue;
		if (!p9->tag || !p9->path || !p9->security_model)
			config_error(build, "entry \"%s\" needs tag=, path= and security_model=", text);
	}
	return 0;
}

SPEC_TEXT(pvcalls_backend, libxl_device_pvcallsif, backend_domname)

static const struct spec_key pvcalls_keys[] = {
	{ "backend", pvcalls_backend, "a domain" },
};

DECLARE_SETTER(set_pvcalls)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_pvcallsif *pvcalls;

		if (!text)
			return -1;
		pvcalls = DEVICE_APPEND(out->pvcallsifs, out->num_pvcallsifs);
		libxl_device_pvcallsif_init(pvcalls);
		pvcalls->devid = i;
		spec_entry(build, text, pvcalls_keys, ARRAY_SIZE(pvcalls_keys), pvcalls);
	}
	return 0;
}

SPEC_TEXT(vtpm_backend, libxl_device_vtpm, backend_domname)

static int vtpm_uuid(void *arg, const char *value)
{
	return libxl_uuid_from_string(&((libxl_device_vtpm *)arg)->uuid, value);
}

static const struct spec_key vtpm_keys[] = {
	{ "backend", vtpm_backend, "a domain" },
	{ "uuid", vtpm_uuid, "a UUID" },
};

char *vtpm_parse(const char *text, libxl_device_vtpm *vtpm)
{
	return spec_parse(text, vtpm_keys, ARRAY_SIZE(vtpm_keys), vtpm, NULL);
}

DECLARE_SETTER(set_vtpms)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_vtpm *vtpm;

		if (!text)
			return -1;
		vtpm = DEVICE_APPEND(out->vtpms, out->num_vtpms);
		libxl_device_vtpm_init(vtpm);
		vtpm->devid = i;
		if (spec_entry_failed(build, text, vtpm_parse(text, vtpm)))
			continue;
		if (!vtpm->backend_domname)
			config_error(build, "entry \"%s\" needs backend=", text);
	}
	return 0;
}

DECLARE_SETTER(set_dtdevs)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_dtdev *dtdev;

		if (!text)
			return -1;
		dtdev = DEVICE_APPEND(out->dtdevs, out->num_dtdevs);
		libxl_device_dtdev_init(dtdev);
		dtdev->path = xl_strdup(text);
	}
	return 0;
}
