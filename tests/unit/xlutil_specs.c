// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what libxlutil makes of disk, rate, PCI and RDM strings, one per input line. The expected
 * output is that of the libxlutil of Xen 4.17 (link this file with it to see), but for strings that
 * it mistakes: it refuses flags and settings that it documents (trusted, two rdm settings), takes a
 * PCI device without a function, and lets a rate of no bytes through.
 */
#include <libxlutil.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

static const char *str(const char *s)
{
	return s ? s : "-";
}

static void disk(XLU_Config *cfg, char *text)
{
	const char *spec[8];
	int n = 0;
	libxl_device_disk d;
	int rc;

	for (char *s = text; s && n < 8; ) {
		char *bar = strchr(s, '|');

		if (bar)
			*bar++ = 0;
		spec[n++] = s;
		s = bar;
	}
	libxl_device_disk_init(&d);
	rc = xlu_disk_parse(cfg, n, spec, &d);
	if (rc)
		printf("rc=%d\n", rc);
	else
		printf("target=%s vdev=%s be=%d fmt=%d script=%s rm=%d rw=%d cd=%d dio=%d discard=%s bd=%s,%u spec=%d trans=%d irq=%u base=%llu colo=%s %s %d %s %s %s trusted=%s\n",
		       str(d.pdev_path), str(d.vdev), d.backend, d.format, str(d.script), d.removable,
		       d.readwrite, d.is_cdrom, d.direct_io_safe, libxl_defbool_to_string(d.discard_enable),
		       str(d.backend_domname), d.backend_domid, d.specification, d.transport, d.irq,
		       (unsigned long long)d.base, libxl_defbool_to_string(d.colo_enable), str(d.colo_host),
		       d.colo_port, str(d.colo_export), str(d.active_disk), str(d.hidden_disk),
		       libxl_defbool_to_string(d.trusted));
	libxl_device_disk_dispose(&d);
}

static void rate(XLU_Config *cfg, const char *text)
{
	libxl_device_nic n;
	int rc;

	libxl_device_nic_init(&n);
	rc = xlu_vif_parse_rate(cfg, text, &n);
	if (rc)
		printf("rc=%d\n", rc);
	else
		printf("%llu per %u us\n", (unsigned long long)n.rate_bytes_per_interval, n.rate_interval_usecs);
	libxl_device_nic_dispose(&n);
}

static void pci(XLU_Config *cfg, const char *text, int (*parse)(XLU_Config *, libxl_device_pci *, const char *))
{
	libxl_device_pci p;
	int rc;

	libxl_device_pci_init(&p);
	rc = parse(cfg, &p, text);
	if (rc)
		printf("rc=%d\n", rc);
	else
		printf("%04x:%02x:%02x.%x vdevfn=%x mask=%x msi=%d pm=%d perm=%d seize=%d rdm=%d name=%s\n",
		       p.domain, p.bus, p.dev, p.func, p.vdevfn, p.vfunc_mask, p.msitranslate, p.power_mgmt,
		       p.permissive, p.seize, p.rdm_policy, str(p.name));
	libxl_device_pci_dispose(&p);
}

static void rdm(XLU_Config *cfg, const char *text)
{
	libxl_rdm_reserve r;
	int rc;

	libxl_rdm_reserve_init(&r);
	rc = xlu_rdm_parse(cfg, &r, text);
	if (rc)
		printf("rc=%d\n", rc);
	else
		printf("strategy=%d policy=%d\n", r.strategy, r.policy);
}

int main(void)
{
	static char line[4096];
	XLU_Config *cfg = xlu_cfg_init(stderr, "spec");

	while (fgets(line, sizeof(line), stdin)) {
		char *text = strchr(line, ' ');

		line[strcspn(line, "\n")] = 0;
		if (!text)
			continue;
		*text++ = 0;
		if (!strcmp(line, "disk"))
			disk(cfg, text);
		else if (!strcmp(line, "rate"))
			rate(cfg, text);
		else if (!strcmp(line, "pci"))
			pci(cfg, text, xlu_pci_parse_spec_string);
		else if (!strcmp(line, "bdf"))
			pci(cfg, text, xlu_pci_parse_bdf);
		else if (!strcmp(line, "rdm"))
			rdm(cfg, text);
		fflush(stdout);
	}
	xlu_cfg_destroy(cfg);
	return 0;
}
