// SPDX-License-Identifier: GPL-2.0-only
/* Handlers of configuration keys for USB, keyboards and displays. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

SPEC_WORD(usbctrl_type, libxl_device_usbctrl, type, usbctrl_type)
SPEC_NUMBER(usbctrl_version, libxl_device_usbctrl, version, 0, 3)
SPEC_NUMBER(usbctrl_ports, libxl_device_usbctrl, ports, 0, 31)
SPEC_TEXT(usbctrl_backend, libxl_device_usbctrl, backend_domname)

static const struct spec_key usbctrl_keys[] = {
	{ "type", usbctrl_type, "auto, pv, devicemodel or qusb" },
	{ "version", usbctrl_version, "a number from 1 to 3" },
	{ "ports", usbctrl_ports, "a number up to 31" },
	{ "backend", usbctrl_backend, "a domain" },
};

DECLARE_SETTER(set_usbctrls)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_usbctrl *usbctrl;

		if (!text)
			return -1;
		usbctrl = DEVICE_APPEND(out->usbctrls, out->num_usbctrls);
		libxl_device_usbctrl_init(usbctrl);
		usbctrl->devid = i;
		spec_entry(build, text, usbctrl_keys, ARRAY_SIZE(usbctrl_keys), usbctrl);
	}
	return 0;
}

static int usbdev_type(void *arg, const char *value)
{
	return strcmp(value, "hostdev") ? -1 : 0; /* the only one there is */
}

SPEC_NUMBER(usbdev_hostbus, libxl_device_usbdev, u.hostdev.hostbus, 0, 255)
SPEC_NUMBER(usbdev_hostaddr, libxl_device_usbdev, u.hostdev.hostaddr, 0, 255)
SPEC_NUMBER(usbdev_ctrl, libxl_device_usbdev, ctrl, 0, 65535)
SPEC_NUMBER(usbdev_port, libxl_device_usbdev, port, 0, 31)

static const struct spec_key usbdev_keys[] = {
	{ "type", usbdev_type, "hostdev" },
	{ "hostbus", usbdev_hostbus, "a number up to 255" },
	{ "hostaddr", usbdev_hostaddr, "a number up to 255" },
	{ "controller", usbdev_ctrl, "a number" },
	{ "port", usbdev_port, "a number up to 31" },
};

DECLARE_SETTER(set_usbdevs)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_usbdev *usbdev;

		if (!text)
			return -1;
		usbdev = DEVICE_APPEND(out->usbdevs, out->num_usbdevs);
		libxl_device_usbdev_init(usbdev);
		libxl_device_usbdev_init_type(usbdev, LIBXL_USBDEV_TYPE_HOSTDEV);
		if (spec_entry(build, text, usbdev_keys, ARRAY_SIZE(usbdev_keys), usbdev))
			continue;
		if (!usbdev->u.hostdev.hostbus || !usbdev->u.hostdev.hostaddr)
			config_error(build, "entry \"%s\" needs hostbus= and hostaddr=", text);
	}
	return 0;
}

SPEC_WORD(vkb_backend_type, libxl_device_vkb, backend_type, vkb_backend)
SPEC_TEXT(vkb_backend_name, libxl_device_vkb, backend_domname)
SPEC_TEXT(vkb_unique_id, libxl_device_vkb, unique_id)
SPEC_NUMBER(vkb_no_keyboard, libxl_device_vkb, feature_disable_keyboard, 0, 1)
SPEC_NUMBER(vkb_no_pointer, libxl_device_vkb, feature_disable_pointer, 0, 1)
SPEC_NUMBER(vkb_abs_pointer, libxl_device_vkb, feature_abs_pointer, 0, 1)
SPEC_NUMBER(vkb_raw_pointer, libxl_device_vkb, feature_raw_pointer, 0, 1)
SPEC_NUMBER(vkb_multi_touch, libxl_device_vkb, feature_multi_touch, 0, 1)
SPEC_NUMBER(vkb_width, libxl_device_vkb, width, 0, 65535)
SPEC_NUMBER(vkb_height, libxl_device_vkb, height, 0, 65535)
SPEC_NUMBER(vkb_touch_width, libxl_device_vkb, multi_touch_width, 0, 65535)
SPEC_NUMBER(vkb_touch_height, libxl_device_vkb, multi_touch_height, 0, 65535)
SPEC_NUMBER(vkb_contacts, libxl_device_vkb, multi_touch_num_contacts, 0, 65535)

static const struct spec_key vkb_keys[] = {
	{ "backend", vkb_backend_name, "a domain" },
	{ "backend-type", vkb_backend_type, "qemu or linux" },
	{ "unique-id", vkb_unique_id, "a name" },
	{ "feature-disable-keyboard", vkb_no_keyboard, "0 or 1" },
	{ "feature-disable-pointer", vkb_no_pointer, "0 or 1" },
	{ "feature-abs-pointer", vkb_abs_pointer, "0 or 1" },
	{ "feature-raw-pointer", vkb_raw_pointer, "0 or 1" },
	{ "feature-multi-touch", vkb_multi_touch, "0 or 1" },
	{ "width", vkb_width, "a number" },
	{ "height", vkb_height, "a number" },
	{ "multi-touch-width", vkb_touch_width, "a number" },
	{ "multi-touch-height", vkb_touch_height, "a number" },
	{ "multi-touch-num-contacts", vkb_contacts, "a number" },
};

char *vkb_parse(const char *text, libxl_device_vkb *vkb)
{
	return spec_parse(text, vkb_keys, ARRAY_SIZE(vkb_keys), vkb, NULL);
}

DECLARE_SETTER(set_vkbs)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_vkb *vkb;

		if (!text)
			return -1;
		vkb = DEVICE_APPEND(out->vkbs, out->num_vkbs);
		libxl_device_vkb_init(vkb);
		vkb->devid = out->num_vkbs - 1;
		if (spec_entry_failed(build, text, vkb_parse(text, vkb)))
			continue;
		if (vkb->backend_type == LIBXL_VKB_BACKEND_UNKNOWN)
			config_error(build, "entry \"%s\" needs backend-type=qemu or linux", text);
	}
	return 0;
}

SPEC_TEXT(vdispl_backend, libxl_device_vdispl, backend_domname)
SPEC_NUMBER(vdispl_be_alloc, libxl_device_vdispl, be_alloc, 0, 1)

/* ID:WIDTHxHEIGHT;... */
static int vdispl_connectors(void *arg, const char *value)
{
	libxl_device_vdispl *vdispl = arg;
	char *copy = xl_strdup(value), *save = NULL;
	int rc = 0;

	for (char *part = strtok_r(copy, ";", &save); part && !rc; part = strtok_r(NULL, ";", &save)) {
		char *colon = strrchr(part, ':');
		libxl_connector_param *connector = DEVICE_APPEND(vdispl->connectors, vdispl->num_connectors);
		int used = 0;

		libxl_connector_param_init(connector);
		if (!colon || colon == part ||
		    sscanf(colon + 1, "%5ux%5u%n", &connector->width, &connector->height, &used) != 2 ||
		    colon[1 + used])
			rc = -1;
		else
			connector->unique_id = strndup(part, (size_t)(colon - part));
	}
	free(copy);
	return rc;
}

static const struct spec_key vdispl_keys[] = {
	{ "backend", vdispl_backend, "a domain" },
	{ "be-alloc", vdispl_be_alloc, "0 or 1" },
	{ "connectors", vdispl_connectors, "ID:WIDTHxHEIGHT;..." },
};

char *vdispl_parse(const char *text, libxl_device_vdispl *vdispl)
{
	return spec_parse(text, vdispl_keys, ARRAY_SIZE(vdispl_keys), vdispl, NULL);
}

DECLARE_SETTER(set_vdispls)
{
	libxl_domain_config *out = build->out;

	for (int i = 0; i < value->count; i++) {
		const char *text = config_entry(build, value, i);
		libxl_device_vdispl *vdispl;

		if (!text)
			return -1;
		vdispl = DEVICE_APPEND(out->vdispls, out->num_vdispls);
		libxl_device_vdispl_init(vdispl);
		vdispl->devid = i;
		if (spec_entry_failed(build, text, vdispl_parse(text, vdispl)))
			continue;
		if (!vdispl->num_connectors)
			config_error(build, "entry \"%s\" needs connectors=ID:WIDTHxHEIGHT", text);
	}
	return 0;
}
