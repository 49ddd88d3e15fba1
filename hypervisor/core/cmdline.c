/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot command line.  Options have the original's names; subsystems register theirs with
 * CMDLINE_PARAM.  "no-x" means x=no; what no one knows is named in a warning, and boot goes on.
 */
#include <hv/cmdline.h>
#include <hv/lib.h>

extern const struct cmdline_param cmdline_params_start[], cmdline_params_end[];

/* Options that are known and change nothing here, and why: each use of one is answered with that sentence. */
static const struct { const char *name, *why; } without_effect[] init_rodata = {
	{ "altp2m", "it is for HVM guests, which are not supported" },
	{ "conring_size", "the ring of messages has 128 KiB" },
	{ "cpufreq", "Domain 0 or the firmware governs frequencies" },
	{ "cpuidle", "idle CPUs halt, deeper states are not used" },
	{ "dom0", "Domain 0 is PV, and its CPUID is its policy's" },
	{ "efi", "the firmware's run-time services are not used" },
	{ "ept", "it is for HVM guests, which are not supported" },
	{ "flask", "access control by policy is not built in" },
	{ "gdb", "there is no debugger's stub" },
	{ "gnttab", "guests choose the version of their tables, and the toolstack sets their limits" },
	{ "hap", "it is for HVM guests, which are not supported" },
	{ "hpet", "it serves as a counter and for nothing else" },
	{ "hpetbroadcast", "idle CPUs only halt, which stops no timer" },
	{ "iommu", "no IOMMU support yet" },
	{ "max_cstate", "idle CPUs halt, deeper states are not used" },
	{ "mce", "machine checks are not collected: one ends the machine" },
	{ "mce_fb", "machine checks are not collected: one ends the machine" },
	{ "pku", "PV guests have no protection keys" },
	{ "serial_tx_buffer", "output is synchronous, without a buffer" },
	{ "smap", "SMAP is not used" },
	{ "smep", "SMEP is used wherever the CPU has it" },
	{ "smt", "all threads of a core are used alike; maxcpus= limits CPUs" },
	{ "sync_console", "output always is synchronous" },
	{ "tmem", "the interface has no such memory any more" },
	{ "ucode", "microcode loading is not supported yet" },
	{ "watchdog", "no NMI watchdog yet" },
	{ "xsave", "XSAVE is used wherever the CPU has it" },
};

static init_fn bool name_is(const char *name, size_t len, const char *want)
{
	return strlen(want) == len && !strncmp(name, want, len);
}

static init_fn int call_params(const char *name, size_t len, const char *val, bool *known)
{
	int rc = 0;

	for (const struct cmdline_param *p = cmdline_params_start; p < cmdline_params_end; p++) {
		if (!name_is(name, len, p->name))
			continue;
		*known = true;
		rc = p->handler(val);
		if (rc)
			break;
	}
	return rc;
}

static init_fn bool known_without_effect(const char *name, size_t len)
{
	/* GRUB's script puts this word first; it is no option of anybody's. */
	if (name_is(name, len, "placeholder"))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(without_effect); i++) {
		if (!name_is(name, len, without_effect[i].name))
			continue;
		printk(LOG_WARN "Option '%s' changes nothing: %s\n", without_effect[i].name, without_effect[i].why);
		return true;
	}
	return false;
}

static init_fn void one_option(char *opt)
{
	char *eq = strchr(opt, '=');
	size_t len = eq ? (size_t)(eq - opt) : strlen(opt);
	const char *val = eq ? eq + 1 : "";
	bool known = false;
	int rc = call_params(opt, len, val, &known);

	if (!known && !eq && len > 3 && !strncmp(opt, "no-", 3)) {
		val = "no";
		rc = call_params(opt + 3, len - 3, val, &known);
		known |= known_without_effect(opt + 3, len - 3);
	}
	if (rc)
		printk(LOG_WARN "Option '%.*s' does not take the value '%s'\n", (int)len, opt, val);
	else if (!known && !known_without_effect(opt, len))
		printk(LOG_WARN "Option '%.*s' is unknown and ignored\n", (int)len, opt);
}

init_fn void cmdline_parse(const char *line)
{
	static char opt[1024] init_bss;

	while (*line) {
		size_t n = 0;
		char quote = 0;

		while (*line == ' ')
			line++;
		if (!strncmp(line, "-- ", 3) || !strcmp(line, "--"))
			break;	/* the rest is Domain 0's, as in the original */
		for (; *line && (quote || *line != ' '); line++) {
			if (quote ? *line == quote : (*line == '"' || *line == '\'')) {
				quote = quote ? 0 : *line;
				continue;
			}
			if (n + 1 < sizeof(opt))
				opt[n++] = *line;
		}
		opt[n] = 0;
		if (n)
			one_option(opt);
	}
}
