/* SPDX-License-Identifier: GPL-2.0-only */
/* The table of commands and what their handlers share. */
#ifndef XL_CMD_H
#define XL_CMD_H

#include <getopt.h>

#include "xl.h"

#define CMD_ROOT     1u /* talks to the hypervisor: opens ctx first */
#define CMD_DRY_RUN  2u /* honours -N */
#define CMD_MODIFIES 4u /* changes something: usage shows -f, as it always did */

/* Where 4.17 ends with the code of libxl, or with -1, and scripts may look at it. */
#define XL_EXIT_ERROR_FAIL 253
#define XL_EXIT_MINUS_1	   255

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* NULL: known, not built */
	unsigned int flags;
	const char *usage;   /* arguments */
	const char *help;    /* one line of `xl help' */
	const char *options; /* lines for `xl help NAME', or NULL */
	const char *example; /* one line, or NULL; of one that is not built, why */
};

extern const struct command commands[];
extern const size_t command_count;

const struct command *find_command(const char *name);
void print_all_help(void);
void print_command_help(const struct command *command);
/* The usage text on stdout, where scripts of 4.17 find it, behind a message on stderr. Returns result. */
int usage_error(const char *name, int result);

/*
 * getopt_long for the command in argv[0]: answers -h and --help, and refuses unknown options and
 * fewer than min arguments, by leaving the process with the usage text.
 */
int next_option(int argc, char **argv, const char *letters, const struct option *longs, int min);

#define NO_LONG_OPTIONS ((const struct option[]){ { 0 } })
#define OPTION_JSON	{ "json", no_argument, NULL, 'j' }

/* The options of a command that has none but --json. */
bool json_wanted(int argc, char **argv, int min);

/* "connected" and so on; NULL for a number that is no state of a device. */
const char *device_state_name(int state);

/* The one thing that a domain does, where the letters of its state show all. */
const char *run_state(const libxl_dominfo *info);

/* The devices of each domain that the command line names, in one array if that is JSON. An exit code. */
int list_devices(int argc, char **argv, bool json, void (*list)(uint32_t domid, bool json));

/* What names it, within an object. */
void json_pool(const libxl_cpupoolinfo *pool);

/* Its number, by name, or what is a number; reported. */
bool pool_named(const char *which, uint32_t *poolid);

/*
 * Shows each pool with that scheduler, or the one of them that is named (NULL: all), in one array if that is JSON.
 * domains are those of the host. An exit code.
 */
int each_pool(libxl_scheduler sched, const char *which, bool json,
	      void (*show)(const libxl_cpupoolinfo *pool, const libxl_dominfo *domains, int count, void *arg), void *arg);

/* Shut down in order to be saved. */
bool is_suspended(uint32_t domid);

/* Whole text as a number; false, reported, otherwise. */
bool parse_number(const char *text, const char *what, long min, long max, long *value);
/* Memory with an optional unit b, k, m, g, t (alone it means MiB), in KiB; -1, reported. */
int64_t parse_memory(const char *text);

int cmd_create(int argc, char **argv);
int cmd_config_update(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_vm_list(int argc, char **argv);
int cmd_claims(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_unpause(int argc, char **argv);
int cmd_recover(int argc, char **argv);
int cmd_destroy(int argc, char **argv);
int cmd_shutdown(int argc, char **argv);
int cmd_reboot(int argc, char **argv);
int cmd_domid(int argc, char **argv);
int cmd_domname(int argc, char **argv);
int cmd_rename(int argc, char **argv);
int cmd_mem_set(int argc, char **argv);
int cmd_mem_max(int argc, char **argv);
int cmd_vcpu_set(int argc, char **argv);
int cmd_vcpu_list(int argc, char **argv);
int cmd_vcpu_pin(int argc, char **argv);
int cmd_sched_credit(int argc, char **argv);
int cmd_sched_credit2(int argc, char **argv);
int cmd_sched_rtds(int argc, char **argv);
int cmd_sharing(int argc, char **argv);
int cmd_getenforce(int argc, char **argv);
int cmd_setenforce(int argc, char **argv);
int cmd_loadpolicy(int argc, char **argv);
int cmd_psr_hwinfo(int argc, char **argv);
int cmd_psr_cmt_attach(int argc, char **argv);
int cmd_psr_cmt_detach(int argc, char **argv);
int cmd_psr_cmt_show(int argc, char **argv);
int cmd_psr_cat_set(int argc, char **argv);
int cmd_psr_cat_show(int argc, char **argv);
int cmd_psr_mba_set(int argc, char **argv);
int cmd_psr_mba_show(int argc, char **argv);
int cmd_cpupool_create(int argc, char **argv);
int cmd_cpupool_list(int argc, char **argv);
int cmd_cpupool_destroy(int argc, char **argv);
int cmd_cpupool_rename(int argc, char **argv);
int cmd_cpupool_cpu_add(int argc, char **argv);
int cmd_cpupool_cpu_remove(int argc, char **argv);
int cmd_cpupool_migrate(int argc, char **argv);
int cmd_cpupool_numa_split(int argc, char **argv);
int cmd_save(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_block_attach(int argc, char **argv);
int cmd_block_detach(int argc, char **argv);
int cmd_block_list(int argc, char **argv);
int cmd_network_attach(int argc, char **argv);
int cmd_network_detach(int argc, char **argv);
int cmd_network_list(int argc, char **argv);
int cmd_channel_list(int argc, char **argv);
int cmd_vtpm_attach(int argc, char **argv);
int cmd_vtpm_detach(int argc, char **argv);
int cmd_vtpm_list(int argc, char **argv);
int cmd_vkb_attach(int argc, char **argv);
int cmd_vkb_detach(int argc, char **argv);
int cmd_vkb_list(int argc, char **argv);
int cmd_vdispl_attach(int argc, char **argv);
int cmd_vdispl_detach(int argc, char **argv);
int cmd_vdispl_list(int argc, char **argv);
int cmd_vsnd_attach(int argc, char **argv);
int cmd_vsnd_detach(int argc, char **argv);
int cmd_vsnd_list(int argc, char **argv);
int cmd_cd_insert(int argc, char **argv);
int cmd_cd_eject(int argc, char **argv);
int cmd_button_press(int argc, char **argv);
int cmd_dmesg(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_uptime(int argc, char **argv);
int cmd_debug_keys(int argc, char **argv);
int cmd_set_parameters(int argc, char **argv);
int cmd_sysrq(int argc, char **argv);
int cmd_trigger(int argc, char **argv);
int cmd_dump_core(int argc, char **argv);
int cmd_devd(int argc, char **argv);
int cmd_vncviewer(int argc, char **argv);
int cmd_domain_ended(int argc, char **argv);
int cmd_qemu_monitor_command(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif
