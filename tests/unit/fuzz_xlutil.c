// SPDX-License-Identifier: GPL-2.0-only
/* libFuzzer: configuration text, then every value of it read as each kind of device string. */
#include <stdio.h>
#include <stdlib.h>

#include <libxlutil_walk.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void device_strings(XLU_Config *cfg, const char *text)
{
	libxl_device_disk disk;
	libxl_device_nic nic;
	libxl_device_pci pci;

	libxl_device_disk_init(&disk);
	xlu_disk_parse(cfg, 1, &text, &disk);
	libxl_device_disk_dispose(&disk);
	libxl_device_nic_init(&nic);
	xlu_vif_parse_rate(cfg, text, &nic);
	libxl_device_nic_dispose(&nic);
	libxl_device_pci_init(&pci);
	xlu_pci_parse_spec_string(cfg, &pci, text);
	libxl_device_pci_dispose(&pci);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *null;
	XLU_Config *cfg;
	const char *name, *text;

	if (!null)
		null = fopen("/dev/null", "w");
	cfg = xlu_cfg_init(null, "fuzz");
	if (size < 1 << 16 && !xlu_cfg_readdata(cfg, (const char *)data, (int)size)) {
		for (int i = 0; xlu_cfg_setting(cfg, i, &name, NULL, NULL); i++) {
			XLU_ConfigList *list;
			long number;
			int n;

			xlu_cfg_get_long(cfg, name, &number, 0);
			if (!xlu_cfg_get_string(cfg, name, &text, 0))
				device_strings(cfg, text);
			if (xlu_cfg_get_list(cfg, name, &list, &n, 0))
				continue;
			for (int j = 0; j < n; j++)
				if ((text = xlu_cfg_get_listitem(list, j)))
					device_strings(cfg, text);
		}
	}
	xlu_cfg_destroy(cfg);
	return 0;
}
