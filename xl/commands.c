// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands. `xl help' prints it in this order. */
#include <string.h>

#include "cmd.h"

#define READS	 CMD_ROOT
#define CHANGES	 (CMD_ROOT | CMD_MODIFIES)
#define DRY	 (CMD_ROOT | CMD_MODIFIES | CMD_DRY_RUN)
#define MEM_ARG	 "<Domain> <MemMB['b'[bytes]|'k'[KB]|'m'[MB]|'g'[GB]|'t'[TB]]>"
#define JSON_TEXT	 "--json                  As JSON.\n"
#define TIMEOUT_TEXT	 "--timeout=SECONDS       Give up after so long.\n"
#define MISSING(name, usage, help, why) { name, NULL, CHANGES, usage, help, NULL, why }
#define NO_PCI	 "PCI devices cannot be given to guests in this release"
#define NO_USB	 "USB devices cannot be given to guests in this release"
#define NO_MIGRATION "live migration is not in this release: save the domain, copy the file, restore it on the other host"

const struct command commands[] = {
	{ "create", cmd_create, DRY, "<ConfigFile> [options] [vars]",
	  "Create a domain from a config file",
	  "-f FILE, --defconfig=FILE  Use this config file.\n"
	  "-p                      Leave the domain paused.\n"
	  "-c                      Connect to its console.\n"
	  "-F                      Stay in the foreground until the domain is gone.\n"
	  "-e                      Do not watch the domain; nothing will restart it.\n"
	  "-n, --dryrun            Print the resulting configuration, create nothing.\n"
	  "-q, --quiet             No messages but errors.\n"
	  "-d                      Print debug messages.\n"
	  "-v                      Print more messages.\n"
	  "-V, --vncviewer         Connect to its VNC display.\n"
	  "-A, --vncviewer-autopass  The same, giving the viewer the password.\n"
	  "--strict                Unknown and ineffective keys are errors.\n"
	  TIMEOUT_TEXT
	  "-i, --ignore-global-affinity-masks  Do not apply the CPU masks of xl.conf.\n",
	  "xl create guest.cfg 'memory=512; name=\"test\"'" },
	{ "config-update", cmd_config_update, CHANGES, "<Domain> <ConfigFile> [options] [vars]",
	  "Replace the stored configuration that a domain is rebuilt from when it reboots",
	  "-f FILE, --defconfig=FILE  Use this config file.\n"
	  "-q                      No messages but errors.\n"
	  "-d                      Print debug messages.\n",
	  "xl config-update guest guest.cfg" },
	{ "list", cmd_list, READS, "[options] [Domain]", "List domains",
	  "-l, --long              Configuration of each, as JSON.\n"
	  "-v, --verbose           UUID, shutdown reason and security label too.\n"
	  "-Z, --context           Security label too.\n"
	  "-c, --cpupool           CPU pool too.\n"
	  "-n, --numa              Node affinity too.\n"
	  "--json                  State of each, as JSON.\n",
	  "xl list" },
	{ "destroy", cmd_destroy, CHANGES, "[options] <Domain>", "End a domain at once",
	  "-f                      Allow it for domain 0 as well.\n", "xl destroy guest" },
	{ "shutdown", cmd_shutdown, CHANGES, "[options] <-a|Domain>", "Ask a domain to shut down",
	  "-a, --all               All guest domains.\n"
	  "-w, --wait              Wait until it has; twice: until it is gone.\n"
	  "-F                      If it has no PV drivers, press the ACPI power button.\n"
	  TIMEOUT_TEXT,
	  "xl shutdown -w guest" },
	{ "reboot", cmd_reboot, CHANGES, "[options] <-a|Domain>", "Ask a domain to reboot",
	  "-a, --all               All guest domains.\n"
	  "-w, --wait              Wait until it has shut down.\n"
	  "-F                      If it has no PV drivers, press the reset button.\n"
	  TIMEOUT_TEXT,
	  "xl reboot guest" },
	MISSING("pci-attach", "<Domain> <BDF> [Virtual Slot]", "Give a PCI device to a domain", NO_PCI),
	MISSING("pci-detach", "<Domain> <BDF>", "Take a PCI device from a domain", NO_PCI),
	MISSING("pci-list", "<Domain>", "List the PCI devices of a domain", NO_PCI),
	MISSING("pci-assignable-add", "[options] <BDF>", "Make a PCI device assignable", NO_PCI),
	MISSING("pci-assignable-remove", "[options] <BDF>", "Return an assignable PCI device to the host", NO_PCI),
	MISSING("pci-assignable-list", "[options]", "List assignable PCI devices", NO_PCI),
	{ "pause", cmd_pause, CHANGES, "<Domain>", "Pause a domain", NULL, "xl pause guest" },
	{ "unpause", cmd_unpause, CHANGES, "<Domain>", "Let a paused domain run", NULL,
	  "xl unpause guest" },
	{ "console", cmd_console, READS, "[options] <Domain>", "Connect to a domain's console",
	  "-t <type>               Type of console: pv, serial or vuart.\n"
	  "-n <number>             Number of the console.\n",
	  "xl console guest    (leave it with Ctrl-])" },
	{ "recover", cmd_recover, CHANGES, "", "Clean up after an xl that was killed while it created or saved a domain",
	  NULL, "xl recover" },
	{ "vncviewer", cmd_vncviewer, READS, "[--vncviewer-autopass] <Domain>", "Connect to a domain's VNC display",
	  "-a, --autopass, --vncviewer-autopass  Give the viewer the password.\n", "xl vncviewer guest" },
	{ "save", cmd_save, CHANGES, "[options] <Domain> <CheckpointFile> [<ConfigFile>]",
	  "Save a domain's state to a file",
	  "-c                      Let the domain go on afterwards.\n"
	  "-p                      Leave the domain paused afterwards.\n"
	  "-D                      Keep the domain id in the file.\n"
	  TIMEOUT_TEXT,
	  "xl save guest /var/lib/xen/save/guest" },
	MISSING("migrate", "[options] <Domain> <host>", "Move a domain to another host", NO_MIGRATION),
	{ "restore", cmd_restore, CHANGES, "[options] [<ConfigFile>] <CheckpointFile>",
	  "Restore a domain from a saved state",
	  "-p                      Leave the domain paused.\n"
	  "-e                      Do not watch the domain.\n"
	  "-F                      Stay in the foreground until the domain is gone.\n"
	  "-c                      Connect to its console.\n"
	  "-d                      Print debug messages.\n"
	  "-V, --vncviewer         Connect to its VNC display.\n"
	  "-A, --vncviewer-autopass  The same, giving the viewer the password.\n"
	  TIMEOUT_TEXT,
	  "xl restore /var/lib/xen/save/guest" },
	MISSING("migrate-receive", "", "Receive a domain from another host", NO_MIGRATION),
	{ "dump-core", cmd_dump_core, CHANGES, "<Domain> <filename>",
	  "Write a domain's memory to a core file", TIMEOUT_TEXT, "xl dump-core guest /tmp/guest.core" },
	{ "cd-insert", cmd_cd_insert, CHANGES, "<Domain> <VirtualDevice> <path>", "Insert a CD into a guest's drive (HVM guests only)",
	  NULL, "xl cd-insert guest hdc /srv/disc.iso" },
	{ "cd-eject", cmd_cd_eject, CHANGES, "<Domain> <VirtualDevice>", "Eject a CD from a guest's drive (HVM guests only)", NULL,
	  "xl cd-eject guest hdc" },
	{ "mem-max", cmd_mem_max, CHANGES, MEM_ARG, "Set the most memory a domain may have", NULL,
	  "xl mem-max guest 1g" },
	{ "mem-set", cmd_mem_set, CHANGES, MEM_ARG, "Set the memory of a domain", NULL,
	  "xl mem-set guest 512m" },
	{ "button-press", cmd_button_press, CHANGES, "<Domain> <power|sleep>", "Press an ACPI button (HVM guests only; see trigger)",
	  NULL, "xl trigger guest power" },
	{ "vcpu-list", cmd_vcpu_list, READS, "[options] [Domain, ...]", "List vCPUs",
	  JSON_TEXT, "xl vcpu-list guest" },
	{ "vcpu-pin", cmd_vcpu_pin, DRY,
	  "[option] <Domain> <VCPU|all> <Hard affinity|-|all> <Soft affinity|-|all>",
	  "Set which CPUs a vCPU may run on",
	  "-f, --force             Undo a pinning that the guest kernel made.\n"
	  "-i, --ignore-global-affinity-masks  Do not apply the CPU masks of xl.conf.\n",
	  "xl vcpu-pin guest 0 0-3 -" },
	{ "vcpu-set", cmd_vcpu_set, CHANGES, "[option] <Domain> <vCPUs>",
	  "Set the number of vCPUs a domain uses",
	  "-i, --ignore-host       Allow more than the host has CPUs.\n", "xl vcpu-set guest 2" },
	{ "vm-list", cmd_vm_list, READS, "[options]", "List guests by UUID", JSON_TEXT, "xl vm-list" },
	{ "info", cmd_info, READS, "[options]", "Show the host and its hypervisor",
	  "-n, --numa              CPU and NUMA topology too.\n"
	  JSON_TEXT, "xl info" },
	{ "sharing", cmd_sharing, READS, "[options] [Domain]", "List how much of the domains' memory is shared",
	  JSON_TEXT, "xl sharing" },
	{ "sched-credit", cmd_sched_credit, CHANGES, "[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]] [-s] [-p CPUPOOL]",
	  "Show or set parameters of the credit scheduler",
	  "-d DOMAIN, --domain=DOMAIN     The domain.\n"
	  "-w WEIGHT, --weight=WEIGHT     Its weight.\n"
	  "-c CAP, --cap=CAP              Its cap, in percent of a CPU.\n"
	  "-s, --schedparam               Those of the scheduler itself.\n"
	  "-t TSLICE, --tslice_ms=TSLICE  Its time slice, in milliseconds.\n"
	  "-r RLIMIT, --ratelimit_us=RLIMIT  Shortest time on a CPU, in microseconds.\n"
	  "-m DELAY, --migration_delay_us=DELAY  How long a vCPU stays with its CPU, in microseconds.\n"
	  "-p CPUPOOL, --cpupool=CPUPOOL  Only this pool.\n"
	  "--json                         As JSON.\n", NULL },
	{ "sched-credit2", cmd_sched_credit2, CHANGES,
	  "[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]] [-s [-r RLIMIT]] [-p CPUPOOL]",
	  "Show or set parameters of the credit2 scheduler",
	  "-d DOMAIN, --domain=DOMAIN     The domain.\n"
	  "-w WEIGHT, --weight=WEIGHT     Its weight, 1 to 65535.\n"
	  "-c CAP, --cap=CAP              Its cap, in percent of a CPU; 0 is none.\n"
	  "-s, --schedparam               Those of the scheduler itself.\n"
	  "-r RLIMIT, --ratelimit_us=RLIMIT  Shortest time on a CPU, in microseconds.\n"
	  "-p CPUPOOL, --cpupool=CPUPOOL  Only this pool.\n"
	  "--json                         As JSON.\n",
	  "xl sched-credit2 -d guest -w 512" },
	{ "sched-rtds", cmd_sched_rtds, CHANGES,
	  "[-d <Domain>] [-v <vCPU|all> [-p <period>] [-b <budget>] [-e <extratime>]]... | [-c <CPU Pool>]",
	  "Show or set parameters of the RTDS scheduler",
	  "-d DOMAIN, --domain=DOMAIN  This domain.\n"
	  "-v VCPU, --vcpuid=VCPU  This vCPU, or all; may be given several times, each with its parameters.\n"
	  "-p PERIOD, --period=PERIOD  Its period, in microseconds.\n"
	  "-b BUDGET, --budget=BUDGET  How long it may run in each, in microseconds.\n"
	  "-e EXTRA, --extratime=EXTRA  1: it may run on what nobody else uses.\n"
	  "-c CPUPOOL, --cpupool=CPUPOOL  Only this pool.\n"
	  JSON_TEXT, "xl sched-rtds -d guest -v all -p 10000 -b 4000" },
	{ "domid", cmd_domid, READS, "<DomainName>", "Id of a domain name", JSON_TEXT, "xl domid guest" },
	{ "domname", cmd_domname, READS, "<DomainId>", "Name of a domain id", JSON_TEXT, "xl domname 1" },
	{ "rename", cmd_rename, CHANGES, "<Domain> <NewDomainName>", "Rename a domain", NULL,
	  "xl rename guest other" },
	{ "trigger", cmd_trigger, CHANGES, "<Domain> <nmi|reset|init|power|sleep|s3resume> [<VCPU>]",
	  "Send a hardware event to a domain", NULL, "xl trigger guest power" },
	{ "sysrq", cmd_sysrq, CHANGES, "<Domain> <letter>", "Send a sysrq key to a domain", NULL,
	  "xl sysrq guest s" },
	{ "debug-keys", cmd_debug_keys, CHANGES, "<Keys>", "Press the hypervisor's debug keys", NULL,
	  "xl debug-keys h    (then read xl dmesg)" },
	{ "set-parameters", cmd_set_parameters, CHANGES, "<Params>", "Set hypervisor parameters", NULL,
	  NULL },
	{ "dmesg", cmd_dmesg, READS, "[-c]", "Print the hypervisor's messages",
	  "-c, --clear             Forget them afterwards.\n"
	  JSON_TEXT, "xl dmesg" },
	{ "top", cmd_top, READS, "[options]", "Watch the host and its domains",
	  "--json                  One look of a second, as JSON.\n", "xl top" },
	{ "network-attach", cmd_network_attach, DRY,
	  "<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] [script=<script>] "
	  "[backend=<BackDomain>] [vifname=<name>] [rate=<rate>] [model=<model>] [mtu=<mtu>]",
	  "Add a network interface", TIMEOUT_TEXT, "xl network-attach guest bridge=xenbr0" },
	{ "network-list", cmd_network_list, READS, "[options] <Domain(s)>", "List network interfaces", JSON_TEXT,
	  "xl network-list guest" },
	{ "network-detach", cmd_network_detach, CHANGES, "<Domain> <DevId|mac>",
	  "Remove a network interface", TIMEOUT_TEXT, "xl network-detach guest 0" },
	{ "channel-list", cmd_channel_list, READS, "[options] <Domain(s)>", "List channels", JSON_TEXT, "xl channel-list guest" },
	{ "block-attach", cmd_block_attach, DRY, "<Domain> <disk-spec-component(s)>...", "Add a disk",
	  TIMEOUT_TEXT, "xl block-attach guest phy:/dev/vg/data,xvdb,w" },
	{ "block-list", cmd_block_list, READS, "[options] <Domain(s)>", "List disks", JSON_TEXT, "xl block-list guest" },
	{ "block-detach", cmd_block_detach, CHANGES, "[option] <Domain> <DevId>", "Remove a disk",
	  "-f, --force             Do not wait for the guest to let go of it.\n"
	  TIMEOUT_TEXT,
	  "xl block-detach guest xvdb" },
	{ "vtpm-attach", cmd_vtpm_attach, DRY, "<Domain> [uuid=<uuid>] [backend=<BackDomain>]", "Add a virtual TPM", TIMEOUT_TEXT,
	  "xl vtpm-attach guest backend=0" },
	{ "vtpm-list", cmd_vtpm_list, READS, "[options] <Domain(s)>", "List virtual TPMs", JSON_TEXT, "xl vtpm-list guest" },
	{ "vtpm-detach", cmd_vtpm_detach, CHANGES, "<Domain> <DevId|uuid>", "Remove a virtual TPM", TIMEOUT_TEXT, "xl vtpm-detach guest 0" },
	{ "vkb-attach", cmd_vkb_attach, DRY, "<Domain> <vkb-spec-component(s)>...", "Add a virtual keyboard", TIMEOUT_TEXT,
	  "xl vkb-attach guest backend-type=linux unique-id=seat0" },
	{ "vkb-list", cmd_vkb_list, READS, "[options] <Domain(s)>", "List virtual keyboards", JSON_TEXT, "xl vkb-list guest" },
	{ "vkb-detach", cmd_vkb_detach, CHANGES, "<Domain> <DevId>", "Remove a virtual keyboard", TIMEOUT_TEXT, "xl vkb-detach guest 0" },
	{ "vdispl-attach", cmd_vdispl_attach, DRY, "<Domain> [backend=<BackDomain>] [be-alloc=<BackAlloc>] [connectors='<Connectors>']", "Add a virtual display", TIMEOUT_TEXT,
	  "xl vdispl-attach guest connectors='id0:1920x1080'" },
	{ "vdispl-list", cmd_vdispl_list, READS, "[options] <Domain(s)>", "List virtual displays", JSON_TEXT, "xl vdispl-list guest" },
	{ "vdispl-detach", cmd_vdispl_detach, CHANGES, "<Domain> <DevId>", "Remove a virtual display", TIMEOUT_TEXT, "xl vdispl-detach guest 0" },
	{ "vsnd-attach", cmd_vsnd_attach, DRY, "<Domain> <vsnd-spec-component(s)>...", "Add a virtual sound card", TIMEOUT_TEXT,
	  "xl vsnd-attach guest card,short-name=Main pcm,name=Main stream,unique-id=0,type=p" },
	{ "vsnd-list", cmd_vsnd_list, READS, "[options] <Domain(s)>", "List virtual sound cards", JSON_TEXT, "xl vsnd-list guest" },
	{ "vsnd-detach", cmd_vsnd_detach, CHANGES, "<Domain> <DevId>", "Remove a virtual sound card", TIMEOUT_TEXT, "xl vsnd-detach guest 0" },
	{ "uptime", cmd_uptime, READS, "[-s] [Domain]", "Show how long domains have run",
	  "-s, --short             In the manner of uptime(1).\n"
	  JSON_TEXT, "xl uptime" },
	{ "claims", cmd_claims, READS, "[options]", "List domains with memory that is claimed and not yet taken",
	  JSON_TEXT, "xl claims" },
	{ "why", cmd_why, READS, "[options] [Domain]", "Tell what a domain, or memory of the host, waits for",
	  "-m SIZE, --memory=SIZE  Without a domain: would a guest of this size fit?\n"
	  JSON_TEXT, "xl why guest" },
	{ "cpupool-create", cmd_cpupool_create, DRY, "[options] [<ConfigFile>] [Variable=Value ...]",
	  "Create a CPU pool",
	  "-f FILE, --defconfig=FILE  Use this config file.\n"
	  "-n, --dryrun            Print the resulting configuration, create nothing.\n",
	  "xl cpupool-create 'name=\"fast\"' 'cpus=\"2-3\"'" },
	{ "cpupool-list", cmd_cpupool_list, READS, "[-c|--cpus] [<CPU Pool>]", "List CPU pools",
	  "-c, --cpus              The CPUs of each.\n"
	  JSON_TEXT, "xl cpupool-list" },
	{ "cpupool-destroy", cmd_cpupool_destroy, CHANGES, "<CPU Pool>", "Destroy a CPU pool that has no domains", NULL,
	  "xl cpupool-destroy fast" },
	{ "cpupool-rename", cmd_cpupool_rename, CHANGES, "<CPU Pool> <new name>", "Rename a CPU pool", NULL,
	  "xl cpupool-rename fast slow" },
	{ "cpupool-cpu-add", cmd_cpupool_cpu_add, CHANGES, "<CPU Pool> <CPUs|node:nodes>", "Add free CPUs to a pool", NULL,
	  "xl cpupool-cpu-add fast 2-3" },
	{ "cpupool-cpu-remove", cmd_cpupool_cpu_remove, CHANGES, "<CPU Pool> <CPUs|node:nodes>", "Remove CPUs from a pool",
	  NULL, "xl cpupool-cpu-remove Pool-0 2-3" },
	{ "cpupool-migrate", cmd_cpupool_migrate, CHANGES, "<Domain> <CPU Pool>", "Move a domain to a pool", NULL,
	  "xl cpupool-migrate guest fast" },
	{ "cpupool-numa-split", cmd_cpupool_numa_split, CHANGES, "", "Make a pool of each NUMA node", NULL,
	  "xl cpupool-numa-split" },
	{ "getenforce", cmd_getenforce, READS, "", "Show the mode of the security module", NULL, "xl getenforce" },
	{ "setenforce", cmd_setenforce, CHANGES, "<1|0|Enforcing|Permissive>", "Set the mode of the security module", NULL,
	  "xl setenforce Permissive" },
	{ "loadpolicy", cmd_loadpolicy, CHANGES, "<policy file>", "Load a security policy", NULL,
	  "xl loadpolicy /boot/xenpolicy" },
	MISSING("remus", "[options] <Domain> [<host>]", "Keep a copy of a domain on another host", NO_MIGRATION),
	{ "devd", cmd_devd, CMD_ROOT | CMD_MODIFIES, "[options]", "Serve the devices of other domains",
	  "-F                      Stay in the foreground.\n"
	  "-p, --pidfile=FILE      Write the process id to FILE.\n", NULL },
	{ "psr-hwinfo", cmd_psr_hwinfo, CHANGES, "[options]", "Show the platform's resource controls",
	  "-m, --cmt               Only monitoring of caches and bandwidth.\n"
	  "-a, --cat               Only allocation of caches.\n"
	  "-b, --mba               Only allocation of memory bandwidth.\n"
	  JSON_TEXT, "xl psr-hwinfo" },
	{ "psr-cmt-attach", cmd_psr_cmt_attach, CHANGES, "<Domain>", "Start cache monitoring of a domain", NULL,
	  "xl psr-cmt-attach guest" },
	{ "psr-cmt-detach", cmd_psr_cmt_detach, CHANGES, "<Domain>", "Stop cache monitoring of a domain", NULL,
	  "xl psr-cmt-detach guest" },
	{ "psr-cmt-show", cmd_psr_cmt_show, CHANGES,
	  "[options] <cache-occupancy|total-mem-bandwidth|local-mem-bandwidth> [Domain]",
	  "Show what domains take of caches and memory bandwidth", JSON_TEXT, "xl psr-cmt-show cache-occupancy guest" },
	{ "psr-cat-set", cmd_psr_cat_set, CHANGES, "[options] <Domain> <CBM>", "Set cache masks of a domain",
	  "-s SOCKETS, --socket=SOCKETS  Only on these sockets, as in 0,2-3.\n"
	  "-l LEVEL, --level=LEVEL  Of the cache of this level, 2 or 3; 3 unless given.\n"
	  "-c, --code              Only the mask for code.\n"
	  "-d, --data              Only the mask for data.\n", "xl psr-cat-set -s 0 guest 0xf" },
	{ "psr-cat-show", cmd_psr_cat_show, CHANGES, "[options] [Domain]", "Show cache masks",
	  "-l LEVEL, --level=LEVEL  Of the caches of this level, 2 or 3; 3 unless given.\n"
	  JSON_TEXT, "xl psr-cat-show guest" },
	{ "psr-mba-set", cmd_psr_mba_set, CHANGES, "[options] <Domain> <THRTL>",
	  "Set a domain's memory bandwidth throttling",
	  "-s SOCKETS, --socket=SOCKETS  Only on these sockets, as in 0,2-3.\n", "xl psr-mba-set guest 20" },
	{ "psr-mba-show", cmd_psr_mba_show, CHANGES, "[options] [Domain]", "Show memory bandwidth throttling",
	  JSON_TEXT, "xl psr-mba-show guest" },
	MISSING("usbctrl-attach", "<Domain> [type=pv] [version=<version>] [ports=<number>]",
		"Add a USB controller", NO_USB),
	MISSING("usbctrl-detach", "<Domain> <DevId>", "Remove a USB controller", NO_USB),
	MISSING("usbdev-attach", "<Domain> hostbus=<busnum> hostaddr=<devnum> [controller=<DevId> [port=<port>]]",
		"Give a USB device to a domain", NO_USB),
	MISSING("usbdev-detach", "<Domain> <controller> <port>", "Take a USB device from a domain", NO_USB),
	MISSING("usb-list", "<Domain>", "List USB controllers and devices", NO_USB),
	{ "qemu-monitor-command", cmd_qemu_monitor_command, CHANGES, "<Domain> <Command>",
	  "Send a command to a domain's device model", NULL, "xl qemu-monitor-command guest 'info block'" },
};

const size_t command_count = ARRAY_SIZE(commands);

const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}
