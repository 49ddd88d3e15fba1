/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a configuration file to a libxl_domain_config.
 *
 * One const table (keys.c) has a row for each key: its name, the form of its value, for which kinds
 * of guest it means something, and the handler that stores it. The driver (config.c) reports keys
 * that have no row, checks the form, and calls the handlers in table order.
 */
#ifndef XL_CONFIG_H
#define XL_CONFIG_H

#include <stddef.h>

#include <libxlutil_walk.h>

#include "xl.h"

enum key_type {
	KEY_STRING,
	KEY_NUMBER,
	KEY_BOOL,
	KEY_LIST,	 /* of strings and numbers */
	KEY_STRING_LIST, /* a single value or a list */
	KEY_IGNORED,	 /* of older toolstacks, without effect: a warning */
};

#define GUEST_PV  1u
#define GUEST_PVH 2u
#define GUEST_HVM 4u
#define GUEST_ANY (GUEST_PV | GUEST_PVH | GUEST_HVM)

struct config_build;

struct config_value {
	const char *text;     /* of a single value, else NULL */
	long number;	      /* of KEY_NUMBER and KEY_BOOL */
	XLU_ConfigList *list; /* else NULL */
	int count;
	XLU_ConfigValue *raw;
};

struct config_key {
	const char *name;
	enum key_type type;
	unsigned int guests;
	int (*set)(struct config_build *build, const struct config_key *key,
		   const struct config_value *value);
	size_t offset; /* of the field in libxl_domain_config, for the plain handlers */
	long min;
	long max;
	const libxl_enum_string_table *words; /* for set_word */
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

struct config_build {
	XLU_Config *cfg;
	libxl_domain_config *out;
	const char *file;
	const struct config_key *key; /* the one being handled */
	XLU_ConfigValue *at;	      /* where its value, or the list entry in work, stands */
	unsigned int guest;	      /* the GUEST_* bit */
	bool quiet;		      /* no warnings */
	bool strict;		      /* warnings are errors */
	bool ignore_global_affinity;
	int errors;
	const char *cmdline; /* cmdline=, root= and extra= become one field */
	const char *root;
	const char *extra;
	long vcpus;
	struct {
		bool permissive, msitranslate, seize, power_mgmt;
	} pci;
};

/* Reports at the place in work and counts. Returns -1, for handlers to return. */
int config_error(struct config_build *build, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void config_warn(struct config_build *build, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A new list of strings from a value, to be disposed of. NULL, reported, on failure. */
char **config_strings(struct config_build *build, const struct config_value *value);

/* Text of entry i of a list, with build->at moved to it. NULL, reported, when it is a list. */
const char *config_entry(struct config_build *build, const struct config_value *value, int i);

/* Whole file with overrides: 0, or reported. */
struct config_source {
	const char *file;	/* NULL: there is none */
	const char *text;	/* read instead of the file when set; file names it */
	size_t length;
	const char *overrides;	/* "key=value" lines, or NULL */
	bool quiet;
	bool strict;
	bool ignore_global_affinity;
};

int config_read(const struct config_source *source, libxl_domain_config *out);

/* Plain handlers: store at key->offset. */
#define DECLARE_SETTER(name)                                                                       \
	int name(struct config_build *build, const struct config_key *key,                         \
		 const struct config_value *value)

DECLARE_SETTER(set_string);
DECLARE_SETTER(set_string_list);
DECLARE_SETTER(set_defbool);
DECLARE_SETTER(set_int);
DECLARE_SETTER(set_u32);
DECLARE_SETTER(set_u64);
DECLARE_SETTER(set_mib); /* MiB in the file, KiB in the field */
DECLARE_SETTER(set_action);
DECLARE_SETTER(set_tsc_mode);
DECLARE_SETTER(set_timer_mode);
DECLARE_SETTER(set_word);
DECLARE_SETTER(set_uuid);
DECLARE_SETTER(set_seclabel);
DECLARE_SETTER(set_kernel);
DECLARE_SETTER(set_cmdline);
DECLARE_SETTER(set_root);
DECLARE_SETTER(set_extra);
DECLARE_SETTER(set_memory);
DECLARE_SETTER(set_maxmem);
DECLARE_SETTER(set_vcpus);
DECLARE_SETTER(set_cpus);
DECLARE_SETTER(set_cpus_soft);
DECLARE_SETTER(set_irqs);
DECLARE_SETTER(set_ioports);
DECLARE_SETTER(set_iomem);
DECLARE_SETTER(set_cpuid);
DECLARE_SETTER(set_bootloader_args);
DECLARE_SETTER(set_device_model_version);
DECLARE_SETTER(set_serial);
DECLARE_SETTER(set_disks);
DECLARE_SETTER(set_vifs);
DECLARE_SETTER(set_vfbs);
DECLARE_SETTER(set_pci);
DECLARE_SETTER(set_pci_default);
DECLARE_SETTER(set_channels);
DECLARE_SETTER(set_p9s);
DECLARE_SETTER(set_pvcalls);
DECLARE_SETTER(set_vtpms);
DECLARE_SETTER(set_dtdevs);
DECLARE_SETTER(set_rdm);
DECLARE_SETTER(set_firmware);
DECLARE_SETTER(set_vga);
DECLARE_SETTER(set_stdvga);
DECLARE_SETTER(set_usbdevice);
DECLARE_SETTER(set_viridian);
DECLARE_SETTER(set_ms_vm_genid);
DECLARE_SETTER(set_gfx_passthru);
DECLARE_SETTER(set_mca_caps);
DECLARE_SETTER(set_usbctrls);
DECLARE_SETTER(set_usbdevs);
DECLARE_SETTER(set_vkbs);
DECLARE_SETTER(set_vdispls);
DECLARE_SETTER(set_vnuma);
DECLARE_SETTER(set_vsnds);
DECLARE_SETTER(check_pv_vnc);
DECLARE_SETTER(check_type);

/* One interface from its specification; NULL or what is wrong, to be freed. */
char *nic_parse(const char *text, libxl_device_nic *nic, char **unknown);
/* The same of others, setting by setting; of a sound card a part: "card,...", "pcm,..." or "stream,...". */
char *vkb_parse(const char *text, libxl_device_vkb *vkb);
char *vdispl_parse(const char *text, libxl_device_vdispl *vdispl);
char *vtpm_parse(const char *text, libxl_device_vtpm *vtpm);
char *vsnd_parse(const char *text, libxl_device_vsnd *card);
/* Applies the defaults of xl.conf. */
void nic_defaults(libxl_device_nic *nic);

/* Grows an array of devices by one; the new one is zeroed. */
void *device_append(void *array, int *count, size_t size);
#define DEVICE_APPEND(array, count) device_append(&(array), &(count), sizeof(*(array)))

#endif
