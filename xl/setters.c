// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys other than devices. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "cpuset.h"

static void *field_of(struct config_build *build, const struct config_key *key)
{
	return (char *)build->out + key->offset;
}

DECLARE_SETTER(set_string)
{
	char **field = field_of(build, key);

	free(*field);
	*field = xl_strdup(value->text);
	return 0;
}

char **config_strings(struct config_build *build, const struct config_value *value)
{
	char **list = xl_calloc((size_t)value->count + 1, sizeof(*list));

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);

		if (!text) {
			libxl_string_list_dispose(&list);
			return NULL;
		}
		list[i] = xl_strdup(text);
	}
	return list;
}

DECLARE_SETTER(set_string_list)
{
	libxl_string_list *field = field_of(build, key);
	char **list = config_strings(build, value);

	if (!list)
		return -1;
	libxl_string_list_dispose(field);
	*field = list;
	return 0;
}

DECLARE_SETTER(set_defbool)
{
	libxl_defbool_set(field_of(build, key), value->number != 0);
	return 0;
}

DECLARE_SETTER(set_int)
{
	*(int *)field_of(build, key) = (int)value->number;
	return 0;
}

DECLARE_SETTER(set_u32)
{
	*(uint32_t *)field_of(build, key) = (uint32_t)value->number;
	return 0;
}

DECLARE_SETTER(set_u64)
{
	*(uint64_t *)field_of(build, key) = (uint64_t)value->number;
	return 0;
}

DECLARE_SETTER(set_mib)
{
	*(uint64_t *)field_of(build, key) = (uint64_t)value->number * 1024;
	return 0;
}

DECLARE_SETTER(check_type)
{
	return 0; /* the driver has read it */
}

/* As the configuration spells them; libxl's own names differ. */
static const struct {
	const char *word;
	libxl_action_on_shutdown action;
} actions[] = {
	{ "destroy", LIBXL_ACTION_ON_SHUTDOWN_DESTROY },
	{ "restart", LIBXL_ACTION_ON_SHUTDOWN_RESTART },
	{ "rename-restart", LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME },
	{ "preserve", LIBXL_ACTION_ON_SHUTDOWN_PRESERVE },
	{ "coredump-destroy", LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_DESTROY },
	{ "coredump-restart", LIBXL_ACTION_ON_SHUTDOWN_COREDUMP_RESTART },
	{ "soft-reset", LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET },
};

DECLARE_SETTER(set_action)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!strcmp(actions[i].word, value->text)) {
			*(libxl_action_on_shutdown *)field_of(build, key) = actions[i].action;
			return 0;
		}
	}
	return config_error(build, "is \"%s\"; the actions are destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart and soft-reset",
			    value->text);
}

static int no_such_word(struct config_build *build, const libxl_enum_string_table *words, const char *text)
{
	char *known = xl_strdup("");

	for (; words->s; words++) {
		char *longer = xl_printf("%s%s%s", known, *known ? ", " : "", words->s);

		free(known);
		known = longer;
	}
	config_error(build, "is \"%s\"; known are %s", text, known);
	free(known);
	return -1;
}

static bool find_word(const libxl_enum_string_table *words, const char *text, int *number)
{
	for (; words->s; words++) {
		if (strcasecmp(words->s, text))
			continue;
		*number = words->v;
		return true;
	}
	return false;
}

DECLARE_SETTER(set_word)
{
	if (find_word(key->words, value->text, field_of(build, key)))
		return 0;
	return no_such_word(build, key->words, value->text);
}

/* A word, or its number as older configurations have it. */
static int word_or_number(struct config_build *build, const char *text, const libxl_enum_string_table *words,
			  int *field)
{
	char *end;
	long number;

	if (find_word(words, text, field))
		return 0;
	number = strtol(text, &end, 0);
	for (const libxl_enum_string_table *w = words; end != text && !*end && w->s; w++) {
		if (w->v != number)
			continue;
		config_warn(build, "is better written as a word: \"%s\"", w->s);
		*field = w->v;
		return 0;
	}
	return no_such_word(build, words, text);
}

DECLARE_SETTER(set_tsc_mode)
{
	return word_or_number(build, value->text, libxl_tsc_mode_string_table, (int *)&build->out->b_info.tsc_mode);
}

DECLARE_SETTER(set_timer_mode)
{
	return word_or_number(build, value->text, libxl_timer_mode_string_table,
			      (int *)&build->out->b_info.timer_mode);
}

DECLARE_SETTER(set_serial)
{
	if (value->text) {
		free(build->out->b_info.u.hvm.serial);
		build->out->b_info.u.hvm.serial = xl_strdup(value->text);
		return 0;
	}
	build->out->b_info.u.hvm.serial_list = config_strings(build, value);
	return 0;
}

DECLARE_SETTER(set_uuid)
{
	if (!libxl_uuid_from_string(&build->out->c_info.uuid, value->text))
		return 0;
	return config_error(build, "is \"%s\"; write it as 01234567-89ab-cdef-0123-456789abcdef", value->text);
}

DECLARE_SETTER(set_device_model_version)
{
	if (!strcmp(value->text, "qemu-xen"))
		build->out->b_info.device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN;
	else if (!strcmp(value->text, "qemu-xen-traditional"))
		build->out->b_info.device_model_version = LIBXL_DEVICE_MODEL_VERSION_QEMU_XEN_TRADITIONAL;
	else
		return config_error(build, "is \"%s\"; the versions are qemu-xen and qemu-xen-traditional",
				    value->text);
	return 0;
}

/* Where init_seclabel is given, which is read before, seclabel is what the domain changes to when it is built. */
DECLARE_SETTER(set_seclabel)
{
	libxl_domain_config *out = build->out;

	*(out->c_info.ssid_label ? &out->b_info.exec_ssid_label : &out->c_info.ssid_label) = xl_strdup(value->text);
	return 0;
}

/* An older toolstack booted HVM guests from this kernel. */
DECLARE_SETTER(set_kernel)
{
	const char *slash = strrchr(value->text, '/');

	if (build->guest == GUEST_HVM && !strcmp(slash ? slash + 1 : value->text, "hvmloader"))
		config_warn(build, "is left out: an HVM guest's firmware is chosen by itself, or by firmware_override=");
	else
		build->out->b_info.kernel = xl_strdup(value->text);
	return 0;
}

DECLARE_SETTER(set_cmdline)
{
	build->cmdline = value->text;
	return 0;
}

DECLARE_SETTER(set_root)
{
	build->root = value->text;
	return 0;
}

DECLARE_SETTER(set_extra)
{
	build->extra = value->text;
	return 0;
}

DECLARE_SETTER(set_bootloader_args)
{
	libxl_string_list *field = &build->out->b_info.bootloader_args;
	char *copy, *save = NULL;
	int count = 0;

	if (value->list) {
		*field = config_strings(build, value);
		return *field ? 0 : -1;
	}
	config_warn(build, "should be a list; the string is split at blanks");
	copy = xl_strdup(value->text);
	for (char *word = strtok_r(copy, " \t\n", &save); word; word = strtok_r(NULL, " \t\n", &save))
		*(char **)DEVICE_APPEND(*field, count) = xl_strdup(word);
	(void)DEVICE_APPEND(*field, count);
	free(copy);
	return 0;
}

DECLARE_SETTER(set_memory)
{
	build->out->b_info.target_memkb = (uint64_t)value->number * 1024;
	/* maxmem=, handled next, overrides this */
	build->out->b_info.max_memkb = build->out->b_info.target_memkb;
	return 0;
}

DECLARE_SETTER(set_maxmem)
{
	libxl_domain_build_info *b = &build->out->b_info;

	if (b->target_memkb != LIBXL_MEMKB_DEFAULT && (uint64_t)value->number * 1024 < b->target_memkb)
		return config_error(build, "is %ld, less than memory=%llu; it is the most the guest can ever have",
				    value->number, (unsigned long long)(b->target_memkb / 1024));
	b->max_memkb = (uint64_t)value->number * 1024;
	return 0;
}

DECLARE_SETTER(set_vcpus)
{
	libxl_domain_build_info *b = &build->out->b_info;

	if (!b->max_vcpus)
		b->max_vcpus = (int)value->number;
	if (value->number > b->max_vcpus)
		return config_error(build, "is %ld, more than maxvcpus=%d", value->number, b->max_vcpus);
	if (libxl_cpu_bitmap_alloc(ctx, &b->avail_vcpus, b->max_vcpus))
		return config_error(build, "could not be stored");
	for (int i = 0; i < value->number; i++)
		libxl_bitmap_set(&b->avail_vcpus, i);
	return 0;
}

static int one_affinity(struct config_build *build, const char *text, libxl_bitmap *map)
{
	const char *why;

	if (libxl_cpu_bitmap_alloc(ctx, map, 0))
		return config_error(build, "needs the number of host CPUs, which could not be read");
	why = cpuset_parse(text, map);
	return why ? config_error(build, "has \"%s\": %s", text, why) : 0;
}

static int affinity(struct config_build *build, const struct config_value *value,
		    libxl_bitmap **maps, int *count)
{
	int max = build->out->b_info.max_vcpus ? build->out->b_info.max_vcpus : 1;
	/* A single value holds for all vCPUs; of a list, entry n for vCPU n. */
	int n = value->list && value->count < max ? value->count : max;

	if (value->list && value->count > max)
		config_warn(build, "has %d entries, but the guest only %d vCPUs", value->count, max);
	if (!n)
		return 0;
	*maps = xl_calloc((size_t)n, sizeof(**maps));
	*count = n;
	for (int i = 0; i < n; i++) {
		const char *text = config_entry(build, value, i);

		if (!text || one_affinity(build, text, &(*maps)[i]))
			return -1;
	}
	return 0;
}

DECLARE_SETTER(set_cpus)
{
	libxl_domain_build_info *b = &build->out->b_info;

	if (value->text && !*value->text)
		return 0;
	/* Per-vCPU pinning leaves nothing for automatic placement to decide. */
	if (value->list)
		libxl_defbool_set(&b->numa_placement, false);
	return affinity(build, value, &b->vcpu_hard_affinity, &b->num_vcpu_hard_affinity);
}

DECLARE_SETTER(set_cpus_soft)
{
	libxl_domain_build_info *b = &build->out->b_info;

	if (value->text && !*value->text)
		return 0;
	libxl_defbool_set(&b->numa_placement, false);
	return affinity(build, value, &b->vcpu_soft_affinity, &b->num_vcpu_soft_affinity);
}

DECLARE_SETTER(set_irqs)
{
	libxl_domain_build_info *b = &build->out->b_info;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		unsigned long irq;
		char *end;

		if (!text)
			return -1;
		irq = strtoul(text, &end, 0);
		if (end == text || *end || irq > INT32_MAX)
			return config_error(build, "takes interrupt numbers, not \"%s\"", text);
		*(uint32_t *)DEVICE_APPEND(b->irqs, b->num_irqs) = (uint32_t)irq;
	}
	return 0;
}

static bool hex(const char **text, unsigned long long max, unsigned long long *number)
{
	char *end;

	if (!**text || !strchr("0123456789abcdefABCDEF", **text))
		return false;
	errno = 0;
	*number = strtoull(*text, &end, 16);
	*text = end;
	return !errno && *number <= max;
}

DECLARE_SETTER(set_ioports)
{
	libxl_domain_build_info *b = &build->out->b_info;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i), *at = text;
		unsigned long long first, last;
		libxl_ioport_range *range;

		if (!text)
			return -1;
		if (!hex(&at, 0xffff, &first))
			return config_error(build, "takes hexadecimal ports like 3f8 or 2f8-2ff, not \"%s\"", text);
		last = first;
		if (*at == '-' && (at++, !hex(&at, 0xffff, &last)))
			return config_error(build, "has a port range without an end: \"%s\"", text);
		if (*at || last < first)
			return config_error(build, "has a port range that is no range: \"%s\"", text);
		range = DEVICE_APPEND(b->ioports, b->num_ioports);
		range->first = (uint32_t)first;
		range->number = (uint32_t)(last - first + 1);
	}
	return 0;
}

DECLARE_SETTER(set_iomem)
{
	const unsigned long long max = ~0ull >> 12; /* frame numbers */
	libxl_domain_build_info *b = &build->out->b_info;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i), *at = text;
		unsigned long long start, number, gfn = 0;
		libxl_iomem_range *range;
		bool ok;

		if (!text)
			return -1;
		ok = hex(&at, max, &start) && *at++ == ',' && hex(&at, max, &number);
		if (ok && *at == '@') {
			at++;
			ok = hex(&at, max, &gfn);
		} else {
			gfn = ~0ull;
		}
		if (!ok || *at)
			return config_error(build, "takes START,PAGES[@GFN] in hexadecimal, not \"%s\"", text);
		range = DEVICE_APPEND(b->iomem, b->num_iomem);
		libxl_iomem_range_init(range);
		range->start = start;
		range->number = number;
		if (gfn != ~0ull)
			range->gfn = gfn;
	}
	return 0;
}

DECLARE_SETTER(set_cpuid)
{
	libxl_cpuid_policy_list *policy = &build->out->b_info.cpuid;
	char *copy, *save = NULL, *word;
	int rc = 0;

	for (int i = 0; value->list && i < value->count; i++) {
		const char *text = config_entry(build, value, i);

		if (!text || libxl_cpuid_parse_config_xend(policy, text))
			return text ? config_error(build, "has \"%s\", which is not LEAF:REGISTER=BITS,...", text) : -1;
	}
	if (value->list)
		return 0;
	copy = xl_strdup(value->text);
	word = strtok_r(copy, ",", &save);
	if (!word || strcmp(word, "host"))
		rc = config_error(build, "must begin with \"host,\"");
	while (!rc && (word = strtok_r(NULL, ",", &save)))
		if (libxl_cpuid_parse_config(policy, word))
			rc = config_error(build, "has \"%s\", which is no known feature setting", word);
	free(copy);
	return rc;
}
