/* SPDX-License-Identifier: GPL-2.0-only */
/* What all of xl shares: the libxl context, global options, defaults of the host, messages. */
#ifndef XL_H
#define XL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <libxlutil.h>
#include <xentoollog.h>

#ifndef XEN_CONFIG_DIR
#define XEN_CONFIG_DIR "/etc/xen"
#endif
#ifndef XEN_LOG_DIR
#define XEN_LOG_DIR "/var/log/xen"
#endif
#ifndef XEN_DUMP_DIR
#define XEN_DUMP_DIR "/var/lib/xen/dump"
#endif

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Exit codes that scripts know: 2 for a wrong command line, 1 for everything else. */
#define XL_EXIT_OK    0
#define XL_EXIT_FAIL  1
#define XL_EXIT_USAGE 2

/* What failed. With -E these are exit codes in place of 1; the last one is without it as well. */
enum xl_kind {
	XL_KIND_ANY,
	XL_KIND_NO_DOMAIN = 10,
	XL_KIND_NO_HOST,    /* not on Xen, no right to it, no xenstored */
	XL_KIND_NO_MEMORY,
	XL_KIND_EXISTS,	    /* a name or device is taken */
	XL_KIND_GUEST,	    /* it did not answer, or has no drivers */
	XL_KIND_NOT_BUILT,
	XL_KIND_CONFIG,
	XL_KIND_BUSY,	    /* somebody else works on it */
	XL_KIND_NOT_FOUND,  /* a device, file or pool */
	XL_KIND_LATE,	    /* a limit of libxl's own */
	XL_KIND_TIMEOUT = 124, /* that of --timeout, with the code of timeout(1) */
};

extern libxl_ctx *ctx;
extern xentoollog_logger *logger;

struct xl_options {
	unsigned int verbose; /* -v, counted */
	bool dry_run;	      /* -N */
	bool force;	      /* -f */
	bool timestamps;      /* -T */
	bool progress_cr;     /* -t */
	bool exact_codes;     /* -E */
};

extern struct xl_options options;

/* Opens ctx; on failure says why and what to do, and returns false. */
bool xl_open(void);
void xl_close(void);
/* In a child process: closes what must not be shared with the parent. */
void xl_postfork(void);

/* One line on stderr, "xl: ...". Returns XL_EXIT_FAIL, so that a handler can return it. */
int xl_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, and keeps what kind of failure it was; the first one that is known counts. */
int xl_fail(enum xl_kind kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The exit code instead of result. */
int xl_exit_code(int result);
void xl_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with the meaning of a libxl error code at the end. */
int xl_libxl_error(int rc, const char *format, ...) __attribute__((format(printf, 2, 3)));

void *xl_calloc(size_t count, size_t size);
void *xl_realloc(void *memory, size_t size);
char *xl_strdup(const char *text);
char *xl_vprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
char *xl_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reports the text, with a name that is near to which, or the end that is given. Returns XL_EXIT_FAIL. */
int xl_no_domain(const char *which, const char *text, const char *end);
/* A domain by name or number. On failure says so and returns false. */
bool xl_find_domain(const char *which, uint32_t *domid);
/* Its name, or "(null)": one on its way out, or half built. The caller frees it. */
char *xl_domain_name(uint32_t domid);
/* The same for a table; for JSON NULL, which is null there. */
char *xl_listed_name(uint32_t domid, bool json);

/* /etc/xen/xl.conf */
enum xl_autoballoon {
	AUTOBALLOON_OFF,
	AUTOBALLOON_ON,
	AUTOBALLOON_AUTO,
};

struct xl_conf {
	enum xl_autoballoon autoballoon;
	bool run_hotplug_scripts;
	bool claim_mode;
	bool random_domid;
	char *lockfile;
	char *blkdev_start;
	char *vif_script;
	char *vif_bridge;
	char *vif_backend;
	char *vif_gatewaydev;
	char *cpumask;	   /* vm.cpumask */
	char *pv_cpumask;  /* vm.pv.cpumask */
	char *hvm_cpumask; /* vm.hvm.cpumask */
	long max_grant_frames; /* -1: the hypervisor's */
	long max_maptrack_frames;
	long max_grant_version;
};

extern struct xl_conf conf;

int conf_load(const char *path);
void conf_free(void);

#endif
