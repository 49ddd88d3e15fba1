// SPDX-License-Identifier: GPL-2.0-only
/* vm_assist: behaviour that a guest kernel asks for. Whoever acts on an assist tests domain->vm_assist, but entry.S. */
#include <hv/domain.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <public/xen.h>
#include <x86/current.h>

static void assist_changed(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		v->arch.iopl_shown = test_bit(VMASST_TYPE_architectural_iopl, &d->vm_assist);
}

long do_vm_assist(unsigned int cmd, unsigned int type)
{
	struct domain *d = current->domain;

	if (type >= 64 || !(VMASST_SUPPORTED >> type & 1))
		return -EINVAL;
	switch (cmd) {
	case VMASST_CMD_enable:
		set_bit(type, &d->vm_assist);
		assist_changed(d);
		return 0;
	case VMASST_CMD_disable:
		clear_bit(type, &d->vm_assist);
		assist_changed(d);
		return 0;
	default:
		return -ENOSYS;
	}
}
