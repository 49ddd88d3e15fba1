// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys whose entries are lists themselves: virtual NUMA nodes and sound cards. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset.h"
#include "spec.h"

/* Entry i, which must be a list, as a value of its own. */
static int inner_list(struct config_build *build, const struct config_value *value, int i, struct config_value *inner)
{
	XLU_ConfigValue *entry = xlu_cfg_get_listitem2(value->list, i);

	build->at = entry;
	*inner = (struct config_value){ .raw = entry };
	if (xlu_cfg_value_type(entry) != XLU_LIST)
		return config_error(build, "takes a list of lists, as in %s=[['...', '...']]", build->key->name);
	xlu_cfg_value_get_list(build->cfg, entry, &inner->list, 1);
	while (xlu_cfg_get_listitem2(inner->list, inner->count))
		inner->count++;
	return 0;
}

/* --- vnuma */

struct vnode {
	struct config_build *build;
	libxl_vnode_info *info;
	const char *why; /* more exactly than by form */
};

static int vnode_pnode(void *arg, const char *value)
{
	long n;

	if (spec_number(value, 0, 65535, &n))
		return -1;
	((struct vnode *)arg)->info->pnode = (uint32_t)n;
	return 0;
}

static int vnode_size(void *arg, const char *value)
{
	long n;

	if (spec_number(value, 1, LONG_MAX / 1024, &n))
		return -1;
	((struct vnode *)arg)->info->memkb = (uint64_t)n * 1024;
	return 0;
}

static int vnode_vcpus(void *arg, const char *value)
{
	struct vnode *v = arg;
	int max = v->build->out->b_info.max_vcpus;

	libxl_bitmap_dispose(&v->info->vcpus);	/* given twice, the last one counts */
	return libxl_cpu_bitmap_alloc(ctx, &v->info->vcpus, max ? max : 1) || cpuset_parse(value, &v->info->vcpus) ? -1 : 0;
}

static int vnode_distances(void *arg, const char *value)
{
	libxl_vnode_info *info = ((struct vnode *)arg)->info;
	char *copy = xl_strdup(value), *save = NULL;
	int i = 0, rc = 0;
	long n;

	for (char *part = strtok_r(copy, ",", &save); part && !rc; part = strtok_r(NULL, ",", &save)) {
		if (i == info->num_distances || spec_number(part, 0, INT_MAX, &n))
			rc = -1;
		else
			info->distances[i++] = (uint32_t)n;
	}
	free(copy);
	return rc;
}

static const struct spec_key vnode_keys[] = {
	{ "pnode", vnode_pnode, "the number of a node of the host" },
	{ "size", vnode_size, "a number of MiB" },
	{ "vcpus", vnode_vcpus, "vCPUs like 0-1,3" },
	{ "vdistances", vnode_distances, "a number for each node" },
};

/* Values have commas of their own here, so each setting is a string by itself. */
static int vnode_setting(struct vnode *v, const char *text)
{
	const char *equals = strchr(text, '=');

	for (size_t i = 0; equals && i < ARRAY_SIZE(vnode_keys); i++) {
		const struct spec_key *k = &vnode_keys[i];

		if (strlen(k->name) != (size_t)(equals - text) || strncmp(k->name, text, strlen(k->name)))
			continue;
		return k->set(v, equals + 1) ?
			       config_error(v->build, "entry \"%s\": `%s' must be %s", text, k->name, k->form) : 0;
	}
	return config_error(v->build, "entry \"%s\" is none of pnode=, size=, vcpus= and vdistances=", text);
}

DECLARE_SETTER(set_vnuma)
{
	libxl_domain_build_info *b = &build->out->b_info;
	uint64_t total = 0;

	if (value->count)
		libxl_defbool_set(&b->numa_placement, false);
	for (int i = 0; i < value->count; i++) {
		struct vnode v = { .build = build };
		struct config_value inner;

		if (inner_list(build, value, i, &inner))
			return -1;
		v.info = DEVICE_APPEND(b->vnuma_nodes, b->num_vnuma_nodes);
		libxl_vnode_info_init(v.info);
		v.info->num_distances = value->count;
		v.info->distances = xl_calloc((size_t)value->count, sizeof(*v.info->distances));
		for (int j = 0; j < inner.count; j++) {
			const char *text = config_entry(build, &inner, j);

			if (!text || vnode_setting(&v, text))
				return -1;
		}
		total += v.info->memkb;
	}
	/* The nodes are the guest's memory. */
	if (value->count)
		b->max_memkb = total;
	return 0;
}

/* --- vsnd */

static int numbers(const char *value, uint32_t **list, int *count)
{
	char *copy = xl_strdup(value), *save = NULL;
	int rc = 0;
	long n;

	for (char *part = strtok_r(copy, ";", &save); part && !rc; part = strtok_r(NULL, ";", &save)) {
		rc = spec_number(part, 1, INT_MAX, &n);
		if (!rc)
			*(uint32_t *)DEVICE_APPEND(*list, *count) = (uint32_t)n;
	}
	free(copy);
	return rc;
}

static int formats(const char *value, libxl_vsnd_params *params)
{
	char *copy = xl_strdup(value), *save = NULL;
	libxl_vsnd_pcm_format format;
	int rc = 0;

	for (char *part = strtok_r(copy, ";", &save); part && !rc; part = strtok_r(NULL, ";", &save)) {
		rc = libxl_vsnd_pcm_format_from_string(part, &format);
		if (!rc)
			*(libxl_vsnd_pcm_format *)DEVICE_APPEND(params->sample_formats, params->num_sample_formats) = format;
	}
	free(copy);
	return rc ? -1 : 0;
}

/* A card, a PCM device and a stream each have parameters, kept at the same place of their own. */
struct sound {
	libxl_vsnd_params *params;
	char **name, **long_name, **backend, **unique_id;
	libxl_vsnd_stream_type *type;
};

#define SOUND_TEXT(function, field)                                                                \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		struct sound *s = arg;                                                             \
												   \
		return s->field ? spec_text(s->field, value) : -1;                                 \
	}
#define SOUND_NUMBER(function, field)                                                              \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		long n;                                                                            \
												   \
		if (spec_number(value, 0, INT_MAX, &n))                                            \
			return -1;                                                                 \
		((struct sound *)arg)->params->field = (uint32_t)n;                                \
		return 0;                                                                          \
	}

SOUND_TEXT(sound_name, name)
SOUND_TEXT(sound_long_name, long_name)
SOUND_TEXT(sound_backend, backend)
SOUND_TEXT(sound_unique_id, unique_id)
SOUND_NUMBER(sound_channels_min, channels_min)
SOUND_NUMBER(sound_channels_max, channels_max)
SOUND_NUMBER(sound_buffer_size, buffer_size)

static int sound_rates(void *arg, const char *value)
{
	libxl_vsnd_params *p = ((struct sound *)arg)->params;

	return numbers(value, &p->sample_rates, &p->num_sample_rates);
}

static int sound_formats(void *arg, const char *value)
{
	return formats(value, ((struct sound *)arg)->params);
}

static int sound_type(void *arg, const char *value)
{
	struct sound *s = arg;

	return s->type ? libxl_vsnd_stream_type_from_string(value, s->type) : -1;
}

static const struct spec_key sound_keys[] = {
	{ "backend", sound_backend, "a domain, of the card" },
	{ "short-name", sound_name, "a name, of the card" },
	{ "long-name", sound_long_name, "a name, of the card" },
	{ "name", sound_name, "a name, of a pcm" },
	{ "unique-id", sound_unique_id, "a name, of a stream" },
	{ "type", sound_type, "p or c, of a stream" },
	{ "sample-rates", sound_rates, "numbers separated by ;" },
	{ "sample-formats", sound_formats, "formats like s16_le separated by ;" },
	{ "channels-min", sound_channels_min, "a number" },
	{ "channels-max", sound_channels_max, "a number" },
	{ "buffer-size", sound_buffer_size, "a number" },
};

static libxl_vsnd_pcm *last_pcm(libxl_device_vsnd *card, bool fresh)
{
	libxl_vsnd_pcm *pcm;

	if (!fresh && card->num_vsnd_pcms)
		return &card->pcms[card->num_vsnd_pcms - 1];
	pcm = DEVICE_APPEND(card->pcms, card->num_vsnd_pcms);
	libxl_vsnd_pcm_init(pcm);
	return pcm;
}

/* "card,...", "pcm,..." or "stream,...": what the settings behind the word are about. */
static bool sound_part(libxl_device_vsnd *card, const char *text, struct sound *s)
{
	size_t n = strcspn(text, ",");
	libxl_vsnd_stream *stream;
	libxl_vsnd_pcm *pcm;

	*s = (struct sound){ 0 };
	if (n == 4 && !strncasecmp(text, "card", n)) {
		*s = (struct sound){ &card->params, &card->short_name, &card->long_name, &card->backend_domname, NULL, NULL };
	} else if (n == 3 && !strncasecmp(text, "pcm", n)) {
		pcm = last_pcm(card, true);
		*s = (struct sound){ &pcm->params, &pcm->name, NULL, NULL, NULL, NULL };
	} else if (n == 6 && !strncasecmp(text, "stream", n)) {
		pcm = last_pcm(card, false);
		stream = DEVICE_APPEND(pcm->streams, pcm->num_vsnd_streams);
		libxl_vsnd_stream_init(stream);
		*s = (struct sound){ &stream->params, NULL, NULL, NULL, &stream->unique_id, &stream->type };
	}
	return s->params;
}

char *vsnd_parse(const char *text, libxl_device_vsnd *card)
{
	struct sound sound;

	if (!sound_part(card, text, &sound))
		return xl_strdup("it begins with none of card, pcm and stream");
	return spec_parse(text + strcspn(text, ","), sound_keys, ARRAY_SIZE(sound_keys), &sound, NULL);
}

DECLARE_SETTER(set_vsnds)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		struct config_value inner;
		libxl_device_vsnd *card;

		if (inner_list(build, value, i, &inner))
			return -1;
		card = DEVICE_APPEND(out->vsnds, out->num_vsnds);
		libxl_device_vsnd_init(card);
		card->devid = i;
		for (int j = 0; j < inner.count; j++) {
			const char *text = config_entry(build, &inner, j);

			if (!text || spec_entry_failed(build, text, vsnd_parse(text, card)))
				return -1;
		}
	}
	return 0;
}
