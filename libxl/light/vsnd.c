/* SPDX-License-Identifier: LGPL-2.1-only */
/* Virtual sound cards: a card has PCM devices, they have streams, and each may say what it can play. */
#include "devlist.h"
#include "domain.h"

DEV_INFO_HEAD(libxl_vsndinfo);

static void put_text(struct xs_batch *b, const char *dir, const char *name, const char *value)
{
	if (value)
		batch_put(b, dir, name, value);
}

static void put_number(struct xs_batch *b, const char *dir, const char *name, uint32_t value)
{
	if (value)
		batch_printf(b, dir, name, "%u", value);
}

static void put_params(struct xs_batch *b, const char *dir, const libxl_vsnd_params *p)
{
	char *rates = NULL, *formats = NULL;
	int i;

	for (i = 0; i < p->num_sample_rates; i++)
		rates = gc_printf(b->gc, "%s%s%u", rates ? rates : "", rates ? "," : "", p->sample_rates[i]);
	for (i = 0; i < p->num_sample_formats; i++)
		formats = gc_printf(b->gc, "%s%s%s", formats ? formats : "", formats ? "," : "",
			libxl_vsnd_pcm_format_to_string(p->sample_formats[i]));
	put_text(b, dir, "sample-rates", rates);
	put_text(b, dir, "sample-formats", formats);
	put_number(b, dir, "channels-min", p->channels_min);
	put_number(b, dir, "channels-max", p->channels_max);
	put_number(b, dir, "buffer-size", p->buffer_size);
}

static void put_pcm(struct xs_batch *b, const char *dir, const libxl_vsnd_pcm *pcm)
{
	int i;

	put_text(b, dir, "name", pcm->name);
	put_params(b, dir, &pcm->params);
	for (i = 0; i < pcm->num_vsnd_streams; i++) {
		const libxl_vsnd_stream *s = &pcm->streams[i];
		char *at = gc_printf(b->gc, "%s/%d", dir, i);

		put_text(b, at, "unique-id", s->unique_id);
		put_text(b, at, "type", s->type ? libxl_vsnd_stream_type_to_string(s->type) : NULL);
		put_params(b, at, &s->params);
	}
}

static void vsnd_nodes(struct dev_add *a, struct xs_batch *b)
{
	const libxl_device_vsnd *card = a->config;
	int i;

	put_text(b, a->d.front, "short-name", card->short_name);
	put_text(b, a->d.front, "long-name", card->long_name);
	put_params(b, a->d.front, &card->params);
	for (i = 0; i < card->num_vsnd_pcms; i++)
		put_pcm(b, gc_printf(b->gc, "%s/%d", a->d.front, i), &card->pcms[i]);
}

const struct dev_class vsnd_class = {
	.kind = "vsnd", .word = "vsnd", .attach = "vsnd-attach", .detach = "vsnd-detach", .type = &xl_type_device_vsnd,
	.prepare = devlist_prepare, .nodes = vsnd_nodes, .check = devlist_check_free,
};
DEVICE_VERBS(vsnd)
DEVICE_LISTS(vsnd)

static void pcm_info(libxl_ctx *ctx, struct xl_gc *gc, const char *dir, int streams, libxl_pcminfo *to)
{
	int i;

	libxl_pcminfo_init(to);
	to->num_vsnd_streams = streams;
	to->streams = xl_zalloc(((size_t)streams + 1) * sizeof(*to->streams));
	for (i = 0; i < streams; i++) {
		char *at = gc_printf(gc, "%s/%d", dir, i);

		to->streams[i].req_evtch = device_number(ctx, at, "event-channel");
		to->streams[i].req_rref = device_number(ctx, at, "ring-ref");
	}
}

int libxl_device_vsnd_getinfo(libxl_ctx *ctx, uint32_t domid, const libxl_device_vsnd *vsnd, libxl_vsndinfo *info)
{
	struct xl_device d;
	XL_GC(gc);
	int i, rc;

	XL_ENTER(ctx);
	libxl_vsndinfo_init(info);
	rc = devlist_info(ctx, &gc, domid, &vsnd_class, vsnd->devid, &d, info);
	if (rc)
		return rc;
	info->num_vsnd_pcms = vsnd->num_vsnd_pcms;
	info->pcms = xl_zalloc(((size_t)vsnd->num_vsnd_pcms + 1) * sizeof(*info->pcms));
	for (i = 0; i < vsnd->num_vsnd_pcms; i++)
		pcm_info(ctx, &gc, gc_printf(&gc, "%s/%d", d.front, i), vsnd->pcms[i].num_vsnd_streams, &info->pcms[i]);
	return 0;
}
