// SPDX-License-Identifier: GPL-2.0-only
/* vkb-list, vdispl-list, vsnd-list, vtpm-list, channel-list. The tables are those of 4.17, "(null)" for no text included. */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "json.h"

static const char *text(const char *s)
{
	return s ? s : "(null)";
}

/* Shows each device of a class that is still there when it is asked for. */
#define LIST(word, free_list)                                                                      \
	static void list_##word##s(uint32_t domid, bool json)                                      \
	{                                                                                          \
		int count;                                                                         \
		libxl_device_##word *list = libxl_device_##word##_list(ctx, domid, &count);        \
												   \
		for (int i = 0; list && i < count; i++) {                                          \
			libxl_##word##info info;                                                   \
												   \
			libxl_##word##info_init(&info);                                            \
			if (!libxl_device_##word##_getinfo(ctx, domid, &list[i], &info))           \
				(json ? json_##word : print_##word)(domid, &list[i], &info);       \
			libxl_##word##info_dispose(&info);                                         \
		}                                                                                  \
		if (list)                                                                          \
			free_list(list, count);                                                    \
	}

/* What the document has of every device. */
#define JSON_HEAD(domid, info)                                                                     \
	do {                                                                                       \
		json_object(NULL);                                                                 \
		json_number("domid", (domid));                                                     \
		json_number("devid", (uint64_t)(info)->devid);                                     \
		json_number("backend_domid", (info)->backend_id);                                  \
		json_text("backend_path", (info)->backend);                                        \
		json_text("frontend_path", (info)->frontend);                                      \
		json_text("state", device_state_name((info)->state));                              \
	} while (0)

static void json_ends(int event_channel, int ring_ref)
{
	json_known("event_channel", event_channel);
	json_known("ring_ref", ring_ref);
}

/* Keyboards. */

static void json_vkb(uint32_t domid, const libxl_device_vkb *vkb, const libxl_vkbinfo *info)
{
	JSON_HEAD(domid, info);
	json_text("unique_id", vkb->unique_id);
	json_text("backend_type", libxl_vkb_backend_to_string(vkb->backend_type));
	json_ends(info->evtch, info->rref);
	json_object_end();
}

static void print_vkb(uint32_t domid, const libxl_device_vkb *vkb, const libxl_vkbinfo *info)
{
	printf("%-3d %-2u %6d %5d %6d %6d %-10s %-10s %-30s\n", info->devid, info->backend_id, info->devid, info->state,
	       info->evtch, info->rref, text(vkb->unique_id), libxl_vkb_backend_to_string(vkb->backend_type), info->backend);
}

LIST(vkb, libxl_device_vkb_list_free)

int cmd_vkb_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (!json)
		printf("%-3s %-2s %-6s %-5s %-6s %6s %-10s %-10s %-30s\n", "Idx", "BE", "handle", "state", "evt-ch", "ref",
		       "ID", "BE-type", "BE-path");
	return list_devices(argc, argv, json, list_vkbs);
}

/* TPMs. */

static void json_vtpm(uint32_t domid, const libxl_device_vtpm *vtpm, const libxl_vtpminfo *info)
{
	char uuid[37];

	snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(vtpm->uuid));
	JSON_HEAD(domid, info);
	json_text("uuid", uuid);
	json_ends(info->evtch, info->rref);
	json_object_end();
}

static void print_vtpm(uint32_t domid, const libxl_device_vtpm *vtpm, const libxl_vtpminfo *info)
{
	printf("%-3d %-2u " LIBXL_UUID_FMT " %6d %5d %6d %8d %-30s\n", info->devid, info->backend_id,
	       LIBXL_UUID_BYTES(vtpm->uuid), info->devid, info->state, info->evtch, info->rref, info->backend);
}

LIST(vtpm, libxl_device_vtpm_list_free)

/* For a domain that does not exist this and the next two end as if there were one, as they always did. */
int cmd_vtpm_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (!json)
		printf("%-3s %-2s %-36s %-6s %-5s %-6s %-8s %-10s\n", "Idx", "BE", "Uuid", "handle", "state", "evt-ch",
		       "ring-ref", "BE-path");
	list_devices(argc, argv, json, list_vtpms);
	return XL_EXIT_OK;
}

/* Displays. */

static void json_vdispl(uint32_t domid, const libxl_device_vdispl *vdispl, const libxl_vdisplinfo *info)
{
	JSON_HEAD(domid, info);
	json_flag("be_alloc", info->be_alloc);
	json_array("connectors");
	for (int i = 0; i < info->num_connectors; i++) {
		const libxl_connectorinfo *c = &info->connectors[i];

		json_object(NULL);
		json_text("unique_id", c->unique_id);
		json_number("width", c->width);
		json_number("height", c->height);
		json_known("request_event_channel", c->req_evtch);
		json_known("request_ring_ref", c->req_rref);
		json_known("event_event_channel", c->evt_evtch);
		json_known("event_ring_ref", c->evt_rref);
		json_object_end();
	}
	json_array_end();
	json_object_end();
}

static void print_vdispl(uint32_t domid, const libxl_device_vdispl *vdispl, const libxl_vdisplinfo *info)
{
	printf("DevId: %d, BE: %u, handle: %u, state: %d, be-alloc: %d, BE-path: %s, FE-path: %s\n", info->devid,
	       info->backend_id, info->frontend_id, info->state, info->be_alloc, info->backend, info->frontend);
	for (int i = 0; i < info->num_connectors; i++) {
		const libxl_connectorinfo *c = &info->connectors[i];

		printf("\tConnector: %d, id: %s, width: %u, height: %u, req-rref: %d, req-evtch: %d, evt-rref: %d, "
		       "evt-evtch: %d\n", i, text(c->unique_id), c->width, c->height, c->req_rref, c->req_evtch,
		       c->evt_rref, c->evt_evtch);
	}
}

LIST(vdispl, libxl_device_vdispl_list_free)

int cmd_vdispl_list(int argc, char **argv)
{
	list_devices(argc, argv, json_wanted(argc, argv, 1), list_vdispls);
	return XL_EXIT_OK;
}

/* Sound cards. */

static void json_params(const libxl_vsnd_params *p)
{
	json_array("sample_rates");
	for (int i = 0; i < p->num_sample_rates; i++)
		json_number(NULL, p->sample_rates[i]);
	json_array_end();
	json_array("sample_formats");
	for (int i = 0; i < p->num_sample_formats; i++)
		json_text(NULL, libxl_vsnd_pcm_format_to_string(p->sample_formats[i]));
	json_array_end();
	json_number("channels_min", p->channels_min);
	json_number("channels_max", p->channels_max);
	json_number("buffer_size", p->buffer_size);
}

static void json_stream(const libxl_vsnd_stream *stream, const libxl_streaminfo *info)
{
	json_object(NULL);
	json_text("unique_id", stream->unique_id);
	json_text("type", stream->type ? libxl_vsnd_stream_type_to_string(stream->type) : NULL);
	json_params(&stream->params);
	json_ends(info->req_evtch, info->req_rref);
	json_object_end();
}

static void json_vsnd(uint32_t domid, const libxl_device_vsnd *card, const libxl_vsndinfo *info)
{
	JSON_HEAD(domid, info);
	json_text("short_name", card->short_name);
	json_text("long_name", card->long_name);
	json_params(&card->params);
	json_array("pcms");
	for (int i = 0; i < card->num_vsnd_pcms; i++) {
		const libxl_vsnd_pcm *pcm = &card->pcms[i];

		json_object(NULL);
		json_text("name", pcm->name);
		json_params(&pcm->params);
		json_array("streams");
		for (int j = 0; j < pcm->num_vsnd_streams; j++)
			json_stream(&pcm->streams[j], &info->pcms[i].streams[j]);
		json_array_end();
		json_object_end();
	}
	json_array_end();
	json_object_end();
}

/* Behind what it belongs to, to the end of the line. 4.17 calls formats rates as well. */
static void print_params(const libxl_vsnd_params *p)
{
	if (p->channels_min)
		printf(", channels-min: %u", p->channels_min);
	if (p->channels_max)
		printf(", channels-max: %u", p->channels_max);
	if (p->buffer_size)
		printf(", buffer-size: %u", p->buffer_size);
	for (int i = 0; i < p->num_sample_rates; i++)
		printf("%s%u", i ? ";" : ", sample-rates: ", p->sample_rates[i]);
	for (int i = 0; i < p->num_sample_formats; i++)
		printf("%s%s", i ? ";" : ", sample-formats: ", libxl_vsnd_pcm_format_to_string(p->sample_formats[i]));
	putchar('\n');
}

static void print_pcm(int number, const libxl_vsnd_pcm *pcm, const libxl_pcminfo *info)
{
	printf("\tpcm: %d, name: \"%s\"", number, text(pcm->name));
	print_params(&pcm->params);
	for (int i = 0; i < pcm->num_vsnd_streams; i++) {
		const libxl_vsnd_stream *stream = &pcm->streams[i];

		printf("\t\tstream: %d, unique-id: \"%s\", type: %s", i, text(stream->unique_id),
		       text(libxl_vsnd_stream_type_to_string(stream->type)));
		print_params(&stream->params);
		printf("\t\t\tevent-channel: %d, ring-ref: %d\n", info->streams[i].req_evtch, info->streams[i].req_rref);
	}
}

static void print_vsnd(uint32_t domid, const libxl_device_vsnd *card, const libxl_vsndinfo *info)
{
	printf("\ndevid: %d, be-domid: %u, handle: %u, state: %d, be-path: %s, fe-path: %s\n", info->devid,
	       info->backend_id, info->frontend_id, info->state, info->backend, info->frontend);
	printf("short-name: \"%s\", long-name: \"%s\"", text(card->short_name), text(card->long_name));
	print_params(&card->params);
	for (int i = 0; i < card->num_vsnd_pcms; i++)
		print_pcm(i, &card->pcms[i], &info->pcms[i]);
}

LIST(vsnd, libxl_device_vsnd_list_free)

int cmd_vsnd_list(int argc, char **argv)
{
	list_devices(argc, argv, json_wanted(argc, argv, 1), list_vsnds);
	return XL_EXIT_OK;
}

/* Channels, of which the library has no call that frees a list. */

static void free_channels(libxl_device_channel *list, int count)
{
	for (int i = 0; i < count; i++)
		libxl_device_channel_dispose(&list[i]);
	free(list);
}

static const char *channel_leads_to(const libxl_device_channel *channel, const libxl_channelinfo *info)
{
	return channel->connection == LIBXL_CHANNEL_CONNECTION_PTY ? info->u.pty.path : channel->u.socket.path;
}

static void json_channel(uint32_t domid, const libxl_device_channel *channel, const libxl_channelinfo *info)
{
	JSON_HEAD(domid, info);
	json_text("name", channel->name);
	json_text("connection", libxl_channel_connection_to_string(channel->connection));
	json_text("path", channel_leads_to(channel, info));
	json_ends(info->evtch, info->rref);
	json_object_end();
}

static void print_channel(uint32_t domid, const libxl_device_channel *channel, const libxl_channelinfo *info)
{
	printf("%-3d %-2u %-5d %-6d %-8d %-10s ", info->devid, info->backend_id, info->state, info->evtch, info->rref,
	       libxl_channel_connection_to_string(channel->connection));
	if (channel->connection == LIBXL_CHANNEL_CONNECTION_PTY)
		printf("%-30s ", info->u.pty.path ? info->u.pty.path : "");
	putchar('\n');
}

LIST(channel, free_channels)

int cmd_channel_list(int argc, char **argv)
{
	bool json = json_wanted(argc, argv, 1);

	if (!json)
		printf("%-3s %-2s %-5s %-6s %-8s %-10s %-30s\n", "Idx", "BE", "state", "evt-ch", "ring-ref", "connection", "");
	return list_devices(argc, argv, json, list_channels);
}
