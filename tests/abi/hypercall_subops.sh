#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Names and numbers of every hypercall and sub-operation that the published headers (libxen-dev's, or those in
# folder $1) define: lines "group name number", sorted.
set -e
inc=${1:-/usr/include}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
{
	echo '#include <stdint.h>'
	echo '#define __XEN_TOOLS__ 1'
	for h in xen domctl sysctl platform version memory event_channel grant_table sched vcpu physdev callback nmi \
		hvm/hvm_op hvm/dm_op kexec xsm/flask_op argo hypfs pmu arch-x86/xen-mca xenoprof; do
		echo "#include <xen/$h.h>"
	done
} >"$tmp/all.h"
gcc -I"$inc" -dM -E -x c "$tmp/all.h" | awk '
	function take(group, re, not) { if (n ~ re && !(not != "" && n ~ not)) { print group, n; done = 1 } }
	{
		n = $2
		if (n ~ /\(/) next
		done = 0
		take("hypercall", "^__HYPERVISOR_", "VIRT|^__HYPERVISOR_(mca|arch_[1-7])$")
		take("domctl", "^XEN_DOMCTL_[a-z]", "^XEN_DOMCTL_vmtrace_(enable|disable|reset|output|get|set)")
		take("domctl.vmtrace_op", "^XEN_DOMCTL_vmtrace_(enable|disable|reset_and_enable|output_position|get_option|set_option)$")
		take("domctl.shadow_op", "^XEN_DOMCTL_SHADOW_OP_")
		take("domctl.scheduler_op", "^XEN_DOMCTL_SCHEDOP_")
		take("domctl.monitor_op", "^XEN_DOMCTL_MONITOR_OP_")
		take("domctl.vm_event_op", "^XEN_DOMCTL_VM_EVENT_OP_")
		take("domctl.psr_cmt_op", "^XEN_DOMCTL_PSR_CMT_OP_")
		take("domctl.psr_alloc", "^XEN_DOMCTL_PSR_(GET|SET)_")
		take("domctl.sendtrigger", "^XEN_DOMCTL_SENDTRIGGER_")
		take("domctl.debug_op", "^XEN_DOMCTL_DEBUG_OP_")
		take("domctl.mem_sharing_op", "^XEN_DOMCTL_MEM_SHARING_")
		take("domctl.vuart_op", "^XEN_DOMCTL_VUART_OP_")
		take("sysctl", "^XEN_SYSCTL_[a-z]", "^XEN_SYSCTL_(cpu_featureset|cpu_policy|pm_op)_")
		take("sysctl.get_cpu_featureset", "^XEN_SYSCTL_cpu_featureset_")
		take("sysctl.get_cpu_policy", "^XEN_SYSCTL_cpu_policy_")
		take("sysctl.pm_op", "^XEN_SYSCTL_pm_op_|^[GS]ET_CPUFREQ_")
		take("sysctl.get_pmstat", "^PMSTAT_(get|reset)_")
		take("sysctl.tbuf_op", "^XEN_SYSCTL_TBUFOP_")
		take("sysctl.perfc_op", "^XEN_SYSCTL_PERFCOP_")
		take("sysctl.lockprof_op", "^XEN_SYSCTL_LOCKPROF_")
		take("sysctl.cpupool_op", "^XEN_SYSCTL_CPUPOOL_OP_")
		take("sysctl.scheduler_op", "^XEN_SYSCTL_SCHEDOP_")
		take("sysctl.coverage_op", "^XEN_SYSCTL_COVERAGE_")
		take("sysctl.psr_cmt_op", "^XEN_SYSCTL_PSR_CMT_")
		take("sysctl.psr_alloc", "^XEN_SYSCTL_PSR_get_")
		take("sysctl.livepatch_op", "^XEN_SYSCTL_LIVEPATCH_")
		take("sysctl.cpu_hotplug", "^XEN_SYSCTL_CPU_HOTPLUG_")
		take("xen_version", "^XENVER_")
		take("memory_op.access_op", "^XENMEM_access_op_")
		take("memory_op.paging_op", "^XENMEM_paging_op_")
		take("memory_op.sharing_op", "^XENMEM_sharing_op_")
		take("memory_op.acquire_resource", "^XENMEM_resource_", "_(id|frame)_")
		take("memory_op", "^XENMEM_[a-z]", "^XENMEM_(resource_|(access|paging|sharing)_op_)")
		take("mmu_update", "^MMU_")
		take("mmuext_op", "^MMUEXT_")
		take("event_channel_op", "^EVTCHNOP_")
		take("grant_table_op", "^GNTTABOP_", "error_msgs")
		take("sched_op", "^SCHEDOP_")
		take("vcpu_op", "^VCPUOP_")
		take("physdev_op", "^PHYSDEVOP_", "DBGP|^PHYSDEVOP_pirq_eoi_gmfn$")
		take("platform_op", "^XENPF_[a-z]", "^XENPF_settime$")
		take("console_io", "^CONSOLEIO_")
		take("vm_assist.cmd", "^VMASST_CMD_")
		take("vm_assist.type", "^VMASST_TYPE_")
		take("callback_op", "^CALLBACKOP_")
		take("nmi_op", "^XENNMI_")
		take("set_segment_base", "^SEGBASE_")
		take("hvm_op", "^HVMOP_", "^HVMOP_(altp2m_|ALTP2M)")
		take("hvm_op.altp2m", "^HVMOP_altp2m_")
		take("dm_op", "^XEN_DMOP_[a-z]", "^XEN_DMOP_(no_gfns)$")
		take("kexec_op", "^KEXEC_CMD_")
		take("xsm_op", "^FLASK_", "^FLASK_(DISABLE$|MLS$)")
		take("argo_op", "^XEN_ARGO_OP_")
		take("hypfs_op", "^XEN_HYPFS_OP_")
		take("xenpmu_op", "^XENPMU_[a-z]")
		take("mca", "^XEN_MC_[a-z]")
		take("xenoprof_op", "^XENOPROF_[a-z]", "^XENOPROF_last_op$")
	}' | sort -u >"$tmp/names"
{
	cat "$tmp/all.h"
	echo '#include <stdio.h>'
	echo 'int main(void) {'
	awk '{ printf "printf(\"%s %s %%lld\\n\", (long long)(%s));\n", $1, $2, $2 }' "$tmp/names"
	echo 'return 0; }'
} >"$tmp/print.c"
gcc -w -I"$inc" -o "$tmp/print" "$tmp/print.c"
"$tmp/print" | sort
