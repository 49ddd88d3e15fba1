// SPDX-License-Identifier: GPL-2.0-only
/* vm_assist: behaviour that a guest kernel asks for. Whoever acts on an assist tests domain->vm_assist. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/xen.h>
#include <x86/current.h>

/* Assists of the 32-bit ABI are accepted and mean nothing to a 64-bit guest. */
#define VALID_ASSISTS (BIT64(VMASST_TYPE_4gb_segments) | BIT64(VMASST_TYPE_4gb_segments_notify) | \
		       BIT64(VMASST_TYPE_writable_pagetables) | BIT64(VMASST_TYPE_pae_extended_cr3) | \
		       BIT64(VMASST_TYPE_architectural_iopl) | BIT64(VMASST_TYPE_runstate_update_flag) | \
		       BIT64(VMASST_TYPE_m2p_strict))

long do_vm_assist(unsigned int cmd, unsigned int type)
{
	struct domain *d = current->domain;

	if (type >= 64 || !(VALID_ASSISTS >> type & 1))
		return -EINVAL;
	switch (cmd) {
	case VMASST_CMD_enable:
		set_bit(type, &d->vm_assist);
		return 0;
	case VMASST_CMD_disable:
		clear_bit(type, &d->vm_assist);
		return 0;
	default:
		return -ENOSYS;
	}
}
