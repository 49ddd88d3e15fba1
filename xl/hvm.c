// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys that only HVM guests have. */
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define MCA_CAP_LMCE 1u /* XEN_HVM_MCA_CAP_LMCE in the hypervisor's ABI */

/* One of two words for what bios= says more exactly, the same words as there, or a file. */
DECLARE_SETTER(set_firmware)
{
	libxl_domain_build_info *b = &build->out->b_info;

	if (!strcmp(value->text, "bios"))
		return 0;
	if (!strcmp(value->text, "uefi"))
		b->u.hvm.bios = LIBXL_BIOS_TYPE_OVMF;
	else if (libxl_bios_type_from_string(value->text, &b->u.hvm.bios))
		return set_string(build, key, value);
	return 0;
}

DECLARE_SETTER(set_vga)
{
	/* libxl's own word for the second is "std". */
	static const struct {
		const char *word;
		libxl_vga_interface_type kind;
	} cards[] = {
		{ "cirrus", LIBXL_VGA_INTERFACE_TYPE_CIRRUS },
		{ "stdvga", LIBXL_VGA_INTERFACE_TYPE_STD },
		{ "none", LIBXL_VGA_INTERFACE_TYPE_NONE },
		{ "qxl", LIBXL_VGA_INTERFACE_TYPE_QXL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cards); i++) {
		if (strcmp(cards[i].word, value->text))
			continue;
		build->out->b_info.u.hvm.vga.kind = cards[i].kind;
		return 0;
	}
	return config_error(build, "is \"%s\"; known are cirrus, stdvga, none and qxl", value->text);
}

/* Of the time before vga=, which wins. */
DECLARE_SETTER(set_stdvga)
{
	build->out->b_info.u.hvm.vga.kind =
		value->number ? LIBXL_VGA_INTERFACE_TYPE_STD : LIBXL_VGA_INTERFACE_TYPE_CIRRUS;
	return 0;
}

DECLARE_SETTER(set_usbdevice)
{
	if (value->text) {
		build->out->b_info.u.hvm.usbdevice = xl_strdup(value->text);
		return 0;
	}
	build->out->b_info.u.hvm.usbdevice_list = config_strings(build, value);
	return build->out->b_info.u.hvm.usbdevice_list ? 0 : -1;
}

static int one_enlightenment(struct config_build *build, const char *text)
{
	bool off = text[0] == '!';
	const char *word = off ? text + 1 : text;
	libxl_bitmap *map = off ? &build->out->b_info.u.hvm.viridian_disable :
				  &build->out->b_info.u.hvm.viridian_enable;
	libxl_viridian_enlightenment which;

	if (!map->size && libxl_bitmap_alloc(ctx, map, 64))
		return config_error(build, "could not be stored");
	if (!strcmp(word, "all"))
		libxl_bitmap_set_any(map);
	else if (!strcmp(word, "defaults"))
		libxl_defbool_set(&build->out->b_info.u.hvm.viridian, !off);
	else if (!libxl_viridian_enlightenment_from_string(word, &which))
		libxl_bitmap_set(map, (int)which);
	else
		return config_error(build, "has \"%s\", which is no known enlightenment", text);
	return 0;
}

DECLARE_SETTER(set_viridian)
{
	if (value->text) {
		if (strcmp(value->text, "0") && strcmp(value->text, "1"))
			return config_error(build, "must be 0, 1 or a list of enlightenments, not \"%s\"",
					    value->text);
		libxl_defbool_set(&build->out->b_info.u.hvm.viridian, value->text[0] == '1');
		return 0;
	}
	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);

		if (!text || one_enlightenment(build, text))
			return -1;
	}
	return 0;
}

DECLARE_SETTER(set_ms_vm_genid)
{
	if (!strcmp(value->text, "none"))
		return 0;
	if (strcmp(value->text, "generate"))
		return config_error(build, "is \"%s\"; known are generate and none", value->text);
	if (libxl_ms_vm_genid_generate(ctx, &build->out->b_info.u.hvm.ms_vm_genid))
		return config_error(build, "could not be generated: the host has no randomness yet");
	return 0;
}

DECLARE_SETTER(set_gfx_passthru)
{
	libxl_domain_build_info *b = &build->out->b_info;
	bool on = true;

	if (!strcmp(value->text, "0"))
		on = false;
	else if (strcmp(value->text, "1") &&
		 libxl_gfx_passthru_kind_from_string(value->text, &b->u.hvm.gfx_passthru_kind))
		return config_error(build, "is \"%s\"; known are 0, 1, default and igd", value->text);
	libxl_defbool_set(&b->u.hvm.gfx_passthru, on);
	return 0;
}

DECLARE_SETTER(set_mca_caps)
{
	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);

		if (!text)
			return -1;
		if (strcmp(text, "lmce"))
			return config_error(build, "has \"%s\"; the only one known is lmce", text);
		build->out->b_info.u.hvm.mca_caps |= MCA_CAP_LMCE;
	}
	return 0;
}
