// SPDX-License-Identifier: GPL-2.0-only
/* xen_version: what a guest may know of the hypervisor. */
#include <hv/cmdline.h>
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/version.h>
#include <public/version.h>
#include <x86/current.h>
#include <x86/layout.h>

static long put_text(unsigned long arg, const char *text, size_t size)
{
	char buf[1024] = "";

	strlcpy(buf, text, sizeof(buf));
	return copy_to_guest_raw(arg, buf, size) ? 0 : -EFAULT;
}

static long put_compile_info(unsigned long arg)
{
	struct xen_compile_info info = { .compile_by = "xenolith", .compile_domain = "", .compile_date = "" };

	strlcpy(info.compiler, BUILT_BY, sizeof(info.compiler));
	return arg_write(arg, &info) ? 0 : -EFAULT;
}

static u32 features(const struct domain *d)
{
	u32 f = 1U << XENFEAT_memory_op_vnode_supported;

	if (d->is_pv)
		f |= 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
		     1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_direct_mapped;
	else
		f |= 1U << XENFEAT_auto_translated_physmap | 1U << XENFEAT_not_direct_mapped;
	if (test_bit(VMASST_TYPE_pae_extended_cr3, &d->vm_assist))
		f |= 1U << XENFEAT_pae_pgdir_above_4gb;
	if (d->is_hardware)
		f |= 1U << XENFEAT_dom0;
	return f;
}

static long get_features(unsigned long arg)
{
	xen_feature_info_t fi;

	if (!arg_read(&fi, arg))
		return -EFAULT;
	if (fi.submap_idx >= XENFEAT_NR_SUBMAPS)
		return -EINVAL;
	fi.submap = features(current->domain);
	return arg_write(arg, &fi) ? 0 : -EFAULT;
}

static noinline_fn long put_platform_parameters(unsigned long arg)
{
	xen_platform_parameters_t pp = { .virt_start = HV_VIRT_START };

	return arg_write(arg, &pp) ? 0 : -EFAULT;
}

/* What asks for more than a number. */
static noinline_fn long answer_in_memory(unsigned int cmd, unsigned long arg)
{
	const struct domain *d = current->domain;

	switch (cmd) {
	case XENVER_extraversion:
		return put_text(arg, ABI_EXTRA_VERSION, XEN_EXTRAVERSION_LEN);
	case XENVER_compile_info:
		return put_compile_info(arg);
	case XENVER_capabilities:
		return put_text(arg, "xen-3.0-x86_64 ", XEN_CAPABILITIES_INFO_LEN);
	case XENVER_changeset:
		return put_text(arg, "", XEN_CHANGESET_INFO_LEN);
	case XENVER_platform_parameters:
		return put_platform_parameters(arg);
	case XENVER_get_features:
		return get_features(arg);
	case XENVER_pagesize:
		return arg ? -EINVAL : (long)PAGE_SIZE;
	case XENVER_guest_handle:
		return copy_to_guest_raw(arg, d->handle, sizeof(d->handle)) ? 0 : -EFAULT;
	case XENVER_commandline:
		return put_text(arg, d->is_privileged ? saved_cmdline : "<denied>", sizeof(xen_commandline_t));
	case XENVER_build_id:
		return d->is_privileged ? -ENODATA : -EPERM;
	default:
		return -ENOSYS;
	}
}

/* The version alone is what guests ask for all the time: a cheap call, to have pending events delivered. */
long do_xen_version(unsigned int cmd, unsigned long arg)
{
	return likely(cmd == XENVER_version) ? ABI_MAJOR << 16 | ABI_MINOR : answer_in_memory(cmd, arg);
}
