/* SPDX-License-Identifier: GPL-2.0-only */
/* physdev_op: Domain 0's interrupts and PCI devices. */
#include <hv/atomic.h>
#include <hv/domain.h>
#include <hv/guest_access.h>
#include <hv/hypercall.h>
#include <hv/lib.h>
#include <hv/numa.h>
#include <hv/pirq.h>
#include <hv/rangeset.h>
#include <hv/sched.h>
#include <public/physdev.h>
#include <x86/apic.h>
#include <x86/current.h>
#include <x86/irq.h>
#include <x86/irq_guest.h>
#include <x86/msi.h>
#include <x86/pci.h>

#define TRIGGER_LEVEL 1
#define POLARITY_LOW 1

/* ---- any domain ---- */

static long physdev_eoi(struct domain *d, unsigned long arg)
{
	struct physdev_eoi op;
	struct pirq *p;

	if (!arg_read(&op, arg))
		return -EFAULT;
	p = pirq_info(d, op.irq);
	if (!p)
		return -EINVAL;
	if (d->arch.auto_unmask && p->evtchn)
		evtchn_unmask_port(d, p->evtchn);
	pirq_guest_eoi(d, p);
	return 0;
}

static long physdev_status(struct domain *d, unsigned long arg)
{
	struct physdev_irq_status_query op;
	struct pirq *p;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.irq >= (d->nr_pirqs ? d->nr_pirqs : nr_irqs_gsi))
		return -EINVAL;
	p = pirq_info(d, op.irq);
	/* Guests that do not look at the EOI map must always say EOI: whether it is needed may change. */
	op.flags = XENIRQSTAT_needs_eoi | (p && pirq_is_shared(p) ? XENIRQSTAT_shared : 0);
	return arg_write(arg, &op) ? 0 : -EFAULT;
}

static long physdev_eoi_gmfn(struct domain *d, unsigned long arg, bool auto_unmask)
{
	struct physdev_pirq_eoi_gmfn op;
	struct page_info *pg;
	int rc = 0;

	if (!arg_read(&op, arg))
		return -EFAULT;
	pg = d->kind->hold_page(d, op.gmfn);
	if (!pg)
		return -EINVAL;
	spin_lock(&d->event_lock);
	if (d->arch.pirq_eoi_map) {
		rc = -EBUSY;
	} else {
		d->arch.auto_unmask = auto_unmask;
		d->arch.pirq_eoi_map = page_to_virt(pg);
		pirq_eoi_map_show_all(d);
	}
	spin_unlock(&d->event_lock);
	if (rc)
		d->kind->release_page(d, pg);
	return rc;
}

void pirq_eoi_map_release(struct domain *d)
{
	void *map = xchg(&d->arch.pirq_eoi_map, NULL);

	if (map)
		d->kind->release_page(d, virt_to_page(map));
}

/* ---- the hardware domain ---- */

static long physdev_apic(unsigned long arg, bool write)
{
	struct physdev_apic op;
	long rc;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (write)
		return ioapic_guest_write(op.apic_physbase, op.reg, op.value);
	rc = ioapic_guest_read(op.apic_physbase, op.reg, &op.value);
	return rc ? rc : arg_write(arg, &op) ? 0 : -EFAULT;
}

/* Kernels name the IRQ they are about to use; the vector is ours, and the number goes back as it came. */
static long physdev_alloc_vector(struct domain *d, unsigned long arg)
{
	struct physdev_irq op;
	int rc;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.irq >= nr_irqs_gsi)
		return -EINVAL;
	op.vector = op.irq;
	if (rangeset_contains_range(d->irq_caps, op.irq, op.irq)) {
		spin_lock(&d->event_lock);
		rc = pirq_map(d, op.irq, op.irq);
		spin_unlock(&d->event_lock);
		if (rc && rc != -EEXIST)
			return rc;
	}
	return arg_write(arg, &op) ? 0 : -EFAULT;
}

static long physdev_setup_gsi(unsigned long arg)
{
	struct physdev_setup_gsi op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.gsi < 0 || (unsigned int)op.gsi >= nr_irqs_gsi)
		return -EINVAL;
	return ioapic_setup_gsi((unsigned int)op.gsi, op.triggering == TRIGGER_LEVEL, op.polarity == POLARITY_LOW);
}

static int map_gsi(struct domain *d, struct physdev_map_pirq *op)
{
	int rc;

	if (op->index < 0 || (unsigned int)op->index >= nr_irqs_gsi)
		return -EINVAL;
	if (!rangeset_contains_range(d->irq_caps, (u32)op->index, (u32)op->index))
		return -EPERM;
	spin_lock(&d->event_lock);
	if (op->pirq < 0) {
		/* Its own number if that is free. */
		struct pirq *p = pirq_info(d, (unsigned int)op->index);

		op->pirq = !p || p->irq < 0 || p->irq == op->index ? op->index : pirq_find_free(d, false);
	}
	rc = op->pirq < 0 ? op->pirq : pirq_map(d, (unsigned int)op->pirq, (unsigned int)op->index);
	spin_unlock(&d->event_lock);
	return rc;
}

static int map_msi(struct domain *d, struct physdev_map_pirq *op)
{
	bool with_seg = op->type != MAP_PIRQ_TYPE_MSI;
	pci_sbdf_t dev = PCI_SBDF(with_seg ? (u32)op->bus >> 16 : 0, op->bus & 0xff, op->devfn & 0xff);
	/* A table base is what tells MSI-X from MSI. */
	bool msix = op->table_base != 0 && op->type != MAP_PIRQ_TYPE_MULTI_MSI;
	int irq, rc;

	if (op->type == MAP_PIRQ_TYPE_MULTI_MSI) {
		if (op->entry_nr <= 0 || op->entry_nr > 32)
			return -EDOM;
		/* Several vectors of one MSI need to be adjacent, which only interrupt remapping makes bearable. */
		if (op->entry_nr != 1)
			return -EOPNOTSUPP;
	}
	if (msix && op->entry_nr < 0)
		return -EINVAL;
	irq = msi_setup(dev, msix, msix ? (unsigned int)op->entry_nr : 0, op->table_base);
	if (irq < 0)
		return irq;
	spin_lock(&d->event_lock);
	if (op->pirq < 0)
		op->pirq = pirq_find_free(d, true);
	rc = op->pirq < 0 ? op->pirq : pirq_map(d, (unsigned int)op->pirq, (unsigned int)irq);
	spin_unlock(&d->event_lock);
	if (rc)
		msi_teardown((unsigned int)irq);
	return rc;
}

/* The domain that an operation names: the caller, or another one if the caller is privileged. */
static int target_domain(struct domain *self, domid_t id, struct domain **out)
{
	*out = NULL;
	if (id != DOMID_SELF && id != self->id && !self->is_privileged)
		return -EPERM;
	if (!self->is_hardware && !self->is_privileged)
		return -EPERM;
	*out = domain_get_any(id);
	return *out ? 0 : -ESRCH;
}

static long physdev_map_pirq(struct domain *self, unsigned long arg)
{
	struct physdev_map_pirq op;
	struct domain *d;
	long rc;

	if (!arg_read(&op, arg))
		return -EFAULT;
	rc = target_domain(self, op.domid, &d);
	if (rc)
		return rc;
	switch (op.type) {
	case MAP_PIRQ_TYPE_GSI:
		rc = map_gsi(d, &op);
		break;
	case MAP_PIRQ_TYPE_MSI:
	case MAP_PIRQ_TYPE_MSI_SEG:
	case MAP_PIRQ_TYPE_MULTI_MSI:
		rc = map_msi(d, &op);
		break;
	default:
		rc = -EINVAL;
		break;
	}
	domain_put(d);
	if (!rc && !arg_write(arg, &op))
		rc = -EFAULT;
	return rc;
}

static long physdev_unmap_pirq(struct domain *self, unsigned long arg)
{
	struct physdev_unmap_pirq op;
	struct domain *d;
	long rc;

	if (!arg_read(&op, arg))
		return -EFAULT;
	rc = target_domain(self, op.domid, &d);
	if (rc)
		return rc;
	spin_lock(&d->event_lock);
	rc = op.pirq < 0 ? -EINVAL : pirq_unmap(d, (unsigned int)op.pirq);
	spin_unlock(&d->event_lock);
	domain_put(d);
	return rc;
}

static long physdev_free_pirq(struct domain *d, unsigned long arg)
{
	struct physdev_get_free_pirq op;
	int rc;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.type != MAP_PIRQ_TYPE_GSI && op.type != MAP_PIRQ_TYPE_MSI)
		return -EINVAL;
	spin_lock(&d->event_lock);
	rc = pirq_find_free(d, op.type == MAP_PIRQ_TYPE_MSI);
	spin_unlock(&d->event_lock);
	if (rc < 0)
		return rc;
	op.pirq = (u32)rc;
	return arg_write(arg, &op) ? 0 : -EFAULT;
}

static long physdev_manage_pci(unsigned long arg, bool add)
{
	struct physdev_manage_pci op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	return add ? pci_device_add(PCI_SBDF(0, op.bus, op.devfn), false, NUMA_NO_NODE) :
		     pci_device_remove(PCI_SBDF(0, op.bus, op.devfn));
}

static long physdev_manage_pci_ext(unsigned long arg)
{
	struct physdev_manage_pci_ext op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.is_extfn > 1 || op.is_virtfn > 1)
		return -EINVAL;
	return pci_device_add(PCI_SBDF(0, op.bus, op.devfn), op.is_virtfn, NUMA_NO_NODE);
}

static long physdev_device_add(unsigned long arg)
{
	const size_t head = offsetof(struct physdev_pci_device_add, optarr);
	struct physdev_pci_device_add op;
	u32 node = NUMA_NO_NODE, pxm;

	if (!copy_from_guest_raw(&op, arg, head))
		return -EFAULT;
	/* Behind it, when its flag is set: ACPI's proximity domain. */
	if (op.flags & XEN_PCI_DEV_PXM) {
		if (!copy_from_guest_raw(&pxm, arg + head, sizeof(pxm)))
			return -EFAULT;
		node = proximity_to_node(pxm);
	}
	return pci_device_add(PCI_SBDF(op.seg, op.bus, op.devfn), op.flags & XEN_PCI_DEV_VIRTFN, node);
}

static long physdev_pci_device(unsigned int cmd, unsigned long arg)
{
	struct physdev_pci_device op;
	pci_sbdf_t dev;

	if (!arg_read(&op, arg))
		return -EFAULT;
	dev = PCI_SBDF(op.seg, op.bus, op.devfn);
	switch (cmd) {
	case PHYSDEVOP_pci_device_remove: return pci_device_remove(dev);
	case PHYSDEVOP_restore_msi_ext: return msi_restore(dev);
	case PHYSDEVOP_prepare_msix: return msix_prepare(dev, false);
	default: return msix_prepare(dev, true);
	}
}

static long physdev_restore_msi(unsigned long arg)
{
	struct physdev_restore_msi op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	return msi_restore(PCI_SBDF(0, op.bus, op.devfn));
}

static long physdev_mmcfg(unsigned long arg)
{
	struct physdev_pci_mmcfg_reserved op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	return pci_mmcfg_reserved(op.address, op.segment, op.start_bus, op.end_bus, op.flags);
}

static long physdev_dbgp(unsigned long arg)
{
	struct physdev_dbgp_op op;

	if (!arg_read(&op, arg))
		return -EFAULT;
	if (op.bus != PHYSDEVOP_DBGP_BUS_UNKNOWN && op.bus != PHYSDEVOP_DBGP_BUS_PCI)
		return -EINVAL;
	return 0;	/* the hypervisor uses no EHCI debug port: the reset may go ahead */
}

static long hardware_op(struct domain *d, unsigned int cmd, unsigned long arg)
{
	if (!d->is_hardware)
		return -EPERM;
	switch (cmd) {
	case PHYSDEVOP_apic_read: return physdev_apic(arg, false);
	case PHYSDEVOP_apic_write: return physdev_apic(arg, true);
	case PHYSDEVOP_alloc_irq_vector: return physdev_alloc_vector(d, arg);
	case PHYSDEVOP_setup_gsi: return physdev_setup_gsi(arg);
	case PHYSDEVOP_manage_pci_add: return physdev_manage_pci(arg, true);
	case PHYSDEVOP_manage_pci_remove: return physdev_manage_pci(arg, false);
	case PHYSDEVOP_manage_pci_add_ext: return physdev_manage_pci_ext(arg);
	case PHYSDEVOP_pci_device_add: return physdev_device_add(arg);
	case PHYSDEVOP_pci_mmcfg_reserved: return physdev_mmcfg(arg);
	case PHYSDEVOP_restore_msi: return physdev_restore_msi(arg);
	case PHYSDEVOP_dbgp_op: return physdev_dbgp(arg);
	default: return physdev_pci_device(cmd, arg);
	}
}

long do_physdev_op(int cmd, unsigned long arg)
{
	struct vcpu *v = current;
	struct domain *d = v->domain;

	switch (cmd) {
	case PHYSDEVOP_eoi: return physdev_eoi(d, arg);
	case PHYSDEVOP_pirq_eoi_gmfn_v1: return physdev_eoi_gmfn(d, arg, true);
	case PHYSDEVOP_pirq_eoi_gmfn_v2: return physdev_eoi_gmfn(d, arg, false);
	case PHYSDEVOP_IRQ_UNMASK_NOTIFY: return pirq_guest_unmask(d);
	case PHYSDEVOP_irq_status_query: return physdev_status(d, arg);
	case PHYSDEVOP_set_iopl:
	case PHYSDEVOP_set_iobitmap:
		return d->kind->physdev_op ? d->kind->physdev_op(v, cmd, arg) : -ENOSYS;
	case PHYSDEVOP_map_pirq: return physdev_map_pirq(d, arg);
	case PHYSDEVOP_unmap_pirq: return physdev_unmap_pirq(d, arg);
	case PHYSDEVOP_get_free_pirq: return physdev_free_pirq(d, arg);
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
	case PHYSDEVOP_setup_gsi:
	case PHYSDEVOP_manage_pci_add:
	case PHYSDEVOP_manage_pci_remove:
	case PHYSDEVOP_manage_pci_add_ext:
	case PHYSDEVOP_pci_device_add:
	case PHYSDEVOP_pci_device_remove:
	case PHYSDEVOP_pci_mmcfg_reserved:
	case PHYSDEVOP_restore_msi:
	case PHYSDEVOP_restore_msi_ext:
	case PHYSDEVOP_prepare_msix:
	case PHYSDEVOP_release_msix:
	case PHYSDEVOP_dbgp_op:
		return hardware_op(d, (unsigned int)cmd, arg);
	default:
		return -ENOSYS;
	}
}
