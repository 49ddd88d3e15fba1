// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys that describe devices. */
#include <stdlib.h>
#include <string.h>

#include <nearest.h>

#include "config.h"

static void trim(char **text)
{
	size_t n;

	*text += strspn(*text, " \t");
	n = strlen(*text);
	while (n && ((*text)[n - 1] == ' ' || (*text)[n - 1] == '\t'))
		(*text)[--n] = 0;
}

static char *spec_part(char *part, const struct spec_key *keys, size_t count, void *arg)
{
	char *equals = strchr(part, '='), *text = NULL;
	const char *near;

	if (equals) {
		*equals = 0;
		text = equals + 1;
		trim(&text);
	}
	trim(&part);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, part))
			continue;
		if (!text != !keys[i].form)
			return xl_printf(text ? "`%s' takes no value" : "`%s' needs a value", part);
		return keys[i].set(arg, text) ? xl_printf("`%s' must be %s, not \"%s\"", part, keys[i].form, text) :
						NULL;
	}
	near = xlu_nearest(part, keys, count, sizeof(keys[0]));
	return xl_printf("unknown setting `%s'%s%s%s", part, near ? "; did you mean `" : "", near ? near : "",
			 near ? "'?" : "");
}

char *spec_parse(const char *text, const struct spec_key *keys, size_t count, void *arg)
{
	char *copy = xl_strdup(text), *save = NULL, *why = NULL;

	for (char *part = strtok_r(copy, ",", &save); part && !why; part = strtok_r(NULL, ",", &save))
		if (part[strspn(part, " \t")])
			why = spec_part(part, keys, count, arg);
	free(copy);
	return why;
}

static int replace(char **field, const char *value)
{
	free(*field);
	*field = xl_strdup(value);
	return 0;
}

static int number(const char *value, long min, long max, long *result)
{
	char *end;

	*result = strtol(value, &end, 0);
	return end == value || *end || *result < min || *result > max ? -1 : 0;
}

static int boolean(const char *value, libxl_defbool *field)
{
	long n;

	if (number(value, 0, 1, &n))
		return -1;
	libxl_defbool_set(field, n);
	return 0;
}

/* Setters of spec_key rows: TYPE is the device, FIELD a string in it. */
#define TEXT_SETTER(function, type, field)                                                         \
	static int function(void *arg, const char *value)                                          \
	{                                                                                          \
		return replace(&((type *)arg)->field, value);                                      \
	}

TEXT_SETTER(nic_bridge, libxl_device_nic, bridge)
TEXT_SETTER(nic_model, libxl_device_nic, model)
TEXT_SETTER(nic_ip, libxl_device_nic, ip)
TEXT_SETTER(nic_script, libxl_device_nic, script)
TEXT_SETTER(nic_vifname, libxl_device_nic, ifname)
TEXT_SETTER(nic_backend, libxl_device_nic, backend_domname)
TEXT_SETTER(nic_gatewaydev, libxl_device_nic, gatewaydev)

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
	else
		return -1;
	return 0;
}

static int nic_rate(void *arg, const char *value)
{
	XLU_Config *cfg = xlu_cfg_init(stderr, "xl");
	int rc = cfg ? xlu_vif_parse_rate(cfg, value, arg) : -1;

	xlu_cfg_destroy(cfg);
	return rc;
}

static int nic_devid(void *arg, const char *value)
{
	long n;

	if (number(value, 0, 65535, &n))
		return -1;
	((libxl_device_nic *)arg)->devid = (libxl_devid)n;
	return 0;
}

static int nic_mtu(void *arg, const char *value)
{
	long n;

	if (number(value, 68, 65535, &n))
		return -1;
	((libxl_device_nic *)arg)->mtu = (int)n;
	return 0;
}

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

char *nic_parse(const char *text, libxl_device_nic *nic)
{
	return spec_parse(text, nic_keys, ARRAY_SIZE(nic_keys), nic);
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

static int spec_failed(struct config_build *build, const char *text, char *why)
{
	if (!why)
		return 0;
	config_error(build, "entry \"%s\": %s", text, why);
	free(why);
	return -1;
}

DECLARE_SETTER(set_vifs)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_nic *nic;

		if (!text)
			return -1;
		nic = DEVICE_APPEND(out->nics, out->num_nics);
		libxl_device_nic_init(nic);
		nic->devid = i;
		spec_failed(build, text, nic_parse(text, nic));
		nic_defaults(nic);
	}
	return 0;
}

DECLARE_SETTER(set_disks)
{
	libxl_domain_config *out = build->out;
	struct xlu_place place;
	char name[512];

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_disk *disk;

		if (!text)
			return -1;
		/* The parser reports with the name of its source alone: give it the place as well. */
		xlu_cfg_value_place(build->at, &place);
		snprintf(name, sizeof(name), "%s:%d:%d", place.file, place.line, place.column);
		disk = DEVICE_APPEND(out->disks, out->num_disks);
		libxl_device_disk_init(disk);
		if (xlu_cfg_set_report_name(build->cfg, name) || xlu_disk_parse(build->cfg, 1, &text, disk))
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

static int vfb_vncdisplay(void *arg, const char *value)
{
	long n;

	if (number(value, 0, 65535, &n))
		return -1;
	((libxl_device_vfb *)arg)->vnc.display = (int)n;
	return 0;
}

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

TEXT_SETTER(vfb_vnclisten, libxl_device_vfb, vnc.listen)
TEXT_SETTER(vfb_vncpasswd, libxl_device_vfb, vnc.passwd)
TEXT_SETTER(vfb_display, libxl_device_vfb, sdl.display)
TEXT_SETTER(vfb_xauthority, libxl_device_vfb, sdl.xauthority)
TEXT_SETTER(vfb_keymap, libxl_device_vfb, keymap)

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
		spec_failed(build, text, spec_parse(text, vfb_keys, ARRAY_SIZE(vfb_keys), add_vfb(build->out)));
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
		pci->rdm_policy = LIBXL_RDM_RESERVE_POLICY_STRICT;
		if (xlu_pci_parse_spec_string(build->cfg, pci, text))
			config_error(build, "entry \"%s\" is no PCI device", text);
	}
	/* A guest that drives hardware needs holes where the host's devices are. */
	if (out->num_pcidevs && build->guest == GUEST_PV)
		libxl_defbool_setdefault(&out->b_info.u.pv.e820_host, true);
	return 0;
}

DECLARE_SETTER(set_rdm)
{
	if (xlu_rdm_parse(build->cfg, &build->out->b_info.u.hvm.rdm, value->text))
		return config_error(build, "is \"%s\", which is not understood", value->text);
	return 0;
}
