// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks a hypervisor, from Domain 0, what it answers to every hypercall and sub-operation with empty
 * arguments: one line each, "call sub what = result".  Run on the original and on ours, the outputs must
 * be the same (hypervisor/hypercalls.tsv holds the answers).  Links statically, needs only /dev/xen/privcmd.
 *
 * A scratch PV domain is made for domctls; operations that would stop the machine or set its clock are left out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>
#include <xen/platform.h>
#include <xen/version.h>
#include <xen/sys/privcmd.h>

static int fd;
static unsigned char *buf;	/* locked, shared with the hypervisor */
#define BUF_SIZE 65536

static long call(unsigned int op, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e)
{
	privcmd_hypercall_t h = { .op = op, .arg = { a, b, c, d, e } };
	long rc = ioctl(fd, IOCTL_PRIVCMD_HYPERCALL, &h);

	return rc < 0 ? -errno : rc;
}

static void say(const char *name, unsigned int sub, const char *what, long rc)
{
	printf("%s %u %s = %ld\n", name, sub, what, rc);
	fflush(stdout);
}

static struct xen_domctl *domctl_new(unsigned int cmd, domid_t dom)
{
	struct xen_domctl *d = (void *)buf;

	memset(buf, 0, BUF_SIZE);
	d->cmd = cmd;
	d->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	d->domain = dom;
	return d;
}

static long domctl(struct xen_domctl *d) { return call(__HYPERVISOR_domctl, (unsigned long)d, 0, 0, 0, 0); }

static long sysctl_zero(unsigned int cmd)
{
	struct xen_sysctl *s = (void *)buf;

	memset(buf, 0, BUF_SIZE);
	s->cmd = cmd;
	s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return call(__HYPERVISOR_sysctl, (unsigned long)s, 0, 0, 0, 0);
}

static domid_t scratch_domain(void)
{
	struct xen_domctl *d = domctl_new(XEN_DOMCTL_createdomain, 0);
	long rc;

	d->u.createdomain.max_vcpus = 1;
	d->u.createdomain.max_evtchn_port = 1023;
	d->u.createdomain.max_grant_frames = 32;
	d->u.createdomain.max_maptrack_frames = 32;
	d->u.createdomain.grant_opts = 2;
	rc = domctl(d);
	say("domctl", XEN_DOMCTL_createdomain, "scratch", rc);
	return d->domain;
}

/* XEN_DOMCTL_set_address_size, destroydomain and what follows them change the domain: last, by hand. */
static int domctl_kept_out(unsigned int cmd)
{
	return cmd == XEN_DOMCTL_createdomain || cmd == XEN_DOMCTL_destroydomain || cmd == XEN_DOMCTL_soft_reset;
}

static void domctls(void)
{
	domid_t dom = scratch_domain();

	for (unsigned int pass = 0; pass < 2; pass++) {
		for (unsigned int cmd = 0; cmd < 1010; cmd++) {
			if (cmd == 100)
				cmd = 1000;
			if (domctl_kept_out(cmd) || cmd == XEN_DOMCTL_vm_event_op)
				continue;	/* the original itself dies of the latter */
			say("domctl", cmd, pass ? "novcpu" : "nodom", domctl(domctl_new(cmd, pass ? dom : 0x1234)));
		}
	}
	domctl_new(XEN_DOMCTL_max_vcpus, dom)->u.max_vcpus.max = 1;
	say("domctl", XEN_DOMCTL_max_vcpus, "one", domctl((void *)buf));
	for (unsigned int cmd = 0; cmd < 1010; cmd++) {
		if (cmd == 100)
			cmd = 1000;
		if (!domctl_kept_out(cmd) && cmd != XEN_DOMCTL_vm_event_op)
			say("domctl", cmd, "vcpu", domctl(domctl_new(cmd, dom)));
	}
	for (unsigned int cmd = 0; cmd < 100; cmd++)
		if (!domctl_kept_out(cmd) && cmd != XEN_DOMCTL_vm_event_op && cmd != XEN_DOMCTL_pausedomain && cmd != XEN_DOMCTL_unpausedomain &&
		    cmd != XEN_DOMCTL_max_mem && cmd != XEN_DOMCTL_setvcpucontext && cmd != XEN_DOMCTL_resumedomain &&
		    cmd != XEN_DOMCTL_setvcpuaffinity && cmd != XEN_DOMCTL_settimeoffset)
			say("domctl", cmd, "self", domctl(domctl_new(cmd, DOMID_SELF)));
	for (unsigned int sub = 0; sub < 40; sub++) {
		domctl_new(XEN_DOMCTL_shadow_op, dom)->u.shadow_op.op = sub;
		say("shadow_op", sub, "vcpu", domctl((void *)buf));
	}
	for (unsigned int sub = 0; sub < 8; sub++) {
		domctl_new(XEN_DOMCTL_scheduler_op, dom)->u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
		((struct xen_domctl *)buf)->u.scheduler_op.cmd = sub;
		say("scheduler_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_mem_sharing_op, dom)->u.mem_sharing_op.op = (uint8_t)sub;
		say("mem_sharing_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_monitor_op, dom)->u.monitor_op.op = sub;
		say("monitor_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_psr_cmt_op, dom)->u.psr_cmt_op.cmd = sub;
		say("psr_cmt_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_psr_alloc, dom)->u.psr_alloc.cmd = sub;
		say("psr_alloc", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_vmtrace_op, dom)->u.vmtrace_op.cmd = sub;
		say("vmtrace_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_debug_op, dom)->u.debug_op.op = sub;
		say("debug_op", sub, "vcpu", domctl((void *)buf));
		domctl_new(XEN_DOMCTL_sendtrigger, dom)->u.sendtrigger.trigger = sub;
		say("sendtrigger", sub, "vcpu", domctl((void *)buf));
	}
	say("domctl", XEN_DOMCTL_soft_reset, "vcpu", domctl(domctl_new(XEN_DOMCTL_soft_reset, dom)));
	domctl_new(XEN_DOMCTL_pausedomain, dom)->interface_version = 1;
	say("domctl", XEN_DOMCTL_pausedomain, "version", domctl((void *)buf));
	say("domctl", XEN_DOMCTL_destroydomain, "vcpu", domctl(domctl_new(XEN_DOMCTL_destroydomain, dom)));
	say("domctl", XEN_DOMCTL_destroydomain, "again", domctl(domctl_new(XEN_DOMCTL_destroydomain, dom)));
	say("domctl", XEN_DOMCTL_destroydomain, "self", domctl(domctl_new(XEN_DOMCTL_destroydomain, 0)));
	say("domctl", 0, "badptr", call(__HYPERVISOR_domctl, 16, 0, 0, 0, 0));
	static const struct { const char *what; unsigned int flags, vcpus, evtchn; int gf, mf; unsigned int gv; } bad[] = {
		{ "hvm", XEN_DOMCTL_CDF_hvm, 1, 1023, 32, 32, 2 },
		{ "hap-pv", XEN_DOMCTL_CDF_hap, 1, 1023, 32, 32, 2 },
		{ "iommu", XEN_DOMCTL_CDF_iommu, 1, 1023, 32, 32, 2 },
		{ "nested", XEN_DOMCTL_CDF_nested_virt, 1, 1023, 32, 32, 2 },
		{ "vpmu", XEN_DOMCTL_CDF_vpmu, 1, 1023, 32, 32, 2 },
		{ "badflag", 1U << 20, 1, 1023, 32, 32, 2 },
		{ "no-vcpus", 0, 0, 1023, 32, 32, 2 },
		{ "vcpus-8193", 0, 8193, 1023, 32, 32, 2 },
		{ "vcpus-8192", 0, 8192, 1023, 32, 32, 2 },
		{ "evtchn-0", 0, 1, 0, 32, 32, 2 },
		{ "grants-0", 0, 1, 1023, 0, 32, 2 },
		{ "grants-neg", 0, 1, 1023, -1, -1, 2 },
		{ "grants-huge", 0, 1, 1023, 1 << 20, 32, 2 },
		{ "gver-0", 0, 1, 1023, 32, 32, 0 },
		{ "gver-3", 0, 1, 1023, 32, 32, 3 },
		{ "gver-opt", 0, 1, 1023, 32, 32, 0x12 },
	};
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct xen_domctl *d = domctl_new(XEN_DOMCTL_createdomain, 0);
		long rc;

		d->u.createdomain.flags = bad[i].flags;
		d->u.createdomain.max_vcpus = bad[i].vcpus;
		d->u.createdomain.max_evtchn_port = bad[i].evtchn;
		d->u.createdomain.max_grant_frames = bad[i].gf;
		d->u.createdomain.max_maptrack_frames = bad[i].mf;
		d->u.createdomain.grant_opts = bad[i].gv;
		rc = domctl(d);
		dom = d->domain;
		say("createdomain", i, bad[i].what, rc);
		if (!rc)
			domctl(domctl_new(XEN_DOMCTL_destroydomain, dom));
	}
}

static void sysctls(void)
{
	struct xen_sysctl *s = (void *)buf;

	for (unsigned int cmd = 0; cmd < 40; cmd++)
		say("sysctl", cmd, "zero", sysctl_zero(cmd));
#define SUB(op, field, max) \
	for (unsigned int sub = 0; sub < (max); sub++) { \
		memset(buf, 0, BUF_SIZE); \
		s->cmd = XEN_SYSCTL_##op; \
		s->interface_version = XEN_SYSCTL_INTERFACE_VERSION; \
		s->u.field = sub; \
		say(#op, sub, "zero", call(__HYPERVISOR_sysctl, (unsigned long)s, 0, 0, 0, 0)); \
	}
	SUB(tbuf_op, tbuf_op.cmd, 8)
	SUB(perfc_op, perfc_op.cmd, 4)
	SUB(lockprof_op, lockprof_op.cmd, 4)
	SUB(cpupool_op, cpupool_op.op, 9)
	SUB(coverage_op, coverage_op.cmd, 4)
	SUB(psr_cmt_op, psr_cmt_op.cmd, 6)
	SUB(psr_alloc, psr_alloc.cmd, 4)
	SUB(get_cpu_featureset, cpu_featureset.index, 8)
	SUB(get_cpu_policy, cpu_policy.index, 8)
	SUB(livepatch_op, livepatch.cmd, 5)
	for (unsigned int sub = 0; sub < 0x110; sub++) {
		if (sub > 5 && sub < 0x10)
			sub = 0x10;
		memset(buf, 0, BUF_SIZE);
		s->cmd = XEN_SYSCTL_pm_op;
		s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
		s->u.pm_op.cmd = sub;
		if (sub <= 0x30 || sub >= 0x100)
			say("pm_op", sub, "zero", call(__HYPERVISOR_sysctl, (unsigned long)s, 0, 0, 0, 0));
	}
	for (unsigned int sub = 0; sub < 0x30; sub++) {
		memset(buf, 0, BUF_SIZE);
		s->cmd = XEN_SYSCTL_get_pmstat;
		s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
		s->u.get_pmstat.type = sub;
		say("get_pmstat", sub, "zero", call(__HYPERVISOR_sysctl, (unsigned long)s, 0, 0, 0, 0));
	}
	for (unsigned int sub = 1; sub < 5; sub++) {
		memset(buf, 0, BUF_SIZE);
		s->cmd = XEN_SYSCTL_cpu_hotplug;
		s->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
		s->u.cpu_hotplug.op = sub;
		s->u.cpu_hotplug.cpu = 77;
		say("cpu_hotplug", sub, "cpu77", call(__HYPERVISOR_sysctl, (unsigned long)s, 0, 0, 0, 0));
	}
}

static void sweep(const char *name, unsigned int op, unsigned int n, const char *skip)
{
	for (unsigned int cmd = 0; cmd < n; cmd++) {
		char key[16];

		snprintf(key, sizeof(key), " %u ", cmd);
		memset(buf, 0, BUF_SIZE);
		if (!strstr(skip, key))
			say(name, cmd, "zero", call(op, cmd, (unsigned long)buf, 0, 0, 0));
	}
}

static void others(void)
{
	struct xen_platform_op *p = (void *)buf;

	for (unsigned int cmd = 0; cmd < 70; cmd++) {
		if (cmd == XENPF_settime32 || cmd == XENPF_settime64 || cmd == XENPF_enter_acpi_sleep ||
		    cmd == XENPF_cpu_offline)
			continue;
		memset(buf, 0, BUF_SIZE);
		p->cmd = cmd;
		p->interface_version = XENPF_INTERFACE_VERSION;
		say("platform_op", cmd, "zero", call(__HYPERVISOR_platform_op, (unsigned long)p, 0, 0, 0, 0));
	}
	sweep("xen_version", __HYPERVISOR_xen_version, 14, "");
	for (unsigned int cmd = 0; cmd < 4; cmd++)
		say("console_io", cmd, "zero", call(__HYPERVISOR_console_io, cmd, 0, (unsigned long)buf, 0, 0));
	for (unsigned int t = 0; t < 40; t++)
		say("vm_assist", t, "enable9", call(__HYPERVISOR_vm_assist, 9, t, 0, 0, 0));
	sweep("memory_op", __HYPERVISOR_memory_op, 32, " 15 ");
	sweep("hvm_op", __HYPERVISOR_hvm_op, 30, "");
	sweep("kexec_op", __HYPERVISOR_kexec_op, 8, " 0 ");
	sweep("tmem_op", __HYPERVISOR_tmem_op, 3, "");
	sweep("argo_op", __HYPERVISOR_argo_op, 8, "");
	sweep("xenpmu_op", __HYPERVISOR_xenpmu_op, 10, "");
	sweep("xenoprof_op", __HYPERVISOR_xenoprof_op, 20, "");
	sweep("xsm_op", __HYPERVISOR_xsm_op, 3, "");
	sweep("grant_table_op", __HYPERVISOR_grant_table_op, 16, "");
	sweep("event_channel_op", __HYPERVISOR_event_channel_op, 18, " 4 9 10 ");
	sweep("event_channel_op_compat", __HYPERVISOR_event_channel_op_compat, 2, "");
	sweep("physdev_op", __HYPERVISOR_physdev_op, 36, " 2 4 12 17 28 ");
	sweep("physdev_op_compat", __HYPERVISOR_physdev_op_compat, 2, "");
	sweep("sched_op", __HYPERVISOR_sched_op, 8, " 1 2 3 4 5 6 7 ");
	sweep("nmi_op", __HYPERVISOR_nmi_op, 4, " 0 1 ");
	sweep("callback_op", __HYPERVISOR_callback_op, 6, " 0 1 ");
	for (unsigned int cmd = 0; cmd < 16; cmd++) {
		memset(buf, 0, BUF_SIZE);
		if (cmd == 0 || cmd == 1 || cmd == 2 || (cmd > 4 && cmd < 12) || cmd == 13)
			continue;
		say("vcpu_op", cmd, "zero", call(__HYPERVISOR_vcpu_op, cmd, 0, (unsigned long)buf, 0, 0));
	}
	for (unsigned int cmd = 0; cmd < 14; cmd++)
		say("vcpu_op", cmd, "vcpu8191", call(__HYPERVISOR_vcpu_op, cmd, 8191, (unsigned long)buf, 0, 0));
	for (unsigned int cmd = 0; cmd < 10; cmd++) {
		memset(buf, 0, BUF_SIZE);
		*(uint32_t *)buf = cmd;
		*(uint32_t *)(buf + 4) = 3;
		say("mca", cmd, "version3", call(__HYPERVISOR_arch_0, (unsigned long)buf, 0, 0, 0, 0));
	}
	for (unsigned int cmd = 0; cmd < 6; cmd++) {
		memset(buf, 0, BUF_SIZE);
		say("hypfs_op", cmd, "zero", call(__HYPERVISOR_hypfs_op, cmd, (unsigned long)buf, 1, (unsigned long)buf + 4096, 4096));
	}
	say("dm_op", 0, "zero", call(__HYPERVISOR_dm_op, 0x1234, 0, 0, 0, 0));
	for (unsigned int op = 43; op < 64; op++)
		if (op != 48)
			say("hypercall", op, "zero", call(op, 0, 0, 0, 0, 0));
	say("hypercall", 11, "zero", call(11, 0, 0, 0, 0, 0));
	say("hypercall", 64, "zero", call(64, 0, 0, 0, 0, 0));
	say("hypercall", 100000, "zero", call(100000, 0, 0, 0, 0, 0));
}

static void texts(void)
{
	static const struct { unsigned int sub; const char *name; } t[] = {
		{ XENVER_extraversion, "extraversion" }, { XENVER_capabilities, "capabilities" },
		{ XENVER_changeset, "changeset" }, { XENVER_commandline, "commandline" },
	};
	struct xen_compile_info *ci = (void *)buf;
	xen_feature_info_t *fi = (void *)buf;
	long rc;

	for (unsigned int i = 0; i < sizeof(t) / sizeof(*t); i++) {
		memset(buf, 0, BUF_SIZE);
		call(__HYPERVISOR_xen_version, t[i].sub, (unsigned long)buf, 0, 0, 0);
		printf("text %s '%s'\n", t[i].name, buf);
	}
	memset(buf, 0, BUF_SIZE);
	call(__HYPERVISOR_xen_version, XENVER_compile_info, (unsigned long)buf, 0, 0, 0);
	printf("text compile_info '%.64s' '%.16s' '%.32s' '%.32s'\n", ci->compiler, ci->compile_by, ci->compile_domain,
	       ci->compile_date);
	for (unsigned int i = 0; i < 2; i++) {
		memset(buf, 0, BUF_SIZE);
		fi->submap_idx = i;
		rc = call(__HYPERVISOR_xen_version, XENVER_get_features, (unsigned long)buf, 0, 0, 0);
		printf("text features %u rc %ld %08x\n", i, rc, fi->submap);
	}
	memset(buf, 0, BUF_SIZE);
	call(__HYPERVISOR_xen_version, XENVER_platform_parameters, (unsigned long)buf, 0, 0, 0);
	printf("text virt_start %lx\n", *(unsigned long *)buf);
}

int main(void)
{
	fd = open("/dev/xen/privcmd", O_RDWR);
	if (fd < 0)
		fd = open("/proc/xen/privcmd", O_RDWR);
	if (fd < 0) {
		perror("privcmd");
		return 77;
	}
	buf = mmap(NULL, BUF_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	texts();
	sysctls();
	domctls();
	others();
	return 0;
}
