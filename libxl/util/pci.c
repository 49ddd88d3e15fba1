// SPDX-License-Identifier: LGPL-2.1-only
/* PCI functions, [DDDD:]BB:SS.F[@slot][,key=value...], and reserved device memory. */
#include <stdlib.h>
#include <string.h>

#include "cfg.h"
#include "nearest.h"

/* Failures here are libxl errors, not errno values: that is the published behaviour. */
static int fail(XLU_Config *cfg, const char *kind, const char *spec, const char *why)
{
	xlu_report(cfg, "%s \"%s\": %s", kind, spec, why);
	return ERROR_INVAL;
}

static bool hex_field(const char **text, unsigned long max, unsigned long *value)
{
	char *end;

	if (!strchr("0123456789abcdefABCDEF", **text) || !**text)
		return false;
	*value = strtoul(*text, &end, 16);
	*text = end;
	return *value <= max;
}

static bool bdf(const char **text, libxl_device_pci *pci)
{
	unsigned long part[3], func = 0;
	int n = 0;

	for (;;) {
		if (!hex_field(text, 0xffff, &part[n++]))
			return false;
		if (**text != ':' || n == 3)
			break;
		++*text;
	}
	if (n < 2 || **text != '.' || part[n - 2] > 0xff || part[n - 1] > 0x1f)
		return false;
	++*text;
	if (**text == '*') {
		++*text;
		pci->vfunc_mask = LIBXL_PCI_FUNC_ALL;
	} else if (hex_field(text, 7, &func)) {
		pci->vfunc_mask = 1;
	} else {
		return false;
	}
	pci->domain = n == 3 ? (int)part[0] : 0;
	pci->bus = (uint8_t)part[n - 2];
	pci->dev = (uint8_t)part[n - 1];
	pci->func = (uint8_t)func;
	return true;
}

int xlu_pci_parse_bdf(XLU_Config *cfg, libxl_device_pci *pci, const char *str)
{
	const char *at = str;

	if (!bdf(&at, pci) || *at)
		return fail(cfg, "pci", str, "write [DDDD:]BB:SS.F in hexadecimal, as lspci prints it");
	return 0;
}

static const char *set_slot(libxl_device_pci *pci, const char *value)
{
	unsigned long slot;

	if (!hex_field(&value, 0x1f, &slot) || *value)
		return "the virtual slot must be a hexadecimal number up to 1f";
	pci->vdevfn = (uint32_t)slot << 3;
	return NULL;
}

static const char *set_bdf(libxl_device_pci *pci, const char *value)
{
	return bdf(&value, pci) && !*value ? NULL : "bdf must be [DDDD:]BB:SS.F in hexadecimal";
}

static const char *set_name(libxl_device_pci *pci, const char *value)
{
	free(pci->name);
	pci->name = strdup(value);
	return pci->name ? NULL : "memory is short";
}

static const char *set_rdm_policy(libxl_device_pci *pci, const char *value)
{
	return libxl_rdm_reserve_policy_from_string(value, &pci->rdm_policy) ?
		       "rdm_policy must be strict or relaxed" : NULL;
}

static const char *set_bool(bool *field, const char *value)
{
	char *end;

	*field = strtol(value, &end, 0) != 0;
	return end == value || *end ? "this setting must be 0 or 1" : NULL;
}

static const char *set_permissive(libxl_device_pci *pci, const char *value)
{
	return set_bool(&pci->permissive, value);
}

static const char *set_msitranslate(libxl_device_pci *pci, const char *value)
{
	return set_bool(&pci->msitranslate, value);
}

static const char *set_seize(libxl_device_pci *pci, const char *value)
{
	return set_bool(&pci->seize, value);
}

static const char *set_power_mgmt(libxl_device_pci *pci, const char *value)
{
	return set_bool(&pci->power_mgmt, value);
}

static const struct {
	const char *name;
	const char *(*set)(libxl_device_pci *pci, const char *value); /* NULL or what is wrong */
} parameters[] = {
	{ "bdf", set_bdf },
	{ "vslot", set_slot },
	{ "name", set_name },
	{ "permissive", set_permissive },
	{ "msitranslate", set_msitranslate },
	{ "seize", set_seize },
	{ "power_mgmt", set_power_mgmt },
	{ "rdm_policy", set_rdm_policy },
};

static const char *set_parameter(libxl_device_pci *pci, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals)
		return "after the device come only key=value settings";
	*equals = 0;
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (!strcmp(parameters[i].name, text))
			return equals[1] ? parameters[i].set(pci, equals + 1) : NULL;
	return "unknown setting; known are bdf, vslot, name, permissive, msitranslate, seize, power_mgmt, rdm_policy";
}

static const char *parse_pci(libxl_device_pci *pci, char *text)
{
	char *save = NULL, *part = strtok_r(text, ",", &save);
	const char *why = NULL;

	if (part && !strchr(part, '=')) {
		char *slot = strchr(part, '@');

		if (slot)
			*slot++ = 0;
		why = set_bdf(pci, part);
		if (!why && slot)
			why = set_slot(pci, slot);
		part = strtok_r(NULL, ",", &save);
	}
	for (; part && !why; part = strtok_r(NULL, ",", &save))
		why = set_parameter(pci, part);
	if (why)
		return why;
	if (!pci->vfunc_mask && !pci->name)
		return "no device is given; write BB:SS.F or name=NAME";
	return pci->vfunc_mask && pci->name ? "a device has either a bdf or a name, not both" : NULL;
}

int xlu_pci_parse_spec_string(XLU_Config *cfg, libxl_device_pci *pci, const char *str)
{
	char *copy = strdup(str);
	const char *why;

	if (!copy)
		return ERROR_NOMEM;
	why = parse_pci(pci, copy);
	free(copy);
	return why ? fail(cfg, "pci", str, why) : 0;
}

int xlu_rdm_parse(XLU_Config *cfg, libxl_rdm_reserve *rdm, const char *str)
{
	char *copy = strdup(str), *save = NULL;
	const char *why = NULL;

	if (!copy)
		return ERROR_NOMEM;
	for (char *part = strtok_r(copy, ", ", &save); part && !why; part = strtok_r(NULL, ", ", &save)) {
		if (!strncmp(part, "strategy=", 9)) {
			if (strcmp(part + 9, "host"))
				why = "the only strategy is host";
			rdm->strategy = LIBXL_RDM_RESERVE_STRATEGY_HOST;
		} else if (!strncmp(part, "policy=", 7)) {
			if (libxl_rdm_reserve_policy_from_string(part + 7, &rdm->policy))
				why = "policy must be strict or relaxed";
		} else {
			why = "known settings are strategy and policy";
		}
	}
	free(copy);
	return why ? fail(cfg, "rdm", str, why) : 0;
}
