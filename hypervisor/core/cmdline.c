/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boot command line.  Options have the original's names; subsystems register theirs with
 * CMDLINE_PARAM.  "no-x" means x=no; what no one knows is named in a warning, and boot goes on.
 */
#include <hv/cmdline.h>
#include <hv/lib.h>

extern const struct cmdline_param cmdline_params_start[], cmdline_params_end[];

/* Options that the original has and that change nothing here, with the word to say about them. */
static const struct { const char *name, *why; } ignored[] init_rodata = {
	{ "cpufreq", "Domain 0 or the firmware governs frequencies" },
	{ "placeholder", NULL },
	{ "crashkernel", "kexec is not supported" },
	{ "iommu", "no IOMMU support yet" },
	{ "ucode", "microcode loading is not supported yet" },
	{ "dom0", "Domain 0 is PV" },
	{ "hap", NULL },
	{ "altp2m", NULL },
	{ "tmem", NULL },
	{ "xsave", NULL },
	{ "watchdog", "no NMI watchdog yet" },
	{ "gnttab", NULL },
	{ "flask", NULL },
	{ "efi", NULL },
	{ "ept", NULL },
	{ "gdb", NULL },
	{ "smt", NULL },
	{ "mce", NULL },
	{ "mce_fb", NULL },
	{ "cpuidle", NULL },
	{ "max_cstate", NULL },
	{ "hpetbroadcast", NULL },
	{ "pku", NULL },
	{ "smep", NULL },
	{ "smap", NULL },
	{ "pcid", NULL },
	{ "serial_tx_buffer", NULL },
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

static init_fn bool ignore(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++) {
		if (!name_is(name, len, ignored[i].name))
			continue;
		if (ignored[i].why)
			printk(LOG_WARN "Option '%s' is ignored: %s\n", ignored[i].name, ignored[i].why);
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
		known |= ignore(opt + 3, len - 3);
	}
	if (rc)
		printk(LOG_WARN "Option '%.*s' does not take the value '%s'\n", (int)len, opt, val);
	else if (!known && !ignore(opt, len))
		printk(LOG_WARN "Option '%.*s' is unknown and ignored\n", (int)len, opt);
}

init_fn void cmdline_parse(const char *line)
{
	static char opt[1024] init_data;

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
