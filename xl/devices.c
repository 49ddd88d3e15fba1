// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys that describe devices. */
#include <stdlib.h>
#include <string.h>

#include "spec.h"

static int boolean(const char *value, libxl_defbool *field)
{
	long n;

	if (spec_number(value, 0, 1, &n))
		return -1;
	libxl_defbool_set(field, n);
	return 0;
}

SPEC_TEXT(nic_bridge, libxl_device_nic, bridge)
SPEC_TEXT(nic_model, libxl_device_nic, model)
SPEC_TEXT(nic_ip, libxl_device_nic, ip)
SPEC_TEXT(nic_script, libxl_device_nic, script)
SPEC_TEXT(nic_vifname, libxl_device_nic, ifname)
SPEC_TEXT(nic_backend, libxl_device_nic, backend_domname)
SPEC_TEXT(nic_gatewaydev, libxl_device_nic, gatewaydev)

static int nic_mac(void *arg, const char *value)
{
	libxl_device_nic *nic = arg;

	for (int i = 0; i < 6; i++) {
		char *end;
		unsigned long byte = strtoul(value, &end, 16);

		if (end == value || end > value + 2 || byte > 255 || *end != (i < 5 ? ':' : 0))
			return -1;
		nic->mac[i] = (uint8_t)byte;
		value = end + 1;
	}
	return 0;
}

static int nic_type(void *arg, const char *value)
{
	libxl_device_nic *nic = arg;

	if (!strcmp(value, "ioemu"))
		nic->nictype = LIBXL_NIC_TYPE_VIF_IOEMU;
	else if (!strcmp(value, "vif"))
		nic->nictype = LIBXL_NIC_TYPE_VIF;
	else if (strcmp(value, "netfront"))	/* what older toolstacks called the type that PV guests get anyway */
		return -1;
	return 0;
}

static int nic_rate(void *arg, const char *value)
{
	/* What is wrong is said with the place, by whoever called. */
	FILE *silent = fopen("/dev/null", "we");
	XLU_Config *cfg = silent ? xlu_cfg_init(silent, "xl") : NULL;
	int rc = cfg ? xlu_vif_parse_rate(cfg, value, arg) : -1;

	xlu_cfg_destroy(cfg);
	if (silent)
		fclose(silent);
	return rc;
}

SPEC_NUMBER(nic_devid, libxl_device_nic, devid, 0, 65535)
SPEC_NUMBER(nic_mtu, libxl_device_nic, mtu, 68, 65535)

static int nic_accel(void *arg, const char *value)
{
	xl_warn("vif: accel=%s has no effect", value);
	return 0;
}

static int nic_trusted(void *arg, const char *value)
{
	libxl_defbool_set(&((libxl_device_nic *)arg)->trusted, true);
	return 0;
}

static int nic_untrusted(void *arg, const char *value)
{
	libxl_defbool_set(&((libxl_device_nic *)arg)->trusted, false);
	return 0;
}

static const struct spec_key nic_keys[] = {
	{ "mac", nic_mac, "an address like 00:16:3e:01:02:03" },
	{ "bridge", nic_bridge, "a bridge" },
	{ "vifname", nic_vifname, "a name" },
	{ "ip", nic_ip, "an address" },
	{ "script", nic_script, "a script" },
	{ "rate", nic_rate, "a rate like 10Mb/s or 1MB/s@20ms" },
	{ "backend", nic_backend, "a domain" },
	{ "type", nic_type, "vif or ioemu" },
	{ "model", nic_model, "a model" },
	{ "gatewaydev", nic_gatewaydev, "an interface" },
	{ "netdev", nic_gatewaydev, "an interface" }, /* older spelling */
	{ "devid", nic_devid, "a number up to 65535" },
	{ "mtu", nic_mtu, "a number from 68 to 65535" },
	{ "accel", nic_accel, "a name" },
	{ "trusted", nic_trusted, NULL },
	{ "untrusted", nic_untrusted, NULL },
};

char *nic_parse(const char *text, libxl_device_nic *nic, char **unknown)
{
	return spec_parse(text, nic_keys, ARRAY_SIZE(nic_keys), nic, unknown);
}

void nic_defaults(libxl_device_nic *nic)
{
	const struct {
		char **field;
		const char *value;
	} defaults[] = {
		{ &nic->script, conf.vif_script },
		{ &nic->bridge, conf.vif_bridge },
		{ &nic->backend_domname, conf.vif_backend },
		{ &nic->gatewaydev, conf.vif_gatewaydev },
	};

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (!*defaults[i].field && defaults[i].value)
			*defaults[i].field = xl_strdup(defaults[i].value);
}

DECLARE_SETTER(set_vifs)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_nic *nic;
		char *unknown = NULL;

		if (!text)
			return -1;
		nic = DEVICE_APPEND(out->nics, out->num_nics);
		libxl_device_nic_init(nic);
		nic->devid = i;
		spec_entry_failed(build, text, nic_parse(text, nic, &unknown));
		if (unknown)
			config_warn(build, "entry \"%s\": %s", text, unknown);
		free(unknown);
		nic_defaults(nic);
	}
	return 0;
}

/* The library's parsers report with the name of their source alone: give it the place as well. */
static int name_place(struct config_build *build)
{
	struct xlu_place place;
	char name[512];

	xlu_cfg_value_place(build->at, &place);
	snprintf(name, sizeof(name), "%s:%d:%d", place.file, place.line, place.column);
	return xlu_cfg_set_report_name(build->cfg, name);
}

DECLARE_SETTER(set_disks)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_disk *disk;

		if (!text)
			return -1;
		disk = DEVICE_APPEND(out->disks, out->num_disks);
		libxl_device_disk_init(disk);
		if (name_place(build) || xlu_disk_parse(build->cfg, 1, &text, disk))
			build->errors++;
	}
	return 0;
}

static int vfb_vnc(void *arg, const char *value)
{
	return boolean(value, &((libxl_device_vfb *)arg)->vnc.enable);
}

static int vfb_vncunused(void *arg, const char *value)
{
	return boolean(value, &((libxl_device_vfb *)arg)->vnc.findunused);
}

SPEC_NUMBER(vfb_vncdisplay, libxl_device_vfb, vnc.display, 0, 65535)

static int vfb_sdl(void *arg, const char *value)
{
	return boolean(value, &((libxl_device_vfb *)arg)->sdl.enable);
}

static int vfb_opengl(void *arg, const char *value)
{
	return boolean(value, &((libxl_device_vfb *)arg)->sdl.opengl);
}

static int vfb_type(void *arg, const char *value)
{
	return 0; /* older toolstacks wrote type=vnc; it says nothing more */
}

SPEC_TEXT(vfb_vnclisten, libxl_device_vfb, vnc.listen)
SPEC_TEXT(vfb_vncpasswd, libxl_device_vfb, vnc.passwd)
SPEC_TEXT(vfb_display, libxl_device_vfb, sdl.display)
SPEC_TEXT(vfb_xauthority, libxl_device_vfb, sdl.xauthority)
SPEC_TEXT(vfb_keymap, libxl_device_vfb, keymap)

static const struct spec_key vfb_keys[] = {
	{ "vnc", vfb_vnc, "0 or 1" },
	{ "vnclisten", vfb_vnclisten, "an address" },
	{ "vncpasswd", vfb_vncpasswd, "a password" },
	{ "vncdisplay", vfb_vncdisplay, "a number" },
	{ "vncunused", vfb_vncunused, "0 or 1" },
	{ "sdl", vfb_sdl, "0 or 1" },
	{ "opengl", vfb_opengl, "0 or 1" },
	{ "display", vfb_display, "a display" },
	{ "xauthority", vfb_xauthority, "a path" },
	{ "keymap", vfb_keymap, "a keymap" },
	{ "type", vfb_type, "a type" },
};

/* Each framebuffer comes with a keyboard. */
static libxl_device_vfb *add_vfb(libxl_domain_config *out)
{
	libxl_device_vkb *vkb = DEVICE_APPEND(out->vkbs, out->num_vkbs);
	libxl_device_vfb *vfb = DEVICE_APPEND(out->vfbs, out->num_vfbs);

	libxl_device_vkb_init(vkb);
	vkb->devid = out->num_vkbs - 1;
	libxl_device_vfb_init(vfb);
	vfb->devid = out->num_vfbs - 1;
	return vfb;
}

DECLARE_SETTER(set_vfbs)
{
	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);

		if (!text)
			return -1;
		spec_entry(build, text, vfb_keys, ARRAY_SIZE(vfb_keys), add_vfb(build->out));
	}
	return 0;
}

/* The keys of an HVM guest's display make a framebuffer for a PV guest. */
DECLARE_SETTER(check_pv_vnc)
{
	libxl_device_vfb *vfb;
	const char *text;

	if (build->guest != GUEST_PV) {
		if (build->guest == GUEST_HVM)
			libxl_defbool_set(&build->out->b_info.u.hvm.vnc.enable, value->number != 0);
		return 0;
	}
	if (!value->number)
		return 0;
	vfb = add_vfb(build->out);
	libxl_defbool_set(&vfb->vnc.enable, true);
	for (size_t i = 0; i < ARRAY_SIZE(vfb_keys); i++) {
		const struct spec_key *k = &vfb_keys[i];

		if (!strcmp(k->name, "vnc") || !strcmp(k->name, "type") ||
		    xlu_cfg_get_string(build->cfg, k->name, &text, 1))
			continue;
		if (k->set(vfb, text))
			config_error(build, "comes with %s=\"%s\", which must be %s", k->name, text, k->form);
	}
	return 0;
}

DECLARE_SETTER(set_pci_default)
{
	bool on = value->number != 0;

	if (!strcmp(key->name, "pci_permissive"))
		build->pci.permissive = on;
	else if (!strcmp(key->name, "pci_msitranslate"))
		build->pci.msitranslate = on;
	else if (!strcmp(key->name, "pci_seize"))
		build->pci.seize = on;
	else
		build->pci.power_mgmt = on;
	return 0;
}

DECLARE_SETTER(set_pci)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_pci *pci;

		if (!text)
			return -1;
		pci = DEVICE_APPEND(out->pcidevs, out->num_pcidevs);
		libxl_device_pci_init(pci);
		pci->permissive = build->pci.permissive;
		pci->msitranslate = build->pci.msitranslate;
		pci->seize = build->pci.seize;
		pci->power_mgmt = build->pci.power_mgmt;
		pci->rdm_policy = build->guest == GUEST_HVM ? out->b_info.u.hvm.rdm.policy :
							      LIBXL_RDM_RESERVE_POLICY_STRICT;
		if (name_place(build) || xlu_pci_parse_spec_string(build->cfg, pci, text))
			build->errors++;
	}
	/* A guest that drives hardware needs holes where the host's devices are. */
	if (out->num_pcidevs && build->guest == GUEST_PV)
		libxl_defbool_setdefault(&out->b_info.u.pv.e820_host, true);
	return 0;
}

DECLARE_SETTER(set_rdm)
{
	libxl_rdm_reserve *rdm = &build->out->b_info.u.hvm.rdm;

	rdm->policy = LIBXL_RDM_RESERVE_POLICY_STRICT;
	if (!name_place(build) && !xlu_rdm_parse(build->cfg, rdm, value->text))
		return 0;
	build->errors++;
	return -1;
}
